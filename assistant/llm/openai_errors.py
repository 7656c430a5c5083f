"""What servers of the OpenAI chat API say when they fail -> typed errors with the way out.

The wordings are those of llama.cpp's server, vLLM and LM Studio, and the codes of the API itself; what none of
them knows is still a `ModelError` with the server's own words. The `openai` package is imported by the caller.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

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

if TYPE_CHECKING:
    from openai import APIError

KEY = "OPENAI_API_KEY"

_SHORTER = "Ask in a new chat, or start the server with a longer context."


class _Rule(NamedTuple):
    pattern: str
    error: type[ModelError]
    hint: str


_WORDINGS = (
    _Rule(
        r"exceeds the available context size|maximum context length|context_length_exceeded|context the overflows",
        ContextOverflow,
        _SHORTER,
    ),
    _Rule(
        r"requires --jinja|--enable-auto-tool-choice|does not support tools|tools? (is|are) not supported",
        CapabilityMissing,
        "Start the server with tool calling switched on (llama.cpp: --jinja; vLLM: --enable-auto-tool-choice).",
    ),
    _Rule(
        r"[Ff]ailed to parse grammar|[Ff]ailed to initialize samplers",
        CapabilityMissing,
        "Update the server.",
    ),
    # llama.cpp reads its own output again: calls that are none, and objects that were cut off.
    _Rule(r"does not match the expected \S+ format", MalformedCall, "Ask again, or more simply."),
    _Rule(r"out of memory", ModelCrashed, "Choose a smaller model; the server's log says more."),
    _Rule(r"[Ll]oading model", ModelBusy, "Wait a moment and ask again."),
)

_STATUSES = {
    401: _Rule("", ModelUnavailable, f"Set {KEY} in the environment."),
    403: _Rule("", ModelUnavailable, f"Set {KEY} to a key that may use this model."),
    404: _Rule("", ModelNotPulled, "Set the model to a name that the server lists under /models."),
    429: _Rule("", ModelBusy, "Wait a moment and ask again."),
    502: _Rule("", ModelBusy, "Wait a moment and ask again; no machine behind this address answers."),
    503: _Rule("", ModelBusy, "Wait a moment and ask again."),
    504: _Rule("", ModelTimeout, "Ask again, or raise the timeout of the load balancer."),
}


def typed(error: APIError, *, model: str, url: str, began: bool, timeout: float) -> ModelError:
    """Return the error for what the `openai` package raised; `began`: after the first piece of an answer."""
    import openai

    if isinstance(error, openai.APITimeoutError):
        what = "no further piece" if began else "nothing"
        hint = "Ask again, choose a smaller model or raise the timeout."
        return ModelTimeout(f"{what} from {url} within {timeout:g} s", hint)
    if isinstance(error, openai.APIConnectionError):
        cause = error.__cause__ or error
        if began:
            return StreamBroken(f"the answer of {model!r} broke off: {cause}", "Ask again.")
        return ModelUnavailable(f"no model server at {url}: {cause}", "Start it, or correct openai_base_url.")
    said = _said(error)
    for rule in _WORDINGS:
        if re.search(rule.pattern, said):
            return _made(rule, model, said, error)
    status = getattr(error, "status_code", 0)
    if status in _STATUSES:
        return _made(_STATUSES[status], model, said, error)
    kind = StreamBroken if began else ModelError
    return kind(f"the server of {model!r} reported: {said}", "Ask again; the server's log says more.")


def _said(error: APIError) -> str:
    """Return the server's own words, shortened: the package puts the status and the whole body before them."""
    body = error.body
    inner = body.get("message") if isinstance(body, Mapping) else body
    code = f" ({error.code})" if error.code and str(error.code) not in str(inner) else ""
    return f"{str(inner or error.message).strip()[:300]}{code}"


def _made(rule: _Rule, model: str, said: str, error: APIError) -> ModelError:
    message = f"{model!r}: {said}"
    if rule.error is not ContextOverflow:
        return rule.error(message, rule.hint)
    body = error.body if isinstance(error.body, Mapping) else {}
    counts = {"prompt_tokens": body.get("n_prompt_tokens"), "num_ctx": body.get("n_ctx")}
    return ContextOverflow(message, rule.hint, **{k: v for k, v in counts.items() if isinstance(v, int)})
