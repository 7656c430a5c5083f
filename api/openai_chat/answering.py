"""`assistant`: the last line answered from the notes, with its sources, as a message of a chat."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import aclosing, suppress
from itertools import groupby
from pathlib import Path
from typing import Any

from api.access.caller import Caller, Scope
from api.openai_chat.conversation import RULE, question_of, turns_of
from api.openai_chat.parts import Replying, Retracted, Said, Told, Waited
from api.openai_chat.wire import ChatMessage
from api.service import Service
from assistant.answering.demo_choice import call
from assistant.events import Answer, Citation, Done, Notice, Status, Text, ToolRan, ToolRun, Waiting
from assistant.language import language_of, say
from corpus.errors import StudyError
from corpus.types import Location, LocationKind

#: So many characters of a demo's figures are told.
_MOST_FIGURES = 300


async def answer(service: Service, caller: Caller, messages: Sequence[ChatMessage]) -> Replying:
    """Answer the last line. The turns before it are those that the client sends; nothing is kept of them.

    What the notes lack is kept as a gap of callers who may learn.
    """
    question = question_of(messages)
    history = await service.run(lambda: turns_of(messages, service.assistant.glossary))
    page = _Page()
    async with aclosing(service.ask(question, history)) as events:
        async for event in events:
            match event:
                case Text(text):
                    yield page.running(text)
                case ToolRan(run, told=False):
                    yield page.apart(f"> ⚙ {_ran(run)}")
                case Notice(text, retract=True):
                    yield Retracted(f"{_quoted(text)}\n\n")
                    page = _Page()
                case Notice(text):
                    yield page.apart(_quoted(text))
                case Waiting(text):
                    yield Waited(text)
                case Done(answer):
                    if under := _sources(answer):
                        yield Said(RULE + under)
                    yield Told(_extras(answer))
                    await _note_gap(service, caller, answer)
                case _:
                    pass


class _Page:
    """Keeps what is said apart in paragraphs of their own."""

    def __init__(self) -> None:
        self._end = "\n\n"

    def running(self, text: str) -> Said:
        """Return text that goes on from what was said before."""
        self._end = (self._end + text)[-2:]
        return Said(text)

    def apart(self, text: str) -> Said:
        """Return a paragraph."""
        before = "" if self._end == "\n\n" else "\n" if self._end.endswith("\n") else "\n\n"
        self._end = "\n\n"
        return Said(f"{before}{text}\n\n")


def _quoted(text: str) -> str:
    return "> " + text.strip().replace("\n", "\n> ")


def _ran(run: ToolRun) -> str:
    """Return what a demo was called with and what came of it."""
    error = run.result.get("error")
    found = error.get("message", "") if isinstance(error, dict) else run.result.get("numbers")
    told = found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)
    shown = told if len(told) <= _MOST_FIGURES else told[:_MOST_FIGURES] + "…"
    return f"`{call(run)}` {'✗' if error else '→'} {shown}".replace("\n", " ")


def _sources(answer: Answer) -> str:
    """Return the citations as notes under the text, those of one section together; files by their names."""
    if answer.status is not Status.ANSWERED or not answer.citations:
        return ""
    lines = [f"**{say('sources', language_of(answer.question))}**", ""]
    for _, quoted in groupby(answer.citations, key=lambda c: (c.path, c.heading_path)):
        citations = list(quoted)
        numbers = "".join(f"[{citation.n}]" for citation in citations)
        lines.append(f"- {numbers} {_heading(citations[0])} · `{_place(citations)}`")
    return "\n".join(lines)


def _extras(answer: Answer) -> dict[str, Any]:
    return {
        "sources": [_source(citation) for citation in answer.citations],
        "status": answer.status.value,
        "mode": answer.mode,
    }


def _source(citation: Citation) -> dict[str, Any]:
    """Return a citation as everywhere, its file by name, with what Open WebUI draws its own list of sources from."""
    place = {"path": Path(citation.path).name}
    own = citation.to_dict() | place
    if "also" in own:
        own["also"] = [other | {"path": Path(other["path"]).name} for other in own["also"]]
    shown = _place([citation])
    return {
        **own,
        "source": {"id": shown, "name": _heading(citation)},
        "document": [citation.quote],
        "metadata": [{"source": shown, "name": _heading(citation)}],
    }


def _heading(citation: Citation) -> str:
    return " › ".join(dict.fromkeys(citation.heading_path)) or citation.topic


def _place(citations: Sequence[Citation]) -> str:
    name, at = Path(citations[0].path).name, citations[0].location
    spans = ",".join(_span(citation.location) for citation in citations)
    return f"{name}:{spans}" if at.kind is LocationKind.LINES else f"{name} ({at.kind.value} {spans})"


def _span(at: Location) -> str:
    return f"{at.first}" if at.first == at.last else f"{at.first}-{at.last}"


async def _note_gap(service: Service, caller: Caller, answer: Answer) -> None:
    if answer.status is not Status.NOT_IN_NOTES or Scope.LEARN not in caller.scopes:
        return
    question = answer.standalone or answer.question
    with suppress(StudyError):  # the answer is given, whether its gap can be kept or not
        now = service.clock()
        await service.run(lambda: service.store.gaps.record(caller.learner, question, answer.nearest, now))
