"""`assistant interview`: on a pipe, as JSON, on a terminal, left and gone on with, listed, shown and told."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from assistant import open_assistant
from assistant.cli.interview_doors import toolbar
from assistant.cli.interviewing import hold
from assistant.interview.conductor import Conductor
from assistant.interview.report import Report
from assistant.interview.types import Move
from assistant.store import Store
from corpus.errors import StudyError
from tests.assistant.quiz.conftest import JOTTED, WRITTEN
from tests.cli.running import OnTerminal, environment, plain, run

SHORT = ("--questions", "2", "--seed", "4")


@pytest.fixture(scope="session")
def ready(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a home whose index of two notes with questions is built."""
    folder = tmp_path_factory.mktemp("questions")
    (folder / "pooling.md").write_text(WRITTEN, "utf-8")
    (folder / "jotted.md").write_text(JOTTED, "utf-8")
    env = environment(tmp_path_factory.mktemp("home"), ASSISTANT_NOTES=str(folder))
    assert run("notes", "topics", env=env).code == 0
    return env


@pytest.fixture
def built(ready: dict[str, str], own_home: Path) -> dict[str, str]:
    """The environment of a home of this test's own, over those notes."""
    shutil.copytree(ready["ASSISTANT_HOME"], own_home)
    return ready | {"ASSISTANT_HOME": str(own_home)}


def sent(*events: dict[str, Any] | str) -> str:
    lines = [event if isinstance(event, str) else json.dumps(event, ensure_ascii=False) for event in events]
    return "\n".join(lines) + "\n"


def store_of(env: dict[str, str]) -> Store:
    return Store(Path(env["ASSISTANT_HOME"]))


def test_on_a_pipe_every_line_is_an_answer_and_the_end_is_a_report(built: dict[str, str]) -> None:
    ran = run("interview", *SHORT, env=built, stdin="不知道\n\n/skip\n不知道\n不知道\n没有问题\n")
    assert ran.code == 0
    assert "第 1/2 题 · 已用 0:0" in ran.out
    assert "第 2/2 题" in ran.out
    assert ran.out.count("面试官：") > 4
    assert "模拟面试报告" in ran.out
    assert "assistant interview report 0" in ran.out
    assert "\x1b" not in ran.out
    (entry,) = store_of(built).interviews.listed()
    assert not entry.is_open
    assert store_of(built).reviews.log(), "what was not known is reviewed"
    assert store_of(built).gaps.most_asked("local") == (), "what an interview asks is no gap of the notes"


def test_where_the_lines_end_the_interview_waits_and_goes_on_where_it_was(built: dict[str, str]) -> None:
    first = run("interview", "start", *SHORT, env=built, stdin="/hint\n")
    (entry,) = store_of(built).interviews.listed()
    assert f"assistant interview resume {entry.interview_id}" in first.out
    assert entry.phase == "paused"
    again = run("interview", "resume", env=built, stdin="/skip\n/end\n")
    assert f"接着 {entry.interview_id}" in again.out
    assert "第 1/2 题" in again.out.split("面试官：")[0], "the question stands above what is said"
    assert "第 2/2 题" in again.out
    assert "模拟面试报告" in again.out
    none = run("interview", "resume", env=built)
    assert (none.code, "there is no interview to go on with" in none.err) == (1, True)
    over = run("interview", "resume", entry.interview_id[:20], env=built)
    assert (over.code, "is over" in over.err) == (2, True)


