"""How a topic stands, told by its cards and answers: every standing, their order, and what undoes a contradiction."""

from __future__ import annotations

from dataclasses import replace

import fsrs
import pytest

from assistant.grading.types import Level
from assistant.progress.standing import Given, Standing, TopicStanding, standing_contradictions, standings
from assistant.review.card import Card
from assistant.review.session import Subject
from tests.assistant.review.making import NOON, at, card, subject

_RIGHT, _WRONG = Level.CORRECT, Level.WRONG


def given(topic: str, level: Level = _RIGHT, *, day: float = -5, contradicted: bool = False) -> Given:
    score = {Level.CORRECT: 1.0, Level.PARTIAL: 0.6, Level.WRONG: 0.0}[level]
    return Given(subject(topic).key, topic, at(day), level, score, contradicted)


def told(
    *cards: Card,
    answers: tuple[Given, ...] = (),
    gaps: dict[str, int] | None = None,
    unseen: tuple[str, ...] = (),
) -> list[TopicStanding]:
    subjects = [subject(topic) for topic in unseen] + [
        Subject(one.subject, one.topic, one.group) for one in cards
    ]
    return list(standings(subjects, {one.subject: one for one in cards}, answers, gaps or {}, NOON))


@pytest.mark.parametrize(
    ("one", "answers", "expected"),
    [
        (card("BN", due=3, seen=-5, stability=8.0), (given("BN"),), Standing.STRONG),
        (card("BN", due=3, seen=-5, stability=6.9), (given("BN"),), Standing.LEARNING),
        (card("BN", due=0, stability=8.0), (given("BN"),), Standing.DUE),
        (card("BN", due=3, seen=-5, stability=8.0), (given("BN", _WRONG),), Standing.WEAK),
        (card("BN", due=0), (given("BN", _WRONG), given("BN")), Standing.DUE),
        (card("BN", due=3, seen=-5, stability=8.0), (given("BN", Level.PARTIAL),), Standing.STRONG),
        (card("BN", due=3, seen=-5), (given("BN", contradicted=True),), Standing.WEAK),
        (card("BN", due=3, seen=-5), (given("BN", contradicted=True),) * 2, Standing.CONTRADICTED),
        (replace(card("BN", due=-1), suspended_at=NOON), (given("BN", _WRONG),), Standing.SUSPENDED),
    ],
)
def test_a_topic_stands_as_its_card_and_its_latest_answers_say(
    one: Card, answers: tuple[Given, ...], expected: Standing
) -> None:
    (topic,) = told(one, answers=answers)
    assert topic.standing is expected
    assert topic.answers == len(answers)


def test_strong_takes_every_group_and_what_was_never_asked_keeps_it_from_being_so() -> None:
    known = card("BN", due=9, seen=-1, stability=30.0)
    other = Subject("topic:BN#缺点", "BN", "缺点")
    (topic,) = standings([subject("BN"), other], {known.subject: known}, [given("BN")], {}, NOON)
    assert (topic.standing, topic.met, len(topic.subjects)) == (Standing.LEARNING, 1, 2)


def test_what_is_to_be_done_first_stands_first() -> None:
    cards = (
        card("strong late", due=9, seen=-1, stability=30.0),
        card("strong soon", due=4, seen=-1, stability=30.0),
        card("due", due=-1),
        card("nearly forgotten", due=-30, stability=2.0),
        card("weak", due=3, seen=-5),
        card("twice", due=3, seen=-5),
    )
    answers = (given("weak", _WRONG), *(given("twice", contradicted=True),) * 2)
    found = told(*cards, answers=answers, gaps={"gap here：": 2}, unseen=("never", "gap here"))
    assert [topic.topic for topic in found] == [
        "twice", "weak", "nearly forgotten", "due", "gap here", "never", "strong soon", "strong late",
    ]  # fmt: skip
    assert [topic.gaps for topic in found if topic.gaps] == [2]


def test_recall_is_that_of_the_fsrs_package_averaged_over_what_was_asked() -> None:
    first, second = card("BN", due=3, seen=-5), card("BN", "缺点", due=3, seen=-20, stability=40.0)
    (topic,) = told(first, second, answers=(given("BN"),))
    scheduler = fsrs.Scheduler(
        desired_retention=0.9, learning_steps=(), relearning_steps=(), enable_fuzzing=False
    )
    expected = [
        scheduler.get_card_retrievability(
            fsrs.Card(
                card_id=1, state=fsrs.State.Review, stability=one.stability, difficulty=5.0, due=one.due,
                last_review=one.last_review,
            ),
            NOON,
        )
        for one in (first, second)
    ]  # fmt: skip
    assert topic.recall == pytest.approx(sum(expected) / 2)
    assert (topic.last_seen, topic.next_due) == (at(-5), at(3).date())


@pytest.mark.parametrize(
    ("sequence", "standing"),
    [("", 0), ("c", 1), ("cc", 2), ("c+c", 2), ("cc++", 0), ("cc+-+", 2), ("c++c", 1), ("cc+c++", 0)],
)
def test_two_right_answers_in_a_row_undo_what_was_said_the_wrong_way_round(
    sequence: str, standing: int
) -> None:
    made = {"c": given("BN", _WRONG, contradicted=True), "+": given("BN"), "-": given("BN", _WRONG)}
    assert standing_contradictions(made[mark] for mark in sequence) == standing


def test_what_is_suspended_decides_nothing_and_is_still_shown_as_something_to_read_again() -> None:
    known = card("BN", due=9, seen=-1, stability=30.0)
    leech = replace(card("BN", "缺点", due=-1), suspended_at=NOON)
    said = Given(leech.subject, "BN", at(-5), _WRONG, 0.0, True)
    subjects = [Subject(one.subject, one.topic, one.group) for one in (known, leech)]
    cards = {one.subject: one for one in (known, leech)}
    (topic,) = standings(subjects, cards, [given("BN"), said, said], {}, NOON)
    assert (topic.standing, topic.contradictions) == (Standing.STRONG, 0)
    assert [part.is_shaky for part in topic.subjects] == [False, True]
