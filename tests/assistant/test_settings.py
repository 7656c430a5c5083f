"""Flag over environment over file over default, for every row of the table; what cannot be used is named."""

from __future__ import annotations

import os
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from assistant.settings import SETTINGS, SettingError, Settings, read_settings
from corpus.errors import UnknownName

HERE = Path.cwd()
#: Per setting: a text to give and the value it becomes.
GIVEN: dict[str, tuple[str, Any]] = {
    "home": ("some/home", HERE / "some/home"),
    "notes": (f"a{os.pathsep}/b/c", (HERE / "a", Path("/b/c"))),
    "model": (" ollama:qwen3.5:4b ", "ollama:qwen3.5:4b"),
    "embedder": ("sentence_transformers:x/y", "sentence_transformers:x/y"),
    "reranker": ("x/y", "x/y"),
    "coverage_threshold": ("0.5", 0.5),
    "retention": ("0.85", 0.85),
    "new_per_day": ("0", 0),
    "ollama_host": ("http://other:1", "http://other:1"),
    "openai_base_url": ("http://other:2/v1", "http://other:2/v1"),
    "num_ctx": ("4096", 4096),
    "num_predict": ("99", 99),
    "temperature": ("0.7", 0.7),
    "think": ("on", True),
    "show_thoughts": ("off", False),
    "allowed_hosts": ("Study.example, b", ("study.example", "b")),
    "rate_limit": ("10/second;1000/hour", "10/second;1000/hour"),
    "model_rate_limit": ("", ""),
    "telemetry": ("on", True),
    "timeout": ("12.5", 12.5),
    "idle_timeout": ("7.5", 7.5),
}
DEFAULTS = {
    "home": Path.home() / ".study-assistant",
    "notes": (),
    "model": "auto",
    "embedder": "bundled",
    "reranker": "",
    "coverage_threshold": 0.29,
    "retention": 0.9,
    "new_per_day": 8,
    "ollama_host": "",
    "openai_base_url": "",
    "num_ctx": 8192,
    "num_predict": 1024,
    "temperature": 0.3,
    "think": False,
    "show_thoughts": True,
    "allowed_hosts": (),
    "rate_limit": "120/minute",
    "model_rate_limit": "20/minute",
    "telemetry": False,
    "timeout": 300.0,
    "idle_timeout": 60.0,
}
ROWS = pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def read(home: Path, environment: dict[str, str] | None = None, **flags: str) -> Settings:
    return read_settings({"home": str(home), **flags}, environment or {})


def test_the_table_the_settings_and_these_tests_name_the_same_settings() -> None:
    names = [setting.name for setting in SETTINGS]
    assert names == [field.name for field in fields(Settings)] == list(GIVEN) == list(DEFAULTS)


@ROWS
def test_each_setting_has_its_default(setting: Any) -> None:
    home_of_nobody = {"HOME": "/nonexistent"}
    values = read_settings({"home": "/nonexistent"}, home_of_nobody)
    if setting.name == "home":
        assert setting.parse(setting.default) == DEFAULTS["home"]
    else:
        assert getattr(values, setting.name) == DEFAULTS[setting.name]


@ROWS
def test_each_setting_is_read_from_its_flag_and_its_variable(setting: Any) -> None:
    text, value = GIVEN[setting.name]
    assert getattr(read_settings({setting.name: text}, {}), setting.name) == value
    assert getattr(read_settings({}, {setting.env: text}), setting.name) == value
    assert setting.env == f"ASSISTANT_{setting.name.upper()}"


@ROWS
def test_each_setting_but_home_is_read_from_the_file(setting: Any, config: Path) -> None:
    text, value = GIVEN[setting.name]
    config.write_text(f'{setting.name} = "{text}"\n', "utf-8")
    if setting.name == "home":
        with pytest.raises(UnknownName, match="'home'"):
            read(config.parent)
    else:
        assert getattr(read(config.parent), setting.name) == value


