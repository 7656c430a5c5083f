"""A chat model behind Ollama's /api/chat: messages in, events out, over one connection per answer.

It speaks HTTP itself because the `ollama` package drops tool-call ids, cannot send `truncate` and `shift`,
splits lines inside content and takes a stream without an end for a success. Managing models is in
`assistant/llm/ollama_models.py`, the JSON of both directions in `ollama_wire.py` and the wording of errors in
`ollama_errors.py` beside it.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

import httpx

from assistant.llm import ollama_errors as errors
from assistant.llm.base import (
    Content,
    EmptyAnswer,
    Finished,
    FinishReason,
    Message,
    ModelEvent,
    StreamBroken,
    ToolCalls,
    ToolSchema,
    Window,
)
from assistant.llm.cancelling import cancellable, watch
from assistant.llm.ndjson import NotNdjson, objects
from assistant.llm.ollama_wire import body_of, events_of
from assistant.llm.usage import spent
from index.hosts import parse, tagged

#: Seconds given to /api/ps, which answers from memory: it only decides what is shown while one waits.
_GLANCE = 1.0
#: How much of an error page is read before it is judged.
_ERROR_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Options:
    """How a model is run and how long it is waited for; timeouts are in seconds.

    A change of `num_ctx` between requests reloads the model, the other options do not. `num_predict` bounds
    thinking and answer together. `first_chunk_timeout` covers the queue, loading and reading the prompt,
    during which the server sends nothing; a client that gives up while a model loads aborts the load, so it
    is minutes. `idle_timeout` is the longest silence between two pieces. Before 0.30.1 Ollama did not count
    the cached part of a prompt: then `counts_whole_prompt` is to be False.
    """

    num_ctx: int = 8192
    num_predict: int = 1024
    think: bool | str = False
    temperature: float = 0.3
    seed: int | None = None
    keep_alive: str | int = "30m"
    connect_timeout: float = 3.0
    first_chunk_timeout: float = 300.0
    idle_timeout: float = 60.0
    counts_whole_prompt: bool = True


class OllamaModel:
    """One model of one Ollama server. No connection is kept between answers, so there is nothing to close."""

    def __init__(self, model: str, *, host: str = "", options: Options | None = None) -> None:
        address = parse(host)
        self.model = model
        self.url = address.url
        self.options = options or Options()
        wait = self.options
        try:
            self._client = httpx.Client(
                # A proxy named in the environment must not stand between us and this machine.
                trust_env=not address.loopback,
                # Reading the certificates takes 20 ms, which plain HTTP need not pay.
                verify=address.scheme != "http",
                limits=httpx.Limits(max_keepalive_connections=0),
                event_hooks={"request": [watch]},
                timeout=httpx.Timeout(wait.first_chunk_timeout, connect=wait.connect_timeout),
            )
        except (ImportError, ValueError) as error:  # a SOCKS proxy without its package, or no proxy URL
            raise errors.bad_proxy(self.url, error) from error

    @property
    def name(self) -> str:
        """The mode shown to the user: `ollama:qwen3.5:4b`."""
        return f"ollama:{self.model}"

    def schema_advice(self) -> str:
        """Return what to do where answers ignore a schema; "" where the server is new enough."""
        from assistant.llm.ollama_versions import schema_advice

        return schema_advice(self.url)

    @property
    def window(self) -> Window:
        """What one request may hold."""
        options = self.options
        return Window(options.num_ctx, options.num_predict, options.counts_whole_prompt)

    def is_loaded(self) -> bool:
        """Say whether the model is in memory; True where the server does not tell."""
        try:
            said = self._client.get(f"{self.url}/api/ps", timeout=_GLANCE).json()
            running = {model["name"] for model in said["models"]}
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError, AttributeError):
            return True
        return tagged(self.model) in running

    def preload(self) -> Finished:
        """Load the model with the options of later requests and return when it is ready.

        Raises `ModelError`.
        """
        *_, last = self.stream(())
        assert isinstance(last, Finished)  # stream() raises when it has no last event
        return last

    def stream(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSchema] = (),
        *,
        schema: Mapping[str, Any] | None = None,
    ) -> Generator[ModelEvent, None, None]:
        """Yield events as they arrive, the last one `Finished`; closing the generator closes the socket.

        A model that only thought is asked once more without thinking. Raises `ModelError`: before the first
        event what kept the server from answering, after it mostly `StreamBroken` or `ModelTimeout`; at the
        end `EmptyAnswer` when there was neither text nor call.
        """
        with cancellable():
            try:
                yield from self._once(self.options, messages, tools, schema)
            except EmptyAnswer:
                if not self.options.think or schema is not None:
                    raise
                yield from self._once(replace(self.options, think=False), messages, tools, schema)

    def _once(
        self,
        options: Options,
        messages: Sequence[Message],
        tools: Sequence[ToolSchema],
        schema: Mapping[str, Any] | None,
    ) -> Generator[ModelEvent, None, None]:
        answered = not messages  # a preload answers nothing
        last: Finished | None = None
        with closing(self._chunks(body_of(self.model, options, messages, tools, schema))) as chunks:
            for chunk in chunks:
                for event in self._events(chunk):
                    match event:
                        case Finished():
                            last = event
                            break
                        case ToolCalls():
                            answered = True
                        case Content(text):
                            answered |= not text.isspace()
                    yield event
                if last:
                    break
        if last is None:
            raise self._broken("no last chunk")
        spent(last)
        if not answered:
            raise _empty(self.model, last, options)
        yield last

    def _events(self, chunk: Mapping[str, Any]) -> list[ModelEvent]:
        try:
            return list(events_of(chunk))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise self._broken(f"{str(chunk)[:200]!r} cannot be read") from error

    def _chunks(self, body: Mapping[str, Any]) -> Generator[dict[str, Any], None, None]:
        """Yield the objects of the response stream; every failure on the way is a `ModelError`."""
        # httpx's own encoder refuses lone surrogates, which a terminal can put into a question.
        content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        limit = self.options.first_chunk_timeout
        began = False
        try:
            with self._client.stream(
                "POST", f"{self.url}/api/chat", content=content, headers={"content-type": "application/json"}
            ) as response:
                # Ollama sends its headers with the first chunk, so from here on silence is idleness. httpcore
                # reads the limit anew when it starts on the body; httpx has no setting for this.
                response.request.extensions["timeout"]["read"] = limit = self.options.idle_timeout
                if response.status_code != httpx.codes.OK:
                    raise errors.from_answer(
                        response.status_code, _head(response), model=self.model, url=self.url
                    )
                for chunk in objects(response.iter_bytes()):
                    if "error" in chunk:
                        raise errors.from_server(str(chunk["error"]), model=self.model, midstream=began)
                    if not isinstance(chunk.get("message"), dict):
                        raise errors.foreign(self.url, f"{str(chunk)[:60]!r}")
                    began = True
                    yield chunk
        except NotNdjson as error:
            raise self._broken(error) if began else errors.foreign(self.url, str(error)) from error
        except httpx.ConnectTimeout as error:
            raise errors.timed_out("no connection", self.options.connect_timeout, self.url) from error
        except httpx.TimeoutException as error:
            what = "no further piece" if began else "no first piece"
            raise errors.timed_out(what, limit, self.url) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._broken(error) if began else errors.unreachable(self.url, str(error)) from error

    def _broken(self, why: object) -> StreamBroken:
        return StreamBroken(f"the answer of {self.model!r} broke off: {errors.plain(why)}", "Ask again.")


def _empty(model: str, last: Finished, options: Options) -> EmptyAnswer:
    if last.reason is FinishReason.LENGTH:
        return EmptyAnswer(
            f"{model!r} used up num_predict={options.num_predict} before it began its answer",
            "Switch thinking off or raise num_predict.",
        )
    return EmptyAnswer(f"{model!r} ended ({last.reason}) without an answer", "Ask again.")


def _head(response: httpx.Response) -> bytes:
    """Return the beginning of a body, so that an endless error page cannot hold us."""
    head = b""
    for piece in response.iter_bytes():
        head += piece
        if len(head) >= _ERROR_BYTES:
            break
    return head
