"""Arguments against a signature: what passes, what is refused with which fault, and the schema drawn from it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any, Literal, NotRequired

import numpy as np
import pytest
from annotated_types import Interval, Len
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import TypedDict

from assistant.demo_kit.parameters import documented, schema, summary, validate
from assistant.demo_kit.types import DemoError, DemoResult, Fault

Side = Annotated[int, Interval(ge=1, le=9)]


class Layer(TypedDict):
    k: Side | Annotated[list[Side], Len(2, 2)]
    p: NotRequired[int | Literal["same"]]


def example(
    *,
    kernel: Side = 3,
    rate: Annotated[float, Interval(gt=0, le=1)] = 0.5,
    floor: Annotated[float, Interval(ge=0)] | None = None,
    flag: bool = False,
    mode: Literal["max", "mean"] = "max",
    bits: Literal[8, 16] = 8,
    values: Annotated[Sequence[float], Len(1, 3)] = (1, 2),
    matrix: Annotated[list[Annotated[list[float], Len(1, 2)]], Len(1, 2)] | None = None,
    size: int | Annotated[list[int], Len(2, 2)] = 5,
    layers: Annotated[list[Layer], Len(1, 4)] | None = None,
    in_: int = 1,
    name: str = "",
) -> DemoResult:
    """Show every kind of parameter.

    Nothing is computed.

    Args:
        kernel: Side of the window
            in pixels.
        rate: Share that is kept.
        mode: What to take.
        in_: Features that come in.

    Raises:
        DemoError: Never.
    """
    raise NotImplementedError


def refused(**arguments: Any) -> DemoError:
    with pytest.raises(DemoError) as refusal:
        validate(example, arguments)
    # What is refused is shown to models and tools, so it has to be JSON.
    json.dumps(refusal.value.to_dict(), allow_nan=False)
    return refusal.value


def test_defaults_fill_what_is_left_out() -> None:
    arguments = validate(example, {"kernel": 5, "in": 4})
    assert arguments["kernel"] == 5
    assert arguments["in_"] == 4
    assert arguments["rate"] == 0.5
    assert "in" not in arguments


@pytest.mark.parametrize(
    ("given", "name", "expected"),
    [
        ({"kernel": 3.0}, "kernel", 3),
        ({"rate": 1}, "rate", 1),
        ({"values": (1, 2.5)}, "values", [1, 2.5]),
        ({"values": np.array([1.0, 2.5])}, "values", [1, 2.5]),
        ({"kernel": np.int64(4)}, "kernel", 4),
        ({"floor": None}, "floor", None),
        ({"size": [3.0, 4]}, "size", [3, 4]),
        ({"bits": 16.0}, "bits", 16),
        (
            {"layers": [{"k": 3.0}, {"k": [1, 2.0], "p": "same"}]},
            "layers",
            [{"k": 3}, {"k": [1, 2], "p": "same"}],
        ),
        ({"matrix": [[1, 2], [3]]}, "matrix", [[1, 2], [3]]),
    ],
)
def test_what_means_the_same_passes(given: dict[str, Any], name: str, expected: Any) -> None:
    assert validate(example, given)[name] == expected


def test_an_integral_float_becomes_an_integer() -> None:
    assert type(validate(example, {"kernel": 3.0})["kernel"]) is int


@pytest.mark.parametrize(
    ("arguments", "fault", "param"),
    [
        ({"kernl": 3}, Fault.UNKNOWN_ARG, "kernl"),
        ({"in_": 3}, Fault.UNKNOWN_ARG, "in_"),
        ({"layers": [{"k": 3, "q": 1}]}, Fault.UNKNOWN_ARG, "layers[0].q"),
        ({"kernel": 3.5}, Fault.WRONG_TYPE, "kernel"),
        ({"kernel": "3"}, Fault.WRONG_TYPE, "kernel"),
        ({"kernel": True}, Fault.WRONG_TYPE, "kernel"),
        ({"kernel": None}, Fault.WRONG_TYPE, "kernel"),
        ({"rate": True}, Fault.WRONG_TYPE, "rate"),
        ({"rate": "0.5"}, Fault.WRONG_TYPE, "rate"),
        ({"bits": True}, Fault.WRONG_TYPE, "bits"),
        ({"flag": 1}, Fault.WRONG_TYPE, "flag"),
        ({"mode": 1}, Fault.WRONG_TYPE, "mode"),
        ({"values": "123"}, Fault.WRONG_TYPE, "values"),
        ({"values": [1, "2"]}, Fault.WRONG_TYPE, "values[1]"),
        ({"matrix": [1, 2]}, Fault.WRONG_TYPE, "matrix[0]"),
        ({"layers": [3]}, Fault.WRONG_TYPE, "layers[0]"),
        ({"layers": [{"k": 3, "p": 1.5}]}, Fault.WRONG_TYPE, "layers[0].p"),
        ({"kernel": 0}, Fault.OUT_OF_RANGE, "kernel"),
        ({"kernel": 10**30}, Fault.OUT_OF_RANGE, "kernel"),
        ({"rate": 0}, Fault.OUT_OF_RANGE, "rate"),
        ({"rate": 1.01}, Fault.OUT_OF_RANGE, "rate"),
        ({"floor": -1}, Fault.OUT_OF_RANGE, "floor"),
        ({"mode": "min"}, Fault.OUT_OF_RANGE, "mode"),
        ({"bits": 12}, Fault.OUT_OF_RANGE, "bits"),
        ({"values": []}, Fault.OUT_OF_RANGE, "values"),
        ({"layers": [{"k": [3, 0]}]}, Fault.OUT_OF_RANGE, "layers[0].k[1]"),
        ({"layers": [{"k": 3}, {"k": 0}]}, Fault.OUT_OF_RANGE, "layers[1].k"),
        ({"layers": [{"k": 3, "p": "sam"}]}, Fault.OUT_OF_RANGE, "layers[0].p"),
        ({"values": [1, 2, 3, 4]}, Fault.TOO_BIG, "values"),
        ({"matrix": [[1, 2, 3]]}, Fault.TOO_BIG, "matrix[0]"),
        ({"size": [1, 2, 3]}, Fault.SHAPE_MISMATCH, "size"),
        ({"rate": float("nan")}, Fault.NOT_FINITE, "rate"),
        ({"kernel": float("nan")}, Fault.NOT_FINITE, "kernel"),
        ({"values": [1, float("-inf")]}, Fault.NOT_FINITE, "values[1]"),
        ({"layers": [{"p": 1}]}, Fault.INCONSISTENT, "layers[0].k"),
    ],
)
def test_a_fault_names_the_argument(arguments: dict[str, Any], fault: Fault, param: str) -> None:
    error = refused(**arguments)
    assert (error.fault, error.param) == (fault, param)
    assert param in error.hint_en
    assert param in error.hint_zh


def test_a_refusal_says_what_is_allowed_in_both_languages() -> None:
    error = refused(kernel=0)
    assert error.to_dict() == {
        "error": {
            "code": "out_of_range",
            "param": "kernel",
            "got": 0,
            "allowed": "an integer in [1, 9]",
            "hint_en": "kernel must be an integer in [1, 9].",
            "hint_zh": "kernel 超出范围，应为 [1, 9] 内的整数。",
        }
    }
    assert refused(rate=0).allowed == "a number in (0, 1]"
    assert refused(floor=-1).allowed == "a number >= 0"
    assert refused(mode="min").allowed == "one of max, mean"
    assert refused(values=[]).allowed == "a list of 1 to 3 items, each a number"


def test_a_misspelt_name_gets_the_nearest_one() -> None:
    assert refused(kernl=3).hint_en.endswith("did you mean kernel?")
    assert refused(mode="maxx").hint_en.endswith("did you mean max?")
    assert "did you mean" not in refused(zzz=3).hint_en


def test_what_cannot_be_shown_is_described() -> None:
    deep: list[Any] = []
    for _ in range(50_000):
        deep = [deep]
    assert len(str(refused(matrix=deep).got)) < 300
    assert refused(values=list(range(500))).got == "500 items"
    assert refused(kernel=float("inf")).got == "inf"


@given(
    st.dictionaries(
        st.sampled_from(
            ["kernel", "rate", "flag", "mode", "values", "matrix", "size", "layers", "in", "name", "q"]
        ),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
            lambda inner: (
                st.lists(inner, max_size=4)
                | st.dictionaries(st.sampled_from(["k", "p", "z"]), inner, max_size=3)
            ),
            max_leaves=8,
        ),
        max_size=4,
    )
)
def test_anything_is_either_accepted_or_refused_with_json(arguments: dict[str, Any]) -> None:
    try:
        checked = validate(example, arguments)
    except DemoError as error:
        json.dumps(error.to_dict(), allow_nan=False)
    else:
        json.dumps(checked, allow_nan=False)


def test_the_schema_is_small_and_says_ranges_in_words() -> None:
    drawn = schema(example)
    assert drawn["type"] == "object"
    assert drawn["required"] == []
    properties = drawn["properties"]
    assert properties["kernel"] == {
        "type": "integer",
        "description": "Side of the window in pixels (an integer in [1, 9]; default 3)",
    }
    assert properties["mode"] == {
        "type": "string",
        "enum": ["max", "mean"],
        "description": 'What to take (default "max")',
    }
    assert properties["bits"]["enum"] == [8, 16]
    assert properties["floor"]["type"] == "number"
    assert properties["values"]["items"] == {"type": "number"}
    assert properties["matrix"]["items"] == {"type": "array", "items": {"type": "number"}}
    assert properties["size"]["type"] == "integer"
    assert properties["layers"]["items"] == {
        "type": "object",
        "properties": {"k": {"type": "integer"}, "p": {"type": "integer"}},
    }
    assert "in" in properties
    assert "in_" not in properties
    assert properties["in"]["description"].startswith("Features that come in")


def test_help_comes_from_the_docstring() -> None:
    assert summary(example) == "Show every kind of parameter"
    assert documented(example) == {
        "kernel": "Side of the window in pixels.",
        "rate": "Share that is kept.",
        "mode": "What to take.",
        "in_": "Features that come in.",
    }
