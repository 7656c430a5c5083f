"""A drill moves from question to question by pure functions; the same plan asks the same questions."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from assistant.demo_kit import registry
from assistant.demo_kit.exercises import Exercise
from assistant.drills import drill, wording
from assistant.drills.drawing import NoExercises, Plan, draw, names_for
from assistant.drills.drill import Drill
from assistant.drills.grading import Verdict
from assistant.language import Language
from corpus.errors import UnknownName

SOME = ("conv_cost", "receptive_field", "shrinkage_1d", "inception_cost")


def played(plan: Plan, text: str | None = None) -> Drill:
    """Return the drill at its end, every question answered rightly or with `text`."""
    state = drill.start(plan)
    while state.question:
        right = wording.written(state.question.exercise)
        state, _ = drill.answer(state, right if text is None else text)
    return state


def questions(state: Drill) -> list[str]:
    return [graded.exercise.question_zh for graded in state.done]


def test_the_same_seed_asks_the_same_whatever_is_answered() -> None:
    plan = Plan(SOME, seed=7, count=6)
    asked = questions(played(plan))
    assert asked == questions(played(plan)) == questions(played(plan, "1")) == questions(played(plan, ""))
    assert asked != questions(played(replace(plan, seed=8)))


def test_the_first_questions_do_not_depend_on_how_many_follow() -> None:
    long, short = played(Plan(SOME, 7, 6)), played(Plan(SOME, 7, 2))
    assert questions(long)[:2] == questions(short)


def test_another_process_draws_the_same() -> None:
    code = (
        "from assistant.drills.drawing import Plan, draw\n"
        f"print([draw(Plan({SOME}, 7, 6), i).question_zh for i in range(6)])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == str([draw(Plan(SOME, 7, 6), i).question_zh for i in range(6)])


def test_levels_go_round_unless_one_is_given() -> None:
    assert [Plan(SOME, 1, 6).level_at(i) for i in range(6)] == [1, 2, 3, 1, 2, 3]
    assert [Plan(SOME, 1, 6, level=2).level_at(i) for i in range(6)] == [2] * 6


def test_every_demo_comes_once_before_any_comes_again() -> None:
    demos = [graded.exercise.demo for graded in played(Plan(SOME, 3, 8)).done]
    assert sorted(demos[:4]) == sorted(demos[4:]) == sorted(SOME)


@pytest.mark.parametrize("seed", range(5))
def test_no_question_comes_twice_while_there_are_others(seed: int) -> None:
    asked = questions(played(Plan(("inception_cost",), seed, 3, level=1)))
    assert len(set(asked)) == 3


def test_the_score_counts_right_answers_skips_and_hints() -> None:
    state = drill.start(Plan(("conv_cost",), 1, 4))
    assert state.question is not None
    state = drill.hint(drill.hint(state))
    state, first = drill.answer(state, wording.written(first_exercise(state)))
    state, second = drill.skip(state)
    state, third = drill.answer(state, "1")
    unread, fourth = drill.answer(state, "what?", is_final=False)
    assert unread == state
    assert fourth.grade.verdict is Verdict.UNREADABLE
    state, _ = drill.answer(state, "what?")
    assert state.question is None
    assert [first.grade.verdict, second.grade.verdict] == [Verdict.CORRECT, Verdict.NO_ANSWER]
    assert third.grade.verdict in (Verdict.WRONG, Verdict.MISTAKE)
    assert (state.correct, state.skipped, len(state.hinted), len(state.done)) == (1, 1, 1, 4)
    with pytest.raises(ValueError, match="has ended"):
        drill.answer(state, "1")


def first_exercise(state: Drill) -> Exercise:
    assert state.question is not None
    return state.question.exercise


def test_a_demo_without_exercises_says_so_and_is_left_out_of_a_mix(monkeypatch: pytest.MonkeyPatch) -> None:
    bare = replace(registry.load("pooling"), exercise=None)
    load = registry.load
    monkeypatch.setattr(registry, "load", lambda name: bare if name == "pooling" else load(name))
    with pytest.raises(NoExercises, match="no exercises for 'pooling'"):
        drill.start(Plan(("pooling",), 1, 1))
    demos = {graded.exercise.demo for graded in played(Plan(("pooling", "conv_cost"), 1, 4)).done}
    assert demos == {"conv_cost"}


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("conv_cost", ("conv_cost",)),
        ("Conv Cost", ("conv_cost",)),
        ("感受野", ("receptive_field",)),
        ("Receptive Field", ("receptive_field",)),
        ("空洞卷积", ("receptive_field",)),
    ],
)
def test_words_mean_a_demo_or_the_demos_of_a_topic(words: str, names: tuple[str, ...]) -> None:
    assert names_for(words) == names


def test_part_of_a_topic_is_enough_and_no_words_mean_all() -> None:
    assert "pooling" in names_for("池化层")
    assert names_for("") == registry.names()


@pytest.mark.parametrize(
    ("words", "hint"), [("dropot", "'dropout'"), ("conv_cots", "'conv_cost'"), ("zzz", "assistant demo")]
)
def test_unknown_words_get_the_nearest_names(words: str, hint: str) -> None:
    with pytest.raises(UnknownName) as caught:
        names_for(words)
    assert words in caught.value.message
    assert hint in caught.value.hint


def test_the_command_for_the_same_drill_quotes_and_keeps_what_was_chosen() -> None:
    plan = Plan(("receptive_field",), 4, 3, level=2)
    assert wording.again(plan, "receptive field", Language.EN) == (
        "assistant drill 'receptive field' -n 3 --seed 4 --level 2"
    )
    assert wording.again(replace(plan, level=None), "", Language.EN) == (
        "assistant drill -n 3 --seed 4 --lang en"
    )
