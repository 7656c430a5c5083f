"""What Ollama says went wrong -> a typed error with a way out: one table, for every endpoint.

The wordings are those of Ollama 0.32 (`server/routes.go`, `sched.go`, `images.go`, `llm/llama_server.go`);
its error body is always `{"error": "<string>"}`. Nothing here talks to a server.
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from assistant.llm.base import (
    CapabilityMissing,
    ContextOverflow,
    MalformedCall,
    ModelBusy,
    ModelCrashed,
    ModelError,
    ModelNotPulled,
    ModelTimeout,
    ModelUnavailable,
    StreamBroken,
)


class _Rule(NamedTuple):
    """The first rule whose pattern is found wins. A hint may name `{model}` and the pattern's groups."""

    pattern: str
    error: type[ModelError]
    hint: str


_SHORTER = "Ask in a new chat, or raise num_ctx."
_SMALLER = "Choose a smaller model or a smaller num_ctx; the server's log says more."
_PULL = "ollama pull qwen3.5:4b"

_RULES = (
    _Rule(r"^model ['\"](?P<name>.+?)['\"] not found", ModelNotPulled, "ollama pull {name}"),
    _Rule(
        r"^pull model manifest: file does not exist", ModelNotPulled, "Choose a name from ollama.com/library."
    ),
    _Rule(r"^pull model manifest: .*dial tcp", ModelUnavailable, "Connect to the internet, then pull again."),
    _Rule(r"does not support tools", CapabilityMissing, f"Choose a model that knows tools: {_PULL}"),
    _Rule(r"does not support thinking", CapabilityMissing, "Switch thinking off for this model."),
    _Rule(r"does not support (chat|generate)", CapabilityMissing, f"Choose a model that chats: {_PULL}"),
    _Rule(r"server busy", ModelBusy, "Wait a moment and ask again."),
    _Rule(r"exceeds the available context size", ContextOverflow, _SHORTER),
    _Rule(r"^the prompt is longer than the context length", ContextOverflow, _SHORTER),
    _Rule(r"^the input length exceeds the context length", ContextOverflow, _SHORTER),
    _Rule(r"^no user query found in messages", ContextOverflow, _SHORTER),
    _Rule(r"XML syntax error", MalformedCall, "Ask again, or ask without demos."),
    _Rule(r"model runner has unexpectedly stopped", ModelCrashed, _SMALLER),
    _Rule(r"llama-server (process has terminated|reported out-of-memory)", ModelCrashed, _SMALLER),
    _Rule(r"^llama-server binary not found", ModelCrashed, "Reinstall Ollama from ollama.com/download."),
    _Rule(r"^request canceled", StreamBroken, "Ask again."),
    _Rule(r"error was encountered while running the model", StreamBroken, "Ask again."),
    _Rule(
        r"^invalid model name|^model is required", ModelError, f"Set the model to a name such as in: {_PULL}"
    ),
    _Rule(r"^invalid think value", ModelError, "Set thinking to true, false, low, medium, high or max."),
    _Rule(r"^option \"(?P<option>\w+)\" must be", ModelError, "Correct the setting {option}."),
)


def from_server(text: str, *, model: str, midstream: bool = False) -> ModelError:
    """Return the error for Ollama's string `text`.

    A wording that no rule knows is a `StreamBroken` after the stream began (`midstream`), else a plain
    `ModelError`. A llama-server error arrives as a JSON document inside the string and is read again;
    its token counts are kept in `ContextOverflow`.
    """
    inner = _nested(text)
    message = str(inner.get("message", text))
    for rule in _RULES:
        if found := re.search(rule.pattern, message):
            hint = rule.hint.format(**{"model": model, **found.groupdict()})
            shown = f"{model!r}: {message}"
            if rule.error is ContextOverflow:
                return ContextOverflow(
                    shown,
                    hint,
                    prompt_tokens=_count(inner.get("n_prompt_tokens")),
                    num_ctx=_count(inner.get("n_ctx")),
                )
            return rule.error(shown, hint)
    error = StreamBroken if midstream else ModelError
    return error(f"the server of {model!r} reported: {message}", "Ask again; the server's log says more.")


def from_answer(status: int, body: bytes, *, model: str, url: str) -> ModelError:
    """Return the error for a whole HTTP answer that is not a success, or that is no JSON object at all."""
    try:
        text = json.loads(body)["error"]
    except (ValueError, TypeError, KeyError, RecursionError):
        text = None
    if isinstance(text, str):
        return from_server(text, model=model)
    if status == 403:  # Ollama's check of the Host header answers without a body
        return ModelUnavailable(f"{url} refuses requests under this name (403)", "Use 127.0.0.1 as the host.")
    return foreign(url, f"HTTP {status}, {body[:60].decode('utf-8', 'replace').strip()!r}")


def foreign(url: str, seen: str) -> ModelUnavailable:
    """Return the error for a port where something answers that does not speak as Ollama does."""
    return ModelUnavailable(
        f"something other than Ollama answers at {url}: {seen}",
        "Set the model's host to the address of Ollama, usually 127.0.0.1:11434.",
    )


def unreachable(url: str, why: str) -> ModelUnavailable:
    """Return the error for a port where nothing listens, or that hangs up before it answers."""
    return ModelUnavailable(f"no model server at {url}: {plain(why)}", "ollama serve")


def plain(why: object) -> str:
    """Return what an exception says without the number that the operating system gives it."""
    return re.sub(r"^\[Errno -?\d+\] ", "", str(why))


def bad_proxy(url: str, why: Exception) -> ModelUnavailable:
    """Return the error for a proxy of the environment that the client cannot use."""
    return ModelUnavailable(
        f"no way to {url} through the proxy of the environment: {why}",
        "Unset ALL_PROXY and HTTP_PROXY, or name the host in NO_PROXY.",
    )


def timed_out(what: str, seconds: float, url: str) -> ModelTimeout:
    """Return the error for a wait that took too long; `what` was awaited for `seconds`."""
    return ModelTimeout(
        f"{what} from {url} within {seconds:g} s", "Ask again, choose a smaller model or raise the timeout."
    )


def _nested(text: str) -> dict[str, Any]:
    """Return the inner `error` object of a string that holds `{"error": {...}}`, or {}."""
    try:
        inner = json.loads(text)["error"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return {}
    return inner if isinstance(inner, dict) else {}


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0
