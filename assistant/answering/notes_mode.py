"""Answers without a model: the notes' own sentences, each with its citation, and the demo that fits."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence
from itertools import count

from assistant.answering import demo_choice
from assistant.answering.premises import premise_of
from assistant.answering.quoting import BUDGET, Quote, quotes_for
from assistant.answering.types import PartialEvent, Request
from assistant.events import Citation, Cited, Text
from assistant.language import Language, mostly, say
from corpus.glossary import Glossary
from index.library import Library
from index.types import Hit

# A second topic is quoted too when it fits the question nearly as well as the first.
_ALSO_FROM = 0.8
_MOST_TERMS = 6
_LIST_MARK = re.compile(r"^(?:[-*+]|\d{1,2}[.)、])\s+")


class NotesMode:
    """Composes answers from quotes. Implements `Answerer`."""

    mode = "notes"

    def __init__(self, library: Library, glossary: Glossary) -> None:
        self._library = library
        self._glossary = glossary

    def answer(self, request: Request) -> Generator[PartialEvent, None, None]:
        """Quote the best topic, and a second one if it fits nearly as well; then compute what can be computed."""
        numbers = count(1)
        if request.found.covered:
            first, *others = request.found.hits
            opening = "premise" if premise_of(request.question) else "from_notes"
            yield from self._topic(first, request, opening, BUDGET, numbers)
            for hit in others[:1]:
                if hit.score >= _ALSO_FROM * first.score and not hit.topic.stub:
                    yield from self._topic(hit, request, "also_from", BUDGET // 2, numbers)
        yield from demo_choice.answer(request, self._glossary)

    def _topic(
        self, hit: Hit, request: Request, phrase: str, budget: int, numbers: count[int]
    ) -> Iterator[PartialEvent]:
        topic, language = hit.topic, request.language
        if topic.stub:
            yield Text(say("stub", language, topic=topic.title) + "\n\n")
            yield from _cited([_whole(hit)], numbers)
            return
        quotes = quotes_for(
            topic,
            self._library.importance(request.standalone),
            self._library.terms_of,
            language,
            budget,
        ) or [_whole(hit)]
        premise = premise_of(request.question)
        yield Text(say(phrase, language, topic=topic.title, premise=premise) + "\n\n")
        yield from _cited(quotes, numbers)
        quoted = "\n".join(quote.text for quote in quotes)
        if mostly(quoted) is not language:
            yield Text(say("other_language", language, terms=self._terms(quoted, language)) + "\n\n")

    def _terms(self, text: str, language: Language) -> str:
        """Glossary pairs for the concepts in `text`: a reader's aid, never a translation of the sentences."""
        pairs: dict[str, str] = {}
        for match in self._glossary.find(text):
            concept = self._glossary.concepts[match.concept]
            names = concept.zh if language is Language.ZH else concept.en
            translation = names[0] if names else ""
            surface = text[match.start : match.end]
            foreign = mostly(surface) is not language
            if translation and foreign:
                pairs.setdefault(match.concept, f"{surface} = {translation}")
        return say("terms", language, pairs="; ".join(list(pairs.values())[:_MOST_TERMS])) if pairs else ""


def _whole(hit: Hit) -> Quote:
    return Quote(hit.passage, hit.passage.location, hit.passage.text.strip("\n"))


def _cited(quotes: Sequence[Quote], numbers: count[int]) -> Iterator[PartialEvent]:
    for quote in quotes:
        citation = Citation(
            n=next(numbers),
            topic=quote.passage.topic,
            heading_path=quote.passage.heading_path,
            path=str(quote.passage.path),
            location=quote.location,
            quote=quote.text,
            passage_id=quote.passage.passage_id,
        )
        yield Cited(citation)
        yield Text(_bullet(quote.text, citation.n))
    yield Text("\n")


def _bullet(text: str, n: int) -> str:
    """One quote as a list item: the note's own bullet is not repeated, a block keeps its lines."""
    first, *more = [line for line in _LIST_MARK.sub("", text).split("\n") if line.strip()]
    if not more:
        return f"- {first} [{n}]\n"
    if first.lstrip().startswith(("```", "~~~", "$$", "|")):
        return "\n  ".join([f"- {first}", *more, f"[{n}]"]) + "\n"
    return "\n  ".join([f"- {first}", *(line.strip() for line in more)]) + f" [{n}]\n"
