"""The lane to the model: order, places told, leaving, patience, bounds, an end, and several processes in one line."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from api.lanes import ModelLane, Stopping, TooManyWaiting, WaitedTooLong
from assistant.llm.cancelling import check
from assistant.store import Store
from assistant.store.errors import StoreError
from assistant.store.tickets import ALIVE, Tickets


class Model:
    """Work that says its name and then waits until it is let go on; notes what was done and how many did at once."""

    def __init__(self) -> None:
        self.gates: dict[str, threading.Event] = {}
        self.began: list[str] = []
        self.ended: list[str] = []
        self.at_once = self.most_at_once = 0

    def says(self, name: str, *words: str) -> Callable[[], Generator[str, None, None]]:
        """Return work that says `words` after `go(name)`."""
        gate = self.gates[name] = threading.Event()

        def work() -> Generator[str, None, None]:
            self.began.append(name)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            try:
                while not gate.wait(0.002):
                    check()
                yield from words
            finally:
                self.at_once -= 1
                self.ended.append(name)

        return work

    def go(self, *names: str) -> None:
        for name in names:
            self.gates[name].set()


@pytest.fixture
def model() -> Iterator[Model]:
    made = Model()
    yield made
    made.go(*made.gates)  # so that no thread outlives a test that failed
    assert made.most_at_once <= 1


@pytest.fixture(params=["alone", "by tickets"])
def tickets(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Tickets] | None:
    store = Store(tmp_path / "home")
    return None if request.param == "alone" else lambda: store.tickets


async def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so, which it must be within ten seconds."""
    async with asyncio.timeout(10):
        while not is_so():
            await asyncio.sleep(0.002)


