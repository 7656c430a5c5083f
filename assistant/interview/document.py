"""A report as blocks, in the order in which it is read. Markdown, HTML and the terminal only write them differently."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import tzinfo

from assistant.events import Citation
from assistant.grading.key_points import in_language
from assistant.grading.types import Level, Verdict
from assistant.interview import wording
from assistant.interview.exchanges import Exchange
from assistant.interview.report import Gap, QuestionReport, Report, Word
from assistant.interview.types import Finding, Manner, Probe
from assistant.language import Language

#: Evidence longer than this is cut in the middle of what is told.
_EVIDENCE = 100


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; 1 is the title."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph, or a `label` of what follows; `citation` is the line of the note it rests on."""

    text: str
    tone: str = ""  # "", "strong", "dim" or "label"
    citation: Citation | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What the candidate said, word for word."""

    text: str


@dataclass(frozen=True, slots=True)
class Point:
    """One thing with the verdict on it, the candidate's words, and its line in the note."""

    verdict: Verdict | None
    text: str
    words: str = ""
    citation: Citation | None = None


@dataclass(frozen=True, slots=True)
class Points:
    """A list of them."""

    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Levels:
    """A level for each of several things."""

    rows: tuple[tuple[str, Word], ...]


Block = Heading | Text | Said | Points | Levels


def blocks(report: Report, zone: tzinfo | None = None) -> Iterator[Block]:
    """Yield `report` as it is read: the whole first, then question by question. Days are those of `zone`."""
    language = Language(report.language)
    report = _in_its_language(report, language)
    yield Heading(1, wording.say("title", language))
    yield Text(
        wording.say(
            "facts",
            language,
            date=wording.date(report.began, language, zone, clock=True),
            role=wording.role(report.profile, language),
            time=wording.duration(report.seconds, language),
            count=len(report.questions),
        ),
        "dim",
    )
    yield Text(wording.say("overall", language, word=wording.name(report.overall, language)), "strong")
    if not report.graded_by:
        yield Text(wording.say("nothing", language))
    if not report.complete:
        yield Text(wording.say("unfinished", language), "dim")
    yield Heading(2, wording.say("signals", language))
    yield Levels(tuple((wording.name(signal, language), word) for signal, word in report.signals))
    if report.topics:
        yield Heading(2, wording.say("topics", language))
        yield Levels(report.topics)
    yield from _gaps("gaps", report.gaps, language)
    rest = [gap for gap in report.misconceptions if gap not in report.gaps]
    yield from _gaps("misconceptions", rest, language)
    yield from _ahead(report, language, zone)
    yield from _trend(report, language, zone)
    if report.questions:
        yield Heading(2, wording.say("questions", language))
    for n, question in enumerate(report.questions, 1):
        yield from _question(n, question, language)
    if report.graded_by:
        yield Text(
            wording.say("graded_by", language, names=wording.graded_by(report.graded_by, language)), "dim"
        )
    yield Text(wording.say("meaning", language), "dim")


def _in_its_language(report: Report, language: Language) -> Report:
    """Return `report` with the topics as they are called in English where it is in English, and else as they are."""
    if language is Language.ZH:
        return report
    names = {q.topic: q.name[:1].upper() + q.name[1:] for q in report.questions if q.name}

    def named(topic: str) -> str:
        return names.get(topic, topic)

    return replace(
        report,
        topics=tuple((named(topic), word) for topic, word in report.topics),
        questions=tuple(replace(q, topic=named(q.topic)) for q in report.questions),
        gaps=tuple(replace(gap, topic=named(gap.topic)) for gap in report.gaps),
        misconceptions=tuple(replace(gap, topic=named(gap.topic)) for gap in report.misconceptions),
        reviews=tuple(replace(one, topic=named(one.topic)) for one in report.reviews),
        earlier=tuple(
            replace(one, topics=tuple((named(topic), word) for topic, word in one.topics))
            for one in report.earlier
        ),
    )


def _gaps(heading: str, gaps: Iterable[Gap], language: Language) -> Iterator[Block]:
    told = tuple(
        _point(gap.finding, language, wording.say("of_topic", language, topic=gap.topic)) for gap in gaps
    )
    if told:
        yield Heading(2, wording.say(heading, language))
        yield Points(told)


