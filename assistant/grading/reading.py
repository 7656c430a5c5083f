"""Key points read for their meaning: each wording as clauses, with what the lines before it leave to be understood."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from assistant.grading.meaning import Meaning, carried, each, read
from assistant.grading.subjects import Groups
from assistant.grading.types import KeyPoint
from corpus.glossary import Glossary

#: Characters and clauses of a point that only names something.
_NAME_LENGTH, _NAME_CLAUSES = 24, 2


@dataclass(frozen=True)
class Statement:
    """A key point and the clauses of each of its wordings."""

    point: KeyPoint
    wordings: tuple[tuple[Meaning, ...], ...]

    @cached_property
    def meanings(self) -> tuple[Meaning, ...]:
        """The clauses of all wordings."""
        return tuple(meaning for wording in self.wordings for meaning in wording)

    @cached_property
    def aspects(self) -> frozenset[str]:
        """The aspects that the point stands under."""
        return frozenset(aspect for meaning in self.meanings for aspect in meaning.aspects)

    @cached_property
    def terms(self) -> frozenset[str]:
        """Everything that the point names."""
        return frozenset().union(*(meaning.terms for meaning in self.meanings))

    @property
    def nominal(self) -> bool:
        """Whether the note only names things here, as in a list of remedies: then naming them is an answer."""
        denies = any(fact.sign < 0 for meaning in self.meanings for fact in meaning.facts)
        short = len(self.point.wordings[0]) <= _NAME_LENGTH and len(self.wordings[0]) <= _NAME_CLAUSES
        return short and not denies

    @property
    def line(self) -> Hashable:
        """Equal for points that stand on one line of a note; a point of the note's own list stands alone."""
        citation = self.point.citation
        if citation is None or self.point.written:
            return self.point
        return (citation.path, citation.location)


def read_points(points: Iterable[KeyPoint], glossary: Glossary) -> tuple[Statement, ...]:
    """Read `points` in order. A sentence on the line of the one before it goes on about the same subject."""
    statements: list[Statement] = []
    subjects: Groups = {}
    line: Hashable = None
    for point in points:
        statement = Statement(point, ())
        goes_on = statement.line == line
        before = statements[-1].wordings[0] if goes_on and statements[-1].wordings else ()
        start = subjects if goes_on else {}
        wordings = [_wording(text, point, start, before, glossary) for text in point.wordings]
        line, subjects = statement.line, wordings[-1][-1].subjects if wordings and wordings[-1] else {}
        statements.append(replace(statement, wordings=tuple(wordings)))
    return tuple(statements)


def _wording(
    text: str, point: KeyPoint, start: Groups, before: Sequence[Meaning], glossary: Glossary
) -> tuple[Meaning, ...]:
    """Return the clauses of `text`, and after them what the labels above it say."""
    clauses = carried(each(text, glossary, point.label), start, before)
    if not clauses or not point.label:
        return tuple(clauses)
    first = clauses[0]
    labels = [m for m in read(point.label, glossary) if m.says_something]
    return (
        *clauses,
        *(replace(m, subjects={**first.subjects, **m.own_subjects}, aspects=first.aspects) for m in labels),
    )
