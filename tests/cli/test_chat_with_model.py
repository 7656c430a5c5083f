"""`assistant chat` with a model: what is shown while one waits, what Ctrl-C and `kill -9` leave behind."""

from __future__ import annotations

import os
import signal
import subprocess

import pytest

from assistant.language import Language, say
from assistant.llm.fake_ollama import FakeOllama, Pause, Reply, call, chunk, silent_port
from assistant.llm.fake_ollama import say as reply
from tests.cli.running import COMMAND, LIMIT, OnTerminal, plain, run

PROMPT = "问 ›"
QUESTION = "Adam 有什么优点?"
MODEL = "ollama:qwen3.5:4b"


def with_model(env: dict[str, str], host: str, **more: str) -> dict[str, str]:
    return env | {"ASSISTANT_MODEL": MODEL, "ASSISTANT_OLLAMA_HOST": host} | more


def stalling(*texts: str) -> Reply:
    return Reply((*(chunk(text) for text in texts), Pause(None)))


def read_until(process: subprocess.Popen[bytes], text: str) -> None:
    assert process.stdout is not None
    seen = b""
    while text not in seen.decode("utf-8", "replace"):
        piece = os.read(process.stdout.fileno(), 4096)
        assert piece, seen
        seen += piece


def leave(terminal: OnTerminal) -> None:
    terminal.wait_for(PROMPT)
    terminal.press("\x04")
    assert terminal.end() == 0


def test_the_model_is_loaded_while_the_first_question_is_typed(env: dict[str, str]) -> None:
    with FakeOllama() as server:
        server.enqueue(reply("Adam 结合两个矩 [1]。"))
        with OnTerminal("chat", env=with_model(env, server.host)) as terminal:
            assert "loading the model" in plain(terminal.wait_for(PROMPT))
            terminal.press(f"{QUESTION}\r")
            assert "Adam 结合两个矩 [1]。" in plain(terminal.wait_for(f"— {MODEL}"))
            leave(terminal)
        assert [len(body["messages"]) for body in server.chats] == [0, 2]
        assert server.reloads == 0
        with OnTerminal("chat", env=with_model(env, server.host)) as terminal:
            assert "loading" not in plain(terminal.wait_for(PROMPT))
            terminal.press("\x04")
            assert terminal.end() == 0


def test_what_is_waited_for_is_shown_and_taken_away(env: dict[str, str]) -> None:
    slow = Reply((Pause(1.0), *reply("Adam 结合两个矩 [1]。").steps))
    with FakeOllama() as server:
        server.enqueue(reply(calls=[call("pooling", {"kernel": 2})]), slow)
        with OnTerminal("ask", QUESTION, env=with_model(env, server.host, NO_COLOR="1")) as terminal:
            terminal.wait_for(say("wait_loading", Language.ZH))
            terminal.wait_for("⚙ pooling(kernel=2)")
            terminal.wait_for(say("wait_first_word", Language.ZH))
            terminal.wait_for("Adam 结合")
            assert terminal.end() == 0
        server.enqueue(reply("Adam 结合两个矩 [1]。"))
        piped = run("ask", QUESTION, env=with_model(env, server.host))
    assert "……" not in piped.out
    assert "\r" not in piped.out


def test_a_second_process_is_told_that_it_queues(env: dict[str, str]) -> None:
    with FakeOllama() as server:
        server.enqueue(stalling("Adam 结合", "两个矩 [1]，", "并且做"), reply("Dropout 随机丢弃 [1]。"))
        ours = with_model(env, server.host)
        with OnTerminal("ask", QUESTION, env=ours) as first:
            first.wait_for("Adam 结合")
            with OnTerminal("ask", "什么是 Dropout?", env=ours) as second:
                second.wait_for(say("wait_turn", Language.ZH, ahead=1))
                first.press("\x03")
                assert first.end() == 130
                second.wait_for("Dropout 随机丢弃")
                assert second.end() == 0


