"""`assistant demo`: the JSON contract, plots, and errors that name the argument and the way out."""

from __future__ import annotations

import re
import shlex
from io import StringIO
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from assistant.cli.commands.demo import read_flags
from assistant.cli.demo_view import example, show_flags
from assistant.demo_kit import registry
from assistant.demo_kit.parameters import accepted
from tests.cli.contract import DEMO, DEMO_ENTRY, types
from tests.cli.running import OnTerminal, plain, run

POOLING = ("demo", "pooling", "--x", "[[1,2],[3,6]]", "--kernel", "2", "--mode", "mean")


def test_a_result_keeps_the_contract_and_is_all_there_is_on_stdout(env: dict[str, str]) -> None:
    ran = run(*POOLING, "--json", env=env)
    assert (ran.code, ran.err, ran.out.count("\n")) == (0, "", 1)
    given = {key: kind for key, kind in types(ran.json).items() if ran.json[key] is not None}
    assert given.items() <= DEMO.items()
    assert set(ran.json) == set(DEMO)
    assert ran.json["demo"] == "pooling"
    assert ran.json["numbers"]["out"] == [[3.0]]  # (1 + 2 + 3 + 6) / 4
    assert (ran.json["args_used"]["kernel"], ran.json["args_used"]["mode"]) == (2, "mean")
    assert ran.json["formula"]
    assert ran.json["source"]


def test_all_demos_are_listed_with_their_parameters(env: dict[str, str]) -> None:
    ran = run("demo", "--json", env=env)
    assert all(types(entry) == DEMO_ENTRY for entry in ran.json)
    names = [entry["name"] for entry in ran.json]
    assert names == sorted(names)
    assert {"pooling", "receptive_field", "conv_output_size"} <= set(names)
    shown = run("demo", env=env)
    assert shown.code == 0
    assert all(name in shown.out for name in names)


def test_the_reading_view_has_figures_formula_and_source(env: dict[str, str]) -> None:
    ran = run("demo", "receptive_field", "--preset", "vgg_16", env=env)
    assert ran.code == 0
    assert "\x1b" not in ran.out
    for part in ("receptive_field", "212", "formula", "source"):
        assert part in ran.out


def test_a_plot_is_saved_and_said_on_stderr(env: dict[str, str], tmp_path: Path) -> None:
    picture = tmp_path / "a b" / "图.svg"
    picture.parent.mkdir()
    ran = run(*POOLING, "--plot", str(picture), "--json", env=env)
    assert (ran.code, ran.err) == (0, f"plot: {picture}\n")
    assert ran.json["numbers"]["out"] == [[3.0]]
    assert "<svg" in picture.read_text("utf-8")


def test_a_refused_argument_is_an_error_in_json_and_a_sentence_otherwise(env: dict[str, str]) -> None:
    words = ("demo", "pooling", "--kernel", "-3")
    ran = run(*words, "--json", env=env)
    assert (ran.code, ran.err) == (1, "")
    assert set(ran.json) == {"error"}
    shown = run(*words, env=env)
    assert (shown.code, shown.out) == (1, "")
    assert shown.err.startswith("error: ")
    assert "kernel" in shown.err
    assert "-3" in shown.err


@pytest.mark.parametrize(
    ("words", "named", "offered"),
    [
        (("demo", "poling"), "'poling'", "Did you mean 'pooling'?"),
        (("demo", "pooling", "--args", "{"), "'{'", "--args"),
        (("demo", "pooling", "--args", "[1]"), "'[1]'", "--args"),
        (("demo", "pooling", "--kernel"), "--kernel", "assistant demo pooling --help"),
        (("demo", "pooling", "2"), "'2'", "assistant demo pooling --help"),
    ],
)
def test_a_call_that_is_not_understood_has_exit_code_2_and_a_way_out(
    env: dict[str, str], words: tuple[str, ...], named: str, offered: str
) -> None:
    ran = run(*words, env=env)
    assert (ran.code, ran.out) == (2, "")
    message, hint = ran.err.splitlines()
    assert named in message
    assert offered in hint


def test_an_unknown_flag_names_the_nearest(env: dict[str, str]) -> None:
    ran = run("demo", "pooling", "--kernal", "2", env=env)
    assert ran.code in (1, 2)
    assert "kernal" in ran.err
    assert "kernel" in ran.err


@pytest.mark.parametrize("preset", ["vgg_16", "alexnet_v2"])
def test_the_receptive_field_of_a_network_is_drawn_into_a_png(
    env: dict[str, str], tmp_path: Path, preset: str
) -> None:
    picture = tmp_path / "rf.png"
    ran = run("demo", "receptive_field", "--preset", preset, "--plot", str(picture), env=env)
    assert (ran.code, ran.err) == (0, f"plot: {picture}\n")
    assert picture.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")


