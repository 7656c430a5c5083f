"""Limits over a real socket and between workers: never more than allowed, nearly never less, and rarely a write."""

from __future__ import annotations

import asyncio
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from api.access.caller import Caller
from api.access.policy import Policy
from api.access.rates import Rates, SharedWindows, serving
from api.access.refusals import TooManyRequests
from api.app import create_app
from assistant.llm.fake_ollama import FakeOllama, say
from assistant.store import Store
from assistant.store.rates import Windows
from assistant.study import Assistant, open_assistant
from tests.api.access.serving import ASK, client_of, new_key, served
from tests.index.embedding import write_notes

NOW = 1_000_000.0


def test_the_request_over_the_limit_is_refused_and_told_when_to_come_again(
    assistant: Assistant, store: Store
) -> None:
    policy = Policy(asks_for_keys=True, rate_limit="3/minute")
    with (
        served(create_app(assistant, policy)) as address,
        client_of(address, new_key(store, "read")) as client,
    ):
        replies = [client.get("/api/v1/topics") for _ in range(4)]
        with client_of(address, new_key(store, "read")) as other:
            assert other.get("/api/v1/topics").status_code == 200
        assert client.get("/healthz").status_code == 200
    assert [reply.status_code for reply in replies] == [200, 200, 200, 429]
    assert [reply.headers["ratelimit"].partition(";t=")[0] for reply in replies[:3]] == [
        f'"all";r={left}' for left in (2, 1, 0)
    ]
    assert replies[0].headers["ratelimit-policy"] == '"all";q=3;w=60'
    assert 1 <= int(replies[3].headers["retry-after"]) <= 60
    assert replies[3].json()["detail"] == "more requests than 3 per 1 minute"


def test_the_person_at_this_machine_has_no_limit(assistant: Assistant) -> None:
    with (
        served(create_app(assistant, Policy(rate_limit="1/minute"))) as address,
        client_of(address) as client,
    ):
        replies = [client.get("/api/v1/topics") for _ in range(3)]
    assert [reply.status_code for reply in replies] == [200, 200, 200]
    assert "ratelimit" not in replies[0].headers


def test_turns_at_the_model_have_a_limit_of_their_own(tmp_path: Path) -> None:
    with FakeOllama(respond=lambda body: say("最大池化取窗口里的最大值。")) as ollama:
        asked = open_assistant(
            write_notes(tmp_path / "n"), tmp_path / "h", model="ollama:qwen3.5:4b", ollama_host=ollama.host
        )
        key = new_key(Store(asked.settings.home), "read")
        policy = Policy(asks_for_keys=True, rate_limit="100/minute", model_rate_limit="2/hour")
        with served(create_app(asked, policy)) as address, client_of(address, key) as client:
            replies = [client.post("/api/v1/ask", json=ASK) for _ in range(3)]
            assert client.get("/api/v1/topics").status_code == 200
    assert [reply.status_code for reply in replies] == [200, 200, 429]
    assert int(replies[2].headers["retry-after"]) > 60


class Counted(Windows):
    writes = 0

    def add(self, *arguments: object) -> object:  # type: ignore[override]
        self.writes += 1
        return super().add(*arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("limit", [3, 40, 500])
def test_workers_together_let_exactly_as_many_pass_as_the_limit_says(home: Path, limit: int) -> None:
    workers = [SharedWindows(Windows(Store(home)._database), lambda: NOW) for _ in range(3)]
    numbers = [workers[n % 3].incr("k", 60) for n in range(2 * limit)]
    assert len(set(numbers)) == len(numbers)
    passed = sum(number <= limit for number in numbers)
    assert 0.85 * limit <= passed <= limit
    if limit == 3:
        assert passed == limit


def test_a_window_ends_and_another_begins(home: Path) -> None:
    now = [NOW]
    storage = SharedWindows(Windows(Store(home)._database), lambda: now[0])
    assert [storage.incr("k", 60) for _ in range(3)] == [1, 2, 3]
    assert (storage.get("k"), storage.get_expiry("k")) == (3, NOW + 60)
    now[0] += 59.9
    assert storage.incr("k", 60) == 4
    now[0] += 0.2
    assert (storage.get("k"), storage.incr("k", 60)) == (0, 1)
    storage.clear("k")
    assert storage.incr("k", 60) == 1
    assert storage.reset() == 1
    assert storage.check()


def test_whoever_asks_often_writes_seldom(home: Path) -> None:
    windows = Counted(Store(home)._database)
    storage = SharedWindows(windows, lambda: NOW)
    assert [storage.incr("k", 60) for _ in range(1000)] == list(range(1, 1001))
    assert windows.writes < 60


def test_many_at_once_from_two_workers_are_counted_each(home: Path) -> None:
    def work(n: int) -> int:
        return Windows(Store(home)._database).add("k", 1, 60, NOW).count

    with ThreadPoolExecutor(4) as threads:
        counts = Counter(threads.map(work, range(40)))
    assert sorted(counts) == list(range(1, 41))


def test_windows_that_ended_are_swept(home: Path) -> None:
    windows = Windows(Store(home)._database)
    windows.add("old", 1, 60, NOW)
    windows.add("new", 1, 60, NOW + 61)
    assert windows.get("old", NOW) is None
    assert windows.get("new", NOW + 61) is not None
    assert windows.clear() == 1


async def allowed(rates: Rates, learner: str, times: int) -> int:
    passed = 0
    with serving(Caller(learner, frozenset())):
        for _ in range(times):
            try:
                await rates.take_model()
            except TooManyRequests:
                continue
            passed += 1
    return passed


@pytest.mark.parametrize(("learner", "passed"), [("local", 5), ("slack:T:U", 2), ("key:1", 2)])
def test_a_door_with_a_guard_of_its_own_says_for_whom_it_works(home: Path, learner: str, passed: int) -> None:
    store = Store(home)
    rates = Rates(lambda: store, "", "2/minute", lambda: NOW)
    assert asyncio.run(allowed(rates, learner, 5)) == passed


def test_without_limits_nothing_is_counted_or_written(home: Path) -> None:
    store = Store(home)
    assert asyncio.run(Rates(lambda: store, "", " ").take("key:1")) is None
    assert not store.path.exists()
