"""A passage as the terms it is found by: those of its text, and of its headings, which count more often."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from corpus import descriptions
from corpus.glossary import Glossary
from corpus.types import Passage
from index import terms

# Words of a title count as if they stood this often in the text: a heading says what a passage is about.
_HEADING_TIMES = 4.0
_SEARCH_TEXT_TIMES = 1.0
_DESCRIPTION_TIMES = 1.0


def fingerprint(glossary: Glossary) -> str:
    """Return what changes whenever a passage would become other terms."""
    return (
        f"{terms.VERSION} {glossary.fingerprint} {descriptions.fingerprint()} {_HEADING_TIMES} "
        f"{_SEARCH_TEXT_TIMES} {_DESCRIPTION_TIMES}"
    )


def documents(passages: Iterable[Passage], glossary: Glossary) -> Iterator[dict[str, float]]:
    """Yield for each passage term -> how often it counts."""
    path: tuple[str, ...] | None = None
    heading: dict[str, float] = {}
    for passage in passages:
        document = dict(terms.terms(passage.text, glossary))
        if passage.heading_path != path:  # the passages of a topic mostly share theirs
            path, heading = passage.heading_path, _of_heading(passage.heading_path, glossary)
        terms.add(document, heading, 1.0)
        if passage.search_text:
            terms.add(document, terms.terms(passage.search_text, glossary), _SEARCH_TEXT_TIMES)
        yield document


def _of_heading(path: tuple[str, ...], glossary: Glossary) -> dict[str, float]:
    """Return what a heading path adds to a passage: its own terms, and how people speak of its concepts."""
    heading = terms.terms(" \n ".join(path), glossary)
    known = descriptions.load_descriptions()
    concepts = (term.removeprefix(terms.CONCEPT) for term in heading if term.startswith(terms.CONCEPT))
    phrases = [phrase for concept in concepts for phrase in known.get(concept, ())]
    found: dict[str, float] = {}
    terms.add(found, heading, _HEADING_TIMES)
    terms.add(found, dict.fromkeys(terms.terms(" \n ".join(phrases), glossary), 1.0), _DESCRIPTION_TIMES)
    return found
