"""DropBlock's drop rates against enumeration and sampling, kriging against scikit-learn, and questions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import Matern

from assistant.demo_kit import registry
from assistant.demo_kit.question import read_facts
from assistant.demo_kit.types import DemoError, Fault
from assistant.demos.dropblock import _kriged, _mask, drop_map, gamma_of, read_question


def run(**arguments: Any) -> dict[str, Any]:
    return registry.run("dropblock", arguments).to_dict()


def refusal(**arguments: Any) -> tuple[Fault, str]:
    with pytest.raises(DemoError) as error:
        run(**arguments)
    return error.value.fault, error.value.param


def test_gamma_is_equation_1_of_the_paper() -> None:
    assert run(feat_size=14, block_size=7, keep_prob=0.9)["numbers"]["gamma"] == pytest.approx(
        0.1 / 49 * 196 / 64, rel=1e-12
    )


def test_the_ends_are_dropout_and_spatial_dropout() -> None:
    for block in (1, 8):
        numbers = run(feat_size=8, block_size=block, keep_prob=0.8)["numbers"]
        assert numbers["gamma"] == pytest.approx(0.2)
        assert list(numbers["effective"].values()) == pytest.approx([0.2] * 3)


@given(feat=st.integers(1, 64), block=st.integers(1, 64), keep=st.floats(0.01, 1))
def test_gamma_is_a_probability_whatever_the_block(feat: int, block: int, keep: float) -> None:
    assert 0 <= gamma_of(feat, min(block, feat), keep) <= 1 - keep + 1e-12


@given(feat=st.integers(1, 9), block=st.integers(1, 9), gamma=st.floats(0, 1))
def test_the_drop_map_counts_the_blocks_that_cover_each_unit(feat: int, block: int, gamma: float) -> None:
    block = min(block, feat)
    covering = np.zeros((feat, feat))
    for top, left in np.ndindex(feat - block + 1, feat - block + 1):
        covering[top : top + block, left : left + block] += 1
    np.testing.assert_allclose(drop_map(feat, block, gamma), 1 - (1 - gamma) ** covering, atol=1e-12)


def test_a_mask_drops_exactly_its_blocks() -> None:
    seeds = np.zeros((3, 3), dtype=bool)
    seeds[0, 2] = seeds[2, 0] = True
    assert _mask(seeds, 3).astype(int).tolist() == [
        [1, 1, 0, 0, 0], [1, 1, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 1, 1], [0, 0, 0, 1, 1],
    ]  # fmt: skip


def test_sampled_masks_have_the_reported_rates() -> None:
    masks = np.array(
        [run(feat_size=10, block_size=3, keep_prob=0.7, seed=seed)["numbers"]["mask"] for seed in range(300)]
    )
    effective = run(feat_size=10, block_size=3, keep_prob=0.7)["numbers"]["effective"]
    assert 1 - masks.mean() == pytest.approx(effective["mean_drop"], abs=0.02)
    assert 1 - masks[:, 5, 5].mean() == pytest.approx(effective["center_drop"], abs=0.09)


def test_kriging_is_that_of_a_gaussian_process() -> None:
    kept = np.ones((5, 5), dtype=bool)
    kept[1:4, 1:4] = False
    unit = np.array([2, 1])
    process = GaussianProcessRegressor(Matern(2.0, nu=0.5), optimizer=None, alpha=0)
    process.fit(np.argwhere(kept), np.zeros(16))
    deviation = process.predict(unit[None], return_std=True)[1][0]
    assert _kriged(kept, unit, 2.0) == pytest.approx(1 - deviation**2, rel=1e-9)


def test_neighbours_tell_a_dropped_unit_but_not_the_middle_of_a_block() -> None:
    known = run()["numbers"]["recoverable"]
    assert known["dropout"] > 2 * known["dropblock"] > known["spatial_dropout"] == 0
    assert run(corr_length=0)["numbers"]["recoverable"] == {
        "dropout": 0,
        "dropblock": 0,
        "spatial_dropout": 0,
    }
    assert set(run(keep_prob=1)["numbers"]["recoverable"].values()) == {None}


def test_a_neglected_corner_is_warned_of() -> None:
    assert "42.3 times" in run(feat_size=14, block_size=7)["warnings"][0]
    assert run(block_size=1)["warnings"] == []


@pytest.mark.parametrize(
    ("arguments", "fault", "param"),
    [
        ({"block_size": 4}, Fault.UNSUPPORTED, "block_size"),
        ({"feat_size": 5, "block_size": 7}, Fault.INCONSISTENT, "block_size"),
        ({"keep_prob": 0}, Fault.OUT_OF_RANGE, "keep_prob"),
        ({"keep_prob": 1.5}, Fault.OUT_OF_RANGE, "keep_prob"),
        ({"feat_size": 65}, Fault.OUT_OF_RANGE, "feat_size"),
        ({"block_size": 2.5}, Fault.WRONG_TYPE, "block_size"),
        ({"corr_length": 21}, Fault.OUT_OF_RANGE, "corr_length"),
    ],
)
def test_what_does_not_fit_is_refused(arguments: dict[str, Any], fault: Fault, param: str) -> None:
    assert refusal(**arguments) == (fault, param)


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        ("卷积层为什么不怎么用dropout", {}),
        (
            "DropBlock 7 on a 14x14 map keep 0.9",
            {"feat_size": 14, "block_size": 7, "keep_prob": 0.9},
        ),
        ("DropBlock 的 block size 5 在 28x28 特征图上", {"feat_size": 28, "block_size": 5}),
        ("DropBlock 和 dropout 的区别", {}),
        ("DropBlock on a 5x5 feature map", {}),
    ],
)
def test_arguments_are_read_from_a_question(question: str, arguments: dict[str, Any]) -> None:
    assert read_question(read_facts(question)) == arguments
    run(**arguments)


@pytest.mark.parametrize(
    "question",
    [
        "dropout 为什么能防止过拟合",
        "卷积层的参数量怎么算",
        "dropout 在测试时怎么处理",
        "卷积层 dropout 和 BN 为什么冲突",
        "what is a residual block",
        "dropout 0.5 after fc6",
        "",
    ],
)
def test_questions_about_something_else_are_left_alone(question: str) -> None:
    assert read_question(read_facts(question)) is None
