"""Figures in an answer against the figures that a demo computed for it: what is asserted and agrees with nothing.

Only a figure that is asserted (“是 15”, "= 15", "is about 15") is judged, and it is right if a demo computed it, or
if the question, a demo's arguments or a passage hold it. Whether a sentence is supported by its passage is another
question and not asked here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.events import ToolRun

_SCALES = {
    "%": 0.01,
    "％": 0.01,
    "千": 1e3,
    "万": 1e4,
    "百万": 1e6,
    "亿": 1e8,
    "k": 1e3,
    "K": 1e3,
    "M": 1e6,
    "G": 1e9,
    "B": 1e9,
    "thousand": 1e3,
    "million": 1e6,
    "billion": 1e9,
}
_NUMBER = re.compile(
    r"(?<![\w.\-−–^])(?P<sign>[-−])?(?P<digits>\d{1,3}(?:,\d{3})+|\d+)(?P<fraction>\.\d+)?"
    r"(?:[eE](?P<e>[-+]?\d+)|\s?[×x*·]\s?10\^?\{?(?P<power>[-−]?\d+)\}?)?"
    rf"\s?(?P<unit>{'|'.join(sorted(map(re.escape, _SCALES), key=len, reverse=True))})?(?![A-Za-z_]|\.?\d)"
)
_ASSERTS = re.compile(
    r"(?:是|为|等于|得到|得|约|大约|变成|只有|达到|[=＝≈:：→]|\b(?:is|are|equals|gives|becomes|about|roughly|to|get|yields)\b)"
    r"(?:\s*(?:约|大约|about|roughly|≈|~))?[\s*$`]*$",
    re.IGNORECASE,
)
_ROUGHLY = re.compile(r"(?:约|≈|~|about|roughly)[^，,。；;.\d]{0,6}$", re.IGNORECASE)
_OPERATOR = re.compile(r"\s*(?:[-+−/÷^×]|\*(?!\*)|x\s?\d)")
_RATIO = re.compile(r"\s*(?:倍|分之|times\b|fold\b|x\b|×(?!\s*\d))", re.IGNORECASE)
_ROUNDED = re.compile(r"取整|floor|ceil|round|⌊|⌈", re.IGNORECASE)
_NOT_PROSE = re.compile(r"```.*?(?:```|$)|\[\d{1,2}\]", re.DOTALL)
#: How far off a figure may be that is called approximate.
_ABOUT = 0.1
# More values than this are a table or a picture, and some value of it agrees with anything.
_MOST_VALUES = 400


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A figure as it is written in the answer, and the run that it disagrees with."""

    written: str
    run: ToolRun


@dataclass(frozen=True, slots=True)
class _Figure:
    value: float
    slack: float
    written: str
    start: int
    end: int

    def agrees(self, other: float, slack: float = 0.0) -> bool:
        """Whether the figure is `other` rounded as it is written; signs are the sentence's business."""
        return abs(abs(self.value) - abs(other)) <= max(self.slack, slack) * 1.01 + 1e-12


def contradictions(text: str, runs: Sequence[ToolRun], known: Iterable[str]) -> tuple[Contradiction, ...]:
    """Return the asserted figures of `text` that no run computed and that stand in none of the `known` texts."""
    computed = [(run, values) for run in runs if (values := list(_values(run.result.get("numbers", {}))))]
    if not computed or any(len(values) > _MOST_VALUES for _, values in computed):
        return ()
    results = [value for _, values in computed for value in values]
    allowed = [
        *results,
        *(value for run, _ in computed for value in _values(run.result.get("args_used", {}))),
        *(value for run in runs for value in _values(run.arguments)),
        *(figure.value for known_text in known for figure in _figures(known_text)),
    ]
    prose = _NOT_PROSE.sub(lambda found: " " * len(found[0]), text)
    found: dict[str, Contradiction] = {}
    for figure in _figures(prose):
        before, after = prose[max(figure.start - 24, 0) : figure.start], prose[figure.end : figure.end + 12]
        if not _ASSERTS.search(before) or _OPERATOR.match(after):
            continue
        slack = _ABOUT * abs(figure.value) if _ROUGHLY.search(before) else 0.0
        if any(figure.agrees(value, slack) or figure.agrees(100 * value, slack) for value in allowed):
            continue
        if _RATIO.match(after) and any(figure.agrees(a / b, slack) for a in allowed for b in allowed if b):
            continue
        whole = (math.floor(figure.value), math.ceil(figure.value))
        if _ROUNDED.search(prose) and any(value in whole for value in results):
            continue
        found.setdefault(figure.written, Contradiction(figure.written, computed[-1][0]))
    return tuple(found.values())


def _figures(text: str) -> Iterator[_Figure]:
    """Yield the numbers of `text` with half of the last digit that is written as their slack."""
    for match in _NUMBER.finditer(text):
        fraction, unit = match["fraction"] or "", match["unit"] or ""
        exponent = int((match["e"] or match["power"] or "0").replace("−", "-"))
        if abs(exponent) > 300:
            continue
        scale = _SCALES.get(unit, 1.0) * 10.0**exponent
        value = float(match["digits"].replace(",", "") + fraction) * scale
        decimals = max(len(fraction) - 1, 0)
        slack = 0.5 * 10.0**-decimals * scale if fraction or scale != 1.0 else 0.0
        yield _Figure(value, slack, match[0].strip(), match.start(), match.end())


def _values(value: Any) -> Iterator[float]:
    """Yield every number in nested lists and objects."""
    if isinstance(value, bool):
        return
    if isinstance(value, int | float):
        if math.isfinite(value):
            yield float(value)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _values(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _values(item)