def _ahead(report: Report, language: Language, zone: tzinfo | None) -> Iterator[Block]:
    if report.reviews:
        yield Heading(2, wording.say("reviews", language))
        told = (
            wording.say("review", language, topic=one.topic, date=wording.date(one.due, language, zone))
            for one in report.reviews
        )
        yield Points(tuple(Point(None, text) for text in told))


def _trend(report: Report, language: Language, zone: tzinfo | None) -> Iterator[Block]:
    """Tell how it went before, over all and for each topic that came before, too."""
    if not report.earlier:
        return

    def name(word: Word) -> str:
        return wording.name(word, language)

    told = [
        wording.say(
            "then", language, date=wording.date(one.began, language, zone, clock=True), word=name(one.overall)
        )
        for one in report.earlier
    ]
    told.append(wording.say("now", language, word=name(report.overall)))
    before = {topic: word for one in report.earlier for topic, word in one.topics if word is not Word.UNKNOWN}
    told += [
        wording.say("topic_then", language, topic=topic, before=name(before[topic]), now=name(word))
        for topic, word in report.topics
        if topic in before and word is not Word.UNKNOWN
    ]
    yield Heading(2, wording.say("trend", language))
    yield Points(tuple(Point(None, text) for text in told))


def _question(n: int, question: QuestionReport, language: Language) -> Iterator[Block]:
    yield Heading(
        3,
        wording.say(
            "question",
            language,
            n=n,
            topic=question.topic,
            rung=wording.name(question.rung, language),
            word=wording.name(question.word, language),
        ),
    )
    yield Text(question.prompt, "strong")
    facts = [wording.say("time", language, time=wording.duration(question.seconds, language))]
    if question.hints:
        facts.append(wording.say("hints", language, count=question.hints))
    yield Text(" · ".join(facts), "dim")
    told = [e for e in question.exchanges if e.manner in (Manner.ANSWER, Manner.NO_IDEA, Manner.SKIP)]
    if not told:
        yield Text(wording.say("no_answer", language))
    before: tuple[str, Probe | None] | None = None
    for exchange in told:
        # A question that was put again after a hint is the same question.
        is_again = before == (exchange.question, exchange.probe)
        before = (exchange.question, exchange.probe)
        yield from _exchange(exchange, language, is_again=is_again, is_exercise=not question.findings)
    if question.findings:
        yield Text(wording.say("points", language), "label")
        yield Points(tuple(_point(finding, language) for finding in question.findings))
    if question.model_answer:
        yield Text(
            wording.say("model_answer", language, answer=question.model_answer), citation=question.citation
        )


def _exchange(
    exchange: Exchange, language: Language, *, is_again: bool, is_exercise: bool
) -> Iterator[Block]:
    if exchange.probe and not is_again:
        probe = wording.name(exchange.probe, language)
        yield Text(wording.say("follow_up", language, probe=probe, question=exchange.question), "label")
    if exchange.manner is Manner.SKIP:
        yield Text(wording.say("skipped", language), "dim")
    else:
        yield Said(exchange.answer)
    if exchange.manner is Manner.ANSWER and exchange.level is None:
        yield Text(wording.say("unjudged", language), "dim")
    elif exchange.probe is Probe.COMPUTE or (exchange.level and not exchange.changed and is_exercise):
        verdict = "correct" if exchange.level is Level.CORRECT else "wrong"
        yield Text(wording.say(verdict, language), "dim")
    elif exchange.probe:
        if exchange.changed:
            yield Text(wording.say("changed", language), "dim")
            yield Points(tuple(_point(finding, language) for finding in exchange.changed))
        elif not exchange.missed:
            yield Text(wording.say("unchanged", language), "dim")
        if exchange.missed:
            yield Text(wording.say("left_out", language), "dim")
            yield Points(tuple(_point(finding, language) for finding in exchange.missed))
    if exchange.model_answer and (exchange.missed or exchange.level is not Level.CORRECT):
        phrase = "computed" if exchange.probe is Probe.COMPUTE else "own_answer"
        yield Text(wording.say(phrase, language, answer=exchange.model_answer), "dim")


def _point(finding: Finding, language: Language, before: str = "") -> Point:
    words = " ".join(finding.evidence.split()).strip("。.;；，,")
    if len(words) > _EVIDENCE:
        words = words[: _EVIDENCE - 2] + "……"
    if finding.verdict is Verdict.MISSED:
        words = ""
    return Point(
        finding.verdict, before + in_language(finding.point, language), words, finding.point.citation
    )
