"""Answers and cards in the database: one transaction each, once each, and the log replays to the cards."""

from __future__ import annotations

import sqlite3
from datetime import date, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from fsrs import Rating
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.grading.types import Level
from assistant.review.card import Answered, Card, Outcome, Recorded, new_card
from assistant.review.scheduling import answered, reviewed
from assistant.store import Store
from assistant.store.reviews import Reviews
from tests.assistant.store.conftest import NOW, ask

_KEYS = count()


def fresh(name: str = "BN") -> Card:
    return new_card(f"topic:{name}#优点", name, "优点", NOW)


def give(
    reviews: Reviews, card: Card, level: Level = Level.CORRECT, days: float = 0, **rest: object
) -> Recorded:
    """Answer a question about `card` so many days after the first moment."""
    values: dict[str, object] = {
        "key": f"key {next(_KEYS)}", "card": card, "session_id": "s", "question_id": "q", "kind": "define",
        "prompt": "BN 是什么？", "text": "归一化", "level": level, "score": 0.8, "at": NOW + timedelta(days=days),
        "duration_ms": 30_000, "grade": {"form": "open"},
    }  # fmt: skip
    given = Answered(**(values | rest))  # type: ignore[arg-type]
    return reviews.record(given, partial(answered, given=given))


def replayed(reviews: Reviews, subject: str, created_at: datetime) -> Card:
    """Return what the live entries of the log make of a new card."""
    card = new_card(subject, "", "", created_at)
    for entry in reviews.log(subject):
        if entry.undone_at is None:
            card = reviewed(card, Rating(entry.rating), entry.at, is_fluent=entry.is_fluent)
    return card


def state(card: Card) -> tuple[object, ...]:
    return card.stability, card.difficulty, card.due, card.last_review, card.lapses, card.fluent_run


def test_an_answer_is_kept_with_its_card_its_review_and_its_words(home: Path) -> None:
    store = Store(home)
    grade = {"form": "open", "level": "correct"}
    recorded = give(store.reviews, fresh(), key="k", text="减均值，除以标准差", grade=grade)
    assert (recorded.outcome, recorded.rating) == (Outcome.COUNTED, Rating.Good)
    assert store.reviews.cards() == {"topic:BN#优点": recorded.card}
    assert recorded.card.due == NOW + timedelta(days=2)
    (entry,) = store.reviews.log()
    assert (entry.subject, entry.rating, entry.level, entry.at) == ("topic:BN#优点", 3, Level.CORRECT, NOW)
    (row,) = store.reviews.answers()
    assert (row["prompt"], row["answer"], row["duration_ms"]) == ("BN 是什么？", "减均值，除以标准差", 30_000)
    assert row["grade"] == {"subject": "topic:BN#优点", **grade}


def test_reading_an_empty_home_finds_nothing_and_leaves_no_trace(home: Path) -> None:
    reviews = Store(home).reviews
    assert (reviews.cards(), reviews.log(), reviews.answers(), reviews.interview()) == ({}, (), (), None)
    assert (reviews.undo(NOW), reviews.introduced_since(NOW)) == (None, 0)
    reviews.set_interview(None, NOW)
    assert not home.exists()


def test_the_same_answer_twice_counts_once(home: Path) -> None:
    reviews = Store(home).reviews
    first = give(reviews, fresh(), key="k")
    again = give(reviews, fresh(), key="k", level=Level.WRONG)
    assert (again.outcome, again.rating, again.card) == (Outcome.REPEATED, None, first.card)
    assert len(reviews.log()) == len(reviews.answers()) == 1


def test_an_answer_overtaken_by_another_keeps_its_words_and_does_not_count(home: Path) -> None:
    reviews = Store(home).reviews
    asked = fresh()
    first = give(reviews, asked)
    second = give(reviews, asked, level=Level.WRONG, days=0.001)
    assert (second.outcome, second.card) == (Outcome.OVERTAKEN, first.card)
    assert (len(reviews.log()), len(reviews.answers())) == (1, 2)
    assert reviews.answers()[0]["duration_ms"] is None


def test_an_exception_on_the_way_leaves_nothing(home: Path) -> None:
    reviews = Store(home).reviews
    before = give(reviews, fresh()).card

    def failing(card: Card) -> tuple[int, Card]:
        raise RuntimeError("half way")

    given = Answered("k2", before, "s", "q", "define", "?", "!", Level.CORRECT, 1.0, NOW, 0)
    with pytest.raises(RuntimeError, match="half way"):
        reviews.record(given, failing)
    assert reviews.cards() == {before.subject: before}
    assert len(reviews.log()) == len(reviews.answers()) == 1


def test_the_database_itself_refuses_a_second_review_under_one_key(home: Path) -> None:
    store = Store(home)
    give(store.reviews, fresh(), key="k")
    columns = (
        "card_id, answer_key, question_id, rating, level, score, help, is_fluent, duration_ms, reviewed_at"
    )
    again = f"INSERT INTO review ({columns}, before) SELECT {columns}, before FROM review"
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        ask(store.path, again)


def test_undo_restores_the_card_and_marks_the_entry(home: Path) -> None:
    reviews = Store(home).reviews
    first = give(reviews, fresh()).card
    give(reviews, first, Level.WRONG, days=3)
    undone = reviews.undo(NOW + timedelta(days=4))
    assert undone is not None
    assert (undone.level, undone.undone_at) == (Level.WRONG, NOW + timedelta(days=4))
    assert reviews.cards() == {first.subject: first}
    assert [entry.undone_at is not None for entry in reviews.log()] == [False, True]
    assert len(reviews.answers()) == 1, "an answer that was taken back tells nothing of what is weak"
    assert reviews.undo(NOW) is not None
    assert reviews.cards()[first.subject].is_new
    assert reviews.undo(NOW) is None
    assert reviews.introduced_since(NOW) == 0


