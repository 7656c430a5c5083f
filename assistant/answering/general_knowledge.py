"""An answer that no note stands behind, given only when it was asked for, and labelled as what it is."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from typing import Protocol, runtime_checkable

from assistant.answering.citing import MarkerFilter
from assistant.answering.model_failures import told
from assistant.answering.types import PartialEvent, Request
from assistant.events import Notice, Text, Thought
from assistant.language import say
from assistant.llm.base import ChatModel, Content, Finished, FinishReason, Message, ModelError, Role, Thinking
from assistant.prompts import fill


@runtime_checkable
class Generalist(Protocol):
    """An answerer that can also answer without notes."""

    @property
    def mode(self) -> str:
        """The name of the model."""
        ...

    def general(self, request: Request) -> Generator[PartialEvent, None, None]:
        """Yield an answer from general knowledge, its label first."""
        ...


def answer(model: ChatModel, request: Request) -> Generator[PartialEvent, None, None]:
    """Yield the label and what `model` says by itself; markers are removed, since there is nothing to cite.

    A model that fails is a notice: there is no second source for what the notes lack.
    """
    language = request.language
    messages = [Message(Role.SYSTEM, fill("general")), Message(Role.USER, request.standalone)]
    markers = MarkerFilter(0)
    yield Text(say("general_label", language, model=model.name) + "\n\n")
    try:
        with closing(model.stream(messages)) as events:
            for event in events:
                match event:
                    case Content(text):
                        yield from (Text(piece) for piece in markers.feed(text) if isinstance(piece, str))
                    case Thinking(text):
                        yield Thought(text)
                    case Finished(reason):
                        yield from (Text(piece) for piece in markers.finish() if isinstance(piece, str))
                        yield Text("\n")
                        if reason is FinishReason.LENGTH:
                            yield Notice(say("cut_short", language))
                    case _:
                        pass
    except ModelError as error:
        why, advice = told(error, language)
        yield Notice(say("general_failed", language, reason=why))
        if advice:
            yield Notice(advice)
