"""When a returned value counts as the expected one, and how it is said to differ."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from assistant.coding.comparing import Difference, Fault, difference, is_alike, short
from assistant.coding.harness import packed, unpacked
from assistant.coding.running import Raised, Returned

ONE = np.array([[1.0, 2.0]])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (ONE, ONE),
        (ONE.astype(np.float32), ONE),
        (ONE + 1e-7, ONE),
        ([[1, 2]], ONE),
        (((1, 2.0),), ONE),
        ([], []),
        (np.zeros((0, 4)), np.zeros((0, 4))),
        (np.array([0, 2]), [0, 2]),
        ([np.int64(0), np.int32(2)], [0, 2]),
        (np.float32(0.5), 0.5),
        (np.array(0.5), 0.5),
        ((0.5, ONE), (0.5, ONE)),
        ([0.5, ONE], (0.5, ONE)),
        (1e9 + 1, 1e9),
    ],
)
def test_these_count_as_equal(value: Any, expected: Any) -> None:
    assert difference(packed(value), expected, 1e-6) is None


@pytest.mark.parametrize(
    ("value", "expected", "found"),
    [
        (None, ONE, Difference(Fault.NOTHING, "None", "")),
        ("x", ONE, Difference(Fault.WRONG_TYPE, "str", "")),
        (True, 1.0, Difference(Fault.WRONG_TYPE, "bool", "")),
        ([[1, 2], [3]], ONE, Difference(Fault.WRONG_TYPE, "list", "")),
        (ONE > 1, ONE, Difference(Fault.WRONG_TYPE, "array", "")),
        (ONE * 1j, ONE, Difference(Fault.WRONG_TYPE, "array of complex128", "")),
        (ONE.T, ONE, Difference(Fault.WRONG_SHAPE, "(2, 1)", "(1, 2)")),
        ([0.5], 0.5, Difference(Fault.WRONG_SHAPE, "(1,)", "()")),
        ([1.0, np.inf], [1.0, 2.0], Difference(Fault.NOT_FINITE, "[1, inf]", "[1, 2]")),
        ([1.0, 2.5], [1.0, 2.0], Difference(Fault.WRONG_VALUE, "2.5", "2", "", (1,), 0.5)),
        (1.25, 1.0, Difference(Fault.WRONG_VALUE, "1.25", "1", "", (), 0.25)),
        (1.0, (1.0, 2.0), Difference(Fault.WRONG_COUNT, "1", "2")),
        ((1.0,), (1.0, 2.0), Difference(Fault.WRONG_COUNT, "1", "2")),
        (None, (1.0, 2.0), Difference(Fault.NOTHING, "None", "")),
        ((1.0, 3.0), (1.0, 2.0), Difference(Fault.WRONG_VALUE, "3", "2", "grad", (), 1.0)),
        (np.zeros(200_001), ONE, Difference(Fault.LARGE, "array of shape (200001,)", "")),
    ],
)
def test_these_differ_and_it_is_said_how(value: Any, expected: Any, found: Difference) -> None:
    parts = ("loss", "grad") if isinstance(expected, tuple) else ()
    assert difference(packed(value), expected, 1e-6, parts) == found


def test_nan_is_like_nan_and_an_exception_like_one_of_its_type() -> None:
    nan = Returned(packed(np.array([np.nan, 1.0])))
    assert is_alike(nan, Returned(packed([np.nan, 1.0])), 1e-6)
    assert not is_alike(nan, Returned(packed([1.0, np.nan])), 1e-6)
    assert is_alike(Raised("IndexError", "a"), Raised("IndexError", "b"), 1e-6)
    assert not is_alike(Raised("IndexError", "a"), nan, 1e-6)
    assert not is_alike(Returned(packed("x")), Returned(packed("x")), 1e-6)
    pair = Returned(packed((1.0, [1.0, 2.0])))
    assert is_alike(pair, Returned(packed((1.0, np.array([1.0, 2.0])))), 1e-6)
    assert not is_alike(pair, None, 1e-6)


@settings(max_examples=30)
@given(
    arrays.arrays(
        st.sampled_from([np.float64, np.float32, np.int64]), arrays.array_shapes(min_side=0, max_side=3)
    )
)
def test_what_is_packed_comes_out_as_it_was(array: np.ndarray[Any, Any]) -> None:
    np.testing.assert_array_equal(unpacked(packed(array)), array)


def test_values_are_shown_on_one_line() -> None:
    assert short(np.array([[0.0, 1.25], [3.0, 4.0]])) == "[[0, 1.25], [3, 4]]"
    assert short([]) == "[]"
    assert short(np.zeros((0, 4))) == "array(0, 4)"
    assert short(np.zeros((5, 5))) == "array(5, 5)"
    assert short(0.1 + 0.2) == "0.3"
    assert short(True) == "True"
