"""Short pieces of code to be read: what does it print, which line is wrong, what is missing? Data in `snippets/`.

Every output that a snippet claims is checked by a test that runs it; nothing here runs anything. All are answered by
choosing: graded as free text, an answer such as 没有截断到 0 would count as the opposite of itself.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from assistant.coding.types import Said


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of code and a question about it, with `choices` of which that at `right` is right.

    `np` is numpy, and where `needs` is torch, `torch` and `F` are there, too. `setup` comes before and `probe` after
    the code when its output `prints` is checked; both are not shown. Where a bug was planted, `fix` (old, new) mends
    it and `prints_fixed` is what is printed then.
    """

    name: str
    code: str
    question: Said
    answer: Said
    topics: tuple[str, ...]
    terms: tuple[str, ...]
    prints: str
    choices: tuple[Said, ...]
    right: int
    setup: str = ""
    probe: str = ""
    fix: tuple[tuple[str, str], ...] = ()
    prints_fixed: str = ""
    needs: str = ""


@cache
def snippets() -> tuple[Snippet, ...]:
    """Return every snippet, sorted by name."""
    tables = [
        table
        for file in files("assistant.coding").joinpath("snippets").iterdir()
        if file.name.endswith(".toml")
        for table in tomllib.loads(file.read_text("utf-8"))["snippet"]
    ]
    return tuple(sorted(map(_snippet, tables), key=lambda snippet: snippet.name))


def _snippet(table: Mapping[str, Any]) -> Snippet:
    return Snippet(
        name=table["name"],
        code=table["code"].strip("\n"),
        question=Said(table["zh"], table["en"]),
        answer=Said(table["why_zh"], table["why_en"]),
        topics=tuple(table["topics"]),
        terms=tuple(table["terms"]),
        prints=table["prints"],
        choices=_choices(table),
        right=table["right"],
        setup=table.get("setup", ""),
        probe=table.get("probe", ""),
        fix=tuple((old, new) for old, new in table.get("fix", ())),
        prints_fixed=table.get("prints_fixed", ""),
        needs=table.get("needs", ""),
    )


def _choices(table: Mapping[str, Any]) -> tuple[Said, ...]:
    """Return the choices, given in both languages, or once for both as code is."""
    both = table.get("choices", ())
    chinese, english = table.get("choices_zh", both), table.get("choices_en", both)
    return tuple(Said(zh, en) for zh, en in zip(chinese, english, strict=True))
