"""Units of answers: M, %, px, °, 万, TFLOPS; what is written behind a number, in terms of what was asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

_SCALES = {
    "千亿": 1e11, "百亿": 1e10, "十亿": 1e9, "亿": 1e8, "千万": 1e7, "百万": 1e6, "万": 1e4, "千": 1e3,
    "billion": 1e9, "million": 1e6, "thousand": 1e3, "percent": 0.01, "%": 0.01, "‰": 0.001,
    "t": 1e12, "g": 1e9, "b": 1e9, "m": 1e6, "k": 1e3,
}  # fmt: skip
#: What is measured -> how it is written. Counts of anything are plain numbers.
_MEASURES = {
    "": "个 次 步 倍 维 次乘加 乘加 个参数 参数 个权重 权重 个元素 元素 个均值 "
    "macs mac madds mult-adds multiply-adds params parameters weights elements means steps times",
    "px": "px pixel pixels 像素 个像素",
    "°": "° 度 deg degree degrees",
    "flops": "flops flop/s",
    "flop/b": "flop/b flops/b flop/byte flops/byte flop/字节 flops/字节",
}
_MEASURE_OF = {word: measure for measure, words in _MEASURES.items() for word in words.split()}


def _any_of(words: dict[str, object]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


_UNIT = re.compile(rf"(?P<scale>{_any_of({**_SCALES})})?\s?(?P<measure>{_any_of({**_MEASURE_OF})})?(?![a-z])")


@dataclass(frozen=True, slots=True)
class Unit:
    """A scale and what it is a scale of: TFLOPS is 1e12 of flops. A scale of None was not written."""

    scale: float | None
    measure: str

    def in_terms_of(self, asked: Unit) -> float | None:
        """Return the factor from this unit to `asked`, or None where they measure different things.

        Without a scale (30 px, 78 次) the number is taken to be in the unit that was asked for.
        """
        if self.measure not in ("", asked.measure):
            return None
        return 1.0 if self.scale is None else self.scale / (asked.scale or 1.0)


def unit_at(text: str, at: int) -> tuple[Unit, int]:
    """Return the unit written at `at` in lower-case `text`, and its end; the empty unit where there is none."""
    found = _UNIT.match(text, at)
    if found is None:
        return Unit(None, ""), at
    scale, measure = found["scale"], found["measure"]
    return Unit(_SCALES[scale] if scale else None, _MEASURE_OF[measure] if measure else ""), found.end()


@cache
def asked_unit(unit: str) -> Unit:
    """Return the unit of an exercise; one that is not known here measures itself."""
    known, end = unit_at(unit.lower(), 0)
    return known if end == len(unit) else Unit(None, unit.lower())
