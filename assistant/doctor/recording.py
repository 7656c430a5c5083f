"""A conversation with a model kept as a file, and a model made of such a file: the same events in the same order.

One JSON object a line: first the model and its window, then every request with what came back, last what the steps
of `assistant doctor --live` saw. What was asked is kept for people; a replay gives the answers in order and does
not compare the questions.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.answering.budget import USUAL
from assistant.llm import base
from assistant.llm.base import (
    ChatModel,
    Content,
    Finished,
    FinishReason,
    Message,
    ModelError,
    ModelEvent,
    Role,
    Thinking,
    ToolCall,
    ToolCalls,
    ToolSchema,
    Waiting,
    Window,
    Windowed,
)
from corpus.atomic import write_bytes
from corpus.errors import StudyError

if TYPE_CHECKING:
    from assistant.doctor.visit import Outcome

_PACKAGE = "interview-study-assistant"


class Recorder:
    """`model`, with everything that is asked and said kept in `exchanges`. Implements `ChatModel`."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model
        self.exchanges: list[dict[str, Any]] = []

    @property
    def name(self) -> str:
        """The model's name."""
        return self._model.name

    @property
    def window(self) -> Window:
        """The model's window."""
        return self._model.window if isinstance(self._model, Windowed) else USUAL

    def stream(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSchema] = (),
        *,
        schema: Mapping[str, Any] | None = None,
    ) -> Generator[ModelEvent, None, None]:
        """Yield what the model says. Raises `ModelError` as the model does."""
        said: list[dict[str, Any]] = []
        self.exchanges.append(
            {
                "messages": [_message(m) for m in messages],
                "tools": [tool.name for tool in tools],
                "schema": schema is not None,
                "said": said,
            }
        )
        try:
            with closing(self._model.stream(messages, tools, schema=schema)) as events:
                for event in events:
                    if not isinstance(event, Waiting):
                        _append(said, event)
                    yield event
        except ModelError as error:
            said.append({"error": type(error).__name__, "message": error.message, "hint": error.hint})
            raise
        except GeneratorExit:
            said.append({"cancelled": True})
            raise


class Replay:
    """A model that says what a recording says. Implements `ChatModel`."""

    def __init__(self, name: str, window: Window, replies: Sequence[Sequence[Mapping[str, Any]]]) -> None:
        self.name, self.window = name, window
        self._replies = deque(replies)

    def stream(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSchema] = (),
        *,
        schema: Mapping[str, Any] | None = None,
    ) -> Generator[ModelEvent, None, None]:
        """Yield the next recorded answer. Raises `ModelError` where none is left or an error was recorded."""
        if not self._replies:
            raise ModelError("the recording ends here", "Record it anew: assistant doctor --live")
        for step in self._replies.popleft():
            if "cancelled" in step:
                raise ModelError(
                    "the recording was cancelled here", "Record it anew: assistant doctor --live"
                )
            yield _event(step)


def write(file: Path, recorder: Recorder, outcomes: Sequence[Outcome]) -> None:
    """Write what was recorded and what came of it to `file`. Raises `StudyError` where that cannot be done."""
    head = {"model": recorder.name, "window": asdict(recorder.window), "recorded_with": version(_PACKAGE)}
    lines = [head, *recorder.exchanges, {"outcomes": [outcome.to_dict() for outcome in outcomes]}]
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(file, text.encode("utf-8", "replace"))
    except OSError as error:
        raise StudyError(
            f"{str(file)!r} cannot be written: {error.strerror}", "Name another file with --transcript."
        ) from error


def read(file: Path) -> Replay:
    """Return the model of a recording. Raises `StudyError` naming the file where it is none."""
    try:
        head, *lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        replies = [line["said"] for line in lines if "said" in line]
        return Replay(head["model"], Window(**head["window"]), replies)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StudyError(
            f"{str(file)!r} is no transcript: {error}", "Give a file that `assistant doctor --live` wrote."
        ) from error


def _message(message: Message) -> dict[str, Any]:
    """Return a message with its calls, or what it answers, so that a reader can see that the two belong together."""
    written: dict[str, Any] = {"role": message.role.value, "content": message.content}
    if message.tool_calls:
        written["calls"] = [asdict(call) for call in message.tool_calls]
    if message.role is Role.TOOL:
        written |= {"answers": message.tool_name, "id": message.tool_call_id}
    return written


def _append(said: list[dict[str, Any]], event: ModelEvent) -> None:
    match event:
        case Content(text) if said and "content" in said[-1]:
            said[-1]["content"] += text  # how an answer was cut into pieces is not worth a file of a megabyte
        case Content(text):
            said.append({"content": text})
        case Thinking(text):
            said.append({"thinking": text})
        case ToolCalls(calls):
            said.append({"calls": [asdict(call) for call in calls]})
        case Finished():
            said.append({"finished": asdict(event)})
        case Waiting():
            pass


def _event(step: Mapping[str, Any]) -> ModelEvent:
    if "content" in step:
        return Content(step["content"])
    if "thinking" in step:
        return Thinking(step["thinking"])
    if "calls" in step:
        return ToolCalls(tuple(ToolCall(**call) for call in step["calls"]))
    if "finished" in step:
        end = dict(step["finished"])
        return Finished(FinishReason(end.pop("reason")), **end)
    kind = getattr(base, step["error"], ModelError)
    raise kind(step["message"], step["hint"])
