"""Answers are graded exactly, and a wrong one is explained by the slip that leads to it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.demo_kit.exercises import Exercise, Mistake
from assistant.drills.grading import Verdict, grade
from assistant.drills.reading import Unread

WHOLE = Exercise(
    demo="conv_cost",
    arguments={},
    question_zh="多少个参数？",
    question_en="How many parameters?",
    answer=803072,
    steps_zh=("803072",),
    steps_en=("803072",),
    hint_zh="提示",
    hint_en="hint",
    mistakes=(Mistake(802816, "漏了偏置", "biases"), Mistake(12800, "漏乘输入通道数", "channels")),
    tolerance=0,
)
MILLIONS = replace(
    WHOLE,
    answer=7.225344,
    tolerance=0.01,
    unit="M",
    mistakes=(
        Mistake(14.450688, "FLOPs", "FLOPs"),
        Mistake(7.4, "近", "near"),
        Mistake(7.38, "更近", "nearer"),
    ),
)
SIDE = replace(WHOLE, answer=112, unit="px", mistakes=(Mistake(111, "少 1", "one less"),))
SIZE = replace(WHOLE, answer=(112, 112), mistakes=(Mistake((56, 56), "步长", "stride"),))
SHAPE = replace(WHOLE, answer=(400, 256), mistakes=(Mistake((25, 256), "通道", "channels"),))
ZERO = replace(WHOLE, answer=0.0, tolerance=0.01, mistakes=(Mistake(0.9, "过头", "past 0"),))
SMALL = replace(WHOLE, answer=0.00208247, tolerance=0.005, mistakes=())


@pytest.mark.parametrize(
    ("exercise", "text", "verdict"),
    [
        (WHOLE, "803072", Verdict.CORRECT),
        (WHOLE, "803,072 个", Verdict.CORRECT),
        (WHOLE, "803073", Verdict.WRONG),
        (WHOLE, "803071.9", Verdict.WRONG),
        (WHOLE, "80.3万", Verdict.ROUNDED),
        (WHOLE, "800000", Verdict.WRONG),
        (WHOLE, "802816", Verdict.MISTAKE),
        (WHOLE, "不知道", Verdict.NO_ANSWER),
        (WHOLE, "many", Verdict.UNREADABLE),
        (MILLIONS, "7.225", Verdict.CORRECT),
        (MILLIONS, "7.16", Verdict.CORRECT),
        (MILLIONS, "7.15", Verdict.WRONG),
        (MILLIONS, "722.5万", Verdict.CORRECT),
        (MILLIONS, "7225344", Verdict.SCALE),
        (MILLIONS, "7", Verdict.ROUNDED),
        (MILLIONS, "14.45", Verdict.MISTAKE),
        (MILLIONS, "14.45 MMACs", Verdict.MISTAKE),
        (SIDE, "112", Verdict.CORRECT),
        (SIDE, "112x112", Verdict.CORRECT),
        (SIDE, "111x111", Verdict.MISTAKE),
        (SIDE, "112x111", Verdict.WRONG),
        (SIDE, "112 112 112", Verdict.WRONG),
        (SIZE, "112", Verdict.CORRECT),
        (SIZE, "112×112", Verdict.CORRECT),
        (SIZE, "56", Verdict.MISTAKE),
        (SHAPE, "400x256", Verdict.CORRECT),
        (SHAPE, "400,256", Verdict.CORRECT),
        (SHAPE, "256x400", Verdict.WRONG),
        (SHAPE, "400", Verdict.WRONG),
        (SHAPE, "25x256", Verdict.MISTAKE),
        (ZERO, "0", Verdict.CORRECT),
        (ZERO, "0.001", Verdict.WRONG),
        (SMALL, "0.002", Verdict.ROUNDED),
        (SMALL, "0.00208", Verdict.CORRECT),
        (SMALL, "2.08e-3", Verdict.CORRECT),
        (SMALL, "0.208%", Verdict.CORRECT),
    ],
)
def test_an_answer_gets_its_verdict(exercise: Exercise, text: str, verdict: Verdict) -> None:
    graded = grade(exercise, text)
    assert graded.verdict is verdict
    assert graded.given == text
    assert (graded.mistake is not None) == (verdict is Verdict.MISTAKE)


def test_of_two_slips_the_nearer_one_explains() -> None:
    assert grade(MILLIONS, "7.39").mistake == MILLIONS.mistakes[2]
    assert grade(MILLIONS, "7.395").mistake == MILLIONS.mistakes[1]


def test_what_was_read_is_told_in_the_unit_of_the_question() -> None:
    assert grade(MILLIONS, "2.4G").values == (2400.0,)
    assert grade(WHOLE, "30px").unread is Unread.OTHER_UNIT
