"""IBM Model 1 against a corpus whose translations are known, and against the sums written out."""

from __future__ import annotations

import random
from collections import defaultdict

import numpy as np
import pytest

from index.training.aligning import _model_1, align

WORDS = {"gradient": "梯度", "dropout": "失活", "momentum": "动量", "kernel": "内核", "layer": "网层"}


def blocks(count: int) -> list[tuple[str, str]]:
    """Sentences of three words each whose Chinese has the same words in another order."""
    chance = random.Random(1)
    made = []
    for _ in range(count):
        english = chance.sample(sorted(WORDS), 3)
        chinese = [WORDS[word] for word in chance.sample(english, 3)]
        made.append((" ".join(english), "，".join(chinese)))
    return made


def test_each_word_finds_its_translation_and_no_other() -> None:
    found = align(blocks(200))
    assert {term: of[0][0] for term, of in found.items()} == {
        "gradient": "梯度", "dropout": "失活", "momentum": "动量", "kernel": "内核", "layer": "网层"
    }  # fmt: skip
    assert all(of[0][1] > 0.8 and len(of) == 1 for of in found.values())


def test_rare_words_are_left_out() -> None:
    assert (
        align([*blocks(50), ("perplexity", "困惑"), ("perplexity", "困惑")]).keys()
        == align(blocks(50)).keys()
    )


@pytest.mark.parametrize("seed", range(3))
def test_the_probabilities_are_those_of_the_sums_written_out(seed: int) -> None:
    chance = np.random.default_rng(seed)
    pairs = [
        (b, e, z) for b in range(6) for e in chance.permutation(4)[:2] for z in chance.permutation(5)[:3]
    ]
    block, english, chinese = (np.array(column, np.int32) for column in zip(*pairs, strict=True))
    kinds, of_pair = np.unique(english.astype(np.int64) * 5 + chinese, return_inverse=True)
    found = _model_1(of_pair, kinds // 5, block, chinese)

    expected: dict[tuple[int, int], float] = {(int(k // 5), int(k % 5)): 1.0 for k in kinds}
    for _ in range(6):
        counts: dict[tuple[int, int], float] = defaultdict(float)
        for b, e, z in pairs:
            rivals = sum(expected[int(e2), int(z2)] for b2, e2, z2 in pairs if b2 == b and z2 == z)
            counts[int(e), int(z)] += expected[int(e), int(z)] / rivals
        total: dict[int, float] = defaultdict(float)
        for (e, _), count in counts.items():
            total[e] += count
        expected = {pair: count / total[pair[0]] for pair, count in counts.items()}
    assert found == pytest.approx([expected[int(k // 5), int(k % 5)] for k in kinds])
