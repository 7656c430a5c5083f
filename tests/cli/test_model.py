"""Answers by a model: a scripted Ollama on a real socket streams, calls a demo, is absent, foreign or bare."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from assistant.language import Language, say
from assistant.llm.fake_ollama import (
    Ending,
    FakeModel,
    FakeOllama,
    Reply,
    broken,
    call,
    closed_port,
    failure,
    web_page,
)
from assistant.llm.fake_ollama import say as reply
from tests.cli.contract import CITATION, check_answer, check_place, types
from tests.cli.running import Ran, run

QUESTION = "Adam 有什么优点?"
MODEL = "ollama:qwen3.5:4b"


@pytest.fixture
def ollama() -> Iterator[FakeOllama]:
    """A server with the model, which must have been spoken to by the contract."""
    with FakeOllama() as server:
        yield server
        assert server.violations == []


def ask(env: dict[str, str], host: str, *words: str, question: str = QUESTION, model: str = MODEL) -> Ran:
    """Ask with the model at `host`."""
    settings = {"ASSISTANT_MODEL": model, "ASSISTANT_OLLAMA_HOST": host}
    return run("ask", question, *words, env=env | settings)


def test_a_streamed_answer_keeps_its_true_markers_and_loses_the_invented_ones(
    env: dict[str, str], ollama: FakeOllama
) -> None:
    ollama.enqueue(reply("Adam 结合两个矩 [", "1]，", "并做偏置校正 [1][99]。"))
    ran = ask(env, ollama.host, "--json")
    assert (ran.code, ran.err) == (0, "")
    answer = ran.json
    check_answer(answer)
    assert (answer["status"], answer["mode"]) == ("answered", MODEL)
    assert answer["answer"] == "Adam 结合两个矩 [1]，并做偏置校正 [1]。"
    assert answer["citations"][0]["topic"] == "优化器：Momentum、RMSProp 和 Adam"
    assert say("dropped_citations", Language.ZH, count=1) in answer["notices"]


def test_the_reading_view_shows_the_answer_its_source_and_the_model(
    env: dict[str, str], ollama: FakeOllama
) -> None:
    ollama.enqueue(reply("Adam 结合", "两个矩 [1]。"))
    ran = ask(env, ollama.host)
    assert (ran.code, ran.err) == (0, "")
    answer, sources, source, mode = filter(None, ran.out.splitlines())
    assert (answer, sources) == ("Adam 结合两个矩 [1]。", "来源")
    assert source.startswith("[1] 优化器：Momentum、RMSProp 和 Adam › ")
    assert mode.startswith(f"— {MODEL} · ")


def test_a_tool_call_is_executed_and_its_result_goes_back_to_the_model(
    env: dict[str, str], ollama: FakeOllama
) -> None:
    ollama.enqueue(
        reply(calls=[call("receptive_field", {"preset": "vgg_16"})]),
        reply("VGG16 的感受野是 212，算法见笔记 [1]。"),
    )
    ran = ask(env, ollama.host, "--json", question="VGG16 的感受野怎么算?")
    answer = ran.json
    check_answer(answer)
    (tool,) = answer["tools"]
    assert (tool["name"], tool["arguments"]) == ("receptive_field", {"preset": "vgg_16"})
    assert "212" in str(tool["result"]["numbers"])  # Araujo et al. 2019, Table 1
    sent = ollama.chats[1]["messages"][-1]
    assert (sent["role"], sent["tool_name"]) == ("tool", "receptive_field")
    assert "212" in sent["content"]


def test_an_answer_without_citations_says_so_and_offers_the_passages(
    env: dict[str, str], ollama: FakeOllama
) -> None:
    ollama.enqueue(reply("Adam 很好用。"))
    answer = ask(env, ollama.host, "--json").json
    assert say("uncited", Language.ZH) in answer["notices"]
    assert len(answer["citations"]) > 0
    for citation in answer["citations"]:
        assert types(citation) == CITATION
        check_place(citation, citation["quote"])


def test_what_the_notes_lack_is_never_put_to_the_model(env: dict[str, str], ollama: FakeOllama) -> None:
    ran = ask(env, ollama.host, "--json", question="量子纠缠怎么用于烤面包?")
    assert (ran.code, ran.json["status"]) == (3, "not_in_notes")
    assert ollama.chats == []


def notes_mode_answered(ran: Ran) -> None:
    """Assert that notes mode answered and that one line on stderr says why."""
    assert ran.code == 0
    check_answer(ran.json)
    assert (ran.json["status"], ran.json["mode"]) == ("answered", "notes")
    assert ran.err.count("\n") == 1
    assert "notes mode" in ran.err


def test_without_ollama_one_line_says_what_to_type_and_notes_mode_answers(env: dict[str, str]) -> None:
    host = closed_port()
    ran = ask(env, host, "--json", model="auto")
    notes_mode_answered(ran)
    assert host in ran.err
    assert "ollama serve" in ran.err


def test_ollamas_own_variable_says_where_it_listens(env: dict[str, str], ollama: FakeOllama) -> None:
    ollama.enqueue(reply("见笔记 [1]。"))
    settings = {"ASSISTANT_MODEL": "auto", "OLLAMA_HOST": ollama.host}
    assert run("ask", QUESTION, "--json", env=env | settings).json["mode"] == MODEL


def test_another_program_on_the_port_is_named_and_notes_mode_answers(env: dict[str, str]) -> None:
    with FakeOllama(foreign=web_page()) as server:
        ran = ask(env, server.host, "--json")
    notes_mode_answered(ran)
    assert f"something other than Ollama answers at http://{server.host}" in ran.err


@pytest.mark.parametrize("others", [[], ["llama3.2:3b"]])
def test_a_model_that_is_not_pulled_says_how_to_pull_it(env: dict[str, str], others: list[str]) -> None:
    with FakeOllama(models=[FakeModel(name) for name in others]) as server:
        ran = ask(env, server.host, "--json")
    notes_mode_answered(ran)
    assert "ollama pull qwen3.5:4b" in ran.err
    assert all(f"--model ollama:{name}" in ran.err for name in others)


@pytest.mark.parametrize(
    "fault",
    [
        failure("runner stopped"),
        broken(reply("只有一半", "，另一半没有来。"), 1, ending=Ending.RESET),
        broken(reply("只有一半", "，另一半没有来。"), 1, ending=Ending.UNTERMINATED),
        web_page(),
        reply(),
    ],
    ids=["stopped", "reset", "cut", "web page", "empty"],
)
def test_a_model_that_fails_is_replaced_by_notes_mode_and_nothing_of_its_answer_stays(
    env: dict[str, str], ollama: FakeOllama, fault: Reply
) -> None:
    ollama.enqueue(fault, fault, fault)
    answer = ask(env, ollama.host, "--json").json
    check_answer(answer)
    assert (answer["status"], answer["mode"]) == ("answered", "notes")
    assert "只有一半" not in answer["answer"]
    assert any(notice.startswith("模型没能答完") for notice in answer["notices"])