def test_a_plot_is_text_only_where_it_is_asked_for_or_seen(env: dict[str, str]) -> None:
    piped = run(*POOLING, env=env).out
    asked = run(*POOLING, "--plot", "-", env=env).out
    assert "row by column" not in piped
    assert "row by column" in asked
    assert [line for line in asked.splitlines() if line in piped.splitlines()] == [
        line for line in piped.splitlines() if line in asked.splitlines()
    ]
    assert "\x1b" not in asked
    for words, is_drawn in (((), True), (("--no-plot",), False), (("--plot", "-"), True)):
        with OnTerminal(*POOLING, *words, env=env) as terminal:
            assert terminal.end() == 0
            assert ("row by column" in terminal.shown) == is_drawn


@pytest.mark.parametrize("columns", [30, 60, 120])
def test_a_plot_on_a_terminal_is_as_wide_as_it_and_no_wider_than_80(
    env: dict[str, str], columns: int
) -> None:
    with OnTerminal("demo", "deconv_overlap", env=env, columns=columns) as terminal:
        assert terminal.end() == 0
        bars = [line.rstrip() for line in plain(terminal.shown).split("\n") if "█" in line]
    assert len(bars) > 5
    assert max(map(cell_len, bars)) == min(columns, 80)


def test_without_colour_and_without_unicode_a_plot_is_still_one(env: dict[str, str]) -> None:
    words = ("demo", "quadratic_convergence")
    for more, signs in (({}, "█"), ({"NO_COLOR": "1"}, "┌"), ({"LC_ALL": "C", "NO_COLOR": "1"}, "+----")):
        with OnTerminal(*words, env=env | more) as terminal:
            assert terminal.end() == 0
            shown = plain(terminal.shown)
        drawn = shown[shown.index("|x| (log)") : shown.index("formula")]
        assert signs in drawn
        assert ("\x1b[38" in terminal.shown) == (not more)
        assert ("x" * 5 in drawn) == bool(more)
        if "LC_ALL" in more:
            assert not re.search("[─-▟]", drawn)


def test_a_demo_in_a_chat_shows_a_small_plot(env: dict[str, str]) -> None:
    with OnTerminal("chat", env=env | {"NO_COLOR": "1"}) as terminal:
        terminal.wait_for("问 ›")
        terminal.press("/demo bn_noise\r")
        shown = plain(terminal.wait_for("formula"))
        terminal.wait_for("问 ›")
        terminal.press("\x04")
        assert terminal.end() == 0
    drawn = shown[shown.index("noise (log)") :]
    assert 8 <= drawn.count("\n") <= 16
    assert "/demo bn_noise" not in drawn
    piped = run("chat", env=env, stdin="/demo bn_noise\n").out
    assert "formula" in piped
    assert "noise (log)" not in piped


@pytest.mark.parametrize("name", registry.names())
def test_the_help_of_a_demo_has_all_that_is_needed_to_run_it(name: str) -> None:
    demo = registry.load(name)
    shown = StringIO()
    show_flags(demo, Console(file=shown, width=70, highlight=False, markup=False))
    text = shown.getvalue()
    words = " ".join(text.split())
    assert all(cell_len(line) <= 70 for line in text.splitlines() if not line.startswith("example"))
    for parameter, allowed in accepted(demo.function).items():
        assert f"--{parameter.replace('_', '-')}" in words
        for option in (option for member in allowed for option in member.options):
            assert str(option) in words
    result = demo.run({})
    for part in (result.formula, result.source, ", ".join(demo.topics)):
        assert "".join(part.split()) in "".join(words.split())
    assert words.count("; default ") + words.count("; may be left out") == len(accepted(demo.function))


@pytest.mark.parametrize("name", registry.names())
def test_the_example_in_the_help_runs(name: str) -> None:
    demo = registry.load(name)
    assistant, word, named, *flags = shlex.split(example(demo))
    assert (assistant, word, named) == ("assistant", "demo", name)
    assert demo.run(read_flags(demo, flags)).numbers


def test_help_says_range_default_choices_formula_source_and_an_example(env: dict[str, str]) -> None:
    ran = run("demo", "pooling", "--help", env=env)
    assert (ran.code, ran.err) == (0, "")
    for part in (
        "--kernel INTEGER",
        "an integer in [1, 16]; default 2",
        "one of max, mean; default max",
        "may be left out",
        "formula  max: y = max x_i",
        "source   LeCun et al. 1998",
        "最大池化",
        "example  assistant demo pooling --mode mean\n",
    ):
        assert part in ran.out
    with OnTerminal("demo", "pooling", "--help", env=env, columns=48) as terminal:
        assert terminal.end() == 0
        lines = plain(terminal.shown).split("\n")
    assert max(map(cell_len, lines)) <= 48
