"""One question between search and answer: what was found, who will answer, and the events once it is their turn."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass, replace

from assistant.answering.not_covered import nearest
from assistant.answering.notes_mode import NotesMode
from assistant.answering.types import PartialEvent, Request
from assistant.collecting import Clock, Collected
from assistant.events import Answer, Cited, Done, Elsewhere, Event, Notice, Status, Text
from assistant.language import Language, say
from corpus.errors import StudyError
from index.types import SearchResult

Answering = Callable[[], Generator[PartialEvent, None, None]]
"""Begins an answer."""


@dataclass(frozen=True, slots=True)
class Considered:
    """A question that was searched and not answered yet. `covered`: the notes, or a computation, answer it.

    `mode` names who answers: `notes`, or a model.
    """

    request: Request
    clock: Clock
    mode: str
    answering: Answering
    covered: bool = True

    @property
    def uses_model(self) -> bool:
        """Whether a model writes the answer, for which others may have to wait."""
        return self.mode != NotesMode.mode

    def events(self) -> Generator[Event, None, None]:
        """Yield the answer as it comes, ending with `Done`. Closing the iterator stops the work."""
        request, found = self.request, self.request.found
        collected = Collected()
        for notice in self._understood():
            yield collected.add(notice)
        self.clock.lap("prepare")
        with closing(self.answering()) as events:
            for event in events:
                self.clock.first("first_text", isinstance(event, Text))
                yield collected.add(_with_copies(event, found))
        self.clock.lap("answer")
        yield Done(
            Answer(
                question=request.question,
                status=Status.ANSWERED if self.covered else Status.NOT_IN_NOTES,
                text=collected.text.strip(),
                citations=tuple(collected.citations),
                tools=tuple(collected.tools),
                mode=NotesMode.mode if collected.retracted else self.mode,
                timings=self.clock.laps,
                standalone=request.standalone,
                nearest=() if self.covered else nearest(request),
                notices=tuple(collected.notices),
                unsupported=tuple(collected.unsupported),
            )
        )

    def _understood(self) -> Generator[Notice, None, None]:
        """Yield how the question was understood, where that is not how it was typed."""
        request, found = self.request, self.request.found
        if request.standalone != request.question:
            yield Notice(say("standalone", request.language, question=request.standalone))
        for written, understood in found.corrected.items():
            yield Notice(say("read_as", request.language, written=written, understood=understood))
        if found.notice:
            yield Notice(found.notice)


def _with_copies(event: PartialEvent, found: SearchResult) -> PartialEvent:
    """Return a citation with the other places that say the same, and any other event as it is."""
    match event:
        case Cited(citation):
            copies = (copy.passage for copy in found.also_at(citation.path, citation.quote))
            also = (Elsewhere(p.topic, p.heading_path, str(p.path), p.location) for p in copies)
            return Cited(replace(citation, also=tuple(also)))
        case _:
            return event


class EmptyQuestion(StudyError):
    """A question without a single character to search for."""


def asked_text(question: str) -> str:
    """Return what was asked as text that can be stored: no outer blanks, no bytes that were no UTF-8."""
    question = question.encode("utf-8", "replace").decode().strip()
    if not question:
        raise EmptyQuestion(
            "the question is empty",
            f"{say('empty_question', Language.ZH)} For example: assistant ask 'L1 正则化为什么稀疏?'",
        )
    return question
