"""Two things in an order: what takes whose place, is divided by what, exceeds what, comes before what.

The other way round it is another claim in the same words. Whether the order is right, the note decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from corpus.glossary import Glossary
from index import terms


class Kind(StrEnum):
    """What orders the two: the first replaces, is divided by, is more than or comes before the second."""

    REPLACES = "replaces"
    DIVIDED = "divided"
    MORE = "more"
    BEFORE = "before"


# Of what is counted along one axis, the words for more and for less.
_MORE = "大多高快强深宽好稳准贵长"
_LESS = "小少低慢弱浅窄差抖粗便短"
_ADVERB = r"(?:更加?|要|还要?|来得|都|明显|稍|略|要更){0,3}"
_PATTERNS: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern))
    for kind, listed in (
        (
            Kind.REPLACES,
            (
                r"用(?P<first>.+?)(?:来|去)?(?:代替|替换|替代|取代|换掉|替掉|顶掉|顶替|换下)了?(?P<second>.+)",
                r"(?:把|将)(?P<second>.+?)(?:换成|改成|替换[为成]|拆[为成]|分解[为成]|变[为成])了?(?P<first>.+)",
                r"[以用拿](?P<second>.+?)换(?:来|取|得)?了?(?P<first>.+)",
                r"分解,?\s*将?\s*(?P<second>.+?)(?:分解)?[为成](?P<first>.+)",
                r"replac[a-z]*(?P<second>.+?)\b(?:with|by)\b(?P<first>.+)",
                r"(?P<first>.+?)\b(?:instead of|rather than|in place of|replac(?:es|ed|ing))\b(?P<second>.+)",
                r"(?:decompos|factori[sz]|split)[a-z]*(?P<second>.+?)\binto\b(?P<first>.+)",
            ),
        ),
        (
            Kind.DIVIDED,
            (
                r"(?P<first>.+?)(?:再)?除以(?P<second>.+)",
                r"用(?P<second>.+?)去?除(?!以|了|去|掉|非)(?P<first>.+)",
                r"(?P<first>[^和与跟比]+)(?:和|与|跟|比上?)(?P<second>[^和与跟比]+?)(?:之比|的比[值例率]?(?!较))",
                r"分子(?:是|为|放|用)?(?P<first>.+?),?\s*分母(?:是|为|放|用|则是)?(?P<second>.+)",
                r"分母(?:是|为|放|用)?(?P<second>.+?),?\s*分子(?:是|为|放|用|则是)?(?P<first>.+)",
                r"(?P<first>.+?)\bdivided by\b(?P<second>.+)",
                r"ratio of (?P<first>.+?)\bto\b(?P<second>.+)",
                r"(?P<first>[^\W\d_][^/]*?)\s?/\s?(?P<second>[^\W\d_][^/]*)",
            ),
        ),
        (
            Kind.MORE,
            (
                rf"(?P<first>.+?)(?<![占成按等同的])比(?!例|较|如|值)(?P<second>.+?){_ADVERB}(?P<more>[{_MORE}])",
                rf"(?P<second>.+?)(?<![占成按等同的])比(?!例|较|如|值)(?P<first>.+?){_ADVERB}(?P<less>[{_LESS}])",
                r"(?P<first>.+?)(?P<more>[大高多])于(?P<second>.+)",
                r"(?P<second>.+?)(?P<less>[小低少])于(?P<first>.+)",
                r"(?P<first>.+?)\b(?:more|larger|greater|higher|faster|deeper|wider|better|stronger)\b.*?"
                r"\bthan\b(?P<second>.+)",
                r"(?P<second>.+?)\b(?:less|fewer|smaller|lower|slower|shallower|worse|weaker)\b.*?"
                r"\bthan\b(?P<first>.+)",
            ),
        ),
        (
            Kind.BEFORE,
            (
                r"先(?P<first>.+?),?\s*(?:然后再?|再|接着再?|之?后再?)(?P<second>.+)",
                r"\bfirst\b(?P<first>.+?),?\s*(?:and )?\bthen\b(?P<second>.+)",
            ),
        ),
    )
    for pattern in listed
)
#: A size such as 3x3, however its sign is written.
SIZE = re.compile(r"[0-9]+\s?[x*×]\s?[0-9]+")


@dataclass(frozen=True, slots=True)
class Order:
    """The terms of two things in an order of one kind; `axis` tells along what one is more than the other."""

    kind: Kind
    first: frozenset[str]
    second: frozenset[str]
    axis: int = 0

    def reverses(self, other: Order) -> bool:
        """Whether what is first here is second there, and the other way round."""
        if (self.kind, self.axis) != (other.kind, other.axis):
            return False
        # What stands on both sides, or on the same side here and there, tells nothing.
        first = self.first - self.second - other.first
        second = self.second - self.first - other.second
        return bool(first & (other.second - other.first) and second & (other.first - other.second))


def orders_in(folded: str, glossary: Glossary) -> tuple[Order, ...]:
    """Return the orders that folded text tells of, at most one of each kind."""
    found: dict[Kind, Order] = {}
    for kind, pattern in _PATTERNS:
        if kind in found or not (match := pattern.search(folded)):
            continue
        first, second = _named(match["first"], glossary), _named(match["second"], glossary)
        if first - second and second - first:
            found[kind] = Order(kind, first, second, _axis(match))
    return tuple(found.values())


def size(text: str) -> str:
    """Return a size written one way: 3 × 3 is 3x3."""
    return re.sub(r"[^0-9]+", "x", text)


def _axis(match: re.Match[str]) -> int:
    groups = match.groupdict()
    if more := groups.get("more"):
        return 1 + _MORE.index(more)
    return 1 + _LESS.index(less) if (less := groups.get("less")) else 0


def _named(text: str, glossary: Glossary) -> frozenset[str]:
    sizes = {size(match[0]) for match in SIZE.finditer(text)}
    known = {term for term in terms.terms(text, glossary) if len(term) > 1 and not term[0].isdigit()}
    return frozenset(sizes | known)