def test_as_json_every_line_is_an_event_both_ways(built: dict[str, str]) -> None:
    lines = sent(
        {"command": "hint"}, {"command": "help"}, "{", {"command": "sing"}, {"answer": "不知道\n真的"},
        {"command": "skip"}, {"command": "end"},
    )  # fmt: skip
    events = run("interview", *SHORT, "--json", env=built, stdin=lines).json_lines
    names = [event["event"] for event in events]
    assert names[:7] == ["session", "opening", "question", "hint", "help", "error", "error"]
    assert names[-2:] == ["closing", "report"]
    session, _, question, *_ = events
    assert (session["questions"], session["seconds"], session["seed"], session["resumed"]) == (
        2,
        360,
        4,
        False,
    )
    assert (question["n"], question["of"], question["probe"]) == (1, 2, None)
    assert question["text"].endswith(question["prompt"])
    assert question["left"] <= 360
    assert set(question) == {"event", "text", "n", "of", "elapsed", "left", "id", "topic", "prompt", "probe"}
    report = events[-1]
    assert report["interview"] == session["interview"]
    assert report["questions"][0]["prompt"] == question["prompt"]
    left = run("interview", *SHORT, "--json", env=built).json_lines
    assert left[-1]["event"] == "left"
    assert left[-1]["command"].startswith("assistant interview resume 0")


def test_the_same_seed_asks_the_same(built: dict[str, str]) -> None:
    first, second = (
        [e.get("prompt") for e in run("interview", *SHORT, "--json", env=built, stdin="/skip\n").json_lines]
        for _ in range(2)
    )
    assert first == second


def test_an_interview_is_about_the_topics_it_is_asked_for(built: dict[str, str]) -> None:
    events = run("interview", "--topic", "池化", "--json", env=built, stdin="/skip\n").json_lines
    assert {event["topic"] for event in events if "topic" in event} == {"池化层"}
    unknown = run("interview", "--topic", "zzz qqq", env=built)
    assert (unknown.code, "zzz qqq" in unknown.err) == (2, True)
    for words in (["--profile", "singer"], ["--minutes", "0"], ["--questions", "99"], ["--jd", "/nowhere"]):
        ran = run("interview", *words, env=built)
        assert ran.code in (1, 2)
        assert words[1].strip("/") in ran.err


def test_interviews_are_listed_shown_and_told_in_every_format(built: dict[str, str], tmp_path: Path) -> None:
    assert "还没有面试过" in run("interview", "list", env=built).out
    assert run("interview", "report", env=built).code == 2
    answer = "记得 <b>不多</b>，大概和归一化有关系，训练和推理用的统计量是不一样的"
    run("interview", *SHORT, env=built, stdin=f"{answer}\n/end\n")
    run("interview", *SHORT, env=built, stdin="/skip\n")
    newer, older = run("interview", "list", "--json", env=built).json
    assert (newer["phase"], newer["overall"], older["phase"]) == ("paused", None, "ended")
    listed = run("interview", "list", env=built).out.splitlines()
    assert [line.split(" · ")[0] for line in listed] == [newer["interview"], older["interview"]]
    assert "进行中" in listed[0]
    own = older["interview"]
    shown = run("interview", "show", own, env=built).out
    assert f"我：{answer}" in shown
    assert run("interview", "show", own, "--json", env=built).json["turns"][1]["heard"] == answer
    told = run("interview", "report", own, "--json", env=built).json
    assert told["questions"][0]["exchanges"][0]["answer"] == answer
    assert answer in run("interview", "report", own, env=built).out
    assert run("interview", "report", own, "--format", "md", env=built).out.startswith("# 模拟面试报告\n")
    for name, begins in (("r.html", "<!doctype html>"), ("r.txt", "\n模拟")):
        to = tmp_path / name
        assert run("interview", "report", own, "--to", str(to), env=built).code == 0
        assert to.read_text("utf-8").startswith(begins)
    assert "&lt;b&gt;不多" in (tmp_path / "r.html").read_text("utf-8")
    failed = run("interview", "report", own, "--to", str(tmp_path), env=built)
    assert (failed.code, "cannot be written" in failed.err) == (1, True)
    assert run("interview", "report", "0", env=built).code == 2, "the beginning of both"


def test_help_without_a_word_lists_what_there_is(env: dict[str, str]) -> None:
    out = run("interview", "--help", env=env).out
    for name in ("start", "resume", "list", "show", "report"):
        assert f" {name} " in out
    assert "--practice" in run("interview", "start", "--help", env=env).out


