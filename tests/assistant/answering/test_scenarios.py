"""Every scenario of a real server, through the whole assistant: a right answer or a clear message, and on it goes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from assistant.events import Answer, Turn
from assistant.llm.fake_ollama import FakeOllama, say
from assistant.llm.fake_ollama.scenarios import MODEL, Outcome, Scenario, scenarios
from assistant.study import Assistant, open_assistant, turn_of

QUESTION = "批归一化在训练时做什么?"
#: Beyond this something hangs; every limit of the client in these tests is a second or two.
HUNG = 90.0


def ask(assistant: Assistant, question: str, history: list[Turn]) -> Answer:
    """Ask as a person would, and fail where the answer does not come."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(assistant.ask, question, history).result(HUNG)


def test_the_scenarios_are_numbered_from_1_to_26_and_named_once() -> None:
    assert sorted({scenario.number for scenario in scenarios()}) == list(range(1, 27))
    names = [scenario.name for scenario in scenarios()]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("scenario", scenarios(), ids=lambda scenario: scenario.name)
def test_a_question_ends_in_an_answer_or_a_message_and_the_conversation_goes_on(
    notes: Path, scenario: Scenario
) -> None:
    warned: list[str] = []
    settings: dict[str, Any] = {"model": f"ollama:{MODEL}", **scenario.client}
    with FakeOllama(**scenario.server) as server:
        server.enqueue(*scenario.replies)
        assistant = open_assistant(notes, ollama_host=server.host, warn=warned.append, **settings)
        answer = ask(assistant, QUESTION, [])
        used = len(server.chats)
        server.enqueue(*[say("滑动平均 [1]。")] * (1 + len(scenario.replies)))  # over what was left
        after = ask(assistant, "那推理时呢?", [turn_of(answer)])
        assert server.reloads == 0
        assert server.overruns == [] or scenario.number == 10
    said = "\n".join([*answer.notices, *warned])
    assert answer.text
    assert all(1 <= citation.n <= 9 for citation in answer.citations)
    assert answer.citations
    if scenario.outcome is Outcome.ANSWERED:
        assert answer.mode == settings["model"]
        assert warned == []
        assert used >= 1
    else:
        assert answer.mode == "notes"
        assert answer.text.startswith("你的笔记《批归一化 Batch Normalization》里这样写：")
        assert scenario.says in said
        assert "Traceback" not in said
    assert "推理" in after.standalone
    assert after.text


def test_the_same_call_again_and_again_runs_once(notes: Path) -> None:
    scenario = next(s for s in scenarios() if s.variant == "same call")
    with FakeOllama() as server:
        server.enqueue(*scenario.replies)
        answer = open_assistant(notes, ollama_host=server.host, model=f"ollama:{MODEL}").ask(QUESTION)
    assert [tool.name for tool in answer.tools] == ["conv_output_size"]
