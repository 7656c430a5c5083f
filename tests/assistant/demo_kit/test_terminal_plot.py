"""Plots as text: never wider than asked, readable without colour and in ASCII, true to the values."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from assistant.demo_kit import registry
from assistant.demo_kit.terminal_cells import Style
from assistant.demo_kit.terminal_plot import picture
from assistant.demo_kit.types import Mark, Plot, Series

PLAIN = Style(colour=False)
ASCII = Style(colour=False, ascii_only=True)


def lines(plot: Plot, *, width: int = 80, height: int = 20, style: Style = PLAIN) -> list[str]:
    text = picture(plot, width=width, height=height, style=style).plain
    found = text.split("\n")
    for line in found:
        assert cell_len(line) <= width, (cell_len(line), line)
    return found


@pytest.mark.parametrize("width", [24, 40, 80])
@pytest.mark.parametrize("name", registry.names())
def test_every_demo_fits_its_width_in_every_style(name: str, width: int) -> None:
    plot = registry.run(name, {}).plot
    assert plot is not None
    for style in (PLAIN, ASCII, Style()):
        found = lines(plot, width=width, style=style)
        assert len(found) >= 3
        assert "".join(found).strip()
        assert "nothing to draw" not in found[0]
        if style.ascii_only:
            drawn = "".join(found)
            labels = plot.xlabel + plot.ylabel + "".join((*plot.categories, *plot.rows))
            labels += "".join(s.label for s in plot.series) + "".join(m.label for m in plot.marks)
            assert {c for c in drawn if not c.isascii()} <= set(labels)


def test_labels_in_chinese_take_two_cells_each() -> None:
    names = ("标准卷积", "深度可分离卷积", "conv")
    plot = Plot("bar", (Series("cost", [0, 1, 2], [4, 2, 1]),), "卷积类型", "乘加次数", categories=names)
    heading, *bars = lines(plot, width=40)
    assert heading == "乘加次数, by 卷积类型"
    starts = {cell_len(bar[: bar.index("█")]) for bar in bars}
    assert starts == {14}  # the widest name that fits a third of the line, cut or filled, and a blank
    assert [bar.rpartition(" ")[2] for bar in bars] == ["4", "2", "1"]


@given(
    labels=st.lists(st.text(min_size=1, max_size=30).filter(str.isprintable), min_size=1, max_size=4),
    width=st.integers(24, 90),
    kind=st.sampled_from(["line", "step", "bar", "scatter", "path"]),
    values=st.lists(st.none() | st.floats(-1e6, 1e6), min_size=1, max_size=12),
)
def test_no_label_and_no_value_breaks_the_width(
    labels: list[str], width: int, kind: str, values: list[float | None]
) -> None:
    series = tuple(Series(label, list(range(len(values))), values) for label in labels)  # type: ignore[arg-type]
    assert lines(Plot(kind, series, labels[0], labels[-1]), width=width)


def test_the_length_of_a_bar_is_its_value() -> None:
    found = lines(Plot("bar", (Series("a", [0, 1, 2], [8, 4, -8]),), "x", "y"), width=38)
    drawn = [line.count("█") for line in found[1:]]
    assert drawn[0] == 2 * drawn[1] == drawn[2]
    assert found[3].index("█") + drawn[2] == found[1].index("█"), "below 0 ends where above 0 starts"


def test_logarithmic_bars_grow_by_the_same_length_each_decade() -> None:
    plot = Plot("bar", (Series("a", [0, 1, 2, 3], [1, 10, 100, 0]),), "x", "y", log="y")
    heading, *bars = lines(plot, width=50, style=ASCII)
    assert "(log)" in heading
    lengths = [bar.count("#") for bar in bars]
    assert lengths[1] == pytest.approx(2 * lengths[0], abs=1)
    assert lengths[2] == pytest.approx(3 * lengths[0], abs=1)
    assert lengths[3] == 0


def test_a_line_is_labelled_with_the_values_it_has() -> None:
    plot = Plot("line", (Series("a", [0, 10], [0.5, 1.0]),), "epoch", "accuracy")
    found = lines(plot)
    assert found[0] == "accuracy"
    assert found[-1].strip() == "epoch"
    labels = [line.split("│")[0].strip() for line in found[2:-3] if line.split("│")[0].strip()]
    assert labels == ["1", "0.8", "0.6"]
    assert found[-2].split() == ["0", "2", "4", "6", "8", "10"]


def test_a_logarithmic_axis_is_labelled_with_powers_of_ten() -> None:
    found = lines(Plot("line", (Series("a", [1, 2], [1e-6, 1e3]),), "x", "y", log="y"), height=34)
    assert found[0] == "y (log)"
    labels = [line.split("│")[0].strip() for line in found[2:-3] if line.split("│")[0].strip()]
    assert labels == ["100", "1", "0.01", "0.0001", "1e-6"]


def test_without_colour_every_line_has_a_character_of_its_own() -> None:
    plot = Plot("line", (Series("up", [0, 1], [0, 1]), Series("down", [0, 1], [1, 0])), "x", "y")
    found = lines(plot)
    assert found[-1] == "++ up   xx down"
    drawn = "".join(found[2:-3])
    assert drawn.count("+") > 20
    assert drawn.count("x") > 20


def test_with_colour_lines_differ_by_colour() -> None:
    plot = Plot("line", (Series("up", [0, 1], [0, 1]), Series("down", [0, 1], [1, 0])), "x", "y")
    text = picture(plot, style=Style())
    assert not re.search("[+x]{3}", text.plain)
    colours = {str(span.style.color) for span in text.spans if not isinstance(span.style, str)}
    assert len(colours) >= 2


def test_names_of_places_stand_below_a_line() -> None:
    names = ("input", "conv1", "pool1", "conv2")
    plot = Plot("line", (Series("rf", [0, 1, 2, 3], [1, 3, 4, 8]),), "layer", "px", categories=names)
    assert lines(plot)[-2].split() == list(names)


def test_equal_axes_make_a_square_twice_as_wide_as_high_in_cells() -> None:
    square = Plot("path", (Series("box", [0, 1, 1, 0, 0], [0, 0, 1, 1, 0]),), "x", "y", equal=True)
    rows = [line.split("│", 1)[1] for line in lines(square) if "│" in line and re.search("[▀-▟]", line)]
    width = max(len(r.rstrip("│ ")) - len(r) + len(r.lstrip("│ ")) for r in rows)
    assert width == pytest.approx(2 * len(rows), abs=3)


def test_marks_are_drawn_and_named() -> None:
    marks = (Mark("healthy", y=0.5), Mark("best", 1.0, 1.0), Mark("best", 2.0, 1.0))
    plot = Plot("scatter", (Series("runs", [0, 1, 2], [0, 1, 2]),), "x", "y", marks=marks)
    assert lines(plot)[-1] == "++ runs   @@ best   ── healthy"


def test_small_heat_maps_show_their_values_and_their_names() -> None:
    plot = Plot(
        "heatmap", (), "column", "row", grid=[[0, 1], [12, 3]], categories=("a", "b"), rows=("上", "下")
    )
    assert lines(plot) == [
        "values from 0 to 12, row by column",
        "     a    b",
        "上    0    1 ",
        "下  █12  ░ 3 ",
    ]


def test_heat_maps_that_are_too_big_are_shown_by_the_means_of_blocks() -> None:
    grid = [[float(row < 16)] * 64 for row in range(32)]
    heading, *rows = lines(Plot("heatmap", (), "column", "row", grid=grid))
    assert heading == "values from 0 to 1, row by column, each cell the mean of 2 x 2"
    assert [row[3:] for row in rows] == ["█" * 64] * 8 + [" " * 64] * 8
    assert [row[:3].strip() for row in rows] == [str(n) for n in range(0, 32, 2)]


@pytest.mark.parametrize(
    "plot",
    [
        Plot("line", (Series("a", [1, 2], [None, None]),), "x", "y"),  # type: ignore[list-item]
        Plot("line", (Series("a", [1, 2], [0, -1]),), "x", "y", log="y"),
        Plot("line", (), "x", "y"),
        Plot("heatmap", (), "x", "y", grid=[]),
        Plot("heatmap", (), "x", "y", grid=[[None]]),  # type: ignore[list-item]
    ],
)
def test_what_cannot_be_drawn_is_said(plot: Plot) -> None:
    assert "nothing to draw" in lines(plot)[0]


def test_a_single_point_and_a_flat_line_are_drawn() -> None:
    for y in ([3.0], [3.0, 3.0], [0.0, 0.0]):
        drawn = lines(Plot("line", (Series("a", list(range(len(y))), y),), "x", "y"))
        assert re.search("[▀-▟]", "".join(drawn))
