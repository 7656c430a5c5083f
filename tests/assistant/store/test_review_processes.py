"""Two terminals at once, and terminals that are killed: no review is lost and none counts twice."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from assistant.store import Store
from tests.assistant.store.conftest import ask
from tests.assistant.store.processes import go, waiting

# Answers card after card. With "same" all processes answer the same ones, as they were before any was answered.
ANSWERER = """
import sys
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import count, islice
from pathlib import Path
import alembic.command, filelock, fsrs, ulid
import assistant.store.database
from assistant.grading.types import Level
from assistant.review.card import Answered, Card, new_card
from assistant.review.scheduling import answered
from assistant.store import Store

home, name, limit, resend = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4] == "resend"
print("ready", flush=True)
sys.stdin.readline()
reviews = Store(home).reviews
for n in islice(count(), limit):
    now = datetime.now(UTC)
    card = new_card(f"topic:{n % 50}#优点", "BN", "优点", now)
    if name != "same":
        card = reviews.cards().get(card.subject, card)
    key = f"{name} {n}" if name != "same" else f"{id(reviews)} {now.isoformat()}"
    given = Answered(key, card, "s", "q", "define", "?", "字" * 500, Level.CORRECT, 1.0, now, 1000)
    for _ in range(1 + resend):
        outcome = reviews.record(given, partial(answered, given=given)).outcome
    print(outcome.value if name == "same" else key, flush=True)
"""


def answerer(home: Path, name: str, limit: int, *, resend: bool = False) -> subprocess.Popen[str]:
    return waiting(ANSWERER, str(home), name, str(limit), "resend" if resend else "once")


def test_two_terminals_that_answer_the_same_cards_count_each_once(home: Path) -> None:
    cards = 12
    both = [answerer(home, "same", cards) for _ in range(2)]
    for process in both:
        go(process)
    told: list[str] = []
    for process in both:
        output, errors = process.communicate(timeout=120)
        assert (process.returncode, errors) == (0, "")
        told += output.split()
    assert sorted(told) == ["counted"] * cards + ["overtaken"] * cards
    store = Store(home)
    assert len(store.reviews.log()) == len(store.reviews.cards()) == cards
    assert len(store.reviews.answers(100)) == 2 * cards, "the words of both are kept"


def kill_answerers(home: Path, kills: int, *, longest: float) -> list[str]:
    """Kill terminals in the middle of answering and return the answers that were acknowledged."""
    moments = random.Random(20260301)
    acknowledged: list[str] = []
    for n in range(kills):
        process = answerer(home, f"run {n}", sys.maxsize, resend=bool(n % 2))
        go(process)
        time.sleep(moments.uniform(0.0, longest))
        process.kill()
        output, errors = process.communicate()
        assert errors == ""
        acknowledged += output.split("\n")[:-1]  # a line that the kill cut short was not acknowledged
    return acknowledged


def check(home: Path, acknowledged: list[str], in_flight: int) -> None:
    """Assert that every acknowledged answer is there, and at most `in_flight` others, each of them once."""
    path = Store(home).path
    assert ask(path, "PRAGMA integrity_check") == [("ok",)]
    reviewed = [str(key) for (key,) in ask(path, "SELECT answer_key FROM review")]
    answered = [str(key) for (key,) in ask(path, "SELECT answer_key FROM answer")]
    assert len(reviewed) == len(set(reviewed)), "none counts twice"
    assert sorted(reviewed) == sorted(answered), "a review and its words are there together or not at all"
    assert set(acknowledged) <= set(reviewed), "none is lost"
    assert len(reviewed) <= len(acknowledged) + in_flight


def test_after_ten_kills_no_acknowledged_review_is_lost_and_none_is_double(home: Path) -> None:
    acknowledged = kill_answerers(home, 10, longest=0.25)
    assert len(acknowledged) > 10, "the terminals were killed before they had answered anything"
    check(home, acknowledged, in_flight=10)


@pytest.mark.soak
def test_after_a_hundred_kills_among_ten_thousand_answers_none_is_lost_and_none_double(home: Path) -> None:
    acknowledged = kill_answerers(home, 100, longest=1.0)
    rest = answerer(home, "rest", max(0, 10_000 - len(acknowledged)))
    output, errors = rest.communicate("\n", timeout=3600)
    assert (rest.returncode, errors) == (0, "")
    acknowledged += output.split("\n")[:-1]
    assert len(acknowledged) >= 10_000
    check(home, acknowledged, in_flight=100)