class Noted:
    """A door that notes what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def began(self, conductor: Conductor, *, resumed: bool) -> None:
        self.told.append("began")

    def said(self, conductor: Conductor, moves: Iterable[Move]) -> None:
        self.told += [move.act.value for move in moves]

    def waiting(self) -> None: ...

    def helped(self) -> None:
        self.told.append("helped")

    def refused(self, error: StudyError) -> None:
        self.told.append(error.message)

    def paused(self, conductor: Conductor) -> None:
        self.told.append("left")

    def ended(self, report: Report) -> None:
        self.told.append("report")


def test_a_window_that_was_overtaken_is_told_and_goes_on_from_there(built: dict[str, str]) -> None:
    assistant = open_assistant(built["ASSISTANT_NOTES"], built["ASSISTANT_HOME"], model="notes")
    interviewer = assistant.interviewer()
    first = assistant.interview(seed=4, questions=2, minutes=6)
    second = interviewer.open()
    assert second.state == first.state
    first.answer("/hint")
    door = Noted()
    hold(second, interviewer, door, [("answer", "不知道"), ("help", ""), ("skip", ""), ("end", "")])
    assert "went on in another window" in door.told[0]
    assert door.told[1:] == ["hint", "helped", "question", "closing", "report"]
    assert first.state.turns[1] == second.state.turns[1]


def test_the_line_under_the_prompt_tells_the_time_and_the_question(built: dict[str, str]) -> None:
    assistant = open_assistant(built["ASSISTANT_NOTES"], built["ASSISTANT_HOME"], model="notes")
    conductor = assistant.interview(seed=4, questions=2, minutes=6)
    assert re.fullmatch(r" 已用 0:0\d · 还剩 (6:00|5:5\d) · 第 1/2 题 · /help", toolbar(conductor))
    conductor.pause()
    assert toolbar(conductor) == " 已暂停，/resume 接着来"


PROMPT = "答 ›"


def test_on_a_terminal_answers_have_lines_and_ctrl_c_pauses(built: dict[str, str]) -> None:
    with OnTerminal("interview", *SHORT, env=built, columns=100) as terminal:
        terminal.wait_for(PROMPT)
        terminal.press("/help\r")
        terminal.wait_for("Alt+回车")
        terminal.wait_for(PROMPT)
        terminal.press("第一行\x1b\r第二行\\\r")
        terminal.press("\x1b[200~第三行\n第四行\x1b[201~\r")
        terminal.wait_for("面试官：")
        terminal.wait_for(PROMPT)
        terminal.press("说到一半\x03")
        terminal.wait_for("assistant interview resume")
        assert terminal.end() == 130
    (entry,) = store_of(built).interviews.listed()
    turns = store_of(built).interviews.load(entry.interview_id).turns
    assert turns[1].heard
    assert turns[1].heard.text == "第一行\n第二行\n第三行\n第四行"
    with OnTerminal("interview", "resume", entry.interview_id[:12], env=built) as terminal:
        terminal.wait_for(PROMPT)
        terminal.press("/end\r")
        terminal.wait_for("模拟面试报告")
        assert terminal.end() == 0
        assert entry.interview_id in plain(terminal.shown)


def test_a_chat_holds_an_interview_and_goes_on_after_it(built: dict[str, str]) -> None:
    with OnTerminal("chat", env=built) as terminal:
        terminal.wait_for("问 ›")
        terminal.press("/interview 池化\r")
        terminal.wait_for(PROMPT)
        terminal.press("\x04")
        terminal.wait_for("已暂停")
        terminal.wait_for("问 ›")
        terminal.press("\x04")
        assert terminal.end() == 0
    assert len(store_of(built).interviews.listed()) == 1
    assert "needs a terminal" in run("chat", env=built, stdin="/interview\n").out


def test_what_steers_a_terminal_is_no_part_of_an_answer(built: dict[str, str]) -> None:
    typed = "方差\x00\x1b[31m红\x07\u009b2J\u202e反\r\n第二行"
    lines = sent({"answer": typed}, {"command": "end"})
    report = run("interview", *SHORT, "--json", env=built, stdin=lines).json_lines[-1]
    assert report["questions"][0]["exchanges"][0]["answer"] == "方差[31m红2J反\n第二行"
