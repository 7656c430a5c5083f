"""Whole conversations with a model that misbehaves in any order: what must hold for each, whatever happened before."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.answering.prompting import MAX_PASSAGES
from assistant.events import Answer, Turn
from assistant.llm.fake_ollama import FakeOllama, Reply, call, say
from assistant.llm.fake_ollama.scenarios import MODEL, scenarios
from assistant.study import open_assistant, turn_of
from tests.assistant.answering.conftest import ENGLISH, NOTES

QUESTIONS = (
    "dropout 为什么能抑制过拟合?",
    "它推理时还丢弃吗?",
    "批归一化在训练时做什么?",
    "那推理时呢?",
    "池化怎么反向传播?",
    "What is weight decay?",
    "Why does AdamW decouple it?",
    "3 层 3x3 卷积的感受野是多少?",
    "法国的首都是哪里?",
)
GOOD = say("要点在笔记里 [1]，", "还有 [2][9]。")
LONG = say("很长的回答 [1]。" * 60)
SCRIPTS: tuple[tuple[Reply, ...], ...] = (
    (GOOD,),
    (LONG,),
    (say(calls=[call("pooling", {"kernel": n}, f"call_{n}") for n in (2, 2, 3)]), GOOD),
    *(scenario.replies for scenario in scenarios() if scenario.replies and not scenario.server),
)


@dataclass(frozen=True, slots=True)
class Conversation:
    """Questions with what the server does about each, in one window."""

    num_ctx: int
    density: float
    think: bool
    turns: tuple[tuple[str, tuple[Reply, ...]], ...]


CONVERSATIONS = st.builds(
    Conversation,
    num_ctx=st.sampled_from([2048, 4096, 8192]),
    density=st.floats(0.5, 1.1),
    think=st.booleans(),
    turns=st.lists(
        st.tuples(st.sampled_from(QUESTIONS), st.sampled_from(SCRIPTS)), min_size=2, max_size=14
    ).map(tuple),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The notes of the other tests and a home beside them, kept for all conversations."""
    folder = tmp_path_factory.mktemp("conversations")
    (folder / "notes").mkdir()
    (folder / "notes" / "a.md").write_text(NOTES, "utf-8")
    (folder / "notes" / "b.md").write_text(ENGLISH, "utf-8")
    return folder


def hold(folder: Path, conversation: Conversation) -> None:
    """Hold `conversation` and assert what must be true of it."""
    script: deque[Reply] = deque()

    def respond(body: Mapping[str, Any]) -> Reply:
        return script.popleft() if script else GOOD

    with FakeOllama(respond=respond, density=conversation.density) as server:
        assistant = open_assistant(
            folder / "notes",
            folder / "home",
            model=f"ollama:{MODEL}",
            ollama_host=server.host,
            num_ctx=str(conversation.num_ctx),
            think="on" if conversation.think else "off",
            timeout="1",
            idle_timeout="1",
        )
        history: list[Turn] = []
        openings: list[Mapping[str, Any]] = []
        for question, replies in conversation.turns:
            script.clear()
            script.extend(replies)
            before = len(server.chats)
            answer = assistant.ask(question, history)
            history.append(turn_of(answer))
            asked = server.chats[before:]
            check_answer(answer, asked)
            check_rounds(asked)
            openings += asked[:1]
        check_turns(openings)
        assert server.overruns == []
        assert server.reloads == 0
    # leaving the server asserts that no request broke its contract


def check_answer(answer: Answer, asked: Sequence[Mapping[str, Any]]) -> None:
    """No citation that was not given, no call that ran twice, always something said."""
    assert answer.text
    assert "[9]" not in answer.text
    if answer.mode != "notes":
        given_passages = asked[-1]["messages"]
        prompt = next(m["content"] for m in reversed(given_passages) if m["role"] == "user")
        for citation in answer.citations:
            assert 1 <= citation.n <= MAX_PASSAGES
            heading = f"[{citation.n}] {' > '.join(citation.heading_path)}\n{citation.quote[:40]}"
            assert heading in prompt
    made = [json.dumps([tool.name, tool.arguments], sort_keys=True) for tool in answer.tools]
    assert len(set(made)) == len(made)


def check_rounds(asked: Sequence[Mapping[str, Any]]) -> None:
    """Within a turn the conversation only grows, unless it was made shorter after the server refused it."""
    for one, other in pairwise(asked):
        grows = other["messages"][: len(one["messages"])] == one["messages"]
        assert grows or len(other["messages"]) <= len(one["messages"])


def check_turns(openings: Sequence[Mapping[str, Any]]) -> None:
    """From turn to turn the rules never change, and earlier turns only where some had to go."""
    for one, other in pairwise(openings):
        assert other["messages"][0] == one["messages"][0]
        kept = other["messages"][: len(one["messages"]) - 1] == one["messages"][:-1]
        shorter = recalled(other) > recalled(one) or len(other["messages"]) <= len(one["messages"])
        assert kept or shorter or recalled(one), (one, other)


def recalled(body: Mapping[str, Any]) -> int:
    """How many questions the prompt only recalls, because their turns had to go."""
    first = body["messages"][1]["content"]
    return first.count("\n- ") if first.startswith("Earlier in this conversation") else 0


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(conversation=CONVERSATIONS)
def test_what_must_hold_holds_in_twelve_conversations(folder: Path, conversation: Conversation) -> None:
    hold(folder, conversation)


@pytest.mark.soak
@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(conversation=CONVERSATIONS)
def test_what_must_hold_holds_in_two_hundred_conversations(folder: Path, conversation: Conversation) -> None:
    hold(folder, conversation)


@pytest.mark.parametrize(("num_ctx", "most_breaks"), [(4096, 7), (8192, 7)])
def test_a_long_conversation_reads_its_history_anew_only_in_big_steps(
    folder: Path, num_ctx: int, most_breaks: int
) -> None:
    with FakeOllama(respond=lambda body: LONG) as server:
        assistant = open_assistant(
            folder / "notes",
            folder / "home",
            model=f"ollama:{MODEL}",
            ollama_host=server.host,
            num_ctx=str(num_ctx),
        )
        history: list[Turn] = []
        for turn in range(30):
            history.append(turn_of(assistant.ask(QUESTIONS[turn % 4], history)))
        assert server.overruns == []
        openings = server.chats
        broken = sum(
            other["messages"][: len(one["messages"]) - 1] != one["messages"][:-1]
            for one, other in pairwise(openings)
        )
        assert len(openings) == 30
        assert 1 <= broken <= most_breaks
