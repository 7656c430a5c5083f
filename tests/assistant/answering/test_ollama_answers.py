"""The whole way from question to answer through the real Ollama client, against the scripted server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.events import Text, Turn
from assistant.language import Language, say
from assistant.llm.fake_ollama import (
    Ending,
    FakeModel,
    FakeOllama,
    Pause,
    Reply,
    broken,
    call,
    closed_port,
    failure,
    refusal,
    written_call,
)
from assistant.llm.fake_ollama import say as says
from assistant.study import Assistant, open_assistant, turn_of

QUESTION = "dropout 为什么能抑制过拟合?"
NO_TOOLS = FakeModel("qwen3.5:4b", capabilities=("completion",))


@pytest.fixture
def server() -> Iterator[FakeOllama]:
    with FakeOllama() as fake:
        yield fake
        assert fake.violations == []


def studying(notes: Path, server: FakeOllama) -> Assistant:
    return open_assistant(notes, model="ollama:qwen3.5:4b", ollama_host=server.host)


def test_an_answer_streams_with_its_citation(notes: Path, server: FakeOllama) -> None:
    server.enqueue(says("它相当于", "许多子网络的集成[", "1]。", thinking=["嗯"]))
    answer = studying(notes, server).ask(QUESTION)
    assert answer.text == "它相当于许多子网络的集成[1]。"
    assert answer.mode == "ollama:qwen3.5:4b"
    assert [(c.n, c.topic) for c in answer.citations] == [(1, "Dropout")]
    assert answer.notices == ()


def test_a_demo_is_called_over_the_wire_and_its_result_sent_back(notes: Path, server: FakeOllama) -> None:
    asked = call("conv_output_size", {"input_size": 32, "kernel": 3, "stride": 2, "padding": 1})
    server.enqueue(says(calls=[asked]), says("输出是 16 [1]。"))
    answer = studying(notes, server).ask("池化怎么反向传播?")
    assert answer.tools[0].result["numbers"]["output"] == 16
    result = server.chats[1]["messages"][-1]
    assert (result["role"], result["tool_name"]) == ("tool", "conv_output_size")
    assert '"output": 16' in result["content"]


def test_a_call_written_as_text_is_executed(notes: Path, server: FakeOllama) -> None:
    server.enqueue(written_call("pooling", {"kernel": 2}), says("好[1]。"))
    answer = studying(notes, server).ask(QUESTION)
    assert [tool.name for tool in answer.tools] == ["pooling"]
    assert answer.text == "好[1]。"


ANSWER = says("说到", "一半", "[1]", "。")


@pytest.mark.parametrize(
    "reply",
    [
        failure("busy"),
        failure("runner stopped"),
        failure("too long"),
        failure("out of memory"),
        refusal(500, "who knows"),
        broken(ANSWER, 2),
        broken(ANSWER, 2, ending=Ending.RESET),
        broken(ANSWER, 2, b"not json\n"),
        says(),
        says(thinking=["只想了想"]),
    ],
    ids=[
        "busy",
        "crash",
        "overflow",
        "memory",
        "unknown",
        "short",
        "reset",
        "garbage",
        "empty",
        "only thought",
    ],
)
def test_whatever_the_server_does_the_question_is_answered(
    notes: Path, server: FakeOllama, reply: Reply
) -> None:
    server.enqueue(*[reply] * 3)  # what is worth another try is tried
    answer = studying(notes, server).ask(QUESTION)
    assert answer.mode == "notes"
    assert answer.text.startswith("你的笔记《Dropout》里这样写：")
    assert "说到" not in answer.text
    assert answer.notices[0].startswith("模型没能答完（")


def test_a_model_without_tools_is_asked_again_without_them(notes: Path) -> None:
    with FakeOllama(models=[NO_TOOLS]) as server:
        server.enqueue(says("集成[1]。"))
        answer = studying(notes, server).ask(QUESTION)
    assert (answer.mode, answer.notices) == ("ollama:qwen3.5:4b", ())
    assert answer.text.startswith("集成[1]。")
    assert ["tools" in body for body in server.chats] == [True, False]


def test_what_is_not_covered_is_never_sent(notes: Path, server: FakeOllama) -> None:
    assert studying(notes, server).ask("法国的首都是哪里?").status.value == "not_in_notes"
    assert server.chats == []


def test_the_server_can_reuse_its_cache_from_turn_to_turn(notes: Path, server: FakeOllama) -> None:
    server.enqueue(says("甲[1]。"), says("乙[1]。"), says("丙[1]。"))
    assistant, history = studying(notes, server), list[Turn]()
    for question in (QUESTION, "它推理时还丢弃吗?", "What is weight decay?"):
        history.append(turn_of(assistant.ask(question, history)))
    first, second, third = (body["messages"] for body in server.chats)
    assert second[0] == first[0]
    assert third[: len(second) - 1] == second[:-1]
    assert server.reloads == 0
    _, after_one, after_two = server.cached_tokens
    assert 0 < after_one < after_two  # the system prompt, then the first turn too


def test_closing_the_answer_hangs_up(notes: Path, server: FakeOllama) -> None:
    server.enqueue(Reply((*says("甲").steps[:1], Pause())))
    events = studying(notes, server).stream(QUESTION)
    assert next(event for event in events if isinstance(event, Text)) == Text("甲")
    events.close()
    assert server.wait_for_clients_gone()


def test_without_a_server_one_line_says_how_to_get_one_and_notes_mode_answers(notes: Path) -> None:
    warnings: list[str] = []
    assistant = open_assistant(notes, model="auto", ollama_host=closed_port(), warn=warnings.append)
    answer = assistant.ask(QUESTION)
    assistant.ask(QUESTION)
    assert answer.mode == "notes"
    assert answer.notices == ()
    assert len(warnings) == 1
    assert "ollama serve" in warnings[0]


def test_a_model_that_was_never_pulled_is_named_with_the_command(notes: Path, server: FakeOllama) -> None:
    warnings: list[str] = []
    assistant = open_assistant(notes, model="ollama:nosuch:1b", ollama_host=server.host, warn=warnings.append)
    assert assistant.ask(QUESTION).mode == "notes"
    assert "ollama pull nosuch:1b" in warnings[0]


def test_english_questions_get_english_notices(notes: Path, server: FakeOllama) -> None:
    server.enqueue(says("It averages subnetworks."))
    answer = studying(notes, server).ask("Why does dropout prevent overfitting?")
    assert answer.notices == (say("uncited", Language.EN),)
