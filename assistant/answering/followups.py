"""A follow-up made standalone, so that search sees 「RMSProp 有什么优点?」 where the person typed 「那 RMSProp 呢?」.

Rules over surface form and the glossary, the same with and without a model: it costs no generation and can be
tested. A question that stands by itself is returned unchanged; when in doubt it is left alone, since a wrong
completion drags an old topic into a new question.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.events import Turn
from assistant.language import Language, language_of
from corpus.concepts import Concept
from corpus.glossary import Glossary, Match

_OPENING = re.compile(
    # 那条、那张: a measure word makes 那 a pointer at something named in the question itself.
    r"^\s*(那么|那(?![条张位次天年])|然后|还有|另外|再|"
    r"and\b|but\b|then\b|so\b|also\b|what about\b|how about\b|what if\b|ok(ay)?\b)[\s,，]*",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"((的话)?(呢|怎么样|如何)?|\b(then|though|too|as well|instead))[\s?？!！。.]*$", re.IGNORECASE
)
_TRAILING = re.compile(r"呢[\s?？!！。.]*$")
# Words that say how something is asked and never of what: a question of nothing else has no subject.
_SUBJECTLESS = re.compile(
    "为什么|什么|为啥|为何|怎么样|怎么|怎样|如何|哪些|哪个|哪种|哪里|多少|举个例子|举例|例子|比如|例如|具体|详细|展开|"
    "再说说|说说|讲讲|说明|说|讲|解释|继续|意思|区别|优缺点|优点|缺点|好处|坏处|原因|公式|代码|作用|问题|效果|影响|"
    "后果|办法|方法|方式|解决|改进|改善|避免|缓解|处理|应对|推导|计算|算|做|办|用|别的|其他|其它|这样|那样|这么|那么|"
    "一点|一下|一些|一个|没有|可以|应该|需要|可能|还|有|吗|呢|吧|呀|啊|的|了|是|会|能|要|这|那|又|也|都|请|给|我|下|点|个|"
    r"\b(why|how|what|which|when|is|are|was|be|does|do|did|can|could|would|should|will|that|this|those|these|so|not|"
    r"come|it|its|they|them|i|you|we|one|me|to|the|an?|any|some|and|or|of|for|in|about|if|then|give|show|tell|"
    r"explain|examples?|more|go|on|continue|elaborate|details?|means?|meaning|pros|cons|drawbacks?|disadvantages?|"
    r"advantages?|benefits?|formula|derive|compute|calculate|fix|solve|avoid|prevent|improve|works?|used?|get|rid|"
    r"there|else|other|others|reasons?|methods?|ways?|code|please|again|happen|matter)\b",
    re.IGNORECASE,
)
_POINTING = re.compile(
    r"^(他|她|上面|刚才|v\d\b)|(?<!其)它|前者|后者|两者|二者|上述|上面说的|刚才说的|(?<![A-Za-z0-9」》”])[这那](个|种|些|样)|"
    r"\b(it|its|they|their|them|that one|this one|the former|the latter|both of them)\b",
    re.IGNORECASE,
)
# "How hard is it to train a GAN": this "it" points at nothing.
_EXPLETIVE = re.compile(r"\b(is|was|be|makes?) it (?!used\b)(\w+ )?(to|that|worth|\w+ing)\b", re.IGNORECASE)
_PLACED = re.compile(
    r"^(在|对|用于|用在|放到|放在|换成|如果|(in|on|for|at|with|without|during|when|if)\b)", re.IGNORECASE
)
# The other side of these was said before.
_HALF = re.compile(
    r"^((和|跟|与|同(?!样|一|时|名)|比起|相比)|(compared|versus|vs|unlike|why not)\b)", re.IGNORECASE
)
_GOES_ON = re.compile(r"又|也|\b(too|also|still|either)\b", re.IGNORECASE)
_ASKS = re.compile(
    r"什么|怎么|怎样|为何|为啥|如何|哪|多少|吗|^(how|why|what|which|when|is|are|does|do|can)\b", re.IGNORECASE
)
_CLAUSE_END = re.compile(r"[,，;；。:：]|\b(and|but)\b", re.IGNORECASE)
_WORD = re.compile(r"\w")

#: A follow-up longer than this says enough to stand alone, unless it points back.
_LONGEST_ELLIPSIS = 24
#: And longer than this it stands alone whatever it says.
_LONGEST_FOLLOW_UP = 100
_LONGEST_STANDALONE = 400


def standalone(question: str, history: Sequence[Turn], glossary: Glossary) -> str:
    """Return `question` completed from the last turn where it cannot stand alone, else unchanged."""
    asked = question.strip()
    if not history or len(asked) > _LONGEST_FOLLOW_UP or not _WORD.search(asked):
        return question
    before = history[-1]
    core = _CLOSING.sub("", _OPENING.sub("", asked)).strip()
    named = glossary.find(core)
    if not named and _has_no_subject(core):
        return _joined(before, core or asked)
    if len(core) <= _LONGEST_ELLIPSIS:
        opened, half = _OPENING.match(asked) is not None, bool(named) and _HALF.match(core) is not None
        placed = half or _PLACED.match(core) is not None
        continues = opened or _TRAILING.search(asked) is not None
        if continues and named and not placed and _is_only(core, named):
            return _replaced(before, core, named, glossary)
        if opened and named and not placed and _ASKS.search(core) and not _GOES_ON.search(core):
            return _joined(before, core) if _points_back(core, named) else question
        if continues or half or (not named and "又" in core):
            return _joined(before, core)
    return _joined(before, core) if _points_back(core, named) else question


def _has_no_subject(text: str) -> bool:
    return _WORD.search(_SUBJECTLESS.sub(" ", text)) is None


def _is_only(core: str, named: Sequence[Match]) -> bool:
    """Whether the follow-up is hardly more than the names in it: 「那 RMSProp 呢」, "what about GroupNorm"."""
    rest = list(core)
    for match in named:
        rest[match.start : match.end] = " " * (match.end - match.start)
    others = "".join(rest).replace("和", "").replace("与", "").strip()
    return len(others) <= 3 and not _ASKS.search(others)


def _points_back(core: str, named: Sequence[Match]) -> bool:
    """Whether a pronoun points out of the question.

    It points inside where a name or a clause of its own goes before: 「BN 和它的变体」, 「TCP 是什么，它怎么握手」.
    """
    pointer = _POINTING.search(_EXPLETIVE.sub(lambda found: "-" * len(found[0]), core))
    if pointer is None or any(match.end <= pointer.start() for match in named):
        return False
    *clauses, _ = _clauses(core[: pointer.start()])
    return all(_has_no_subject(clause) for clause in clauses)


def _clauses(text: str) -> list[str]:
    """Split `text` into clauses; the last one is that in which it ends."""
    return _CLAUSE_END.sub("\n", text).split("\n")


def _replaced(before: Turn, core: str, named: Sequence[Match], glossary: Glossary) -> str:
    """Ask the last question again about another thing of the same sort."""
    asked = glossary.find(before.standalone)
    new = named[0]
    if not asked or any(match.concept == new.concept for match in asked):
        return _joined(before, core)
    # A name that several concepts share takes the meaning nearest to what was asked: after L1 loss, L2 is a loss.
    old, meaning = max(
        ((match, concept) for match in asked for concept in (new.concept, *new.also)),
        key=lambda pair: _likeness(pair[0].concept, pair[1], glossary),
    )
    text = before.standalone
    if new.also:
        core = (
            core[: new.start]
            + _full_name(glossary.concepts[meaning], new.name, language_of(text))
            + core[new.end :]
        )
    return (text[: old.start] + core + text[old.end :])[:_LONGEST_STANDALONE]


def _full_name(concept: Concept, short: str, language: Language) -> str:
    """Return the usual name in `language`, before it one that holds the `short` name: L2 loss, not MSE."""
    own, other = (concept.zh, concept.en) if language is Language.ZH else (concept.en, concept.zh)
    names = own or other or concept.names
    return next((name for name in names if short.casefold() in name.casefold()), names[0])


def _likeness(one: str, other: str, glossary: Glossary) -> int:
    """How well one concept stands in a question in place of another: as a close relative 2, of the same sort 1."""
    a, b = glossary.concepts[one], glossary.concepts[other]
    if other in a.related or one == b.broader or other == a.broader or (a.broader and a.broader == b.broader):
        return 2
    return int(a.kind is not None and a.kind is b.kind)


def _joined(before: Turn, core: str) -> str:
    """Put what was asked before in front, shortened where both together would be too long."""
    earlier = before.standalone.strip().rstrip("?？。.!！ ")
    colon = "：" if language_of(earlier + core) is Language.ZH else ": "
    room = _LONGEST_STANDALONE - len(colon) - len(core)
    if len(earlier) > room:
        earlier = ("、".join(before.topics) or earlier)[: min(room, 80)]
    return earlier + colon + core
