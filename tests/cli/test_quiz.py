"""`assistant quiz` on a pipe, as JSON events and at the terminal; what is decided of a question is remembered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.assistant.quiz.conftest import JOTTED, WRITTEN
from tests.cli.running import OnTerminal, environment, plain, run

ANSWER = "答 ›"


@pytest.fixture(scope="module")
def quiz_env(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("notes")
    (folder / "pooling.md").write_text(WRITTEN, "utf-8")
    (folder / "jotted.md").write_text(JOTTED, "utf-8")
    env = environment(tmp_path_factory.mktemp("home"), ASSISTANT_NOTES=str(folder))
    assert run("notes", "topics", env=env).code == 0
    return env


def sent(*events: dict[str, Any]) -> str:
    return "".join(json.dumps(event, ensure_ascii=False) + "\n" for event in events)


def test_answers_on_a_pipe_are_marked_one_a_line_and_the_seed_repeats_them(quiz_env: dict[str, str]) -> None:
    words = ("quiz", "池化", "-n", "2", "--seed", "4", "--kind", "why")
    typed = "因为要把梯度传给最大值的位置\n/show\n"
    once = run(*words, env=quiz_env, stdin=typed)
    assert (once.code, once.err) == (0, "")
    assert "第 1/2 题 · 池化层 · 为什么" in once.out
    assert "第 2/2 题 · 池化层 · 为什么" in once.out
    assert "参考答案：" in once.out
    assert "pooling.md 第 " in once.out
    assert "看答案 1" in once.out
    assert "assistant quiz '池化' -n 2 --kind why --seed 4 --lang zh" in once.out
    assert run(*words, env=quiz_env, stdin=typed).out == once.out


def test_events_go_both_ways(quiz_env: dict[str, str]) -> None:
    ran = run(
        *("quiz", "池化层", "-n", "2", "--seed", "1", "--kind", "multiple_choice", "--json"),
        env=quiz_env,
        stdin=sent(
            {"command": "hint"}, {"answer": "Z"}, {"answer": "A"}, {"nothing": 1}, {"command": "skip"}
        ),
    )
    assert ran.code == 0
    events = ran.json_lines
    assert [event["event"] for event in events] == [
        *("question", "hint", "error", "marked", "question", "error", "skipped", "summary")
    ]
    question, marked = events[0], events[3]
    assert (question["n"], question["of"], question["form"]) == (1, 2, "choice")
    assert set(question["choices"]) == {"A", "B", "C", "D"}
    assert "right" not in question
    assert marked["level"] == ("correct" if marked["right"] == "A" else "wrong")
    assert question["choices"][marked["right"]] in marked["model_answer"]
    assert marked["hinted"] is True
    assert marked["citation"]["lines"][0] > 1
    assert (events[-1]["done"], events[-1]["skipped"], events[-1]["seed"]) == (2, 1, 1)


def test_what_is_decided_of_a_question_holds_the_next_time(own_home: Path, quiz_env: dict[str, str]) -> None:
    env = quiz_env | {"ASSISTANT_HOME": str(own_home)}
    words = ("quiz", "池化层", "--kind", "define", "--kind", "why", "-n", "2", "--seed", "1")
    first = run(*words, "--json", env=env, stdin=sent({"command": "edit", "prompt": "换个问法？"}))
    changed = first.json_lines[0]["id"]
    second = run(*words, "--json", env=env, stdin=sent({"command": "skip"}, {"command": "reject"}))
    assert second.json_lines[0]["prompt"] == "换个问法？"
    assert second.json_lines[0]["id"] == changed
    rejected = second.json_lines[2]["id"]
    listed = [
        json.loads(line) for line in run("quiz", "池化层", "--list", "--json", env=env).out.splitlines()
    ]
    states = {one["id"]: one["state"] for one in listed}
    assert rejected not in states
    assert states[changed] == "edited"
    drafts = run("quiz", "--drafts", "--json", env=env).json_lines
    assert changed not in {one["id"] for one in drafts}
    assert drafts


def test_answers_are_reviews_and_count_as_progress(own_home: Path, quiz_env: dict[str, str]) -> None:
    env = quiz_env | {"ASSISTANT_HOME": str(own_home)}
    sent_in = sent({"answer": "不知道"}, {"command": "skip"}, {"command": "show"})
    words = ("quiz", "池化层", "--kind", "why", "--kind", "define", "-n", "3", "--json")
    assert run(*words, env=env, stdin=sent_in).code == 0
    progress = run("progress", "--json", env=env).json
    assert progress["reviews"] == 2
    (topic,) = [one for one in progress["topics"] if one["topic"] == "池化层"]
    assert (topic["answers"], topic["standing"]) == (2, "weak")


def test_a_command_that_is_none_is_refused_and_no_wrong_answer(quiz_env: dict[str, str]) -> None:
    ran = run("quiz", "池化层", "-n", "1", "--kind", "why", env=quiz_env, stdin="/hnit\n/edit\n/SKIP\n")
    assert "'/hint'" in ran.out
    assert "/edit needs the new words" in ran.out
    assert "跳过 1" in ran.out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("quiz", "--kind", "clozes"), "'clozes'"),
        (("quiz", "量子引力"), "'量子引力'"),
        (("quiz", "--write"), "--write needs a topic"),
    ],
)
def test_what_cannot_be_asked_is_refused(quiz_env: dict[str, str], words: tuple[str, ...], told: str) -> None:
    ran = run(*words, env=quiz_env)
    assert ran.code == 2
    assert told in ran.err


def test_a_quiz_is_held_at_the_terminal_and_in_the_chat(quiz_env: dict[str, str]) -> None:
    with OnTerminal("chat", env=quiz_env) as terminal:
        terminal.wait_for("问 ›")
        terminal.press("/quiz sigmoid函数优缺点\r")
        terminal.wait_for("第 1/3 题")
        terminal.wait_for(ANSWER)
        terminal.press("/hint\r")
        terminal.wait_for("提示：")
        terminal.wait_for(ANSWER)
        terminal.press("/show\r")
        terminal.wait_for("出处：")
        terminal.wait_for(ANSWER)
        terminal.press("/quit\r")
        shown = plain(terminal.wait_for("再做同一套"))
        assert "看答案 1" in shown
        terminal.wait_for("问 ›")
        terminal.press("\x04")
        assert terminal.end() == 0
