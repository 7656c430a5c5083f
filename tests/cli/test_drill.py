"""`assistant drill` on a pipe: for a person, one answer a line; for a program, one JSON event a line."""

from __future__ import annotations

import json
import re
import shlex
from typing import Any

import pytest

from assistant.drills import wording
from assistant.drills.drawing import Plan, draw
from assistant.language import Language, say
from tests.cli.running import run

ZH, EN = Language.ZH, Language.EN
FIELD = Plan(("receptive_field",), seed=3, count=3)


def answers(plan: Plan) -> list[str]:
    """Return the right answers to the questions of a drill."""
    asked: set[str] = set()
    right = []
    for index in range(plan.count):
        exercise = draw(plan, index, asked)
        asked.add(exercise.question_zh)
        right.append(wording.written(exercise))
    return right


def sent(*events: dict[str, Any] | str) -> str:
    lines = [event if isinstance(event, str) else json.dumps(event, ensure_ascii=False) for event in events]
    return "\n".join(lines) + "\n"


def test_answers_on_a_pipe_are_graded_one_a_line(env: dict[str, str]) -> None:
    right = answers(FIELD)
    ran = run(
        "drill", "receptive_field", "-n", "3", "--seed", "3", env=env, stdin=f"{right[0]}\n\n「{right[2]}」\n"
    )
    assert (ran.code, ran.err) == (0, "")
    first, second, third = re.split(r"第 \d/3 题", ran.out)[1:]
    assert say("drill_correct", ZH, answer=right[0]) in first
    assert say("drill_no_answer", ZH, answer=right[1]) in second
    assert say("drill_correct", ZH, answer=right[2]) in third
    assert "\n验算：assistant demo receptive_field --layers " in first
    assert say("drill_summary", ZH, done=3, correct=2, skipped=1, hints=0) in third
    assert "assistant drill receptive_field -n 3 --seed 3\n" in third
    assert "\x1b" not in ran.out


def test_the_same_seed_prints_the_same_drill(env: dict[str, str]) -> None:
    words = ("drill", "--seed", "11", "-n", "4")
    once, again = (run(*words, env=env, stdin="1\n2\n3\n4\n").out for _ in range(2))
    assert once == again
    assert once != run("drill", "--seed", "12", "-n", "4", env=env, stdin="1\n2\n3\n4\n").out


def test_without_a_seed_the_drill_says_how_to_have_it_again(env: dict[str, str]) -> None:
    ran = run("drill", "conv_cost", "-n", "2", env=env, stdin="1\n1\n")
    again = re.findall(r"assistant (drill conv_cost -n 2 --seed \d+)", ran.out)
    assert run(*shlex.split(again[0]), env=env, stdin="1\n1\n").out == ran.out


def test_the_command_that_checks_an_answer_gives_it(env: dict[str, str]) -> None:
    ran = run("drill", "receptive_field", "-n", "1", "--seed", "3", env=env, stdin="1\n")
    command = re.findall(r"验算：assistant (.*)", ran.out)[0]
    computed = run(*shlex.split(command), "--json", env=env).json
    assert f"{computed['numbers']['rf']} px" == answers(FIELD)[0]


def test_a_hint_leaves_the_question_open_and_end_ends(env: dict[str, str]) -> None:
    right = answers(FIELD)[0]
    ran = run("drill", "receptive_field", "-n", "3", "--seed", "3", env=env, stdin=f"?\n{right}\n/end\n5\n")
    assert say("drill_hint", ZH, hint=draw(FIELD, 0).hint_zh) in ran.out
    assert say("drill_summary", ZH, done=1, correct=1, skipped=0, hints=1) in ran.out


def test_a_wrong_answer_is_explained_by_its_slip(env: dict[str, str]) -> None:
    exercise = draw(FIELD, 0)
    for words, language in (((), ZH), (("--lang", "en"), EN)):
        for mistake in exercise.mistakes:
            ran = run(
                "drill",
                "receptive_field",
                "-n",
                "1",
                "--seed",
                "3",
                *words,
                env=env,
                stdin=f"{mistake.value}\n",
            )
            slip = wording.slip(mistake, language)
            assert say("drill_mistake", language, mistake=slip, answer=wording.written(exercise)) in ran.out


def test_what_is_no_number_counts_as_wrong_on_a_pipe_so_that_lines_stay_in_step(env: dict[str, str]) -> None:
    right = answers(FIELD)
    ran = run(
        "drill", "receptive_field", "-n", "2", "--seed", "3", env=env, stdin=f"twelve-ish\n{right[1]}\n"
    )
    assert say("drill_unreadable", ZH, given="twelve-ish", answer=right[0]) in ran.out
    assert say("drill_correct", ZH, answer=right[1]) in ran.out


