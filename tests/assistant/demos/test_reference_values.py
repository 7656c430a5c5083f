"""Every demo against published and derived numbers: our own few, and the project's shared set where it is there."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.demo_kit import registry
from assistant.demo_kit.types import DemoError

SHARED = Path(__file__).resolve().parents[4] / "shared" / "eval" / "demo_reference_values_dev.json"

#: Printed in a paper or a library's documentation; `source` says where.
OURS: list[dict[str, Any]] = [
    {
        "id": "hendrycks-gelu-minimum",
        "demo": "activation_props",
        "inputs": {"name": "gelu"},
        "expected": {"x_min": -0.7517916, "y_min": -0.1699712},
        "output_block": "minimum",
        "tolerance": {"abs": 1e-6},
        "source": "zero of Phi(x) + x phi(x)",
    },
    {
        "id": "selu-constants",
        "demo": "activation_props",
        "inputs": {"name": "selu"},
        "expected": {"alpha": 1.6733, "scale": 1.0507},
        "output_block": "constants",
        "tolerance": {"abs": 5e-5},
        "source": "Klambauer et al. 2017, arXiv:1706.02515",
    },
    {
        "id": "cs231n-max-pool",
        "demo": "pooling",
        "inputs": {"x": "linspace(-0.3,0.4,96).reshape(2,3,4,4)", "kernel": 2, "stride": 2, "mode": "max"},
        "expected": {"out": np.linspace(-0.3, 0.4, 96).reshape(2, 3, 4, 4)[:, :, 1::2, 1::2].tolist()},
        "tolerance": {"abs": 1e-12},
        "source": "rising input: every maximum is the window's last element",
    },
    {
        "id": "torch-maxunpool-doc",
        "demo": "pooling",
        "inputs": {"x": np.arange(1, 17).reshape(4, 4).tolist(), "upstream": [[6, 8], [14, 16]]},
        "expected": {"grad": [[0, 0, 0, 0], [0, 6, 0, 8], [0, 0, 0, 0], [0, 14, 0, 16]]},
        "tolerance": {"exact": True},
        "source": "docstring of torch.nn.MaxUnpool2d",
    },
]


def _shared() -> list[Any]:
    if not SHARED.is_file():
        return [pytest.param({}, marks=pytest.mark.skip(f"no {SHARED.name} beside the project"))]
    there = registry.names()
    return [
        pytest.param(
            case,
            id=case["id"],
            marks=[] if case["demo"] in there else [pytest.mark.skip(f"no demo {case['demo']} yet")],
        )
        for case in json.loads(SHARED.read_text(encoding="utf-8"))
    ]


def _built(value: Any) -> Any:
    """Return `linspace(a,b,n).reshape(...)` and `arange(n).reshape(...)` as nested lists; anything else as it is."""
    call = re.fullmatch(r"(linspace|arange)\(([^)]*)\)(?:\.reshape\(([^)]*)\))?", str(value))
    if call is None:
        return value
    bounds = [float(number) for number in call[2].split(",")]
    array = np.linspace(bounds[0], bounds[1], int(bounds[2])) if call[1] == "linspace" else np.arange(*bounds)
    return array.reshape([int(side) for side in call[3].split(",")] if call[3] else -1).tolist()


def _reported(numbers: dict[str, Any], block: str | None, name: str, like: Any) -> Any:
    """Return the reported value of `name`, from its block if it is there; derive heads, ends and means of lists."""
    for place in (numbers.get(block or ""), numbers):
        if isinstance(place, dict) and name in place:
            return place[name]
    stem, _, part = name.rpartition("_")
    if part == "head":
        return numbers[stem][: len(like)]
    if part == "last":
        return numbers[stem][-1]
    if part == "flat":
        return np.ravel(numbers[stem]).tolist()
    if name.startswith("mean_"):
        return np.mean(numbers["trajectory"], axis=-1)[-len(like) :].tolist()
    raise AssertionError(f"{name} is not reported; there are {list(numbers)}")


def _agree(found: Any, expected: Any, tolerance: dict[str, Any]) -> bool:
    if isinstance(expected, dict):
        return all(key in found and _agree(found[key], value, tolerance) for key, value in expected.items())
    if isinstance(expected, bool | str) or expected is None or tolerance.get("exact"):
        return bool(found == expected)
    found, expected = np.array(found, dtype=float), np.array(expected, dtype=float)
    rel, abs_ = tolerance.get("rel", 0.0), tolerance.get("abs", 0.0)
    return found.shape == expected.shape and bool(np.allclose(found, expected, rtol=rel, atol=abs_))


@pytest.mark.parametrize("case", [*(pytest.param(case, id=case["id"]) for case in OURS), *_shared()])
def test_a_demo_reports_the_reference_values(case: dict[str, Any]) -> None:
    arguments = {name: _built(value) for name, value in case["inputs"].items()}
    expected = case["expected"]
    if "error" in expected:
        with pytest.raises(DemoError):
            registry.run(case["demo"], arguments)
        return
    numbers = registry.run(case["demo"], arguments).to_dict()["numbers"]
    for name, value in expected.items():
        if name.endswith("_below"):
            assert _reported(numbers, case.get("output_block"), name.removesuffix("_below"), 0) < value
        elif case["tolerance"].get("type") == "range":
            found = _reported(numbers, case.get("output_block"), name[: -len("_min")], 0)
            assert found >= value if name.endswith("_min") else found <= value
        else:
            found = _reported(numbers, case.get("output_block"), name, value)
            assert _agree(found, value, case["tolerance"]), f"{name}: {found} != {value} ({case['source']})"


def test_a_wrong_value_would_be_noticed() -> None:
    assert not _agree([1.0, 2.1], [1.0, 2.0], {"abs": 0.01})
    assert not _agree([1.0], [1.0, 2.0], {"rel": 1.0})
    assert not _agree(False, True, {"exact": True})
    assert _built("arange(4).reshape(2,2)") == [[0, 1], [2, 3]]
    assert _built("linspace(0,1,3)") == [0, 0.5, 1]
