"""Settings of the command: flag > environment > config.toml > default, and values that cannot be used."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest

from tests.cli.running import environment, run

LEVELS = ("flag", "environment", "config", "default")
PAIRS = list(combinations(LEVELS, 2))


@pytest.mark.parametrize(("stronger", "weaker"), PAIRS)
def test_the_stronger_origin_wins(own_home: Path, tmp_path: Path, stronger: str, weaker: str) -> None:
    given: dict[str, Path] = {}
    for level in {stronger, weaker} - {"default"}:
        given[level] = tmp_path / f"{level}.md"
        given[level].write_text(f"# {level}\n\n来自 {level} 的一条笔记。\n", "utf-8")
    env = environment(own_home)
    if "environment" in given:
        env["ASSISTANT_NOTES"] = str(given["environment"])
    if "config" in given:
        own_home.mkdir()
        (own_home / "config.toml").write_text(f"notes = {str(given['config'])!r}\n", "utf-8")
    flags = ("--notes", str(given["flag"])) if "flag" in given else ()
    topics = run("notes", "topics", "--json", *flags, env=env).json
    assert [topic["topic"] for topic in topics] == [stronger]


def test_without_any_setting_the_shipped_notes_and_those_of_the_home_are_studied(own_home: Path) -> None:
    (own_home / "notes").mkdir(parents=True)
    (own_home / "notes" / "mine.md").write_text("# 我的笔记\n\n这是自己写的。\n", "utf-8")
    topics = run("notes", "topics", "--json", env=environment(own_home)).json
    assert len(topics) > 5
    assert topics[-1]["topic"] == "我的笔记"


def test_the_home_itself_can_be_a_flag(env: dict[str, str], tmp_path: Path) -> None:
    assert run("notes", "topics", "--home", str(tmp_path / "elsewhere"), env=env).code == 0
    assert (tmp_path / "elsewhere" / "index").is_dir()


def test_several_paths_are_a_list_in_the_config_and_joined_elsewhere(own_home: Path, notes: Path) -> None:
    own_home.mkdir()
    paths = [str(notes / "optimizers.md"), str(notes / "batch_norm.md")]
    (own_home / "config.toml").write_text(f"notes = {paths!r}\n", "utf-8")
    listed = run("notes", "topics", "--json", env=environment(own_home)).json
    joined = run("notes", "topics", "--json", "--notes", ":".join(paths), env=environment(own_home)).json
    assert [topic["path"] for topic in listed] == paths
    assert listed == joined


@pytest.mark.parametrize(
    ("config", "named", "offered"),
    [
        ('modle = "notes"\n', "'modle'", "Did you mean 'model'?"),
        ("num_ctx = 3\n", "num_ctx = 3", "1,024"),
        ('temperature = "hot"\n', "temperature = 'hot'", "from 0 to 2"),
        ('think = "perhaps"\n', "think = 'perhaps'", "Give on, off, or how hard"),
        ("model = \n", "line 1", "Mend"),
        ("[embedder]\nname = 1\n", "embedder = {'name': 1}", "Give a piece of text."),
        (b"\xff\xfe\x00", "config.toml", "Mend"),
    ],
)
def test_a_config_that_cannot_be_used_names_the_file_the_value_and_what_is_allowed(
    own_home: Path, config: str | bytes, named: str, offered: str
) -> None:
    own_home.mkdir()
    file = own_home / "config.toml"
    file.write_bytes(config if isinstance(config, bytes) else config.encode())
    ran = run("search", "Adam", "--json", env=environment(own_home))
    assert (ran.code, ran.out) == (2, "")
    message, hint = ran.err.splitlines()
    assert named in message
    assert str(file) in message
    assert offered in hint


def test_a_bad_value_says_whether_it_came_from_the_flag_or_the_environment(env: dict[str, str]) -> None:
    stranger = run("ask", "Adam", "--home", "~no-such-user-here/home", env=env)
    assert stranger.code == 2
    assert "--home" in stranger.err
    flag = run("ask", "Adam", "--timeout", "soon", env=env)
    variable = run("ask", "Adam", env=env | {"ASSISTANT_TIMEOUT": "soon"})
    assert (flag.code, variable.code) == (2, 2)
    assert "timeout = 'soon' (from --timeout)" in flag.err
    assert "timeout = 'soon' (from ASSISTANT_TIMEOUT)" in variable.err


@pytest.mark.parametrize("words", [("chat",), ("ask", "--stdin"), ("search", "--stdin")])
def test_a_setting_that_cannot_be_used_is_one_error_and_not_one_a_line(
    env: dict[str, str], words: tuple[str, ...]
) -> None:
    ran = run(*words, "--num-ctx", "5", env=env, stdin="Adam\nDropout\n")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.count("num_ctx = '5'") == 1


def test_an_unknown_model_backend_is_named(env: dict[str, str]) -> None:
    ran = run("ask", "Adam 有什么优点?", "--model", "olama:qwen3.5:4b", env=env)
    assert (ran.code, ran.out) == (2, "")
    assert "'olama'" in ran.err
    assert "'ollama'" in ran.err
