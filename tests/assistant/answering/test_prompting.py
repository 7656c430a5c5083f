"""What goes into a prompt, what has to stay out, and what stays the same from turn to turn."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.budget import Budget
from assistant.answering.prompting import HISTORY_SHARES, MAX_PASSAGES, TOOL_SHARE, compose, kept_from
from assistant.answering.types import Request
from assistant.events import Turn
from assistant.language import Language
from assistant.llm.base import ContextOverflow, Role, ToolSchema, Window
from assistant.study import Assistant

QUESTION = "dropout 为什么能抑制过拟合?"
TOOL = ToolSchema("pooling", "Pool.", {"type": "object", "properties": {}})


def request(assistant: Assistant, history: tuple[Turn, ...] = (), question: str = QUESTION) -> Request:
    return Request(question, question, Language.ZH, assistant.library.search(question[:200], 5), history)


def turns(count: int, length: int = 60) -> tuple[Turn, ...]:
    return tuple(Turn(f"问题{n}?", f"问题{n}?", f"答{n}" + "好" * length) for n in range(count))


def budget(num_ctx: int, num_predict: int = 256) -> Budget:
    return Budget(Window(num_ctx, num_predict))


def test_rules_come_first_then_the_conversation_then_the_passages_with_the_question(
    assistant: Assistant,
) -> None:
    prompt = compose(request(assistant, turns(2, 3)), budget(8192))
    assert [m.role for m in prompt.messages] == [Role.SYSTEM, *[Role.USER, Role.ASSISTANT] * 2, Role.USER]
    assert [m.content for m in prompt.messages[1:5]] == ["问题0?", "答0好好好", "问题1?", "答1好好好"]
    assert 1 < len(prompt.passages) <= MAX_PASSAGES
    for number, passage in enumerate(prompt.passages, start=1):
        assert f"[{number}] {' > '.join(passage.heading_path)}\n{passage.text}" in prompt.messages[-1].content
    assert prompt.messages[-1].content.endswith(f"Question: {QUESTION}")
    assert (prompt.passages_left_out, prompt.turns_left_out, prompt.is_cut) == (0, 0, False)


def test_in_a_smaller_window_there_are_fewer_passages_and_the_best_ones_stay(assistant: Assistant) -> None:
    asked = request(assistant)
    prompts = [compose(asked, budget(num_ctx)) for num_ctx in range(860, 1200, 10)]
    counts = [len(prompt.passages) for prompt in prompts]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]
    for prompt in prompts:
        assert prompt.passages == prompts[-1].passages[: len(prompt.passages)]
        assert prompt.passages_left_out == counts[-1] - len(prompt.passages)


@given(
    num_ctx=st.integers(1200, 9000),
    count=st.integers(0, 60),
    length=st.integers(0, 900),
    with_tool=st.booleans(),
)
def test_whatever_the_conversation_the_prompt_fits(
    assistant_once: Assistant, num_ctx: int, count: int, length: int, with_tool: bool
) -> None:
    reckoned, tools = budget(num_ctx), [TOOL] * with_tool
    try:
        prompt = compose(request(assistant_once, turns(count, length)), reckoned, tools)
    except ContextOverflow:
        assert num_ctx < 1600
        return
    assert reckoned.room(prompt.messages, tools) >= 0
    assert prompt.passages


@pytest.fixture(scope="module")
def assistant_once(tmp_path_factory: Any) -> Assistant:
    from assistant.study import open_assistant
    from tests.assistant.answering.conftest import NOTES

    folder = tmp_path_factory.mktemp("prompting")
    (folder / "notes.md").write_text(NOTES, "utf-8")
    return open_assistant(folder / "notes.md", folder / "home")


def test_room_is_kept_for_the_results_of_tools(assistant: Assistant) -> None:
    for num_ctx in (2048, 4096):
        reckoned = budget(num_ctx)
        prompt = compose(request(assistant, turns(40)), reckoned, [TOOL])
        assert reckoned.room(prompt.messages, [TOOL]) >= round(TOOL_SHARE * reckoned.window.prompt)


def test_turns_that_no_longer_fit_leave_their_questions_behind(assistant: Assistant) -> None:
    prompt = compose(request(assistant, turns(30)), budget(2048))
    assert 0 < prompt.turns_left_out < 30
    recalled, first = prompt.messages[1].content, prompt.messages[3].content
    assert recalled.startswith("Earlier in this conversation I also asked:\n")
    assert recalled.endswith(f"- 问题{prompt.turns_left_out - 1}?")
    assert first == f"问题{prompt.turns_left_out}?"


def test_a_passage_that_does_not_fit_is_cut_and_that_is_known(assistant: Assistant) -> None:
    asked = request(assistant)
    hit = asked.found.hits[0]
    long = replace(hit.passage, text="很长。" * 900)
    found = replace(
        asked.found, hits=(replace(hit, passage=long, topic=replace(hit.topic, passages=(long,))),)
    )
    reckoned = budget(2048)
    prompt = compose(replace(asked, found=found), reckoned)
    assert prompt.is_cut
    assert prompt.passages == (long,)
    assert 0 <= reckoned.room(prompt.messages) < 40
    assert "很长。很长。" in prompt.messages[-1].content


def test_a_question_that_fills_the_window_is_an_overflow_with_its_count(assistant: Assistant) -> None:
    with pytest.raises(ContextOverflow, match=r"rules and question take .* leaves no room") as caught:
        compose(request(assistant, question="批" * 4000), budget(2048))
    assert caught.value.prompt_tokens > 4000
    assert caught.value.num_ctx == 2048


def test_the_same_beginning_holds_until_the_next_big_step(assistant: Assistant) -> None:
    prompts = [compose(request(assistant, turns(n)), budget(4096)) for n in range(60)]
    steps = [prompt.turns_left_out for prompt in prompts]
    assert steps == sorted(steps)
    changes = [after - before for before, after in pairwise(steps) if after != before]
    assert len(changes) >= 2
    assert min(changes) >= 5
    for before, after in pairwise(prompts):
        if before.turns_left_out == after.turns_left_out:
            assert after.messages[: len(before.messages) - 1] == before.messages[:-1]


@given(st.lists(st.floats(0, 50), max_size=80), st.floats(1, 200))
def test_what_is_kept_fits_is_the_end_and_only_ever_moves_on(weights: list[float], limit: float) -> None:
    starts = [kept_from(weights[:n], limit) for n in range(len(weights) + 1)]
    assert starts == sorted(starts)
    for n, start in enumerate(starts):
        assert sum(weights[start:n]) <= limit + 1e-6
    for (n, before), after in zip(enumerate(starts), starts[1:], strict=False):
        if after != before and after <= n:  # a step goes down to half, so the next one is far
            assert sum(weights[after : n + 1]) <= limit / 2 + 1e-6


def test_the_shares_fall_to_nothing() -> None:
    assert list(HISTORY_SHARES) == sorted(HISTORY_SHARES, reverse=True)
    assert HISTORY_SHARES[-1] == 0
