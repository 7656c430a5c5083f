"""How good a ranking is: the rank of the first right topic, shares with their intervals, and the mean of 1/rank.

It knows no system and no question set.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np

DEPTH = 10
"""Ranks that are looked at: beyond the tenth a topic counts as not found."""

_Z = 1.959963984540054  # of the normal distribution, for 95 %
_RESAMPLES = 2_000


@dataclass(frozen=True, slots=True)
class Share:
    """A figure between 0 and 1 with its 95 % interval."""

    value: float
    low: float
    high: float


def first_rank(found: Iterable[AbstractSet[int]], right: Collection[int]) -> int | None:
    """Return the rank, from 1, of the first item of `found` that holds a right topic, None beyond `DEPTH`.

    An item is the topics that one result shows. One that shows no topic for the first time takes no rank, so
    that a topic counts by its best passage; one that shows several topics takes one rank.
    """
    wanted, shown, rank = frozenset(right), set[int](), 0
    for item in found:
        if item <= shown:
            continue
        rank += 1
        if rank > DEPTH:
            return None
        if not wanted.isdisjoint(item):
            return rank
        shown |= item
    return None


def wilson(hits: int, n: int) -> Share:
    """Return `hits / n` with the score interval of Wilson (1927, JASA 22:209), which stays within 0 and 1.

    Raises `ValueError` unless 0 <= hits <= n and n > 0.
    """
    if not 0 <= hits <= n or n == 0:
        raise ValueError(f"{hits} of {n} is no share")
    share = hits / n
    centre = (share + _Z * _Z / (2 * n)) / (1 + _Z * _Z / n)
    half = _Z / (1 + _Z * _Z / n) * math.sqrt(share * (1 - share) / n + _Z * _Z / (4 * n * n))
    # Rounding must not leave the share of none or of all a hair outside its own interval.
    return Share(share, min(share, max(0.0, centre - half)), max(share, min(1.0, centre + half)))


def reciprocal(ranks: Sequence[int | None]) -> Share:
    """Return the mean of 1/rank, 0 for what was not found, with the percentile interval of a fixed bootstrap.

    A mean of fractions is no share of successes, so Wilson's interval is not for it (Efron 1979, Ann. Stat. 7:1).
    """
    values = np.array([1 / rank if rank else 0.0 for rank in ranks])
    drawn = np.random.default_rng(0).integers(len(values), size=(_RESAMPLES, len(values)))
    low, high = np.quantile(values[drawn].mean(axis=1), (0.025, 0.975))
    return Share(float(values.mean()), float(low), float(high))


def recall_at(k: int) -> Callable[[Sequence[int | None]], Share]:
    """Return the measure Recall@k: the share of questions with a right topic among the first `k`."""

    def measure(ranks: Sequence[int | None]) -> Share:
        return wilson(sum(rank is not None and rank <= k for rank in ranks), len(ranks))

    return measure


MEASURES: dict[str, Callable[[Sequence[int | None]], Share]] = {
    "R@1": recall_at(1),
    "R@3": recall_at(3),
    "R@10": recall_at(10),
    f"MRR@{DEPTH}": reciprocal,
}
