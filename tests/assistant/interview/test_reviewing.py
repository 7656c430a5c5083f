"""What an interview gives to the reviews: a card for each group of points of which something was lost, once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assistant.grading.types import Level
from assistant.interview.machine import advance, begin
from assistant.interview.report import report
from assistant.interview.reviewing import schedule, weak_and_due
from assistant.interview.types import Phase, State
from assistant.quiz.types import PointGroup
from assistant.review.card import new_card
from assistant.store import Store
from assistant.store.reviews import Reviews
from corpus.errors import UnknownName
from corpus.types import Location, LocationKind, Topic
from tests.assistant.interview.answers import SimpleJudge
from tests.assistant.interview.plans import ADAM, BEGAN, BN, LN, plan


@dataclass(frozen=True)
class Groups:
    """Each question of a plan is a group of its own, and so are its follow-ups; the notes lack LN by now."""

    def groups(self, topic: Topic | str) -> tuple[PointGroup, ...]:
        if topic == "LN":
            raise UnknownName("there is no topic called 'LN'", "")
        (planned,) = (one for one in (ADAM, BN, LN) if one.topic == topic)
        made = Topic(str(topic), (str(topic),), Path("x.md"), Location(LocationKind.LINES, 1, 1), ())
        of_items = [PointGroup(made, item.item_id, item.points) for item in planned.items]
        deeper = [PointGroup(made, d.probe.value, d.points) for item in planned.items for d in item.deeper]
        return (*of_items, *deeper)


def held(*lines: str) -> State:
    """Return an interview in which these lines were said, and then no more."""
    state, judge = begin(plan(), BEGAN)[0], SimpleJudge()
    for n, line in enumerate((*lines, "/end")):
        state, _ = advance(state, judge.heard(state, line), BEGAN + timedelta(seconds=30 * (n + 1)))
    assert state.phase is Phase.ENDED
    return state


@pytest.fixture
def reviews(own_home: Path) -> Reviews:
    return Store(own_home).reviews


def scheduled(state: State, reviews: Reviews) -> dict[str, tuple[int, Level]]:
    schedule(state, report(state), Groups(), reviews)  # type: ignore[arg-type]
    return {entry.subject: (entry.rating, entry.level) for entry in reviews.log()}


ADAM_HALF, ADAM_WHOLE = "一阶矩和二阶矩", "一阶矩和二阶矩，偏置校正"


def test_what_was_missed_is_reviewed_and_what_was_said_is_not(reviews: Reviews) -> None:
    state = held(ADAM_HALF, "不知道", "不知道", "不知道")
    assert [q.topic for q in report(state).questions][:2] == ["Adam", "BN"]
    log = scheduled(state, reviews)
    assert log["topic:adam#adam"] == (2, Level.PARTIAL), "half of it was said: hard"
    assert log["topic:bn#bn-why"] == (1, Level.WRONG), "nothing was said: again"
    assert set(log) == {"topic:adam#adam", "topic:bn#bn-why"}


def test_a_whole_answer_leaves_no_card(reviews: Reviews) -> None:
    assert scheduled(held(ADAM_WHOLE), reviews) == {}


def test_a_contradiction_is_to_be_unlearned(reviews: Reviews) -> None:
    state = held("一阶矩和二阶矩，不是偏置校正", "一阶矩")
    assert scheduled(state, reviews)["topic:adam#adam"][0] == 1


def test_a_skipped_question_and_one_that_was_never_answered_say_nothing(reviews: Reviews) -> None:
    assert scheduled(held("/skip"), reviews) == {}


def test_a_follow_up_that_failed_is_reviewed_by_its_own_points(reviews: Reviews) -> None:
    state = held("/skip", "每个通道归一化，可以使用更大，损失曲面", "不知道", "不知道")
    assert "topic:bn#depth" in scheduled(state, reviews)


def test_scheduled_twice_it_counts_once_and_the_dates_are_the_same(reviews: Reviews) -> None:
    state = held("不知道", "不知道")
    told = report(state)
    first = schedule(state, told, Groups(), reviews)  # type: ignore[arg-type]
    assert schedule(state, told, Groups(), reviews) == first  # type: ignore[arg-type]
    assert len(reviews.log()) == 1
    (review,) = first
    assert (review.topic, review.due) == ("Adam", reviews.cards()["topic:adam#adam"].due)
    assert review.due > state.turns[-1].at


def test_notes_that_have_changed_meanwhile_are_no_obstacle(reviews: Reviews) -> None:
    whole = ("每个通道归一化，可以使用更大，损失曲面", "缩放和平移", "小批量和循环")
    state = held(ADAM_WHOLE, *whole, "不知道", "不知道")
    assert "LN" in {question.topic for question in report(state).questions}
    assert "topic:ln#ln" not in scheduled(state, reviews)


def test_what_is_weak_and_what_is_due_is_told_by_topic(reviews: Reviews) -> None:
    state = held(ADAM_HALF, "不知道", "不知道", "不知道")
    scheduled(state, reviews)
    now = BEGAN + timedelta(days=30)
    weak, due = weak_and_due(reviews, now, UTC)
    assert set(weak) == {"BN"}, "a half is no fault"
    assert due == {"Adam", "BN"}
    assert weak["BN"] == 1.0
    assert weak_and_due(reviews, BEGAN, UTC)[1] == frozenset()
    reviews.suspend(new_card("topic:adam#adam", "Adam", "adam", datetime(2026, 1, 1, tzinfo=UTC)), now)
    assert weak_and_due(reviews, now, UTC)[1] == {"BN"}
