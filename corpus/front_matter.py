"""The YAML between a note's first two `---` lines, checked key by key.

It does not decide what the keys are for. A key that looks like a misspelt one of ours is refused, so that
`question:` is noticed when the note is read and not when the question is missed; other keys are somebody else's.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from corpus.errors import NoteError
from corpus.types import FrontMatter

TEXT_KEYS = ("title", "title_en")
LIST_KEYS = ("aliases", "questions", "demos", "related", "sources")
KEYS = TEXT_KEYS + LIST_KEYS

FOREIGN_KEYS = ("alias", "source")
"""Keys that Obsidian and its web clipper write and that only look like misspelt ones of ours."""

_KEY = re.compile(r"[A-Za-z_][\w-]*[ \t]*:(?:[ \t]|$)")


def parse_front_matter(path: Path, text: str) -> tuple[FrontMatter | None, int]:
    """Return the front matter of `text` and the 1-based line at which the body begins.

    `(None, 1)` where there is none: a first `---` opens front matter only if a `key:` stands on the very next
    line and a second `---` follows, otherwise it is a thematic break. Raises `NoteError` with the line for
    YAML that does not parse, a misspelt key and a value of the wrong type.
    """
    # Most notes have none, and a note may be 64 MB on one line: look before splitting.
    if not text.startswith("---") or text[:200].split("\n", 1)[0].rstrip() != "---":
        return None, 1
    lines = text.split("\n")
    close = next((i for i, line in enumerate(lines[1:], 1) if line.rstrip() in ("---", "...")), 0)
    if close < 2 or not _KEY.match(lines[1]):
        return None, 1
    fields = _filled(_load(path, lines[1:close]))
    for key, value in fields.items():
        _check(path, lines, key, value)
    values: dict[str, Any] = {key: fields[key].strip() for key in TEXT_KEYS if key in fields}
    values |= {key: tuple(fields[key]) for key in LIST_KEYS if key in fields}
    kind = fields.get("type")  # others use this key, too, for anything
    values["type"] = kind.strip().casefold() if isinstance(kind, str) else ""
    return FrontMatter(**values), close + 2


def parse_tags(path: Path, text: str, body_start: int) -> tuple[str, ...]:
    """Return the `tags` of a front matter that ends before line `body_start`: a list, or words and commas."""
    if body_start == 1:
        return ()
    tags = _load(path, text.split("\n", body_start)[1 : body_start - 2]).get("tags") or ()
    words = tags.replace(",", " ").split() if isinstance(tags, str) else tags
    return tuple(str(word).lstrip("#") for word in words) if isinstance(words, list) else ()


def line_of_key(lines: list[str], key: object) -> int:
    """Return the 1-based line on which a top-level `key:` stands, or 1."""
    pattern = re.compile(rf"[\"']?{re.escape(str(key))}[\"']?\s*:")
    return next((i for i, line in enumerate(lines, 1) if pattern.match(line)), 1)


def _load(path: Path, lines: list[str]) -> dict[Any, Any]:
    import yaml

    try:
        fields = yaml.safe_load("\n".join(lines))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        raise _error(path, line, f"the front matter is not valid YAML: {error.problem}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _error(path, 1, f"the front matter is not valid YAML: {error}") from None
    if not isinstance(fields, dict):
        raise _error(path, 2, "the front matter is not a list of `key: value` lines")
    return fields


def _filled(fields: dict[Any, Any]) -> dict[Any, Any]:
    """Return the fields without the lists left empty and with a single alias as a list, as Obsidian has them."""
    filled = {key: value for key, value in fields.items() if value is not None or key not in LIST_KEYS}
    if isinstance(alias := filled.get("aliases"), str):
        filled["aliases"] = [alias]
    return filled


def _check(path: Path, lines: list[str], key: object, value: object) -> None:
    line = line_of_key(lines, key)
    if key in FOREIGN_KEYS:
        return
    if key not in KEYS:
        if near := get_close_matches(str(key), KEYS, n=1):
            hint = f"Did you mean {near[0]!r}?"
            raise _error(path, line, f"unknown key {key!r} in the front matter", hint)
        return  # other programs keep their own keys here: tags, date, layout
    if key in TEXT_KEYS and not (isinstance(value, str) and value.strip()):
        raise _error(path, line, f"{key!r} is {value!r}, not text", f'Write {key}: "..." with quotes.')
    if key in LIST_KEYS and not (isinstance(value, list) and all(isinstance(v, str) for v in value)):
        raise _error(path, line, f"{key!r} is {value!r}, not a list of texts", f'Write {key}: ["..."].')


def _error(path: Path, line: int, message: str, hint: str = "") -> NoteError:
    return NoteError(path, f"{str(path)!r}, line {line}: {message}", hint or "Mend the front matter.", line)
