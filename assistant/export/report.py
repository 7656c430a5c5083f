"""Progress as a Markdown page to read, print or hand to a tutor: how each topic stands, and what was missed where."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from assistant.grading.types import Verdict
from assistant.language import Language
from assistant.progress import drawing, wording
from assistant.progress.gathering import Point, Progress, WeakPoint
from assistant.progress.standing import TopicStanding
from assistant.review.card import study_day

_SAID = {
    "title": ("学习进度 {day}", "Progress, {day}"),
    "next": ("接下来", "Next"),
    "topics": ("各主题", "Topics"),
    "never": ("还没问过的主题：{topics}。", "Never asked: {topics}."),
    "weak": ("没答好的要点", "What was not answered well"),
    "gaps": ("笔记没讲到的问题", "Questions that the notes do not cover"),
    "gap": ("{question}（问过 {count} 次）", "{question} (asked {count} times)"),
}
_MARKS = {Verdict.HIT: "✓", Verdict.PARTIAL: "◐", Verdict.MISSED: "✗", Verdict.CONTRADICTED: "✗✗", None: "·"}
_SPECIAL = re.compile(r"([\\`*_\[\]<>#|])")


def report(progress: Progress) -> str:
    """Return the page."""
    return "\n".join(_lines(progress)).rstrip() + "\n"


def _lines(progress: Progress) -> Iterator[str]:
    language, done, topics = progress.language, progress.activity, progress.topics
    yield f"# {_say('title', language, day=done.today.isoformat())}\n"
    if not topics or not done.reviews:
        yield wording.say("begin" if topics else "no_notes", language)
        return
    yield f"{wording.head(done, language)}\n"
    yield f"**{_say('next', language)}**: {wording.advice(topics, done, language)[0]}\n"
    if curve := drawing.curve(done.weeks):
        yield f"## {wording.say('curve', language)}\n"
        yield "\n".join(["```", *curve, "```", ""])
    yield f"## {_say('topics', language)}\n"
    yield from _table(progress, [topic for topic in topics if topic.met])
    if fresh := [wording.named(topic, language) for topic in topics if not topic.met]:
        listed = "".join(f"《{name}》" for name in fresh) if language is Language.ZH else "; ".join(fresh)
        yield f"{_say('never', language, topics=_plain(listed))}\n"
    if weak := progress.weak_points():
        yield f"## {_say('weak', language)}\n"
        for one in weak:
            yield from _weak(one, language)
    if progress.gaps:
        yield f"## {_say('gaps', language)}\n"
        for gap in progress.gaps:
            yield f"- {_say('gap', language, question=_plain(gap.question), count=gap.count)}"


def _table(progress: Progress, topics: Sequence[TopicStanding]) -> Iterator[str]:
    language, today = progress.language, progress.activity.today
    head = wording.say("columns", language).split("|")
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    for topic in topics:
        last = study_day(topic.last_seen, progress.zone).isoformat() if topic.last_seen else "—"
        cells = (
            _plain(wording.named(topic, language)),
            wording.say(topic.standing.value, language),
            wording.percent(topic.recall),
            f"{topic.met}/{len(topic.subjects)}",
            str(topic.answers),
            last,
            wording.coming(topic.next_due, today, language),
        )
        yield f"| {' | '.join(cells)} |"
    yield ""


def _weak(weak: WeakPoint, language: Language) -> Iterator[str]:
    yield f"### {_plain(' '.join(weak.prompt.split()))}\n"
    words = " ".join(weak.answer.split())
    yield f"> {_plain(words) if words else wording.say('no_answer', language)}\n"
    yield from map(_point, weak.points)
    yield ""


def _point(point: Point) -> str:
    """Return a point as it stands in the note, with its file and line. It is Markdown already."""
    where = ""
    if point.citation:
        location = point.citation.location
        span = f"{location.first}" if location.first == location.last else f"{location.first}-{location.last}"
        where = f" — `{point.citation.path}:{span}`"
    return f"- {_MARKS[point.verdict]} {' '.join(point.text.split())}{where}"


def _plain(text: str) -> str:
    """Return text that somebody typed so that Markdown shows it as it is."""
    return _SPECIAL.sub(r"\\\1", text)


def _say(phrase: str, language: Language, **values: object) -> str:
    return _SAID[phrase][language is Language.EN].format(**values)
