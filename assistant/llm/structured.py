"""A model's answer as a checked object: schema out, JSON in, one repair, then a visible failure.

A phase of its own: no tools, no thinking, nothing streamed to the reader. The schema goes to the server, which
turns it into a grammar, and into the prompt, because the grammar is never shown to the model. What comes back
is validated whatever the server promises: old servers ignore schemas, and any answer can be cut short.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any, Protocol, TypeVar, runtime_checkable

from pydantic import BaseModel, ValidationError

from assistant.llm.base import (
    ChatModel,
    Content,
    EmptyAnswer,
    Finished,
    FinishReason,
    MalformedCall,
    Message,
    ModelError,
    Role,
)
from assistant.prompts import fill

#: Faults named in a repair: more do not help a model that got so much wrong.
MAX_FAULTS = 5
#: Characters of a faulty reply that are sent back with the repair.
MAX_RETURNED = 4_000

_FENCED = re.compile(r"```(?:json)?\s*\n(?P<inside>.*?)\n?\s*```", re.DOTALL | re.IGNORECASE)

Schema = TypeVar("Schema", bound=BaseModel)


class StructuredFailure(ModelError):
    """The model gave no usable object, not even when told what was wrong. `reply` is the last thing it said."""

    def __init__(self, message: str, hint: str = "", *, reply: str = "") -> None:
        super().__init__(message, hint)
        self.reply = reply


class SchemaIgnored(StructuredFailure):
    """What came back was no JSON at all, which a server that obeys schemas cannot let through."""


@runtime_checkable
class AdvisesOnSchemas(Protocol):
    """A model that can say why its server does not obey schemas."""

    def schema_advice(self) -> str:
        """Return what to do about it in one sentence; "" where the server is known to obey."""
        ...


def structured(
    model: ChatModel,
    messages: Sequence[Message],
    schema: type[Schema],
    *,
    context: dict[str, Any] | None = None,
) -> Schema:
    """Return what `model` says to `messages` as a `schema`.

    `context` reaches the schema's validators (`info.context`), so that a check against the outside, such as
    whether a quote stands in the note, is repaired like any other fault. Text that is not the user's own
    instruction belongs in a fence inside the message; nothing here can tell the two apart.

    Raises `StructuredFailure` when the second reply is unusable too (`SchemaIgnored` where it is no JSON at
    all) and any other `ModelError` as the model does.
    """
    form = form_of(schema)
    conversation = _with_form(messages, form)
    faults, ignored, reply = "", False, ""
    for _ in range(2):
        try:
            reply, cut = _said(model, conversation, form)
        except EmptyAnswer as error:
            reply, faults, ignored = "", error.message, False
            continue
        try:
            return schema.model_validate_json(_json_in(reply), context=context)
        except ValidationError as error:
            ignored = not cut and error.errors()[0]["type"] == "json_invalid"
            faults = "It was cut off: be briefer." if cut else _listed(error)
        conversation = [
            *conversation,
            Message(Role.ASSISTANT, reply[:MAX_RETURNED]),
            Message(Role.USER, fill("repair", faults=faults)),
        ]
    raise _failure(model, schema, faults, reply, ignored=ignored)


def form_of(schema: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON Schema that is sent for `schema`: pydantic's, tidied and with every object closed.

    Titles say nothing. An object that is not closed lets some grammars (llguidance) write properties of the
    model's own invention without end. llama.cpp refuses a bound above 2,000 on a length or a list.
    """
    form: dict[str, Any] = _tidied(schema.model_json_schema())
    return form


def _tidied(value: Any) -> Any:
    if isinstance(value, list):
        return [_tidied(item) for item in value]
    if not isinstance(value, dict):
        return value
    # A property may be called "title" itself: then its value is a schema and no text.
    tidy = {k: _tidied(v) for k, v in value.items() if not (k == "title" and isinstance(v, str))}
    return {"additionalProperties": False} | tidy if isinstance(value.get("properties"), dict) else tidy


def _with_form(messages: Sequence[Message], form: dict[str, Any]) -> list[Message]:
    """Put the schema at the end of the one system message: it stays the same from call to call, so it is cached."""
    text = fill("structured", schema=json.dumps(form, ensure_ascii=False, separators=(",", ":")))
    if messages and messages[0].role is Role.SYSTEM:
        return [replace(messages[0], content=f"{messages[0].content}\n\n{text}"), *messages[1:]]
    return [Message(Role.SYSTEM, text), *messages]


def _said(model: ChatModel, messages: Sequence[Message], form: dict[str, Any]) -> tuple[str, bool]:
    """Return the whole reply and whether it was cut off by its length."""
    text, cut = "", False
    try:
        with closing(model.stream(messages, schema=form)) as stream:
            for event in stream:
                if isinstance(event, Content):
                    text += event.text
                elif isinstance(event, Finished):
                    cut = event.reason is FinishReason.LENGTH
    except MalformedCall:
        # llama.cpp's server ends an object that was cut off with an error and tells no length.
        if not text:
            raise
        cut = True
    return text, cut


def _json_in(reply: str) -> str:
    """Return the reply without a fence around it, which models add where no grammar holds them back."""
    fenced = None if reply.lstrip().startswith("{") else _FENCED.search(reply)
    return fenced["inside"] if fenced else reply.strip()


def _listed(error: ValidationError) -> str:
    return "\n".join(
        f"- {'.'.join(map(str, fault['loc'])) or 'the object'}: {fault['msg']}"
        for fault in error.errors(include_url=False, include_input=False)[:MAX_FAULTS]
    )


def _failure(
    model: ChatModel, schema: type[BaseModel], faults: str, reply: str, *, ignored: bool
) -> StructuredFailure:
    advice = model.schema_advice() if isinstance(model, AdvisesOnSchemas) else ""
    kind = SchemaIgnored if ignored else StructuredFailure
    return kind(
        f"{model.name!r} gave no usable {schema.__name__}, twice: {' '.join(faults.split())}",
        advice or "Ask again, or choose a larger model.",
        reply=reply,
    )
