"""The word lists of grading, read once and compiled: ideas, contrasts, and the small words that turn a sentence.

The lists are data (`data/*.toml`, which states their form); nothing here decides what a match means.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

# A gap never swallows a negation: 「不在坐标轴上」 is not 「在坐标轴上」.
_ANY = r"(?:(?!不|没|无法|很少|极少|未(?!来)|非(?!线)|(?<![a-z])not?(?![a-z])|n't|never).)"
_REST = "[a-z]*"


@dataclass(frozen=True, slots=True)
class Idea:
    """An axis on which things are said to be at one end (`plus`) or the other (`minus`)."""

    name: str
    plus: re.Pattern[str]
    minus: re.Pattern[str] | None
    weight: float
    about: bool
    thing: bool
    near: frozenset[str]


@dataclass(frozen=True, slots=True)
class Contrast:
    """A group of things that exclude one another: concepts and words -> member.

    A `local` one holds for the clause that names it; any other for the clauses after it too.
    """

    name: str
    local: bool
    concepts: Mapping[str, str]
    words: Mapping[str, re.Pattern[str]]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Everything that the files in `data` say, ready to be searched for in folded text."""

    ideas: tuple[Idea, ...]
    contrasts: tuple[Contrast, ...]
    aspects: Mapping[str, re.Pattern[str]]
    words: Mapping[str, re.Pattern[str]]

    def idea(self, name: str) -> Idea | None:
        """Return the idea of this name; a concept of the glossary may have one."""
        return _by_name().get(name)

    def is_local(self, contrast: str) -> bool:
        """Whether the contrast of this name holds only for the clause that names it."""
        return contrast in _local()

    def excludes(self, one: str, other: str) -> bool:
        """Whether two concepts are different members of a contrast."""
        members = _members()
        return bool(members.get(one, {}).keys() & members.get(other, {}).keys()) and all(
            members[one][group] != members[other][group]
            for group in members[one].keys() & members[other].keys()
        )

    def is_near(self, one: str, other: str) -> bool:
        """Whether two ideas say nearly the same."""
        first, second = self.idea(one), self.idea(other)
        return bool((first and other in first.near) or (second and one in second.near))


@cache
def lexicon() -> Lexicon:
    """Return the shipped lexicon."""
    words, contrasts = _read("words"), _read("contrasts")
    aspects = {name: _any(listed) for name, listed in words.pop("aspects").items()}
    return Lexicon(
        ideas=tuple(_idea(name, table) for name, table in _read("ideas").items()),
        contrasts=tuple(
            _contrast(name, table, local)
            for local, groups in ((False, contrasts["lasting"]), (True, contrasts["local"]))
            for name, table in groups.items()
        ),
        aspects=aspects,
        words={name: _any([*table["zh"], *table["en"]]) for name, table in words.items()},
    )


@cache
def _local() -> frozenset[str]:
    return frozenset(contrast.name for contrast in lexicon().contrasts if contrast.local)


@cache
def _members() -> Mapping[str, Mapping[str, str]]:
    """Return concept -> contrast -> member."""
    found: dict[str, dict[str, str]] = {}
    for contrast in lexicon().contrasts:
        for concept, member in contrast.concepts.items():
            found.setdefault(concept, {})[contrast.name] = member
    return found


@cache
def _by_name() -> Mapping[str, Idea]:
    return {idea.name: idea for idea in lexicon().ideas}


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((files("assistant.grading") / "data" / f"{name}.toml").read_text("utf-8"))


def _idea(name: str, table: Mapping[str, Any]) -> Idea:
    return Idea(
        name=name,
        plus=_any(table["plus"]),
        minus=_any(table["minus"]) if "minus" in table else None,
        weight=table.get("weight", 1.0),
        about=table.get("about", False),
        thing=table.get("thing", False),
        near=frozenset(table.get("near", ())),
    )


def _contrast(name: str, table: Mapping[str, list[str]], local: bool) -> Contrast:
    concepts = {entry[1:]: member for member, listed in table.items() for entry in listed if entry[0] == "@"}
    words = {
        member: _any(plain)
        for member, listed in table.items()
        if (plain := [entry for entry in listed if entry[0] != "@"])
    }
    return Contrast(name, local, concepts, words)


def _any(expressions: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{_whole(e)})" for e in expressions))


def _whole(expression: str) -> str:
    """Return `expression` with its signs spelled out; what begins with a Latin letter begins a word."""
    expression = expression.replace("…", ".{0,8}?").replace("~", _REST)
    expression = re.sub(r"(?<!\\)\.(?=\{)", lambda _: _ANY, expression)
    starts_latin = re.match(r"\(?(?:\?:)?[a-z]", expression) is not None
    ends_latin = re.search(r"[a-z]\)?\??$", expression) is not None
    begin = "(?<![a-z])" if starts_latin else ""
    end = "(?![a-z])" if ends_latin and starts_latin else ""
    if expression.startswith("n't"):
        begin = ""
    return f"{begin}(?:{expression}){end}"
