"""Kernels against scikit-learn, definiteness against Cholesky and known theorems, and questions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import pairwise

from assistant.demo_kit import registry
from assistant.demo_kit.question import read_facts
from assistant.demo_kit.types import DemoError, Fault
from assistant.demos.kernel_psd import read_question


def run(**arguments: Any) -> dict[str, Any]:
    return registry.run("kernel_psd", arguments).to_dict()


def refusal(**arguments: Any) -> tuple[Fault, str]:
    with pytest.raises(DemoError) as error:
        run(**arguments)
    return error.value.fault, error.value.param


@given(
    seed=st.integers(0, 2**31 - 1),
    rows=st.integers(1, 4),
    columns=st.integers(1, 4),
    dimension=st.integers(1, 3),
    gamma=st.one_of(st.none(), st.floats(0.01, 2)),
    coef0=st.floats(-2, 2),
    degree=st.integers(1, 5),
)
def test_cross_matrices_are_those_of_scikit_learn(
    seed: int, rows: int, columns: int, dimension: int, gamma: float | None, coef0: float, degree: int
) -> None:
    random = np.random.default_rng(seed)
    x, y = random.normal(size=(rows, dimension)), random.normal(size=(columns, dimension))
    factor = 1 / dimension if gamma is None else gamma
    expected = {
        "linear": pairwise.linear_kernel(x, y),
        "rbf": pairwise.rbf_kernel(x, y, gamma=factor),
        "laplacian": pairwise.laplacian_kernel(x, y, gamma=factor),
        "polynomial": pairwise.polynomial_kernel(x, y, gamma=factor, coef0=coef0, degree=degree),
        "sigmoid": pairwise.sigmoid_kernel(x, y, gamma=factor, coef0=coef0),
        "neg_sqdist": -pairwise.euclidean_distances(x, y, squared=True),
        "one_plus_sqdist": 1 + pairwise.euclidean_distances(x, y, squared=True),
    }
    for kernel, k in expected.items():
        found = run(kernel=kernel, X=x.tolist(), Y=y.tolist(), gamma=gamma, coef0=coef0, degree=degree)
        np.testing.assert_allclose(found["numbers"]["K"], k, rtol=1e-9, atol=1e-9)
        assert "psd" not in found["numbers"]


@given(
    kernel=st.sampled_from(["linear", "polynomial", "rbf", "laplacian", "min"]),
    points=st.lists(st.integers(0, 50).map(lambda n: n / 10), min_size=2, max_size=12),
)
def test_kernels_are_never_refuted(kernel: str, points: list[float]) -> None:
    numbers = run(kernel=kernel, points=points)["numbers"]
    assert numbers["psd"]
    assert numbers["witness"] is None
    assert numbers["trace"] == pytest.approx(sum(numbers["eigenvalues"]), rel=1e-9, abs=1e-9)


@given(points=st.lists(st.integers(-20, 20), min_size=2, max_size=8, unique=True))
def test_distances_are_refuted_by_a_witness(points: list[int]) -> None:
    for kernel in ("one_plus_sqdist", "neg_sqdist"):
        numbers = run(kernel=kernel, points=points)["numbers"]
        c, gram = np.array(numbers["witness"]), np.array(numbers["gram"])
        assert not numbers["psd"]
        assert numbers["witness_value"] == pytest.approx(c @ gram @ c)
        assert numbers["witness_value"] < 0
        assert np.abs(c).max() == pytest.approx(1)
        with pytest.raises(np.linalg.LinAlgError):
            np.linalg.cholesky(gram)


def test_the_witness_of_the_smallest_example_is_1_and_minus_1() -> None:
    numbers = run(kernel="one_plus_sqdist", points=[1, 2])["numbers"]
    assert numbers["witness"] == pytest.approx([1, -1])
    assert numbers["witness_value"] == pytest.approx(-2)
    assert numbers["eigenvalues"] == pytest.approx([-1, 3])


def test_rounding_does_not_refute_a_rank_1_matrix() -> None:
    numbers = run(kernel="linear", points=[1, 2, 3])["numbers"]
    assert (numbers["psd"], numbers["rank"]) == (True, 1)
    assert 0 < numbers["tolerance"] < 1e-13


def test_min_of_negative_numbers_and_a_negative_gamma_are_refuted() -> None:
    assert not run(kernel="min", points=[-1, 2])["numbers"]["psd"]
    result = run(kernel="rbf", gamma=-0.5)
    assert not result["numbers"]["psd"]
    assert "negative gamma" in result["warnings"][0]
    assert run(kernel="rbf", gamma=0.5)["numbers"]["trace"] == 9


def test_equal_points_are_warned_of() -> None:
    result = run(points=[[0, 1], [0, 1], [2, 3]])
    assert "Some points are equal" in result["warnings"][0]
    assert result["numbers"]["rank"] == 2
    assert run(points=[[0, 1], [1, 1]])["warnings"] == []


def test_a_matrix_alone_stands_for_points() -> None:
    points = [[0, 1], [1, 1]]
    assert run(X=points)["numbers"] == run(points=points)["numbers"]
    assert run(points=points)["args_used"]["gamma"] == 0.5
    assert run()["args_used"]["points"] == np.linspace(-2, 2, 9).tolist()


@pytest.mark.parametrize(
    ("arguments", "fault", "param"),
    [
        ({"Y": [[1]]}, Fault.INCONSISTENT, "Y"),
        ({"X": [[1], [2]], "points": [1, 2]}, Fault.INCONSISTENT, "points"),
        ({"X": [[1, 2]], "Y": [[1]]}, Fault.SHAPE_MISMATCH, "Y"),
        ({"points": [[1], [1, 2]]}, Fault.SHAPE_MISMATCH, "points"),
        ({"points": [1]}, Fault.OUT_OF_RANGE, "points"),
        ({"points": list(range(51))}, Fault.TOO_BIG, "points"),
        ({"points": [1, "2"]}, Fault.WRONG_TYPE, "points"),
        ({"points": [1, float("nan")]}, Fault.NOT_FINITE, "points"),
        ({"kernel": "min", "points": [[1, 2], [3, 4]]}, Fault.UNSUPPORTED, "kernel"),
        ({"kernel": "rbf", "gamma": -900}, Fault.NOT_FINITE, "gamma"),
        ({"kernel": "polynomial", "degree": 10, "points": [1e40, 2]}, Fault.NOT_FINITE, "points"),
        ({"degree": 11}, Fault.OUT_OF_RANGE, "degree"),
        ({"kernel": "cosine"}, Fault.OUT_OF_RANGE, "kernel"),
    ],
)
def test_what_does_not_fit_is_refused(arguments: dict[str, Any], fault: Fault, param: str) -> None:
    assert refusal(**arguments) == (fault, param)


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        ("sigmoid核是不是半正定", {"kernel": "sigmoid", "gamma": 1, "coef0": -1, "points": [1, 2]}),
        ("check RBF Gram matrix", {"kernel": "rbf", "gamma": 0.5}),
        ("rbf kernel with gamma=-0.5 psd?", {"kernel": "rbf", "gamma": -0.5}),
        (
            "多项式核 degree 2 在点 [1,2,3] 上半正定吗",
            {"kernel": "polynomial", "points": [1, 2, 3], "degree": 2},
        ),
        ("Mercer 定理说的半正定是什么", {}),
    ],
)
def test_arguments_are_read_from_a_question(question: str, arguments: dict[str, Any]) -> None:
    assert read_question(read_facts(question)) == arguments
    run(**arguments)


@pytest.mark.parametrize(
    "question",
    [
        "sigmoid 的梯度为什么会消失",
        "风格迁移里的 Gram 矩阵怎么算",
        "卷积核大小怎么选",
        "Hessian 正定说明什么",
        "SVM 的核函数有哪些",
        "协方差矩阵为什么半正定",
        "CUDA kernel launch",
        "",
    ],
)
def test_questions_about_something_else_are_left_alone(question: str) -> None:
    assert read_question(read_facts(question)) is None
