"""The Ollama backend against a real socket: every way an answer can fail is one typed error with a way out."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from assistant.llm.base import (
    CapabilityMissing,
    Content,
    ContextOverflow,
    EmptyAnswer,
    Finished,
    MalformedCall,
    Message,
    ModelBusy,
    ModelCrashed,
    ModelError,
    ModelEvent,
    ModelNotPulled,
    ModelTimeout,
    ModelUnavailable,
    Role,
    StreamBroken,
    ToolSchema,
)
from assistant.llm.fake_ollama import (
    ChatPath,
    Ending,
    FakeModel,
    FakeOllama,
    Pause,
    Reply,
    broken,
    chunk,
    closed_port,
    failure,
    failure_line,
    refusal,
    say,
    silent_port,
    web_page,
)
from assistant.llm.fake_ollama.wire import ERRORS
from assistant.llm.ollama_chat import OllamaModel, Options
from tests.assistant.llm.asking import NAME, PATIENT, QUESTION, SOFTMAX, ask, model_of, texts

# Streams that break


@pytest.mark.parametrize(
    "reply",
    [
        broken(say("一", "二"), 2),
        broken(say("一", "二"), 2, ending=Ending.UNTERMINATED),
        broken(say("一", "二"), 1, b'{"model":"qwen', ending=Ending.RESET),
        broken(say("一", "二"), 1, b'{"model":"qwen', ending=Ending.UNTERMINATED),
        broken(say("一", "二"), 1, b'{"model":"qwen'),
        broken(say("一", "二"), 1, b"<html>\n"),
        broken(say("一", "二"), 1, b'{"message":{"content":"\xe6\xb3"}}\n'),
        broken(say("一", "二"), 1, failure_line("eof")),
        broken(say("一", "二"), 1, failure_line("runner stopped")),
        broken(say("一", "二"), 1, {"error": "something new"}),
    ],
    ids=[
        "no end",
        "unterminated",
        "reset",
        "half",
        "half ended",
        "html",
        "utf-8",
        "error",
        "crash",
        "new error",
    ],
)
def test_a_stream_without_its_end_is_an_error_after_what_it_gave(server: FakeOllama, reply: Reply) -> None:
    server.enqueue(reply)
    seen: list[ModelEvent] = []
    with pytest.raises((StreamBroken, ModelCrashed)) as caught:
        seen.extend(model_of(server).stream(QUESTION))
    assert seen[0] == Content("一")
    assert not any(isinstance(event, Finished) for event in seen)
    assert NAME in caught.value.message
    assert caught.value.hint


def test_nothing_at_all_is_an_error(server: FakeOllama) -> None:
    with pytest.raises(StreamBroken, match="no last chunk"):
        ask(server, Reply(()))


def test_a_broken_call_is_told_apart_before_and_within_the_stream(server: FakeOllama) -> None:
    for reply in (failure("broken call"), broken(say("一"), 1, failure_line("broken call"))):
        with pytest.raises(MalformedCall, match="element <function> closed by </parameter>"):
            ask(server, reply)


@pytest.mark.parametrize("reason", ["stop", "length"])
@pytest.mark.parametrize("text", ["", "\n\n "])
def test_an_answer_of_thinking_only_is_a_failure(server: FakeOllama, reason: str, text: str) -> None:
    reply = say(*([text] if text else []), thinking=["想"], reason=reason)
    with pytest.raises(EmptyAnswer, match="num_predict=1024" if reason == "length" else "stop") as caught:
        ask(server, reply, reply, options=replace(PATIENT, think=True))
    assert caught.value.hint
    assert [body["think"] for body in server.chats] == [True, False]


def test_a_model_that_only_thought_is_asked_again_without_thinking(server: FakeOllama) -> None:
    spent = say(thinking=["想"], reason="length")
    events = ask(server, spent, say("答案"), options=replace(PATIENT, think=True))
    assert texts(events) == ["答案"]
    assert [body["think"] for body in server.chats] == [True, False]


# Waiting


def test_silence_while_loading_has_a_limit_of_its_own(server: FakeOllama) -> None:
    with pytest.raises(ModelTimeout, match=r"no first piece from .* within 0.2 s"):
        ask(server, Reply((Pause(),)), options=replace(PATIENT, first_chunk_timeout=0.2))
    assert server.wait_for_clients_gone()


def test_a_model_may_load_for_longer_than_it_may_be_idle(server: FakeOllama) -> None:
    slow = Reply((Pause(0.6), *say("一").steps))
    assert texts(ask(server, slow, options=replace(PATIENT, idle_timeout=0.3))) == ["一"]


@pytest.mark.parametrize("steps", [(chunk("一"), Pause()), (b"", Pause()), (chunk("一"), b'{"mod', Pause())])
def test_silence_within_an_answer_has_the_idle_limit(server: FakeOllama, steps: tuple[Any, ...]) -> None:
    with pytest.raises(ModelTimeout, match=r"piece from .* within 0.2 s"):
        ask(server, Reply(steps), options=replace(PATIENT, idle_timeout=0.2))
    assert server.wait_for_clients_gone()


# Servers that are not there, or not Ollama


def test_a_refused_connection_says_how_to_start_the_server() -> None:
    host = closed_port()
    with pytest.raises(ModelUnavailable, match=host) as caught:
        list(OllamaModel(NAME, host=host).stream(QUESTION))
    assert caught.value.hint == "ollama serve"


def test_a_silent_port_is_a_timeout() -> None:
    with silent_port() as host, pytest.raises(ModelTimeout, match="no first piece"):
        list(OllamaModel(NAME, host=host, options=Options(first_chunk_timeout=0.2)).stream(QUESTION))


@pytest.mark.parametrize(
    "reply",
    [
        web_page(),
        replace(web_page(), status=404),
        replace(web_page(), status=502),
        Reply((b"404 page not found",), 404, "text/plain"),
        Reply((b'{"error":{"message":"no such route"}}',), 404, "application/json"),
        Reply((b'"a string"',), 400, "application/json"),
        Reply((b'{"choices":[]}',), 200, "application/json"),
        Reply((b"data: {}\n\n",), 200, "text/event-stream"),
        Reply((b"",), 302, "text/html"),
        Reply((b"",), 403, "text/plain"),
    ],
)
def test_another_program_on_the_port_is_named_as_such(reply: Reply) -> None:
    with FakeOllama(foreign=reply) as server, pytest.raises(ModelUnavailable) as caught:
        ask(server)
    assert server.host in caught.value.message
    assert "127.0.0.1" in caught.value.hint


def test_a_proxy_that_cannot_be_used_is_named_with_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "nonsense://proxy")
    with pytest.raises(ModelUnavailable, match="nonsense") as caught:
        OllamaModel(NAME, host="example.com")
    assert "NO_PROXY" in caught.value.hint


def test_an_address_with_an_unknown_scheme_is_unavailable() -> None:
    with pytest.raises(ModelUnavailable, match="ftp"):
        list(OllamaModel(NAME, host="ftp://127.0.0.1").stream(QUESTION))


# What the server says is wrong


TYPED: dict[str, tuple[type[ModelError], str]] = {
    "missing body": (ModelError, "log"),
    "no model": (ModelError, "ollama pull"),
    "bad name": (ModelError, "ollama pull"),
    "chat not found": (ModelNotPulled, "ollama pull qwen3.5:4b"),
    "show not found": (ModelNotPulled, "ollama pull qwen3.5:4b"),
    "embed not found": (ModelNotPulled, "ollama pull qwen3.5:4b"),
    "no tools": (CapabilityMissing, "ollama pull"),
    "no thinking": (CapabilityMissing, "thinking off"),
    "no chat": (CapabilityMissing, "ollama pull"),
    "bad think": (ModelError, "thinking"),
    "bad option": (ModelError, "setting num_ctx"),
    "busy": (ModelBusy, "Wait"),
    "canceled": (StreamBroken, "Ask again"),
    "too long": (ContextOverflow, "num_ctx"),
    "runner stopped": (ModelCrashed, "smaller"),
    "load crash": (ModelCrashed, "smaller"),
    "out of memory": (ModelCrashed, "smaller"),
    "no runner": (ModelCrashed, "Reinstall"),
    "broken call": (MalformedCall, "without demos"),
    "no user turn": (ContextOverflow, "num_ctx"),
    "eof": (StreamBroken, "Ask again"),
}


@pytest.mark.parametrize("case", list(ERRORS))
def test_every_wording_of_the_server_is_a_typed_error_with_a_way_out(server: FakeOllama, case: str) -> None:
    kind, hint = TYPED[case]
    with pytest.raises(ModelError) as caught:
        ask(server, failure(case, model=NAME, value="num_ctx"))
    assert type(caught.value) is kind
    assert hint in caught.value.hint
    _, wording = ERRORS[case]
    assert wording.partition("{")[0] in caught.value.message


def test_an_error_in_words_nobody_knows_is_passed_on(server: FakeOllama) -> None:
    with pytest.raises(ModelError, match="四月一日") as caught:
        ask(server, refusal(500, "四月一日"))
    assert type(caught.value) is ModelError


def test_a_model_that_is_not_there_is_named_with_its_command() -> None:
    with FakeOllama(models=()) as server, pytest.raises(ModelNotPulled, match=re.escape(NAME)) as caught:
        ask(server)
    assert caught.value.hint == "ollama pull qwen3.5:4b"


@pytest.mark.parametrize(
    ("capabilities", "tools", "think", "missing"),
    [
        (("embedding",), (), False, "chat"),
        (("completion",), (SOFTMAX,), False, "tools"),
        (("completion", "tools"), (), True, "thinking"),
    ],
)
def test_a_model_is_not_asked_for_what_it_cannot_do(
    capabilities: tuple[str, ...], tools: tuple[ToolSchema, ...], think: bool, missing: str
) -> None:
    with (
        FakeOllama(models=[FakeModel(NAME, capabilities)]) as server,
        pytest.raises(CapabilityMissing, match=f"does not support {missing}"),
    ):
        ask(server, tools=tools, options=replace(PATIENT, think=think))


@pytest.mark.parametrize("path", list(ChatPath))
def test_a_prompt_over_the_window_is_an_error_with_its_counts(path: ChatPath) -> None:
    long = [*QUESTION, Message(Role.USER, "长" * 5000)]
    with FakeOllama(path=path) as server, pytest.raises(ContextOverflow) as caught:
        ask(server, messages=long, options=replace(PATIENT, num_ctx=4096))
    assert caught.value.num_ctx == 4096
    assert 5000 < caught.value.prompt_tokens < 5100
    assert f"({caught.value.prompt_tokens} tokens)" in caught.value.message


def test_an_overflow_in_prose_has_no_counts(server: FakeOllama) -> None:
    with pytest.raises(ContextOverflow) as caught:
        ask(server, failure("too long"))
    assert (caught.value.prompt_tokens, caught.value.num_ctx) == (0, 0)


@pytest.mark.parametrize("inner", ['{"error":"x"}', "{}", "[]", '{"error":{"message":"odd"}}', "[" * 100_000])
def test_a_document_inside_the_error_string_never_confuses(server: FakeOllama, inner: str) -> None:
    with pytest.raises(ModelError):
        ask(server, refusal(400, inner))
