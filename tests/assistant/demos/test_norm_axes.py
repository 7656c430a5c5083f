"""Normalization axes against torch's functional norms, on counts, and in questions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from assistant.demo_kit import registry
from assistant.demo_kit.question import read_facts
from assistant.demo_kit.types import DemoError, Fault
from assistant.demos.norm_axes import read_question


def run(**arguments: Any) -> dict[str, Any]:
    return registry.run("norm_axes", arguments).to_dict()


def refusal(**arguments: Any) -> tuple[Fault, str]:
    with pytest.raises(DemoError) as error:
        run(**arguments)
    return error.value.fault, error.value.param


@given(
    seed=st.integers(0, 2**31 - 1),
    n=st.integers(2, 4),
    groups=st.integers(1, 3),
    width=st.integers(1, 3),
    space=st.sampled_from([(), (4,), (3, 2)]),
    eps=st.sampled_from([1e-5, 1e-3, 0.1]),
)
def test_values_are_those_of_torch(
    seed: int, n: int, groups: int, width: int, space: tuple[int, ...], eps: float
) -> None:
    x = torch.tensor(np.random.default_rng(seed).normal(2, 3, (n, groups * width, *space)))
    expected = {
        "bn": functional.batch_norm(x, None, None, training=True, eps=eps),
        "ln": functional.layer_norm(x, x.shape[1:], eps=eps),
        "gn": functional.group_norm(x, groups, eps=eps),
    }
    if space:
        expected["in"] = functional.instance_norm(x, eps=eps)
    for method, y in expected.items():
        found = run(x=x.tolist(), method=method, groups=groups, eps=eps)["numbers"]
        np.testing.assert_allclose(found["y"], y.numpy(), rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(found["y_flat"], y.numpy().ravel(), rtol=1e-9, atol=1e-9)
        assert found["n_stats"] * found["elements_per_stat"] == x.numel()


def test_all_four_methods_are_counted_side_by_side() -> None:
    blocks = run(shape=[8, 64, 32, 32])["numbers"]
    counts = {name: (block["n_stats"], block["elements_per_stat"]) for name, block in blocks.items()}
    assert counts == {"bn": (64, 8192), "ln": (8, 65536), "in": (512, 1024), "gn": (256, 2048)}
    assert [block["axes"] for block in blocks.values()] == [
        ["N", "H", "W"], ["C", "H", "W"], ["H", "W"], ["C/G", "H", "W"],
    ]  # fmt: skip
    assert [block["works_at_batch_1"] for block in blocks.values()] == [False, True, True, True]


@pytest.mark.parametrize(("groups", "other"), [(6, "in"), (1, "ln")])
def test_group_norm_has_layer_and_instance_norm_as_its_ends(groups: int, other: str) -> None:
    result = run(shape=[4, 6, 5, 5], method="gn", groups=groups, compare_with=other)
    assert result["numbers"]["max_abs_diff"] < 1e-12
    assert any(other.upper() in note for note in result["notes"])
    assert run(shape=[4, 6, 5, 5], method="gn", groups=2, compare_with=other)["numbers"]["max_abs_diff"] > 0.1


def test_the_layout_may_leave_out_the_batch() -> None:
    single, batch = [[1.0, 2.0, 4.0], [0.0, 3.0, 5.0]], [[[1.0, 2.0, 4.0], [0.0, 3.0, 5.0]]]
    found = run(x=single, layout="NCL", method="in")
    assert [found["numbers"]["y"]] == run(x=batch, layout="NCL", method="in")["numbers"]["y"]
    assert found["args_used"]["shape"] == [1, 2, 3]


def test_groups_left_out_fit_the_channels() -> None:
    assert run(shape=[2, 64, 4, 4], method="gn")["args_used"]["groups"] == 32
    assert run(shape=[2, 6, 4, 4], method="gn", groups=None)["args_used"]["groups"] == 2
    assert "groups plays no part" in " ".join(run(shape=[2, 6, 4, 4], method="bn", groups=4)["notes"])


def test_one_element_per_statistic_becomes_0_with_a_warning() -> None:
    result = run(x=[[1.0, 2.0]], method="bn")
    assert result["numbers"]["y"] == [[0, 0]]
    assert "one element" in result["warnings"][0]
    assert run(x=[[3.0, 3.0]], method="ln", eps=0)["numbers"]["y"] == [[0, 0]]


def test_channels_that_share_a_statistic_share_a_shade() -> None:
    grid = run(shape=[2, 4, 3, 3], method="gn", groups=2)["plot"]["grid"]
    assert grid == [[0, 0, 1, 1], [2, 2, 3, 3]]
    for groups in (1, 32):
        assert run(shape=[2, 4, 3, 3], method="bn", groups=groups)["plot"]["grid"] == [[0, 1, 2, 3]] * 2


@pytest.mark.parametrize(
    ("arguments", "fault", "param"),
    [
        ({"shape": [2, 6, 4, 4], "method": "gn", "groups": 4}, Fault.INCONSISTENT, "groups"),
        ({"shape": [2, 6, 4, 4], "method": "gn", "groups": 7}, Fault.INCONSISTENT, "groups"),
        ({"method": "all", "compare_with": "ln"}, Fault.INCONSISTENT, "compare_with"),
        ({"shape": [64, 64, 64, 64], "method": "ln", "compare_with": "in"}, Fault.TOO_BIG, "shape"),
        ({"shape": [2, 3], "layout": "NCL"}, Fault.SHAPE_MISMATCH, "shape"),
        ({"shape": [2, 3], "x": [[1, 2]]}, Fault.SHAPE_MISMATCH, "shape"),
        ({"shape": [2]}, Fault.OUT_OF_RANGE, "shape"),
        ({"x": [[1, 2], [3]]}, Fault.SHAPE_MISMATCH, "x"),
        ({"x": [[[1]]], "layout": "NC"}, Fault.SHAPE_MISMATCH, "x"),
        ({"x": [[1, float("inf")]]}, Fault.NOT_FINITE, "x"),
        ({"x": [[1, 1e200]]}, Fault.OUT_OF_RANGE, "x"),
        ({"groups": 0}, Fault.OUT_OF_RANGE, "groups"),
        ({"method": "rms"}, Fault.OUT_OF_RANGE, "method"),
    ],
)
def test_what_does_not_fit_is_refused(arguments: dict[str, Any], fault: Fault, param: str) -> None:
    assert refusal(**arguments) == (fault, param)


def test_a_wrong_group_count_is_told_the_divisors() -> None:
    with pytest.raises(DemoError, match="C=6, groups=4; try 1, 2, 3, 6"):
        run(shape=[20, 6, 10, 10], method="gn", groups=4)


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        ("BN和IN分别在哪些维度上求均值", {"method": "all"}),
        ("GroupNorm 3 groups on 6 channels", {"shape": [20, 6, 10, 10], "method": "gn", "groups": 3}),
        ("层归一化在哪些维度上求均值，输入 [4,16,8,8]", {"method": "ln", "shape": [4, 16, 8, 8]}),
        ("over which axes does batch norm average", {"method": "bn"}),
    ],
)
def test_arguments_are_read_from_a_question(question: str, arguments: dict[str, Any]) -> None:
    assert read_question(read_facts(question)) == arguments
    run(**arguments)


@pytest.mark.parametrize(
    "question",
    [
        "BN 的 momentum 是什么",
        "batch norm 和 dropout 一起用会怎样",
        "how many groups in 64 channels of a grouped conv",
        "3 groups on 6 channels",
        "in which layers is the gradient largest",
        "BN 放在激活函数前还是后",
        "",
    ],
)
def test_questions_about_something_else_are_left_alone(question: str) -> None:
    assert read_question(read_facts(question)) is None
