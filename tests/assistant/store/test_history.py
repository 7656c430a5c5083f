"""Conversations come back as they went in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy.exc import StatementError
from ulid import ULID

from assistant.store import Store, StoreError, Turn
from tests.assistant.store.conftest import NOW


def turn(question: str, at: datetime = NOW) -> Turn:
    return Turn(question, f"{question} (standalone)", {"answer": question}, at)


def test_a_turn_comes_back_equal_with_everything_its_answer_held(home: Path) -> None:
    answer = {
        "status": "answered",
        "answer": "BN 归一化每个通道。\n“引用” \\ \x00 🙂",
        "citations": [{"n": 1, "lines": [3, 9], "heading_path": ["归一化", "BN"]}, {"n": 2, "lines": None}],
        "timings": {"search": 0.1 + 0.2, "big": 2**60},
        "covered": True,
    }
    asked = Turn("那它在推理时呢？", "BN 在推理时如何计算？", answer, NOW)
    session = Store(home).history.start("local", NOW)
    Store(home).history.append(session, asked)
    assert Store(home).history.turns(session) == (asked,)


def test_turns_keep_the_order_they_were_appended_in_even_when_the_clock_goes_back(home: Path) -> None:
    history = Store(home).history
    session = history.start("local", NOW)
    for minutes in (5, 0, 3):
        history.append(session, turn(f"q{minutes}", NOW + timedelta(minutes=minutes)))
    assert [t.question for t in history.turns(session)] == ["q5", "q0", "q3"]


def test_sessions_do_not_mix(home: Path) -> None:
    history = Store(home).history
    one, two = history.start("local", NOW), history.start("local", NOW)
    history.append(one, turn("a"))
    history.append(two, turn("b"))
    assert [t.question for t in history.turns(one)] == ["a"]
    assert [t.question for t in history.turns(two)] == ["b"]


def test_a_session_id_is_a_ulid_of_the_moment_it_started(home: Path) -> None:
    session = Store(home).history.start("local", NOW)
    assert ULID.from_str(session).datetime == NOW.replace(microsecond=123000)


def test_the_latest_session_is_the_one_used_last_by_that_learner(home: Path) -> None:
    history = Store(home).history
    first = history.start("local", NOW)
    second = history.start("local", NOW + timedelta(minutes=1))
    history.start("slack:T1:U1", NOW + timedelta(hours=1))
    assert history.latest("local") == second
    history.append(first, turn("again", NOW + timedelta(minutes=2)))
    assert history.latest("local") == first
    third = history.start("local", NOW + timedelta(minutes=3))
    assert history.latest("local") == third
    assert history.latest("key:nobody") is None


def test_times_come_back_in_utc_whatever_zone_they_were_given_in(home: Path) -> None:
    history = Store(home).history
    session = history.start("local", NOW)
    history.append(session, turn("q", NOW.astimezone(timezone(timedelta(hours=8)))))
    (stored,) = history.turns(session)
    assert stored.asked_at == NOW
    assert stored.asked_at.tzinfo is UTC


def test_a_time_without_a_zone_is_refused(home: Path) -> None:
    with pytest.raises(StatementError, match="needs a time zone"):
        Store(home).history.start("local", datetime(2026, 3, 1))


def test_appending_to_a_session_that_is_not_there_names_it(home: Path) -> None:
    history = Store(home).history
    history.start("local", NOW)
    with pytest.raises(StoreError, match="no chat session 'nowhere'") as caught:
        history.append("nowhere", turn("q"))
    assert caught.value.hint == "Start a new chat."
