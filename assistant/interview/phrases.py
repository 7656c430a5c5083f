"""The interviewer's sentences: chosen by seed and place, never one twice, never one that gives a point away."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from assistant.grading.types import KeyPoint
from assistant.interview.leaks import leak
from assistant.language import Language
from index.terms import fold

# Shorter words of a template's own are in many a sentence.
_TELLING = 3
_SLOT = re.compile(r"\{[a-z]+\}")


class Speaker:
    """Says things in one interview: `said` is what was said so far, `secret` the points that nobody may give away."""

    def __init__(
        self,
        language: Language,
        seed: int,
        said: Sequence[str],
        secret: Sequence[KeyPoint] = (),
        known: Sequence[str] = (),
    ) -> None:
        self._language = language
        self._seed = f"{seed}/{len(said)}"
        self._said = list(said)
        self._secret = secret
        self._known = known

    def say(self, kind: str, **slots: str) -> str | None:
        """Return a sentence of `kind` with `slots` filled in, or None where every one is used up or tells too much.

        A sentence is used up when its own words, without what is filled in, have been said.
        """
        known = [*self._known, *self._said]
        for template in self._shuffled(kind):
            if any(slot[1:-1] not in slots for slot in _SLOT.findall(template)):
                continue
            text = _filled(template, slots)
            own = max(_SLOT.split(template), key=len).strip()
            if any((own if len(own) > _TELLING else text) in earlier for earlier in self._said):
                continue
            if not leak(text, self._secret, known):
                return text
        return None

    def say_anyway(self, kind: str, **slots: str) -> str:
        """Return a sentence of `kind`, one that was said before where there is no other."""
        fresh = self.say(kind, **slots)
        if fresh is not None:
            return fresh
        return _filled(next(self._shuffled(kind)), slots)

    def _shuffled(self, kind: str) -> Iterator[str]:
        listed = phrases()[kind][self._language.value]
        return iter(sorted(listed, key=lambda one: hashlib.sha256(f"{self._seed}/{one}".encode()).digest()))


def _filled(template: str, slots: Mapping[str, str]) -> str:
    """Return `template` with its slots filled, and a blank where Latin letters meet Chinese ones."""

    def filled(slot: re.Match[str]) -> str:
        text, before, after = slots[slot[0][1:-1]], template[: slot.start()], template[slot.end() :]
        left = " " if _is_chinese(before[-1:]) and _is_latin(text[:1]) else ""
        right = " " if _is_chinese(after[:1]) and _is_latin(text[-1:]) else ""
        return f"{left}{text}{right}"

    return _SLOT.sub(filled, template)


def _is_chinese(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff"


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalnum()


def aspect_of(point: KeyPoint, language: Language) -> str:
    """Return words that ask for `point` without saying it, "" where no such words fit."""
    folded = fold(f"{point.label} {' '.join((point.text, *point.wordings))}")
    for aspect, pattern in _aspects():
        if pattern.search(folded) and not leak(aspect[language.value], [point], []):
            return str(aspect[language.value])
    return ""


@cache
def phrases() -> Mapping[str, Mapping[str, Sequence[str]]]:
    """Return the templates: kind -> language -> sentences."""
    return _read("phrases")


@cache
def _aspects() -> Sequence[tuple[Mapping[str, Any], re.Pattern[str]]]:
    return [(aspect, re.compile(aspect["pattern"])) for aspect in _read("aspects")["aspect"]]


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((files("assistant.interview") / "data" / f"{name}.toml").read_text("utf-8"))
