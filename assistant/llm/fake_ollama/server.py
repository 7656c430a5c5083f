"""A server on a real socket that answers as Ollama does, from a script; for tests and for demonstrations.

`FakeOllama` holds the state and decides what to say, `connection` puts it on the wire. It generates no text of its
own: `answering` has a responder that does, from the passages in the prompt.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from types import TracebackType
from typing import Any

from assistant.llm.fake_ollama import wire
from assistant.llm.fake_ollama.contract import violations
from assistant.llm.fake_ollama.embedding import embedded
from assistant.llm.fake_ollama.models import FakeModel, Loaded, ps, pull_lines, show, tags
from assistant.llm.fake_ollama.refusals import chat_refusal, name_refusal
from assistant.llm.fake_ollama.scripted_server import ScriptedServer
from assistant.llm.fake_ollama.scripts import Pause, Reply, Step, failure, last, refusal, say

#: The window of a request that names none, below 24 GiB of GPU memory.
DEFAULT_NUM_CTX = 4096
#: What a model says whose system prompt was cut away with the rest.
CUT_ANSWER = "当然可以！ Sure, I am happy to help with that."


class ChatPath(StrEnum):
    """Which of Ollama's two ways a chat takes; they differ in what overflow does."""

    RENDERED = "rendered"
    NATIVE = "native"


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came; `body` is {} where there was none."""

    method: str
    path: str
    body: Mapping[str, Any]


class FakeOllama(ScriptedServer):
    """A server of `models`; `host` is its address, as `OLLAMA_HOST` is written.

    Replies to /api/chat are taken from `enqueue` in order, then from `respond(body)`; with neither the
    request is a violation. `strict` answers requests that break the contract with an error. `foreign` is
    what another program on the port would say to everything. `library` is what can be pulled. `density` is how
    many tokens the model makes of what is one roughly (`wire.rough_tokens`). Of `parallel` chats the next one
    waits without a byte. Leaving the context raises an AssertionError where a request broke the contract, unless
    `checked` or `strict` is False.
    """

    def __init__(
        self,
        *,
        models: Sequence[FakeModel] = (FakeModel("qwen3.5:4b"),),
        library: Sequence[FakeModel] = (),
        version: str = "0.32.15",
        path: ChatPath = ChatPath.RENDERED,
        strict: bool = True,
        offline: bool = False,
        foreign: Reply | None = None,
        respond: Callable[[Mapping[str, Any]], Reply] | None = None,
        density: float = 1.0,
        parallel: int = 1,
        port: int = 0,
        checked: bool = True,
    ) -> None:
        super().__init__(port=port, parallel=parallel)
        self.requests: list[Request] = []
        self.violations: list[str] = []
        #: Per answered chat, how many tokens of its prompt were also the beginning of the prompt before.
        self.cached_tokens: list[int] = []
        #: How often a request changed num_ctx, num_gpu or shift and so made a loaded model load again.
        self.reloads = 0
        #: Per chat whose prompt and answer do not fit its window together, the three numbers.
        self.overruns: list[tuple[int, int, int]] = []
        self._models = {wire.tagged(model.name): model for model in models}
        self._library = {wire.tagged(model.name): model for model in library}
        self._version, self._path, self._strict = version, path, strict
        self._offline, self._foreign, self._respond = offline, foreign, respond
        self._density, self._checked = density, checked and strict
        self._loaded: dict[str, Loaded] = {}
        self._prompt = ""

    @property
    def chats(self) -> list[Mapping[str, Any]]:
        """The bodies of the requests to /api/chat."""
        return [request.body for request in self.requests if request.path == "/api/chat"]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        if self._checked and self.violations and error is None:
            raise AssertionError("requests broke the contract: " + "; ".join(self.violations))

    def _answer(self, method: str, path: str, raw: bytes) -> Reply:
        """Record a request and return its reply, with nothing but bytes and pauses as steps."""
        with self._changed:
            try:
                body = json.loads(raw) if raw else {}
            except ValueError:
                return refusal(400, "invalid character in request body")
            self.requests.append(Request(method, path, body))
            reply = self._foreign or self._route(method, path, body)
        steps = tuple(wire.line(step) if isinstance(step, Mapping) else step for step in reply.steps)
        return replace(reply, steps=steps)

    def _route(self, method: str, path: str, body: Mapping[str, Any]) -> Reply:
        reads: dict[str, Callable[[], Reply]] = {
            "/": lambda: Reply((b"Ollama is running",), 200, wire.PLAIN),
            "/api/version": lambda: _json({"version": self._version}),
            "/api/tags": lambda: _json(tags(self._models.values())),
            "/api/ps": lambda: _json(ps(self._models, self._loaded)),
        }
        writes: dict[str, Callable[[Mapping[str, Any]], Reply]] = {
            "/api/chat": self._chat,
            "/api/show": self._show,
            "/api/pull": self._pull,
            "/api/embed": lambda asked: embedded(asked, self._models),
        }
        if path not in reads and path not in writes:
            return Reply((b"404 page not found",), 404, wire.PLAIN)
        if (path in writes) != (method == "POST") or method not in ("GET", "HEAD", "POST"):
            return Reply((b"405 method not allowed",), 405, wire.PLAIN)
        if path in reads:
            return reads[path]()
        return writes[path](body) if body else failure("missing body")

    def _show(self, body: Mapping[str, Any]) -> Reply:
        name = str(body.get("model") or "")
        refused = name_refusal(name, self._models, "show not found")
        return refused or _json(show(self._models[wire.tagged(name)]))

    def _pull(self, body: Mapping[str, Any]) -> Reply:
        name = wire.tagged(str(body.get("model") or ""))
        lines = tuple(pull_lines(self._library.get(name), offline=self._offline))
        if "error" not in lines[-1]:
            self._models[name] = self._library[name]
        if body.get("stream", True):
            return Reply(lines)
        return refusal(500, lines[-1]["error"]) if "error" in lines[-1] else _json(lines[-1])

    def _chat(self, body: Mapping[str, Any]) -> Reply:
        faults = list(violations(body))
        self.violations += faults
        if refused := chat_refusal(body, self._models):
            return refused
        if faults and self._strict:
            return refusal(400, f"the request breaks the contract: {'; '.join(faults)}")
        cold = self._load(body)
        if not body.get("messages"):
            return self._finish(Reply((last("load" if self._is_loaded(body) else "unload"),)), body, {})
        prompt = wire.rendered(body)
        tokens = self._tokens(prompt)
        num_ctx = self._state(body).num_ctx
        if tokens + (room := int((body.get("options") or {}).get("num_predict", 0))) > num_ctx:
            self.overruns.append((tokens, room, num_ctx))
        if tokens > num_ctx and (self._path is ChatPath.NATIVE or body.get("truncate") is False):
            return refusal(400, wire.nested_overflow(tokens, num_ctx))
        if tokens > num_ctx and body.get("shift") is False:
            return failure("too long")
        if tokens > num_ctx:
            reply, tokens, prompt = say(CUT_ANSWER), num_ctx - (num_ctx - 4) // 2, ""
        elif self._replies:
            reply = self._replies.popleft()
        elif self._respond:
            reply = self._respond(body)
        else:
            self.violations.append("a chat for which no reply was enqueued")
            return refusal(500, self.violations[-1])
        return self._finish(reply, body, self._metrics(prompt, tokens, cold=cold))

    def _tokens(self, text: str) -> int:
        return math.ceil(self._density * wire.rough_tokens(text))

    def _state(self, body: Mapping[str, Any]) -> Loaded:
        options = body.get("options") or {}
        return Loaded(
            num_ctx=int(options.get("num_ctx", DEFAULT_NUM_CTX)),
            num_gpu=int(options.get("num_gpu", -1)),
            shift=body.get("shift", True),
            keep_alive=body.get("keep_alive"),
        )

    def _is_loaded(self, body: Mapping[str, Any]) -> bool:
        return wire.tagged(body["model"]) in self._loaded

    def _load(self, body: Mapping[str, Any]) -> bool:
        """Put the model in memory, or out of it with `keep_alive` 0; say whether it was read from disk."""
        name, state = wire.tagged(body["model"]), self._state(body)
        before = self._loaded.pop(name, None)
        cold = state.reloads(before)
        if body.get("keep_alive") not in (0, "0", "0s"):
            self._loaded[name] = state
        if cold:
            self._prompt = ""
            self.reloads += before is not None
        return cold

    def _metrics(self, prompt: str, tokens: int, *, cold: bool) -> dict[str, int]:
        """Return the counts of the prompt: all of its tokens, but the time only of those not cached."""
        common = wire.common_prefix(self._prompt, prompt)
        self._prompt = prompt
        self.cached_tokens.append(cached := self._tokens(common))
        return {
            "load_duration": wire.LOAD if cold else wire.LOADED,
            "prompt_eval_count": tokens,
            "prompt_eval_duration": (tokens - cached) * wire.PROMPT_TOKEN,
        }

    def _finish(self, reply: Reply, body: Mapping[str, Any], metrics: Mapping[str, int]) -> Reply:
        """Fill in what a script leaves open, and fold the stream into one object where none was asked for."""
        if reply.status != 200 or reply.content_type != wire.NDJSON:
            return reply
        head = {"model": body["model"], "created_at": wire.CREATED_AT}
        steps: list[Step] = []
        written = 0
        for step in reply.steps:
            if not isinstance(step, Mapping) or "message" not in step:
                steps.append(step)
                continue
            message = step["message"]
            if message.get("thinking") and body.get("think") is False:
                continue
            written += wire.rough_tokens(message["content"] + message.get("thinking", ""))
            steps.append({**head, **step, **(_all_metrics(metrics, written) if step["done"] else {})})
        if body.get("stream", True):
            return replace(reply, steps=tuple(steps))
        lines = [step for step in steps if isinstance(step, Mapping)]
        if lines and "error" in lines[-1]:
            return refusal(500, lines[-1]["error"])
        whole = {**head, **wire.merged(lines, tools=bool(body.get("tools")))}
        pauses = tuple(step for step in steps if isinstance(step, Pause))
        return Reply((*pauses, wire.go_json(whole)), 200, wire.JSON, reply.piece, reply.ending)


def _all_metrics(metrics: Mapping[str, int], written: int) -> dict[str, int]:
    """Return the metrics in Ollama's order, without those that are 0; none at all for load and unload."""
    if not metrics:
        return {}
    answer = written * wire.ANSWER_TOKEN
    total = metrics["load_duration"] + metrics["prompt_eval_duration"] + answer
    whole = {"total_duration": total, **metrics, "eval_count": written, "eval_duration": answer}
    return {key: value for key, value in whole.items() if value}


def _json(value: Any) -> Reply:
    return Reply((wire.go_json(value),), 200, wire.JSON)
