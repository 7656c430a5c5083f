"""One generation at a time: who waits is told for what, and nobody waits for ever."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.llm.base import (
    Content,
    Finished,
    Loadable,
    ModelBusy,
    ModelEvent,
    ModelTimeout,
    WaitFor,
    Waiting,
    Window,
    Windowed,
)
from assistant.llm.fake_ollama import FakeOllama, Pause, broken, say
from assistant.llm.queueing import OneAtATime, Queue, queue_of
from tests.assistant.llm.asking import PATIENT, QUESTION, model_of, texts

STALLING = broken(say("一", "二"), 1, Pause())
READING, LOADING = Waiting(WaitFor.FIRST_WORD), Waiting(WaitFor.LOADING)


def queued(server: FakeOllama, queue: Queue, lock: Path | None = None, patience: float = 30.0) -> OneAtATime:
    return OneAtATime(model_of(server), queue, lock=lock, patience=patience)


def test_after_an_answer_the_model_is_known_to_be_loaded(server: FakeOllama) -> None:
    server.enqueue(say("一"), say("二"))
    model = queued(server, Queue())
    assert list(model.stream(QUESTION))[:2] == [LOADING, Content("一")]
    asked = [request.path for request in server.requests]
    assert list(model.stream(QUESTION))[:2] == [READING, Content("二")]
    assert [request.path for request in server.requests] == [*asked, "/api/chat"]  # /api/ps was asked once


def test_preloading_makes_it_ready(server: FakeOllama) -> None:
    model = queued(server, Queue())
    assert not model.is_loaded()
    model.preload()
    assert model.is_loaded()
    assert isinstance(model, Loadable)
    assert isinstance(model, Windowed)
    assert model.window == Window(PATIENT.num_ctx, PATIENT.num_predict)


def test_who_comes_second_is_told_how_many_go_first_and_then_answered(server: FakeOllama) -> None:
    server.enqueue(STALLING, say("又一个"))
    queue = Queue()
    first = queued(server, queue).stream(QUESTION)
    assert [next(first), next(first)] == [LOADING, Content("一")]
    second = queued(server, queue).stream(QUESTION)
    assert next(second) == Waiting(WaitFor.TURN, 1)
    with ThreadPoolExecutor(1) as thread:
        rest = thread.submit(list, second)
        time.sleep(0.1)
        assert not rest.done()
        assert len(server.chats) == 1  # nothing is sent before its turn
        first.close()
        assert texts(rest.result(30)) == ["又一个"]


def test_three_are_served_in_the_order_they_came(server: FakeOllama) -> None:
    queue, done = Queue(), list[int]()
    server.enqueue(*(say(str(n)) for n in range(3)))
    first = queued(server, queue).stream(QUESTION)
    next(first)

    def read(number: int, stream: Iterator[ModelEvent]) -> None:
        list(stream)
        done.append(number)

    others = [queued(server, queue).stream(QUESTION) for _ in range(2)]
    assert [next(other) for other in others] == [Waiting(WaitFor.TURN, 1), Waiting(WaitFor.TURN, 2)]
    with ThreadPoolExecutor(2) as threads:
        running = [threads.submit(read, n, other) for n, other in reversed(list(enumerate(others, 1)))]
        list(first)
        for task in running:
            task.result(30)
    assert done == [1, 2]


def test_who_waits_for_the_loading_is_told_that_and_not_to_queue(server: FakeOllama) -> None:
    queue = Queue()
    loading = queue.enter(loading=True)
    stream = queued(server, queue).stream(QUESTION)
    assert next(stream) == LOADING
    queue.leave(loading)
    server.enqueue(say("一"))
    assert texts(list(stream)) == ["一"]


def test_patience_ends_with_a_word(server: FakeOllama) -> None:
    queue = Queue()
    queue.enter()
    with pytest.raises(ModelBusy, match=r"still writing another answer after 0\.2 s") as caught:
        list(queued(server, queue, patience=0.2).stream(QUESTION))
    assert caught.value.hint


@pytest.mark.parametrize("leaves", ["closing", "failing"])
def test_however_one_leaves_the_next_is_served(server: FakeOllama, leaves: str) -> None:
    queue = Queue()
    server.enqueue(STALLING, say("又一个"))
    options = replace(PATIENT, idle_timeout=0.2)
    stream = OneAtATime(model_of(server, options), queue).stream(QUESTION)
    if leaves == "closing":
        assert next(stream) == LOADING
        assert next(stream) == Content("一")
        stream.close()
    else:
        with pytest.raises(ModelTimeout):
            list(stream)
    assert texts(list(queued(server, queue, patience=1).stream(QUESTION))) == ["又一个"]


def _hold(host: str, lock: Path, held: object, release: object) -> None:
    from multiprocessing.synchronize import Event

    from assistant.llm.ollama_chat import OllamaModel

    assert isinstance(held, Event)
    assert isinstance(release, Event)
    stream = OneAtATime(OllamaModel("qwen3.5:4b", host=host), Queue(), lock=lock).stream(QUESTION)
    next(stream), next(stream)
    held.set()
    release.wait(60)
    stream.close()


def test_processes_take_turns_too(server: FakeOllama, tmp_path: Path) -> None:
    lock = tmp_path / "home" / "generating.lock"
    server.enqueue(STALLING, say("又一个"))
    spawn = multiprocessing.get_context("spawn")
    held, release = spawn.Event(), spawn.Event()
    other = spawn.Process(target=_hold, args=(server.host, lock, held, release))
    other.start()
    assert held.wait(60)
    stream = queued(server, Queue(), lock=lock).stream(QUESTION)
    assert next(stream) == Waiting(WaitFor.TURN, 1)
    release.set()
    events: Sequence[ModelEvent] = list(stream)
    assert texts(events) == ["又一个"]
    assert isinstance(events[-1], Finished)
    other.join(60)
    assert other.exitcode == 0


def test_a_folder_that_cannot_be_written_is_no_reason_not_to_answer(
    server: FakeOllama, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    server.enqueue(say("一"))
    model = queued(server, Queue(), lock=tmp_path / "file" / "generating.lock")
    assert texts(list(model.stream(QUESTION))) == ["一"]


def test_there_is_one_queue_a_server() -> None:
    assert queue_of("http://a:1") is queue_of("http://a:1")
    assert queue_of("http://a:1") is not queue_of("http://b:1")
