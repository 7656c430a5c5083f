"""Text wrapped as it streams: however it is cut into pieces, the lines are the same, and no piece waits for long."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from assistant.cli.wrapping import StreamWrapper

TEXTS = (
    "Adam 结合一阶矩和二阶矩，并做偏置校正；学习率不太敏感。因此（在多数任务上）收敛更快。",
    "- 训练时用小批量的统计量，同时更新滑动平均\n- 推理时用滑动平均\n\n1. first of all, the mean\n2. then the variance",
    "Batch normalization standardizes every channel with the mean and variance of the current mini-batch.",
    "公式：y = γ·(x − μ)/σ + β，其中 γ、β 可学习。",
)


def wrapped(pieces: list[str], width: int) -> str:
    wrapper = StreamWrapper(width)
    return "".join(wrapper.feed(piece) for piece in pieces) + wrapper.finish()


@pytest.mark.parametrize("width", [30, 40, 60, 80, 100])
@pytest.mark.parametrize("text", TEXTS)
def test_the_lines_do_not_depend_on_how_the_text_is_cut(text: str, width: int) -> None:
    whole = wrapped([text], width)
    assert wrapped(list(text), width) == whole
    chance = random.Random(3)
    for _ in range(20):
        cuts = sorted(chance.sample(range(1, len(text)), 6))
        pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
        assert wrapped(pieces, width) == whole


@given(st.text(st.sampled_from("批归一化，。（）ab c"), max_size=200), st.integers(30, 100))
def test_no_line_is_too_wide_and_no_character_is_lost(text: str, width: int) -> None:
    shown = wrapped(list(text), width)
    assert "".join(shown.split()) == "".join(text.split())
    assert all(cell_len(line) <= width or not breakable(line) for line in shown.split("\n"))


def breakable(line: str) -> bool:
    return len(line.split()) > 1 or len(set("批归一化") & set(line)) > 1


@pytest.mark.parametrize("first", ["批", "Adam", "The", "**重点**"])
def test_the_first_piece_of_a_line_is_shown_at_once(first: str) -> None:
    assert StreamWrapper(80).feed(first) == first


@pytest.mark.parametrize("first", ["-", "- ", "1", "1.", "12. ", "  "])
def test_what_may_become_a_mark_of_a_list_waits_for_what_follows(first: str) -> None:
    wrapper = StreamWrapper(80)
    assert wrapper.feed(first) == ""
    assert wrapper.feed("好") == f"{first}好"
