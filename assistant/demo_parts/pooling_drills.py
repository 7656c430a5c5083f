"""Drill questions about pooling: what comes out, and where the gradient goes; the demo is handed in."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from assistant.demo_kit.exercises import Exercise, Mistake
from assistant.demo_kit.types import DemoResult
from assistant.demo_parts.clear_draws import draw_clear, listed

Demo = Callable[..., DemoResult]


def drill(demo: Demo, random: np.random.Generator, level: int) -> Exercise:
    """Return a drill on the output (1), or on one input's gradient under max (2) or mean pooling (3)."""
    return draw_clear(lambda: _forward(demo, random) if level == 1 else _backward(demo, random, level))


def _forward(demo: Demo, random: np.random.Generator) -> Exercise:
    x = random.integers(0, 10, size=(4, 4)).astype(float)
    mode = ["max", "mean"][int(random.integers(2))]
    out = {m: _flat(demo(x=x.tolist(), kernel=2, stride=2, mode=m).numbers["out"]) for m in ("max", "mean")}
    answer = out[mode]
    zh, en = ("最大", "max") if mode == "max" else ("平均", "mean")
    corners = _flat(x[::2, ::2])
    slips = [
        Mistake(out["mean"], "这是平均池化", "that is mean pooling")
        if mode == "max"
        else Mistake(out["max"], "这是最大池化", "that is max pooling"),
        Mistake(
            tuple(4 * v for v in out["mean"]),
            "只求了和，没有除以 4" if mode == "mean" else "求成了和",
            "the sums were not divided by 4" if mode == "mean" else "those are the sums",
        ),
        Mistake(corners, "只取了每个窗口左上角的值", "only the top left value of each window was taken"),
    ]
    shown = "[" + ", ".join(listed(row) for row in x) + "]"
    windows = [_flat(x[i : i + 2, j : j + 2]) for i in (0, 2) for j in (0, 2)]
    steps = [f"{mode}{listed(window)} = {value:.4g}" for window, value in zip(windows, answer, strict=True)]
    return Exercise(
        demo="pooling",
        arguments={"x": x.tolist(), "kernel": 2, "stride": 2, "mode": mode},
        question_zh=f"对 {shown} 做 2x2 {zh}池化，步长 2。输出的四个数（从左到右、从上到下）依次是多少？",
        question_en=f"{shown} goes through 2x2 {en} pooling with stride 2. "
        "Which four numbers come out, row by row?",
        answer=answer,
        steps_zh=(*steps, f"得 {listed(answer)}"),
        steps_en=(*steps, f"which gives {listed(answer)}"),
        hint_zh="步长等于窗口边长，四个窗口互不重叠。",
        hint_en="The stride is the window's side, so the four windows do not overlap.",
        mistakes=tuple(slips),
    )


def _backward(demo: Demo, random: np.random.Generator, level: int) -> Exercise:
    x = _not_in_a_corner(random)
    upstream = random.choice(np.arange(1, 9), size=(2, 2), replace=False)
    mode = "max" if level == 2 else "mean"
    # An input of several windows: the largest one, so that under max pooling each of them chose it.
    row, column = (int(i) for i in np.unravel_index(x.argmax(), x.shape))
    seen = [int(upstream[i, j]) for i in (0, 1) for j in (0, 1) if row - i in (0, 1) and column - j in (0, 1)]
    arguments = {"x": x.tolist(), "kernel": 2, "stride": 1, "mode": mode, "upstream": upstream.tolist()}
    answer = float(np.asarray(demo(**arguments).numbers["grad"])[row, column])
    total = sum(seen)
    zh, en = ("最大", "max") if mode == "max" else ("平均", "mean")
    slips = [
        Mistake(float(upstream.sum()), "不在这个窗口里的梯度也加上了", "windows without it were counted, too")
    ]
    if mode == "max":
        slips += [
            Mistake(total / 4, "这是平均池化的做法", "that is how mean pooling does it"),
            Mistake(float(max(seen)), "窗口重叠时梯度要累加", "where windows overlap, gradients add up"),
            Mistake(
                0.0, "它是窗口里的最大值，梯度会传给它", "it is the maximum, so the gradient flows to it"
            ),
        ]
    else:
        slips += [
            Mistake(
                float(total), "平均池化还要除以窗口大小 4", "mean pooling divides by the window's 4 values"
            ),
            Mistake(seen[0] / 4, "窗口重叠时梯度要累加", "where windows overlap, gradients add up"),
        ]
    added = " + ".join(map(str, seen))
    step = f"{added} = {answer:.4g}" if mode == "max" else f"({added}) / 4 = {answer:.4g}"
    inside = f"{len(seen)}"
    return Exercise(
        demo="pooling",
        arguments=arguments,
        question_zh=f"对 {x.tolist()} 做 2x2 {zh}池化，步长 1，输出的上游梯度是 {upstream.tolist()}。"
        f"值为 {int(x.max())} 的那个输入得到的梯度是多少？",
        question_en=f"{x.tolist()} goes through 2x2 {en} pooling with stride 1; the upstream gradient is "
        f"{upstream.tolist()}. Which gradient does the input with the value {int(x.max())} get?",
        answer=answer,
        steps_zh=(f"它在 {inside} 个窗口里", step),
        steps_en=(f"windows that contain it: {inside}", step),
        hint_zh="先数它落在几个窗口里；每个窗口各传一份梯度。",
        hint_en="Count the windows it lies in; each of them sends its own share.",
        mistakes=tuple(slips),
    )


def _not_in_a_corner(random: np.random.Generator) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """Return 1 to 9 in a square of 3x3, the largest where at least two windows of 2x2 see it."""
    while True:
        x = random.permutation(np.arange(1, 10)).reshape(3, 3)
        if x[::2, ::2].max() < x.max():
            return x


def _flat(values: object) -> tuple[float, ...]:
    return tuple(float(v) for v in np.ravel(np.asarray(values, dtype=float)))
