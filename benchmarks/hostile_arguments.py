"""Arguments for demos, drawn by hypothesis: those that fit, those at the edge, and those nobody should send.

Drawn from what a signature allows (`demo_kit.allowed`), so a new demo is covered without a line here. Nothing
is run and nothing judged.
"""

from __future__ import annotations

import math
import reprlib
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen
from hypothesis import strategies as st

from assistant.demo_kit import parameters
from assistant.demo_kit.allowed import Allowed
from assistant.demo_kit.registry import Demo

Arguments = dict[str, Any]
Shapes = tuple[tuple[int, ...], ...]

_SHORT = reprlib.Repr()
_SHORT.maxlevel, _SHORT.maxdict, _SHORT.maxlist, _SHORT.maxstring, _SHORT.maxother = 4, 30, 4, 60, 80


@dataclass(frozen=True, slots=True, repr=False)
class Call:
    """Arguments by outside names. It is shown cut short: what nobody should send nobody can print, either."""

    arguments: Arguments

    def __repr__(self) -> str:
        return _SHORT.repr(self.arguments)


#: Bounds that a signature leaves open are looked for up to here.
_FAR = 1e308
#: What gets past a careless check: not finite, not quite a number, too big, too deep, not JSON.
_STRAY: tuple[Any, ...] = (
    None, True, False, "", "3", "1e5", "nan", "relu", "同一", "\x00", "a" * 10_000, b"3", 1j, object,
    math.nan, math.inf, -math.inf, -0.0, 0, -1, 0.5, 1e-320, 5e-324, 1e308, -1e308, 2**31, 2**53, 2**63, -(2**63),
    10**400, [], {}, [[]], [None], [True], ["1"], [math.nan], [1e308, -1e308], [10**400], [[1, 2], [3]], [1, [2]],
    [0] * 100_000, [[0] * 300] * 300, {"k": 1}, {"": None}, {1: 2}, {"k": {"k": [{}]}}, [{"k": 3}],
    [{"k": 3, "q": 1}], np.nan, np.float32(3), np.int64(3), np.array(3), np.array([]), np.arange(6.0), np.eye(3),
    np.array(["a"]), np.datetime64("2024-01-01"), (1, 2), {3, 4}, range(3),
)  # fmt: skip
#: No parameter has these names; most often none of them is given.
_MISNOMERS = ("", "", "", "", "", "", "epochz", "self", "x ", "核", "__class__", "{0}", "n" * 5_000)
#: Shapes that the tensors of one call may have; those of the last row take most of the time.
_SHAPES: tuple[Shapes, ...] = (
    ((1,),), ((3,),), ((3,), (4, 3)), ((2, 2),), ((4, 2), (2,)), ((4, 4), (2, 2)), ((5, 3), (5,)), ((6, 4), (6, 4)),
    ((1, 1),), ((8, 2), (16, 2)), ((3, 1), (1, 3)), ((2, 3, 4), (3,)), ((1, 1, 5, 5), (1, 1, 3, 3)), ((2, 2, 2, 2),),
    ((2, 3, 4, 4), (4, 3, 2, 2)), ((1, 4, 3, 3), (4,)), ((5, 5), (3, 3)), ((7, 4), (4,)), ((12, 12), (3, 3)),
    ((64, 64), (64,)), ((1, 64), (64, 1)), ((64, 16), (16,)), ((1, 8, 64, 64), (8, 8, 3, 3)),
)  # fmt: skip


def _deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


def calls(demo: Demo) -> st.SearchStrategy[Call]:
    """Return strategies for one call: in half of the calls all arguments fit on their own, in the others not all.

    Tensors and lists of one call share a few shapes, as otherwise two that must agree never would.
    """
    known = parameters.accepted(demo.function)
    started = _started(demo)
    # Made once: to make a strategy takes hypothesis longer than to draw from it.
    fitting = [{name: _fitting(known[name], shapes) for name in known} for shapes in _SHAPES]
    stray = [{name: _stray(known[name], shapes) for name in known} for shapes in _SHAPES]
    turns, shares = st.integers(0, len(_SHAPES) - 1), st.sampled_from((0.1, 0.3, 0.6, 1.0))
    chance = st.lists(st.floats(0, 1), min_size=len(known), max_size=len(known))
    some = st.sampled_from(list(known)) if known else st.nothing()
    strays, misnomer = st.lists(some, max_size=3), st.sampled_from(_MISNOMERS)

    @st.composite
    def call(draw: st.DrawFn) -> Call:
        turn, share = draw(turns), draw(shares)
        names = [name for name, at in zip(known, draw(chance), strict=True) if at <= share]
        arguments = draw(started) | {name: draw(fitting[turn][name]) for name in names}
        if draw(st.booleans()):
            arguments |= {name: draw(stray[turn][name]) for name in draw(strays)}
            arguments |= {name: 1 for name in [draw(misnomer)] if name}
        return Call(arguments)

    return call()


def _started(demo: Demo) -> st.SearchStrategy[Arguments]:
    """Return what a call starts from: nothing, or what a drill asks, which always goes together."""
    nothing: st.SearchStrategy[Arguments] = st.just({})
    if demo.exercise is None:
        return nothing
    return nothing | st.builds(_drilled, st.just(demo), st.integers(0, 19), st.integers(1, 3))


@cache
def _drilled(demo: Demo, seed: int, level: int) -> Arguments:
    drill = demo.exercise and demo.exercise(np.random.default_rng(seed), level)
    return dict(drill.arguments) if drill else {}


