"""`config.toml` in the home folder, one setting of it changed and every other line left as it is, comments too."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

from assistant.settings import SettingError
from corpus.atomic import write_bytes

# A value on one line, and what stands behind it.
_VALUE = r"""(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^"'#\n]*?)(?P<rest>[ \t]*(?:#[^\n]*)?)$"""


def set_in_file(file: Path, name: str, value: str) -> None:
    """Give the setting `name` the text `value` in `file`, which is made where it is not there, in one step.

    Raises `SettingError` where the file is not understood or cannot be written; it is then as it was.
    """
    try:
        text = with_setting(_read(file), name, value, file)
        write_bytes(file, text.encode())
    except OSError as error:
        raise SettingError(
            f"{str(file)!r} cannot be written: {error.strerror or error}",
            f"Set ASSISTANT_{name.upper()}={value} instead.",
        ) from error


def can_be_set(file: Path, name: str, value: str) -> None:
    """Raise `SettingError` where `set_in_file` would not understand the file; nothing is written."""
    with_setting(_read(file), name, value, file)


def with_setting(text: str, name: str, value: str, file: Path) -> str:
    """Return the TOML `text` with `name` set to the string `value`. Raises `SettingError` naming `file`."""
    line = f"{name} = {json.dumps(value, ensure_ascii=False)}"  # a JSON string is a TOML string
    new, found = re.subn(
        rf"^[ \t]*{name}[ \t]*=[ \t]*{_VALUE}",
        lambda old: line + old["rest"],
        text,
        count=1,
        flags=re.MULTILINE,
    )
    if not found:
        new = f"{line}\n{text}"  # at the top, where no [table] has begun
    try:
        if tomllib.loads(new) == tomllib.loads(text) | {name: value}:
            return new
    except tomllib.TOMLDecodeError:
        pass
    raise SettingError(f"the line of {name} in {str(file)!r} is not understood", f"Write it by hand: {line}")


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"{str(file)!r} cannot be read: {error}", "Mend or remove the file.") from error
