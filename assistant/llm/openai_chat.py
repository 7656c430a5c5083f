"""A chat model behind the OpenAI chat API: vLLM, llama.cpp's server, LM Studio, a cluster behind one address.

The `openai` package speaks HTTP; `assistant/llm/openai_wire.py` has the messages and chunks, and
`assistant/llm/openai_errors.py` what servers say when they fail.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

from assistant.llm.base import (
    EmptyAnswer,
    MalformedCall,
    Message,
    ModelEvent,
    ModelUnavailable,
    StreamBroken,
    ToolCalls,
    ToolSchema,
    Window,
)
from assistant.llm.cancelling import cancellable, check, watch
from assistant.llm.openai_errors import typed
from assistant.llm.openai_wire import Options, Reading, body_of
from assistant.llm.usage import spent
from index.hosts import parse

if TYPE_CHECKING:
    from openai import OpenAI

#: Servers of one's own ask for no key, but the package does.
NO_KEY = "none"


class OpenAIModel:
    """One model of one server. Implements `ChatModel`; `key` goes into the Authorization header."""

    def __init__(self, model: str, *, base_url: str, key: str = "", options: Options | None = None) -> None:
        self.model = model
        self.url = base_url.rstrip("/")
        self.options = options or Options()
        self._client = _client(self.url, key or NO_KEY, self.options)
        self._switches_thinking = True  # until the server refuses the switch

    @property
    def window(self) -> Window:
        """What one request may hold; the server must have been started with as much."""
        return Window(self.options.num_ctx, self.options.num_predict)

    @property
    def name(self) -> str:
        """The mode shown to the user: `openai:Qwen/Qwen3.5-9B`."""
        return f"openai:{self.model}"

    def listed(self) -> tuple[str, ...]:
        """Return the models that the server lists. Raises `ModelError`; a server without a list has none."""
        import openai

        limits = openai.Timeout(20.0, connect=self.options.connect_timeout)
        try:
            return tuple(model.id for model in self._client.models.list(timeout=limits))
        except openai.NotFoundError:
            return ()
        except openai.APIError as error:
            raise typed(error, model=self.model, url=self.url, began=False, timeout=20.0) from error
        except (ValueError, AttributeError, TypeError) as error:
            raise _foreign(self.url, error) from error

    def stream(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSchema] = (),
        *,
        schema: Mapping[str, Any] | None = None,
    ) -> Generator[ModelEvent, None, None]:
        """Yield events as they arrive, the last one `Finished`; closing the generator closes the connection.

        Raises `ModelError`: `MalformedCall` where arguments are no JSON object, `EmptyAnswer` where there was
        neither text nor call, `StreamBroken` where the stream ended without a reason.
        """
        reading = Reading()
        with cancellable(), closing(self._chunks(messages, tools, schema)) as chunks:
            for chunk in chunks:
                yield from self._read(chunk, reading)
            check()  # a stream that was shut may look as though it had ended
        try:
            calls, end = reading.finish()
        except ValueError as error:
            raise MalformedCall(
                f"{self.model!r} wrote a call that cannot be read: {error}", "Ask again."
            ) from error
        if end is None:
            raise self._broken("no last chunk")
        spent(end)
        if calls:
            yield ToolCalls(calls)
        elif not reading.answered:
            raise EmptyAnswer(f"{self.model!r} ended ({end.reason}) without an answer", "Ask again.")
        yield end

    def _read(self, chunk: Mapping[str, Any], reading: Reading) -> list[ModelEvent]:
        try:
            return reading.feed(chunk)
        except (AttributeError, TypeError, ValueError) as error:
            raise self._broken(f"{str(chunk)[:200]!r} cannot be read") from error

    def _broken(self, why: object) -> StreamBroken:
        return StreamBroken(f"the answer of {self.model!r} broke off: {why}", "Ask again.")

    def _chunks(
        self, messages: Sequence[Message], tools: Sequence[ToolSchema], schema: Mapping[str, Any] | None
    ) -> Generator[dict[str, Any], None, None]:
        """Yield the chunks as dictionaries; every failure on the way is a `ModelError`."""
        import openai

        began = False
        try:
            with self._open(body_of(self.model, self.options, messages, tools, schema)) as stream:
                for chunk in stream:
                    yield chunk.model_dump(warnings=False)
                    began = True
        except openai.APIError as error:
            raise typed(
                error, model=self.model, url=self.url, began=began, timeout=self.options.timeout
            ) from error
        except (ValueError, AttributeError, TypeError) as error:  # no JSON, or JSON of another form
            raise (self._broken(error) if began else _foreign(self.url, error)) from error

    def _open(self, body: dict[str, Any]) -> Any:
        """Start the stream; a server that does not know the switch for thinking is asked without it."""
        import openai

        switch = {"chat_template_kwargs": body.pop("chat_template_kwargs")}
        create: Any = self._client.chat.completions.create  # its overloads know no dictionaries
        if self._switches_thinking:
            try:
                return create(**body, extra_body=switch)
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                if "chat_template_kwargs" not in str(error):
                    raise
                self._switches_thinking = False
        return create(**body)


def _client(url: str, key: str, options: Options) -> OpenAI:
    address = parse(url)
    try:
        import openai
    except ImportError as error:
        raise ModelUnavailable(
            f"the openai package is not there: {error}", "pip install 'interview-study-assistant[openai]'"
        ) from error
    try:
        return openai.OpenAI(
            base_url=url,
            api_key=key,
            timeout=openai.Timeout(options.timeout, connect=options.connect_timeout),
            # Repeating a question that timed out would double the wait; notes mode answers meanwhile.
            max_retries=0,
            # One connection per answer, as there is nothing to close then, and a load balancer may choose anew.
            default_headers={"Connection": "close"},
            http_client=openai.DefaultHttpxClient(
                trust_env=not address.loopback, event_hooks={"request": [watch]}
            ),
        )
    except (openai.OpenAIError, ImportError, ValueError) as error:  # a SOCKS proxy without its package
        raise ModelUnavailable(
            f"no way to {url}: {error}", "Correct the address, or ALL_PROXY and HTTP_PROXY."
        ) from error


def _foreign(url: str, seen: Exception) -> ModelUnavailable:
    return ModelUnavailable(
        f"something at {url} does not speak the OpenAI chat API: {seen}", "Set openai_base_url, with its /v1."
    )
