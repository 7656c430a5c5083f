"""`assistant demo`: the JSON contract, plots, and errors that name the argument and the way out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.contract import DEMO, DEMO_ENTRY, types
from tests.cli.running import run

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
