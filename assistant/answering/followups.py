"""A follow-up made standalone, so that search sees 「RMSProp 有什么优点?」 where the person typed 「那 RMSProp 呢?」.

Rules over surface form and the glossary, the same with and without a model: it costs no generation and can be
tested. A question that stands by itself is returned unchanged; when in doubt it is left alone, since a wrong
completion drags an old topic into a new question.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.events import Turn
from corpus.glossary import Glossary, Match

_OPENING = re.compile(
    r"^\s*(那么|那|然后|还有|另外|再|"
    r"and\b|but\b|then\b|so\b|also\b|what about\b|how about\b|what if\b|ok(ay)?\b)[\s,，]*",
    re.IGNORECASE,
)
_CLOSING = re.compile(r"(呢|then|though|too|as well|instead)?[\s?？!！。.]*$", re.IGNORECASE)
# Questions that have no subject at all: what they ask about was said before.
_BARE = re.compile(
    r"^(这|那)?(是)?(为什么|为啥|为何|怎么办|怎么解决|如何解决|怎么改进|怎么做|怎么算|怎么推导|推导一下|举个例子|举例|举例说明|比如|例如|"
    r"具体点|详细点|再说说|再详细一点|详细说说|展开讲讲|展开说说|继续|什么意思|有什么区别|区别|(有什么)?(优点|缺点|优缺点|好处|坏处)(是什么)?|原因|"
    r"公式(是什么)?|代码|还有吗|还有别的吗|why( is that| so| not)?|how( so| come| does (it|that) work)?|for example|"
    r"(can|could) you give (me )?(an )?example|give (me )?an example|an example|examples?|go on|"
    r"continue|more|tell me more|elaborate|in detail|what does (that|it) mean|meaning|"
    r"(any )?(pros|cons|drawbacks|advantages|disadvantages)|formula|derive it|"
    r"how to fix (it|that)|how do (i|you|we) fix (it|that))"
    r"(呢|吗|呀|啊|一下)?[\s?？!！。.]*$",
    re.IGNORECASE,
)
_POINTING = re.compile(
    r"^(它|他|她|它们|这个|那个|这种|那种|这样|那样|上面|刚才|前者|后者|两者|二者)|"
    r"(它|它们|前者|后者|两者|二者|上述|上面说的|刚才说的)(的|和|跟|与|有|能|会|是|在|为|怎|如|之|们|呢|还|需|对|适)|"
    r"\b(it|its|they|their|them|that one|this one|the former|the latter|both of them)\b",
    re.IGNORECASE,
)
_PLACED = re.compile(
    r"^(在|对|用于|放到|放在|换成|如果|(in|on|for|at|with|without|during|when|if)\b)", re.IGNORECASE
)

#: A follow-up longer than this says enough to stand alone.
_LONGEST_ELLIPSIS = 24
_LONGEST_STANDALONE = 400


def standalone(question: str, history: Sequence[Turn], glossary: Glossary) -> str:
    """Return `question` completed from the last turn where it cannot stand alone, else unchanged."""
    if not history:
        return question
    before = history[-1]
    stripped = question.strip()
    core = _CLOSING.sub("", _OPENING.sub("", stripped)).strip()
    named = glossary.find(core)
    opened = _OPENING.match(stripped) is not None and len(core) <= _LONGEST_ELLIPSIS
    trailing = len(core) <= _LONGEST_ELLIPSIS and re.search(r"呢[\s?？]*$", stripped) is not None
    if _BARE.match(_OPENING.sub("", stripped)) or not core:
        return _joined(before, core or stripped)
    if (opened or trailing) and named and not _PLACED.match(core) and _is_only(core, named):
        return _replaced(before, core, named, glossary)
    if opened or trailing or (_POINTING.search(core) and not _asks_of_itself(core, named)):
        return _joined(before, core)
    return question


def _is_only(core: str, named: Sequence[Match]) -> bool:
    """Whether the follow-up is hardly more than the names in it: 「那 RMSProp 呢」, "what about GroupNorm"."""
    rest = list(core)
    for match in named:
        rest[match.start : match.end] = " " * (match.end - match.start)
    return len("".join(rest).replace("和", "").replace("与", "").strip()) <= 3


def _asks_of_itself(core: str, named: Sequence[Match]) -> bool:
    """Whether the pronoun points inside the question: 「BN 和它的变体」, "why is ReLU popular and what is its cost"."""
    pointer = _POINTING.search(core)
    return bool(pointer and any(match.end <= pointer.start() for match in named))


def _replaced(before: Turn, core: str, named: Sequence[Match], glossary: Glossary) -> str:
    """Ask the last question again about another thing of the same sort."""
    asked = glossary.find(before.standalone)
    new = named[0]
    if not asked or any(match.concept == new.concept for match in asked):
        return _joined(before, core)
    alike = [m for m in asked if _alike(m.concept, new.concept, glossary)]
    old = (alike or list(asked))[0]
    text = before.standalone
    return (text[: old.start] + core + text[old.end :])[:_LONGEST_STANDALONE]


def _alike(one: str, other: str, glossary: Glossary) -> bool:
    """Whether one concept can stand in a question in place of the other: same sort, or close relatives."""
    a, b = glossary.concepts[one], glossary.concepts[other]
    return (
        other in a.related
        or one == b.broader
        or other == a.broader
        or (a.kind is not None and a.kind is b.kind)
    )


def _joined(before: Turn, core: str) -> str:
    earlier = before.standalone.strip().rstrip("?？。.!！ ")
    joined = f"{earlier}：{core}"
    if len(joined) > _LONGEST_STANDALONE:
        joined = f"{'、'.join(before.topics) or earlier[:80]}：{core}"
    return joined[:_LONGEST_STANDALONE]