class Listener:
    """Reads a stream in a task of its own."""

    def __init__(self, stream: AsyncGenerator[str, None]) -> None:
        self.heard: list[str] = []
        self.task = asyncio.create_task(self._listen(stream))

    async def _listen(self, stream: AsyncGenerator[str, None]) -> None:
        async with aclosing(stream):
            async for said in stream:
                self.heard.append(said)

    async def leave(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


def listen(lane: ModelLane, work: Callable[[], Generator[str, None, None]]) -> Listener:
    return Listener(lane.stream(work, "{} ahead".format))


def run(test: Callable[[], Any]) -> None:
    asyncio.run(test())


def test_each_is_served_in_turn_and_told_its_place_whenever_that_changes(
    model: Model, tickets: Callable[[], Tickets] | None
) -> None:
    async def test() -> None:
        lane = ModelLane(tickets)
        first = listen(lane, model.says("a", "A", "a"))
        await until(lambda: model.began == ["a"])
        second = listen(lane, model.says("b", "B"))
        await until(lambda: second.heard == ["1 ahead"])
        third = listen(lane, model.says("c", "C"))
        await until(lambda: third.heard == ["2 ahead"])
        assert lane.waiting == 3
        model.go("a")
        await until(lambda: third.heard == ["2 ahead", "1 ahead"])
        await until(lambda: model.began == ["a", "b"])
        model.go("b", "c")
        await asyncio.gather(first.task, second.task, third.task)
        assert (first.heard, second.heard) == (["A", "a"], ["1 ahead", "B"])
        assert third.heard == ["2 ahead", "1 ahead", "C"]
        assert lane.waiting == 0
        await lane.close()

    run(test)


def test_who_waits_holds_no_thread(model: Model, tickets: Callable[[], Tickets] | None) -> None:
    async def test() -> None:
        before = set(threading.enumerate())
        lane = ModelLane(tickets)
        first = listen(lane, model.says("0"))
        await until(lambda: model.began == ["0"])
        waiting = [listen(lane, model.says(str(n), "x")) for n in range(1, 60)]
        await until(lambda: all(one.heard for one in waiting))
        assert [one.heard for one in waiting] == [[f"{n} ahead"] for n in range(1, 60)]
        # One is at the model; the default pool, which asks for the line, has some few.
        new = set(threading.enumerate()) - before
        assert sum(thread.name.startswith("model") for thread in new) == 1
        assert len(new) < 10
        for one in waiting:
            await one.leave()
        assert lane.waiting == 1
        model.go("0")
        await first.task
        await lane.close()
        assert model.began == ["0"]

    run(test)


def test_who_leaves_lets_the_others_move_up(model: Model, tickets: Callable[[], Tickets] | None) -> None:
    async def test() -> None:
        lane = ModelLane(tickets)
        listen(lane, model.says("a"))
        second, third = listen(lane, model.says("b")), listen(lane, model.says("c", "C"))
        await until(lambda: third.heard == ["2 ahead"])
        await second.leave()
        await until(lambda: third.heard == ["2 ahead", "1 ahead"])
        model.go("a", "c")
        await third.task
        await lane.close()
        assert model.began == ["a", "c"]

    run(test)


def test_what_the_model_says_is_kept_for_a_slow_reader_who_holds_nobody_up(model: Model) -> None:
    async def test() -> None:
        lane = ModelLane()
        slow = lane.stream(model.says("slow", *"abcdef"), str)
        model.go("slow")
        assert await anext(slow) == "a"
        quick = listen(lane, model.says("quick", "!"))
        model.go("quick")
        await quick.task
        assert model.ended == ["slow", "quick"]
        assert [said async for said in slow] == list("bcdef")
        await lane.close()

    run(test)


@pytest.mark.parametrize("streams", [True, False])
def test_work_whose_client_leaves_is_cancelled_and_the_next_begins(model: Model, streams: bool) -> None:
    async def test() -> None:
        lane = ModelLane()
        work = model.says("left", "never")
        left = listen(lane, work).task if streams else asyncio.create_task(lane.run(lambda: list(work())))
        await until(lambda: model.began == ["left"])
        following = listen(lane, model.says("next", "!"))
        left.cancel()
        model.go("next")
        await following.task
        assert model.ended == ["left", "next"]
        assert following.heard[-1] == "!"
        await lane.close()

    run(test)


def test_what_work_raises_reaches_who_asked_for_it_after_what_it_said() -> None:
    def failing() -> Generator[str, None, None]:
        yield "something"
        raise ZeroDivisionError

    async def test() -> None:
        lane = ModelLane()
        listener = listen(lane, failing)
        with pytest.raises(ZeroDivisionError):
            await listener.task
        assert listener.heard == ["something"]
        with pytest.raises(ZeroDivisionError):
            await lane.run(lambda: list(failing()))
        assert await lane.run(lambda: 7) == 7
        await lane.close()

    run(test)


def test_patience_ends_with_a_clear_error_and_the_place_is_free(model: Model) -> None:
    async def test() -> None:
        lane = ModelLane(patience=0.05)
        first = listen(lane, model.says("a", "A"))
        await until(lambda: model.began == ["a"])
        second = listen(lane, model.says("b"))
        with pytest.raises(WaitedTooLong, match=r"busy with other answers for 0\.05 s"):
            await second.task
        assert lane.waiting == 1
        model.go("a")
        await first.task
        assert first.heard == ["A"]
        await lane.close()

    run(test)


def test_the_line_is_bounded_over_all_processes(model: Model, tmp_path: Path) -> None:
    async def test() -> None:
        store = Store(tmp_path / "home")
        lane, other = ModelLane(lambda: store.tickets, most=2), ModelLane(lambda: store.tickets, most=2)
        first = listen(lane, model.says("a"))
        await until(lambda: model.began == ["a"])
        second = listen(other, model.says("b"))
        await until(lambda: second.heard == ["1 ahead"])
        for full in (other, lane):
            # A lane knows of the other's people after its next glance at the line.
            async with asyncio.timeout(10):
                while full._length < 2:
                    await asyncio.sleep(0.01)
            with pytest.raises(TooManyWaiting, match="2 already wait"):
                await full.run(lambda: None)
        model.go("a", "b")
        await asyncio.gather(first.task, second.task)
        await asyncio.gather(lane.close(), other.close())

    run(test)


def test_when_the_server_stops_who_waits_is_sent_away_and_who_is_served_finishes(
    model: Model, tickets: Callable[[], Tickets] | None
) -> None:
    async def test() -> None:
        lane = ModelLane(tickets)
        first = listen(lane, model.says("a", "A"))
        await until(lambda: model.began == ["a"])
        second = listen(lane, model.says("b"))
        await until(lambda: bool(second.heard))
        lane.stop()
        with pytest.raises(Stopping):
            await second.task
        with pytest.raises(Stopping):
            await lane.run(lambda: None)
        model.go("a")
        await first.task
        assert (first.heard, model.began) == (["A"], ["a"])
        await lane.close()
        if tickets:
            assert tickets().of("model", "").line(time.time()) == ()

    run(test)


def test_closing_cancels_who_is_still_served(model: Model) -> None:
    async def test() -> None:
        lane = ModelLane()
        first = listen(lane, model.says("a"))
        await until(lambda: model.began == ["a"])
        await lane.close()
        with pytest.raises(Stopping):
            await first.task
        assert model.ended == ["a"]

    run(test)


def test_processes_stand_in_one_line(model: Model, tmp_path: Path) -> None:
    async def test() -> None:
        lanes = [ModelLane(lambda: Store(tmp_path / "home").tickets) for _ in range(2)]
        listeners = []
        for number in range(6):
            listeners.append(listen(lanes[number % 2], model.says(str(number), "x")))
            await until(lambda: bool(listeners[-1].heard) if len(listeners) > 1 else bool(model.began))
        model.go(*model.gates)
        await asyncio.gather(*(one.task for one in listeners))
        assert model.began == list("012345")
        assert [one.heard[0] for one in listeners[1:]] == [f"{n} ahead" for n in range(1, 6)]
        await asyncio.gather(*(lane.close() for lane in lanes))

    run(test)


def test_the_places_of_a_killed_process_run_out(model: Model, tmp_path: Path) -> None:
    async def test() -> None:
        tickets = Store(tmp_path / "home").tickets
        killed = tickets.of("model", "killed")
        killed.exchange(time.time() + 60, arriving=1)
        lane = ModelLane(lambda: tickets)
        waiting = listen(lane, model.says("a", "A"))
        await until(lambda: waiting.heard == ["1 ahead"])
        killed.exchange(time.time() - ALIVE)  # it said so last before it was killed
        model.go("a")
        await waiting.task
        assert waiting.heard == ["1 ahead", "A"]
        await lane.close()

    run(test)


def test_a_process_whose_tickets_ran_out_while_it_slept_takes_new_ones(model: Model, tmp_path: Path) -> None:
    async def test() -> None:
        tickets = Store(tmp_path / "home").tickets
        lane = ModelLane(lambda: tickets)
        first = listen(lane, model.says("a", "A"))
        await until(lambda: model.began == ["a"])
        second = listen(lane, model.says("b", "B"))
        await until(lambda: second.heard == ["1 ahead"])
        tickets.of("model", "another").exchange(time.time() + 2 * ALIVE)  # which finds all of them dead
        assert tickets.line(0.0) == ()
        model.go("a", "b")
        await asyncio.gather(first.task, second.task)
        assert (first.heard, second.heard[-1]) == (["A"], "B")
        await lane.close()

    run(test)


def test_where_the_store_cannot_be_written_the_line_is_that_of_this_process(
    model: Model, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse() -> Tickets:
        raise StoreError("the disk is full", "")

    async def test() -> None:
        lane = ModelLane(refuse)
        first, second = listen(lane, model.says("a", "A")), listen(lane, model.says("b", "B"))
        await until(lambda: second.heard == ["1 ahead"])
        model.go("a", "b")
        await asyncio.gather(first.task, second.task)
        assert model.began == ["a", "b"]
        await lane.close()

    run(test)
    assert "the disk is full" in caplog.text
