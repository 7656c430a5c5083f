"""What a question asks for, in facets that an answer has to meet one by one: an aspect, of something, of a kind.

「AdaGrad 有什么问题，RMSProp 怎么改的？」 has two facets, and so has 「优缺点」.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.grading.lexicon import lexicon
from assistant.grading.meaning import Meaning, read
from assistant.grading.subjects import Groups
from corpus.glossary import Glossary
from index.terms import fold

#: Aspects that notes label their lines with.
LABELLED = frozenset({"merit", "fault", "cause", "remedy", "symptom"})
#: The two that exclude each other.
SIDES = frozenset({"merit", "fault"})

_ASKING = re.compile(
    r"什么|还是|理由|为何|为啥|怎|如何|哪|多少|吗|是否|谁|差在|好在|优缺点|优点|缺点|好处|区别|原因|作用|\?|"
    r"(?<![a-z])(?:why|how|what|which|who|when|where|pros|cons|does|do|is|are|explain|compare)(?![a-z])"
)
_BARE_WHY = re.compile(
    r"\s*(?:这是|那是|and\s|请)?\s*(?:为什么|为何|为啥|原因是什么|(?:说明|说说|说一?下|给出|讲讲)?(?:理由|原因)|why)呢?[\s?？]*",
    re.IGNORECASE,
)
_FAULTS = re.compile(r"缺点|不足|坏处|drawback|disadvantage|cons(?![a-z])")
# 「除了学习率不对之外」 is known and not asked for.
_EXCEPT = re.compile(
    r"除了?.{1,24}?(?:之外|以外|外)[,，]?|^[^,，]{1,16}(?:之外|以外)[,，]|"
    r"(?:besides|apart from|other than|except)\s[^,，]{1,40}[,，]",
    re.IGNORECASE,
)
_LISTING = re.compile(
    r"哪些|列举|说出|[几两三四五]个|[几两三四五]种|分别|各|(?<![a-z])(?:what are|list|name)(?![a-z])"
)
_THAN = re.compile(
    r"相比|相对于|相较|而不(?:用|选|是)|而.{1,10}不|还是|(?<![a-z])(?:than|instead of|rather than|not)(?![a-z])"
)
_COMMON = re.compile(r"共同|相同点|共有|都有|(?<![a-z])(?:in common|share)(?![a-z])")
_EACH = re.compile(r"分别|各(?!种|类|项)|两者|(?<![a-z])(?:each|both|respectively)(?![a-z])")


@dataclass(frozen=True, slots=True)
class Facet:
    """One thing that is asked: of which things (by contrast), which aspects, and in which words.

    `which` asks for one of several things, `listing` for all of a list, `both_sides` tells that the other side is
    asked too. `counterfactual` asks what would be if something were not so, `each` for something of each thing named,
    `common` for what holds of all of them.
    """

    text: str
    aspects: frozenset[str]
    subjects: Groups
    meanings: tuple[Meaning, ...]
    which: bool = False
    listing: bool = False
    both_sides: bool = False
    counterfactual: bool = False
    each: bool = False
    common: bool = False

    @property
    def compares(self) -> bool:
        """Whether things are to be told apart."""
        return self.each or "difference" in self.aspects or bool(_THAN.search(fold(self.text)))

    @property
    def compared(self) -> frozenset[str]:
        """The members that are to be told apart, of the first contrast of which several are named."""
        return next((members for members in self.subjects.values() if len(members) > 1), frozenset())


def facets(question: str, glossary: Glossary) -> tuple[Facet, ...]:
    """Return the facets of `question`, at least one."""
    found: list[Facet] = []
    for piece in _pieces(_EXCEPT.sub("", question)):
        if found and _BARE_WHY.fullmatch(piece):
            found.append(replace(found[-1], text=piece, aspects=frozenset({"cause"}), which=False))
            continue
        facet = _facet(piece, glossary)
        if found:  # a second piece that names nothing speaks of what the first one spoke of
            facet = replace(facet, subjects={**found[-1].subjects, **facet.subjects})
        found += _by_side(facet)
    return tuple(found)


def _pieces(question: str) -> Sequence[str]:
    """Cut where both sides ask something of their own."""
    pieces: list[str] = []
    for part in filter(str.strip, re.split(r"[,，;；。?？\n]+", question)):
        if pieces and not (_ASKING.search(fold(pieces[-1])) and _ASKING.search(fold(part))):
            pieces[-1] += "," + part
        else:
            pieces.append(part)
    return pieces or [question]


def _facet(text: str, glossary: Glossary) -> Facet:
    meanings = tuple(read(text, glossary))
    folded, words = fold(text), lexicon().words
    aspects = frozenset(name for name, pattern in lexicon().aspects.items() if pattern.search(folded))
    if "remedy" in aspects and not _FAULTS.search(folded):
        aspects -= {"fault"}  # 「死掉的问题用什么解决」
    if aspects & {"remedy", "cause"}:
        aspects -= {"symptom"}  # 「怎样消除这个现象」
    subjects: dict[str, frozenset[str]] = {}
    for meaning in meanings:
        for group, members in meaning.subjects.items():
            subjects[group] = subjects.get(group, frozenset()) | members
    return Facet(
        text,
        aspects,
        subjects,
        meanings,
        which=bool(words["which"].search(folded)),
        listing=bool(_LISTING.search(folded)),
        counterfactual=bool(words["counterfactual"].search(folded)),
        each=bool(_EACH.search(folded)),
        common=bool(_COMMON.search(folded)),
    )


def _by_side(facet: Facet) -> list[Facet]:
    if not facet.aspects >= SIDES or facet.which:
        return [facet]
    return [replace(facet, aspects=facet.aspects - {other}, both_sides=True) for other in ("fault", "merit")]
