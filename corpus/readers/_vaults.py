"""What Obsidian and Notion write into Markdown that is no Markdown, turned into text line for line.

Line numbers stay those of the file: a line is changed or emptied, never added or removed. Code is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_FENCE = re.compile(r"\s{0,3}(?:>\s*)*(`{3,}|~{3,})")
_CODE_SPAN = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)")
# A matrix such as [[1, 2]] is no link, and neither is x[[i]].
_LINK = re.compile(r"(!?)(?<![\w\])])\[\[(?=[^\]]*[^\W\d_])([^\[\]|\n]{1,300})(?:\|([^\[\]\n]{1,300}))?\]\]")
_FILE = re.compile(
    r"\.(?:png|jpe?g|gif|svg|webp|bmp|avif|pdf|mp3|mp4|webm|wav|m4a|mov|canvas)$", re.IGNORECASE
)
_CALLOUT = re.compile(r"^(\s{0,3}(?:>\s*)+)\[!([\w-]{1,40})(?:\|[^\]]*)?\][+-]?[ \t]*")
_COMMENT = re.compile(r"%%.*?%%")
_BLOCK_ID = re.compile(r"(?<=\S)\s+\^[A-Za-z0-9-]+\s*$")
_TAGS = re.compile(r"\s*#[^\s#\W\d][^\s#]*(?:\s+#[^\s#\W\d][^\s#]*)+\s*")
_NOTION_ID = re.compile(r"(?:%20|[ _-]|(?<![0-9a-f]))[0-9a-f]{32}(?![0-9a-f])")
_NOTION_LINK = re.compile(r"\[([^\[\]]+)\]\([^()]*[0-9a-f]{32}[^()]*\)")
_PROPERTY = re.compile(r"([^\s:：#>|*\-`][^:：\n]{0,39}): (\S.*)")


@dataclass(frozen=True, slots=True)
class Plain:
    """The lines as text, and the words the note is filed under."""

    lines: list[str]
    tags: tuple[str, ...] = ()


def without_vault_markup(path: Path, lines: Sequence[str], start: int) -> Plain:
    """Return `lines` with the markup of Obsidian and Notion from the 1-based line `start` on as text."""
    changed = list(lines)
    tags: list[str] = []
    prose = _prose(changed, start)
    for first, last in _comments(changed, prose):
        for i in range(first, last + 1):
            changed[i - 1] = ""
    for i in prose:
        line = changed[i - 1]
        if _TAGS.fullmatch(line):
            tags += [word.lstrip("#") for word in line.split()]
            changed[i - 1] = ""
        elif "[" in line or "%%" in line or "^" in line:
            changed[i - 1] = _line(line)
    if _NOTION_ID.search(path.stem):
        tags += _without_properties(changed, start)
        for i in prose:
            line = changed[i - 1]
            if line.startswith("#"):
                line = _NOTION_LINK.sub(r"\1", line)
            changed[i - 1] = _NOTION_ID.sub("", line)
    return Plain(changed, tuple(tags))


def _prose(lines: Sequence[str], start: int) -> list[int]:
    """Return the 1-based lines from `start` on that are not in a code block."""
    prose, marks = [], ""
    for i in range(start, len(lines) + 1):
        match = _FENCE.match(lines[i - 1])
        if not marks:
            marks = match[1] if match else ""
            if not match:
                prose.append(i)
        elif match and match[1].startswith(marks) and not lines[i - 1][match.end() :].strip():
            marks = ""
    return prose


def _comments(lines: Sequence[str], prose: Sequence[int]) -> list[tuple[int, int]]:
    """Return the line ranges between two lines that are `%%`; one without a partner is text."""
    marks = [i for i in prose if lines[i - 1].strip() == "%%"]
    return list(zip(marks[::2], marks[1::2], strict=False))


def _line(line: str) -> str:
    """Return a line with its links, callout, comments and block id as text, code spans as they are."""
    pieces, at = [], 0
    for code in _CODE_SPAN.finditer(line):
        pieces += [_COMMENT.sub("", _LINK.sub(_shown, line[at : code.start()])), code[0]]
        at = code.end()
    pieces.append(_COMMENT.sub("", _LINK.sub(_shown, line[at:])))
    return _BLOCK_ID.sub("", _CALLOUT.sub(r"\1", "".join(pieces)))


def _shown(link: re.Match[str]) -> str:
    """Return what Obsidian shows for a link; of an embedded picture nothing, of an embedded note its name."""
    embedded, target, alias = link[1], link[2].strip(), link[3]
    if embedded and _FILE.search(target.split("#")[0]):
        return ""
    if alias and not embedded:
        return alias.split("|")[-1].strip()
    return " > ".join(part.lstrip("^") for part in target.split("#") if part and not part.startswith("^"))


def _without_properties(lines: list[str], start: int) -> list[str]:
    """Empty the `Key: value` lines below a Notion page's title if text follows them; return their values."""
    i = next((i for i in range(start, len(lines) + 1) if lines[i - 1].strip()), 0)
    if not i or not lines[i - 1].startswith("# "):
        return []
    i += 1
    while i <= len(lines) and not lines[i - 1].strip():
        i += 1
    first = i
    while i <= len(lines) and (match := _PROPERTY.fullmatch(lines[i - 1].rstrip())):
        i += 1
    below = i <= len(lines) and not lines[i - 1].strip() and any(line.strip() for line in lines[i - 1 :])
    if i == first or not below:
        return []
    values = [match[2] for line in lines[first - 1 : i - 1] if (match := _PROPERTY.fullmatch(line.rstrip()))]
    lines[first - 1 : i - 1] = [""] * (i - first)
    return [_NOTION_ID.sub("", value) for value in values]