@pytest.mark.parametrize(
    ("flag", "variable", "file", "expected"),
    [
        ("1111", "2222", "3333", 1111),
        (None, "2222", "3333", 2222),
        (None, None, "3333", 3333),
        (None, None, None, 8192),
    ],
)
def test_flag_goes_before_environment_before_file_before_default(
    config: Path, flag: str | None, variable: str | None, file: str | None, expected: int
) -> None:
    if file:
        config.write_text(f"num_ctx = {file}\n", "utf-8")
    environment = {"ASSISTANT_NUM_CTX": variable} if variable else {}
    assert read_settings({"home": str(config.parent), "num_ctx": flag}, environment).num_ctx == expected


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("num_ctx = 4096", "num_ctx", 4096),
        ("think = true", "think", True),
        ("think = false", "think", False),
        ("temperature = 1", "temperature", 1.0),
        ('notes = ["/a", "/b"]', "notes", (Path("/a"), Path("/b"))),
        ("notes = []", "notes", ()),
    ],
)
def test_the_file_may_use_tomls_own_types(config: Path, line: str, name: str, value: Any) -> None:
    config.write_text(line, "utf-8")
    assert getattr(read(config.parent), name) == value


BAD = {
    "num_ctx": ["0", "1023", "1048577", "many", "4096.5", ""],
    "num_predict": ["15", "65537", "x"],
    "temperature": ["-0.1", "2.1", "nan", "hot"],
    "think": ["maybe", "", "2"],
    "timeout": ["0", "3601", "inf", "nan"],
}


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in BAD.items() for text in texts])
def test_what_cannot_be_used_is_named_with_where_it_came_from_and_what_is_allowed(
    name: str, text: str
) -> None:
    setting = next(s for s in SETTINGS if s.name == name)
    for flags, environment, origin in (
        ({name: text}, {}, setting.flag),
        ({}, {setting.env: text}, setting.env),
    ):
        with pytest.raises(SettingError) as caught:
            read_settings(flags, environment)
        assert f"{name} = {text!r} (from {origin})" in caught.value.message
        assert caught.value.hint.startswith("Give ")


@pytest.mark.parametrize("text", ["ON", " true ", "Yes", "1"])
def test_a_switch_is_read_in_any_case(text: str) -> None:
    assert read_settings({"think": text}, {}).think is True


@pytest.mark.parametrize("level", ["low", "medium", "High", "max"])
def test_how_hard_to_think_may_be_said(level: str) -> None:
    assert read_settings({"think": level}, {}).think == level.lower()


def test_a_bad_value_in_the_file_names_the_file(config: Path) -> None:
    config.write_text("num_ctx = 1", "utf-8")
    with pytest.raises(SettingError, match=r"config\.toml") as caught:
        read(config.parent)
    assert caught.value.hint == "Give a whole number from 1,024 to 1,048,576."


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"num_ctx = ", "is not TOML"), (b"\xff\xfe", "cannot be read"), (b"a = 1\na = 2", "is not TOML")],
)
def test_a_file_that_is_no_toml_is_named(config: Path, content: bytes, message: str) -> None:
    config.write_bytes(content)
    with pytest.raises(SettingError, match=message) as caught:
        read(config.parent)
    assert str(config) in caught.value.message
    assert caught.value.hint


def test_a_misspelt_setting_in_the_file_is_refused_with_the_nearest(config: Path) -> None:
    config.write_text("modle = 'notes'", "utf-8")
    with pytest.raises(UnknownName, match="'modle'") as caught:
        read(config.parent)
    assert "'model'" in caught.value.hint


def test_the_home_may_begin_with_a_tilde() -> None:
    assert read_settings({"home": "~/x"}, {}).home == Path.home() / "x"


def test_empty_parts_of_a_path_list_are_left_out() -> None:
    assert read_settings({"notes": f"{os.pathsep}/a{os.pathsep} {os.pathsep}"}, {}).notes == (Path("/a"),)


def test_the_environment_of_the_process_is_the_default(own_home: Path) -> None:
    values = read_settings()
    assert (values.home, values.model) == (own_home, "notes")
