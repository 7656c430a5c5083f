"""Thirteen candidates who answer by rule: fakes that show what an interview does with people who are not ideal.

A candidate sees the question that waits, its points and chance, and nothing else. Each says beforehand how much it
knows (`Tier`) and may plant a fault that a good interviewer notices (`Plant`). Who holds the interview is
`assistant.interview.simulating`; nothing here judges.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

from assistant.grading.key_points import in_language
from assistant.grading.types import KeyPoint
from assistant.interview.types import Asked, Probe
from assistant.language import Language, mostly
from assistant.quiz.flipping import Flipper
from corpus.glossary import Glossary, load_glossary

_CLAUSE = re.compile(r"(?<=[，；;])|(?<=, )")
# Asked what else there is, who has said all he knows has nothing.
_ASKS_FOR_MORE = frozenset({Probe.MISSING, Probe.VAGUE, Probe.SIMPLER, Probe.CONTRADICTION})


class Tier(IntEnum):
    """How much of what is asked a candidate knows."""

    NOTHING = 1
    SOME = 2
    MOST = 3
    ALL = 4


class Plant(StrEnum):
    """A fault that is put into an answer on purpose, to see whether it is asked about."""

    CONTRADICTION = "contradiction"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Line:
    """What a candidate says, with the fault in it and the point that the fault is about."""

    text: str
    plant: Plant | None = None
    point: KeyPoint | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A way of answering. `computes` tells whether an exercise is answered, and rightly; None answers as always."""

    name: str
    tier: Tier
    says: Callable[[Asked, Language, Random], Line]
    computes: bool | None = None
    plants: Plant | None = None

    def line(self, asked: Asked, language: Language, chance: Random) -> Line:
        """Return the answer to `asked`."""
        if asked.drill and self.computes is not None:
            return Line(asked.drill.model_answer.split("\n")[-1] if self.computes else "42")
        return self.says(asked, language, chance)


def candidates() -> Mapping[str, Candidate]:
    """Return the candidates by name, those who know most first."""
    return {one.name: one for one in _CANDIDATES}


def stock(kind: str, language: Language, chance: Random) -> str:
    """Return one of the sentences of `kind` that fit any question."""
    return str(chance.choice(_stock_file()[kind][language.value]))


def _strong(asked: Asked, language: Language, chance: Random) -> Line:
    """Say every point."""
    return Line(_told(asked.points, language))


def _verbose(asked: Asked, language: Language, chance: Random) -> Line:
    """Say every point, and much around it."""
    opening, between = (stock("goes_on_and_on", language, chance) for _ in range(2))
    told = [_sentence(point, language) for point in asked.points]
    half = (len(told) + 1) // 2
    return Line(_joined([opening, *told[:half], between, *told[half:]], language))


def _english_only(asked: Asked, language: Language, chance: Random) -> Line:
    """Say every point in English, and where the note has no English, as much of it as the glossary has."""
    told = [in_language(point, Language.EN) for point in asked.points]
    return Line(_joined([one if mostly(one) is Language.EN else _switched(one) for one in told], Language.EN))


def _code_switching(asked: Asked, language: Language, chance: Random) -> Line:
    """Say every point with its terms in the other language."""
    return Line(_switched(_told(asked.points, language)))


def _near_miss(asked: Asked, language: Language, chance: Random) -> Line:
    """Say every point but one, and of a single one all but its last clause; there is no more when asked for more."""
    if asked.probe in _ASKS_FOR_MORE:
        return Line(stock("nothing_more", language, chance))
    if len(asked.points) < 2:
        return Line(_clauses(_told(asked.points, language), lambda count: count - 1))
    left_out = chance.choice(asked.points)
    told = _told([point for point in asked.points if point is not left_out], language)
    return Line(told, Plant.MISSING if asked.probe is None else None, left_out)


def _contradicting(asked: Asked, language: Language, chance: Random) -> Line:
    """Deny a point where one can be turned round, after the others were said; else say half."""
    if asked.probe not in _ASKS_FOR_MORE and (found := _turned(asked.points, language)):
        point, text = chance.choice(found)
        others = [one for one in asked.points if one is not point]
        told = _joined([*(_sentence(one, language) for one in others), text], language)
        return Line(told, Plant.CONTRADICTION, point)
    return _weak(asked, language, chance)


