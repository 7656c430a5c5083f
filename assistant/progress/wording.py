"""What progress says, in both languages: the standings, the columns, and what to do next."""

from __future__ import annotations

from datetime import date
from shlex import quote

from assistant.language import Language
from assistant.progress.activity import AHEAD, Activity
from assistant.progress.standing import Standing, TopicStanding
from assistant.review import wording as review_wording

_SAID: dict[str, tuple[str, str]] = {
    "contradicted": ("说反两次", "reversed"),
    "weak": ("薄弱", "weak"),
    "due": ("到期", "due"),
    "never_asked": ("没问过", "not asked"),
    "learning": ("在学", "learning"),
    "strong": ("掌握", "strong"),
    "suspended": ("停问", "suspended"),
    "begin": (
        "还没有复习记录。开始：assistant review（按笔记出题，每题答完就记下）。",
        "Nothing reviewed yet. Begin: assistant review (it asks from your notes and keeps every answer).",
    ),
    "no_notes": (
        "笔记里还没有能提问的内容。先加笔记：assistant notes add 路径",
        "The notes hold nothing to ask about yet. Add some: assistant notes add PATH",
    ),
    "head": (
        "复习 {reviews} 次 · 连续 {current}（最长 {longest}）",
        "{reviews} reviews · {current} in a row (longest {longest})",
    ),
    "today_open": ("今天还没复习", "none today yet"),
    "heat": ("最近 12 周（每格一天的复习次数）", "The last 12 weeks (reviews a day)"),
    "curve": ("再问到时记得的比例（按周）", "Recalled when asked again, by week"),
    "no_curve": (
        "还没有再问到的题，记得多少要等下次复习才知道。",
        "Nothing was asked again so far; what is kept shows at the next review.",
    ),
    "ahead": (
        "未来 {days} 天到期（过期的算在今天）",
        "Due in the next {days} days (overdue counts as today)",
    ),
    "columns": ("主题|状态|记得|问过|答题|上次|下次", "topic|state|recall|asked|answers|last|next"),
    "part_columns": ("要点组|状态|记得|答题|上次|下次", "group|state|recall|answers|last|next"),
    "more": ("另有 {count} 个主题（{kinds}）：--all 全部列出", "{count} more ({kinds}): --all lists them"),
    "kind_count": ("{kind} {count}", "{count} {kind}"),
    "gaps": (
        "问过而笔记没讲到的：{count} 个，assistant notes gaps",
        "Not in the notes: {count}, assistant notes gaps",
    ),
    "weak_points": ("没答好的要点", "What was not answered well"),
    "asked": ("问：{prompt}", "Asked: {prompt}"),
    "answered": ("你答：{answer}", "You said: {answer}"),
    "no_answer": ("（没有作答）", "(no answer)"),
    "hit": ("✓", "✓"),
    "partial": ("◐", "◐"),
    "missed": ("✗", "✗"),
    "contradicted_point": ("✗ 说反", "✗ reversed"),
    "today": ("今天", "now"),
    "days_ago": ("{count} 天前", "{count} d ago"),
    "advice_contradicted": (
        "《{topic}》有 {count} 次答案和笔记相反。先对照原文：{read}，再练：{command}",
        "{topic}: {count} answers said the opposite of the notes. Read the lines: {read}, then practise: {command}",
    ),
    "advice_due": ("{count} 条到期，现在复习：{command}", "{count} due; review now: {command}"),
    "advice_weak": (
        "《{topic}》上次没答好，再练一遍：{command}",
        "{topic} was not answered well; practise: {command}",
    ),
    "advice_new": (
        "到期的都复习完了，还有 {count} 个主题没问过：{command}",
        "Nothing is due and {count} topics were never asked: {command}",
    ),
    "advice_rest": (
        "今天没有要补的，下一次到期 {date}。想试试整体水平：{command}",
        "Nothing to make up today; the next is due {date}. To try everything at once: {command}",
    ),
}
_WEEKDAYS = {Language.ZH: "一 二 三 四 五 六 日".split(), Language.EN: "Mon Tue Wed Thu Fri Sat Sun".split()}
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def say(phrase: str, language: Language, /, **values: object) -> str:
    """Return a fixed sentence in `language` with its values filled in."""
    chinese, english = _SAID[phrase]
    return (chinese if language is Language.ZH else english).format(**values)


