"""What the fake does with a prompt over the window, in each of the ways in which Ollama does it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from assistant.llm.fake_ollama import CUT_ANSWER, ChatPath, FakeOllama
from assistant.llm.fake_ollama.wire import nested_overflow, rough_tokens
from tests.assistant.llm.asking import body, post


def test_the_document_is_what_the_engine_below_ollama_answers() -> None:
    # Recorded from llama.cpp's server (xllamacpp 2026.10.11549): 1218 tokens sent to a window of 512.
    recorded = (
        '{"error":{"code":400,"message":"request (1218 tokens) exceeds the available context size (512 tokens), '
        'try increasing it","type":"exceed_context_size_error","n_prompt_tokens":1218,"n_ctx":512}}'
    )
    assert nested_overflow(1218, 512) == recorded


def too_long(**more: Any) -> dict[str, Any]:
    return body(
        messages=[{"role": "system", "content": "规则"}, {"role": "user", "content": "长" * 8000}], **more
    )


def test_a_rendered_chat_is_cut_without_a_word_as_ollama_cuts_it() -> None:
    with FakeOllama(strict=False) as server:
        answer = post(server, "/api/chat", too_long(stream=False, options={})).json()
    assert answer["message"]["content"] == CUT_ANSWER
    assert answer["prompt_eval_count"] == 2050


@pytest.mark.parametrize(
    ("path", "more"), [(ChatPath.NATIVE, {}), (ChatPath.RENDERED, {"truncate": False, "shift": False})]
)
def test_native_or_not_truncated_overflow_is_a_document_in_a_string(
    path: ChatPath, more: dict[str, Any]
) -> None:
    with FakeOllama(path=path) as server:
        answer = post(server, "/api/chat", too_long(**more))
    tokens = rough_tokens(
        "".join(json.dumps(m, ensure_ascii=False) + "\n" for m in too_long()["messages"])[:-1]
    )
    assert answer.status_code == 400
    assert answer.json()["error"] == (
        f'{{"error":{{"code":400,"message":"request ({tokens} tokens) exceeds the available context size '
        f'(4096 tokens), try increasing it","type":"exceed_context_size_error",'
        f'"n_prompt_tokens":{tokens},"n_ctx":4096}}}}'
    )


def test_rendered_overflow_without_shift_is_prose() -> None:
    with FakeOllama() as server:
        answer = post(server, "/api/chat", too_long(shift=False))
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(
        "the prompt is longer than the context length currently available"
    )
