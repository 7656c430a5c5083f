"""Average precision against scikit-learn, brute force over recalls, a worked example, and in questions."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, precision_recall_curve

from assistant.demo_kit import registry
from assistant.demo_kit.question import read_facts
from assistant.demo_kit.types import DemoError, Fault
from assistant.demos.average_precision import read_question

flags = st.lists(st.integers(0, 1), min_size=1, max_size=30).filter(any)


def run(**arguments: Any) -> dict[str, Any]:
    return registry.run("average_precision", arguments).to_dict()


def interpolated(hits: list[int], positives: int, recall: Fraction) -> Fraction:
    """Return the best precision among the ranks whose recall is at least this."""
    return max(
        (
            Fraction(sum(hits[:k]), k)
            for k in range(1, len(hits) + 1)
            if Fraction(sum(hits[:k]), positives) >= recall
        ),
        default=Fraction(0),
    )


@given(hits=flags, seed=st.integers(0, 1000))
def test_the_raw_sum_is_that_of_scikit_learn(hits: list[int], seed: int) -> None:
    scores = np.random.default_rng(seed).permutation(len(hits)).astype(float)
    numbers = run(tp=hits, scores=scores.tolist())["numbers"]
    assert numbers["ap_raw"] == pytest.approx(average_precision_score(hits, scores))
    precision, recall, _ = precision_recall_curve(hits, scores)
    # scikit-learn lists from the last rank and adds the point (0, 1).
    np.testing.assert_allclose(numbers["precision"], precision[-2::-1])
    np.testing.assert_allclose(numbers["recall"], recall[-2::-1])


@given(hits=flags, missed=st.integers(0, 20))
def test_interpolated_figures_are_those_of_brute_force(hits: list[int], missed: int) -> None:
    positives = sum(hits) + missed
    numbers = run(tp=hits, positives=positives)["numbers"]
    for name, parts in (("ap_11", 10), ("ap_101", 100)):
        points = [interpolated(hits, positives, Fraction(i, parts)) for i in range(parts + 1)]
        assert numbers[name] == pytest.approx(float(sum(points) / (parts + 1)))
    # The curve is constant on each step of 1/positives.
    area = (
        sum(interpolated(hits, positives, Fraction(i, positives)) for i in range(1, positives + 1))
        / positives
    )
    assert numbers["ap_all_points"] == pytest.approx(float(area))
    assert numbers["missed"] == missed


def test_the_worked_example() -> None:
    result = run(tp=[1, 0, 1, 1, 0, 0], positives=4)
    numbers = result["numbers"]
    assert numbers["ap_raw"] == pytest.approx((1 + 2 / 3 + 3 / 4) / 4)
    assert numbers["ap_all_points"] == pytest.approx(0.625)
    assert numbers["ap_11"] == pytest.approx((3 + 5 * 0.75) / 11)
    assert numbers["ap_101"] == pytest.approx((26 + 50 * 0.75) / 101)
    assert "never found" in result["warnings"][0]


def test_late_false_positives_change_nothing_and_early_ones_do() -> None:
    before = run(tp=[1, 0, 1, 1], positives=4)["numbers"]
    late = run(tp=[1, 0, 1, 1, *[0] * 100], positives=4)["numbers"]
    assert [late[name] for name in ("ap_raw", "ap_all_points", "ap_11", "ap_101")] == [
        before[name] for name in ("ap_raw", "ap_all_points", "ap_11", "ap_101")
    ]
    assert run(tp=[0, 1, 0, 1, 1], positives=4)["numbers"]["ap_all_points"] == pytest.approx(0.45)


def test_scores_rank_and_ties_stay_in_the_given_order() -> None:
    ranked = run(tp=[0, 1, 1], scores=[0.1, 0.9, 0.9])
    assert ranked["numbers"]["precision"] == run(tp=[1, 1, 0])["numbers"]["precision"]
    assert "Equal scores" in ranked["warnings"][0]
    assert run(tp=[1, 0], scores=[1, 0])["warnings"] == []


def test_nothing_but_misses_has_no_precision() -> None:
    numbers = run(tp=[0, 0], positives=3)["numbers"]
    assert [numbers[name] for name in ("ap_raw", "ap_all_points", "ap_11", "ap_101")] == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("arguments", "fault", "param"),
    [
        ({"tp": [1, 1], "positives": 1}, Fault.INCONSISTENT, "positives"),
        ({"tp": [0, 0]}, Fault.INCONSISTENT, "positives"),
        ({"scores": [1]}, Fault.SHAPE_MISMATCH, "scores"),
        ({"tp": [2]}, Fault.OUT_OF_RANGE, "tp[0]"),
        ({"tp": [True]}, Fault.WRONG_TYPE, "tp[0]"),
        ({"tp": []}, Fault.OUT_OF_RANGE, "tp"),
        ({"tp": [1] * 201}, Fault.TOO_BIG, "tp"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(arguments: dict[str, Any], fault: Fault, param: str) -> None:
    with pytest.raises(DemoError) as error:
        run(**arguments)
    assert (error.value.fault, error.value.param) == (fault, param)


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        ("检测结果是 TP, FP, TP, TP，共 4 个真值框，AP 是多少", {"tp": [1, 0, 1, 1], "positives": 4}),
        ("AP of TP FP TP with 3 objects, COCO", {"tp": [1, 0, 1], "positives": 3}),
        ("mAP 怎么算，TP 和 FP 怎么判断", {}),
        ("average precision 和 PR 曲线是什么关系", {}),
    ],
)
def test_arguments_are_read_from_a_question(question: str, arguments: dict[str, Any]) -> None:
    assert read_question(read_facts(question)) == arguments
    run(**arguments)


@pytest.mark.parametrize(
    "question",
    [
        "feature map 大小怎么计算",
        "MAP 估计和先验",
        "ROC 的 AUC 与 precision",
        "NMS 怎么影响 mAP",
        "召回率是什么",
    ],
)
def test_questions_about_something_else_are_left_alone(question: str) -> None:
    assert read_question(read_facts(question)) is None
