"""`assistant review` and `assistant plan`: on a pipe, as JSON, on a terminal, twice at once, and killed."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

from assistant.review.card import study_day
from assistant.store import Store
from tests.cli.running import COMMAND, LIMIT, OnTerminal, plain, run


def sent(*events: dict[str, Any] | str) -> str:
    lines = [event if isinstance(event, str) else json.dumps(event, ensure_ascii=False) for event in events]
    return "\n".join(lines) + "\n"


@pytest.fixture
def built(env: dict[str, str], own_home: Path) -> dict[str, str]:
    """The environment of a home of this test's own, over notes whose index is built."""
    shutil.copytree(env["ASSISTANT_HOME"], own_home)
    return env | {"ASSISTANT_HOME": str(own_home)}


def today() -> date:
    return study_day(datetime.now(UTC))


class Program:
    """A program that holds a review by JSON, line by line."""

    def __init__(self, *words: str, env: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, "review", "--json", "--seed", "1", *words],
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def read(self, event: str) -> dict[str, Any]:
        """Return the next event, which must be of this sort."""
        assert self.process.stdout is not None
        got: dict[str, Any] = json.loads(self.process.stdout.readline())
        assert got["event"] == event, got
        return got

    def write(self, **event: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(event) + "\n")
        self.process.stdin.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.communicate(timeout=LIMIT)


def test_a_review_on_a_pipe_keeps_every_answer_and_goes_on_where_it_was(built: dict[str, str]) -> None:
    ran = run("review", "--seed", "1", env=built, stdin="不知道\n/show\n/quit\n")
    assert ran.code == 0
    head, first, second, *_ = ran.out.split("\n第 ")
    count = int(head.split("今天复习 ")[1].split(" 题")[0])
    assert f"新内容 {count}。" in head
    assert first.startswith(f"1/{count} 题 · 《")
    assert "下次：" in first
    assert "已看答案，按没记住算。" in second
    assert "参考答案：" in second
    assert f"还剩 {count - 2} 题" in ran.out
    assert "\x1b" not in ran.out
    store = Store(Path(built["ASSISTANT_HOME"]))
    assert [(entry.rating, entry.help) for entry in store.reviews.log()] == [(1, "none"), (1, "answer")]
    again = run("review", "--json", "--seed", "1", env=built).json_lines
    subjects = {item["subject"] for item in again[0]["items"]}
    assert not subjects & set(store.reviews.cards())
    assert [event["event"] for event in again] == ["session", "question", "summary"]


def test_every_command_of_the_protocol_does_what_it_says(built: dict[str, str]) -> None:
    commands = ("hint", "show", "undo", "skip", "suspend", "undo", "quit")
    ran = run(
        "review", "--json", "--seed", "2", env=built,
        stdin=sent(*({"command": name} for name in commands)),
    )  # fmt: skip
    events = ran.json_lines
    assert [event["event"] for event in events] == [
        "session", "question", "hint", "graded", "question", "undone", "question", "skipped",
        "question", "suspended", "question", "nothing_to_undo", "summary",
    ]  # fmt: skip
    session, first, _, graded, _, undone, again, *_ = events
    assert session["day"] == today().isoformat()
    assert first["subject"] == session["items"][0]["subject"] == graded["subject"] == undone["subject"]
    assert (first["why"], first["reason"], first["days_overdue"]) == ("new", "新内容", 0)
    assert (graded["level"], graded["score"], graded["rating"], graded["outcome"]) == (
        "wrong",
        0.0,
        1,
        "counted",
    )
    assert graded["next"] == (today() + timedelta(days=1)).isoformat()
    assert graded["citation"]["path"].startswith("/")
    assert again["subject"] == first["subject"]
    assert again["answer_key"] != first["answer_key"]
    assert (events[-1]["reviewed"], events[-1]["next"]) == (0, {})
    suspended = events[9]["subject"]
    listed = run("review", "--suspended", "--json", env=built).json
    assert [card["subject"] for card in listed] == [suspended]
    assert events[9]["command"] == f"assistant review --unsuspend {shlex.quote(suspended)}"
    run("review", "--unsuspend", suspended, env=built)
    assert run("review", "--suspended", "--json", env=built).json == []
    assert run("review", "--unsuspend", "topic:x#y", env=built).code == 2


def test_lines_that_are_no_events_leave_the_question_open(built: dict[str, str]) -> None:
    ran = run(
        "review", "--json", env=built, stdin=sent('{"answer": tru', {"command": "sing"}, {"answer": None})
    )
    assert [event["event"] for event in ran.json_lines] == ["session", "question", *["error"] * 3, "summary"]
    assert '"skip"' in ran.json_lines[3]["hint"]


