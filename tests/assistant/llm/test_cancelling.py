"""Work at a model ends when it is cancelled, also while the server says nothing, and nobody takes it for a failure."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Event

import pytest

from assistant.llm.base import ChatModel, Message, Role
from assistant.llm.cancelling import Cancellation, Cancelled, check
from assistant.llm.fake_ollama import FakeOllama, Pause, Reply, broken, say
from assistant.llm.fake_ollama.scripted_server import ScriptedServer
from assistant.llm.fake_openai import FakeOpenAI, said, stream
from assistant.llm.ollama_chat import OllamaModel
from assistant.llm.openai_chat import OpenAIModel
from assistant.llm.queueing import OneAtATime, Queue

QUESTION = (Message(Role.USER, "什么是 BN?"),)
SILENT = Reply((Pause(),))
IN_THE_MIDDLE = broken(say("一", "二"), 1, Pause())


@pytest.fixture(params=["ollama", "openai"])
def stalling(request: pytest.FixtureRequest) -> Iterator[tuple[ScriptedServer, ChatModel]]:
    """A server of either kind that says nothing at all, and a model of it."""
    if request.param == "ollama":
        with FakeOllama() as server:
            server.enqueue(SILENT)
            yield server, OllamaModel("qwen3.5:4b", host=server.host)
    else:
        with FakeOpenAI() as other:
            other.enqueue(stream(Pause()))
            yield other, OpenAIModel("tiny", base_url=other.base_url)


def cancelled_when(is_under_way: Callable[[], bool], work: Callable[[], object]) -> Future[object]:
    """Run `work` in a thread, cancel it once it `is_under_way`, and return how it ended."""
    cancellation = Cancellation()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(cancellation.run, work)
        while not is_under_way():
            time.sleep(0.002)
        cancellation.cancel()
    return running


def test_a_model_that_says_nothing_is_left_at_once(stalling: tuple[ScriptedServer, ChatModel]) -> None:
    server, model = stalling
    assert isinstance(server, FakeOllama | FakeOpenAI)
    ended = cancelled_when(lambda: bool(server.chats), lambda: list(model.stream(QUESTION)))
    assert isinstance(ended.exception(), Cancelled)
    assert server.wait_for_clients_gone()


def test_a_model_is_left_in_the_middle_of_its_answer() -> None:
    said_something = Event()

    def listen(model: OllamaModel) -> None:
        with closing(model.stream(QUESTION)) as events:
            for _ in events:
                said_something.set()

    with FakeOllama() as server:
        server.enqueue(IN_THE_MIDDLE)
        model = OllamaModel("qwen3.5:4b", host=server.host)
        ended = cancelled_when(said_something.is_set, lambda: listen(model))
        assert isinstance(ended.exception(), Cancelled)
        assert server.wait_for_clients_gone()


def test_who_waits_for_the_lock_of_another_process_is_cancelled_too(tmp_path: Path) -> None:
    shown = Event()
    lock = tmp_path / "generating.lock"
    with FakeOllama() as server:
        server.enqueue(IN_THE_MIDDLE)
        first, second = (
            OneAtATime(OllamaModel("qwen3.5:4b", host=server.host), Queue(), lock=lock) for _ in range(2)
        )
        with closing(first.stream(QUESTION)) as holding:
            next(holding)

            def wait() -> None:
                for _ in second.stream(QUESTION):
                    shown.set()

            assert isinstance(cancelled_when(shown.is_set, wait).exception(), Cancelled)


def test_what_was_cancelled_before_it_began_does_not_begin() -> None:
    cancellation, begun = Cancellation(), list[int]()
    cancellation.cancel()
    with pytest.raises(Cancelled):
        cancellation.run(lambda: begun.append(1))
    assert begun == []


def test_another_request_of_cancelled_work_is_not_sent() -> None:
    with FakeOllama() as server:
        model = OllamaModel("qwen3.5:4b", host=server.host)
        cancellation = Cancellation()

        def work() -> None:
            cancellation.cancel()
            list(model.stream(QUESTION))

        with pytest.raises(Cancelled):
            cancellation.run(work)
        assert server.chats == []


def test_outside_a_cancellation_nothing_is_cancelled() -> None:
    cancellation = Cancellation()
    cancellation.cancel()
    check()
    with FakeOllama() as server:
        server.enqueue(say("好"))
        assert list(OllamaModel("qwen3.5:4b", host=server.host).stream(QUESTION))


def test_it_ends_as_quietly_when_the_work_was_done_before() -> None:
    cancellation = Cancellation()
    with FakeOllama() as server, FakeOpenAI() as other:
        server.enqueue(say("好"))
        other.enqueue(said("好"))
        for model in (
            OllamaModel("qwen3.5:4b", host=server.host),
            OpenAIModel("tiny", base_url=other.base_url),
        ):
            assert cancellation.run(lambda model=model: len(list(model.stream(QUESTION)))) >= 2  # type: ignore[misc]
        cancellation.cancel()
