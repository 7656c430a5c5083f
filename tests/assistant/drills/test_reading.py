"""Typed answers become numbers: every usual spelling, no text raises, and what is written is what is read."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.drills.reading import MAX_CHARACTERS, Reading, Unread, read_answer
from assistant.drills.units import asked_unit

UNITS = ("", "px", "M", "%", "°", "TFLOPS", "FLOP/B")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("112", 112),
        ("「112」", 112),
        ("“112”", 112),
        ("１１２", 112),
        ("112。", 112),
        ("答案是 112", 112),
        ("The answer is 112.", 112),
        ("I think it is 0.5", 0.5),
        ("约 0.33", 0.33),
        ("≈0.33", 0.33),
        ("w = 2.3", 2.3),
        ("γ≈0.002", 0.002),
        ("-0.244", -0.244),
        ("−0.5", -0.5),
        ("负 0.5", -0.5),
        (".5", 0.5),
        ("5.", 5),
        ("1.5e-3", 0.0015),
        ("1.5E+3", 1500),
        ("1.5×10^-3", 0.0015),
        ("1.5 x 10^(-3)", 0.0015),
        ("1.5×10⁻³", 0.0015),
        ("1.5*10**-3", 0.0015),
        ("10^-3", 0.001),
        ("2^-16", 2**-16),
        ("0.25^8", 0.25**8),
        ("3/4", 0.75),
        ("-3 / 4", -0.75),
        ("1.5/2.5", 0.6),
        ("75%", 0.75),
        ("75 %", 0.75),
        ("50 percent", 0.5),
        ("803,072", 803072),
        ("1,234,567.5", 1234567.5),
        ("51.2万", 512000),
        ("3 千", 3000),
        ("1.2亿", 1.2e8),
        ("2k", 2000),
        ("3.5G", 3.5e9),
        ("3倍", 3),
        ("3x", 3),
        ("112 个", 112),
        ("5 MACs", 5),
        ("一百一十二", 112),
        ("三百万", 3_000_000),
        ("三点一四", 3.14),
        ("三分之二", 2 / 3),
        ("百分之七十五", 0.75),
    ],
)
def test_one_number_in_any_usual_spelling(text: str, value: float) -> None:
    reading = read_answer(text)
    assert reading.unread is None
    assert reading.values == pytest.approx((value,), rel=1e-12)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("112x112", (112, 112)),
        ("112×112", (112, 112)),
        ("112 * 112", (112, 112)),
        ("112 乘 112", (112, 112)),
        ("112 by 112", (112, 112)),
        ("(112, 112)", (112, 112)),
        ("400,256", (400, 256)),
        ("400，256", (400, 256)),
        ("400、256", (400, 256)),
        ("400 行 256 列", (400, 256)),
        ("400 rows and 256 columns", (400, 256)),
        ("400 256", (400, 256)),
        ("[-1.6, 1.2e-1]", (-1.6, 0.12)),
        ("1/2, 3/4", (0.5, 0.75)),
        ("3 - 4", (3, -4)),
        ("[3 4]", (3, 4)),
    ],
)
def test_several_numbers(text: str, values: tuple[float, ...]) -> None:
    assert read_answer(text, count=len(values)) == Reading(tuple(map(float, values)))


def test_a_matrix_is_read_row_by_row() -> None:
    assert read_answer("[[1, 2], [3, 4]]", count=4).values == (1, 2, 3, 4)


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("7.2", "M", 7.2),
        ("7.2M", "M", 7.2),
        ("7.2 MMACs", "M", 7.2),
        ("7.2 百万次乘加", "M", 7.2),
        ("720万", "M", 7.2),
        ("0.0072G", "M", 7.2),
        ("7200k", "M", 7.2),
        ("75", "%", 75),
        ("75%", "%", 75),
        ("百分之七十五", "%", 75),
        ("17.2", "°", 17.2),
        ("17.2°", "°", 17.2),
        ("17.2 度", "°", 17.2),
        ("17.2 degrees", "°", 17.2),
        ("30px", "px", 30),
        ("30 像素", "px", 30),
        ("30 pixels", "px", 30),
        ("78 TFLOPS", "TFLOPS", 78),
        ("78000 GFLOPS", "TFLOPS", 78),
        ("30 FLOP/B", "FLOP/B", 30),
        ("30 FLOP/字节", "FLOP/B", 30),
        ("30 FLOPs/byte", "FLOP/B", 30),
    ],
)
def test_a_unit_is_repeated_converted_or_left_out(text: str, unit: str, value: float) -> None:
    assert read_answer(text, unit).values == pytest.approx((value,), rel=1e-12)


@pytest.mark.parametrize(
    "text",
    ["", "  ", "不知道", "我不知道。", "不会", "没思路", "I don't know", "no idea", "idk", "skip", "?", "-"],
)
def test_not_knowing_is_an_answer(text: str) -> None:
    assert read_answer(text) == Reading(unread=Unread.NOTHING)


@pytest.mark.parametrize(
    "text",
    [
        "abc",
        "1..2",
        "5-3",
        "3+4",
        "1/0",
        "0^-1",
        "1e9999",
        "9" * 150 + "e300",
        "__import__('os')",
        "1;drop",
        "/",
        "x",
    ],
)
def test_what_is_no_number_is_said_to_be_none(text: str) -> None:
    assert read_answer(text).unread is Unread.NOT_A_NUMBER


@pytest.mark.parametrize(
    ("text", "unit"), [("30px", ""), ("30 px", "M"), ("30°", "%"), ("12abc", ""), ("3kg", "px")]
)
def test_another_unit_is_refused(text: str, unit: str) -> None:
    assert read_answer(text, unit).unread is Unread.OTHER_UNIT


def test_a_long_text_is_not_read() -> None:
    assert read_answer("1" * MAX_CHARACTERS).values == pytest.approx((1e200 / 9,), rel=1e-9)
    assert read_answer("1" * (MAX_CHARACTERS + 1)).unread is Unread.TOO_LONG


@given(
    text=st.one_of(
        st.text(max_size=MAX_CHARACTERS + 20),
        st.text("0123456789.-+/^e×x,，、 %()[]万亿KMG点分之百十负约", max_size=60),
    ),
    unit=st.sampled_from(UNITS),
    count=st.integers(1, 4),
)
def test_no_text_raises_and_numbers_are_finite(text: str, unit: str, count: int) -> None:
    reading = read_answer(text, unit, count)
    assert (reading.unread is None) == bool(reading.values)
    assert all(math.isfinite(value) for value in reading.values)


finite = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300)


@given(value=finite, unit=st.sampled_from(UNITS))
def test_a_number_is_read_as_it_was_written(value: float, unit: str) -> None:
    for text in (repr(value), f"{value!r} {unit}", f"「{value!r}」", f"答案是 {value!r}。"):
        assert read_answer(text, unit).values == pytest.approx((value,), rel=1e-14, abs=1e-300)


@given(values=st.lists(finite, min_size=2, max_size=4))
def test_a_list_is_read_as_it_was_written(values: list[float]) -> None:
    expected = pytest.approx(tuple(values), rel=1e-14, abs=1e-300)
    for text in (repr(values), repr(tuple(values)), "、".join(map(repr, values))):
        assert read_answer(text, count=len(values)).values == expected


@given(value=st.integers(0, 10**15))
def test_thousands_may_be_separated(value: int) -> None:
    assert read_answer(f"{value:,}").values == (float(value),)


def test_an_unknown_unit_measures_itself() -> None:
    assert asked_unit("bit").measure == "bit"
    assert read_answer("8", "bit").values == (8.0,)
