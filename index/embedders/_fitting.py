"""Texts longer than a model's window: cut into pieces that fit, embedded each, and averaged. Nothing is dropped.

A model (or its server) cuts what is too long at the end and says nothing. The mean of the pieces' vectors, weighted
by their tokens, is what a mean over all tokens would be if words far apart did not look at each other. To refuse
such a passage was the alternative: the notes are the user's, and a long list in them is no mistake.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np

from index.types import Vectors

#: Changes whenever a long text would be cut or averaged otherwise; part of a fingerprint.
VERSION = "1"

# Where to cut, best first: after a paragraph, a sentence or line, a clause or word.
_ENDS = tuple(map(re.compile, (r"\n\s*\n", r"[。！？；]|[.!?;]\s|\n", r"[，、：]|\s")))


def halves(text: str) -> tuple[str, str]:
    """Return two parts of `text`, cut at the best place of its middle half; together they are the text."""
    low, middle, high = len(text) // 4, len(text) // 2, -(-3 * len(text) // 4)
    for end in _ENDS:
        places = [
            at for found in end.finditer(text) if low <= (at := found.end()) <= high and 0 < at < len(text)
        ]
        if places:
            middle = min(places, key=lambda at: abs(at - len(text) // 2))
            break
    return text[:middle], text[middle:]


def pieces(text: str, fits: Callable[[str], bool]) -> list[str]:
    """Return `text` in as many pieces as it takes for each to fit; one character is a piece whether it fits or not."""
    if len(text) < 2 or fits(text):
        return [text]
    return [piece for half in halves(text) for piece in pieces(half, fits)]


def unit(rows: Vectors) -> Vectors:
    """Return the rows at length one; a zero row stays zero."""
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(norms > 0, norms, 1.0), dtype=np.float32)


def averaged(rows: Vectors, tokens: Sequence[int], counts: Sequence[int]) -> Vectors:
    """Return one unit row per text: the mean of its pieces' rows weighted by their tokens.

    `rows` are those of all pieces of all texts in order, `tokens` how many each has, `counts` how many pieces each
    text has, 1 or more.
    """
    if not counts:
        return rows[:0]
    weighted = rows * np.maximum(np.asarray(tokens, np.float32), 1.0)[:, None]
    starts = np.concatenate(([0], np.cumsum(counts)[:-1])).astype(np.int64)
    return unit(np.add.reduceat(weighted, starts, axis=0))


def encodable(text: str) -> str:
    """Return `text` as UTF-8 can hold it: a file name or JSON may bring a lone surrogate, which no tokenizer takes."""
    return text.encode("utf-8", "replace").decode()
