"""Fusion: which place a passage in the other language gets, against places counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from index import fusion
from index.languages import asks_in_chinese, is_chinese

# Five topics in the question's language, best first, and two in the other, which the words do not reach.
LEXICAL = np.array([0.8, 0.7, 0.6, 0.5, 0.4, 0.0, 0.0], np.float32)
GROUPS = np.arange(7)
OTHER = np.array([False] * 5 + [True] * 2)


def order(dense: list[float], other: np.ndarray = OTHER) -> list[int]:
    cosine = np.array(dense, np.float32)
    fused = fusion.blend(LEXICAL, cosine)
    placed = fusion.across_languages(fused, LEXICAL, cosine, GROUPS, other)
    assert (placed >= fused).all()
    assert np.array_equal(placed[~other], fused[~other])
    return [int(row) for row in fusion.best_per_group(placed, GROUPS, 7)]


@pytest.mark.parametrize(
    ("five", "six", "expected"),
    [
        (0.1, 0.1, [0, 1, 2, 3, 4, 5, 6]),  # far: words and their lack decide
        (0.46, 0.1, [0, 1, 2, 5, 3, 4, 6]),  # close: behind three
        (0.46, 0.48, [0, 1, 2, 6, 3, 5, 4]),  # both close: in turn, the nearer first
        (0.1, 0.7, [6, 0, 1, 2, 3, 4, 5]),  # clearly nearer: first
    ],
)
def test_the_other_language_finds_its_place_by_how_near_it_is(
    five: float, six: float, expected: list[int]
) -> None:
    assert order([0.5, 0.5, 0.5, 0.5, 0.5, five, six]) == expected


@pytest.mark.parametrize("other", [np.zeros(7, np.bool_), np.ones(7, np.bool_)])
def test_notes_of_one_language_are_ranked_as_they_were(other: np.ndarray) -> None:
    # 0.85 of the words and 0.15 of the cosine: 0.695, 0.625, 0.555, 0.485, 0.415, 0.135, 0.12
    assert order([0.1, 0.2, 0.3, 0.4, 0.5, 0.9, 0.8], other) == [0, 1, 2, 3, 4, 5, 6]


def test_where_nothing_of_the_question_is_known_nothing_is_moved() -> None:
    assert order([0.0] * 7) == [0, 1, 2, 3, 4, 5, 6]


def test_topics_of_the_other_language_are_placed_once_each() -> None:
    dense = np.array([0.5, 0.5, 0.5, 0.5, 0.5, 0.48, 0.49], np.float32)
    groups = np.array([0, 1, 2, 3, 4, 5, 5])
    fused = fusion.blend(LEXICAL, dense)
    placed = fusion.across_languages(fused, LEXICAL, dense, groups, OTHER)
    assert fusion.best_per_group(placed, groups, 6).tolist() == [0, 1, 2, 6, 3, 4]
    assert placed[5] == fused[5]


@pytest.mark.parametrize(
    ("text", "chinese"),
    [
        ("批归一化减去均值。", True),
        ("用 torch.nn.BatchNorm2d 即可归一化", True),
        ("Batch normalization (批归一化) subtracts the mean of the batch.", False),
        ("y = x * w + b", False),
        ("", False),
    ],
)
def test_a_passage_is_chinese_when_a_good_part_of_it_is(text: str, chinese: bool) -> None:
    assert is_chinese(text) is chinese


@pytest.mark.parametrize(("question", "chinese"), [("BN vs LN 区别", True), ("BN vs LN", False), ("", False)])
def test_one_chinese_character_makes_a_chinese_question(question: str, chinese: bool) -> None:
    assert asks_in_chinese(question) is chinese
