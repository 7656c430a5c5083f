"""What a review says, in both languages: why something is asked, when it comes again, how the days look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from shlex import quote

from assistant.grading.types import Level
from assistant.language import Language
from assistant.review.card import Help, Outcome
from assistant.review.planning import Plan
from assistant.review.reviewer import Reviewed
from assistant.review.run import Run
from assistant.review.session import Item, Subject, Today, Why

_SAID: dict[str, tuple[str, str]] = {
    "due": ("到期", "due"),
    "due_since": ("到期已 {days}", "due for {days}"),
    "last_look": ("面试前最后过一遍", "last look before the interview"),
    "clock": (
        "上次复习的时间在将来（系统时间被改过），先问一遍",
        "reviewed in the future (the clock was changed)",
    ),
    "weak": ("薄弱：上次没答好", "weak: not answered well last time"),
    "contradicted": ("薄弱：上次说反了", "weak: said the wrong way round last time"),
    "gap": ("你问过「{question}」，笔记没讲到，这是最接近的", "nearest to what you asked: “{question}”"),
    "new": ("新内容", "new"),
    "beside": ("和刚才的《{topic}》相近，注意区分", "close to “{topic}”, just asked; mind the difference"),
    "count_due": ("到期 {n}", "{n} due"),
    "count_last_look": ("最后过一遍 {n}", "{n} for a last look"),
    "count_clock": ("重新确认 {n}", "{n} to confirm"),
    "count_weak": ("薄弱 {n}", "{n} weak"),
    "count_gap": ("补缺 {n}", "{n} near a gap"),
    "count_new": ("新内容 {n}", "{n} new"),
    "today": (
        "今天复习 {count} 题，约 {minutes}：{kinds}。",
        "{count} to review today, about {minutes}: {kinds}.",
    ),
    "left": ("时间不够放下的还有 {count} 题（{kinds}）。", "{count} more did not fit in ({kinds})."),
    "until": ("距面试还有 {days}（{date}）。", "{days} until the interview ({date})."),
    "nothing": ("今天没有要复习的。", "There is nothing to review today."),
    "next_due": ("下一次到期：{date}。", "The next is due {date}."),
    "no_notes": ("笔记里还没有能提问的内容。", "The notes hold nothing to ask about yet."),
    "heading": (
        "第 {n}/{of} 题 · 《{topic}》 · 还需约 {minutes}",
        "{n} of {of} · {topic} · about {minutes} to go",
    ),
    "keys": (
        "/hint 提示  /show 答案  /skip 稍后  /undo 撤回  /reject 换题  /suspend 停问  /quit 结束",
        "/hint /show /skip /undo, /reject the question, /suspend the card, /quit",
    ),
    "rejected": ("这道题以后不再出现，换一道。", "This question will not come again; here is another."),
    "hint": ("提示：{hint}", "Hint: {hint}"),
    "no_hint": ("这题没有提示。", "There is no hint for this one."),
    "again_on": ("下次：{date}", "Next: {date}"),
    "correct": ("✓ 对。", "✓ Right."),
    "partial": ("◐ 对了一部分。", "◐ Partly right."),
    "wrong": ("✗ 不对。", "✗ Wrong."),
    "shown": ("已看答案，按没记住算。", "Shown; counted as not recalled."),
    "hinted": ("看过提示，间隔缩短", "with a hint, so sooner"),
    "suspended_none": ("没有停下的卡片。", "Nothing is suspended."),
    "overtaken": (
        "这张卡刚在别处答过，这次只留下文字，不重复计入。",
        "This card was just answered elsewhere; your words are kept, the review is not counted twice.",
    ),
    "leech": (
        "这一条已经忘了 {lapses} 次，先停下不再问。再背一遍多半没用：把这段笔记拆小，写一句口诀，或回到原文看上下文。"
        "要接着问：{command}",
        "Forgotten {lapses} times, so it is suspended. Repeating it once more will hardly help: split the note, write "
        "a mnemonic, or read the line in its context. To take it back in: {command}",
    ),
    "skipped": ("放到最后再问。", "It comes again at the end."),
    "skipped_again": ("今天不再问这题。", "Left for another day."),
    "undone": (
        "已撤回《{topic}》的上一次评分（{level}），重新问，可能换个问法。",
        "Took back the last review, {topic} ({level}). It is asked again, perhaps in another way.",
    ),
    "nothing_to_undo": ("没有可以撤回的。", "There is nothing to take back."),
    "suspended": (
        "《{topic}》这一条不再问。恢复：{command}",
        "{topic}: not asked any more. To take it back in: {command}",
    ),
    "unsuspended": ("《{topic}》恢复复习：{subject}", "{topic} is taken back in: {subject}"),
    "gone": (
        "《{topic}》在笔记里已经没有可问的内容，跳过。",
        "The notes have nothing to ask about {topic} any more.",
    ),
    "set_back": (
        "注意：有 {count} 张卡的上次复习时间在将来，系统时间可能被改过；它们今天会先问一遍。",
        "Note: {count} card(s) were last reviewed in the future; the clock may have been changed. They come today.",
    ),
    "summary": (
        "复习了 {done} 题，用时 {minutes}：对 {correct}，部分对 {partial}，没答出 {wrong}。",
        "{done} reviewed in {minutes}: {correct} right, {partial} partly, {wrong} not recalled.",
    ),
    "unfinished": (
        "还剩 {count} 题，随时再来：assistant review",
        "{count} left; go on any time: assistant review",
    ),
    "coming": ("接下来：{days}", "Coming up: {days}"),
    "coming_day": ("{day} {count} 题", "{day}: {count}"),
    "weak_topics": ("多看看：{topics}", "Look again at: {topics}"),
    "plan_interview": ("面试：{date}，还有 {days}。", "Interview: {date}, in {days}."),
    "plan_no_interview": (
        "还没有面试日期，先排两周。设定：assistant plan --date 年-月-日",
        "No interview date; two weeks are shown. To set one: assistant plan --date YYYY-MM-DD",
    ),
    "plan_passed": (
        "面试日期 {date} 已经过了，按平常的节奏安排。清除：assistant plan --clear",
        "The interview on {date} is over, so the usual pace applies. To clear it: assistant plan --clear",
    ),
    "plan_head": ("日期|到期|最后过一遍|新内容|约需", "day|due|last look|new|about"),
    "plan_today": ("今天", "today"),
    "plan_enough": (
        "每天 {minutes} 分钟：全部 {subjects} 条能在面试前学到，并在最后 {last} 天再过一遍。",
        "At {minutes} minutes a day all {subjects} are met in time and seen again in the last {last} days.",
    ),
    "plan_short": (
        "每天 {minutes} 分钟不够：到面试那天还有 {unmet} 条没学到，{unseen} 条来不及再过一遍。",
        "{minutes} minutes a day are not enough: {unmet} would never be met, {unseen} not be seen again.",
    ),
    "plan_needed": ("每天约 {minutes} 分钟才够。", "It takes about {minutes} minutes a day."),
    "plan_never": (
        "剩下的天数怎么排都不够，先挑最重要的主题：assistant quiz 主题",
        "No daily time is enough for the days left; choose what matters most: assistant quiz TOPIC",
    ),
    "plan_cleared": ("已清除面试日期。", "The interview date is cleared."),
    "plan_start": ("开始今天的复习：assistant review", "Begin today's: assistant review"),
}
_WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


def say(phrase: str, language: Language, /, **values: object) -> str:
    """Return a fixed sentence in `language` with its values filled in."""
    chinese, english = _SAID[phrase]
    return (chinese if language is Language.ZH else english).format(**values)


def minutes(seconds: float, language: Language) -> str:
    """Return a time for people: whole minutes, one at least."""
    count = max(1, round(seconds / 60))
    return f"{count} 分钟" if language is Language.ZH else f"{count} min"


def days(count: int, language: Language) -> str:
    """Return so many days."""
    return f"{count} 天" if language is Language.ZH else f"{count} day{'s' * (count != 1)}"


def day(on: date, today: date, language: Language) -> str:
    """Return a date with its distance from today: 11 月 26 日（3 天后）."""
    away = (on - today).days
    if language is Language.ZH:
        named = f"{on.year} 年 " * (on.year != today.year) + f"{on.month} 月 {on.day} 日"
        return f"{named}（{('今天', '明天')[away] if away in (0, 1) else f'{away} 天后'}）"
    named = f"{on.day} {on:%b}" + f" {on.year}" * (on.year != today.year)
    return f"{named} ({('today', 'tomorrow')[away] if away in (0, 1) else f'in {days(away, language)}'})"


def why(item: Item, language: Language) -> str:
    """Return the reason why `item` is asked, with what it is easily confused with."""
    if item.why is Why.DUE and item.days > 0:
        reason = say("due_since", language, days=days(item.days, language))
    else:
        reason = say(item.why.value, language, question=item.question)
    return (
        f"{reason} · {say('beside', language, topic=named(item.beside, language))}" if item.beside else reason
    )


def header(today: Today, language: Language) -> list[str]:
    """Return what the sitting is made of and how long it takes, line by line."""
    if not today.items:
        lines = [say("nothing", language)]
        if today.next_due:
            lines.append(say("next_due", language, date=day(today.next_due, today.day, language)))
        return lines
    kinds = _kinds(Counter(item.why for item in today.items), language)
    time = minutes(today.seconds, language)
    lines = [say("today", language, count=len(today.items), minutes=time, kinds=kinds)]
    if left := sum(today.left.values()):
        lines.append(say("left", language, count=left, kinds=_kinds(Counter(today.left), language)))
    return lines


def heading(run: Run, item: Item, language: Language) -> str:
    """Return which question it is, its topic, and how long the rest takes."""
    time = minutes(run.seconds_left, language)
    return say(
        "heading", language, n=run.number, of=run.of, topic=named(item.subject, language), minutes=time
    )


def named(subject: Subject, language: Language) -> str:
    """Return the title of the topic: the English one for English, and without the colon that some notes end it with."""
    return (subject.english if language is Language.EN else "") or subject.topic.strip().rstrip(":：")


def outcome(reviewed: Reviewed, today: date, language: Language) -> list[str]:
    """Return what follows on an answer: the day of the next one, or what is special."""
    if reviewed.recorded.outcome is Outcome.OVERTAKEN:
        return [say("overtaken", language)]
    card = reviewed.recorded.card
    if reviewed.is_leech:
        return [say("leech", language, lapses=card.lapses, command=unsuspending(card.subject))]
    line = say("again_on", language, date=day(reviewed.next_day, today, language))
    if reviewed.help is Help.HINT and reviewed.marked.level is Level.CORRECT:
        separator = "，" if language is Language.ZH else ", "
        line += separator + say("hinted", language)
    return [line]


def unsuspending(subject: str) -> str:
    """Return the command that takes a suspended subject back in."""
    return f"assistant review --unsuspend {quote(subject)}"


def summary(run: Run, today: date, language: Language) -> list[str]:
    """Return what was reviewed, what is left, when it goes on, and the weak topics."""
    counted = run.counted
    levels = Counter(Level.WRONG if one.help is Help.ANSWER else one.marked.level for one in counted)
    lines = [
        say(
            "summary",
            language,
            done=len(counted),
            minutes=minutes(sum(one.seconds for one in counted), language),
            **{level.value: levels[level] for level in Level},
        )
    ]
    if run.waiting:
        lines.append(say("unfinished", language, count=len(run.waiting)))
    if counted:
        coming = Counter(one.next_day for one in counted if one.recorded.card.suspended_at is None)
        told = [
            say("coming_day", language, day=day(on, today, language), count=count)
            for on, count in sorted(coming.items())[:4]
        ]
        separator = "，" if language is Language.ZH else ", "
        if told:
            lines.append(say("coming", language, days=separator.join(told)))
    if weak := [named(subject, language) for subject in weakest(counted)]:
        is_chinese = language is Language.ZH
        topics = "".join(f"《{t}》" for t in weak) if is_chinese else ", ".join(f"“{t}”" for t in weak)
        lines.append(say("weak_topics", language, topics=topics))
    return lines


def weakest(counted: Sequence[Reviewed]) -> list[Subject]:
    """Return what was not answered right, one subject of each topic, the worst topic first."""
    lost: Counter[str] = Counter()
    for one in counted:
        score = 0.0 if one.help is Help.ANSWER else one.marked.score
        if one.help is Help.ANSWER or one.marked.level is not Level.CORRECT:
            lost[one.asked.item.subject.topic] += round(100 * (1 - score))
    subjects = {one.asked.item.subject.topic: one.asked.item.subject for one in counted}
    return [subjects[topic] for topic, _ in lost.most_common(3)]


def verdict(plan: Plan, subjects: int, last: int, language: Language) -> list[str]:
    """Return whether the days suffice, and what would."""
    if plan.interview is None:
        return []
    spent = f"{plan.minutes:g}"
    if plan.is_enough:
        return [say("plan_enough", language, minutes=spent, subjects=subjects, last=last)]
    lines = [say("plan_short", language, minutes=spent, unmet=plan.unmet, unseen=plan.unseen)]
    lines.append(
        say("plan_needed", language, minutes=plan.enough) if plan.enough else say("plan_never", language)
    )
    return lines


def weekday(on: date, language: Language) -> str:
    """Return a date with its day of the week, short enough for a column."""
    return (
        f"{on.month}-{on.day:02} {_WEEKDAYS[on.weekday()]}" if language is Language.ZH else f"{on:%a %d %b}"
    )


def _kinds(counts: Counter[Why], language: Language) -> str:
    merged: Counter[str] = Counter()
    for kind, count in counts.items():
        merged[Why.WEAK.value if kind is Why.CONTRADICTED else kind.value] += count
    order = [kind.value for kind in Why if merged[kind.value]]
    separator = "、" if language is Language.ZH else ", "
    return separator.join(say(f"count_{kind}", language, n=merged[kind]) for kind in order)
