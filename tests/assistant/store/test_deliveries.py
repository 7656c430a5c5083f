"""Deliveries: each is worked on once, over threads and processes, and what a dead process left is found once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from assistant.store import Store
from assistant.store.deliveries import KEPT, LEASE, Deliveries
from tests.assistant.store.conftest import NOW

PLACE = {"channel": "C1", "thread": "1.1"}


@pytest.fixture
def deliveries(home: Path) -> Deliveries:
    return Store(home).deliveries


def test_a_delivery_is_new_once(deliveries: Deliveries) -> None:
    assert [deliveries.claim(["a"], PLACE, NOW) for _ in range(3)] == [True, False, False]


def test_a_delivery_is_known_by_any_of_its_names(deliveries: Deliveries) -> None:
    assert deliveries.claim(["event 1", "message"], PLACE, NOW)
    assert not deliveries.claim(["event 2", "message"], PLACE, NOW)
    assert not deliveries.claim(["event 2", "another"], PLACE, NOW)
    deliveries.finish("event 1")
    assert deliveries.take_lost(NOW + 2 * LEASE) == ()  # the second name is not worked on


def test_of_many_who_claim_at_once_one_gets_it(home: Path) -> None:
    Store(home).deliveries.sweep(NOW)
    with ThreadPoolExecutor(8) as threads:
        # Every one with a store of its own, as processes have.
        won = list(threads.map(lambda n: Store(home).deliveries.claim([f"{n % 5}"], PLACE, NOW), range(40)))
    assert sum(won) == 5


def test_what_its_process_left_is_given_to_one_caller_once(deliveries: Deliveries) -> None:
    deliveries.claim(["a"], PLACE, NOW)
    assert deliveries.take_lost(NOW + LEASE) == ()
    later = NOW + LEASE + timedelta(seconds=1)
    assert list(deliveries.take_lost(later)) == [PLACE]
    assert deliveries.take_lost(later) == ()
    assert not deliveries.claim(["a"], PLACE, later)


def test_what_is_renewed_or_finished_is_not_lost(deliveries: Deliveries) -> None:
    for key in "abc":
        deliveries.claim([key], PLACE | {"thread": key}, NOW)
    deliveries.renew(["a"], NOW + LEASE)
    deliveries.finish("b")
    deliveries.renew(["b"], NOW + LEASE)  # too late a sign of life wakes nothing
    lost = deliveries.take_lost(NOW + LEASE + timedelta(seconds=1))
    assert [place["thread"] for place in lost] == ["c"]
    assert [place["thread"] for place in deliveries.take_lost(NOW + 3 * LEASE)] == ["a"]


def test_a_sweep_forgets_what_nobody_sends_again_and_keeps_what_is_worked_on(deliveries: Deliveries) -> None:
    deliveries.claim(["done"], PLACE, NOW)
    deliveries.finish("done")
    deliveries.claim(["open"], PLACE, NOW)
    assert timedelta(minutes=11) < KEPT
    deliveries.sweep(NOW + KEPT)
    assert not deliveries.claim(["done"], PLACE, NOW)
    deliveries.sweep(NOW + KEPT + timedelta(seconds=1))
    assert deliveries.claim(["done"], PLACE, NOW)
    assert not deliveries.claim(["open"], PLACE, NOW)


def test_asking_what_is_lost_makes_no_database(home: Path) -> None:
    deliveries = Store(home).deliveries
    assert deliveries.take_lost(NOW) == ()
    deliveries.sweep(NOW)
    deliveries.renew([], NOW)
    assert not (home / "study.db").exists()
