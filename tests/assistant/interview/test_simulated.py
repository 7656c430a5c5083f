"""Whole interviews with candidates who answer by rule: what is never done, and what is always noticed.

A tenth of `python -m benchmarks.interviews` over the shipped notes; all three hundred are `soak`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from assistant.grading.types import Level
from assistant.interview.candidates import Candidate, Line, Tier
from assistant.interview.listening import manner
from assistant.interview.misquoting import misquoted
from assistant.interview.report import Word
from assistant.interview.simulating import simulate
from assistant.interview.types import Act, Heard, Manner, Move, Phase, State
from assistant.language import Language
from assistant.study import open_assistant
from benchmarks import interviews
from benchmarks.interview_checks import leaks, overruns, repeats, replays
from tests.assistant.interview.plans import plan, point


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Sequence[interviews.Run]:
    """Thirty interviews: every candidate in either language, and four of them once more."""
    folder = tmp_path_factory.mktemp("interviews")
    shipped = interviews.ROOT / "corpus" / "notes"
    (folder / "notes").mkdir()
    for note in sorted(shipped.glob("*.md"))[::9]:
        (folder / "notes" / note.name).write_text(note.read_text("utf-8"), "utf-8")
    assistant = open_assistant(home=folder / "home", model="notes", notes=str(folder / "notes"))
    found: list[interviews.Run] = []
    for language in Language:
        notes = interviews.Notes(language.value, assistant, language)
        found += interviews.held(notes, [1])
    extra = interviews.Notes("zh", assistant, Language.ZH)
    found += [
        run
        for run in interviews.held(extra, [2])
        if run.candidate.plants or run.candidate.name in ("strong", "weak")
    ]
    return found


def test_nothing_is_given_away_repeated_or_endless_and_all_is_replayed(
    runs: Sequence[interviews.Run],
) -> None:
    assert len(runs) == 30
    for run in runs:
        where = f"{run.notes}/{run.seed}/{run.candidate.name}"
        assert not list(leaks(run.state)), where
        assert not repeats(run.state), where
        assert not overruns(run.state), where
        assert replays(run.state), where


def test_planted_faults_are_asked_about_and_the_order_of_the_candidates_is_found(
    runs: Sequence[interviews.Run],
) -> None:
    figures = interviews.figures_of(runs)
    assert figures["planted"]["missing"] >= 3
    assert min(figures["probed"].values()) >= 0.9
    assert figures["strong_below_weak"] == []
    assert figures["tau_b"] >= 0.85


@pytest.mark.parametrize(
    "name", ["evasive", "injecting", "question_dodging", "dont_know", "wrong_premise", "one_word"]
)
def test_who_shows_nothing_is_told_so(runs: Sequence[interviews.Run], name: str) -> None:
    told = [run.told.overall for run in runs if run.candidate.name == name]
    assert told == [Word.WEAK, Word.WEAK]


def test_what_the_interviewer_lets_slip_is_found_by_the_check(runs: Sequence[interviews.Run]) -> None:
    run = next(run for run in runs if run.candidate.name == "dont_know" and run.notes == "zh")
    item = run.state.plan.item(run.state.asked_items()[0])
    slipped = Move(run.state.turns[1].moves[0].act, f"其实就是{item.points[0].text}")
    turns = (run.state.turns[0], replace(run.state.turns[1], moves=(slipped,)), *run.state.turns[2:])
    assert list(leaks(replace(run.state, turns=turns)))


def test_a_hundred_requests_to_repeat_do_not_keep_an_interview_from_ending() -> None:
    asks_again = Candidate("asks_again", Tier.NOTHING, lambda asked, language, chance: Line("能再说一遍吗？"))
    state = simulate(plan(seconds=300), asks_again, Hears(), 1)
    assert state.phase is Phase.ENDED
    assert state.turns[-1].moves[-1].act is Act.CLOSING
    assert not overruns(state)


@pytest.mark.parametrize(
    ("answer", "twisted"),
    [
        ("学习率可以取 2.4", False),
        ("推理时用滑动平均的统计量，损失的上限约为 1.2", False),
        ("损失的上限约为 2.4", True),
        ("推理时不用滑动平均的统计量", True),
        ("训练时用滑动平均的统计量", True),
        ("推理的时候统计量来自滑动平均", False),
    ],
)
def test_the_notes_own_sentence_with_another_figure_or_a_negation_is_heard(
    answer: str, twisted: bool
) -> None:
    known = point("推理时用滑动平均的统计量，损失的上限约为 1.2")
    assert bool(misquoted(answer, [known], known.text)) is twisted


def test_of_two_sentences_of_a_note_that_differ_in_a_word_neither_twists_the_other() -> None:
    points = [point("输出大于 0 时梯度都为正"), point("输出小于 0 时梯度都为正")]
    note = "。".join(one.text for one in points)
    assert misquoted(note, points, note) == {}


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("抱歉，想不起来了", Manner.NO_IDEA),
        ("我能想到的就是这些", Manner.NO_IDEA),
        ("That is all I know.", Manner.NO_IDEA),
        ("没有别的原因，就是因为方差变大", Manner.ANSWER),
        ("你觉得呢？", Manner.META),
    ],
)
def test_who_has_nothing_to_add_is_taken_at_his_word(line: str, kind: Manner) -> None:
    assert manner(line, "BN 为什么能加速训练？") is kind


@pytest.mark.soak
def test_three_hundred_interviews_hold_what_is_promised() -> None:
    figures = interviews.measure(300)
    for never in (
        "leaks",
        "repeated_questions",
        "not_ended_in_time",
        "not_replayed",
        "advances_by_broken_models",
    ):
        assert figures[never] == 0, never
    assert figures["probed"]["contradiction"] >= 0.95
    assert figures["probed"]["missing"] >= 0.9
    assert figures["strong_below_weak"] == []
    assert figures["tau_b"] >= 0.9


class Hears:
    """Hears what manner a line is of, and takes every answer for wrong."""

    def heard(self, state: State, text: str) -> Heard:
        kind = manner(text, state.waiting.prompt if state.waiting else "")
        return Heard(text, kind, Level.WRONG if kind is Manner.ANSWER else None)
