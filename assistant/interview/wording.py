"""What a report says, in both languages: the names of levels, signals, rungs and follow-ups, times and places."""

from __future__ import annotations

from datetime import datetime, tzinfo
from enum import StrEnum

from assistant.events import Citation
from assistant.interview.profile import profile, profiles
from assistant.interview.report import Signal, Word
from assistant.interview.types import Probe, Rung
from assistant.language import Language
from corpus.types import LocationKind

# By type, because members of different enumerations are equal where their texts are.
_NAMES: dict[type[StrEnum], dict[StrEnum, tuple[str, str]]] = {
    Word: {
        Word.WEAK: ("薄弱", "weak"),
        Word.MIXED: ("一般", "mixed"),
        Word.GOOD: ("良好", "good"),
        Word.EXCELLENT: ("优秀", "excellent"),
        Word.UNKNOWN: ("证据不足", "not enough evidence"),
    },
    Signal: {
        Signal.CORRECTNESS: ("正确性", "correctness"),
        Signal.DEPTH: ("深度", "depth"),
        Signal.CLARITY: ("清晰度", "clarity"),
        Signal.TRADE_OFFS: ("权衡取舍", "trade-offs"),
    },
    Rung: {
        Rung.WHAT: ("是什么", "what it is"),
        Rung.WHY: ("为什么", "why"),
        Rung.HOW: ("怎么算", "how"),
        Rung.DIFFERENCE: ("区别", "difference"),
        Rung.LIMITS: ("适用边界", "limits"),
        Rung.REMEDY: ("怎么解决", "remedy"),
        Rung.PROJECT: ("实践", "practice"),
    },
    Probe: {
        Probe.CONTRADICTION: ("澄清矛盾", "a contradiction"),
        Probe.MISSING: ("补充遗漏", "what was missing"),
        Probe.VAGUE: ("说得具体些", "more concrete"),
        Probe.SIMPLER: ("缩小问题", "a smaller question"),
        Probe.DEPTH: ("深入", "deeper"),
        Probe.BOUNDARY: ("边界", "the limits"),
        Probe.COMPARE: ("比较", "a comparison"),
        Probe.CONDITION: ("改变条件", "another condition"),
        Probe.COMPUTE: ("计算", "an exercise"),
        Probe.PROJECT: ("实践", "practice"),
    },
}
_SAID: dict[str, tuple[str, str]] = {
    "title": ("模拟面试报告", "Mock interview"),
    "facts": ("{date} · {role} · 用时 {time} · {count} 题", "{date} · {role} · {time} · {count} questions"),
    "count": ("{count} 题", "{count} questions"),
    "open": ("进行中", "not over yet"),
    "over": ("已结束", "over"),
    "unfinished": (
        "只问到这里，计划里还有别的题没有问。",
        "It ended before all planned questions were put.",
    ),
    "overall": ("总体：{word}", "Overall: {word}"),
    "signals": ("四个方面", "Signals"),
    "topics": ("各个主题", "Topics"),
    "gaps": ("代价最大的缺口", "The gaps that cost most"),
    "misconceptions": ("说反了的地方", "Misconceptions"),
    "reviews": ("已安排的复习", "Reviews scheduled"),
    "review": ("《{topic}》：{date}", "{topic}: {date}"),
    "trend": ("和以前比", "Compared with earlier interviews"),
    "of_topic": ("《{topic}》", "{topic}: "),
    "then": ("{date}：{word}", "{date}: {word}"),
    "now": ("这次：{word}", "This time: {word}"),
    "topic_then": ("《{topic}》：{before} → {now}", "{topic}: {before} → {now}"),
    "questions": ("逐题", "Question by question"),
    "question": ("{n}. {topic} · {rung} · {word}", "{n}. {topic} · {rung} · {word}"),
    "time": ("用时 {time}", "{time}"),
    "hints": ("提示 {count} 次", "hints: {count}"),
    "follow_up": ("追问（{probe}）：{question}", "Follow-up ({probe}): {question}"),
    "no_answer": ("没有回答。", "No answer."),
    "skipped": ("跳过了。", "Skipped."),
    "unjudged": ("这段回答没能评分。", "This answer could not be graded."),
    "changed": ("这次追问带来的变化：", "What this follow-up changed:"),
    "unchanged": ("这次追问没有带来新的要点。", "This follow-up brought out nothing new."),
    "left_out": ("这次追问没有答到：", "Left unsaid in this follow-up:"),
    "computed": ("答案：{answer}", "The answer: {answer}"),
    "own_answer": ("参考：{answer}", "A good answer: {answer}"),
    "points": ("要点", "Key points"),
    "you_said": ("你说：「{words}」", "You said: “{words}”"),
    "hit": ("说到了", "covered"),
    "partial": ("说到一部分", "partly covered"),
    "missed": ("没有说到", "not covered"),
    "contradicted": ("说反了", "contradicted"),
    "correct": ("答对", "right"),
    "wrong": ("没答对", "not right"),
    "model_answer": ("参考答案：{answer}", "A model answer: {answer}"),
    "nothing": ("没有可以判断的回答。", "There was no answer to judge."),
    "graded_by": ("评分：{names}。", "Graded by: {names}."),
    "by_rules": ("规则（按你笔记里的要点，没有用模型）", "rules (by the key points of your notes, without a model)"),
    "by_model": ("模型 {name}", "the model {name}"),
    "meaning": (
        "水平分四档：薄弱、一般、良好、优秀；回答太少、看不出来的，写“证据不足”。追问后补上的算数，"
        "用过提示或缩小过的问题略低一些。",
        "Four levels: weak, mixed, good, excellent; “not enough evidence” where too little was answered to tell. "
        "What a follow-up brought out counts; a hint or a smaller question lowers it a little.",
    ),
}  # fmt: skip
#: How many of four each word is, for charts; nothing for not knowing.
STEPS = {Word.WEAK: 1, Word.MIXED: 2, Word.GOOD: 3, Word.EXCELLENT: 4}


