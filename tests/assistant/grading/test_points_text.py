"""Key points as a text to edit: what comes back unchanged, what an edit keeps, and which lines are refused and why."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.events import Citation
from assistant.grading.points_text import MAX_LENGTH, MAX_POINTS, read, written
from assistant.grading.types import KeyPoint
from assistant.language import Language
from corpus.types import Location, LocationKind

PLACE = Citation(1, "BN", ("BN",), "/n/bn.md", Location(LocationKind.LINES, 3, 3), "BN", "p")
POINTS = (
    KeyPoint(
        "BN 按通道\n归一化", PLACE, "优点", ("BN 按通道 归一化", "BN normalizes channels"), written=True
    ),
    KeyPoint("推理时用滑动平均", PLACE, wordings=("推理时用滑动平均",)),
)
ZH = Language.ZH


def test_what_was_not_touched_comes_back_with_its_line_and_its_other_wordings() -> None:
    text = written(POINTS, "BN", ZH)
    assert text.splitlines()[-2:] == ["[p1] BN 按通道 归一化", "[p2] 推理时用滑动平均"]
    found, refused = read(text, POINTS, ZH)
    assert refused == ()
    assert [(one.text, one.citation, one.wordings) for one in found] == [
        (one.text, one.citation, one.wordings) for one in POINTS
    ]
    assert all(one.written for one in found)


def test_an_edit_keeps_the_line_and_drops_what_was_said_otherwise_and_a_new_point_has_no_line() -> None:
    found, refused = read("# 注释\n\n- [p2] 推理时用训练时攒下的均值和方差\n依赖 batch 大小\n", POINTS, ZH)
    assert refused == ()
    assert found == (
        KeyPoint(
            "推理时用训练时攒下的均值和方差",
            PLACE,
            wordings=("推理时用训练时攒下的均值和方差",),
            written=True,
        ),
        KeyPoint("依赖 batch 大小", wordings=("依赖 batch 大小",), written=True),
    )


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("[p3] 没有这一条", "没有 [p3] 这条要点"),
        ("[p0] 没有这一条", "没有 [p0] 这条要点"),
        ("[p1] 又一次", "[p1] 用了两次"),
        ("[p2]", "编号后面没有内容；要删掉这条就删掉整行"),
        ("[2] 写错了编号", "行首的方括号不是要点编号；编号形如 [p1]，新要点不写编号"),
        ("ＢＮ 按通道归一化。", "和第 1 行重复"),
        ("=====", "没有可以比对的文字"),
        ("长" * (MAX_LENGTH + 1), "有 301 个字符，最多 300 个；拆成几条"),
        ("响铃\x07响铃", "含有控制字符"),
    ],
)
def test_a_line_that_is_no_point_is_refused_with_its_number_and_the_reason(line: str, why: str) -> None:
    found, refused = read(f"[p1] BN 按通道归一化\n\n{line}\n", POINTS, ZH)
    assert [one.text for one in found] == ["BN 按通道归一化"]
    assert [(one.number, one.line, one.why) for one in refused] == [(3, line, why)]


def test_a_text_without_points_is_empty_and_one_with_too_many_is_refused() -> None:
    assert read("\ufeff# nothing\n\n", POINTS, ZH) == ((), ())
    many = "\n".join(f"point number {n}" for n in range(MAX_POINTS + 1))
    found, (refused,) = read(many, (), Language.EN)
    assert len(found) == MAX_POINTS
    assert (refused.number, refused.why) == (MAX_POINTS + 1, "there are more than 60 points")


@given(st.lists(st.text(alphabet="中ab c[p1]#-。\n", min_size=1, max_size=12), max_size=6))
@settings(max_examples=60)
def test_whatever_is_taken_over_is_taken_over_unchanged_the_next_time(lines: list[str]) -> None:
    found, _ = read("\n".join(lines), POINTS, ZH)
    again, refused = read(written(found, "BN", ZH), found, ZH)
    assert (again, refused) == (found, ())
