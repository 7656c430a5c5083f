"""Which English pieces a Chinese piece is translated with, counted over parallel blocks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from index.training.pairs import Pair

# Pieces of a block that are counted.
_LONGEST = 96
# Least share of the blocks of either in which both stand (Dice 1945), and the fewest such blocks.
_LEAST_DICE, _LEAST_TOGETHER = 0.03, 2


def translations(tokenizer: Any, blocks: Sequence[Pair]) -> tuple[Mapping[int, Mapping[int, float]], Any]:
    """Return for each Chinese piece its English ones, weighted, and the share of each piece in all text.

    `blocks` are (English, Chinese). A weight is the square of the Dice coefficient of the blocks that hold either.
    """
    english, chinese = (_counts(tokenizer, texts) for texts in zip(*blocks, strict=True))
    together = (chinese.T @ english).tocoo()
    of_chinese, of_english = (np.asarray(counts.sum(axis=0)).ravel() for counts in (chinese, english))
    rows, columns = together.coords
    dice = 2 * together.data / (of_chinese[rows] + of_english[columns])
    by_chance = of_chinese[rows] * of_english[columns] / len(blocks)
    telling = (together.data > np.e * by_chance) & (together.data >= _LEAST_TOGETHER) & (dice > _LEAST_DICE)
    found: dict[int, dict[int, float]] = defaultdict(dict)
    pieces = [tokenizer.id_to_token(at) for at in range(tokenizer.get_vocab_size())]
    for at, other, share in zip(rows[telling], columns[telling], dice[telling], strict=True):
        if not pieces[at].isascii():
            found[int(at)][int(other)] = float(share) ** 2
    count = of_chinese + of_english
    return found, count / max(count.sum(), 1)


def _counts(tokenizer: Any, texts: Sequence[str]) -> Any:
    """Return which pieces stand in which text, a sparse matrix of ones, shape (texts, pieces)."""
    from scipy.sparse import csr_array  # type: ignore[import-untyped]

    found = [sorted(set(each.ids[:_LONGEST])) for each in tokenizer.encode_batch(list(texts))]
    starts = np.cumsum([0, *map(len, found)])
    columns = np.array([at for ids in found for at in ids], dtype=np.int64)
    shape = (len(texts), tokenizer.get_vocab_size())
    return csr_array((np.ones(len(columns)), columns, starts), shape=shape)
