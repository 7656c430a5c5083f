"""What an interview has shown: per question, per topic and per signal, in four words and with the words that decided.

It follows from the state alone. How it is written down (Markdown, HTML, terminal) is `assistant.interview.writing`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from statistics import fmean

from assistant.events import Citation
from assistant.grading.types import Level, Verdict
from assistant.interview import standing
from assistant.interview.exchanges import Exchange, exchanges
from assistant.interview.machine import elapsed
from assistant.interview.types import Act, Finding, Item, Manner, Probe, Rung, State


class Word(StrEnum):
    """How good something was. Four words, because nobody can tell 72 from 75, and one for not knowing."""

    WEAK = "weak"
    MIXED = "mixed"
    GOOD = "good"
    EXCELLENT = "excellent"
    UNKNOWN = "not_enough_evidence"


class Signal(StrEnum):
    """What interviewers write down beside right and wrong."""

    CORRECTNESS = "correctness"
    DEPTH = "depth"
    CLARITY = "clarity"
    TRADE_OFFS = "trade_offs"


#: From which mean score a word holds, best first.
_BARS = ((0.85, Word.EXCELLENT), (0.6, Word.GOOD), (0.35, Word.MIXED), (0.0, Word.WEAK))
#: So many judged answers say something about a signal.
_ENOUGH = 2
_DEEP = frozenset({Probe.DEPTH, Probe.COMPUTE, Probe.CONTRADICTION})
_TRADING = frozenset({Probe.COMPARE, Probe.BOUNDARY, Probe.CONDITION})
_TRADING_RUNGS = frozenset({Rung.DIFFERENCE, Rung.LIMITS, Rung.REMEDY})
#: Follow-ups that ask for something beyond the question; together they count as the rest beside the question itself.
_BEYOND = frozenset({Probe.DEPTH, Probe.COMPUTE, Probe.PROJECT}) | _TRADING
_MAIN = 2 / 3
_MOST_GAPS = 3
#: Worth of an answer that came at once and plainly, of one that took follow-ups, of one that stayed vague.
_AT_ONCE, _IN_TIME, _VAGUE = 1.0, 0.5, 0.0
#: What an answer that took a hint or a smaller question is worth of one that took none.
_HELPED = 0.75


@dataclass(frozen=True, slots=True)
class QuestionReport:
    """What became of one main question and its follow-ups. `level` is None where it was not answered.

    `name` is what the topic is called in the language of the interview.
    """

    topic: str
    name: str
    rung: Rung
    prompt: str
    exchanges: tuple[Exchange, ...]
    findings: tuple[Finding, ...]
    model_answer: str
    citation: Citation | None
    level: Level | None
    word: Word
    hints: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Gap:
    """A point that cost much: missed or contradicted, with what was said instead."""

    topic: str
    finding: Finding


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier interview of the same learner, as far as a trend needs it."""

    interview_id: str
    began: datetime
    overall: Word
    topics: tuple[tuple[str, Word], ...]


@dataclass(frozen=True, slots=True)
class Review:
    """A review that the interview has scheduled: of which topic, and when it is due."""

    topic: str
    due: datetime


@dataclass(frozen=True, slots=True)
class Report:
    """All that is told after an interview. `graded_by` names the rules or the models that judged the answers."""

    interview_id: str
    profile: str
    language: str
    began: datetime
    seconds: float
    questions: tuple[QuestionReport, ...]
    overall: Word
    topics: tuple[tuple[str, Word], ...]
    signals: tuple[tuple[Signal, Word], ...]
    gaps: tuple[Gap, ...]
    misconceptions: tuple[Gap, ...]
    graded_by: tuple[str, ...]
    complete: bool
    reviews: tuple[Review, ...] = ()
    earlier: tuple[Earlier, ...] = ()


def report(state: State, earlier: Sequence[Earlier] = (), reviews: Sequence[Review] = ()) -> Report:
    """Return the report of `state`, which need not have ended."""
    # The question that still waits is left out: its points would answer it.
    open_item = state.waiting.item_id if state.waiting else None
    items = [state.plan.item(item_id) for item_id in state.asked_items() if item_id != open_item]
    questions = tuple(_question(state, item) for item in items)
    topics = tuple(
        (topic, _word([worth for item in items if item.topic == topic for worth in _worths(state, item)]))
        for topic in dict.fromkeys(item.topic for item in items)
    )
    wrong = [
        Gap(q.topic, finding)
        for q in questions
        for finding in q.findings
        if finding.verdict is Verdict.CONTRADICTED
    ]
    missed = [
        Gap(q.topic, finding)
        # What was answered worst cost most.
        for q in sorted(questions, key=lambda q: list(Word).index(q.word))
        for finding in q.findings
        if finding.verdict is Verdict.MISSED and q.word is not Word.UNKNOWN
    ]
    judged = [turn.heard for turn in state.turns if turn.heard and turn.heard.level is not None]
    return Report(
        interview_id=state.plan.interview_id,
        profile=state.plan.profile,
        language=state.plan.language.value,
        began=state.started_at,
        seconds=elapsed(state, state.turns[-1].at),
        questions=questions,
        overall=_word([worth for item in items for worth in _worths(state, item)], _ENOUGH),
        topics=topics,
        signals=tuple((signal, _word(list(measure(state, items)), _ENOUGH)) for signal, measure in _MEASURES),
        gaps=tuple([*wrong, *missed][:_MOST_GAPS]),
        misconceptions=tuple(wrong),
        graded_by=tuple(dict.fromkeys(heard.mode for heard in judged)),
        complete=len(items) >= state.plan.questions,
        reviews=tuple(reviews),
        earlier=tuple(earlier),
    )


