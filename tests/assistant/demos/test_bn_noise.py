"""The noise of batch statistics: theory against draws and against drawn batches; and in questions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from torch.distributions import Chi2

from assistant.demo_kit import registry
from assistant.demo_kit.question import read_facts
from assistant.demo_kit.types import DemoError, Fault
from assistant.demos.bn_noise import read_question


def run(**arguments: Any) -> dict[str, Any]:
    return registry.run("bn_noise", arguments).to_dict()


@pytest.mark.parametrize("sigma", [1.0, 2.5])
def test_the_formulas_are_the_moments_of_the_chi_square_distribution(sigma: float) -> None:
    sizes = [2, 3, 8, 128, 4096]
    numbers = run(batch_sizes=sizes, sigma=sigma)["numbers"]
    for i, m in enumerate(sizes):
        spread = Chi2(m - 1.0)
        mean, var = float(spread.mean), float(spread.variance)
        assert numbers["std_of_batch_mean"][i] == pytest.approx(sigma / m**0.5)
        assert numbers["variance"]["mean_of_batch_var"][i] == pytest.approx(mean / m * sigma**2)
        assert numbers["variance"]["std_of_batch_var"][i] == pytest.approx(var**0.5 / m * sigma**2)


def test_the_draws_are_distributed_like_statistics_of_whole_batches() -> None:
    sizes, sigma = [3, 8, 32], 2.0
    numbers = run(batch_sizes=sizes, sigma=sigma, n_trials=100_000)["numbers"]
    random = np.random.default_rng(1)
    for i, m in enumerate(sizes):
        batches = random.normal(0, sigma, size=(100_000, m))
        # One sample is fixed at sigma, the others are random.
        fixed = batches.copy()
        fixed[:, 0] = sigma
        xhat = (sigma - fixed.mean(axis=1)) / fixed.std(axis=1)
        assert numbers["simulated"]["std_of_batch_mean"][i] == pytest.approx(
            batches.mean(axis=1).std(), rel=0.02
        )
        assert numbers["simulated"]["mean_of_batch_var"][i] == pytest.approx(
            batches.var(axis=1).mean(), rel=0.02
        )
        assert numbers["simulated"]["std_of_batch_var"][i] == pytest.approx(
            batches.var(axis=1).std(), rel=0.03
        )
        assert numbers["xhat_of_one_sample"]["mean"][i] == pytest.approx(xhat.mean(), rel=0.02)
        assert numbers["xhat_of_one_sample"]["std"][i] == pytest.approx(xhat.std(), rel=0.02)


def test_of_two_samples_only_the_order_is_left() -> None:
    result = run(batch_sizes=[2])
    assert "+1 or -1" in result["warnings"][0]
    xhat = result["numbers"]["xhat_of_one_sample"]
    assert xhat["mean"][0] ** 2 + xhat["std"][0] ** 2 == pytest.approx(1)
    assert run()["warnings"] == []


def test_the_same_seed_draws_the_same_batches_and_the_plot_runs_by_size() -> None:
    assert run(seed=5) == run(seed=5)
    assert run(seed=5)["numbers"]["simulated"] != run(seed=6)["numbers"]["simulated"]
    plot = run(batch_sizes=[64, 4])["plot"]
    assert plot["series"][0]["x"] == [4, 64]
    assert plot["series"][0]["y"] == [0.5, 0.125]


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ({"batch_sizes": [8, 1]}, Fault.OUT_OF_RANGE),
        ({"batch_sizes": [5000]}, Fault.OUT_OF_RANGE),
        ({"batch_sizes": []}, Fault.OUT_OF_RANGE),
        ({"batch_sizes": [2] * 11}, Fault.TOO_BIG),
        ({"batch_sizes": [2.5]}, Fault.WRONG_TYPE),
        ({"sigma": 0}, Fault.OUT_OF_RANGE),
        ({"n_trials": 99}, Fault.OUT_OF_RANGE),
        ({"seed": -1}, Fault.OUT_OF_RANGE),
    ],
)
def test_what_has_no_statistics_is_refused(arguments: dict[str, Any], fault: Fault) -> None:
    with pytest.raises(DemoError) as refused:
        run(**arguments)
    assert refused.value.fault == fault
    assert refused.value.param.startswith(next(iter(arguments)))


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        ("batch size对BN噪声的影响", {}),
        ("noise of BN with batch 8 vs 32", {"batch_sizes": [8, 32]}),
        ("BN 噪声，batch size 16，标准差 2", {"batch_sizes": [16], "sigma": 2}),
        ("为什么BN有正则化效果", {}),
        ("batch size 太小 BN 会怎样", {}),
    ],
)
def test_arguments_are_read_from_a_question(question: str, arguments: dict[str, Any]) -> None:
    found = read_question(read_facts(question))
    assert found == arguments
    run(**found)


@pytest.mark.parametrize(
    "question",
    [
        "BN 的作用",
        "batch size 对训练速度的影响",
        "dropout 和 BN 的正则化效果比较",
        "L1 正则化和 L2 正则化的区别",
        "GAN 的噪声输入是什么",
        "BN前向算一下 [[1,2],[2,4]]",
    ],
)
def test_questions_about_something_else_are_left_alone(question: str) -> None:
    assert read_question(read_facts(question)) is None
