"""Every demo there is: found, documented, run with its defaults, and plain JSON; and what the registry adds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from assistant.demo_kit import registry
from assistant.demo_kit.parameters import defaults, documented
from assistant.demo_kit.question import read_facts
from assistant.demo_kit.types import MAX_POINTS, MAX_ROWS, DemoResult, Plot, Series, Table
from corpus.errors import UnknownName

every_demo = pytest.mark.parametrize("name", registry.names())


@every_demo
def test_a_demo_runs_with_its_defaults_as_plain_finite_json(name: str) -> None:
    result = registry.run(name, {}).to_dict()
    text = json.dumps(result, allow_nan=False)
    assert json.loads(text) == result
    assert result["demo"] == name
    assert result["numbers"]
    assert result["formula"]
    assert result["source"]


@every_demo
def test_a_demo_says_the_same_twice(name: str) -> None:
    assert registry.run(name, {}).to_dict() == registry.run(name, {}).to_dict()


@every_demo
def test_a_demo_lists_every_argument_it_used(name: str) -> None:
    demo = registry.load(name)
    assert set(demo.run({}).args_used) == set(demo.schema["properties"])


@every_demo
def test_a_demo_accepts_what_it_says_it_used(name: str) -> None:
    used = registry.run(name, {}).args_used
    assert registry.run(name, used).to_dict() == registry.run(name, {}).to_dict()


@every_demo
def test_the_numbers_are_scalars_lists_or_blocks_of_those(name: str) -> None:
    for value in registry.run(name, {}).numbers.values():
        inner = value.values() if isinstance(value, dict) else [value]
        assert not any(isinstance(item, dict) for item in inner)


@every_demo
def test_every_parameter_is_documented_and_has_a_default(name: str) -> None:
    demo = registry.load(name)
    assert set(documented(demo.function)) == set(defaults(demo.function))
    assert demo.summary
    assert len(demo.topics) >= 2
    assert any("\u4e00" <= c <= "\u9fff" for topic in demo.topics for c in topic)


def _schemas(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    for inner in [*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])]:
        yield from _schemas(inner)


@every_demo
def test_the_schema_is_flat_enough_for_a_small_model(name: str) -> None:
    schema = registry.load(name).schema
    allowed = {"type", "description", "enum", "items", "properties", "required"}
    for part in _schemas(schema):
        assert set(part) <= allowed
        assert isinstance(part.get("type", ""), str)
    assert all(part["description"] for part in schema["properties"].values())


@every_demo
def test_an_empty_question_asks_for_no_demo(name: str) -> None:
    read = registry.load(name).read_question
    assert read(read_facts("")) is None
    assert read(read_facts("学习率预热有什么好处")) is None


@every_demo
def test_a_demo_is_asked_for_by_its_own_topic_only(name: str) -> None:
    demo = registry.load(name)
    assert any(demo.read_question(read_facts(topic)) is not None for topic in demo.topics)


def test_an_unknown_demo_offers_the_nearest() -> None:
    with pytest.raises(UnknownName) as error:
        registry.run("poling", {})
    assert "'poling'" in error.value.message
    assert "'pooling'" in error.value.hint


def test_finding_the_demos_loads_them_all() -> None:
    assert {"activation_props", "pooling"} <= set(registry.names())
    assert tuple(demo.name for demo in registry.demos()) == registry.names()


def long_and_overflowing(*, steps: int = 5000) -> DemoResult:
    """Overflow."""
    line = np.arange(steps, dtype=float)
    return DemoResult(
        demo="long",
        args_used={},
        numbers={
            "end": np.float64("inf"),
            "path": line[:2],
            "block": {"nan": float("nan"), "ok": np.bool_(True)},
            "rows": [{"name": "a", "share": None}, {"name": "b", "share": np.array([1.0, np.inf])}],
        },
        formula="",
        source="",
        table=Table(("i",), tuple((i,) for i in range(steps))),
        plot=Plot("line", (Series("line", line.tolist(), line.tolist()),), "x", "y"),
    )


def test_results_are_made_plain_and_thinned() -> None:
    demo = registry.Demo("long", long_and_overflowing, (), lambda facts: None)
    result = demo.run({})
    assert result.numbers == {
        "end": None,
        "path": [0.0, 1.0],
        "block": {"nan": None, "ok": True},
        "rows": [{"name": "a", "share": None}, {"name": "b", "share": [1.0, None]}],
    }
    assert result.notes == ("Null, having no value for these arguments: share.",)
    assert result.warnings == ("Null, being no finite number: end, nan, share.",)
    assert result.args_used == {"steps": 5000}
    assert result.table is not None
    assert len(result.table.rows) == MAX_ROWS
    assert [result.table.rows[i][0] for i in (0, -1)] == [0, 4999]
    assert result.plot is not None
    (series,) = result.plot.series
    assert len(series.x) == len(series.y) == MAX_POINTS
    assert (series.x[0], series.x[-1]) == (0.0, 4999.0)
