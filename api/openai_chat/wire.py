"""The bytes of OpenAI's chat API: requests as they come, completions, chunks and lists of models as clients read them.

What is asked for that does not exist here (tools, temperature, logprobs, several choices) is ignored, as are unknown
fields: clients send them all. It knows nothing of notes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from corpus.errors import StudyError

DONE = "data: [DONE]\n\n"
#: The least that is sent in a while, so that nobody on the way takes the line for dead.
PING = ": ping\n\n"

_LENIENT = ConfigDict(extra="ignore", frozen=True)


class Malformed(StudyError):
    """A body that is no request. `param` is the place of the first fault."""

    def __init__(self, message: str, param: str | None) -> None:
        super().__init__(message, "See docs/openai.md for what is read.")
        self.param = param


class Part(BaseModel):
    """One part of a message; only text is read."""

    model_config = _LENIENT
    type: str = "text"
    text: str | None = None


class ChatMessage(BaseModel):
    """One message of the conversation, as the client remembers it."""

    model_config = _LENIENT
    role: str
    content: str | tuple[Part, ...] | None = None

    @property
    def text(self) -> str:
        """Its text, without images and sounds."""
        if isinstance(self.content, str):
            return self.content
        return "\n".join(part.text for part in self.content or () if part.text)


class StreamOptions(BaseModel):
    """What to send beside the text."""

    model_config = _LENIENT
    include_usage: bool | None = None


class ChatRequest(BaseModel):
    """A request for the next message."""

    model_config = _LENIENT
    model: str = Field(max_length=200)
    messages: tuple[ChatMessage, ...] = Field(min_length=1, max_length=2_000)
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_tokens: int | None = Field(None, ge=1)
    max_completion_tokens: int | None = Field(None, ge=1)
    stop: str | Annotated[tuple[str, ...], Field(max_length=16)] | None = None
    metadata: Any = None

    @property
    def limit(self) -> int | None:
        """The most tokens of the answer."""
        return self.max_completion_tokens or self.max_tokens

    @property
    def stops(self) -> tuple[str, ...]:
        """What ends the answer, and is no part of it."""
        stops = (self.stop,) if isinstance(self.stop, str) else self.stop or ()
        return tuple(filter(None, stops))

    @property
    def includes_usage(self) -> bool:
        """Whether a stream is to end with its usage."""
        return bool(self.stream_options and self.stream_options.include_usage)


def read(body: bytes) -> ChatRequest:
    """Return the request in `body`. Raises `Malformed`, which never repeats the input."""
    try:
        return ChatRequest.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"][:3]))
        if first["type"] == "json_invalid":
            raise Malformed("the body is not JSON", None) from None
        raise Malformed(f"{place or 'the body'}: {first['msg']}", place or None) from None


def models(names: Sequence[str], created: int) -> dict[str, Any]:
    """Return the list of models."""
    return {"object": "list", "data": [model(name, created) for name in names]}


def model(name: str, created: int) -> dict[str, Any]:
    """Return one model."""
    return {"id": name, "object": "model", "created": created, "owned_by": "assistant"}


def usage(prompt: int, completion: int) -> dict[str, int]:
    """Return how many tokens were read and written."""
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def completion(
    head: Mapping[str, Any], text: str, reason: str, used: Mapping[str, int], extras: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a whole answer; `head` is its id, time and model, `extras` what is ours beside it."""
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": reason, "logprobs": None}
    return {**head, "object": "chat.completion", "choices": [choice], "usage": dict(used), **extras}


def chunk(head: Mapping[str, Any], delta: Mapping[str, str], reason: str | None = None, **extras: Any) -> str:
    """Return one event of a stream."""
    choice = {"index": 0, "delta": dict(delta), "finish_reason": reason}
    return event({**head, "object": "chat.completion.chunk", "choices": [choice], **extras})


def usage_chunk(head: Mapping[str, Any], used: Mapping[str, int]) -> str:
    """Return the event that only tells the usage."""
    return event({**head, "object": "chat.completion.chunk", "choices": [], "usage": dict(used)})


def event(data: Mapping[str, Any]) -> str:
    """Return `data` as a server-sent event, Chinese as it is."""
    return f"data: {json.dumps(data, ensure_ascii=False)}\n\n"


def comment(text: str) -> str:
    """Return `text` as a comment, which clients read over."""
    return f": {' '.join(text.split())}\n\n"