def earlier_of(told: Report) -> Earlier:
    """Return what a later report needs of this one."""
    return Earlier(told.interview_id, told.began, told.overall, told.topics)


def _question(state: State, item: Item) -> QuestionReport:
    turns = state.exchanges(item.item_id)
    told = tuple(exchanges(state, item))
    return QuestionReport(
        topic=item.topic,
        name=item.name.strip(),
        rung=item.rung,
        prompt=item.prompt,
        exchanges=told,
        findings=standing.findings(state, item),
        model_answer=item.model_answer,
        citation=item.citation,
        level=standing.level(state, item),
        word=_word(list(_worths(state, item))),
        hints=sum(move.act is Act.HINT for turn in turns for move in turn.moves),
        seconds=sum(exchange.seconds for exchange in told),
    )


def _worths(state: State, item: Item) -> Iterable[float]:
    """Yield what `item` is worth with what was asked beyond it: 0 for a plain 不知道 or a dodge.

    Nothing where it was skipped or waits.
    """
    worth = standing.score(state, item)
    if worth is not None:
        worth *= _HELPED if _was_helped(state, item) else 1.0
        beyond = list(_probed(state, _BEYOND, item))
        yield (worth * _MAIN + fmean(beyond) * (1 - _MAIN)) if beyond else worth
        return
    manners = [turn.heard.manner for turn in state.exchanges(item.item_id) if turn.heard]
    left = state.waiting is None or state.waiting.item_id != item.item_id
    if left and any(manner in _NOTHING_KNOWN for manner in manners):
        yield 0.0


def _was_helped(state: State, item: Item) -> bool:
    """Whether a hint was given, or the question had to be made smaller."""
    turns = state.exchanges(item.item_id)
    return any(move.act is Act.HINT for turn in turns for move in turn.moves) or any(
        turn.asked and turn.asked.probe is Probe.SIMPLER for turn in turns
    )


_NOTHING_KNOWN = frozenset({Manner.NO_IDEA, Manner.SILENCE, Manner.META, Manner.STEER, Manner.CLARIFY})


def _correctness(state: State, items: Sequence[Item]) -> Iterable[float]:
    for item in items:
        yield from _worths(state, item)


def _depth(state: State, items: Sequence[Item]) -> Iterable[float]:
    yield from _probed(state, _DEEP)
    for item in items:
        if item.rung.depth > 2:
            yield from _worths(state, item)


def _trade_offs(state: State, items: Sequence[Item]) -> Iterable[float]:
    yield from _probed(state, _TRADING)
    for item in items:
        if item.rung in _TRADING_RUNGS:
            yield from _worths(state, item)


def _clarity(state: State, items: Sequence[Item]) -> Iterable[float]:
    """Yield how plainly each item was answered: what has to be asked for twice was not clear."""
    for item in items:
        turns = standing.answered(state, item)
        heard = [turn.heard for turn in turns if turn.heard]
        if not heard:
            continue
        if heard[0].vague or (heard[0].level is Level.WRONG and len(heard) == 1):
            yield _VAGUE
        else:
            yield _AT_ONCE if heard[0].level is Level.CORRECT else _IN_TIME


def _probed(state: State, probes: frozenset[Probe], item: Item | None = None) -> Iterable[float]:
    """Yield what the answers to follow-ups of these kinds are worth, of one question or of all."""
    for turn in state.exchanges(item.item_id) if item else state.turns:
        if turn.asked and turn.asked.probe in probes and turn.heard:
            if turn.heard.level is not None:
                yield turn.heard.score
            elif turn.heard.manner is Manner.NO_IDEA:
                yield 0.0


_MEASURES: tuple[tuple[Signal, Callable[[State, Sequence[Item]], Iterable[float]]], ...] = (
    (Signal.CORRECTNESS, _correctness),
    (Signal.DEPTH, _depth),
    (Signal.CLARITY, _clarity),
    (Signal.TRADE_OFFS, _trade_offs),
)


def _word(worths: Sequence[float], enough: int = 1) -> Word:
    if len(worths) < enough:
        return Word.UNKNOWN
    mean = fmean(worths)
    return next(word for bar, word in _BARS if mean >= bar)
