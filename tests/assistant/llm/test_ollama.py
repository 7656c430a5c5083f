"""The Ollama backend against a real socket: good answers, tool calls, and the bytes it asks with."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from assistant.llm.base import (
    ChatModel,
    Content,
    Finished,
    FinishReason,
    Message,
    Role,
    StreamBroken,
    Thinking,
    ToolCall,
    ToolCalls,
)
from assistant.llm.fake_ollama import (
    Delivery,
    FakeOllama,
    Pause,
    Reply,
    broken,
    call,
    chunk,
    closed_port,
    last,
    say,
    web_page,
    written_call,
)
from assistant.llm.fake_ollama.wire import rough_tokens
from assistant.llm.ollama_chat import OllamaModel
from corpus.errors import StudyError
from tests.assistant.llm.asking import NAME, PATIENT, QUESTION, SOFTMAX, ask, calls, model_of, texts

# What a good answer looks like


def test_an_answer_streams_as_content_and_ends_with_its_metrics(server: FakeOllama) -> None:
    pieces = ["批", "归一化", "🧠", "next\u0085line", "sep\u2028\u2029", "<b>&</b>"]
    *events, end = ask(server, say(*pieces))
    assert events == [Content(piece) for piece in pieces]
    written = sum(rough_tokens(piece) for piece in pieces)
    assert isinstance(end, Finished)
    assert end.reason is FinishReason.STOP
    assert end.answer_tokens == written
    assert end.answer_duration == pytest.approx(written * 0.016083684)
    assert end.load_duration == pytest.approx(2.0)
    assert end.total_duration == pytest.approx(end.load_duration + end.prompt_duration + end.answer_duration)


@pytest.mark.parametrize("piece", [0, 1, 2, 3, 5, 7, 1000])
def test_how_the_bytes_are_cut_makes_no_difference(server: FakeOllama, piece: int) -> None:
    reply = replace(say("归一化🧠", "\u0085", "done"), piece=piece)
    assert texts(ask(server, reply)) == ["归一化🧠", "\u0085", "done"]


def test_blank_lines_between_objects_are_nothing(server: FakeOllama) -> None:
    assert texts(ask(server, Reply((chunk("a"), b"\n\r\n\n", chunk("b"), last())))) == ["a", "b"]


def test_text_in_the_last_chunk_is_kept(server: FakeOllama) -> None:
    assert texts(ask(server, Reply((chunk("a"), {**last(), "message": chunk("b")["message"]})))) == [
        "a",
        "b",
    ]


def test_thinking_is_apart_from_the_answer_and_absent_when_switched_off(server: FakeOllama) -> None:
    reply = say("答案", thinking=["先想", "再想"])
    thought = ask(server, reply, options=replace(PATIENT, think=True))
    assert thought[:3] == [Thinking("先想"), Thinking("再想"), Content("答案")]
    assert ask(server, reply)[:1] == [Content("答案")]
    assert [body["think"] for body in server.chats] == [True, False]


def test_being_cut_by_length_is_said(server: FakeOllama) -> None:
    end = ask(server, say("没说完", reason="length"))[-1]
    assert isinstance(end, Finished)
    assert end.reason is FinishReason.LENGTH


@pytest.mark.parametrize("end", [{"done_reason": "new"}, {"done_reason": ["x"]}, {}])
def test_an_end_without_a_known_reason_is_a_stop_or_a_typed_failure(
    server: FakeOllama, end: dict[str, Any]
) -> None:
    reply = Reply((chunk("a"), {**chunk(), "done": True, **end}))
    if isinstance(end.get("done_reason"), list):
        with pytest.raises(StreamBroken, match="cannot be read"):
            ask(server, reply)
    else:
        assert ask(server, reply)[-1].reason is FinishReason.STOP  # type: ignore[union-attr]


# Tool calls


@pytest.mark.parametrize("delivery", list(Delivery))
@pytest.mark.parametrize("call_id", ["call_a1b2c3d4", ""])
def test_calls_arrive_whole_however_they_are_delivered(
    server: FakeOllama, delivery: Delivery, call_id: str
) -> None:
    second_id = call_id and "call_zzzzzzzz"
    made = [call("demo_softmax", {"x": [1, 2]}, call_id), call("demo_softmax", {"x": [3]}, second_id)]
    events = ask(server, say("我来算。", calls=made, delivery=delivery), tools=[SOFTMAX])
    assert texts(events) == ["我来算。"]
    assert calls(events) == [
        ToolCall("demo_softmax", {"x": [1, 2]}, call_id),
        ToolCall("demo_softmax", {"x": [3]}, second_id),
    ]
    assert isinstance(events[-1], Finished)
    assert events[-1].reason is FinishReason.STOP


def test_thinking_may_come_before_a_call(server: FakeOllama) -> None:
    reply = say(thinking=["要算"], calls=[call("demo_softmax", {"x": [1]})])
    events = ask(server, reply, tools=[SOFTMAX], options=replace(PATIENT, think=True))
    assert [type(event) for event in events] == [Thinking, ToolCalls, Finished]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("no_such_demo", {"x": 1}), ("demo_softmax", {"x": "1,2,3"}), ("demo_softmax", {})],
)
def test_a_call_that_makes_no_sense_is_handed_on_as_it_is(
    server: FakeOllama, name: str, arguments: dict[str, Any]
) -> None:
    events = ask(server, say(calls=[call(name, arguments)]), tools=[SOFTMAX])
    assert calls(events) == [ToolCall(name, arguments, "call_a1b2c3d4")]


def test_a_call_written_as_text_is_text(server: FakeOllama) -> None:
    events = ask(server, written_call("demo_softmax", {"x": [1]}), tools=[SOFTMAX])
    assert calls(events) == []
    assert "".join(texts(events)) == '<tool_call>{"name":"demo_softmax","arguments":{"x":[1]}}</tool_call>'


@pytest.mark.parametrize(
    "tool_calls", [["x"], [{"function": {}}], [call("demo_softmax", "not an object")], 7]
)
def test_a_call_that_cannot_be_read_breaks_the_stream(server: FakeOllama, tool_calls: Any) -> None:
    with pytest.raises(StreamBroken, match="cannot be read"):
        ask(server, Reply((chunk(tool_calls=tool_calls), last())), tools=[SOFTMAX])


def test_a_tool_round_is_sent_back_with_ids_names_and_order(server: FakeOllama) -> None:
    first = [
        call("demo_softmax", {"x": [1]}, "call_aaaaaaaa"),
        call("demo_relu", {"x": [2]}, "call_bbbbbbbb"),
    ]
    made = calls(ask(server, say(calls=first), tools=[SOFTMAX]))
    results = [Message(Role.TOOL, f"{c.name}: 1", tool_name=c.name, tool_call_id=c.id) for c in made]
    conversation = [*QUESTION, Message(Role.ASSISTANT, "", tool_calls=tuple(made)), *results]
    assert texts(ask(server, say("结果是 1。"), messages=conversation, tools=[SOFTMAX])) == ["结果是 1。"]
    assert server.chats[1]["messages"][2:] == [
        {
            "role": "assistant",
            "content": "",
            "tool_calls": [
                {
                    "id": "call_aaaaaaaa",
                    "function": {"index": 0, "name": "demo_softmax", "arguments": {"x": [1]}},
                },
                {
                    "id": "call_bbbbbbbb",
                    "function": {"index": 1, "name": "demo_relu", "arguments": {"x": [2]}},
                },
            ],
        },
        {
            "role": "tool",
            "content": "demo_softmax: 1",
            "tool_name": "demo_softmax",
            "tool_call_id": "call_aaaaaaaa",
        },
        {
            "role": "tool",
            "content": "demo_relu: 1",
            "tool_name": "demo_relu",
            "tool_call_id": "call_bbbbbbbb",
        },
    ]


# What is asked, and with what


def test_every_request_says_all_that_a_default_would_decide(server: FakeOllama) -> None:
    ask(server, say("a"), tools=[SOFTMAX], options=replace(PATIENT, seed=7))
    assert server.chats == [
        {
            "model": NAME,
            "messages": [
                {"role": "system", "content": "只根据笔记回答。"},
                {"role": "user", "content": "什么是 batch normalization?"},
            ],
            "stream": True,
            "think": False,
            "keep_alive": "30m",
            "options": {"num_ctx": 8192, "num_predict": 1024, "temperature": 0.3, "seed": 7},
            "truncate": False,
            "shift": False,
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
    ]


def test_without_tools_or_seed_neither_key_is_sent(server: FakeOllama) -> None:
    ask(server, say("a"))
    assert "tools" not in server.chats[0]
    assert "seed" not in server.chats[0]["options"]


def test_a_question_with_half_a_character_is_sent_all_the_same(server: FakeOllama) -> None:
    ask(server, say("a"), messages=[Message(Role.USER, "x\ud83d y")])
    assert server.chats[0]["messages"][0]["content"] == "x? y"


def test_loading_beforehand_spares_the_first_answer_the_loading(server: FakeOllama) -> None:
    model = model_of(server)
    assert model.preload() == Finished(FinishReason.LOAD)
    server.enqueue(say("a"))
    end = list(model.stream(QUESTION))[-1]
    assert isinstance(end, Finished)
    assert end.load_duration == pytest.approx(0.001334875)
    assert server.reloads == 0


def test_a_server_tells_whether_the_model_is_in_memory_and_one_that_does_not_is_believed(
    server: FakeOllama,
) -> None:
    model = model_of(server)
    assert not model.is_loaded()
    model.preload()
    assert model.is_loaded()
    assert model_of(server, replace(PATIENT, num_ctx=4096)).is_loaded()
    with FakeOllama(foreign=web_page()) as other:
        assert model_of(other).is_loaded()
    assert OllamaModel(NAME, host=closed_port()).is_loaded()


def test_a_longer_conversation_reuses_the_prompt_before_it(server: FakeOllama) -> None:
    first = ask(server, say("答案一"))[-1]
    longer = [*QUESTION, Message(Role.ASSISTANT, "答案一"), Message(Role.USER, "为什么?")]
    second = ask(server, say("答案二"), messages=longer)[-1]
    assert isinstance(first, Finished)
    assert isinstance(second, Finished)
    assert server.cached_tokens == [0, first.prompt_tokens]
    assert second.prompt_tokens > first.prompt_tokens
    assert second.prompt_duration == pytest.approx((second.prompt_tokens - first.prompt_tokens) * 0.013174846)
    assert server.reloads == 0


def test_a_changed_window_is_counted_as_a_reload(server: FakeOllama) -> None:
    ask(server, say("a"))
    ask(server, say("b"), options=replace(PATIENT, num_ctx=4096))
    assert server.reloads == 1
    assert server.cached_tokens == [0, 0]


def test_the_name_tells_the_mode_and_the_type_is_a_chat_model(server: FakeOllama) -> None:
    model: ChatModel = model_of(server)
    assert model.name == "ollama:qwen3.5:4b"


def test_a_bad_host_is_refused_before_anything_is_asked() -> None:
    with pytest.raises(StudyError, match="host:port"):
        OllamaModel(NAME, host="host:port")


def test_a_proxy_in_the_environment_does_not_stand_before_this_machine(
    server: FakeOllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(variable, f"http://{closed_port()}")
    assert texts(ask(server, say("a"))) == ["a"]


# Cancelling


def test_closing_the_stream_hangs_up_on_the_server(server: FakeOllama) -> None:
    server.enqueue(broken(say("一", "二"), 1, Pause()))
    events = model_of(server).stream(QUESTION)
    assert next(events) == Content("一")
    assert server.clients_gone == 0
    events.close()
    assert server.wait_for_clients_gone()
    assert texts(ask(server, say("又一个"))) == ["又一个"]


def test_an_answer_read_to_its_end_is_no_hang_up(server: FakeOllama) -> None:
    ask(server, say("一"))
    ask(server, say("二"))
    assert server.clients_gone == 0
