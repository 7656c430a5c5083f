"""A report written down: as JSON, as Markdown, as a page of HTML, and as lines for the terminal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import tzinfo
from pathlib import Path
from typing import Any

from assistant.events import Citation
from assistant.grading.types import Verdict
from assistant.interview import wording
from assistant.interview.document import Heading, Levels, Point, Points, Said, Text, blocks
from assistant.interview.exchanges import Exchange
from assistant.interview.page import page
from assistant.interview.report import Gap, QuestionReport, Report
from assistant.interview.types import Finding
from assistant.language import Language

MARKS = {Verdict.HIT: "✓", Verdict.PARTIAL: "◐", Verdict.MISSED: "○", Verdict.CONTRADICTED: "✗", None: "-"}
_TONES = {"strong": "bold", "dim": "dim", "label": "cyan", "": ""}
_VERDICT_TONES = {Verdict.HIT: "green", Verdict.PARTIAL: "yellow", Verdict.CONTRADICTED: "yellow"}
# What Markdown would take for markup of its own at the start of a line, or for HTML anywhere.
_LINE_START = re.compile(r"^(\s*\d*)([#>|+.)-]|={3,}|~{3,}|`{3,})", re.MULTILINE)


def to_dict(report: Report) -> dict[str, Any]:
    """Return the report as JSON takes it."""
    return {
        "interview": report.interview_id,
        "profile": report.profile,
        "language": report.language,
        "began": report.began.isoformat(),
        "seconds": round(report.seconds),
        "complete": report.complete,
        "overall": report.overall.value,
        "signals": {signal.value: word.value for signal, word in report.signals},
        "topics": [{"topic": topic, "level": word.value} for topic, word in report.topics],
        "gaps": [_gap(gap) for gap in report.gaps],
        "misconceptions": [_gap(gap) for gap in report.misconceptions],
        "reviews": [{"topic": one.topic, "due": one.due.isoformat()} for one in report.reviews],
        "earlier": [
            {
                "interview": one.interview_id,
                "began": one.began.isoformat(),
                "overall": one.overall.value,
                "topics": [{"topic": topic, "level": word.value} for topic, word in one.topics],
            }
            for one in report.earlier
        ],
        "graded_by": list(report.graded_by),
        "questions": [_question(question) for question in report.questions],
    }


def _question(question: QuestionReport) -> dict[str, Any]:
    return {
        "topic": question.topic,
        "rung": question.rung.value,
        "prompt": question.prompt,
        "level": question.word.value,
        "points": [_finding(finding) for finding in question.findings],
        "exchanges": [_exchange(exchange) for exchange in question.exchanges],
        "model_answer": question.model_answer,
        "citation": question.citation.to_dict() if question.citation else None,
        "hints": question.hints,
        "seconds": round(question.seconds),
    }


def _exchange(exchange: Exchange) -> dict[str, Any]:
    return {
        "question": exchange.question,
        "probe": exchange.probe.value if exchange.probe else None,
        "answer": exchange.answer,
        "manner": exchange.manner.value,
        "level": exchange.level.value if exchange.level else None,
        "changed": [_finding(finding) for finding in exchange.changed],
        "missed": [_finding(finding) for finding in exchange.missed],
        "model_answer": exchange.model_answer,
        "seconds": round(exchange.seconds),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "text": finding.point.text,
        "verdict": finding.verdict.value,
        "evidence": finding.evidence,
        "citation": finding.point.citation.to_dict() if finding.point.citation else None,
    }


def _gap(gap: Gap) -> dict[str, Any]:
    return {"topic": gap.topic, **_finding(gap.finding)}


def html(report: Report, zone: tzinfo | None = None) -> str:
    """Return the report as one page that needs nothing beside itself."""
    return page(report, zone)


def markdown(report: Report, zone: tzinfo | None = None, *, linked: bool = True) -> str:
    """Return the report as Markdown; not `linked`, for another machine, it names the files of notes without a path."""
    language, link = Language(report.language), _link if linked else _name
    return "\n\n".join(_markdown(block, language, link) for block in blocks(report, zone)) + "\n"


def _markdown(
    block: Heading | Text | Said | Points | Levels, language: Language, link: Callable[[Citation | None], str]
) -> str:
    match block:
        case Heading(level, text):
            return f"{'#' * level} {_tagless(text)}"
        case Text(text, tone, citation):
            told = _plain(text)
            return (f"**{told}**" if tone in ("strong", "label") else told) + link(citation)
        case Said(text):
            return "\n".join(f"> {line}".rstrip() for line in _plain(text).split("\n"))
        case Points(points):
            return "\n".join(f"- {_listed(point, language, link)}" for point in points)
        case Levels(rows):
            table = [f"| {_cell(name)} | {wording.name(word, language)} |" for name, word in rows]
            return "\n".join(("| | |", "| --- | --- |", *table))


def _listed(point: Point, language: Language, link: Callable[[Citation | None], str]) -> str:
    mark = f"{MARKS[point.verdict]} " if point.verdict else ""
    words = _words(point, language)
    return f"{mark}{_plain(point.text)}{_plain(words)}{link(point.citation)}"


def _words(point: Point, language: Language) -> str:
    """Return the candidate's words behind a point, and what a bare mark would leave unsaid."""
    told = ""
    if point.verdict in (Verdict.CONTRADICTED, Verdict.PARTIAL):
        told = wording.say(point.verdict.value, language)
    if point.words:
        said = wording.say("you_said", language, words=point.words)
        told = f"{told}{'，' if language is Language.ZH else ', '}{said}" if told else said
    if not told:
        return ""
    return f"（{told}）" if language is Language.ZH else f" ({told})"