@pytest.mark.parametrize(("words", "language"), [("感受野", ZH), ("receptive field", EN)])
def test_a_topic_is_enough_and_its_language_is_that_of_the_drill(
    env: dict[str, str], words: str, language: Language
) -> None:
    ran = run("drill", words, "-n", "1", "--seed", "3", env=env, stdin="1\n")
    assert wording.question(draw(FIELD, 0), language) in ran.out


def test_events_go_both_ways(env: dict[str, str]) -> None:
    right = answers(FIELD)
    ran = run(
        "drill", "receptive_field", "-n", "3", "--seed", "3", "--json", env=env,
        stdin=sent({"command": "hint"}, {"answer": right[0]}, {"command": "skip"}, right[2]),
    )  # fmt: skip
    assert (ran.code, ran.err) == (0, "")
    events = ran.json_lines
    assert [event["event"] for event in events] == [
        "question", "hint", "graded", "question", "graded", "question", "graded", "summary",
    ]  # fmt: skip
    exercise = draw(FIELD, 0)
    assert events[0] == {
        "event": "question",
        "n": 1,
        "of": 3,
        "demo": "receptive_field",
        "level": 1,
        "seed": 3,
        "question": exercise.question_zh,
        "unit": "px",
        "numbers": 1,
        "tolerance": 0,
        "hint_available": True,
    }
    assert events[1] == {"event": "hint", "n": 1, "hint": exercise.hint_zh}
    assert events[2] == {
        "event": "graded",
        "n": 1,
        "demo": "receptive_field",
        "correct": True,
        "verdict": "correct",
        "expected": exercise.answer,
        "unit": "px",
        "given": right[0],
        "value": float(exercise.answer),  # type: ignore[arg-type]
        "mistake": None,
        "feedback": say("drill_correct", ZH, answer=right[0]),
        "steps": list(exercise.steps_zh),
        "arguments": dict(exercise.arguments),
        "command": wording.check(exercise),
    }
    assert (events[4]["verdict"], events[4]["correct"], events[4]["value"]) == ("no_answer", False, None)
    assert events[-1] == {
        "event": "summary",
        "done": 3,
        "of": 3,
        "correct": 2,
        "skipped": 1,
        "hints": 1,
        "seed": 3,
        "weakest": "receptive_field",
        "command": "assistant drill receptive_field -n 3 --seed 3",
    }


def test_an_event_with_a_slip_names_it(env: dict[str, str]) -> None:
    mistake = draw(FIELD, 0).mistakes[0]
    ran = run(
        "drill", "receptive_field", "-n", "1", "--seed", "3", "--json", "--lang", "en", env=env,
        stdin=sent({"answer": mistake.value}),
    )  # fmt: skip
    graded = ran.json_lines[1]
    assert (graded["verdict"], graded["mistake"]) == ("mistake", wording.slip(mistake, EN))
    assert graded["value"] == mistake.value


def test_events_that_are_not_understood_are_errors_and_the_question_stays_open(env: dict[str, str]) -> None:
    right = answers(FIELD)[0]
    bad = ("{broken", '{"answer": null}', '{"command": "dance"}', '{"answer": true}', "what?", "30 kg")
    ran = run(
        "drill", "receptive_field", "-n", "1", "--seed", "3", "--json", env=env, stdin=sent(*bad, right)
    )
    assert ran.code == 0
    kinds = [event["event"] for event in ran.json_lines]
    assert kinds == ["question", *["error"] * len(bad), "graded", "summary"]
    errors = ran.json_lines[1 : 1 + len(bad)]
    assert all(error["message"] and error["hint"] for error in errors)
    assert "what?" in errors[4]["message"]
    assert "px" in errors[5]["hint"]
    assert ran.json_lines[-2]["correct"] is True


def test_the_end_of_input_ends_the_drill_with_a_summary(env: dict[str, str]) -> None:
    ran = run("drill", "receptive_field", "--seed", "3", "--json", env=env)
    assert ran.code == 0
    assert [event["event"] for event in ran.json_lines] == ["question", "summary"]
    assert ran.json_lines[-1]["weakest"] is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("conv_cots",), "Did you mean 'conv_cost'?"),
        (("量子力学",), "assistant demo"),
        (("--level", "4"), "--level"),
        (("-n", "0"), "-n"),
        (("--seed", "-1"), "--seed"),
        (("--lang", "fr"), "--lang"),
    ],
)
def test_a_drill_that_cannot_be_is_a_usage_error(
    env: dict[str, str], words: tuple[str, ...], said: str
) -> None:
    ran = run("drill", *words, env=env)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


def test_an_answer_about_a_topic_offers_practice(env: dict[str, str]) -> None:
    ran = run("ask", "3 层 3x3 卷积的感受野是多少?", env=env)
    assert say("can_drill", ZH, command="assistant drill receptive_field") in ran.out
    assert (
        say("can_drill", EN, command="assistant drill receptive_field")
        in run("ask", "What is the receptive field of 3 layers of 3x3 convolution?", env=env).out
    )
