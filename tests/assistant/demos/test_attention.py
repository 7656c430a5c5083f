"""Attention against torch's scaled_dot_product_attention, its counts against the papers' figures, and in questions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from assistant.demo_kit import registry
from assistant.demo_kit.question import read_facts
from assistant.demo_kit.types import DemoError, Fault
from assistant.demos.attention import read_question


def run(**arguments: Any) -> dict[str, Any]:
    return registry.run("attention", arguments).to_dict()


@given(
    seed=st.integers(0, 2**31 - 1),
    sizes=st.tuples(*[st.integers(1, 6)] * 4),
    causal=st.booleans(),
    scale=st.booleans(),
)
def test_the_output_is_that_of_torch(
    seed: int, sizes: tuple[int, int, int, int], causal: bool, scale: bool
) -> None:
    queries, keys, d, e = sizes
    random = np.random.default_rng(seed)
    q, k, v = (3 * random.normal(size=shape) for shape in ((queries, d), (keys, d), (keys, e)))
    numbers = run(q=q.tolist(), k=k.tolist(), v=v.tolist(), causal=causal, scale=scale)["numbers"]
    expected = torch.nn.functional.scaled_dot_product_attention(
        torch.tensor(q[None]),
        torch.tensor(k[None]),
        torch.tensor(v[None]),
        is_causal=causal,
        scale=None if scale else 1.0,
    )[0]
    np.testing.assert_allclose(numbers["out"], expected.numpy(), rtol=1e-9, atol=1e-12)
    weights = np.array(numbers["weights"])
    np.testing.assert_allclose(weights.sum(axis=1), 1)
    assert not causal or not np.triu(weights, 1).any()
    assert numbers["cost"]["macs_qk"] == queries * keys * d
    assert numbers["cost"]["macs_av"] == queries * keys * e


def test_entropy_lies_between_one_key_and_all_of_them() -> None:
    alike = run(q=[[1, 1]], k=[[1, 0], [0, 1]])["numbers"]
    assert alike["entropy"][0] == pytest.approx(math.log(2))
    assert run(q=[[1000]], k=[[1], [-1]])["numbers"]["entropy"] == [0]


def test_keys_are_the_queries_and_values_the_keys_where_they_are_left_out() -> None:
    q = [[1, 2], [3, 4]]
    assert run(q=q)["numbers"] == run(q=q, k=q, v=q)["numbers"]


def test_the_costs_of_vit_base() -> None:
    cost = run(n=197, d=768, heads=12)["numbers"]["cost"]
    assert cost["map_values"] == 12 * 197**2
    assert cost["map_bytes"] == 4 * 12 * 197**2
    assert cost["attention_pct"] == pytest.approx(100 * 2 * 197 / (2 * 197 + 12 * 768))
    # Both parts are equal at n = 6 d, whatever the heads.
    assert run(n=4608, d=768, heads=8)["numbers"]["cost"]["attention_pct"] == 50


def test_four_times_the_tokens_make_sixteen_times_the_map() -> None:
    small, large = (run(n=n, d=64, bytes=2)["numbers"]["cost"] for n in (196, 784))
    assert large["map_bytes"] == 16 * small["map_bytes"]
    assert large["macs_linear"] == 4 * small["macs_linear"]


def test_scores_without_the_scale_are_larger_by_the_root_of_d() -> None:
    q = [[1, 2, 3, 4]]
    scaled, plain = run(q=q), run(q=q, scale=False)
    assert plain["numbers"]["scores"][0][0] == 30
    assert scaled["numbers"]["scores"][0][0] == 15
    assert any("saturates" in note for note in plain["notes"])


@pytest.mark.parametrize(
    ("arguments", "fault", "param"),
    [
        ({"q": [[1, 2]], "k": [[1]]}, Fault.SHAPE_MISMATCH, "k"),
        ({"q": [[1, 2]], "v": [[1], [2]]}, Fault.SHAPE_MISMATCH, "v"),
        ({"k": [[1, 2]]}, Fault.INCONSISTENT, "k"),
        ({"q": [[1]], "n": 5}, Fault.INCONSISTENT, "q"),
        ({"n": 5, "causal": True}, Fault.INCONSISTENT, "causal"),
        ({"n": 5, "d": 64, "heads": 5}, Fault.INCONSISTENT, "heads"),
        ({"q": [1, 2]}, Fault.SHAPE_MISMATCH, "q"),
        ({"q": [[1e7]]}, Fault.OUT_OF_RANGE, "q"),
        ({"n": 0}, Fault.OUT_OF_RANGE, "n"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(arguments: dict[str, Any], fault: Fault, param: str) -> None:
    with pytest.raises(DemoError) as error:
        run(**arguments)
    assert (error.value.fault, error.value.param) == (fault, param)


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        ("自注意力 197 个 token、768 维、12 个头的计算量", {"n": 197, "d": 768, "heads": 12}),
        ("self-attention with 1024 tokens, what does it cost", {"n": 1024}),
        ("因果注意力 q=[[1,0],[0,1]] 的 softmax", {"q": [[1, 0], [0, 1]], "causal": True}),
        ("自注意力的计算复杂度是多少", {}),
        ("点积注意力为什么除以根号 d", {}),
    ],
)
def test_arguments_are_read_from_a_question(question: str, arguments: dict[str, Any]) -> None:
    assert read_question(read_facts(question)) == arguments
    run(**arguments)


@pytest.mark.parametrize(
    "question",
    [
        "SE 模块的注意力怎么算",
        "CBAM 的空间注意力和 softmax",
        "Swin 的窗口自注意力",
        "注意力机制有哪些",
        "FlashAttention 的复杂度",
    ],
)
def test_questions_about_something_else_are_left_alone(question: str) -> None:
    assert read_question(read_facts(question)) is None
