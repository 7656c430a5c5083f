"""The OpenAI backend against a scripted server: pieces put together, failures typed, addresses never guessed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from assistant.llm.backends.openai import open_model
from assistant.llm.base import (
    CapabilityMissing,
    ChatModel,
    Content,
    ContextOverflow,
    EmptyAnswer,
    Finished,
    FinishReason,
    MalformedCall,
    Message,
    ModelBusy,
    ModelError,
    ModelEvent,
    ModelNotPulled,
    ModelTimeout,
    ModelUnavailable,
    Role,
    StreamBroken,
    Thinking,
    ToolCall,
    ToolCalls,
    Window,
)
from assistant.llm.fake_ollama import Ending, Pause, Reply, closed_port, web_page
from assistant.llm.fake_openai import DONE, FakeOpenAI, delta, event, refused, said, stream
from assistant.llm.openai_chat import OpenAIModel
from assistant.llm.openai_wire import Options
from assistant.settings import read_settings
from corpus.errors import StudyError
from tests.assistant.llm.asking import QUESTION, SOFTMAX, calls, texts

PATIENT = Options(timeout=30.0)


@pytest.fixture
def server() -> Iterator[FakeOpenAI]:
    with FakeOpenAI() as fake:
        yield fake


def model_of(server: FakeOpenAI, options: Options = PATIENT) -> OpenAIModel:
    return OpenAIModel("tiny", base_url=server.base_url, options=options)


def ask(server: FakeOpenAI, *replies: Reply, tools: Sequence[Any] = ()) -> list[ModelEvent]:
    server.enqueue(*replies)
    return list(model_of(server).stream(QUESTION, tools))


# Good answers


def test_an_answer_streams_and_ends_with_its_counts(server: FakeOpenAI) -> None:
    assert ask(server, said("批", "归一化", thinking=["先想"])) == [
        Thinking("先想"),
        Content("批"),
        Content("归一化"),
        Finished(FinishReason.STOP, prompt_tokens=26, answer_tokens=3),
    ]


@pytest.mark.parametrize("piece", [1, 3, 7, 0])
def test_how_the_bytes_are_cut_makes_no_difference(server: FakeOpenAI, piece: int) -> None:
    assert texts(ask(server, replace(said("归一化🧠", "\u2028行"), piece=piece))) == ["归一化🧠", "\u2028行"]


def test_being_cut_by_length_is_said(server: FakeOpenAI) -> None:
    assert ask(server, said("没说完", reason="length"))[-1].reason is FinishReason.LENGTH  # type: ignore[union-attr]


def test_llama_cpps_timings_become_seconds(server: FakeOpenAI) -> None:
    last = event({"choices": [], "timings": {"prompt_ms": 12.5, "predicted_ms": 250}})
    end = ask(server, stream(delta(content="a"), delta("stop"), last, DONE))[-1]
    assert isinstance(end, Finished)
    assert (end.prompt_duration, end.answer_duration, end.total_duration) == (0.0125, 0.25, 0.2625)


def test_newer_vllm_calls_its_thoughts_reasoning(server: FakeOpenAI) -> None:
    reply = stream(delta(reasoning="想"), delta(content="a"), delta("stop"), DONE)
    assert ask(server, reply)[0] == Thinking("想")


def piece(index: int, arguments: str = "", **head: Any) -> bytes:
    function = {"arguments": arguments} | ({"name": head["name"]} if "name" in head else {})
    call = {"index": index, "function": function} | ({"id": head["id"]} if "id" in head else {})
    return delta(tool_calls=[call])


def test_calls_are_put_together_from_their_pieces(server: FakeOpenAI) -> None:
    reply = stream(
        delta(content="我来算。"),
        piece(0, id="c1", name="demo_softmax"),
        piece(0, '{"x": ['),
        piece(1, '{"x": [3]}', id="c2", name="demo_softmax"),
        piece(0, "1, 2]}"),
        piece(2, name="list_demos"),
        delta("tool_calls"),
        DONE,
    )
    events = ask(server, reply, tools=[SOFTMAX])
    assert texts(events) == ["我来算。"]
    assert calls(events) == [
        ToolCall("demo_softmax", {"x": [1, 2]}, "c1"),
        ToolCall("demo_softmax", {"x": [3]}, "c2"),
        ToolCall("list_demos", {}, ""),
    ]
    assert [type(e) for e in events] == [Content, ToolCalls, Finished]


# What is asked


def test_every_request_says_all_that_a_default_would_decide(server: FakeOpenAI) -> None:
    server.enqueue(said("a"))
    list(model_of(server, replace(PATIENT, seed=7)).stream(QUESTION, [SOFTMAX]))
    [body] = server.chats
    assert body == {
        "model": "tiny",
        "messages": [
            {"role": "system", "content": "只根据笔记回答。"},
            {"role": "user", "content": "什么是 batch normalization?"},
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": 1024,
        "temperature": 0.3,
        "seed": 7,
        "chat_template_kwargs": {"enable_thinking": False},
        "tools": [
            {
                "type": "function",
                "function": {
                    "name": "demo_softmax",
                    "description": "Compute softmax.",
                    "parameters": dict(SOFTMAX.parameters),
                },
            }
        ],
    }


def test_a_schema_is_asked_for_coldly_and_without_thoughts(server: FakeOpenAI) -> None:
    server.enqueue(said("{}"))
    list(model_of(server, replace(PATIENT, think=True)).stream(QUESTION, schema={"type": "object"}))
    [body] = server.chats
    assert body["response_format"]["json_schema"]["schema"] == {"type": "object"}
    assert body["temperature"] == 0.0
    assert body["chat_template_kwargs"] == {"enable_thinking": False}


def test_a_tool_round_is_sent_back_with_ids_even_where_there_were_none(server: FakeOpenAI) -> None:
    made = (ToolCall("a", {"x": "甲"}), ToolCall("b", {}, "given"))
    results = [
        Message(Role.TOOL, "1", tool_name="a"),
        Message(Role.TOOL, "2", tool_name="b", tool_call_id="given"),
    ]
    server.enqueue(said("好"))
    list(model_of(server).stream([*QUESTION, Message(Role.ASSISTANT, "", tool_calls=made), *results]))
    asked, first, second = server.chats[0]["messages"][2:]
    assert [(c["id"], c["function"]["arguments"]) for c in asked["tool_calls"]] == [
        ("call_0", '{"x": "甲"}'),
        ("given", "{}"),
    ]
    assert [m["tool_call_id"] for m in (first, second)] == ["call_0", "given"]


def test_a_server_that_does_not_know_the_switch_for_thinking_is_asked_without_it(server: FakeOpenAI) -> None:
    server.enqueue(refused(400, "Unrecognized request argument: chat_template_kwargs"), said("a"), said("b"))
    model = model_of(server)
    assert [texts(list(model.stream(QUESTION))) for _ in range(2)] == [["a"], ["b"]]
    assert ["chat_template_kwargs" in body for body in server.chats] == [True, False, False]


def test_a_question_with_half_a_character_is_sent_all_the_same(server: FakeOpenAI) -> None:
    server.enqueue(said("a"))
    list(model_of(server).stream([Message(Role.USER, "x\ud83d y")]))
    assert server.chats[0]["messages"][0]["content"] == "x? y"


def test_closing_the_answer_hangs_up(server: FakeOpenAI) -> None:
    server.enqueue(stream(delta(content="甲"), Pause(), delta("stop")))
    events = model_of(server).stream(QUESTION)
    assert next(events) == Content("甲")
    events.close()
    assert server.wait_for_clients_gone()


def test_the_type_is_a_chat_model_with_a_window(server: FakeOpenAI) -> None:
    model: ChatModel = model_of(server)
    assert model.name == "openai:tiny"
    assert model_of(server).window == Window(8192, 1024)


# Failures


OVERFLOW = {"type": "exceed_context_size_error", "n_prompt_tokens": 8005, "n_ctx": 4096}


@pytest.mark.parametrize(
    ("reply", "error", "told"),
    [
        (refused(401, "bad key"), ModelUnavailable, "OPENAI_API_KEY"),
        (refused(403, "not yours"), ModelUnavailable, "OPENAI_API_KEY"),
        (refused(404, "The model `tiny` does not exist."), ModelNotPulled, "/models"),
        (refused(429, "slow down"), ModelBusy, "Wait"),
        (refused(502, "bad gateway"), ModelBusy, "no machine behind"),
        (refused(503, "Loading model"), ModelBusy, "Wait"),
        (refused(504, "gateway timeout"), ModelTimeout, "load balancer"),
        (refused(500, "who knows"), ModelError, "who knows"),
        (
            refused(400, '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser'),
            CapabilityMissing,
            "tool calling",
        ),
        (refused(500, "tools param requires --jinja flag"), CapabilityMissing, "--jinja"),
        (
            refused(400, "This model's maximum context length is 4096 tokens. However, you requested 8005"),
            ContextOverflow,
            "new chat",
        ),
        (refused(400, "too long", code="context_length_exceeded"), ContextOverflow, "new chat"),
        (said(), EmptyAnswer, "without an answer"),
        (said(" \n"), EmptyAnswer, "without an answer"),
        (said(thinking=["只想了想"]), EmptyAnswer, "without an answer"),
        (stream(delta(content="a"), DONE), StreamBroken, "no last chunk"),
        (stream(), StreamBroken, "no last chunk"),
        (stream(delta(content="a"), event({"error": {"message": "CUDA error"}})), StreamBroken, "CUDA error"),
        (stream(delta(content="a"), b"data: {oops\n\n"), StreamBroken, "broke off"),
        (stream(event({"choices": ["x"]})), StreamBroken, "cannot be read"),
        (replace(stream(delta(content="a")), ending=Ending.RESET), StreamBroken, "broke off"),
        (web_page(), StreamBroken, "no last chunk"),
        (stream(piece(0, "[1]", name="f"), delta("tool_calls"), DONE), MalformedCall, "'f'"),
        (stream(piece(0, '{"x": ', name="f"), delta("tool_calls"), DONE), MalformedCall, "'f'"),
    ],
)
def test_every_failure_has_its_type_and_a_way_out(
    server: FakeOpenAI, reply: Reply, error: type[ModelError], told: str
) -> None:
    with pytest.raises(error) as caught:
        ask(server, reply)
    assert type(caught.value) is error
    assert told in str(caught.value)
    assert caught.value.hint
    assert len(server.chats) == 1


def test_an_overflow_keeps_its_counts(server: FakeOpenAI) -> None:
    with pytest.raises(ContextOverflow) as caught:
        ask(server, refused(400, "request (8005 tokens) exceeds the available context size", **OVERFLOW))
    assert (caught.value.prompt_tokens, caught.value.num_ctx) == (8005, 4096)


def test_a_silence_ends_in_a_timeout(server: FakeOpenAI) -> None:
    server.enqueue(Reply((Pause(),)), stream(delta(content="a"), Pause(), DONE))
    for told in ("nothing from", "no further piece from"):
        with pytest.raises(ModelTimeout, match=told):
            list(model_of(server, replace(PATIENT, timeout=0.2)).stream(QUESTION))


def test_nobody_at_the_address_is_unavailable() -> None:
    model = OpenAIModel("tiny", base_url=f"http://{closed_port()}/v1", options=PATIENT)
    with pytest.raises(ModelUnavailable, match="no model server at"):
        list(model.stream(QUESTION))


def test_a_proxy_in_the_environment_does_not_stand_before_this_machine(
    server: FakeOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(variable, f"http://{closed_port()}")
    assert texts(ask(server, said("a"))) == ["a"]


# Opened by setting


def opened(name: str = "tiny", **settings: str) -> ChatModel:
    return open_model(name, read_settings(dict(settings)))


def test_the_setting_names_the_address_and_the_environment_the_key(
    server: FakeOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    model = opened(openai_base_url=server.base_url, num_ctx="4096", num_predict="4000")
    assert isinstance(model, OpenAIModel)
    assert model._client.api_key == "sk-1"
    assert model.window == Window(4096, 2048)


def test_without_an_address_nothing_is_sent_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    with pytest.raises(ModelUnavailable) as caught:
        opened()
    assert "ASSISTANT_OPENAI_BASE_URL" in caught.value.hint


def test_a_name_that_the_server_does_not_list_may_still_answer(server: FakeOpenAI) -> None:
    assert opened("another", openai_base_url=server.base_url).name == "openai:another"


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (refused(401, "bad key"), "OPENAI_API_KEY"),
        (web_page(), "/v1"),
        (Reply((b"[1]",), 200, "application/json"), "/v1"),
    ],
    ids=["key", "web page", "other JSON"],
)
def test_an_address_that_will_not_do_is_told_when_it_is_opened(reply: Reply, told: str) -> None:
    with FakeOpenAI(foreign=reply) as server, pytest.raises(ModelUnavailable) as caught:
        opened(openai_base_url=server.base_url)
    assert told in caught.value.hint


def test_a_server_without_a_list_of_models_is_taken_as_it_is() -> None:
    with FakeOpenAI(foreign=refused(404, "no route")) as server:
        assert opened(openai_base_url=server.base_url).name == "openai:tiny"


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(StudyError, match="host:port"):
        opened(openai_base_url="http://host:port/v1")