def name(thing: StrEnum, language: Language) -> str:
    """Return what a level, signal, rung or probe is called."""
    return _NAMES[type(thing)][thing][language is Language.EN]


def say(phrase: str, language: Language, /, **values: object) -> str:
    """Return a fixed sentence in `language` with its values filled in."""
    return _SAID[phrase][language is Language.EN].format(**values)


def role(known_as: str, language: Language) -> str:
    """Return what a profile is called; its name as it stands where it has gone."""
    return profile(known_as).title(language) if known_as in profiles() else known_as


def duration(seconds: float, language: Language) -> str:
    """Return a time as it is said: 1 分 20 秒."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    units = (" 小时", " 分", " 秒") if language is Language.ZH else (" h", " min", " s")
    told = [f"{n}{unit}" for n, unit in zip((hours, minutes, rest), units, strict=True) if n]
    return " ".join(told) or f"0{units[2]}"


def date(moment: datetime, language: Language, zone: tzinfo | None, *, clock: bool = False) -> str:
    """Return the day of `moment`, with the time of day where it is wanted."""
    local = moment.astimezone(zone)
    day = (
        f"{local.year} 年 {local.month} 月 {local.day} 日"
        if language is Language.ZH
        else f"{local.day} {local:%b} {local.year}"
    )
    return f"{day} {local:%H:%M}" if clock else day


def where(citation: Citation) -> str:
    """Return where a citation stands, in the form that editors open."""
    at = citation.location
    span = f"{at.first}" if at.first == at.last else f"{at.first}-{at.last}"
    return (
        f"{citation.path}:{span}"
        if at.kind is LocationKind.LINES
        else f"{citation.path} ({at.kind.value} {span})"
    )


def graded_by(modes: tuple[str, ...], language: Language) -> str:
    """Return who judged."""
    names = [
        say("by_rules", language) if mode == "notes" else say("by_model", language, name=mode)
        for mode in modes
    ]
    return ("、" if language is Language.ZH else ", ").join(names)
