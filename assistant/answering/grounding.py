"""Whether what a model said stands in the passages it was given, sentence by sentence.

A sentence is compared with the passages it cites, or with all of them where it cites none: by its terms and
concepts, by its nearness to a sentence of theirs, and by its figures, each of which must stand there. This finds what
was made up or brought in from elsewhere; `opposing` finds what says the opposite in the passages' own words, swapped
roles and denials. `benchmarks/grounding.py` measures both.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.answering.opposing import Claim, claims_of, opposition
from assistant.answering.quoting import prose_language, units_of
from assistant.events import Notice, ToolRun
from assistant.language import Language, mostly, say
from corpus.glossary import Glossary
from corpus.types import Passage
from index import terms
from index.types import Embedder

#: Shares of terms found and of nearness in the score, and the score from which a sentence counts as supported.
#: A supported sentence called unsupported is the worse mistake: people stop reading warnings that are wrong.
TERMS_SHARE, THRESHOLD = 0.75, 0.55
#: Weight of terms that every sentence is given, or short ones would fall by one verb of their own.
GIVEN = 2.5
#: Where the passages are in another language only concepts can be compared: so much of them must be there.
CONCEPTS_NEEDED = 0.5
#: Terms that weigh less together than these hold too little to check figures by, and to check words by: of eight
#: Chinese characters around one name half are pairs that no other wording has.
LEAST_FOR_FIGURES, LEAST_FOR_WORDS = 4.0, 10.0

_FENCE = re.compile(r"^\s*(```|~~~).*?(^\s*\1|\Z)", re.DOTALL | re.MULTILINE)
_MARKER = re.compile(r"\s*\[(\d{1,2})\]")
_SENTENCE = re.compile(
    r"[^。！？!?；\n]*?(?:[。！？!?；]+|(?<!\d)\.(?=\s|\[|$)|\.(?=\s*$)|\n|$)(?:\s*\[\d{1,2}\])*", re.M
)
_LIST_MARK = re.compile(r"^(?:[-*+•]|\d{1,2}[.)、])\s+")
# Headings, rows of tables, what only leads to a list, questions, and what is said about the notes themselves.
_NO_FACT = re.compile(
    r"^(#|\|)|[:：?？]\s*$|笔记(里|中)?(没有|并没有|未|只有|不)|没有(提到|讲到|涉及|覆盖)|"
    r"\bnotes?\b.{0,24}\b(not|no|only|nothing)\b|\b(not|n't) (covered?|mention)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?<![A-Za-z\d.])\d+(?:,\d{3})*(?:\.\d+)?")
_HAN = re.compile(r"[㐀-鿿]")
#: Characters below which an answer (OK, 16) has no language.
_SHORT_ANSWER = 24
#: Figures that stand in every sentence: one, two.
_SMALL = frozenset({0.0, 1.0, 2.0})


def doubted(
    text: str,
    passages: Sequence[Passage],
    runs: Sequence[ToolRun],
    language: Language,
    glossary: Glossary,
    embedder: Embedder,
) -> Iterator[Notice]:
    """Yield a notice for each sentence that `doubts` returns, and for an answer in another language."""
    prose = _MARKER.sub("", _FENCE.sub("\n", text))
    if len(prose) > _SHORT_ANSWER and spoken(prose) is not language:
        yield Notice(say("other_tongue", language))
    computed = [json.dumps([dict(run.arguments), dict(run.result)], default=str) for run in runs]
    for doubt in doubts(text, passages, glossary, embedder, computed):
        cited, elsewhere = (
            "".join(f"[{number}]" for number in numbers) for numbers in (doubt.cited, doubt.elsewhere)
        )
        told = say(
            _phrase(doubt),
            language,
            sentence=doubt.sentence,
            cited=cited,
            elsewhere=elsewhere,
            against=doubt.against,
        )
        yield Notice(told, unsupported=doubt.sentence)


def _phrase(doubt: Doubt) -> str:
    if doubt.against:
        return "opposed"
    return "cited_elsewhere" if doubt.elsewhere else "unsupported_cited" if doubt.cited else "unsupported"


def spoken(text: str) -> Language:
    """Return the language of an answer: Chinese among many English terms is Chinese, a Chinese term in English not."""
    return Language.ZH if len(_HAN.findall(text)) > len(text) / 8 else mostly(text)


@dataclass(frozen=True, slots=True)
class Doubt:
    """A sentence of the answer that its passages do not support.

    `elsewhere`: those given that do, by number. `against`: the sentence of a passage that says the opposite; then
    `cited` holds that passage alone.
    """

    sentence: str
    cited: tuple[int, ...]
    elsewhere: tuple[int, ...] = ()
    against: str = ""


def doubts(
    text: str,
    passages: Sequence[Passage],
    glossary: Glossary,
    embedder: Embedder,
    computed: Sequence[str] = (),
) -> list[Doubt]:
    """Return the sentences of an answer with markers that the numbered `passages` do not support, in order.

    `computed` are results of tools, as text: a sentence with a figure of theirs is not doubted here.
    """
    sources = [Source([passage], glossary, embedder) for passage in passages]
    every = Source(passages, glossary, embedder)
    results = {figure for result in computed for figure in figures(result)} - _SMALL
    claims = {claim: n for n, passage in enumerate(passages, 1) for claim in claims_of(passage, glossary)}
    found: list[Doubt] = []
    for sentence, cited in sentences(text):
        if figures(sentence) & results:
            continue
        if opposed := _opposed(sentence, claims, glossary):
            found.append(opposed)
            continue
        chosen = Source([passages[n - 1] for n in cited], glossary, embedder) if cited else every
        if chosen.supports(sentence):
            continue
        elsewhere = tuple(
            n for n, source in enumerate(sources, 1) if n not in cited and source.supports(sentence)
        )
        if cited or not elsewhere:
            found.append(Doubt(sentence, cited, elsewhere))
    return found


def _opposed(sentence: str, claims: Mapping[Claim, int], glossary: Glossary) -> Doubt | None:
    """Return the doubt about a sentence whose opposite stands in any passage given, cited or not."""
    against = opposition(sentence, tuple(claims), glossary)
    return Doubt(sentence, (claims[against],), against=against.source) if against else None


def sentences(text: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield the sentences that state something, without list marks and markers, each with the numbers it cites."""
    for match in _SENTENCE.finditer(_FENCE.sub("\n", text)):
        cited = tuple(dict.fromkeys(int(number) for number in _MARKER.findall(match[0])))
        sentence = _MARKER.sub("", match[0]).strip()
        if sentence and not _NO_FACT.search(sentence):
            yield _LIST_MARK.sub("", sentence), cited


