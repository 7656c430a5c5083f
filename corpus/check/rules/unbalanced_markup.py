"""Code fences and `$` formulas that are opened and never closed, or the other way round."""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.check.findings import Edit, Finding
from corpus.check.markup import HOLE, fences, without_code
from corpus.check.notebook import Notebook, Sheet

RULE = "a code fence or formula without its other half"

_MAX_LINES = 100
_BLOCK_PAIR = re.compile(r"(?<!\\)\$\$[^$]+\$\$")
#: A formula of its own begins or ends a line; `$a$$b$` is two in a row.
_BLOCK_EDGE = re.compile(r"^\s*(?:[-*+>]\s+|\d+[.)]\s+)?\$\$|(?<![\\$])\$\$\s*[.,;，。；]?\s*$")
_PAIRS = (
    re.compile(r"(?<!\\)\$(?!\s)(?:\\.|[^$\\]){1,500}?(?<!\s)\$(?!\d)"),
    re.compile(r"(?<!\\)\$(?:[^$\n]{1,20}|[^$\n]{0,300}[\\^_={}][^$\n]{0,300})\$"),
)
#: Sums of money, shell variables and prompts.
_NO_FORMULA = re.compile(
    r"(?<![\w\\])(?:US|HK|A|C)?\$\s?\d[\d,.]*(?:\s?[kKmMbB](?:illion)?\b)?|\$\{?[A-Z_][A-Z_0-9]+\b\}?"
    r"|^\s*\$ |\\\$|(?<=\d)\s?\$(?=[\s,.，。]|$)"
)
_BLANK_OR_HEADING = re.compile(r"\s*$|\s{0,3}#{1,6}\s")


def check(notebook: Notebook) -> Iterator[Finding]:
    """Yield every opening without its end."""
    for sheet in notebook.sheets:
        yield from _fences(sheet)
        if "$" in sheet.note.text:
            yield from _formulas(sheet)


def _fences(sheet: Sheet) -> Iterator[Finding]:
    for fence in fences(sheet.lines, sheet.note.body_start):
        if fence.nested and not (fence.closed and len(fence.mark) > 3):
            yield sheet.finding(
                "unbalanced_markup",
                (fence.first, fence.nested),
                (
                    f"第 {fence.first} 行的代码块可能没有结束：第 {fence.nested} 行又开始了一个。",
                    f"The code fence of line {fence.first} may not be closed: line {fence.nested} opens another.",
                ),
                (
                    f"在第 {fence.nested} 行之前补上 {fence.mark}。",
                    f"Close it with {fence.mark} before line {fence.nested}.",
                ),
                0.7,
            )
        elif not fence.closed:
            last = len(sheet.lines)
            while last > fence.first and not sheet.lines[last - 1].strip():
                last -= 1
            # What the fence begins with (a quote mark, the indentation of a list) its end must have too.
            lead = re.match(r"[ \t>]*", sheet.lines[fence.first - 1])
            end = f"\n{lead[0] if lead else ''}{fence.mark}"
            yield sheet.finding(
                "unbalanced_markup",
                (fence.first, last),
                (
                    f"第 {fence.first} 行的代码块没有结束，后面的正文都成了代码。",
                    f"The code fence of line {fence.first} is never closed, so all text below it is code.",
                ),
                (f"在代码结尾补一行 {fence.mark}。", f"Add a line {fence.mark} where the code ends."),
                0.95,
                Edit(last, len(sheet.lines[last - 1]), "", end),
            )


def _formulas(sheet: Sheet) -> Iterator[Finding]:
    lines = without_code(sheet.note).split("\n")
    opened = 0
    rest: list[str] = []
    for i, line in enumerate(lines, 1):
        if opened and (i - opened > _MAX_LINES or re.match(r"\s{0,3}#{1,6}\s", line)):
            yield _unclosed(sheet, opened)
            opened = 0
        inside, line = bool(opened), line if opened else _BLOCK_PAIR.sub(HOLE, line)
        edge = re.search(r"\$\$", line) if inside else _BLOCK_EDGE.search(line)
        if edge:
            opened = 0 if inside else i
            line = line[edge.end() :] if inside else line[: edge.start()]
        rest.append(HOLE if inside and not edge else line)
    if opened:
        yield _unclosed(sheet, opened)
    first, paragraph = 1, [""]
    for i, line in enumerate([*rest, ""], 1):
        if _BLANK_OR_HEADING.match(line) or line.lstrip().startswith(("- ", "* ", "|", HOLE)):
            yield from _paragraph(sheet, first, "\n".join(paragraph))
            first, paragraph = i, [line]
        elif i == 1:
            paragraph = [line]
        else:
            paragraph.append(line)


def _unclosed(sheet: Sheet, line: int) -> Finding:
    return sheet.finding(
        "unbalanced_markup",
        line,
        (f"第 {line} 行的 $$ 公式没有结束。", f"The $$ formula of line {line} is never closed."),
        ("在公式结尾补上 $$。", "Add $$ where the formula ends."),
        0.9,
    )


def _paragraph(sheet: Sheet, first: int, text: str) -> Iterator[Finding]:
    """Yield a finding for a paragraph with a `$` that has no partner."""
    if "$" not in text:
        return
    left = text
    for pair in _PAIRS:
        left = pair.sub(lambda m: re.sub(r"[^\n]", HOLE, m[0]), left)
    left = "\n".join(_NO_FORMULA.sub("", line) for line in left.split("\n"))
    at = left.find("$")
    if at >= 0 and left.count("$") % 2:
        line = first + left.count("\n", 0, at)
        yield sheet.finding(
            "unbalanced_markup",
            line,
            (
                "这里的 $ 没有配对，公式可能没有写完整。",
                "This $ has no partner; the formula may be incomplete.",
            ),
            ("补上另一个 $，表示货币时写成 \\$。", "Add the other $, or write \\$ for the currency."),
            0.7,
        )