def test_undo_brings_a_leech_back_and_leaves_alone_what_was_suspended_by_hand(home: Path) -> None:
    reviews = Store(home).reviews
    card = give(reviews, fresh(), Level.WRONG).card
    for day in range(1, 7):
        card = give(reviews, card, Level.WRONG, days=day).card
    assert (card.lapses, card.suspended_at) == (6, NOW + timedelta(days=6))
    reviews.undo(NOW)
    card = reviews.cards()[card.subject]
    assert (card.lapses, card.suspended_at) == (5, None)
    by_hand = reviews.suspend(card, NOW + timedelta(days=7))
    reviews.undo(NOW)
    assert reviews.cards()[card.subject].suspended_at == by_hand.suspended_at
    assert reviews.suspend(by_hand, None).suspended_at is None


def test_a_card_that_was_never_asked_can_be_suspended(home: Path) -> None:
    reviews = Store(home).reviews
    reviews.suspend(fresh(), NOW)
    assert reviews.cards() == {"topic:BN#优点": reviews.suspend(fresh(), NOW)}


def test_only_first_reviews_of_the_day_are_introduced(home: Path) -> None:
    reviews = Store(home).reviews
    card = give(reviews, fresh("old"), days=-3).card
    give(reviews, card, days=0)
    give(reviews, fresh("new"), days=0)
    assert reviews.introduced_since(NOW) == 1
    assert reviews.introduced_since(NOW - timedelta(days=9)) == 2


def test_the_interview_is_kept_replaced_and_forgotten(home: Path) -> None:
    reviews = Store(home).reviews
    reviews.set_interview(date(2026, 4, 1), NOW)
    reviews.set_interview(date(2026, 5, 1), NOW)
    assert reviews.interview() == (date(2026, 5, 1), NOW)
    reviews.set_interview(None, NOW)
    assert reviews.interview() is None


def test_learners_neither_see_nor_undo_nor_overtake_each_other(home: Path) -> None:
    store = Store(home)
    mine, hers = store.reviews, store.reviews.of("key:a")
    give(mine, fresh(), key="k")
    assert give(hers, fresh(), Level.WRONG, key="k").outcome is Outcome.COUNTED
    hers.set_interview(date(2026, 4, 1), NOW)
    assert mine.interview() is None
    assert [entry.level for entry in mine.log()] == [Level.CORRECT]
    assert mine.undo(NOW) is not None
    assert mine.undo(NOW) is None
    assert [entry.undone_at for entry in hers.log()] == [None]
    assert hers.answers()[0]["duration_ms"] == 30_000


def test_forgetting_a_learner_takes_cards_reviews_answers_and_the_date(home: Path) -> None:
    store = Store(home)
    for learner in ("local", "key:a"):
        reviews = store.reviews.of(learner)
        give(reviews, fresh())
        reviews.set_interview(date(2026, 4, 1), NOW)
    store.forget("local")
    for table in ("card", "review", "answer", "interview_date"):
        assert ask(store.path, f"SELECT count(*) FROM {table}") == [(1,)], table
    assert store.reviews.of("key:a").cards()
    assert store.reviews.cards() == {}


#: What may happen: an answer to a card (level, hours later), an undo, a suspension on or off.
DOINGS = st.lists(
    st.one_of(
        st.tuples(
            st.just("answer"), st.sampled_from(["BN", "LN"]), st.sampled_from(list(Level)), st.booleans()
        ),
        st.tuples(st.just("stale"), st.sampled_from(["BN", "LN"])),
        st.tuples(st.just("undo")),
        st.tuples(st.just("suspend"), st.sampled_from(["BN", "LN"])),
        st.tuples(st.just("unsuspend"), st.sampled_from(["BN", "LN"])),
    ),
    max_size=10,
)


@settings(max_examples=12)
@given(DOINGS, st.lists(st.integers(-5, 400), min_size=10, max_size=10))
def test_whatever_happens_the_cards_are_what_the_log_replays_to(
    doings: list[tuple[object, ...]], hours: list[int]
) -> None:
    with TemporaryDirectory() as folder:
        reviews = Store(Path(folder)).reviews
        now, live, counted = NOW, 0, 0
        for doing, passed in zip(doings, hours, strict=False):
            now += timedelta(hours=passed)  # it may go back
            match doing:
                case ("answer", str(name), Level() as level, bool(is_fluent)):
                    card = reviews.cards().get(fresh(name).subject, fresh(name))
                    fluent = is_fluent and level is Level.CORRECT
                    recorded = give(reviews, card, level, at=now, is_fluent=fluent)
                    assert recorded.outcome is Outcome.COUNTED
                    live, counted = live + 1, counted + 1
                case ("stale", str(name)) if (
                    reviews.cards().get(fresh(name).subject, fresh(name)).last_review
                ):
                    assert give(reviews, fresh(name), at=now).outcome is Outcome.OVERTAKEN
                case ("undo",):
                    live -= reviews.undo(now) is not None
                case ("suspend" | "unsuspend" as which, str(name)):
                    reviews.suspend(fresh(name), now if which == "suspend" else None)
        for subject, card in reviews.cards().items():
            assert state(card) == state(replayed(reviews, subject, card.created_at))
        assert (live, counted) == (sum(e.undone_at is None for e in reviews.log()), len(reviews.log()))
