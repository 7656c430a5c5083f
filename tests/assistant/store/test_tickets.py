"""The line for the model over all processes: order, who holds what, and what becomes of the dead."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.store import Store
from assistant.store.tickets import ALIVE, Tickets

NOW = 1_000.0


@pytest.fixture
def one(tmp_path: Path) -> Tickets:
    return Store(tmp_path).tickets.of("model", "one")


@pytest.fixture
def other(one: Tickets) -> Tickets:
    return one.of("model", "other")


def mine(tickets: Tickets, now: float = NOW) -> list[bool]:
    return [ticket.is_mine for ticket in tickets.line(now)]


def test_before_anybody_waits_the_line_is_empty_and_no_file_is_made(one: Tickets, tmp_path: Path) -> None:
    assert one.line(NOW) == ()
    assert list(tmp_path.iterdir()) == []


def test_who_comes_later_stands_further_back_whichever_process_it_waits_in(
    one: Tickets, other: Tickets
) -> None:
    one.exchange(NOW, arriving=1)
    other.exchange(NOW, arriving=2)
    line = one.exchange(NOW, arriving=1)
    assert [ticket.is_mine for ticket in line] == [True, False, False, True]
    assert [ticket.id for ticket in line] == sorted(ticket.id for ticket in line)
    assert mine(other) == [False, True, True, False]


def test_a_ticket_given_back_is_out_of_the_line_and_another_process_cannot_give_it_back(
    one: Tickets, other: Tickets
) -> None:
    [ticket] = one.exchange(NOW, arriving=1)
    assert len(other.exchange(NOW, leaving=[ticket.id])) == 1
    assert one.exchange(NOW, leaving=[ticket.id]) == ()


def test_the_tickets_of_a_process_that_says_nothing_run_out(one: Tickets, other: Tickets) -> None:
    one.exchange(NOW, arriving=2)
    assert mine(one, NOW + ALIVE) == [True, True]
    assert mine(other, NOW + ALIVE + 0.1) == []
    assert [t.is_mine for t in other.exchange(NOW + ALIVE + 0.1, arriving=1)] == [True]
    assert mine(one) == [False]  # they are gone for good


def test_a_process_that_says_it_lives_keeps_all_its_tickets(one: Tickets, other: Tickets) -> None:
    one.exchange(NOW, arriving=2)
    one.exchange(NOW + ALIVE)
    assert mine(other, NOW + 2 * ALIVE) == [False, False]


def test_lines_of_different_names_have_nothing_to_do_with_each_other(one: Tickets) -> None:
    one.exchange(NOW, arriving=1)
    assert one.of("another", "one").exchange(NOW + 2 * ALIVE, arriving=1)[0].is_mine
    assert mine(one) == [True]
