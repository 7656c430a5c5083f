"""From the notes and the store to a question, and from the answer back: day after day."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from assistant.grading.types import Level
from assistant.language import Language
from assistant.quiz.reading import UnreadableAnswer
from assistant.quiz.types import Question
from assistant.review.card import Help, Outcome
from assistant.review.gathering import alike
from assistant.review.reviewer import Reviewed, Reviewer
from assistant.review.session import Item, Why
from corpus.glossary import load_glossary
from tests.assistant.review.faking import Clock, FakeQuizmaster, reviewer_of, topic
from tests.assistant.review.making import at


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def give(
    reviewer: Reviewer, item: Item, text: str = "A", help: Help = Help.NONE, seconds: float = 20
) -> Reviewed:
    asked = reviewer.ask(item, Random(0), Language.ZH)
    assert asked is not None
    reviewer.clock.wait(seconds=seconds)  # type: ignore[attr-defined]
    return reviewer.answer(asked, text, "s", help)


def whys(reviewer: Reviewer, minutes: float = 60) -> dict[str, str]:
    return {item.subject.topic: item.why.value for item in reviewer.today(minutes, Random(0)).items}


def test_what_is_new_comes_today_and_once_answered_when_it_is_due(home: Path) -> None:
    clock = Clock()
    reviewer = reviewer_of(home, ["BN", "LN"], clock)
    assert whys(reviewer) == {"BN": "new", "LN": "new"}
    assert not home.exists(), "a list is made without writing anything"
    right, wrong = (
        give(reviewer, item, text)
        for item, text in zip(reviewer.today(60, Random(0)).items, "AB", strict=True)
    )
    assert (right.marked.level, right.next_day) == (Level.CORRECT, at(2).date())
    assert (wrong.marked.level, wrong.next_day) == (Level.WRONG, at(1).date())
    assert whys(reviewer) == {}
    assert reviewer.today(60, Random(0)).next_due == at(1).date()
    clock.wait(days=1)
    assert whys(reviewer) == {wrong.asked.item.subject.topic: "due"}
    clock.wait(days=2)
    overdue = {item.subject.topic: item.days for item in reviewer.today(60, Random(0)).items}
    assert overdue == {wrong.asked.item.subject.topic: 2, right.asked.item.subject.topic: 1}


def test_what_is_new_or_was_wrong_is_asked_quickly_and_the_rest_freely(home: Path) -> None:
    clock = Clock()
    reviewer = reviewer_of(home, ["BN"], clock)

    def kind() -> str:
        (item,) = reviewer.today(60, Random(0)).items
        asked = reviewer.ask(item, Random(0), Language.ZH)
        assert asked is not None
        return asked.question.kind

    quick = {"multiple_choice", "true_false", "cloze"}
    assert kind() in quick
    give(reviewer, reviewer.today(60, Random(0)).items[0])
    clock.wait(days=2)
    assert kind() not in {*quick, "compute", "write_code"}
    give(reviewer, reviewer.today(60, Random(0)).items[0], "B")
    clock.wait(days=30)
    assert kind() in quick


def test_where_only_one_sort_of_question_is_there_it_is_asked(home: Path) -> None:
    reviewer = reviewer_of(home, ["BN"], Clock(), kinds=["define"])
    asked = reviewer.ask(reviewer.today(60, Random(0)).items[0], Random(0), Language.EN)
    assert asked is not None
    assert (asked.question.kind, asked.question.language) == ("define", Language.EN)


def test_a_question_that_was_used_comes_again_only_where_there_is_no_other(home: Path) -> None:
    reviewer = reviewer_of(home, ["BN"], Clock(), kinds=["define", "why"])
    (item,) = reviewer.today(60, Random(0)).items
    first = reviewer.ask(item, Random(0), Language.ZH)
    assert first is not None
    again = reviewer.ask(item, Random(0), Language.ZH, [first.question.question_id])
    assert again is not None
    assert again.question.question_id == first.question.question_id
    assert again.key != first.key


def test_what_the_notes_give_no_question_about_is_not_on_the_list(home: Path) -> None:
    reviewer = reviewer_of(home, ["BN"], Clock(), kinds=[])
    assert reviewer.today(60, Random(0)).items == ()
    assert reviewer.plan(60, Random(0)).days[0].new == 0


def test_in_a_language_comes_what_the_notes_say_in_it_and_all_where_they_say_nothing(home: Path) -> None:
    both = reviewer_of(home, ["BN", topic("LN", english=True)], Clock())
    assert [item.subject.topic for item in both.today(60, Random(0), Language.EN).items] == ["LN"]
    assert len(both.today(60, Random(0), Language.ZH).items) == 2
    chinese = reviewer_of(home, ["BN", "LN"], Clock())
    assert len(chinese.today(60, Random(0), Language.EN).items) == 2


def test_a_drill_has_a_card_of_its_own_and_asks_exercises_of_its_demo_only(home: Path) -> None:
    reviewer = reviewer_of(home, [topic("感受野", ("conv_cost", "receptive_field"))], Clock())
    items = {item.subject.key: item for item in reviewer.today(60, Random(0)).items}
    assert set(items) == {"topic:感受野#优点", "drill:conv_cost", "drill:receptive_field"}
    for seed in range(5):
        asked = reviewer.ask(items["drill:receptive_field"], Random(seed), Language.ZH)
        assert asked is not None
        assert (asked.question.kind, asked.question.reference) == ("compute", "receptive_field/1/1")


def test_what_is_no_possible_answer_is_not_counted_as_forgotten(home: Path) -> None:
    reviewer = reviewer_of(home, ["BN"], Clock())
    (item,) = reviewer.today(60, Random(0)).items
    with pytest.raises(UnreadableAnswer):
        give(reviewer, item, "xyz")
    assert reviewer.reviews.log() == ()


@pytest.mark.parametrize(("help", "rating", "level"), [(Help.HINT, 2, "correct"), (Help.ANSWER, 1, "wrong")])
def test_help_is_kept_and_shortens_the_interval(home: Path, help: Help, rating: int, level: str) -> None:
    reviewer = reviewer_of(home, ["BN"], Clock())
    reviewed = give(reviewer, reviewer.today(60, Random(0)).items[0], "A", help)
    (entry,) = reviewer.reviews.log()
    assert (entry.rating, entry.help, entry.level, entry.duration_ms) == (rating, help, level, 20_000)
    assert reviewed.next_day == at(1).date()


def test_an_answer_sent_twice_counts_once(home: Path) -> None:
    reviewer = reviewer_of(home, ["BN"], Clock())
    asked = reviewer.ask(reviewer.today(60, Random(0)).items[0], Random(0), Language.ZH)
    assert asked is not None
    outcomes = [reviewer.answer(asked, "A", "s").recorded.outcome for _ in range(2)]
    assert outcomes == [Outcome.COUNTED, Outcome.REPEATED]
    assert len(reviewer.reviews.log()) == 1


def test_a_question_that_the_notes_lack_brings_up_the_topic_nearest_to_it(home: Path) -> None:
    reviewer = reviewer_of(home, ["BN", "IoU"], Clock())
    gap, new = reviewer.today(60, Random(0)).items
    assert (gap.subject.topic, gap.why, gap.question) == ("IoU", Why.GAP, "3D 检测里 IoU 怎么算？")
    assert new.why is Why.NEW
    give(reviewer, gap)
    assert whys(reviewer) == {"BN": "new"}


def test_a_leech_is_suspended_with_notice_and_undo_brings_it_back(home: Path) -> None:
    clock = Clock()
    reviewer = reviewer_of(home, ["BN"], clock)
    for _ in range(7):
        (item,) = reviewer.today(60, Random(0)).items
        reviewed = give(reviewer, item, "B")
        assert reviewed.is_leech == (reviewed.recorded.card.lapses == 6)
        clock.wait(days=2)
    assert whys(reviewer) == {}
    reviewer.undo()
    assert whys(reviewer) == {"BN": "due"}
    reviewer.suspend(item)
    assert whys(reviewer) == {}
    reviewer.unsuspend(reviewer.reviews.cards()[item.subject.key])
    assert whys(reviewer) == {"BN": "due"}


def test_a_clock_that_goes_back_is_noticed_and_the_card_recovers(home: Path) -> None:
    clock = Clock()
    reviewer = reviewer_of(home, ["BN"], clock)
    clock.wait(days=400)
    (item,) = reviewer.today(60, Random(0)).items
    give(reviewer, item)
    clock.wait(days=-400)
    assert reviewer.set_back() == 1
    (item,) = reviewer.today(60, Random(0)).items
    assert item.why is Why.CLOCK
    assert give(reviewer, item).next_day <= at(4).date()
    assert (reviewer.set_back(), whys(reviewer)) == (0, {})


def test_the_pace_is_the_median_of_what_was_seen(home: Path) -> None:
    clock = Clock()
    reviewer = reviewer_of(home, [f"topic {n}" for n in range(8)], clock)
    assert reviewer.state(20).pace.quick == 30
    for n, item in enumerate(reviewer.today(60, Random(0)).items[:5]):
        give(reviewer, item, seconds=40 + n if n < 4 else 9000)
    assert reviewer.state(20).pace.quick == 42
    assert reviewer.state(20).pace.open == 90


def test_an_interview_caps_what_comes_next_and_is_over_when_it_is_over(home: Path) -> None:
    clock = Clock()
    reviewer = reviewer_of(home, ["BN"], clock)
    reviewer.reviews.set_interview(at(20).date(), clock())
    for _ in range(4):
        (item,) = reviewer.today(60, Random(0)).items
        reviewed = give(reviewer, item, seconds=5)
        clock.wait(days=(reviewed.next_day - clock().date()).days)
    seen = [entry.at.date() for entry in reviewer.reviews.log()]
    assert seen[0] == at(0).date()
    assert any(at(17).date() <= day < at(20).date() for day in seen), "a last look in the last three days"
    assert reviewer.interview() is None or clock().date() < at(20).date()


def test_the_plan_counts_the_days_to_the_interview(home: Path) -> None:
    clock = Clock()
    reviewer = reviewer_of(home, [f"topic {n}" for n in range(20)], clock)
    reviewer.reviews.set_interview(at(10).date(), clock())
    made = reviewer.plan(30, Random(0))
    assert [day.on for day in made.days] == [(at(0) + timedelta(days=n)).date() for n in range(10)]
    assert (made.is_enough, sum(day.new for day in made.days)) == (True, 20)
    assert not reviewer.plan(1, Random(0)).is_enough


def test_a_day_of_many_new_ones_leaves_none_for_a_second_sitting(home: Path) -> None:
    reviewer = reviewer_of(home, [f"topic {n}" for n in range(20)], Clock())
    for item in reviewer.today(60, Random(0)).items:
        give(reviewer, item)
    assert whys(reviewer) == {}


def test_topics_alike_are_those_of_one_contrast_or_of_much_the_same_concepts() -> None:
    titles = (
        "BN 和 IN 的区别",
        "LN 为什么用在 Transformer",
        "L1 loss 和 L2 loss",
        "L1 正则化",
        "ResNet",
        "DenseNet 与 ResNet",
    )
    found = alike(titles, load_glossary())
    assert {title: set(others) for title, others in found.items()} == {
        titles[0]: {titles[1]},
        titles[1]: {titles[0]},
        titles[2]: {titles[3]},
        titles[3]: {titles[2]},
        titles[4]: {titles[5]},
        titles[5]: {titles[4]},
    }


def test_what_is_new_and_only_asked_about_in_another_language_waits(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reviewer = reviewer_of(home, [topic("BN", english=True), topic("LN", english=True)], Clock())
    ask = FakeQuizmaster.ask

    def only_in_chinese(master: FakeQuizmaster, chance: Random, **wanted: Any) -> Question | None:
        if "BN" in wanted["topics"]:
            wanted["language"] = Language.ZH
        return ask(master, chance, **wanted)

    monkeypatch.setattr(FakeQuizmaster, "ask", only_in_chinese)
    assert [item.subject.topic for item in reviewer.today(60, Random(0), Language.EN).items] == ["LN"]
    assert len(reviewer.today(60, Random(0), Language.ZH).items) == 2
