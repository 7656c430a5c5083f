"""Quizzes that are kept: gone on with by another process, counted once, overtaken, and nobody else's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assistant.grading.grader import MAX_ANSWER, AnswerTooLong, digest_of, key_of
from assistant.grading.types import KeyPoint, Level
from assistant.quiz.quizmaster import Quizmaster
from assistant.quiz.reading import UnreadableAnswer
from assistant.quiz.records import QuizDamaged
from assistant.quiz.sitting import QuizEnded, Sitting
from assistant.quiz.sittings import NotAskedHere, Sittings
from assistant.quiz.wording import LETTERS
from assistant.review.card import Help, Outcome, new_card
from assistant.store import Store
from assistant.store.database import Database
from assistant.store.errors import StoreError
from assistant.store.quizzes import QuizOvertaken
from assistant.study import Assistant, open_assistant
from corpus.errors import UnknownName
from tests.assistant.quiz.conftest import JOTTED, WRITTEN

BEGAN = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


class Clock:
    """A clock that goes on by half a minute whenever it is looked at."""

    def __init__(self) -> None:
        self.now = BEGAN

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=30)
        return self.now


@pytest.fixture
def assistant(quizmaster: Quizmaster, tmp_path: Path) -> Assistant:
    """The notes of the other tests, with a home of its own for what is remembered."""
    assistant = open_assistant(tmp_path / "nowhere", tmp_path / "home", model="notes", embedder="hashed")
    vars(assistant)["library"] = quizmaster.grader.library
    vars(assistant)["grader"] = quizmaster.grader
    return assistant


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "home")


@pytest.fixture
def sittings(assistant: Assistant, store: Store) -> Sittings:
    return Sittings(assistant, store, "key:a", clock=Clock())


def right(sitting: Sitting) -> str:
    assert sitting.asked is not None
    question = sitting.asked.question
    assert question.right is not None
    return LETTERS[question.right]


def choices(sittings: Sittings, count: int = 3) -> Sitting:
    return sittings.begin("池化层", kinds=["multiple_choice"], count=count, seed=1)


def test_a_quiz_goes_on_from_its_id_as_if_it_had_never_been_left(sittings: Sittings) -> None:
    whole, parts = choices(sittings), choices(sittings)
    for _ in range(3):
        parts = sittings.open(parts.quiz_id)
        assert parts.asked == whole.asked
        assert parts.answer(right(parts)) == whole.answer(right(whole))
    parts = sittings.open(parts.quiz_id)
    assert parts.has_ended
    assert list(parts.done) == list(whole.done)
    assert parts.counts()["correct"] == 3
    with pytest.raises(QuizEnded):
        parts.answer("A")


def test_an_answer_is_a_review_of_its_card_and_the_same_key_counts_once(
    sittings: Sittings, store: Store
) -> None:
    sitting = choices(sittings)
    assert sitting.asked
    group = sitting.asked.question.group
    turned = sitting.answer(right(sitting), "once")
    assert sitting.recorded
    assert (sitting.recorded.outcome, sitting.recorded.rating) == (Outcome.COUNTED, 3)
    again = sittings.open(sitting.quiz_id)
    assert again.answer("不知道", "once") == turned
    assert again.recorded
    assert again.recorded.outcome is Outcome.REPEATED
    (entry,) = store.reviews.of("key:a").log()
    assert entry.subject == f"topic:池化层#{group}"
    assert (entry.level, entry.answer_key, entry.duration_ms) == (
        Level.CORRECT,
        f"{sitting.quiz_id}/0",
        60_000,
    )
    (answer,) = store.reviews.of("key:a").answers()
    assert (answer["kind"], answer["session_id"]) == ("multiple_choice", sitting.quiz_id)
    assert [one.topic for one in store.answers.of("key:a").entries()] == ["池化层"]
    assert store.reviews.log() == ()


def test_help_shortens_the_interval_and_what_is_shown_counts_as_forgotten(
    sittings: Sittings, store: Store
) -> None:
    sitting = choices(sittings)
    assert sitting.hint().hinted
    assert sittings.open(sitting.quiz_id).asked == sitting.hint()
    sitting.answer(right(sitting))
    told = sitting.show()[1]
    assert "参考答案" in told
    sitting.skip()
    assert [(one.help, one.level, one.rating) for one in store.reviews.of("key:a").log()] == [
        (Help.HINT, Level.CORRECT, 2),
        (Help.ANSWER, Level.WRONG, 1),
    ]
    counts = sitting.counts()
    assert (counts["shown"], counts["skipped"], counts["hinted"], counts["done"]) == (1, 1, 1, 3)


STEPS: dict[str, Callable[[Sitting], object]] = {
    "answer": lambda sitting: sitting.answer("A"),
    "hint": lambda sitting: sitting.hint(),
    "show": lambda sitting: sitting.show(),
    "skip": lambda sitting: sitting.skip(),
    "reject": lambda sitting: sitting.reject(),
    "edit": lambda sitting: sitting.edit("？"),
}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_a_step_from_an_older_state_changes_nothing(
    sittings: Sittings, store: Store, step: Callable[[Sitting], object]
) -> None:
    one = choices(sittings)
    other = sittings.open(one.quiz_id)
    before = other.asked
    one.answer(right(one))
    with pytest.raises(QuizOvertaken):
        step(other)
    other.reload()
    assert other.asked == one.asked != before
    assert len(store.reviews.of("key:a").log()) == 1
    assert {one.state.value for one in store.questions.of("key:a").listed()} == {"draft"}


def test_the_same_answer_twice_at_once_is_told_the_same(sittings: Sittings, store: Store) -> None:
    one = choices(sittings)
    other = sittings.open(one.quiz_id)
    turned = one.answer(right(one), "key")
    assert other.answer(right(one), "key") == turned
    assert other.asked == one.asked
    assert len(store.reviews.of("key:a").log()) == 1
    assert turned.marked
    with pytest.raises(QuizOvertaken):
        other.expect(turned.asked.question.question_id)


def test_another_learner_has_no_such_quiz(sittings: Sittings, assistant: Assistant, store: Store) -> None:
    sitting = choices(sittings)
    theirs = Sittings(assistant, store, "key:b")
    for quiz_id in (sitting.quiz_id, "01M85", ""):
        with pytest.raises(UnknownName, match="there is no quiz"):
            theirs.open(quiz_id)
    assert Store(assistant.settings.home).archives.of("key:b").counts() == {}


def test_what_cannot_be_an_answer_leaves_the_question_open(sittings: Sittings) -> None:
    sitting = choices(sittings)
    with pytest.raises(UnreadableAnswer):
        sitting.answer("Z")
    free = sittings.begin("池化层", kinds=["why"], seed=1)
    with pytest.raises(AnswerTooLong):
        free.answer("池" * (MAX_ANSWER + 1))
    assert sittings.open(free.quiz_id).asked == free.asked
    assert free.answer("\ud800 因为只有最大值有梯度").marked


def test_a_quiz_outlives_its_note(sittings: Sittings, store: Store, tmp_path: Path) -> None:
    sitting = sittings.begin("池化层", kinds=["why"], count=3, seed=1)
    assert sitting.asked
    notes = tmp_path / "other"
    notes.mkdir()
    (notes / "jotted.md").write_text(JOTTED, "utf-8")
    changed = open_assistant(notes, tmp_path / "home", model="notes", embedder="hashed")
    later = Sittings(changed, store, "key:a").open(sitting.quiz_id)
    assert later.asked == sitting.asked
    turned = later.answer(sitting.asked.question.model_answer)
    assert turned.marked
    assert turned.marked.level is Level.CORRECT
    assert later.has_ended  # there is no other question about a topic that is gone
    assert (notes / "jotted.md").read_text("utf-8") != WRITTEN


def test_code_is_asked_for_only_where_it_may_run(sittings: Sittings, assistant: Assistant) -> None:
    with pytest.raises(NotAskedHere, match="'write_code'"):
        sittings.begin(kinds=["write_code"])
    with pytest.raises(UnknownName, match="'clozes'"):
        sittings.begin(kinds=["clozes"])
    assert not sittings.begin(seed=1).plan.with_code
    assert "write_code" not in {
        question.kind
        for seed in range(5)
        if (asked := sittings.begin(seed=seed, count=1).asked) and (question := asked.question)
    }


def test_what_is_decided_of_a_question_is_kept_and_holds_for_this_learner(
    sittings: Sittings, store: Store
) -> None:
    sitting = sittings.begin("池化层", kinds=["define", "why"], count=2, seed=1)
    assert sitting.edit("换个问法？").question.prompt == "换个问法？"
    sitting = sittings.open(sitting.quiz_id)
    assert sitting.asked
    assert sitting.asked.question.prompt == "换个问法？"
    sitting.keep()
    rejected = sitting.reject().asked.question
    assert sitting.asked
    assert sitting.asked.question != rejected
    states = {one.question_id: one.state.value for one in store.questions.of("key:a").listed()}
    assert states.pop(rejected.question_id) == "rejected"
    assert list(states.values()) == ["draft"]
    assert store.questions.listed() == []


def test_a_store_that_cannot_be_written_ends_a_quiz_only_where_nobody_is_warned(
    assistant: Assistant, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    unwritable, told = Store(tmp_path / "file" / "home"), list[str]()
    with pytest.raises(StoreError):
        Sittings(assistant, unwritable, "key:a").begin(seed=1)
    sitting = Sittings(assistant, unwritable, "local", warn=told.append).begin("池化层", count=2, seed=1)
    sitting.answer("不知道")
    sitting.skip()
    assert sitting.has_ended
    assert len(told) == 1


def test_a_damaged_row_is_told(sittings: Sittings, store: Store) -> None:
    sitting = choices(sittings)
    with Database(store.path).writing() as connection:
        connection.exec_driver_sql("UPDATE quiz SET state = x'00'")
    with pytest.raises(QuizDamaged):
        sittings.open(sitting.quiz_id)


def test_a_question_about_a_card_that_was_answered_elsewhere_meanwhile_is_no_review(
    sittings: Sittings, store: Store
) -> None:
    first = choices(sittings)
    assert first.asked
    question = first.asked.question
    card = new_card(f"topic:池化层#{question.group}", "池化层", question.group, BEGAN)
    one = sittings.begin_with(question, card, "01M85AAAAAAAAAAAAAAAAAAAAA")
    first.answer(right(first))
    one.answer(right(one))
    assert one.recorded
    assert one.recorded.outcome is Outcome.OVERTAKEN
    assert one.has_ended
    assert len(store.reviews.of("key:a").log()) == 1
    assert len(store.reviews.of("key:a").answers()) == 2


def test_what_questions_are_made_of_is_shared_until_a_learner_writes_points(
    assistant: Assistant, store: Store
) -> None:
    shared = assistant.quizmaster(learner="key:a")._around
    assert assistant.quizmaster(learner="key:b")._around is shared
    topic = assistant.grader.topic("池化层")
    own = (KeyPoint("池化层没有参数。", wordings=("池化层没有参数。",), written=True),)
    store.grading.of("key:a").keep_points(key_of(topic), digest_of(topic), own)
    mine = assistant.quizmaster(learner="key:a")._around
    assert mine is not shared
    assert assistant.quizmaster(learner="key:a")._around is mine
    assert assistant.quizmaster(learner="key:b")._around is shared
    store.grading.of("key:a").forget_points(key_of(topic))
    assert assistant.quizmaster(learner="key:a")._around is shared