def _fitting(allowed: tuple[Allowed, ...], shapes: Shapes) -> st.SearchStrategy[Any]:
    return st.one_of([_member(member, shapes) for member in allowed])


def _member(member: Allowed, shapes: Shapes) -> st.SearchStrategy[Any]:
    """Return values that the annotation allows, its edges often."""
    if member.options:
        return st.sampled_from(member.options)
    if member.kind == "boolean":
        return st.booleans()
    if member.kind == "string":
        return st.sampled_from(("", "conv1", "pool_3", "卷积")) | st.text(max_size=8)
    if member.kind in ("integer", "number"):
        return _numbers(member)
    if member.kind == "object":
        optional = {key: _fitting(value, shapes) for key, value in member.fields.items()}
        return st.fixed_dictionaries(optional) | st.fixed_dictionaries({}, optional=optional)
    if member.kind == "array" and member.items and member.items[0].kind != "any":
        return _lists(member, _fitting(member.items, shapes), shapes)
    return _tensors(shapes)


def _numbers(member: Allowed) -> st.SearchStrategy[Any]:
    """Return numbers of the range: its ends, small ones, and others of every size."""
    low, high = member.limit(Ge, Gt), member.limit(Le, Lt)
    least: Any = getattr(low, "ge", getattr(low, "gt", -_FAR))
    most: Any = getattr(high, "le", getattr(high, "lt", _FAR))
    if member.kind == "integer":
        near = min(most, least + 9)
        # The upper end is often the slowest by far, and small ones go together more often.
        return st.integers(least, near) | _whole(least, most) | st.sampled_from((least, least, least, most))
    least, most = float(least), float(most)
    floats = st.floats(
        least,
        most,
        exclude_min=isinstance(low, Gt),
        exclude_max=isinstance(high, Lt),
        allow_nan=False,
    )
    usual = [v for v in (0.0, 0.1, 0.5, 1.0, -1.0, 2.0, 3.0) if least < v < most]
    ends = [v for v, end in ((least, low), (most, high)) if not isinstance(end, Gt | Lt)]
    ends += [np.nextafter(least, most).item(), np.nextafter(most, least).item()]
    return floats | st.sampled_from(usual or ends) | st.sampled_from(ends)


def _whole(least: int, most: int) -> st.SearchStrategy[int]:
    """Return integers of every order of magnitude between two bounds."""
    span = math.log1p(most - least)
    return st.floats(0, 1).map(lambda part: min(most, least + int(math.expm1(part * span))))


def _lists(member: Allowed, items: st.SearchStrategy[Any], shapes: Shapes) -> st.SearchStrategy[list[Any]]:
    """Return lists of a few different items, repeated up to a length that is allowed."""
    fewest = max(getattr(member.limit(MinLen), "min_length", 0), 0)
    most = getattr(member.limit(MaxLen), "max_length", 200)
    wanted = (1, 2, fewest, most, *(shape[-1] for shape in shapes))
    sizes = sorted({min(max(length, fewest), most) for length in wanted})
    return st.builds(
        lambda some, size: (some * size)[:size],
        st.lists(items, min_size=1, max_size=6),
        st.sampled_from(sizes),
    )


def _tensors(shapes: Shapes) -> st.SearchStrategy[Any]:
    """Return nested lists: few kinds of numbers, from equal ones to the ends of what a float holds."""

    def filled(shape: tuple[int, ...], kind: str, seed: int) -> Any:
        random = np.random.default_rng(seed)
        if kind == "probabilities":
            raw = random.random(shape)
            return (raw / raw.sum(axis=-1, keepdims=True)).tolist()
        if kind == "integers":
            return random.integers(-3, 4, shape).tolist()
        if kind == "equal":
            return np.full(shape, float(seed)).tolist()
        return (float(kind) * random.normal(size=shape)).tolist()

    kinds = (
        "1",
        "1",
        "integers",
        "integers",
        "probabilities",
        "equal",
        "0",
        "1e-300",
        "1e6",
        "1e150",
        "1e307",
    )
    return st.builds(filled, st.sampled_from(shapes), st.sampled_from(kinds), st.integers(0, 9))


def _stray(allowed: tuple[Allowed, ...], shapes: Shapes) -> st.SearchStrategy[Any]:
    """Return what does not fit, or fits by luck: garbage, just outside a range, a good value wrapped or cut."""
    fitting = _fitting(allowed, shapes)
    ends = [
        end
        for member in allowed
        for limit in member.limits
        for end in (getattr(limit, key, None) for key in ("ge", "gt", "le", "lt"))
        if end is not None
    ]
    outside = [value for end in ends for value in (end - 1, end + 1, end + 0.5, end * 2, -end, str(end))]
    spoiled = st.builds(_spoiled, fitting, st.sampled_from(_STRAY))
    deep = st.sampled_from((9, 100, 2_000)).map(_deep)
    strays: list[st.SearchStrategy[Any]] = [
        st.sampled_from(_STRAY),
        spoiled,
        deep,
        fitting.map(lambda v: [v]),
    ]
    return st.one_of([*strays, st.sampled_from(outside)] if outside else strays)


def _spoiled(value: Any, stray: Any) -> Any:
    """Put `stray` into `value` where it holds something, or in its place."""
    if isinstance(value, list) and value:
        return [*value[:-1], _spoiled(value[-1], stray)]
    if isinstance(value, dict) and value:
        return {**value, next(iter(value)): stray}
    return stray
