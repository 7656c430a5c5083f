"""Markdown as Slack may show it: nobody is called, no link is live, and no piece is too long.

Everything from notes, models and people goes through `harmless`. The sign it puts in is U+2060 WORD JOINER, which is
invisible and has no width; an escape would be seen in code, and a parser that decodes it would be fooled after all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from api.slack.formulas import with_readable_formulas

#: Characters in the Markdown blocks of one message. Slack's limit is 12,000, counted after its own conversion.
MAX_MARKDOWN = 11_000
JOINER = "\u2060"

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
_ENTITY = re.compile(r"&#?\w{1,32};")
#: `<!channel>`, `<@U1>`, `<#C1>`, and what reads like them once a backslash is taken away.
_CALL = re.compile(r"<(?=\\*[!@#])|@(?=(?:channel|here|everyone)\b)")
#: The places at which a link is live: an address in angle brackets, a bare one, and what follows `[text]`.
_LINK = re.compile(
    r"<(?=[a-zA-Z][\w+.-]*:)|(?<=\])(?=[(:])|(?<=[a-zA-Z]:)(?=//)|\b(?:www|mailto|tel)(?=[.:])", re.I
)
#: Where a text may be cut, best first.
_CUTS = (
    re.compile(r"\n\n+"),
    re.compile(r"\n"),
    re.compile(r"(?<=[。；！？])|(?<=[.;!?]) "),
    re.compile(r"(?<=[，、]) ?| "),
)


def readable(text: str) -> str:
    """Return the Markdown of an answer as Slack may have it: formulas as code, calls and links dead."""
    parts = [lines if fenced else with_readable_formulas(lines) for fenced, lines in _parts(text)]
    return harmless("".join(parts))


def harmless(text: str) -> str:
    """Return `text` with everything dead that would call people or lead away. Code keeps its links, not its calls."""
    return "".join(_calm(lines) if fenced else _dead(lines) for fenced, lines in _parts(text))


def fallback(text: str, most: int = 300) -> str:
    """Return what a notification shows: one line, in which nothing is Slack's markup."""
    line = " ".join(harmless(text).split())
    line = line if len(line) <= most else line[: most - 1] + "…"
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def pieces(text: str, most: int = MAX_MARKDOWN) -> list[str]:
    """Return `text` in pieces of at most `most` characters, cut between paragraphs where that is possible.

    A fence that is cut is closed, and opened again in the next piece. Raises `ValueError` where `most` has no room.
    """
    if most < 100:
        raise ValueError(f"no text fits into {most} characters")
    found, rest = [], text.strip("\n")
    while len(rest) > most:
        end, begin = _cut(rest, most - 40)
        piece, rest, fence = rest[:end].rstrip(), rest[begin:], _open_fence(rest[:end])
        if fence:
            mark = _FENCE.match(fence)[1]  # type: ignore[index]  # it is one
            piece, rest = f"{piece}\n{mark[:3]}", f"{fence[:20]}\n{rest}"
        found.append(piece)
    return [*found, rest] if rest.strip() or not found else found


def _cut(text: str, room: int) -> tuple[int, int]:
    """Return where a piece of `text` ends and where the next begins."""
    head, least = text[: room + 3], room // 3
    opened = _last_outside(head)
    for limit in (opened, len(head)):  # rather shorter than through a fence
        for cut in _CUTS:
            at = [m for m in cut.finditer(head, least) if m.start() <= min(limit, room) and m.end() > least]
            if at:
                return at[-1].start(), at[-1].end()
    return room, room


def _last_outside(text: str) -> int:
    """Return where the last fence that is still open begins, else the length of `text`."""
    at, opened, start = 0, "", len(text)
    for line in text.splitlines(keepends=True):
        before, opened = opened, _after_line(opened, line)
        if opened and not before:
            start = at
        at += len(line)
    return start if opened else len(text)


def _open_fence(text: str) -> str:
    opened = ""
    for line in text.splitlines():
        opened = _after_line(opened, line)
    return opened


def _after_line(opened: str, line: str) -> str:
    """Return the line that opened the fence in which one is after `line`, "" outside of any."""
    found = _FENCE.match(line.rstrip("\n"))
    if not found:
        return opened
    if not opened:
        return "" if found[1][0] == "`" and "`" in found[2] else line.strip()
    mark = _FENCE.match(opened)[1]  # type: ignore[index]  # it is one
    closes = found[1][0] == mark[0] and len(found[1]) >= len(mark) and not found[2].strip()
    return "" if closes else opened


def _parts(text: str) -> Iterator[tuple[bool, str]]:
    """Yield runs of lines, and whether they are code in a fence."""
    opened, lines, inside = "", "", False
    for line in text.splitlines(keepends=True):
        before, opened = opened, _after_line(opened, line)
        fenced = bool(before or opened)
        if fenced is not inside and lines:
            yield inside, lines
            lines = ""
        inside, lines = fenced, lines + line
    if lines:
        yield inside, lines


def _dead(text: str) -> str:
    # What is written as entities is decoded by whoever shows it, as often as it was encoded.
    while (decoded := _ENTITY.sub(lambda m: unescape(m[0]), text)) != text:
        text = decoded
    return _LINK.sub(rf"\g<0>{JOINER}", _calm(text))


def _calm(text: str) -> str:
    return _CALL.sub(rf"\g<0>{JOINER}", text)
