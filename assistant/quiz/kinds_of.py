"""What kind of open question a sentence is, told by its words, and whether a point may be the answer to such a one."""

from __future__ import annotations

import re
from collections.abc import Mapping

#: Kind -> how it is asked. The first that fits counts; what fits none is asked as `explain`.
_ASKED: Mapping[str, re.Pattern[str]] = {
    kind: re.compile(pattern, re.IGNORECASE)
    for kind, pattern in {
        "use": r"^项目里|策略怎么选|现在.{0,6}还(在)?用|where .{0,30}used|when should i use",
        "pros_and_cons": r"优缺点|优点|缺点|好处|利弊|优劣|pros and cons|advantages?|drawbacks?",
        "diagnose": r"排查|诊断|怎么发现|怎么判断|什么原因|原因是什么|原因有哪些|不收敛的原因|怎么核对"
        r"|what causes|debug|how do you (?:detect|tell)|why is my",
        "predict_the_change": r"会怎样|会发生什么|怎么变化|如何变化|有什么影响|什么影响|影响有什么|不收敛会"
        r"|what happens|what does .{0,40} do when",
        "compare": r"区别|不同(?!网络|卷积)|差别|异同|一回事吗|什么关系|differ|compare|the same as|versus",
        "how_to_fix": r"怎么(?:改进|解决|缓解|消除|处理|办|降低|避免|抑制|安排|做|变快|扩大)"
        r"|如何(?:解决|避免|缓解|消除|改进)"
        r"|怎样(?:解决|避免|消除)|怎么系统地|怎么让|还能怎么|有哪些改进|哪些办法|还应报告"
        r"|how (?:do|can|to|should) .{0,12}(?:fix|avoid|reduce|prevent|solve)|be fixed",
        "limits": r"何时(?!需要)|什么时候(?:有害|会|变差)|不划算|when does .{0,40}(?:hurt|fail|matter)",
        "derive": r"怎么(?:算|推导|数|得到|选|改)|如何(?:计算|推导)|(?:多少|多大|多深)[?？]|推导"
        r"|how (?:is|do you|are) .{0,40}(?:deriv|comput|calculat)|^derive",
        "why": r"为什么|为何|为啥|原因|^why|what is the reason",
        "define": r"是什么|什么是|各是什么|什么叫|是什么意思|的原理|做什么|^what (?:is|are|does)",
    }.items()
}
OTHER = "explain"

#: What a point has to say to be an answer at all, by kind.
_SAYS: Mapping[str, re.Pattern[str]] = {
    kind: re.compile(pattern, re.IGNORECASE)
    for kind, pattern in {
        "why": r"因为|所以|来自|为了|避免|让|使|防止|because|so that|, so|and so|prevent|come from|since",
        "define": r"^[^，,]{1,26}?(?:是指|等于|是)|^(?:an? |the )?[\w -]{2,26}? (?:is|means|adds|equals) ",
        "how_to_fix": r"可以|用|避免|缓解|做法|should|can|use|avoid|mitigat",
        "diagnose": r"先|原因|说明|来自|表现|通常|should|come from|means|shows",
    }.items()
}
#: A point is a result; how it is derived takes more than one.
_DERIVED = re.compile(r"推导|deriv", re.IGNORECASE)
#: How something works takes more than a point.
_HOW = re.compile(r"how (?!much|many)", re.IGNORECASE)
#: Two questions in one take two answers.
_DOUBLE = re.compile(
    r"[，,].{0,4}(?:怎么|为什么|有什么|有啥|能|标签|p 指|通道)|,? and (?:how|why|where|when|what)",
    re.IGNORECASE,
)
_BECAUSE = re.compile(r"因为|because|since", re.IGNORECASE)
_ASKING = re.compile(r"为什么|为何|呢|吗|\b(?:why|does|do|is|are|the|an?|must)\b|[?？]", re.IGNORECASE)
_THINGS = re.compile(r"[A-Za-z][A-Za-z0-9\-]+")


def kind_of(asked: str) -> str:
    """Return which kind of open question `asked` is."""
    return next((kind for kind, pattern in _ASKED.items() if pattern.search(asked)), OTHER)


def answers(asked: str, said: str) -> bool:
    """Whether a point that says `said` is the sort of answer that `asked` asks for.

    A comparison must name all that is compared.
    """
    kind = kind_of(asked)
    if kind == "compare":
        things = [thing for thing in _THINGS.findall(asked) if thing[0].isupper()]
        return all(thing.casefold() in said.casefold() for thing in things)
    if _DOUBLE.search(asked) or (kind == OTHER and _HOW.match(asked)):
        return False
    reason = _BECAUSE.search(said)
    if kind == "why" and reason and _words(asked) <= _words(said[reason.end() :]):
        return False  # 「X 为什么慢」: because X is slow
    pattern = _SAYS.get(kind)
    return not _DERIVED.search(asked) and (pattern is None or bool(pattern.search(said)))


def _words(text: str) -> frozenset[str]:
    bare = _ASKING.sub(" ", text.casefold())
    return frozenset(re.findall(r"[a-z0-9]{2,}|[㐀-鿿]", bare))
