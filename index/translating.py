"""Chinese words that an English question may mean, from a table made by `python -m index.training.aligning`.

It widens the glossary, which has the names of the field, to all other words of a question. It is read when the first
English question is asked. Chinese questions are not translated: that brought in more English notes than they wanted.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

TRANSLATIONS = Path(__file__).parent / "translations.txt"


def translated(asked: Mapping[str, float]) -> dict[str, float]:
    """Return the Chinese terms for the English ones among `asked`, terms and their shares as a question has them.

    A share is that of the English term times the root of the probability of the translation: much of a probability is
    lost to the other ways in which the Chinese can be cut into pairs.
    """
    table = _table()
    found: dict[str, float] = {}
    for term, share in asked.items():
        for of, probability in table.get(term, ()):
            found[of] = max(found.get(of, 0.0), share * probability**0.5)
    return found


@cache
def _table() -> Mapping[str, tuple[tuple[str, float], ...]]:
    """Return term -> its translations with the probability of each. A line is `pool 汇聚:0.29 池化:0.14`."""
    table = {}
    for line in TRANSLATIONS.read_text("utf-8").splitlines():
        term, *of = line.split(" ")
        pairs = (each.rpartition(":") for each in of)
        table[term] = tuple((chinese, float(probability)) for chinese, _, probability in pairs)
    return table
