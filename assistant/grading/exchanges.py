"""What takes the place of what: 「用两个 3x3 代替 5x5」 said the other way round is another claim in the same words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from corpus.glossary import Glossary
from index import terms

_PATTERNS = [
    re.compile(pattern)
    for pattern in (
        r"用(?P<new>.+?)(?:来|去)?(?:代替|替换|替代|取代|换掉|替掉)了?(?P<old>.+)",
        r"(?:把|将)(?P<old>.+?)(?:换成|改成|替换[为成]|拆[为成]|分解[为成]|变[为成])了?(?P<new>.+)",
        r"以(?P<old>.+?)换(?:来|取|得)?了?(?P<new>.+)",
        r"分解,?\s*将?\s*(?P<old>.+?)(?:分解)?[为成](?P<new>.+)",
        r"replac[a-z]*(?P<old>.+?)\b(?:with|by)\b(?P<new>.+)",
        r"(?P<new>.+?)\b(?:instead of|rather than|in place of|replac(?:es|ed|ing))\b(?P<old>.+)",
        r"(?:decompos|factori[sz]|split)[a-z]*(?P<old>.+?)\binto\b(?P<new>.+)",
    )
]
#: A size such as 3x3, however its sign is written.
SIZE = re.compile(r"[0-9]+\s?[x*×]\s?[0-9]+")


@dataclass(frozen=True, slots=True)
class Exchange:
    """The terms of what comes and of what goes."""

    new: frozenset[str]
    old: frozenset[str]

    def reverses(self, other: Exchange) -> bool:
        """Whether what comes here goes there, and the other way round."""
        return bool((self.new - self.old) & other.old and (self.old - self.new) & other.new)


def exchange_in(folded: str, glossary: Glossary) -> Exchange | None:
    """Return the exchange that a folded clause tells of, if any."""
    for pattern in _PATTERNS:
        if match := pattern.search(folded):
            return Exchange(_named(match["new"], glossary), _named(match["old"], glossary))
    return None


def size(text: str) -> str:
    """Return a size written one way: 3 × 3 is 3x3."""
    return re.sub(r"[^0-9]+", "x", text)


def _named(text: str, glossary: Glossary) -> frozenset[str]:
    sizes = {size(match[0]) for match in SIZE.finditer(text)}
    known = {term for term in terms.terms(text, glossary) if len(term) > 1 and not term[0].isdigit()}
    return frozenset(sizes | known)
