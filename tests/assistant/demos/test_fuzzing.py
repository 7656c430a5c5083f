"""Every demo on drawn arguments, fitting and stray: computed or refused with a way out, nothing else.

A hundred calls a demo here; `make soak` makes ten thousand each, other ones each time, and bounds time and
memory, too. What the long run found once is called by name below.
"""

from __future__ import annotations

import math
import secrets
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from assistant.demo_kit import registry
from assistant.demo_kit.types import DemoError, DemoResult
from benchmarks.demos import of_one
from benchmarks.hostile_arguments import Call, calls
from benchmarks.hostile_runs import attempts

CALLS = 100


@pytest.mark.parametrize("name", registry.names())
def test_whatever_is_sent_is_computed_or_refused_with_a_way_out(name: str) -> None:
    demo = registry.load(name)

    @settings(max_examples=CALLS, suppress_health_check=list(HealthCheck))
    @given(calls(demo))
    def holds(call: Call) -> None:
        assert [run for run in attempts(demo, call) if run.fault] == []

    holds()


@pytest.mark.soak
@pytest.mark.parametrize("name", registry.names())
def test_ten_thousand_calls_stay_within_two_seconds_and_300_megabytes(name: str) -> None:
    figures = of_one(name, 10_000, secrets.randbelow(2**32))
    assert figures["faults"] == {}
    assert figures["computed"] > 1_000
    assert figures["worst_s"] < 2, figures["worst_at"]
    assert figures["peak_mb"] < 300, figures["peak_at"]


def only_run(name: str, arguments: dict[str, Any]) -> DemoResult | DemoError:
    run = next(attempts(registry.load(name), Call(arguments)))
    assert run.fault == ""
    assert run.outcome is not None
    return run.outcome


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        # Products and quotients of the smallest floats are 0.
        ("init_variance", {"input_var": 5e-324, "width": 8}),
        ("mode_collapse", {"lr_d": 5e-324, "lr_g": 0.1, "steps": 10}),
        ("roofline", {"intensity": 1e-9, "peak_flops": 1e21, "bandwidth": 1e21}),
        # Sums of the largest ones are infinite, and their differences nan.
        ("pooling", {"x": [[1e308, 1e308], [1e308, 1e308]], "mode": "mean"}),
        ("im2col_conv", {"x": [[1e308, 1e308], [1e308, 1e308]], "w": [[1e308]]}),
    ],
)
def test_what_leaves_the_range_of_a_float_is_computed_all_the_same(
    name: str, arguments: dict[str, Any]
) -> None:
    assert isinstance(only_run(name, arguments), DemoResult)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("roofline", {"intensity": 5e-324}),
        ("roofline", {"peak_flops": 5e-324, "bandwidth": 1.0}),
        # 400 MB of windows; twice the work beside a plain network.
        ("pooling", {"x": [[[[0] * 64] * 64] * 8] * 2, "kernel": 16, "stride": 1}),
        # pydantic listed a million faults, in 7 s and 1.2 GB.
        ("nms", {"boxes": [0] * 1_000_000}),
        ("gradient_flow", {"depth": 100, "width": 256, "batch": 68, "batchnorm": True}),
    ],
)
def test_what_asks_for_too_much_is_refused(name: str, arguments: dict[str, Any]) -> None:
    assert isinstance(only_run(name, arguments), DemoError)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("pooling", {"n" * 20_000: 1}),
        ("pooling", {"kernel": "9" * 20_000}),
        ("pooling", {"kernel": math.nan}),
        ("pooling", {"x": [[[1]] * 20_000]}),
        ("pooling", {"x": [[1, {2}]]}),
        # A demo's own refusal of numbers that fit the signature.
        ("optimizer_steps", {"w": [1 / 3] * 200, "grads": [[1 / 3]]}),
    ],
)
def test_a_refusal_is_short_json_whatever_was_sent(name: str, arguments: dict[str, Any]) -> None:
    refused = only_run(name, arguments)
    assert isinstance(refused, DemoError)
    assert len(str(refused)) < 1_000
