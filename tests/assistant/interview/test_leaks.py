"""What gives a point away, and what does not."""

from __future__ import annotations

import pytest

from assistant.grading.types import KeyPoint
from assistant.interview.leaks import leak

POINT = KeyPoint(
    "推理时用滑动平均的统计量", wordings=("推理时用滑动平均的统计量", "inference uses running statistics")
)


@pytest.mark.parametrize(
    ("text", "known", "given"),
    [
        ("你知道滑动平均的作用吗？", (), "滑动平均的"),
        ("滑动平均呢？", (), ""),
        ("滑动 平均 的 统计", (), "动平均的统"),
        ("你知道滑动平均的作用吗？", ("为什么用滑动平均的统计量？",), ""),
        ("Does inference use the running statistics?", (), "inference running statistics"),
        ("What about inference and the statistics?", (), ""),
        ("Does inference use running statistics?", ("Inference in BN",), ""),
        ("还有没有要补充的？", (), ""),
    ],
)
def test_five_characters_or_three_words_give_a_point_away_unless_they_are_known(
    text: str, known: tuple[str, ...], given: str
) -> None:
    assert bool(leak(text, [POINT], known)) is bool(given)
    if given and given.isascii():
        assert leak(text, [POINT], known) == given


def test_small_words_are_no_content() -> None:
    point = KeyPoint("it is what you would use when there are more of them")
    assert leak("what would you use when there are more?", [point], ()) == ""


def test_nothing_is_given_away_without_points() -> None:
    assert leak("推理时用滑动平均的统计量", [], ()) == ""
