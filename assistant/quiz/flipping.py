"""Statements of a note turned false: a word by its opposite, two things by each other, a number by another one.

A statement so made may be true by accident, so each is held against everything the note says: only one that the
note itself contradicts is kept. A number is kept where the note has it nowhere.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from assistant.grading.contradiction import Stance, checked
from assistant.grading.lexicon import lexicon
from assistant.grading.matching import Given
from assistant.grading.meaning import read
from assistant.grading.reading import Statement, read_points
from assistant.grading.types import KeyPoint
from assistant.language import Language
from corpus.glossary import Glossary

#: A number that is a value: said to be so much, and neither a size such as 3×3 nor part of a name or a formula.
_VALUE = re.compile(
    r"(?:为|是|等于|约为|约是|只有|变成|不超过|最大|降到|is|are|at most|only|about|equals|than) ?(?:约 ?|about )?"
    r"(?P<value>\d+(?:\.\d+)?)"
    r"(?P<unit>%|％| ?倍| ?次| ?个| ?times)?(?![\w.,，^×*/$+\-]|\s?[×x*/^+−\-]|\s[A-Za-z])"
)
_NEGATED = re.compile(r"[不没无未]|\b(?:not|never|cannot|no|without|hardly)\b", re.IGNORECASE)
_REASON = re.compile(r"因为|是因为|because|since", re.IGNORECASE)
# Where both are said of together nothing changes when they change places.
_TOGETHER = re.compile(r"^\s*(?:和|与|、|及|以及|或|,|，|/|and|or)\s*$")


@dataclass(frozen=True, slots=True)
class Flipped:
    """A false statement, the point that it twists, and the words that were put in place of others."""

    text: str
    point: KeyPoint
    put: str


class Flipper:
    """Turns statements of one topic false, and knows what its note says."""

    def __init__(self, points: Sequence[KeyPoint], glossary: Glossary) -> None:
        self._glossary = glossary
        self._statements: tuple[Statement, ...] = read_points(points, glossary)
        self._made: dict[tuple[str, Language], tuple[Flipped, ...]] = {}
        self._note = "\n".join(text for point in points for text in (*point.wordings, point.text))

    def flipped(self, point: KeyPoint, said: str, language: Language) -> tuple[Flipped, ...]:
        """Return false statements made of `said`, a wording of `point`; they are made once."""
        if (said, language) not in self._made:
            self._made[said, language] = tuple(self._flipped(point, said, language))
        return self._made[said, language]

    def _flipped(self, point: KeyPoint, said: str, language: Language) -> Iterator[Flipped]:
        for text, put in (*_by_opposite(said, language), *self._by_swap(said)):
            if self._denies(text):
                yield Flipped(text, point, put)
        yield from self._by_number(point, said)

    def _denies(self, text: str) -> bool:
        """Whether the note contradicts a clause of `text`."""
        nothing = Given.of([])
        stances = [
            checked(clause, self._statements, nothing, self._glossary).stance
            for clause in read(text, self._glossary)
        ]
        return Stance.DENIES in stances or Stance.SWAPPED in stances

    def _by_swap(self, said: str) -> Iterator[tuple[str, str]]:
        """Yield `said` with two members of a contrast in each other's place."""
        named = self._glossary.find(said)
        for contrast in lexicon().contrasts:
            members = [match for match in named if match.concept in contrast.concepts]
            if len(members) != 2 or members[0].concept == members[1].concept:
                continue
            one, other = members
            if _TOGETHER.match(said[one.end : other.start]):
                continue
            first, second = said[one.start : one.end], said[other.start : other.end]
            if one.start == 0:
                first, second = _inside(first, one.name), second[:1].upper() + second[1:]
            text = said[: one.start] + second + said[one.end : other.start] + first + said[other.end :]
            yield _spaced(text), second

    def _by_number(self, point: KeyPoint, said: str) -> Iterator[Flipped]:
        values = list(_VALUE.finditer(said))
        if len(values) != 1:
            return
        match = values[0]
        value = float(match["value"])
        if value in (0.0, 1.0):
            return
        for factor in (2.0, 0.5, 10.0):
            put = f"{value * factor:g}"
            if (
                "e" in put
                or ("." in put) > ("." in match["value"])
                or re.search(rf"(?<![\d.]){re.escape(put)}(?![\d.])", self._note)
                or (match["unit"] in ("%", "％") and value * factor >= 100)
            ):
                continue
            yield Flipped(said[: match.start("value")] + put + said[match.end("value") :], point, put)
            return


def _inside(opening: str, name: str) -> str:
    """Return what opened a sentence as it stands inside one, where `name` has no capital: it would tell of the swap."""
    return opening[:1].lower() + opening[1:] if name[:1].islower() else opening


def _spaced(text: str) -> str:
    """Return `text` with one blank where Chinese and Latin meet, and none inside Chinese."""
    text = re.sub(r"(?<=[㐀-鿿]) +(?=[㐀-鿿])", "", text)
    return re.sub(r"(?<=[㐀-鿿])(?=[A-Za-z])|(?<=[A-Za-z])(?=[㐀-鿿])", " ", text) if " " in text else text


def _by_opposite(said: str, language: Language) -> Iterator[tuple[str, str]]:
    """Yield `said` with one word of its last clause replaced by its opposite."""
    last = _last_clause(said)
    taken: list[tuple[int, int]] = []
    for word, opposite in opposites()[language]:
        pattern = _whole(word, language)
        found = list(pattern.finditer(said))
        if len(found) != 1 or _whole(opposite, language).search(pattern.sub(" ", said)):
            continue
        start, end = found[0].span()
        # 「不会一直变大」 is as true as 「不会一直变小」.
        if start < last or _NEGATED.search(said, last, start) or any(a < end and start < b for a, b in taken):
            continue
        taken.append((start, end))
        yield said[:start] + opposite + said[end:], opposite


def _last_clause(said: str) -> int:
    """Return where the last clause begins: what follows from a twisted one would no longer agree with it.

    A reason is no place to twist, so there the end of the statement is returned.
    """
    last = max((m.end() for m in re.finditer(r"[,，;；]\s*", said)), default=0)
    return len(said) if _REASON.match(said, last) else last


@cache
def _whole(word: str, language: Language) -> re.Pattern[str]:
    return re.compile(re.escape(word) if language is Language.ZH else rf"\b{re.escape(word)}\b")


@cache
def opposites() -> Mapping[Language, Sequence[tuple[str, str]]]:
    """Return language -> (word, what takes its place), the longest words first."""
    text = (files("assistant.quiz") / "data" / "opposites.toml").read_text("utf-8")
    found = {}
    for language, listed in tomllib.loads(text).items():
        pairs = [(a, b) for a, b in listed["both"]] + [(b, a) for a, b in listed["both"]]
        pairs += [(a, b) for a, b in listed["one"]]
        found[Language(language)] = sorted(dict(pairs).items(), key=lambda pair: -len(pair[0]))
    return found