def _link(citation: Citation | None) -> str:
    """Return a link to the file of a citation, the lines in its text."""
    if citation is None:
        return ""
    target = re.sub(r"[\s<>()\\]", lambda found: f"%{ord(found[0]):02X}", citation.path)
    return f" [{_cell(wording.where(citation))}]({target})"


def _name(citation: Citation | None) -> str:
    """Return the name of the file of a citation, and its lines."""
    if citation is None:
        return ""
    return f" ({_cell(wording.where(replace(citation, path=Path(citation.path).name)))})"


def _plain(text: str) -> str:
    """Return `text` so that Markdown shows it as it is; formulas keep their signs."""
    return _LINE_START.sub(r"\1\\\2", _tagless(text).replace("](", "]\\("))


def _tagless(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _cell(text: str) -> str:
    return _plain(text).replace("|", "\\|").replace("\n", " ").replace("[", "\\[").replace("]", "\\]")


def lines(
    report: Report, zone: tzinfo | None = None, shorten: Callable[[str], str] = str
) -> Iterator[tuple[str, str]]:
    """Yield the lines of the report, each with a style of the terminal; `shorten` makes paths shorter."""
    language = Language(report.language)
    for block in blocks(report, zone):
        match block:
            case Heading(level, text):
                yield "", ""
                yield text, "bold"
                if level < 3:
                    yield "", ""
            case Text(text, tone, citation):
                if tone == "label" or citation:
                    yield "", ""
                yield text, _TONES[tone]
                if citation:
                    yield f"  {shorten(wording.where(citation))}", "dim"
            case Said(text):
                for line in text.split("\n"):
                    yield f"  │ {line}", ""
            case Points(points):
                for point in points:
                    mark = MARKS[point.verdict]
                    yield (
                        f"{mark} {point.text}{_words(point, language)}",
                        _VERDICT_TONES.get(point.verdict, "") if point.verdict else "",
                    )
                    if point.citation and point.verdict is not Verdict.HIT:
                        yield f"  {shorten(wording.where(point.citation))}", "dim"
            case Levels(rows):
                for name, word in rows:
                    yield f"{_dots(wording.STEPS.get(word))} {wording.name(word, language)} · {name}", ""


def _dots(step: int | None) -> str:
    return "····" if step is None else "●" * step + "○" * (4 - step)
