"""The cards of a deck: a question, its answer and its place in the notes for each group of points that is reviewed.

Exercises are left out: their numbers are drawn anew each time, which a printed card cannot do.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from assistant.language import Language
from assistant.progress.gathering import Progress
from assistant.progress.standing import Standing, SubjectStanding, TopicStanding
from assistant.quiz.quizmaster import Quizmaster
from assistant.quiz.types import Form, Question
from corpus.types import Location, LocationKind

#: Kinds of open questions, drawn from before a gap to fill, which is drawn where no open question fits.
_OPEN = (
    "compare define derive diagnose explain how_to_fix limits predict_the_change pros_and_cons use why"
).split()
_CLOZE = ("cloze",)


@dataclass(frozen=True, slots=True)
class DeckCard:
    """One card in plain text with Markdown in it. `card_id` stays the same when the words of the note change."""

    card_id: str
    question: str
    answer: str
    source: str
    tags: tuple[str, ...]


def deck(
    progress: Progress, topics: Iterable[TopicStanding], *, only_missed: bool = False
) -> Iterator[DeckCard]:
    """Yield a card for each group of `topics` that the notes give a question about, in the order of the notes."""
    for topic in topics:
        for part in topic.subjects:
            if part.subject.demo or (only_missed and not part.is_shaky):
                continue
            question = _question(progress.quizmaster, part, progress.language)
            if question is not None:
                yield _card(question, part, progress.language)


def _question(master: Quizmaster, part: SubjectStanding, language: Language) -> Question | None:
    """Return always the same question about a subject, as long as its note stays as it is."""
    subject = part.subject
    other = None
    for kinds in (_OPEN, _CLOZE):
        found = master.ask(
            Random(subject.key), topics=[subject.topic], group=subject.group, kinds=kinds, language=language
        )
        if found is not None and found.language is language:
            return found
        other = other or found
    return other


def _card(question: Question, part: SubjectStanding, language: Language) -> DeckCard:
    key = f"{language.value}\0{part.subject.key}"
    answer = question.model_answer
    if question.form is Form.CLOZE and question.accepted and question.accepted[0] not in answer:
        answer = f"{question.accepted[0]}\n{answer}"
    citation = question.citation
    where = source(citation.path, citation.location, citation.heading_path)
    standing = () if part.standing is Standing.NEVER_ASKED else (f"standing::{part.standing.value}",)
    tags = (f"topic::{tag(question.topic)}", f"kind::{question.kind}", *standing)
    # A letter in front, or a spreadsheet takes an id such as 12e45 for a number.
    return DeckCard(f"q{hashlib.sha256(key.encode()).hexdigest()[:15]}", question.prompt, answer, where, tags)


def source(path: str, location: Location, headings: Sequence[str]) -> str:
    """Return where a card is from: the file's name, which says nothing of whose machine it is on, and the headings."""
    span = f"{location.first}" if location.first == location.last else f"{location.first}-{location.last}"
    kind = ":" if location.kind is LocationKind.LINES else f" {location.kind.value} "
    return f"{Path(path).name}{kind}{span} · {' › '.join(dict.fromkeys(headings))}"


def tag(title: str) -> str:
    """Return a title as one tag: Anki separates tags by spaces and parts of one by `::`, and quotes break searches."""
    folded = unicodedata.normalize("NFKC", title).strip().rstrip(":")
    return re.sub(r"[\s\"'*:]+", "_", folded).strip("_")