@pytest.mark.parametrize("shown", ["on", "off"])
def test_thoughts_stand_apart_from_the_answer_or_nowhere(env: dict[str, str], shown: str) -> None:
    with FakeOllama() as server:
        server.enqueue(reply("Adam 结合两个矩 [1]。", thinking=["先想一想", "再想一想"]))
        ours = with_model(env, server.host, ASSISTANT_THINK="on", ASSISTANT_SHOW_THOUGHTS=shown)
        ran = run("ask", QUESTION, env=ours)
        server.enqueue(reply("Adam 结合两个矩 [1]。", thinking=["先想一想"]))
        assert "想一想" not in run("ask", QUESTION, "--json", env=ours).out
    before = "先想一想再想一想\n\n" if shown == "on" else ""
    assert ran.out.startswith(f"{before}Adam 结合两个矩 [1]。\n")


def test_thoughts_are_dimmed_on_a_terminal(env: dict[str, str]) -> None:
    with FakeOllama() as server:
        server.enqueue(reply("Adam 结合两个矩 [1]。", thinking=["先想一想，再想一想，还想一想。"]))
        with OnTerminal("ask", QUESTION, env=with_model(env, server.host, ASSISTANT_THINK="on")) as terminal:
            assert terminal.end() == 0
            assert "\x1b[2m先想一想" in terminal.shown


def test_ctrl_c_in_a_piped_chat_ends_the_chat(env: dict[str, str]) -> None:
    with FakeOllama() as server:
        server.enqueue(stalling("Adam 结合", "两个矩"))
        with subprocess.Popen(
            [*COMMAND, "chat"],
            env=with_model(env, server.host),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as chat:
            assert chat.stdin is not None
            chat.stdin.write(f"{QUESTION}\n什么是 Dropout?\n".encode())
            chat.stdin.flush()
            read_until(chat, "两个矩")
            chat.send_signal(signal.SIGINT)
            out, err = chat.communicate(timeout=LIMIT)
        assert chat.returncode == 130
        assert say("interrupted", Language.ZH) in out.decode()
        assert b"Traceback" not in err
        assert server.wait_for_clients_gone()
        assert len(server.chats) == 1, "the second question is not asked"


def test_a_conversation_survives_kill_minus_9_in_the_middle_of_an_answer(own_env: dict[str, str]) -> None:
    with FakeOllama() as server:
        ours = with_model(own_env, server.host)
        server.enqueue(reply("Adam 结合两个矩 [1]。"), stalling("RMSProp", "的优点"))
        with subprocess.Popen(
            [*COMMAND, "chat"], env=ours, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as chat:
            assert chat.stdin is not None
            chat.stdin.write(f"{QUESTION}\n那 RMSProp 呢?\n".encode())
            chat.stdin.flush()
            read_until(chat, "的优点")
            chat.kill()
            chat.wait(LIMIT)
        assert server.wait_for_clients_gone()
        server.enqueue(reply("RMSProp 调整步长 [1]。"))
        again = run("chat", "--continue", env=ours, stdin="那 RMSProp 呢?\n")
    assert again.code == 0
    assert f"上一问：{QUESTION}" in again.out
    assert say("standalone", Language.ZH, question="RMSProp 有什么优点?") in again.out
    assert "RMSProp 调整步长 [1]。" in again.out
    sent = [message["content"] for message in server.chats[-1]["messages"][1:3]]
    assert sent == [QUESTION, "Adam 结合两个矩 [1]。"]


def test_a_port_that_accepts_and_says_nothing_costs_seconds_and_is_named(env: dict[str, str]) -> None:
    with silent_port() as host:
        ran = run("ask", QUESTION, "--json", env=with_model(env, host))
    assert (ran.code, ran.json["mode"]) == (0, "notes")
    assert f"nothing from http://{host} within 2.5 s" in ran.err
