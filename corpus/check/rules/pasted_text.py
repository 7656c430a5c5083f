"""The same sentence under two topics, and which of the two is out of place.

Any run of 24 characters (blanks aside) that stands in two topics is found: all windows of that length are
hashed with one polynomial modulo 2^64 and compared where the hashes are equal, in time n log n.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise

from corpus.check.findings import Finding
from corpus.check.markup import HOLE
from corpus.check.notebook import Notebook, Sheet
from corpus.concepts import fold
from corpus.types import Topic

RULE = "the same sentence under two topics"

WINDOW, LONG = 24, 30
"""Characters, blanks aside. From `LONG` on any whole sentence counts; from `WINDOW` on one that breaks another."""
_WIDTH = 45
"""Columns that a repetition must fill, a Chinese character taking two: English needs some nine words."""
_TEMPLATE = 5
"""A text under more topics than this is a template, not a slip."""
_SEPARATOR = "\n"
_BASE = 0x9E3779B97F4A7C15  # odd, so that it has an inverse modulo 2^64
_WIDE = re.compile(r"[\u2e80-\u9fff\uff00-\uffef]")
_WORD_CHAR = re.compile(r"[\w%)\]）】”’]")
_MARKS = "。，,.;；:：、!！?？)）-*>+|"
_ENDS = frozenset("。！？；;!?.")


@dataclass(frozen=True)
class _Text:
    """A topic's lines without blanks, in one string: `starts` are the lines' offsets, `numbers` their numbers."""

    sheet: Sheet
    topic: Topic
    text: str
    starts: tuple[int, ...]
    numbers: tuple[int, ...]

    def row(self, at: int) -> int:
        return bisect_right(self.starts, at) - 1

    def line(self, at: int) -> int:
        """Return the number of the line that offset `at` stands on."""
        return self.numbers[self.row(at)]

    def before(self, at: int) -> str:
        """Return what stands before `at` on its line."""
        return self.text[self.starts[self.row(at)] : at]

    def after(self, at: int) -> str:
        """Return what stands from `at` on to the end of the line of the character before."""
        row = self.row(at - 1)
        end = self.starts[row + 1] if row + 1 < len(self.starts) else len(self.text)
        return self.text[at:end]

    def interrupted(self, start: int, end: int) -> bool:
        """Whether a stretch stands inside a sentence that begins before it and goes on after it."""
        right = self.after(end)
        return self.begins_inside(start) and bool(right) and bool(_WORD_CHAR.match(right[0]))

    def begins_inside(self, start: int) -> bool:
        """Whether a stretch begins in the middle of a sentence."""
        left = self.before(start)
        return bool(left) and bool(_WORD_CHAR.match(left[-1])) and not re.fullmatch(r"\(?\d{1,2}", left)

    def ends_inside(self, end: int) -> bool:
        """Whether a stretch ends in the middle of a sentence."""
        right = self.after(end)
        goes_on = bool(right) and (right[0] in "，,、；;：:" or bool(_WORD_CHAR.match(right[0])))
        return goes_on and self.text[end - 1] not in _ENDS


def check(notebook: Notebook) -> Iterator[Finding]:
    """Yield one finding for every stretch that stands under two topics, where it is out of place."""
    texts = [text for sheet, topic in notebook.topics() if not topic.stub for text in [_text(sheet, topic)]]
    for i, j, a, b, length in _repetitions([text.text for text in texts]):
        trimmed = texts[i].text[a : a + length].lstrip(_MARKS)
        a, b, length = a + length - len(trimmed), b + length - len(trimmed), len(trimmed)
        stretch = texts[i].text[a : a + length]
        if not _is_pasted(texts[i], a, texts[j], b, length):
            continue
        if len(stretch) + len(_WIDE.findall(stretch)) - 2 * stretch.count(HOLE) >= _WIDTH:
            yield _finding(notebook, texts[i], a, texts[j], b, length)


def _is_pasted(one: _Text, a: int, two: _Text, b: int, length: int) -> bool:
    """Whether a stretch is a whole sentence in one of its places, and in the other no mere beginning of another.

    Two sentences may share a beginning because they are about the same thing; that is wording, not pasting.
    """
    edges = [(t.begins_inside(at), t.ends_inside(at + length)) for t, at in ((one, a), (two, b))]
    has_end = any(c in _ENDS for c in one.text[a : a + length - 1])
    if (False, False) in edges and length >= LONG:
        return has_end or (False, True) not in edges
    # A part of a sentence, up to its end, that breaks another one open is no coincidence either.
    broken = one.interrupted(a, a + length) + two.interrupted(b, b + length)
    return broken == 1 and one.text[a + length - 1] in _ENDS


def _text(sheet: Sheet, topic: Topic) -> _Text:
    rows = []
    for i in sheet.body(topic):
        if any(c.isalnum() for c in sheet.prose[i - 1]):  # a line of code or a link alone is no sentence
            rows.append((i, "".join(fold(sheet.lines[i - 1]).split())))
    starts = tuple(accumulate((len(row) for _, row in rows), initial=0))[: len(rows)]
    return _Text(sheet, topic, "".join(row for _, row in rows), starts, tuple(i for i, _ in rows))


def _repetitions(texts: list[str]) -> Iterator[tuple[int, int, int, int, int]]:
    """Yield (text, other text, offset, other offset, length) of every longest common stretch of two texts."""
    import numpy as np

    joined = _SEPARATOR.join(texts)
    if len(joined) < 2 * WINDOW:
        return
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    count = len(codes) - WINDOW + 1
    with np.errstate(over="ignore"):
        powers = np.cumprod(np.full(len(codes), _BASE, np.uint64))
        inverse = np.cumprod(np.full(count, pow(_BASE, -1, 2**64), np.uint64))
        sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(codes * powers)])
        hashes = (sums[WINDOW:] - sums[:-WINDOW]) * inverse
    owner = np.cumsum(codes == ord(_SEPARATOR))
    usable = np.flatnonzero(owner[:count] == owner[WINDOW - 1 :])
    usable = usable[np.argsort(hashes[usable], kind="stable")]
    ordered = hashes[usable]
    groups = np.split(usable, np.flatnonzero(ordered[1:] != ordered[:-1]) + 1) if _any_equal(ordered) else []
    pairs: dict[int, list[int]] = {}
    for group in groups:
        if len(group) > 1 and len(set(owner[group].tolist())) in range(2, _TEMPLATE + 1):
            places = group.tolist()
            for a, b in pairwise(places):
                if owner[a] != owner[b] and joined[a : a + WINDOW] == joined[b : b + WINDOW]:
                    pairs.setdefault(b - a, []).append(a)
    begins = [0, *(i + 1 for i, c in enumerate(joined) if c == _SEPARATOR)]
    for shift, places in sorted(pairs.items()):
        for first, last in _runs(sorted(places)):
            i, j = int(owner[first]), int(owner[first + shift])
            yield i, j, first - begins[i], first + shift - begins[j], last - first + WINDOW


def _any_equal(ordered: object) -> bool:
    import numpy as np

    hashes = np.asarray(ordered)
    return bool((hashes[1:] == hashes[:-1]).any())


def _runs(places: list[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and last of every run of consecutive numbers."""
    first = last = places[0]
    for place in places[1:]:
        if place != last + 1:
            yield first, last
            first = place
        last = place
    yield first, last


