"""What an interview takes from the reviews and gives back: weak and due topics, and a review of each gap it found.

Only what was missed or contradicted is reviewed. What was said right in one of many ways of asking does not push a
card into the future, and a question that was skipped or never asked says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo
from functools import partial

from assistant.grading import scoring
from assistant.grading.grader import same_title
from assistant.grading.types import KeyPoint, Level, Verdict
from assistant.interview.report import QuestionReport, Report, Review, Word
from assistant.interview.types import Finding, Item, Manner, State
from assistant.quiz.quizmaster import Quizmaster
from assistant.review.card import Answered, Card, new_card
from assistant.review.gathering import faults_of
from assistant.review.scheduling import answered
from assistant.store.reviews import Reviews
from corpus.errors import UnknownName

_LOST = (Verdict.MISSED, Verdict.CONTRADICTED)


def weak_and_due(
    reviews: Reviews, now: datetime, zone: tzinfo | None = None
) -> tuple[Mapping[str, float], frozenset[str]]:
    """Return topic -> how badly it stands, in 0..1, by the latest answers, and the topics with a card that is due."""
    cards = reviews.cards()
    weak: dict[str, float] = {}
    for subject, fault in faults_of(reviews.answers(), zone).items():
        if subject in cards:
            topic = cards[subject].topic
            weak[topic] = max(weak.get(topic, 0.0), 1 - fault.score)
    live = (card for card in cards.values() if not card.is_new and card.suspended_at is None)
    return weak, frozenset(card.topic for card in live if card.due <= now)


def schedule(state: State, told: Report, quizmaster: Quizmaster, reviews: Reviews) -> tuple[Review, ...]:
    """Review the cards of all that was missed, once however often this is called, and return when they are due.

    `told` is the report of `state`, which has ended. Raises `StoreError`.
    """
    cards, ended = reviews.cards(), state.turns[-1].at
    due: dict[str, datetime] = {}
    for item_id, question in zip(state.asked_items(), told.questions, strict=True):
        item = state.plan.item(item_id)
        for subject, group, found in _lost(item, question, quizmaster):
            card = cards.get(subject) or new_card(subject, question.topic, group, ended)
            given = _answered(state, item, question, card, found)
            recorded = reviews.record(given, partial(answered, given=given))
            cards[subject] = recorded.card
            due[question.topic] = min(due.get(question.topic, recorded.card.due), recorded.card.due)
    return tuple(Review(topic, on) for topic, on in sorted(due.items(), key=lambda one: one[1]))


def _lost(
    item: Item, question: QuestionReport, quizmaster: Quizmaster
) -> Iterable[tuple[str, str, tuple[Finding, ...]]]:
    """Yield each subject of a review of which something was lost, its group, and all that was found of it."""
    found: dict[str, Finding] = {}
    if question.word is not Word.UNKNOWN:
        found = {finding.point.text: finding for finding in question.findings}
    for exchange in question.exchanges:
        if exchange.manner is Manner.SKIP:
            continue
        for finding in (*exchange.missed, *exchange.changed):
            found.setdefault(finding.point.text, finding)
    by_subject: dict[tuple[str, str], list[Finding]] = {}
    for subject, group, points in _subjects(item.topic, quizmaster):
        of_group = [found.pop(point.text) for point in points if point.text in found]
        by_subject.setdefault((subject, group), []).extend(of_group)
    for (subject, group), findings in by_subject.items():
        if any(finding.verdict in _LOST for finding in findings):
            yield subject, group, tuple(findings)
    if item.drill and _was_computed_wrong(item, question):
        yield f"drill:{item.drill.demo}", "", ()


def _subjects(topic: str, quizmaster: Quizmaster) -> Iterable[tuple[str, str, tuple[KeyPoint, ...]]]:
    """Yield the subjects of reviews that a topic has, named as `assistant.review.gathering` names them."""
    try:
        groups = quizmaster.groups(topic)
    except UnknownName:  # the notes have changed since the interview began
        return
    for group in groups:
        yield f"topic:{same_title(group.topic.title)}#{group.name}", group.name, group.points


def _was_computed_wrong(item: Item, question: QuestionReport) -> bool:
    """Whether the exercise of `item` was answered, and wrong to the last."""
    assert item.drill is not None
    tries = [e for e in question.exchanges if e.question.endswith(item.drill.prompt) and e.level is not None]
    return bool(tries) and tries[-1].level is Level.WRONG


def _answered(
    state: State, item: Item, question: QuestionReport, card: Card, found: tuple[Finding, ...]
) -> Answered:
    """Return what the store keeps of the answers to `question` as one answer about `card`."""
    verdicts = [finding.verdict for finding in found]
    score = scoring.total(verdicts) if verdicts else 0.0
    level = scoring.level(score)
    is_contradicted = Verdict.CONTRADICTED in verdicts
    said = [e.answer for e in question.exchanges if e.manner in (Manner.ANSWER, Manner.NO_IDEA)]
    modes = [turn.heard.mode for turn in state.exchanges(item.item_id) if turn.heard]
    return Answered(
        key=f"{state.plan.interview_id}/{card.subject}",
        card=card,
        session_id=state.plan.interview_id,
        question_id=item.item_id,
        kind="interview",
        prompt=item.prompt,
        text="\n\n".join(said),
        level=level,
        score=score,
        at=state.turns[-1].at,
        duration_ms=round(1000 * question.seconds),
        is_contradicted=is_contradicted,
        # No form: the time of an answer with its follow-ups says nothing of how long a review takes.
        grade={
            "level": level.value,
            "score": round(score, 4),
            "mode": modes[-1],
            "contradicted": is_contradicted,
            "points": [
                {"text": one.point.text, "verdict": one.verdict.value, "evidence": one.evidence}
                for one in found
            ],
        },
    )