def weekdays(language: Language) -> list[str]:
    """Return the names of the days, Monday first, each at most three cells wide."""
    return _WEEKDAYS[language]


def month(first: date, language: Language) -> str:
    """Return the short name of a month. Those of the locale are not used: they may be of any width."""
    return f"{first.month}月" if language is Language.ZH else _MONTHS[first.month - 1]


def head(done: Activity, language: Language) -> str:
    """Return how much was done at all, and how many days in a row."""
    run = done.streak
    days = (review_wording.days(count, language) for count in (run.current, run.longest))
    told = say("head", language, reviews=done.reviews, **dict(zip(("current", "longest"), days, strict=True)))
    return told if run.is_today_done else f"{told} · {say('today_open', language)}"


def named(topic: TopicStanding, language: Language) -> str:
    """Return the title of a topic in `language` where the note has one, without a closing colon."""
    return (topic.english if language is Language.EN else "") or topic.topic.strip().rstrip(":：")


def percent(share: float | None) -> str:
    """Return a share as whole percent; nothing finer is known."""
    return "—" if share is None else f"{share:.0%}"


def ago(on: date | None, today: date, language: Language) -> str:
    """Return how long ago a day was, short enough for a column."""
    if on is None:
        return "—"
    days = max(0, (today - on).days)
    return say("days_ago", language, count=days) if days else say("today", language)


def coming(on: date | None, today: date, language: Language) -> str:
    """Return the day of the next review, short enough for a column."""
    if on is None:
        return "—"
    if on <= today:
        return say("today", language)
    return f"{on:%m-%d}" if on.year == today.year else f"{on:%Y-%m}"


def kinds(topics: list[TopicStanding], language: Language) -> str:
    """Return how many topics stand how."""
    counts = {kind: sum(topic.standing is kind for topic in topics) for kind in Standing}
    separator = "、" if language is Language.ZH else ", "
    return separator.join(
        say("kind_count", language, kind=say(kind.value, language), count=count)
        for kind, count in counts.items()
        if count
    )


def advice(topics: tuple[TopicStanding, ...], done: Activity, language: Language) -> tuple[str, str]:
    """Return what to do next in one sentence, and the first command in it.

    What was learned the wrong way round is read before anything is reviewed, since every further answer confirms the
    mistake; then comes what is due; then what is weak, never asked, or, where nothing is left, an interview.
    """
    worst = topics[0]
    due = done.ahead[0][1]
    practise = f"assistant quiz {quote(named(worst, language))}"
    if worst.standing is Standing.CONTRADICTED:
        read = f"assistant progress --topic {quote(named(worst, language))}"
        said = {"topic": named(worst, language), "count": worst.contradictions, "read": read}
        # Only a review makes good what was said; a quiz leaves no mark.
        return say(
            "advice_contradicted", language, command="assistant review" if due else practise, **said
        ), read
    if due:
        return say("advice_due", language, count=due, command="assistant review"), "assistant review"
    if worst.standing is Standing.WEAK:
        return say("advice_weak", language, topic=named(worst, language), command=practise), practise
    fresh = sum(topic.standing is Standing.NEVER_ASKED for topic in topics)
    if fresh:
        return say("advice_new", language, count=fresh, command="assistant review"), "assistant review"
    days = (topic.next_due for topic in topics if topic.next_due)
    first = min(days, default=done.ahead[-1][0])
    on, command = review_wording.day(first, done.today, language), "assistant interview"
    return say("advice_rest", language, date=on, command=command), command


def ahead_title(language: Language) -> str:
    """Return the heading of the days ahead."""
    return say("ahead", language, days=AHEAD)
