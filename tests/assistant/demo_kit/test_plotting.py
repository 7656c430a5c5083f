"""Pictures of results: both formats, every kind of plot, and what is refused."""

from __future__ import annotations

import builtins
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from assistant.demo_kit import registry
from assistant.demo_kit.plotting import draw, save_plot
from assistant.demo_kit.types import DemoResult, Plot, Series
from corpus.errors import StudyError

LINES = (Series("a", [1, 2, 3], [1, 4, 9]), Series("b", [1, 2, 3], [2, 3, 4]))


def result_with(plot: Plot | None) -> DemoResult:
    return DemoResult("example", {}, {}, "", "", plot=plot)


@pytest.mark.parametrize(("name", "magic"), [("a.png", b"\x89PNG"), ("b.SVG", b"<?xml")])
def test_the_suffix_chooses_the_format(tmp_path: Path, name: str, magic: bytes) -> None:
    path = save_plot(registry.run("activation_props", {"name": "gelu"}), tmp_path / name)
    assert path.read_bytes().startswith(magic)
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_the_same_result_makes_the_same_file(tmp_path: Path) -> None:
    result = registry.run("pooling", {})
    first = save_plot(result, tmp_path / "a.svg").read_bytes()
    assert save_plot(result, tmp_path / "b.svg").read_bytes() == first


def test_every_demo_can_be_drawn(tmp_path: Path) -> None:
    for demo in registry.demos():
        result = demo.run({})
        if result.plot:
            assert save_plot(result, tmp_path / f"{demo.name}.png").stat().st_size > 1000


def test_lines_keep_their_values_and_gaps() -> None:
    figure = draw(Plot("line", (Series("a", [1, 2], [3, None]),), "x", "y", log="xy"), title="t")  # type: ignore[list-item]
    (axes,) = figure.axes
    assert axes.get_xscale() == axes.get_yscale() == "log"
    y: Any = axes.lines[0].get_ydata()
    assert y[0] == 3
    assert y[1] != y[1]


def test_groups_of_bars_stand_side_by_side() -> None:
    (axes,) = draw(Plot("bar", LINES, "x", "y"), title="t").axes
    lefts = sorted(bar.get_x() for bar in axes.patches)  # type: ignore[attr-defined]
    assert len(lefts) == 6
    assert min(b - a for a, b in pairwise(lefts)) > 0.3
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["a", "b"]  # type: ignore[union-attr]


def test_a_heat_map_shows_its_grid() -> None:
    axes = draw(Plot("heatmap", (), "column", "row", grid=[[1, 2], [3, 4]]), title="t").axes[0]
    assert axes.images[0].get_array().tolist() == [[1, 2], [3, 4]]  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", ["line", "step", "bar", "scatter", "path"])
def test_every_kind_draws_every_series(kind: str) -> None:
    (axes,) = draw(Plot(kind, LINES, "x", "y"), title="t").axes
    assert len(axes.get_legend_handles_labels()[1]) == 2


@pytest.mark.parametrize("name", ["a.pdf", "a", "a.png.txt"])
def test_other_formats_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(StudyError, match=r"cannot draw a plot as") as error:
        save_plot(registry.run("pooling", {}), tmp_path / name)
    assert ".png or .svg" in error.value.hint


def test_a_result_without_a_plot_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="no plot"):
        save_plot(result_with(None), tmp_path / "a.png")


def test_a_folder_that_is_not_there_is_an_error_with_a_way_out(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="cannot write") as error:
        save_plot(registry.run("pooling", {}), tmp_path / "nowhere" / "a.png")
    assert "folder" in error.value.hint


def test_a_target_that_cannot_be_replaced_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "a.png").mkdir()
    with pytest.raises(StudyError, match="cannot write"):
        save_plot(registry.run("pooling", {}), tmp_path / "a.png")
    assert [file.name for file in tmp_path.iterdir()] == ["a.png"]


def test_a_missing_matplotlib_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without_matplotlib(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_matplotlib)
    with pytest.raises(StudyError) as error:
        save_plot(registry.run("pooling", {}), tmp_path / "a.png")
    assert error.value.hint == "pip install 'interview-study-assistant[plots]'"
