"""General knowledge on request, at the command line and in the chat: labelled, and never by itself."""

from __future__ import annotations

from assistant.language import Language, say
from assistant.llm.fake_ollama import FakeOllama
from assistant.llm.fake_ollama import say as reply
from tests.cli.running import run

OUTSIDE = "法国的首都是哪里?"
LABEL = say("general_label", Language.ZH, model="ollama:qwen3.5:4b")


def settings(env: dict[str, str], server: FakeOllama) -> dict[str, str]:
    return env | {"ASSISTANT_MODEL": "auto", "ASSISTANT_OLLAMA_HOST": server.host}


def test_ask_answers_from_general_knowledge_only_when_told(env: dict[str, str]) -> None:
    with FakeOllama() as server:
        server.enqueue(reply("巴黎。"))
        plain = run("ask", OUTSIDE, env=settings(env, server))
        general = run("ask", OUTSIDE, "--general", "--json", env=settings(env, server))
    assert (plain.code, general.code) == (3, 3)  # the notes lack it either way
    assert LABEL not in plain.out
    assert say("can_general", Language.ZH) in plain.out
    assert general.json["answer"].endswith(f"{LABEL}\n\n巴黎。")
    assert (general.json["status"], general.json["mode"]) == ("not_in_notes", "ollama:qwen3.5:4b")
    assert len(server.chats) == 1


def test_in_the_chat_the_last_question_is_put_again(env: dict[str, str]) -> None:
    with FakeOllama() as server:
        server.enqueue(reply("巴黎。"))
        ran = run("chat", env=settings(env, server), stdin=f"/general\n{OUTSIDE}\n/general\n")
        [body] = server.chats
    assert ran.code == 0
    assert "there is no question yet" in ran.out
    assert f"{LABEL}\n\n巴黎。" in ran.out
    assert body["messages"][-1]["content"] == OUTSIDE
