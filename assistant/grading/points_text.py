"""Key points as a small text to edit: one point a line, and why a line is refused. Nothing is stored here."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.grading.types import KeyPoint
from assistant.language import Language

#: A point is one thing to say; what is longer is several.
MAX_LENGTH = 300
#: More points than anybody remembers of one topic.
MAX_POINTS = 60
_ID = re.compile(r"\[p(\d+)\]\s*")
_BRACKETED = re.compile(r"\[[^\]\s]{0,8}\]")
_WORDS = re.compile(r"[㐀-鿿]|[A-Za-z]{2,}")
_SAID = {
    "head": (
        "《{title}》的要点，一行一条。以 # 开头的行不算。\n"
        "行首的 [p1] 指向笔记里的那一行，改字时请保留；新加的要点不写编号。删掉一行就是删掉这条要点。\n"
        "存盘退出即生效；什么都不留则恢复成笔记里的要点。",
        "The key points of “{title}”, one a line. Lines that begin with # do not count.\n"
        "[p1] in front points to the line of the note: keep it when you change the words; a new point has none.\n"
        "Saving and leaving makes it so; an empty file brings the points of the note back.",
    ),
    "unknown_id": ("没有 [p{n}] 这条要点", "there is no point [p{n}]"),
    "bad_id": (
        "行首的方括号不是要点编号；编号形如 [p1]，新要点不写编号",
        "what stands in brackets is no id: an id is like [p1], a new point has none",
    ),
    "id_twice": ("[p{n}] 用了两次", "[p{n}] is used twice"),
    "twice": ("和第 {n} 行重复", "the same as line {n}"),
    "empty": (
        "编号后面没有内容；要删掉这条就删掉整行",
        "nothing stands behind the id; to delete the point delete the line",
    ),
    "no_words": ("没有可以比对的文字", "there are no words in it to compare with"),
    "too_long": (
        "有 {n} 个字符，最多 {most} 个；拆成几条",
        "it has {n} characters, at most {most} are one point; make several of it",
    ),
    "control": ("含有控制字符", "it holds control characters"),
    "too_many": ("要点超过 {most} 条", "there are more than {most} points"),
}


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that is no point: its number from 1, the line, and why."""

    number: int
    line: str
    why: str


def written(points: Sequence[KeyPoint], title: str, language: Language) -> str:
    """Return `points` as the text to edit."""
    head = "\n".join(f"# {line}" for line in _say("head", language, title=title).split("\n"))
    lines = (f"[p{n}] {' '.join(point.text.split())}" for n, point in enumerate(points, 1))
    return "\n".join([head, "", *lines, ""])


def read(
    text: str, points: Sequence[KeyPoint], language: Language
) -> tuple[tuple[KeyPoint, ...], tuple[Refused, ...]]:
    """Return the points that `text` lists, those of `points` by their ids, and the lines that are refused.

    A point whose words were changed keeps the line of the note that it points to and loses its other wordings, which
    say what it said before.
    """
    found: list[KeyPoint] = []
    refused: list[Refused] = []
    ids: set[int] = set()
    seen: dict[str, int] = {}
    for number, line in _lines(text):
        match = _ID.match(line)
        own_id = int(match[1]) if match else 0
        said = line[match.end() :].strip() if match else line
        why = _fault(said, line, own_id, len(points), ids, seen, language)
        if not why and len(found) == MAX_POINTS:
            why = _say("too_many", language, most=MAX_POINTS)
        if why:
            refused.append(Refused(number, line, why))
            continue
        ids.add(own_id)
        seen[_folded(said)] = number
        found.append(_point(said, points[own_id - 1] if own_id else None))
    return tuple(found), tuple(refused)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines that count, with their numbers; a list's dash in front is no part of a point."""
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        stripped = line.strip()
        if stripped and not stripped.startswith("#"):
            yield number, re.sub(r"^[-*•]\s+", "", stripped)


def _fault(
    said: str, line: str, own_id: int, count: int, ids: set[int], seen: dict[str, int], language: Language
) -> str:
    if _ID.match(line):
        if not 1 <= own_id <= count:
            return _say("unknown_id", language, n=own_id)
        if own_id in ids:
            return _say("id_twice", language, n=own_id)
        if not said:
            return _say("empty", language)
    elif _BRACKETED.match(line):
        return _say("bad_id", language)
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in said):
        return _say("control", language)
    if len(said) > MAX_LENGTH:
        return _say("too_long", language, n=len(said), most=MAX_LENGTH)
    if not _WORDS.search(said):
        return _say("no_words", language)
    if (before := seen.get(_folded(said))) is not None:
        return _say("twice", language, n=before)
    return ""


def _point(said: str, point: KeyPoint | None) -> KeyPoint:
    if point is None:
        return KeyPoint(said, wordings=(said,), written=True)
    if said == " ".join(point.text.split()):
        return replace(point, written=True)
    return replace(point, text=said, wordings=(said,), written=True)


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split()).rstrip("。.;；")


def _say(phrase: str, language: Language, **values: object) -> str:
    return _SAID[phrase][language is Language.EN].format(**values)
