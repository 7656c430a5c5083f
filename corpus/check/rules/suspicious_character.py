"""Characters that are not what they look like, or cannot be seen: zero-width, private use, radicals, damage.

Half-width and full-width punctuation side by side is a matter of taste and no fault here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from enum import StrEnum

from corpus.check.findings import Edit, Finding
from corpus.check.notebook import Notebook, Sheet

RULE = "an invisible, damaged or look-alike character"


class Suspect(StrEnum):
    """What is wrong with a character."""

    INVISIBLE = "invisible"
    PRIVATE = "private"
    DAMAGED = "damaged"
    LOOK_ALIKE = "look-alike"
    CONTROL = "control"


_SUSPECTS = {
    Suspect.INVISIBLE: "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff",
    Suspect.PRIVATE: "\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd",
    Suspect.DAMAGED: "\ufffd",
    # Kangxi and CJK radicals that have a twin among the ordinary characters (Unicode 15, section 18.2).
    Suspect.LOOK_ALIKE: "\u2e80-\u2e99\u2e9b-\u2ef3\u2f00-\u2fd5",
    Suspect.CONTROL: "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f",
}
_ANY = re.compile(f"[{''.join(_SUSPECTS.values())}]")
_KINDS = {kind: re.compile(f"[{characters}]") for kind, characters in _SUSPECTS.items()}
_WORDS = {
    Suspect.INVISIBLE: ("看不见的字符", "an invisible character"),
    Suspect.PRIVATE: (
        "私用区字符（显示成什么取决于字体）",
        "a private-use character, shown as the font likes",
    ),
    Suspect.DAMAGED: ("乱码替换符，原来的字已经丢失", "a replacement mark where a character was lost"),
    Suspect.LOOK_ALIKE: (
        "部首字符，看起来像汉字却搜不到",
        "a radical that looks like a character but is not found",
    ),
    Suspect.CONTROL: ("控制字符", "a control character"),
}
#: Radicals of the supplement have no compatibility mapping; those met in text from PDF files are given here.
_TWINS = dict(
    zip(
        "⻅⻆⻉⻋⻓⻔⻚⻛⻜⻝⻢⻥⻦⻨⻩⻬⻮⻰⻳⺠⺫⻄⻘⻤⺟",
        "见角贝车长门页风飞食马鱼鸟麦黄齐齿龙龟民网西青鬼母",
        strict=True,
    )
)


def check(notebook: Notebook) -> Iterator[Finding]:
    """Yield such characters: each invisible one, because each is mended, and of the other kinds one a line."""
    for sheet in notebook.sheets:
        if not _ANY.search(sheet.note.text):
            continue
        for i, line in enumerate(sheet.lines, 1):
            told: set[Suspect] = set()
            for match in _ANY.finditer(line):
                kind = next(kind for kind, pattern in _KINDS.items() if pattern.match(match[0]))
                if not _is_wanted(line, match.start()) and kind not in told:
                    told |= {kind} - {Suspect.INVISIBLE}
                    yield _finding(sheet, i, match.start(), kind)


def _finding(sheet: Sheet, line: int, column: int, kind: Suspect) -> Finding:
    char = sheet.lines[line - 1][column]
    count = len(_KINDS[kind].findall(sheet.lines[line - 1])) - 1 if kind is not Suspect.INVISIBLE else 0
    chinese, english = _WORDS[kind]
    code = f"U+{ord(char):04X}"
    twin = _TWINS.get(char, unicodedata.normalize("NFKC", char)) if kind is Suspect.LOOK_ALIKE else ""
    if twin and twin != char:
        hint = (f"换成“{twin}”。", f"Replace it by “{twin}”.")
    elif kind is Suspect.DAMAGED:
        hint = ("对照原文补上这个字。", "Write the lost character again.")
    else:
        hint = ("删掉它，或换成想写的字符。", "Remove it, or write the character that was meant.")
    fix = Edit(line, column, char, "") if kind is Suspect.INVISIBLE else None
    return sheet.finding(
        "suspicious_character",
        line,
        (
            f"第 {column + 1} 列有{chinese}（{code}）{f'，本行另有 {count} 个' if count else ''}。",
            f"Column {column + 1} holds {english} ({code}){f', and {count} more follow' if count else ''}.",
        ),
        hint,
        0.95 if kind is not Suspect.PRIVATE else 0.7,
        fix,
    )


def _is_wanted(line: str, at: int) -> bool:
    """Whether a joiner or mark joins something: parts of an emoji, or letters of a script that needs it."""
    if line[at] not in "\u200c\u200d\u200e\u200f":
        return False
    around = [line[i] for i in (at - 1, at + 1) if 0 <= i < len(line)]
    return any(
        unicodedata.category(c) in ("So", "Sk", "Mn", "Mc")
        or unicodedata.bidirectional(c) in ("R", "AL")
        or "\u0900" <= c <= "\u0dff"
        for c in around
    )
