"""What to write next: the questions that the notes did not cover, put together by what they ask about.

A note is written about a subject and not about a wording, so 「LSTM 的三个门」 and "What do LSTM gates do?" are one
line. The subject is the first name of the glossary in a question; small talk and other fields have none. Nothing is
read from disk or ranked anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from assistant.store.records import Gap
from corpus.glossary import Glossary


@dataclass(frozen=True, slots=True)
class Subject:
    """Gaps about one thing. `name` is the glossary's, empty where the question names nothing that it knows."""

    name: str
    gaps: tuple[Gap, ...]

    @property
    def count(self) -> int:
        """How often it was asked about."""
        return sum(gap.count for gap in self.gaps)

    @property
    def nearest_topics(self) -> tuple[str, ...]:
        """The topics of the notes that came nearest, without repetition, those of the first gap first."""
        return tuple(dict.fromkeys(topic for gap in self.gaps for topic in gap.nearest_topics))


def by_subject(gaps: Iterable[Gap], glossary: Glossary) -> tuple[Subject, ...]:
    """Return the subjects of `gaps`, the most asked first and equals in the order they come in.

    A question that names nothing of the glossary is a subject of its own, behind all that are named.
    """
    found: dict[str, list[Gap]] = {}
    nameless = []
    for gap in gaps:
        concepts = [match.concept for match in glossary.find(gap.question)]
        if concepts:
            found.setdefault(_name(concepts[0], glossary), []).append(gap)
        else:
            nameless.append(Subject("", (gap,)))
    named = [Subject(name, tuple(group)) for name, group in found.items()]
    return tuple(sorted([*named, *nameless], key=lambda subject: (not subject.name, -subject.count)))


def _name(concept: str, glossary: Glossary) -> str:
    """Return a short usual name: LSTM, BERT."""
    named = glossary.concepts[concept]
    return named.abbr[0] if named.abbr else min(named.names, key=len)