def test_a_mistyped_command_is_not_a_wrong_answer(built: dict[str, str]) -> None:
    ran = run("review", "--seed", "1", env=built, stdin="/hnit\n/quit\n")
    assert "'/hnit'" in ran.out
    assert "/hint" in ran.out
    assert Store(Path(built["ASSISTANT_HOME"])).reviews.log() == ()


def test_the_same_seed_asks_the_same(built: dict[str, str]) -> None:
    first, second = (run("review", "--json", "--seed", "7", env=built).json_lines[1] for _ in range(2))
    assert (first["prompt"], first["question_id"]) == (second["prompt"], second["question_id"])


def test_two_terminals_on_the_same_card_count_it_once(built: dict[str, str]) -> None:
    with Program(env=built) as one, Program(env=built) as other:
        questions = []
        for program in (one, other):
            program.read("session")
            questions.append(program.read("question"))
        assert questions[0]["subject"] == questions[1]["subject"]
        outcomes = []
        for program in (one, other):
            program.write(command="show")
            outcomes.append(program.read("graded")["outcome"])
    assert outcomes == ["counted", "overtaken"]
    assert len(Store(Path(built["ASSISTANT_HOME"])).reviews.log()) == 1


def test_what_was_acknowledged_is_there_after_a_kill(built: dict[str, str]) -> None:
    with Program(env=built) as program:
        program.read("session")
        key = program.read("question")["answer_key"]
        program.write(answer="不知道")
        program.read("graded")
        program.process.kill()
    (entry,) = Store(Path(built["ASSISTANT_HOME"])).reviews.log()
    assert entry.answer_key == key


def test_on_a_terminal_one_question_comes_at_a_time_and_ctrl_d_ends(built: dict[str, str]) -> None:
    with OnTerminal("review", "--seed", "1", env=built) as terminal:
        terminal.wait_for("第 1/")
        terminal.wait_for("›")
        terminal.press("不知道\r")
        terminal.wait_for("下次：")
        terminal.wait_for("第 2/")
        terminal.wait_for("›")
        terminal.press("\x03")
        terminal.press("\x04")
        assert terminal.end() == 0
        assert "复习了 1 题" in plain(terminal.shown)


def test_in_english_everything_around_the_question_is_english(built: dict[str, str]) -> None:
    ran = run("review", "--lang", "en", "--seed", "1", env=built, stdin="/skip\n/suspend\n/quit\n")
    around = [line for line in ran.out.splitlines() if "to review today" in line or "reviewed in" in line]
    assert len(around) == 2
    assert "It comes again at the end." in ran.out


def test_a_plan_tells_every_day_to_the_interview_and_is_forgotten_again(built: dict[str, str]) -> None:
    on = today() + timedelta(days=9)
    made = run("plan", "--date", on.isoformat(), "--minutes", "30", "--json", env=built).json
    assert (made["interview"], made["days_left"], made["enough"]) == (on.isoformat(), 9, True)
    assert [day["date"] for day in made["days"]] == [
        (today() + timedelta(days=n)).isoformat() for n in range(9)
    ]
    assert sum(day["new"] for day in made["days"]) == made["subjects"]
    assert [item["why"] for item in made["today"]] == ["new"] * made["days"][0]["new"]
    told = run("plan", env=built).out
    assert "还有 9 天" in told
    assert "最后 3 天再过一遍" in told
    assert "距面试还有 9 天" in run("review", env=built).out
    cleared = run("plan", "--clear", env=built).out
    assert cleared.startswith("已清除面试日期。\n")
    assert run("plan", "--json", env=built).json["interview"] is None


def test_a_plan_that_cannot_be_kept_says_so_and_what_it_would_take(built: dict[str, str]) -> None:
    on = today() + timedelta(days=1)
    made = run("plan", "--date", on.isoformat(), "--minutes", "2", env=built).out
    assert "每天 2 分钟不够" in made
    assert "分钟才够" in made


def test_a_date_that_is_no_date_or_is_past_is_a_usage_error(built: dict[str, str]) -> None:
    for words in (["--date", "tomorrow"], ["--date", "2020-01-01"], ["--date", "2999-01-01", "--clear"]):
        ran = run("plan", *words, env=built)
        assert ran.code == 2
        assert words[1] in ran.err or "--clear" in ran.err
