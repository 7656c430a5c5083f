"""`assistant chat` on a pipe: follow-ups, slash commands, and a conversation that outlives its process."""

from __future__ import annotations

import re

from assistant.language import Language, say
from tests.cli.running import plain, run

UNDERSTOOD = say("standalone", Language.ZH, question="RMSProp 有什么优点?")


def test_a_follow_up_is_understood_and_answered(env: dict[str, str]) -> None:
    ran = run("chat", env=env, stdin="Adam 有什么优点?\n\n那 RMSProp 呢?\n")
    assert (ran.code, ran.err) == (0, "")
    first, second = ran.out.split(UNDERSTOOD)
    assert "Adam 的优点是同时使用一阶矩" in first
    assert "RMSProp 的优点是用梯度平方的指数滑动平均" in second
    assert [text.count("— notes · ") for text in (first, second)] == [1, 1]
    assert "\x1b" not in ran.out


def test_help_lists_every_slash_command(env: dict[str, str]) -> None:
    ran = run("chat", env=env, stdin="/help\n")
    named = [line.split()[0] for line in ran.out.splitlines()]
    assert {"/help", "/sources", "/demo", "/clear", "/topics", "/quit"} <= set(named)


def test_sources_show_what_the_last_answer_quoted(env: dict[str, str]) -> None:
    ran = run("chat", env=env, stdin="/sources\nL1 正则化为什么稀疏?\n/sources\n")
    nothing, answer_and_quotes = ran.out.split("\n", 1)
    assert "nothing has been cited yet" in nothing
    quoted = answer_and_quotes.split("— notes · ")[1]
    assert "[1] L1 正则化为什么稀疏 · " in quoted
    assert "\nL1 正则化的梯度大小恒定" in quoted


def test_topics_demos_and_quit_work_inside(env: dict[str, str]) -> None:
    lines = "/topics\n/demo pooling --x '[[1,2],[3,6]]' --kernel 2 --mode mean\n/demo\n/quit\nAdam?\n"
    ran = run("chat", env=env, stdin=lines)
    assert ran.code == 0
    topics, pooling = ran.out.split("pooling · ", 1)
    assert "- 批归一化 (Batch Normalization)" in topics
    assert "- 知识蒸馏（只有标题或链接）" in topics
    assert re.search(r"out = \[\[3(\.0)?\]\]", pooling)
    assert "receptive_field" in pooling  # in the list of all demos
    assert "Adam" not in ran.out.rsplit("receptive_field")[-1], "nothing is answered after /quit"


def test_clear_makes_the_next_question_stand_alone(env: dict[str, str]) -> None:
    ran = run("chat", env=env, stdin="Adam 有什么优点?\n/clear\n那 RMSProp 呢?\n")
    assert "context cleared" in ran.out
    assert "理解为" not in ran.out


def test_a_fault_in_a_line_is_said_with_its_way_out_and_the_chat_goes_on(env: dict[str, str]) -> None:
    lines = [
        "/hlep",
        "/demo poling",
        "/demo pooling --x '[1",
        "/demo pooling --kernel -3",
        "/",
        "感" * 100_000,
        "Adam 有什么优点?",
    ]
    ran = run("chat", env=env, stdin="\n".join(lines))
    assert ran.code == 0
    assert ran.out.count("✗ ") == 6
    assert "✗ there is no chat command called '/hlep'\n  Did you mean '/help'" in ran.out
    assert "✗ there is no demo called 'poling'\n  Did you mean 'pooling'?" in ran.out
    assert "100,000 characters" in ran.out
    assert "Adam 的优点是" in ran.out


def test_continue_resumes_the_last_conversation_in_another_process(own_env: dict[str, str]) -> None:
    nothing = run("chat", "--continue", env=own_env, stdin="Adam 有什么优点?\n")
    assert "no earlier chat to continue" in nothing.out
    again = run("chat", "--continue", env=own_env, stdin="那 RMSProp 呢?\n")
    assert "上一问：Adam 有什么优点?" in plain(again.out)
    assert UNDERSTOOD in again.out
    assert "RMSProp 的优点是" in again.out
    third = run("chat", "--continue", env=own_env, stdin="/sources\n为什么?\n")
    assert "上一问：那 RMSProp 呢?" in third.out
    fresh = run("chat", env=own_env, stdin="那 RMSProp 呢?\n")
    assert "理解为" not in fresh.out


def test_no_lines_are_no_words(env: dict[str, str]) -> None:
    ran = run("chat", env=env, stdin="\n \n")
    assert (ran.code, ran.out, ran.err) == (0, "", "")