def figures(text: str) -> frozenset[float]:
    """Return the numbers in `text`; those inside a name, such as L2 or VGG16, are none."""
    return frozenset(float(number.replace(",", "")) for number in _NUMBER.findall(text))


class Source:
    """Passages that a sentence may rest on."""

    def __init__(self, passages: Sequence[Passage], glossary: Glossary, embedder: Embedder) -> None:
        self._glossary, self._embedder = glossary, embedder
        text = "\n".join("\n".join((*passage.heading_path, passage.text)) for passage in passages)
        self._terms = terms.terms(text, glossary).keys()
        self._figures = figures(text)
        units = [unit.text for passage in passages for unit in units_of(passage)]
        self._units = embedder.embed_passages(units) if units else None
        self._languages = {language for unit in units if (language := prose_language(unit))}

    def supports(self, sentence: str) -> bool:
        """Say whether `sentence` rests on these passages; a sentence too poor to check does."""
        said = {
            term: terms.weight(term)
            for term in terms.terms(sentence, self._glossary)
            if not term.startswith(terms.INTENT)
        }
        weight = sum(said.values())
        if weight >= LEAST_FOR_FIGURES and not all(self._holds(f) for f in figures(sentence) - _SMALL):
            return False
        if weight < LEAST_FOR_WORDS:
            return True
        if self._languages and mostly(sentence) not in self._languages:
            concepts = {term: share for term, share in said.items() if term.startswith(terms.CONCEPT)}
            return not concepts or self._share(concepts) >= CONCEPTS_NEEDED
        return self.score(sentence, said) >= THRESHOLD

    def score(self, sentence: str, said: dict[str, float]) -> float:
        """Return how well `sentence`, of the weighted terms `said`, is supported, in 0..1."""
        near = 0.0
        if self._units is not None:
            [vector] = self._embedder.embed_passages([sentence])
            near = float(np.max(self._units @ vector))
        return TERMS_SHARE * self._share(said, GIVEN) + (1 - TERMS_SHARE) * max(near, 0.0)

    def _share(self, said: dict[str, float], given: float = 0.0) -> float:
        found = sum(weight for term, weight in said.items() if term in self._terms)
        return (found + given) / (sum(said.values()) + given)

    def _holds(self, figure: float) -> bool:
        """Whether a figure stands in the passages, as it is or as a percentage."""
        return any(abs(figure * times - known) < 1e-9 for times in (1, 100, 0.01) for known in self._figures)
