"""What a question says in numbers: sizes, counts and named values in Chinese and English, never a guess.

A demo reads its arguments from here when no model is there to fill them in. Nothing is inferred: a value
that is not written in the question is None or an empty list. This module does not know any demo, and it
evaluates no expressions.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache
from typing import Any, TypeVar

from assistant.demo_kit.spelling import normalise

Number = int | float
Option = TypeVar("Option")

#: A question is short; what lies beyond is pasted material and is not searched for arguments.
MAX_CHARACTERS = 2000

_DECIMAL = r"(?:\d{1,15}(?:\.\d{1,15})?|\.\d{1,15})"
_UNSIGNED = rf"(?:(?:{_DECIMAL}\s?x\s?)?(?:10|2)\^[-+]?\d{{1,2}}|{_DECIMAL}(?:e[-+]?\d{{1,2}})?)%?"
_NUMBER = rf"[-+]?{_UNSIGNED}"
#: A value ends where no digit, letter ("2d"; "px" may follow) or second side of a size follows.
_END = r"(?!\.?\d|\^|(?!px)[a-wyz_]|x[a-z]|\s?x\s?\d)"
_SIZE = r"(?<![\d.])\d{1,6}(?:\s?x\s?\d{1,6}){1,3}(?!\.?\d|\^)"
#: A number before one of these counts them, so it is not the value of the name to its left; 步长, 层数 and the
#: like are names themselves.
_UNIT = (
    r"(?!\s?-?\s?(?:(?:个|层|步(?![长幅])|次|类|维|轮|组|通道|分类|样本|特征|模式|单元)(?!数)|channels?|layers?|steps?|epochs?|rounds?"
    r"|class(?:es)?|times|trials?|samples?|features?|modes?|units?|neurons?|iterations?)"
    r"(?![a-z]))"
)
_BETWEEN = (
    r"(?:\s|=|:|≈|\(|大小|尺寸|边长|向量|列表|数量|数目|系数|参数|概率|比例|因子|率|数|值|都|均|分别|设为|设成|设置为|为|是|取|用|选"
    r"|等于|到|成|约|大概|大约|比如|例如|(?<![a-z])(?:sizes?|values?|rates?|of|is|are|at|to|by|with|equals?|being|set|norm)(?![a-z]))"
    r"{0,5}"
)
_GAP = r"[\s-]{0,2}(?:的|个|像素的?|大小的?|(?:pixel|px)s?)?[\s-]?"
_STACK = r"(?:\s|-|个|块|张|条|种|的|连续|堆叠|隐藏|stacked|dilated|hidden|\d{1,6}(?:x\d{1,6}){1,2}){0,6}"
_LIST = (
    rf"[\[(]?\s?{_NUMBER}(?:\s?(?:,|、|/|;|和|与|及|vs\.?|,?\s?and|or|\s)\s?{_NUMBER}{_END}{_UNIT}(?!\s?convs?))*"
    r"\s?[\])]?"
)
_SPATIAL = r"stride|步长|步幅|padding|填充|kernel|卷积核|核|dilation|膨胀率|空洞率|lr|学习率|momentum|动量"
# `stride 2 input`: the number belongs to the stride. A count may follow depth or 层数为, a size may not.
_OWNED_COUNT = re.compile(rf"(?:{_SPATIAL}){_BETWEEN}$")
_OWNED = re.compile(
    rf"(?:{_SPATIAL}|depth|深度|batch|eps|input|输入|通道|channels?){_BETWEEN}$|(?:[=:为是取到]|(?<![a-z])of)\s?$"
)


class Edge(Enum):
    """Where digits may touch a Latin name."""

    WORD = auto()  # nowhere: relu6 is no relu
    NAME = auto()  # after it: kernel3
    UNIT = auto()  # before it: 125TFLOPS


@dataclass(frozen=True, slots=True)
class Facts:
    """The question as read: `text` is lower-case NFKC with counting numerals as digits and `x` in sizes.

    Names given to the methods may be Chinese or Latin. Latin names match as whole words, with a space in
    the name standing for a space, an underscore, a hyphen or nothing, and with or without a plural s.
    """

    text: str

    def says(self, *words: str) -> bool:
        """Tell whether any of `words` occurs."""
        return re.search(_names(words, Edge.WORD), self.text) is not None

    def which(self, options: Mapping[Option, tuple[str, ...]]) -> list[Option]:
        """Return the options said, in order of mention; in `leaky relu` there is no relu.

        A name inside a longer one is part of that, and no mention of its own.
        """
        spans = [
            (m.start(), m.end(), option)
            for option, words in options.items()
            for m in re.finditer(_names(words, Edge.WORD), self.text)
        ]
        whole = [
            (start, option)
            for start, end, option in spans
            if not any(a <= start and end <= b and (a, b) != (start, end) for a, b, _ in spans)
        ]
        return list(dict.fromkeys(option for _, option in sorted(whole, key=lambda span: span[0])))

    def number(self, *names: str) -> Number | None:
        """Return the number beside a name: `stride 2`, `步长为2`, `0.1的学习率`, `2x2 stride`.

        An integer stays an `int`; 30% is 0.3. A square size counts as its side, any other size as nothing.
        """
        value = rf"({_SIZE}|{_NUMBER}{_END})"
        after = re.search(
            rf"{_names(names, Edge.NAME)}(?:(?<=[a-z])-(?=\d){value}|{_BETWEEN}{value}{_UNIT})", self.text
        )
        found = [after[1] or after[2]] if after else []
        return next((v for f in [*found, *self._before(names)] if (v := _scalar(f)) is not None), None)

    def numbers(self, *names: str) -> list[float]:
        """Return the list beside a name: `dilation 1,2,4`, `膨胀率1、2、5`, `梯度[3,4]`, `[3,4]的梯度`.

        A single number is a list of one. Nothing found is an empty list.
        """
        found = re.search(rf"{_names(names, Edge.NAME)}{_BETWEEN}({_LIST})", self.text) or re.search(
            rf"(?<![\d.x])({_LIST}){_GAP}{_names(names, Edge.UNIT)}", self.text
        )
        if found is None or re.fullmatch(rf"{_NUMBER}\s?", found[1]):
            single = self.number(*names)
            # x=0.5 and x=-0.5; what follows a semicolon is another sentence.
            each = re.findall(
                rf"{_names(names, Edge.NAME)}\s?=\s?({_NUMBER}{_END})", self.text.partition(";")[0]
            )
            values = [float(_value(n)) for n in dict.fromkeys(each)]
            return values if len(values) > 1 else [] if single is None else [float(single)]
        return [float(_value(n)) for n in re.findall(rf"(?<![\d.]){_NUMBER}", found[1])]

    def sizes(self) -> list[tuple[int, int]]:
        """Return every `3x3`, `5×5`, `224 * 224` as (height, width), in order; of three or four sides two."""
        return [size for m in re.finditer(_SIZE, self.text) if (size := _spatial(m[0])) is not None]

    def shapes(self, axes: int) -> list[list[int]]:
        """Return every shape of that many axes: `1x3x32x32`, `[16, 32, 8, 8]`, `(8, 64)`, in order."""
        side = r"\d{1,6}"
        joined = rf"(?<![\d.x]){side}(?:x{side}){{{axes - 1}}}(?![\d.x])"
        listed = rf"[\[(]\s?{side}(?:\s?,\s?{side}){{{axes - 1}}}\s?[\])]"
        found = re.finditer(rf"{joined}|{listed}", self.text)
        return [[int(side) for side in re.findall(r"\d+", m[0])] for m in found]

    def size_before(self, *nouns: str) -> tuple[int, int] | None:
        """Return the size beside a noun as (height, width): `224输入`, `输入224`, `14x14 feature map`.

        One number is a square. The number before the noun wins unless another name owns it: `stride 2 input`.
        """
        after = re.search(rf"{_names(nouns, Edge.NAME)}{_BETWEEN}({_SIZE}|\d{{1,6}}{_END}){_UNIT}", self.text)
        for found in [*self._before(nouns), *([after[1]] if after else [])]:
            if "x" in found:
                return _spatial(found)
            if found.isdigit() and int(found) > 0:
                return int(found), int(found)
        return None

    def count(self, *units: str) -> int | None:
        """Return how many: `三层`, `3个3x3卷积`, `two 3x3 convs`, `50-layer`, `steps=10`; not 第3层."""
        value = self.amount(*units)
        return int(value) if value is not None and value == int(value) else None

    def amount(self, *units: str) -> Number | None:
        """Return the number before a unit, whole or not: `900 GB/s`, `0.5倍`; else the one after it."""
        before = (
            rf"(?<![\d.第a-z])(?<!第\s)(?<!\d[-~到至])({_UNSIGNED})(?!\s?x){_STACK}{_names(units, Edge.UNIT)}"
        )
        for m in re.finditer(before, self.text):
            if not _OWNED_COUNT.search(self.text[: m.start()].rstrip("-")):
                return _value(m[1])
        return self.number(*units)

    def matrix(self) -> list[list[float]] | None:
        """Return the first `[[1,2],[3,4]]` whose rows are equally long, or None."""
        for value in self._arrays():
            rows = [_floats(row) if isinstance(row, list) else None for row in value]
            full = [row for row in rows if row]
            if len(full) == len(rows) and len({len(row) for row in full}) == 1:
                return full
        return None

    def vector(self, *names: str) -> list[float] | None:
        """Return the bracketed list beside a name, `w=[1,2]` or `x0=(1,1)`; without names the first."""
        if not names:
            return next((v for value in self._arrays() if (v := _floats(value))), None)
        found = re.search(rf"{_names(names, Edge.NAME)}{_BETWEEN}[\[(]([^\[\]()]*)[\])]", self.text)
        return _floats(_parsed(f"[{found[1]}]")) if found else None

    def _before(self, names: tuple[str, ...]) -> Iterator[str]:
        """Yield the numbers and sizes that stand right before a name and belong to no other name."""
        named = _names(names, Edge.UNIT)
        for m in re.finditer(rf"(?<![\d.a-z_第])(?<!\d[-~到至])({_SIZE}|{_NUMBER}){_GAP}{named}", self.text):
            if not _OWNED.search(self.text[: m.start()]):
                yield m[1]

    def _arrays(self) -> Iterator[list[Any]]:
        """Yield every outermost bracketed JSON list of the text."""
        depth, start = 0, 0
        for i, c in enumerate(self.text):
            if c == "[":
                start, depth = (i, 1) if depth == 0 else (start, depth + 1)
            elif c == "]" and depth:
                depth -= 1
                if depth == 0 and (value := _parsed(self.text[start : i + 1])):
                    yield value


def read_facts(question: str) -> Facts:
    """Return the facts of `question`; any text is accepted, the empty one too."""
    return Facts(normalise(question[:MAX_CHARACTERS]))


@cache
def _names(names: tuple[str, ...], edge: Edge) -> str:
    """Return the pattern that matches any of the names where it stands as a word."""
    known = sorted({normalise(name) for name in names}, key=len, reverse=True)
    return "(?:" + "|".join(_name(name, edge) for name in known) + ")" if known else "(?!)"


def _name(name: str, edge: Edge) -> str:
    body = r"[\s_-]?".join(re.escape(part) for part in re.split(r"[\s_-]+", name))
    left = r"(?<![a-z0-9_])" if name[0].isascii() and name[0].isalnum() and edge is not Edge.UNIT else ""
    if name[-1].isdigit():
        return left + body + r"(?![a-z0-9_])"
    if not (name[-1].isascii() and name[-1].isalpha()):
        return left + body
    plural = "(?:e?s)?" if len(name) > 2 else ""
    if edge is not Edge.NAME:
        return left + body + plural + r"(?![a-z0-9_])"
    # A digit that follows directly may number the name itself: beta1=0.9, beta2 0.999.
    return left + body + plural + r"(?![a-z_]|\d\s?[=:]|\d\s\d?\.)"


def _scalar(found: str) -> Number | None:
    """Return a number, or the side of a square."""
    if re.fullmatch(_SIZE, found):
        sides = {int(side) for side in found.split("x")}
        return sides.pop() if len(sides) == 1 else None
    return _value(found)


def _value(number: str) -> Number:
    """Return the value of one written number: 0.1, 1e-3, 10^-3, 1x10^-3, 30%."""
    base, _, power = number.rstrip("%").replace(" ", "").partition("^")
    *factor, last = base.split("x")
    value: Number = int(last) if re.fullmatch(r"[-+]?\d+", last) else float(last)
    if power:
        value = math.prod([float(f) for f in factor], start=float(value) ** int(power))
    return value / 100 if number.endswith("%") else value


def _spatial(size: str) -> tuple[int, int] | None:
    """Return (height, width) of HxW, HxWxC, CxHxW or NxCxHxW; None where a side is 0."""
    sides = [int(side) for side in size.split("x")]
    if len(sides) == 4 or (len(sides) == 3 and sides[0] != sides[1] and sides[1] == sides[2]):
        sides = sides[-2:]
    return (sides[0], sides[1]) if min(sides) > 0 else None


def _parsed(text: str) -> list[Any]:
    """Return the list written in `text`, or an empty one where it is no JSON list."""
    try:
        value = json.loads(re.sub(r"(?<![\d.])\.(?=\d)", "0.", text.replace("、", ",")))
    except (ValueError, RecursionError):
        return []
    return value if isinstance(value, list) else []


def _floats(values: list[Any]) -> list[float] | None:
    """Return the numbers as floats, or None where an element is no finite number."""
    try:
        found = [float(v) for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
    except OverflowError:
        return None
    return found if found and len(found) == len(values) and all(map(math.isfinite, found)) else None
