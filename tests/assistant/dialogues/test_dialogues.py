"""Quizzes, drills and interviews as plain talk: what is said, what counts once, and whose it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assistant.dialogues.markdown import paragraphs
from assistant.dialogues.opening import Dialogues, topic_words
from assistant.dialogues.reading import action_of
from assistant.dialogues.types import Action, Mode
from assistant.language import Language
from assistant.quiz.reading import UnreadableAnswer
from assistant.quiz.sitting import QuizEnded
from assistant.store import Store
from assistant.study import Assistant, open_assistant
from corpus.errors import UnknownName
from tests.assistant.quiz.conftest import WRITTEN

BEGAN = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    folder = tmp_path_factory.mktemp("dialogues")
    (folder / "notes").mkdir()
    (folder / "notes" / "pooling.md").write_text(WRITTEN, "utf-8")
    return open_assistant(folder / "notes", folder / "home", model="notes", embedder="hashed")


class Clock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.time = BEGAN

    def __call__(self) -> datetime:
        return self.time


def of(assistant: Assistant, home: Path, learner: str = "key:1", clock: Clock | None = None) -> Dialogues:
    return Dialogues(assistant, Store(home), learner, clock=clock or Clock())


@pytest.mark.parametrize(
    ("words", "topic"),
    [
        ("请出几道池化的题考考我", "池化"),
        ("来 3 道关于 dropout 的题目吧", "dropout"),
        ("quiz me on batch normalization", "batch normalization"),
        ("start an interview about attention, please", "attention"),
        ("模拟面试", ""),
        ("开始", ""),
        ("hi!", ""),
        ("感受野", "感受野"),
    ],
)
def test_of_what_somebody_says_only_the_topic_is_taken(words: str, topic: str) -> None:
    assert topic_words(words) == topic


@pytest.mark.parametrize(
    ("line", "action"),
    [
        ("/hint", Action.HINT), ("？", Action.HINT), ("/SKIP now", Action.SKIP), ("跳过", Action.SKIP),
        ("/quit", Action.END), ("B", None), ("/proc 是一个文件系统", None), ("跳过连接能缓解梯度消失", None),
    ],
)  # fmt: skip
def test_an_action_is_told_from_an_answer(line: str, action: Action | None) -> None:
    assert action_of(line, (Action.HINT, Action.SKIP, Action.END)) == action


def test_a_command_that_is_none_is_no_answer() -> None:
    with pytest.raises(UnknownName, match="'/skp'") as refused:
        action_of("/skp", (Action.SKIP,))
    assert "/skip" in refused.value.hint


def test_lines_become_paragraphs_and_code_stays_as_it_is() -> None:
    text = "哪一行错了？\n\n    x = 1\n    if x:\n        y = 2\n\n  A. 第一行\n  B. 第二行"
    assert paragraphs(text) == "哪一行错了？\n\n    x = 1\n    if x:\n        y = 2\n\nA. 第一行\n\nB. 第二行"


def test_a_quiz_is_asked_marked_and_summed_up(assistant: Assistant, own_home: Path) -> None:
    quiz = of(assistant, own_home).begin(Mode.QUIZ, "考我池化", seed=5)
    first = quiz.now()
    assert first.text.startswith("**第 1/5 题 · 池化层 · ")
    assert first.question_key
    assert Action.SKIP in first.actions
    given_up = quiz.say("不知道", "k1")
    assert "出处：《池化层》pooling.md 第" in given_up.text  # the feedback says where it stands
    assert "**第 2/5 题 · 池化层" in given_up.text
    assert given_up.question_key != first.question_key
    for n in range(2, 6):
        last = quiz.say("/skip", f"k{n}")
    assert last.has_ended
    assert not last.actions
    assert last.text.endswith("做了 5 题：答对 0，部分正确 0，没答对 1，看答案 0，跳过 4。")
    with pytest.raises(QuizEnded):
        quiz.say("还有吗", "k6")


@pytest.mark.parametrize("line", ["不知道", "/skip", "/show"])
def test_a_line_sent_twice_counts_once_and_is_answered_the_same(
    assistant: Assistant, own_home: Path, line: str
) -> None:
    dialogues = of(assistant, own_home)
    quiz = dialogues.begin(Mode.QUIZ, "池化", seed=5)
    said = quiz.say(line, "k1")
    again = dialogues.open(Mode.QUIZ, quiz.ref)
    assert again.say(line, "k1") == said
    again.say("/skip", "k2")
    assert again.say(line, "k1").text == said.text  # also when it has gone on
    assert "**第 3/5" in again.now().text


def test_an_answer_that_cannot_be_one_changes_nothing(assistant: Assistant, own_home: Path) -> None:
    quiz = of(assistant, own_home).begin(Mode.QUIZ, "池化", seed=5)
    while not (asked := quiz.now()).choices:
        quiz.say("/skip")
    letters = [line[:2] for line in asked.text.split("\n\n") if line[1:3] == ". "]
    assert letters == [f"{letter}." for letter in "ABCD"[: len(asked.choices)]]
    with pytest.raises(UnreadableAnswer):
        quiz.say("左边那个", "k")
    assert quiz.now() == asked


def test_a_hint_is_given_once_and_the_question_stays_open(assistant: Assistant, own_home: Path) -> None:
    quiz = of(assistant, own_home).begin(Mode.QUIZ, "池化", seed=5)
    while Action.HINT not in (asked := quiz.now()).actions:
        quiz.say("/skip")
    hint = quiz.say("提示")
    assert hint.text.startswith("提示：")
    assert hint.question_key == asked.question_key
    assert Action.HINT not in hint.actions


def test_a_quiz_that_is_ended_early_is_over(assistant: Assistant, own_home: Path) -> None:
    dialogues = of(assistant, own_home)
    quiz = dialogues.begin(Mode.QUIZ, "池化", seed=5)
    assert quiz.say("/end", "k").has_ended
    assert dialogues.open(Mode.QUIZ, quiz.ref).now().text.startswith("做了 0 题")
    assert quiz.say("/end", "k").has_ended


def test_a_drill_asks_for_figures_only(assistant: Assistant, own_home: Path) -> None:
    drill = of(assistant, own_home).begin(Mode.DRILL, "池化", seed=1)
    assert drill.mode is Mode.DRILL
    assert "· 计算**" in drill.now().text
    assert "输入数字" in drill.now().text


def test_what_names_nothing_in_the_notes_is_said(assistant: Assistant, own_home: Path) -> None:
    with pytest.raises(UnknownName, match="量子纠缠"):
        of(assistant, own_home).begin(Mode.QUIZ, "量子纠缠")


def test_an_interview_is_held_and_ends_with_its_report(assistant: Assistant, own_home: Path) -> None:
    dialogues = of(assistant, own_home)
    interview = dialogues.begin(Mode.INTERVIEW, "interview me on pooling", seed=2)
    first = interview.now()
    assert "**Question 1 of " in first.text
    assert first.actions == (Action.HINT, Action.SKIP, Action.PAUSE, Action.END)
    followed = interview.say("I do not know", "k1")
    assert followed.question_key != first.question_key
    again = dialogues.open(Mode.INTERVIEW, interview.ref)
    assert again.say("I do not know", "k1") == followed
    paused = again.say("/pause", "k2")
    assert (paused.actions, paused.question_key) == ((Action.RESUME, Action.END), "")
    assert again.say("/resume", "k3").question_key == followed.question_key
    report = again.say("/end", "k4")
    assert report.has_ended
    assert "# Mock interview\n" in report.text
    assert "> I do not know" in report.text
    assert "(pooling.md:" in report.text
    assert "/pooling.md" not in report.text  # no folders of this machine
    assert again.say("/end", "k4") == report == dialogues.open(Mode.INTERVIEW, interview.ref).now()


def test_who_is_away_for_long_is_not_charged_for_it(assistant: Assistant, own_home: Path) -> None:
    clock = Clock()
    dialogues = of(assistant, own_home, clock=clock)
    interview = dialogues.begin(Mode.INTERVIEW, "池化", Language.ZH, seed=2)
    clock.time = datetime.now(UTC) + timedelta(days=2)
    assert not interview.say("平均池化没有参数", "k1").has_ended


@pytest.mark.parametrize("mode", [Mode.QUIZ, Mode.INTERVIEW])
def test_nobody_opens_what_is_anothers(assistant: Assistant, own_home: Path, mode: Mode) -> None:
    mine = of(assistant, own_home, "key:1").begin(mode, "池化", seed=2)
    with pytest.raises(UnknownName):
        of(assistant, own_home, "key:2").open(mode, mine.ref)
