"""One line of config.toml changed, every other left as it was, or nothing at all."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.config_file import can_be_set, set_in_file, with_setting
from assistant.settings import SettingError

FILE = Path("config.toml")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", 'embedder = "BAAI/bge-m3"\n'),
        ("# mine\n\nnum_ctx = 4096", 'embedder = "BAAI/bge-m3"\n# mine\n\nnum_ctx = 4096'),
        (
            'model = "notes" # 笔记\nembedder = "hashed"  # 试试 "it"\r\nthink = "on"\n',
            'model = "notes" # 笔记\nembedder = "BAAI/bge-m3"  # 试试 "it"\r\nthink = "on"\n',
        ),
        ("  embedder='hash#ed'#x\n", 'embedder = "BAAI/bge-m3"#x\n'),
        ("# embedder = 'old'\n", "embedder = \"BAAI/bge-m3\"\n# embedder = 'old'\n"),
    ],
)
def test_the_line_is_replaced_or_put_first_and_comments_stay(before: str, after: str) -> None:
    assert with_setting(before, "embedder", "BAAI/bge-m3", FILE) == after


@given(value=st.text(st.characters(codec="utf-8", exclude_characters="\x7f"), max_size=20))
@settings(max_examples=40)
def test_any_text_is_read_back_as_it_was(value: str) -> None:
    text = with_setting("a = 1 # eins\nembedder = ''\n", "embedder", value, FILE)
    assert tomllib.loads(text) == {"a": 1, "embedder": value}


@pytest.mark.parametrize(
    "text",
    ['embedder = """two\nlines"""\n', 'x = """\nembedder = "a"\n"""\n', "= broken", "embedder.name = 1\n"],
)
def test_a_file_that_is_not_understood_is_left_alone(text: str, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text)
    for change in (can_be_set, set_in_file):
        with pytest.raises(SettingError, match=r"the line of embedder in .* is not understood") as caught:
            change(file, "embedder", "hashed")
        assert caught.value.hint == 'Write it by hand: embedder = "hashed"'
    assert file.read_text() == text


def test_a_file_is_made_with_its_folder(tmp_path: Path) -> None:
    set_in_file(tmp_path / "new" / "config.toml", "embedder", "hashed")
    assert (tmp_path / "new" / "config.toml").read_text() == 'embedder = "hashed"\n'
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["config.toml"]


def test_a_place_that_cannot_be_written_is_told_with_the_variable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingError, match="cannot be written") as caught:
        set_in_file(tmp_path / "file" / "config.toml", "embedder", "hashed")
    assert caught.value.hint == "Set ASSISTANT_EMBEDDER=hashed instead."