def _finding(notebook: Notebook, one: _Text, a: int, two: _Text, b: int, length: int) -> Finding:
    torn = one.interrupted(a, a + length), two.interrupted(b, b + length)
    stretch = one.text[a : a + length]
    if torn[0] != torn[1]:
        reason = "torn"
    else:
        near = [_affinity(notebook, text.topic, stretch) for text in (one, two)]
        torn = (near[0] < near[1], near[0] >= near[1])  # where the title says less of it, it is out of place
        reason = "affinity" if near[0] != near[1] else "unknown"
    out, at, home, there = (one, a, two, b) if torn[0] else (two, b, one, a)
    sheet, quote = out.sheet, _short(stretch)
    place = f"{home.topic.path.name}:{home.line(there)}"
    left, right = out.before(at)[-6:], out.after(at + length)[:6]
    why = {
        "torn": (
            f"它在这里打断了“{left}……{right}”，应该属于那边",
            f"here it interrupts “{left} … {right}”, so it belongs there",
        ),
        "affinity": ("从标题看它应该属于那边", "by the titles it belongs there"),
        "unknown": ("看不出哪一处是多余的", "which of the two is out of place cannot be told"),
    }[reason]
    return sheet.finding(
        "pasted_text",
        (out.line(at), out.line(at + length - 1)),
        (
            f"“{quote}”也出现在《{home.topic.title}》（{place}）：{why[0]}。",
            f"“{quote}” also stands under “{home.topic.title}” ({place}): {why[1]}.",
        ),
        ("从放错的一处删掉这段文字。", "Remove it from where it does not belong."),
        {"torn": 0.95, "affinity": 0.7, "unknown": 0.6}[reason],
    )


def _affinity(notebook: Notebook, topic: Topic, stretch: str) -> int:
    """Return how much of a title a stretch speaks of: its concepts, then its characters."""
    concepts = {m.concept for m in notebook.concepts(topic.title)}
    shared = concepts & {m.concept for m in notebook.concepts(stretch)}
    return 10 * len(shared) + len(
        set(re.findall(r"[\u3400-\u9fff]|[a-z]{2,}", fold(topic.title))) & set(stretch)
    )


def _short(text: str) -> str:
    return text if len(text) <= 24 else f"{text[:14]}…{text[-8:]}"
