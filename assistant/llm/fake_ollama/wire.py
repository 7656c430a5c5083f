"""How Ollama writes: JSON as Go encodes it, times, durations, token counts and the wordings of its errors.

Pure functions and constants. The values of the example metrics are those of Ollama's API documentation.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Any

JSON = "application/json; charset=utf-8"
NDJSON = "application/x-ndjson"
PLAIN = "text/plain; charset=utf-8"

#: The fake's clock stands still, so that every byte it sends is the same in every run.
CREATED_AT = "2026-08-21T18:48:22.123456789Z"
_NOW = datetime(2026, 8, 21, 18, 48, 22, tzinfo=UTC)

#: Nanoseconds. Loading costs `LOAD` once, then `LOADED`; a token costs the same in every answer.
LOAD = 2_000_000_000
LOADED = 1_334_875
PROMPT_TOKEN = 13_174_846
ANSWER_TOKEN = 16_083_684

_GO_ESCAPES = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}
_CJK = re.compile(r"[\u3000-\u9fff\uff00-\uffef]")
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s)")
_UNIT_SECONDS = {"ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


def go_json(value: Any) -> bytes:
    """Encode as Go's `json.Marshal`: compact, UTF-8 as it is, but `< > &` U+2028 U+2029 as `\\uXXXX`."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_GO_ESCAPES).encode()


def line(value: Any) -> bytes:
    """Encode one NDJSON line with its `\\n`."""
    return go_json(value) + b"\n"


def digest(name: str) -> str:
    """Return the digest of a model's weights, made from its name."""
    return f"sha256:{hashlib.sha256(name.encode()).hexdigest()}"


def tagged(name: str) -> str:
    """Return the name with its tag: `bge-m3` is `bge-m3:latest`."""
    return name if ":" in name.rsplit("/", 1)[-1] else f"{name}:latest"


def rough_tokens(text: str) -> int:
    """Count tokens roughly: one per Chinese character or full-width sign, one per four other characters."""
    cjk = len(_CJK.findall(text))
    return cjk + math.ceil((len(text) - cjk) / 4)


def rendered(body: Mapping[str, Any]) -> str:
    """Return the prompt as one text: tools first, then the messages, as Qwen's renderer orders them."""
    parts = [*(body.get("tools") or ()), *(body.get("messages") or ())]
    return "\n".join(json.dumps(part, ensure_ascii=False) for part in parts)


def common_prefix(one: str, other: str) -> str:
    """Return the longest text that both begin with."""
    same = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    return "".join(character for character, _ in same)


def expiry(keep_alive: str | int | float | None) -> str:
    """Return when a model loaded now is unloaded; a negative `keep_alive` is far in the future."""
    if keep_alive is None:
        keep_alive = "5m"
    if isinstance(keep_alive, str):
        sign = -1 if keep_alive.startswith("-") else 1
        seconds = sign * sum(float(n) * _UNIT_SECONDS[unit] for n, unit in _DURATION.findall(keep_alive))
    else:
        seconds = float(keep_alive)
    when = _NOW + (timedelta(days=292 * 365) if seconds < 0 else timedelta(seconds=seconds))
    return when.isoformat().replace("+00:00", "Z")


def merged(chunks: Iterable[Mapping[str, Any]], *, tools: bool) -> dict[str, Any]:
    """Return the one object of a reply with `stream: false`; calls are kept only if tools were offered."""
    content, thinking = "", ""
    calls: list[Any] = []
    last: Mapping[str, Any] = {"created_at": "0001-01-01T00:00:00Z", "done": False}
    for last in chunks:
        message = last["message"]
        content += message["content"]
        thinking += message.get("thinking", "")
        calls += message.get("tool_calls", []) if tools else []
    whole: dict[str, Any] = {"role": "assistant", "content": content}
    whole |= {"thinking": thinking} if thinking else {}
    whole |= {"tool_calls": calls} if calls else {}
    return {**last, "message": whole}


def nested_overflow(tokens: int, num_ctx: int) -> str:
    """Return llama-server's overflow error as Ollama passes it on: a JSON document inside the string."""
    inner = {
        "code": 400,
        "message": f"request ({tokens} tokens) exceeds the available context size ({num_ctx} tokens), "
        "try increasing it",
        "type": "exceed_context_size_error",
        "n_prompt_tokens": tokens,
        "n_ctx": num_ctx,
    }
    return go_json({"error": inner}).decode()


#: The wordings that need no prompt to be wrong, with the status they come with. `{model}` is the name as
#: sent, `{full}` the name of the registry.
ERRORS: Mapping[str, tuple[int, str]] = {
    "missing body": (400, "missing request body"),
    "no model": (400, "model is required"),
    "bad name": (400, "invalid model name"),
    "chat not found": (404, "model '{model}' not found"),
    "show not found": (404, "model '{tagged}' not found"),
    "embed not found": (404, 'model "{model}" not found, try pulling it first'),
    "no tools": (400, "{full} does not support tools"),
    "no thinking": (400, '"{model}" does not support thinking'),
    "no chat": (400, '"{model}" does not support chat'),
    "bad think": (
        400,
        'invalid think value: "{value}" (must be "high", "medium", "low", "max", true, or false)',
    ),
    "bad option": (500, 'option "{value}" must be of type integer'),
    "busy": (503, "server busy, please try again.  maximum pending requests exceeded"),
    "canceled": (499, "request canceled"),
    "too long": (
        400,
        "the prompt is longer than the context length currently available to the model; shorten the prompt, "
        "adjust the context length in settings, or use a model with a longer context length",
    ),
    "runner stopped": (
        500,
        "model runner has unexpectedly stopped, this may be due to resource limitations or an internal "
        "error, check ollama server logs for details",
    ),
    "load crash": (500, "llama-server process has terminated: signal: killed"),
    "out of memory": (500, "llama-server reported out-of-memory during startup: cudaMalloc failed"),
    "no runner": (500, "llama-server binary not found (checked: /usr/lib/ollama). Run 'cmake ...' first"),
    "broken call": (500, "XML syntax error on line 8: element <function> closed by </parameter>"),
    "no user turn": (500, "no user query found in messages"),
    "eof": (500, "an error was encountered while running the model: unexpected EOF"),
}


def error_text(case: str, *, model: str = "", value: str = "") -> tuple[int, str]:
    """Return status and wording of the error `case` of `ERRORS`."""
    status, text = ERRORS[case]
    full = f"registry.ollama.ai/library/{tagged(model)}"
    return status, text.format(model=model, tagged=tagged(model), full=full, value=value)
