"""A chat model that says what it was told to say: for tests, demonstrations and anybody's own code.

    model = ScriptedModel(
        [
            calling("pooling", kernel=2),  # the model asks for a tool …
            "输出是 2×2 [1]。",             # … and answers when it has the result
        ]
    )
    answer = "".join(e.text for e in model.stream(messages, tools) if isinstance(e, Content))

Deterministic and without a socket: the same script gives the same events. It knows nothing of what it is
asked. For the bytes of a real server see `assistant.llm.fake_ollama`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.llm.base import (
    Content,
    Finished,
    FinishReason,
    Message,
    ModelError,
    ModelEvent,
    ToolCall,
    ToolCalls,
    ToolSchema,
)

#: Text is one piece of content, an error is raised where it stands, events are yielded as they are.
Step = str | ModelEvent | ModelError
#: What the model says to one request: one step or several. `Finished` is added where it is missing.
Reply = Step | Sequence[Step]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came: the whole conversation, the tools on offer and the form that was asked for."""

    messages: tuple[Message, ...]
    tools: tuple[ToolSchema, ...]
    schema: Mapping[str, Any] | None = None


class ScriptedModel:
    """Gives `replies` in order. Implements `ChatModel`.

    `asked` records every request; `closed` counts replies that were closed before their end. A request for
    which no reply is left is an AssertionError: the script and the code under test disagree.
    """

    def __init__(self, replies: Iterable[Reply], *, name: str = "scripted:test") -> None:
        self.name = name
        self.asked: list[Asked] = []
        self.closed = 0
        self._replies = deque(replies)

    def stream(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSchema] = (),
        *,
        schema: Mapping[str, Any] | None = None,
    ) -> Generator[ModelEvent, None, None]:
        """Yield the steps of the next reply, the last event `Finished`. Raises the errors in the script."""
        self.asked.append(Asked(tuple(messages), tuple(tools), schema))
        if not self._replies:
            raise AssertionError(f"{self.name!r} was asked {len(self.asked)} times and has no reply left")
        reply = self._replies.popleft()
        steps = [reply] if isinstance(reply, str | ModelError) or not isinstance(reply, Sequence) else reply
        event: ModelEvent | None = None
        try:
            for step in steps:
                if isinstance(step, ModelError):
                    raise step
                event = Content(step) if isinstance(step, str) else step
                yield event
            if not isinstance(event, Finished):
                yield Finished(FinishReason.STOP)
        except GeneratorExit:
            self.closed += 1
            raise


def calling(name: str, /, call_id: str = "", **arguments: Any) -> ToolCalls:
    """Return the event with which a model calls one tool."""
    return ToolCalls((ToolCall(name, arguments, call_id),))
