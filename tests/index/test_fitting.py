"""Texts cut to a window: every character is kept, every piece fits, and the mean is weighted by tokens."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.embedders import _fitting as fitting

TEXTS = st.text(alphabet="a b。，\n.池化", max_size=200)


@given(text=TEXTS, room=st.integers(1, 40))
@settings(max_examples=60)
def test_pieces_are_the_text_and_each_of_them_fits(text: str, room: int) -> None:
    pieces = fitting.pieces(text, lambda part: len(part) <= room)
    assert "".join(pieces) == text
    assert all(len(piece) <= room for piece in pieces)
    assert len(pieces) <= max(1, 4 * len(text) / room)  # a cut leaves a quarter at least on either side


def test_a_text_is_cut_where_a_paragraph_ends_before_a_sentence_and_a_sentence_before_a_word() -> None:
    assert fitting.halves("一句话。又一句。\n\n再一句话。还有。") == (
        "一句话。又一句。\n\n",
        "再一句话。还有。",
    )
    assert fitting.halves("max pooling wins. mean pooling") == ("max pooling wins. ", "mean pooling")
    assert fitting.halves("最大池化，平均池化") == ("最大池化，", "平均池化")
    assert fitting.halves("池化池化") == ("池化", "池化")


def test_one_character_is_a_piece_even_if_nothing_fits() -> None:
    assert fitting.pieces("池化", lambda part: False) == ["池", "化"]


def test_the_mean_is_weighted_by_tokens_and_has_length_one() -> None:
    rows = np.array([[1, 0], [0, 1], [0.6, 0.8]], np.float32)
    found = fitting.averaged(rows, [3, 4, 9], [2, 1])
    np.testing.assert_allclose(found, [[0.6, 0.8], [0.6, 0.8]], atol=1e-6)
    assert fitting.averaged(rows[:0], [], []).shape == (0, 2)


def test_a_zero_row_stays_zero() -> None:
    assert fitting.unit(np.array([[0, 0], [3, 4]], np.float32)).tolist() == pytest.approx(
        np.array([[0, 0], [0.6, 0.8]])
    )


def test_a_lone_surrogate_becomes_a_question_mark() -> None:
    assert fitting.encodable("池\ud800化") == "池?化"
