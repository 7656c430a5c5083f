"""The description of a chart: complete, plain JSON, and true to the plot it describes."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from assistant.demo_kit import registry
from assistant.demo_kit.chart import describe_chart
from assistant.demo_kit.types import DemoResult, Mark, Plot, Series

KEYS = {
    "kind", "title", "series", "xlabel", "ylabel", "log", "axes", "cells", "grid", "extent", "contours", "marks",
    "description",
}  # fmt: skip
BARS = Plot(
    "bar",
    (Series("cost", [0, 1], [462.4, 52.25]),),
    "kind",
    "multiply-adds (M)",
    categories=("standard", "separable"),
)


def chart(plot: Plot) -> dict[str, Any]:
    return json.loads(json.dumps(describe_chart(plot, "example"), allow_nan=False))  # type: ignore[no-any-return]


@pytest.mark.parametrize("name", registry.names())
def test_every_demo_describes_its_plot_in_json(name: str) -> None:
    result = registry.run(name, {})
    described = result.to_dict()["plot"]
    assert result.plot is not None
    assert set(described) == KEYS
    assert json.loads(json.dumps(described, allow_nan=False)) == described
    for series in described["series"]:
        assert len(series["x"]) == len(series["y"]) > 0
        assert series["drawn"] in {"line", "step", "bars", "points"}
    assert bool(described["series"]) != (described["kind"] == "heatmap")
    assert described["xlabel"]
    assert described["ylabel"]
    for language in ("en", "zh"):
        assert described["description"][language].rstrip("。.") != described["description"][language]


def test_what_older_readers_take_is_still_there() -> None:
    plot = DemoResult("d", {}, {}, "", "", plot=BARS).to_dict()["plot"]
    assert {key: plot[key] for key in ("kind", "xlabel", "ylabel", "log", "title")} == {
        "kind": "bar",
        "xlabel": "kind",
        "ylabel": "multiply-adds (M)",
        "log": "",
        "title": "d",
    }
    assert plot["series"][0]["label"] == "cost"
    assert (plot["series"][0]["x"], plot["series"][0]["y"]) == ([0, 1], [462.4, 52.25])


def test_bars_with_names_have_a_category_axis_and_start_at_zero() -> None:
    axes = chart(BARS)["axes"]
    assert axes["x"] == {
        "label": "kind",
        "scale": "category",
        "categories": ["standard", "separable"],
        "range": None,
        "whole": False,
    }
    assert (axes["y"]["scale"], axes["y"]["range"]) == ("linear", [0, 462.4])


def test_a_logarithmic_axis_leaves_out_what_it_cannot_show() -> None:
    plot = Plot("line", (Series("a", [1, 2, 3, 4], [0, -1, 1e-3, 10]),), "step", "loss", log="y")
    assert chart(plot)["axes"]["y"]["range"] == [1e-3, 10]
    assert chart(plot)["axes"]["x"] == {
        "label": "step",
        "scale": "linear",
        "categories": [],
        "range": [1, 4],
        "whole": True,
    }


def test_gaps_stay_gaps_and_an_empty_plot_has_no_range() -> None:
    plot = Plot("line", (Series("a", [1, 2], [None, None]),), "x", "y")  # type: ignore[list-item]
    described = chart(plot)
    assert described["series"][0]["y"] == [None, None]
    assert described["axes"]["y"]["range"] is None
    assert described["description"]["en"] == "Line chart of y against x: a has no values."


def test_marks_are_points_lines_and_boxes() -> None:
    marks = (Mark("point", 1.0, 2.0), Mark("line", x=3.0), Mark("box", (0.0, 4.0), (0.0, 5.0)))
    described = chart(Plot("scatter", (Series("a", [1], [1]),), "x", "y", marks=marks))
    assert described["marks"] == [
        {"label": "point", "x": 1.0, "y": 2.0},
        {"label": "line", "x": 3.0, "y": None},
        {"label": "box", "x": [0.0, 4.0], "y": [0.0, 5.0]},
    ]
    assert described["axes"]["x"]["range"] == [0.0, 4.0]
    assert described["axes"]["y"]["range"] == [0.0, 5.0]


def test_contour_lines_lie_where_the_field_has_their_level() -> None:
    side = [i / 20 - 1 for i in range(41)]
    bowl = [[x * x + y * y for x in side] for y in side]
    plot = Plot("path", (Series("a", [0, 1], [0, 1]),), "x", "y", grid=bowl, extent=(-1, 1, -1, 1))
    found = chart(plot)["contours"]
    assert len(found) > 3
    for contour in found:
        for line in contour["lines"]:
            for x, y in line:
                assert math.hypot(x, y) ** 2 == pytest.approx(contour["level"], abs=2e-3)


def test_a_heat_map_names_rows_and_columns() -> None:
    described = chart(Plot("heatmap", (), "column", "row", grid=[[1, 2, None], [4, 9, 6]]))  # type: ignore[list-item]
    assert described["axes"]["x"]["categories"] == ["0", "1", "2"]
    assert described["axes"]["y"]["categories"] == ["0", "1"]
    assert described["contours"] == []
    assert described["description"] == {
        "en": "Heat map of 2 x 3 cells, rows row, columns column: values from 1 to 9, the first highest in "
        "row 1, column 1.",
        "zh": "热力图，2 行 × 3 列，行为 row，列为 column：取值从 1 到 9，"
        "最大值首次出现在第 1 行、第 1 列（从 0 起）。",
    }


def test_the_sentence_names_bars_and_the_ends_of_lines() -> None:
    assert chart(BARS)["description"] == {
        "en": "Bar chart of multiply-adds (M) against kind: standard 462.4; separable 52.25.",
        "zh": "柱状图，横轴为 kind，纵轴为 multiply-adds (M)：standard 为 462.4；separable 为 52.25。",
    }
    line = Plot("line", (Series("loss", [0, 5, 100], [2.302585, 3, 0.01]),), "step", "loss", log="y")
    assert chart(line)["description"] == {
        "en": "Line chart of loss against step (logarithmic y): loss from 2.303 at 0 to 0.01 at 100.",
        "zh": "折线图，横轴为 step，纵轴为 loss（纵轴为对数刻度）：loss 从 0 处的 2.303 到 100 处的 0.01。",
    }


def test_the_sentence_of_a_path_names_points() -> None:
    path = Plot("path", (Series("sgd", [1, 0.5, 0], [1, 0.25, 0.125]),), "x", "y")
    assert chart(path)["description"]["en"] == "Paths of y against x: sgd from (1, 1) to (0, 0.125)."


def test_a_long_list_of_series_is_cut_in_the_sentence() -> None:
    many = tuple(Series(f"w{i}", [0, 1], [0, i]) for i in range(9))
    said = chart(Plot("line", many, "x", "y"))["description"]
    assert said["en"].endswith("w5 from 0 at 0 to 5 at 1; and 3 more.")
    assert said["zh"].endswith("；另有 3 项。")
