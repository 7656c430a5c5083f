"""How well each demo fits a question: asked for in its words, named by the notes found, or on the same subject."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import NamedTuple

from assistant.answering.types import Request
from assistant.demo_kit import registry
from assistant.demo_kit.question import read_facts
from corpus.glossary import Glossary
from corpus.types import Topic


class Fit(NamedTuple):
    """What speaks for a demo, the strongest reason first, so that fits compare.

    `subject` is the sum over the concepts it shares with the question and the best topic, each worth one over
    the number of demos that have it: what every second demo is about tells none of them apart.
    """

    asked: bool
    named: bool
    subject: float


def ranked(request: Request, glossary: Glossary, asked: Collection[str] | None = None) -> dict[str, Fit]:
    """Return the demos that fit `request` at all, the best first, equal ones by name.

    `asked` names those that the question asks for in its words, where that is known: finding out takes the longest.
    """
    if asked is None:
        facts = read_facts(request.question)
        asked = {demo.name for demo in registry.demos() if demo.read_question(facts) is not None}
    hits = request.found.hits
    named = {name for hit in hits for name in _named_by(hit.topic)}
    about = {
        match.concept
        for text in (request.standalone, *(hit.topic.title for hit in hits[:1]))
        for match in glossary.find(text)
    }
    subjects = _subjects(glossary)
    demos_with = Counter(concept for subject in subjects.values() for concept in subject)
    fits = {
        demo.name: Fit(
            asked=demo.name in asked,
            named=demo.name in named,
            subject=sum(1 / demos_with[concept] for concept in about & subjects[demo.name]),
        )
        for demo in registry.demos()
    }
    best = sorted((name for name in fits if any(fits[name])), key=lambda name: fits[name], reverse=True)
    return {name: fits[name] for name in best}


def _subjects(glossary: Glossary) -> dict[str, frozenset[str]]:
    """The concepts that each demo is about, found once a glossary: it takes longer than the rest of a prompt."""
    for known, subjects in _FOUND[:1]:
        if known is glossary:
            return subjects
    subjects = {
        demo.name: frozenset(match.concept for topic in demo.topics for match in glossary.find(topic))
        for demo in registry.demos()
    }
    _FOUND[:] = [(glossary, subjects)]
    return subjects


#: The last glossary and what was found with it; a glossary cannot be hashed.
_FOUND: list[tuple[Glossary, dict[str, frozenset[str]]]] = []


def _named_by(topic: Topic) -> tuple[str, ...]:
    return topic.front_matter.demos if topic.front_matter else ()
