"""The fake itself: its bytes against the documented ones, its strictness, and the official client on it."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import httpx
import pytest

from assistant.llm.fake_ollama import (
    Delivery,
    FakeModel,
    FakeOllama,
    call,
    say,
)
from assistant.llm.fake_ollama.wire import expiry, go_json
from tests.assistant.llm.asking import NAME, body, post

#: The start of every line of a chat, in bytes.
HEAD = b'{"model":"qwen3.5:4b","created_at":"2026-08-21T18:48:22.123456789Z","message":{"role":"assistant",'


def get(server: FakeOllama, path: str, method: str = "GET") -> httpx.Response:
    return httpx.request(method, f"http://{server.host}{path}", trust_env=False, timeout=30)


# Bytes


def test_json_is_escaped_as_go_does() -> None:
    assert (
        go_json({"a": "<b>&\u2028\u2029\u0085批\n\x7f"})
        == b'{"a":"\\u003cb\\u003e\\u0026\\u2028\\u2029\xc2\x85\xe6\x89\xb9\\n\x7f"}'
    )


def test_a_stream_is_these_bytes_on_the_wire() -> None:
    reply = say("注意", calls=[call("demo_softmax", {"x": [1, 2, 3]})], thinking=["先想"])
    with FakeOllama() as server:
        server.enqueue(reply)
        answer = post(server, "/api/chat", body(think=True, tools=[]))
        assert server.violations == []
    lines = answer.content.split(b"\n")
    assert lines[:3] == [
        HEAD + '"content":"","thinking":"先想"},"done":false}'.encode(),
        HEAD + '"content":"注意"},"done":false}'.encode(),
        HEAD + b'"content":"","tool_calls":[{"id":"call_a1b2c3d4","function":{"index":0,'
        b'"name":"demo_softmax","arguments":{"x":[1,2,3]}}}]},"done":false}',
    ]
    assert lines[3].startswith(HEAD + b'"content":""},"done":true,"done_reason":"stop","total_duration":')
    assert list(json.loads(lines[3]))[5:] == [
        "total_duration",
        "load_duration",
        "prompt_eval_count",
        "prompt_eval_duration",
        "eval_count",
        "eval_duration",
    ]
    assert lines[4:] == [b""]
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.headers["transfer-encoding"] == "chunked"


def test_without_streaming_there_is_one_object_with_everything() -> None:
    made = [call("demo_softmax", {"x": [1]})]
    reply = say("批", "归一化", thinking=["先", "想"], calls=made, delivery=Delivery.ONE_BY_ONE)
    with FakeOllama() as server:
        server.enqueue(reply, reply)
        answer = post(server, "/api/chat", body(stream=False, think=True, tools=[{"type": "function"}]))
        without = post(server, "/api/chat", body(stream=False))
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.json()["message"] == {
        "role": "assistant",
        "content": "批归一化",
        "thinking": "先想",
        "tool_calls": made,
    }
    assert answer.json()["done"] is True
    assert without.json()["message"] == {"role": "assistant", "content": "批归一化"}


def test_thinking_comes_by_itself_when_nobody_forbids_it() -> None:
    with FakeOllama(strict=False) as server:
        server.enqueue(say("a", thinking=["b"]))
        sent = body()
        del sent["think"]
        assert "thinking" in post(server, "/api/chat", sent).text
        assert server.violations == ["think is missing: a model that can think would"]


def test_two_objects_may_come_in_one_piece_and_one_in_many() -> None:
    for piece, pieces in ((0, 1), (None, 3), (7, None)):
        with FakeOllama() as server:
            server.enqueue(replace(say("批", "归"), piece=piece))
            sizes = http_chunks(server, body())
        assert pieces is None or len(sizes) == pieces
        assert piece != 7 or (set(sizes[:-1]) == {7} and sizes[-1] <= 7)


def http_chunks(server: FakeOllama, sent: Mapping[str, Any]) -> list[int]:
    """Return the sizes of the HTTP chunks of a reply, read by hand."""
    host, port = server.host.split(":")
    raw = json.dumps(sent).encode()
    with socket.create_connection((host, int(port)), 30) as connection:
        connection.sendall(
            b"POST /api/chat HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(raw) + raw
        )
        stream = connection.makefile("rb")
        while stream.readline() != b"\r\n":
            pass
        sizes = []
        while size := int(stream.readline(), 16):
            stream.read(size + 2)
            sizes.append(size)
        stream.close()
    return sizes


# The other endpoints


def test_small_answers_are_what_ollama_says() -> None:
    with FakeOllama() as server:
        assert get(server, "/").text == "Ollama is running"
        assert get(server, "/", "HEAD").status_code == 200
        assert get(server, "/api/version").content == b'{"version":"0.32.15"}'
        assert (get(server, "/nope").status_code, get(server, "/nope").text) == (404, "404 page not found")
        assert get(server, "/api/chat").status_code == 405
        assert get(server, "/api/tags", "DELETE").status_code == 405
        assert post(server, "/api/tags", {}).status_code == 405


def test_loading_and_unloading_show_in_what_runs() -> None:
    with FakeOllama() as server:
        assert get(server, "/api/ps").json() == {"models": []}
        load = post(server, "/api/chat", body(messages=[], keep_alive=-1))
        assert load.content == HEAD + b'"content":""},"done":true,"done_reason":"load"}\n'
        [running] = get(server, "/api/ps").json()["models"]
        assert (running["name"], running["context_length"]) == (NAME, 4096)
        assert running["expires_at"] > "2300"
        assert post(server, "/api/chat", body(messages=[], keep_alive=0)).json()["done_reason"] == "unload"
        assert get(server, "/api/ps").json() == {"models": []}


@pytest.mark.parametrize(
    ("keep_alive", "when"),
    [
        (None, "18:53:22"),
        ("30m", "19:18:22"),
        ("1h30m", "20:18:22"),
        (90, "18:49:52"),
        ("500ms", "18:48:22.500000"),
    ],
)
def test_keep_alive_is_read_as_go_reads_durations(keep_alive: str | int | None, when: str) -> None:
    assert expiry(keep_alive) == f"2026-08-21T{when}Z"


def test_pulling_without_streaming_is_one_object() -> None:
    with FakeOllama(library=(FakeModel("tiny:1b"),)) as server:
        assert post(server, "/api/pull", {"model": "tiny:1b", "stream": False}).json() == {
            "status": "success"
        }
        assert post(server, "/api/pull", {"model": "nope", "stream": False}).status_code == 500


# Refusals


@pytest.mark.parametrize(
    ("sent", "status", "wording"),
    [
        ({}, 400, "missing request body"),
        (body(model=""), 400, "model is required"),
        (body(model="bad name!"), 400, "invalid model name"),
        (body(model="nope"), 404, "model 'nope' not found"),
        (
            body(think="x"),
            400,
            'invalid think value: "x" (must be "high", "medium", "low", "max", true, or false)',
        ),
        (
            body(options={"num_ctx": "4096", "num_predict": 1}),
            500,
            'option "num_ctx" must be of type integer',
        ),
        (body(model="bge-m3"), 400, '"bge-m3" does not support chat'),
        (
            body(model="gemma3:4b", tools=[{"type": "function"}]),
            400,
            "registry.ollama.ai/library/gemma3:4b does not support tools",
        ),
        (body(model="gemma3:4b", think=True), 400, '"gemma3:4b" does not support thinking'),
    ],
)
def test_the_fake_refuses_what_ollama_refuses_in_the_same_words(
    sent: dict[str, Any], status: int, wording: str
) -> None:
    models = (FakeModel(NAME), FakeModel("bge-m3", ("embedding",)), FakeModel("gemma3:4b", ("completion",)))
    with FakeOllama(models=models) as server:
        answer = post(server, "/api/chat", sent)
    assert (answer.status_code, answer.json()) == (status, {"error": wording})


CALL = {"role": "assistant", "content": "", "tool_calls": [call("demo_relu", {"x": [1]})]}
RESULT = {"role": "tool", "content": "1", "tool_name": "demo_relu", "tool_call_id": "call_a1b2c3d4"}
USER = {"role": "user", "content": "?"}


@pytest.mark.parametrize(
    ("sent", "fault"),
    [
        (body(tool_choice="auto"), "unknown top-level keys: tool_choice"),
        (body(options={"num_predict": 1}), "options.num_ctx is missing"),
        (body(options={"num_ctx": 4096}), "options.num_predict is missing"),
        (body(format="json", tools=[{"type": "function"}]), "format and tools together"),
        (body(messages=[{"role": "system", "content": "a"}] * 2), "more than one leading system message"),
        (body(messages=[USER, CALL]), "1 tool results are missing at the end"),
        (body(messages=[USER, CALL, USER]), "1 tool results are missing before it"),
        (body(messages=[USER, RESULT]), "a tool result without a call before it"),
        (body(messages=[USER, CALL, RESULT, RESULT]), "a tool result without a call before it"),
        (body(messages=[USER, CALL, {"role": "tool", "content": "1"}]), "without tool_name"),
        (body(messages=[USER, CALL, RESULT | {"tool_name": "demo_gelu"}]), "'demo_gelu' answers 'demo_relu'"),
        (body(messages=[USER, CALL, RESULT | {"tool_call_id": "call_x"}]), "tool_call_id 'call_x' is not"),
        (
            body(messages=[USER, CALL | {"tool_calls": [call("demo_relu", '{"x":1}')]}, RESULT]),
            "tool arguments that are not an object",
        ),
    ],
)
def test_a_careless_request_is_recorded_and_refused(sent: dict[str, Any], fault: str) -> None:
    with FakeOllama(checked=False) as server:
        server.enqueue(say("a"))
        assert post(server, "/api/chat", sent).status_code == 400
    assert len(server.violations) == 1
    assert fault in server.violations[0]


def test_a_careful_tool_round_is_accepted() -> None:
    two = CALL | {"tool_calls": [call("demo_relu", {}), call("demo_gelu", {}, "")]}
    results = [RESULT, {"role": "tool", "content": "2", "tool_name": "demo_gelu"}]
    with FakeOllama() as server:
        server.enqueue(say("a"))
        assert post(server, "/api/chat", body(messages=[USER, two, *results])).status_code == 200
    assert server.violations == []


def test_a_chat_without_a_script_fails_loudly_unless_there_is_a_responder() -> None:
    with FakeOllama(checked=False) as server:
        assert post(server, "/api/chat", body()).status_code == 500
        assert server.violations == ["a chat for which no reply was enqueued"]
    with FakeOllama(respond=lambda sent: say(f"echo {sent['messages'][-1]['content']}")) as server:
        assert post(server, "/api/chat", body(stream=False)).json()["message"]["content"] == "echo 什么是 BN?"
