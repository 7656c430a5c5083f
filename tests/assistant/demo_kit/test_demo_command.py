"""`assistant demo`: the list, flags made from signatures, JSON, errors and the reading view."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from assistant.cli.commands.demo import CONTEXT_SETTINGS, command, read_flags
from assistant.cli.demo_view import shown
from assistant.cli.session import UsageError
from assistant.demo_kit import registry
from assistant.demo_kit.types import DemoError
from corpus.errors import UnknownName

app = typer.Typer()
app.command("demo", context_settings=CONTEXT_SETTINGS)(command)


def invoke(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def as_json(*words: str) -> Any:
    result = invoke(*words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_without_a_name_all_demos_are_listed() -> None:
    listed = as_json()
    assert [entry["name"] for entry in listed] == list(registry.names())
    assert set(listed[0]) == {"name", "summary", "topics", "parameters"}
    output = invoke().stdout
    assert all(name in output for name in registry.names())


def test_flags_are_json_values() -> None:
    result = as_json("pooling", "--x", "[[1,2],[3,4]]", "--kernel=2", "--mode", "mean")
    assert result["numbers"]["out"] == [[2.5]]
    assert result["args_used"]["mode"] == "mean"


@pytest.mark.parametrize("words", [["--x", "-1"], ["--x=-1"], ["--x", "[-1]"]])
def test_a_single_number_is_a_list_where_only_lists_are_taken(words: list[str]) -> None:
    assert as_json("activation_props", "--name", "relu", *words)["args_used"]["x"] == [-1]


def test_args_and_flags_mix_and_flags_win() -> None:
    result = as_json("pooling", "--args", '{"kernel": 4, "mode": "mean"}', "--kernel", "2")
    assert (result["args_used"]["kernel"], result["args_used"]["mode"]) == (2, "mean")


def test_a_switch_needs_no_value() -> None:
    demo = registry.load("receptive_field")
    assert read_flags(demo, ["--trace", "--input-size", "224"]) == {"trace": True, "input_size": 224}
    assert read_flags(demo, ["--no-trace"]) == {"trace": False}
    assert read_flags(demo, ["--trace", "false"]) == {"trace": False}
    assert read_flags(demo, ["--preset", "vgg_16"]) == {"preset": "vgg_16"}
    assert read_flags(demo, ["--nothing", "1"]) == {"nothing": 1}


def test_a_refusal_is_json_with_exit_code_1() -> None:
    result = invoke("pooling", "--kernel", "0", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"]["code"] == "out_of_range"


def test_a_refusal_without_json_is_left_to_the_command_line() -> None:
    assert isinstance(invoke("pooling", "--kernel", "0").exception, DemoError)
    assert isinstance(invoke("poling").exception, UnknownName)


@pytest.mark.parametrize(
    "words",
    [
        ["pooling", "x"],
        ["pooling", "--kernel"],
        ["pooling", "--args", "{"],
        ["pooling", "--args", "[1]"],
        ["--kernel", "3", "pooling"],
    ],
)
def test_what_is_not_a_flag_is_a_usage_error(words: list[str]) -> None:
    assert isinstance(invoke(*words).exception, UsageError)


def test_help_is_the_demos_own() -> None:
    output = invoke("pooling", "--help").stdout
    for flag in ("--kernel INTEGER", "--x LIST", "--ties TEXT", "one of max, mean"):
        assert flag in output
    assert "--json" in invoke("--help").output


def test_the_reading_view_shows_everything_with_four_digits() -> None:
    output = invoke("activation_props", "--name", "gelu", "--x", "[0.123456789]").stdout
    for part in (
        "activation_props",
        'name="gelu"',
        "minimum.y_min = -0.17",
        "0.1235",
        "formula",
        "1606.08415",
        "note",
    ):
        assert part in output
    assert "warning" in invoke("pooling", "--x", "[[1,1],[1,1]]").stdout


def test_long_values_are_cut() -> None:
    assert shown(list(range(100))) == "[0, 1, 2, 3, 4, 5, 6, 7, … 92 more]"
    assert len(shown([[["x" * 50] * 8] * 8] * 8)) == 300
    assert shown([1 / 3, None, True, 567_716_352]) == "[0.3333, –, yes, 567716352]"


def test_a_plot_is_saved_beside_the_json(tmp_path: Path) -> None:
    result = invoke("pooling", "--plot", str(tmp_path / "a.png"), "--json")
    assert json.loads(result.stdout)["demo"] == "pooling"
    assert "a.png" in result.stderr
    assert (tmp_path / "a.png").is_file()
