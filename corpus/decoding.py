"""Bytes of a note to text: which encoding they are in, and line ends as `\\n`.

It does not know file formats. What is not text at all is refused, what is text with a few broken bytes is
kept with a warning.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import NoteError

REPLACEMENT = "\ufffd"
SAMPLE = 4096
"""How many characters are looked at to tell one encoding from another."""

_HINT = "Save it as text in UTF-8, or move it away."
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text, and what was lost on the way (empty when nothing was)."""

    text: str
    warning: str = ""


def decode(path: Path, data: bytes, declared: str = "") -> Decoded:
    """Return the text of `data` with every line end written as `\\n`.

    UTF-8 first (with or without a byte order mark), UTF-16 where a mark says so, then GB 18030, which nearly
    any bytes satisfy and which is therefore believed only if the characters are those Chinese is written in.
    An encoding that the file itself has `declared` comes after UTF-8, since many pages declare a wrong one.
    Raises `NoteError` naming `path` for bytes that are no text.
    """
    decoded = _decode(path, data, declared)
    return Decoded(decoded.text.replace("\r\n", "\n").replace("\r", "\n"), decoded.warning)


def _decode(path: Path, data: bytes, declared: str) -> Decoded:
    if data.startswith(_UTF16_MARKS):
        try:
            return Decoded(data.decode("utf-16"))
        except UnicodeDecodeError:
            return Decoded(data.decode("utf-16", errors="replace"), "some characters are broken UTF-16")
    if b"\0" in data:
        raise NoteError(
            path,
            f"{str(path)!r} is not text: it contains NUL bytes",
            "Save it as text in UTF-8, or move it away.",
        )
    try:
        return Decoded(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        if (text := _declared(data, declared)) is not None:
            return Decoded(text)
        return _guess(path, data, error.start)


def _declared(data: bytes, name: str) -> str | None:
    """Return `data` in the encoding called `name`, or None if there is no such one or it does not fit."""
    name = {"gb2312": "gb18030", "gbk": "gb18030", "iso-8859-1": "cp1252"}.get(name.lower(), name)
    try:
        return data.decode(name) if name else None
    except (LookupError, ValueError):
        return None


def _guess(path: Path, data: bytes, first_bad: int) -> Decoded:
    """Decide between damaged UTF-8, GB 18030 and no text, for bytes that are not valid UTF-8."""
    patched = data.decode("utf-8-sig", errors="replace")
    broken = patched.count(REPLACEMENT)
    foreign = sum(not c.isascii() for c in patched) - broken
    line = data.count(b"\n", 0, first_bad) + 1
    warning = f"{broken} broken UTF-8 characters, the first on line {line}, are shown as {REPLACEMENT}"
    # Damaged UTF-8 still has whole characters around the damage; GB 18030 read as UTF-8 has next to none.
    if foreign >= broken:
        return Decoded(patched, warning)
    try:
        chinese = data.decode("gb18030")
    except UnicodeDecodeError:
        chinese = ""
    if chinese and _reads_as_chinese(chinese):
        return Decoded(chinese)
    if broken > len(patched) // 10:
        raise NoteError(path, f"{str(path)!r} is not text in UTF-8, UTF-16 or GB 18030", _HINT)
    return Decoded(patched, warning)


def _reads_as_chinese(text: str) -> bool:
    """Whether the first characters outside ASCII are those of GB 2312, the everyday part of GB 18030."""
    sample = [c for c in text[: 16 * SAMPLE] if not c.isascii()][:SAMPLE]
    everyday = sum(_is_everyday(c) for c in sample)
    return everyday >= 0.9 * len(sample)


def _is_everyday(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True
