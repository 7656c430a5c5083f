"""Pictures of results: both formats, every kind of plot, and what is refused."""

from __future__ import annotations

import builtins
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from assistant.demo_kit import plot_fonts, registry
from assistant.demo_kit.plotting import draw, save_plot
from assistant.demo_kit.types import DemoResult, Mark, Plot, Series
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


@pytest.mark.parametrize("name", registry.names())
def test_every_demo_makes_a_png_and_an_svg_with_every_glyph_it_needs(name: str, tmp_path: Path) -> None:
    result = registry.run(name, {})
    for suffix, magic in ((".png", b"\x89PNG\r\n\x1a\n"), (".svg", b"<?xml")):
        picture = save_plot(result, tmp_path / f"picture{suffix}").read_bytes()  # a missing glyph warns
        assert picture.startswith(magic)
        assert len(picture) > 5000


def test_a_link_is_replaced_and_a_file_is_no_folder(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("mine")
    (tmp_path / "link.png").symlink_to(elsewhere)
    save_plot(registry.run("pooling", {}), tmp_path / "link.png")
    assert elsewhere.read_text() == "mine", "the link is replaced, not what it leads to"
    assert not (tmp_path / "link.png").is_symlink()
    with pytest.raises(StudyError, match="cannot write"):
        save_plot(registry.run("pooling", {}), elsewhere / "a.png")


CHINESE = Plot(
    "line", (Series("训练", [0, 1], [1, 2]), Series("验证 (valid)", [0, 1], [2, 1])), "批大小", "损失 loss"
)


def labels(plot: Plot) -> list[str]:
    (axes,) = draw(plot, title="感受野").axes
    legend = axes.get_legend()
    assert legend is not None
    return [
        axes.get_title(),
        axes.get_xlabel(),
        axes.get_ylabel(),
        *(t.get_text() for t in legend.get_texts()),
    ]


def only(monkeypatch: pytest.MonkeyPatch, *files: str) -> None:
    """Let the machine have matplotlib's own font and `files` only."""
    from matplotlib import get_data_path

    own = str(Path(get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf")
    fonts = {plot_fonts.BASE: own, **{f"font {i}": file for i, file in enumerate(files)}}
    monkeypatch.setattr(plot_fonts, "installed", lambda: fonts)


def test_without_a_chinese_font_a_label_keeps_what_can_be_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch)
    assert labels(CHINESE) == ["", "x", "loss", "series 1", "valid"]
    save_plot(result_with(CHINESE), tmp_path / "a.png")  # a box would warn, and a warning is an error


def test_with_a_chinese_font_labels_stay_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, "chinese.otf")
    glyphs = {"chinese.otf": frozenset(map(ord, "感受野批大小损失训练验证"))}
    own = plot_fonts._glyphs
    monkeypatch.setattr(plot_fonts, "_glyphs", lambda file: glyphs.get(file) or own(file))
    assert labels(CHINESE) == ["感受野", "批大小", "损失 loss", "训练", "验证 (valid)"]


@pytest.mark.skipif(len(plot_fonts.installed()) < 2, reason="no font with Chinese glyphs is installed")
def test_an_installed_chinese_font_draws_chinese(tmp_path: Path) -> None:
    assert labels(CHINESE)[1] == "批大小"
    save_plot(result_with(CHINESE), tmp_path / "a.png")


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("σ/√m, λ ≤ ½ ‖w‖²", "σ/√m, λ ≤ ½ ‖w‖²"),
        ("$5 and $6", r"\$5 and \$6"),
        ("学习率（learning rate）", "learning rate"),
        ("学习率", "x"),
        ("loss (损失)", "loss"),
        ("\N{ROCKET} speed", "speed"),
    ],
)
def test_labels_without_a_chinese_font(label: str, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch)
    assert plot_fonts.showable(label, "x") == shown


def test_bars_are_named_and_heat_maps_too() -> None:
    plot = Plot("bar", (Series("a", [0, 1], [1, 2]),), "x", "y", categories=("first", "second"))
    (axes,) = draw(plot, title="t").axes
    assert [text.get_text() for text in axes.get_xticklabels()] == ["first", "second"]
    grid = Plot("heatmap", (), "x", "y", grid=[[1, 2], [3, 4]], categories=("a", "b"), rows=("c", "d"))
    axes = draw(grid, title="t").axes[0]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["c", "d"]
    assert [text.get_text() for text in axes.texts] == ["1", "2", "3", "4"]


def test_marks_and_contour_lines_are_drawn() -> None:
    marks = (Mark("best", 0.0, 0.0), Mark("limit", y=1.0), Mark("box", (0.0, 1.0), (0.0, 2.0)))
    bowl = [[x * x + y * y for x in range(-5, 6)] for y in range(-5, 6)]
    plot = Plot(
        "path", (Series("a", [0, 1], [0, 1]),), "x", "y", grid=bowl, extent=(-5, 5, -5, 5), marks=marks
    )
    figure = draw(plot, title="t")
    (axes,) = figure.axes
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["a", "best", "limit", "box"]
    assert len([line for line in axes.lines if line.get_color() == "0.8"]) > 3
    assert axes.get_xlim() == (-5, 5)


def test_many_series_have_their_legend_beside_the_picture() -> None:
    figure = draw(Plot("line", tuple(Series(f"w{i}", [0, 1], [0, i]) for i in range(8)), "x", "y"), title="t")
    assert len(figure.legends[0].get_texts()) == 8
    assert figure.axes[0].get_legend() is None


def test_a_logarithmic_axis_without_a_positive_value_is_linear(tmp_path: Path) -> None:
    plot = Plot("line", (Series("a", [1, 2], [0, -1]),), "x", "y", log="y")
    assert save_plot(result_with(plot), tmp_path / "a.png").exists()