def _weak(asked: Asked, language: Language, chance: Random) -> Line:
    """Say half of the points, or half of a single one, and know no more when asked for more."""
    if asked.probe in _ASKS_FOR_MORE:
        return Line(stock("dont_know", language, chance))
    if len(asked.points) > 1:
        return Line(_told(asked.points[: len(asked.points) // 2], language))
    return Line(_clauses(_told(asked.points, language), lambda count: count // 2))


def _one_word(asked: Asked, language: Language, chance: Random) -> Line:
    """Say one thing that the points name and the question does not."""
    known = {match.concept for match in _glossary().find(asked.prompt)}
    told = _told(asked.points, language)
    named = [told[m.start : m.end] for m in _glossary().find(told) if m.concept not in known]
    return Line(named[0] if named else stock("dont_know", language, chance))


def _stock_only(kind: str) -> Callable[[Asked, Language, Random], Line]:
    """Return a way of answering with nothing but stock sentences, whatever is asked."""
    return lambda asked, language, chance: Line(stock(kind, language, chance))


_CANDIDATES = (
    Candidate("strong", Tier.ALL, _strong, computes=True),
    Candidate("verbose", Tier.ALL, _verbose, computes=True),
    Candidate("english_only", Tier.ALL, _english_only, computes=True),
    Candidate("code_switching", Tier.ALL, _code_switching, computes=True),
    Candidate("near_miss", Tier.MOST, _near_miss, computes=True, plants=Plant.MISSING),
    Candidate("weak", Tier.SOME, _weak, computes=False),
    Candidate("contradicting", Tier.SOME, _contradicting, computes=False, plants=Plant.CONTRADICTION),
    Candidate("one_word", Tier.NOTHING, _one_word, computes=False),
    Candidate("wrong_premise", Tier.NOTHING, _stock_only("wrong_premise"), computes=False),
    Candidate("evasive", Tier.NOTHING, _stock_only("evasive")),
    Candidate("injecting", Tier.NOTHING, _stock_only("injecting")),
    Candidate("question_dodging", Tier.NOTHING, _stock_only("question_dodging")),
    Candidate("dont_know", Tier.NOTHING, _stock_only("dont_know")),
)


def _told(points: Sequence[KeyPoint], language: Language) -> str:
    return _joined([_sentence(point, language) for point in points], language)


def _sentence(point: KeyPoint, language: Language) -> str:
    return _aloud(in_language(point, language).strip().rstrip("。.；;"), language)


def _joined(sentences: Sequence[str], language: Language) -> str:
    stop, gap = ("。", "") if language is Language.ZH else (".", " ")
    return gap.join(one if one.endswith(("。", ".", "？", "?")) else one + stop for one in sentences)


def _aloud(text: str, language: Language) -> str:
    """Return `text` in words that are said rather than written: whoever recites the note shows nothing."""
    for written, said in _spoken()[language]:
        text = written.sub(said, text)
    return text


def _clauses(text: str, kept: Callable[[int], int]) -> str:
    """Return the first clauses of `text`, at least one: as many as `kept` says of so many."""
    cut = [clause for clause in _CLAUSE.split(text) if clause.strip()]
    return "".join(cut[: max(1, kept(len(cut)))]).rstrip("，；;, ")


def _switched(text: str) -> str:
    """Return `text` with each term that the glossary knows in the other language."""
    told, at = "", 0
    for match in _glossary().find(text):
        concept = _glossary().concepts[match.concept]
        other = (
            (*concept.en, *concept.abbr)
            if mostly(text[match.start : match.end]) is Language.ZH
            else concept.zh
        )
        if other:
            told, at = f"{told}{text[at : match.start]} {other[0]} ", match.end
    return " ".join((told + text[at:]).split(" "))


def _turned(points: Sequence[KeyPoint], language: Language) -> list[tuple[KeyPoint, str]]:
    """Return the points that can be turned false, with the false sentence."""
    flipper = _flipper(tuple(points))
    return [
        (point, _aloud(made.text, language))
        for point in points
        for made in flipper.flipped(point, in_language(point, language).strip().rstrip("。.；;"), language)[
            :1
        ]
    ]


@cache
def _flipper(points: tuple[KeyPoint, ...]) -> Flipper:
    return Flipper(points, _glossary())


@cache
def _glossary() -> Glossary:
    return load_glossary()


@cache
def _spoken() -> Mapping[Language, Sequence[tuple[re.Pattern[str], str]]]:
    """Return language -> (words that are written, how they are said)."""
    return {
        Language(language): [
            (re.compile(rf"\b{word}\b" if language == "en" else word), said) for word, said in pairs
        ]
        for language, pairs in _stock_file()["spoken"].items()
    }


@cache
def _stock_file() -> Mapping[str, Mapping[str, Sequence[Any]]]:
    return tomllib.loads((files("assistant.interview") / "data" / "candidates.toml").read_text("utf-8"))
