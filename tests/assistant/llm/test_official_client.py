"""The fake is checked by the official client: what it lists, shows, says and refuses arrives there as it should."""

from __future__ import annotations

import json
from collections.abc import Iterator

import ollama
import pytest

from assistant.llm.fake_ollama import Delivery, FakeOllama, call, failure, say
from assistant.llm.fake_ollama.wire import rough_tokens
from tests.assistant.llm.asking import NAME


@pytest.fixture
def client(server: FakeOllama) -> Iterator[ollama.Client]:
    with ollama.Client(f"http://{server.host}", trust_env=False, timeout=30) as client:
        yield client


QUESTION = {"role": "user", "content": "什么是 BN?"}
OPTIONS = {"num_ctx": 4096, "num_predict": 64}


def test_the_official_client_lists_shows_and_chats(server: FakeOllama, client: ollama.Client) -> None:
    assert [model.model for model in client.list().models] == [NAME]
    shown = client.show(NAME)
    assert shown.capabilities == ["completion", "tools", "thinking"]
    assert shown.modelinfo is not None
    assert shown.modelinfo["qwen35.context_length"] == 262_144
    assert [running.model for running in client.ps().models] == []

    messages = [QUESTION]
    made = [call("demo_softmax", {"x": [1, 2, 3]})]
    server.enqueue(
        say("批", "归一化", thinking=["先想"]),
        say("好", calls=made),
        say("好", calls=made, delivery=Delivery.IN_LAST),
    )
    parts = list(client.chat(NAME, messages, stream=True, think=True, options=OPTIONS))
    assert [part.message.thinking for part in parts] == ["先想", None, None, None]
    assert "".join(part.message.content or "" for part in parts) == "批归一化"
    assert parts[-1].done_reason == "stop"
    assert parts[-1].prompt_eval_count == rough_tokens(json.dumps(messages[0], ensure_ascii=False))
    tool = {"type": "function", "function": {"name": "demo_softmax", "parameters": {"type": "object"}}}
    for _ in range(2):
        whole = client.chat(NAME, messages, tools=[tool], think=False, options=OPTIONS)
        assert whole.message.content == "好"
        assert whole.message.tool_calls is not None
        assert whole.message.tool_calls[0].function.arguments == {"x": [1, 2, 3]}
    assert [running.context_length for running in client.ps().models] == [4096]


def test_the_official_client_sees_the_errors(server: FakeOllama, client: ollama.Client) -> None:
    server.enqueue(failure("busy"))
    with pytest.raises(ollama.ResponseError, match=r"busy, please try again\.  maximum pending") as caught:
        client.chat(NAME, [QUESTION], think=False, options=OPTIONS)
    assert caught.value.status_code == 503
    with pytest.raises(ollama.ResponseError, match="model 'nope' not found") as caught:
        client.chat("nope", [QUESTION], think=False, options=OPTIONS)
    assert caught.value.status_code == 404
    with pytest.raises(ollama.ResponseError, match="file does not exist") as caught:
        list(client.pull("nope", stream=True))
    assert caught.value.status_code == -1
