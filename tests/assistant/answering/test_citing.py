"""Markers in a stream: what is cited, what is dropped, what is only text, and that chunking never matters."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.answering.citing import MarkerFilter


def split(chunks: Sequence[str], given: int = 3) -> tuple[list[str | int], int]:
    """What comes out, text between two numbers joined, and how many numbers were dropped."""
    markers = MarkerFilter(given)
    pieces: list[str | int] = []
    for piece in [p for chunk in chunks for p in markers.feed(chunk)] + list(markers.finish()):
        last = pieces[-1] if pieces else None
        if isinstance(piece, str) and isinstance(last, str):
            pieces[-1] = last + piece
        else:
            pieces.append(piece)
    return pieces, markers.dropped


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("BN 稳定[1]。", ["BN 稳定", 1, "。"]),
        ("稳定【2】", ["稳定", 2]),
        ("稳定［3］", ["稳定", 3]),
        ("stable [1][3].", ["stable ", 1, 3, "."]),
        ("stable [1, 2]", ["stable ", 1, 2]),
        ("稳定[1、2，3]", ["稳定", 1, 2, 3]),
        ("stable [ 1 ]", ["stable ", 1]),
        ("[1](https://example.org)", [1, "(https://example.org)"]),
        ("没有引用", ["没有引用"]),
        ("", []),
    ],
)
def test_markers_of_given_passages_become_numbers(text: str, pieces: list[str | int]) -> None:
    assert split([text]) == (pieces, 0)


@pytest.mark.parametrize(
    ("text", "pieces", "dropped"),
    [
        ("稳定[4]。", ["稳定。"], 1),
        ("稳定[1, 9]。", ["稳定", 1, "。"], 1),
        ("[7][8][9]", [], 3),
        ("[99]", [], 1),
    ],
)
def test_numbers_of_passages_never_given_are_dropped_and_counted(
    text: str, pieces: list[str | int], dropped: int
) -> None:
    assert split([text]) == (pieces, dropped)


@pytest.mark.parametrize(
    "text",
    [
        "sigmoid 的值域是 [0, 1]",
        "归一化到 [-1, 1]",
        "a 224x224 image is [224, 224, 3]",
        "x[0] 是第一个",
        "x[i], [1.5], [a], [], [1-3], [1 2], [01]",
        "数组 `[1, 2, 3]` 的第一项是 `x[1]`",
        "``code with ` inside [1]``",
        "```python\nx = [1, 2, 3]\ny = x[1]\n```",
        "~~~ [",
        "未完 [1",
        "未完 [1, ",
    ],
)
def test_other_brackets_and_all_code_stay_as_they_are(text: str) -> None:
    assert split([text]) == ([text], 0)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("```\nx[1]\n```\n见 [1]", ["```\nx[1]\n```\n见 ", 1]),
        ("`x[1]` 见 [2]", ["`x[1]` 见 ", 2]),
        ("````\n```\n[1]\n````\n[2]", ["````\n```\n[1]\n````\n", 2]),
        ("一个落单的 ` 号\n见 [1]", ["一个落单的 ` 号\n见 ", 1]),
    ],
)
def test_markers_count_again_after_code_has_ended(text: str, pieces: list[str | int]) -> None:
    assert split([text]) == (pieces, 0)


def test_without_passages_every_marker_is_dropped() -> None:
    assert split(["a [1] b"], given=0) == (["a  b"], 1)


def test_text_is_passed_on_at_once_and_only_a_possible_marker_is_held() -> None:
    markers = MarkerFilter(3)
    assert list(markers.feed("BN 稳定 [")) == ["BN 稳定 "]
    assert list(markers.feed("1")) == []
    assert list(markers.feed("] 训练 [参见")) == [1, " 训练 [参见"]
    assert list(markers.finish()) == []


PIECES = [
    "[",
    "]",
    "【",
    "】",
    "1",
    "2",
    "9",
    "0",
    ",",
    "，",
    "、",
    " ",
    "`",
    "```",
    "\n",
    "x",
    "文",
    "[1]",
    "[1, 2]",
]


@settings(max_examples=500)
@given(st.lists(st.sampled_from(PIECES), max_size=60), st.data())
def test_any_chunking_of_a_stream_gives_the_same(pieces: list[str], data: st.DataObject) -> None:
    text = "".join(pieces)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=12)))
    chunks = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert split(chunks) == split([text]) == split(list(text))


@given(st.text(alphabet="[]1 23456789,`\nx", max_size=80), st.integers(0, 9))
def test_only_given_numbers_come_out_and_no_text_is_made_up(text: str, given: int) -> None:
    pieces, _ = split([text], given)
    assert all(1 <= piece <= given for piece in pieces if isinstance(piece, int))
    rest = iter(text)
    assert all(character in rest for piece in pieces if isinstance(piece, str) for character in piece)
