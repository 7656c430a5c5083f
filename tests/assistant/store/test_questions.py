"""Questions are drafts until the user decides, each learner for themselves; what was decided stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assistant.events import Citation
from assistant.language import Language
from assistant.quiz.types import Form, Question
from assistant.store import Store
from assistant.store.questions import Questions, QuestionState
from corpus.types import Location, LocationKind

NOW = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
DRAFT, KEPT, EDITED, REJECTED = QuestionState


def question(name: str) -> Question:
    place = Location(LocationKind.LINES, 1, 1)
    citation = Citation(1, "池化", ("池化",), "pooling.md", place, "取平均", "p")
    return Question(
        name, "why", Form.OPEN, "池化", "要点", Language.ZH, f"{name}为什么？", (), "取平均。", citation
    )


@pytest.fixture
def questions(own_home: Path) -> Questions:
    return Store(own_home).questions


def states(questions: Questions) -> dict[str, QuestionState]:
    return {one.question_id: one.state for one in questions.listed()}


def test_nothing_is_decided_and_no_file_made_before_the_first_question(
    own_home: Path, questions: Questions
) -> None:
    assert (questions.listed(), questions.rejected(), questions.edited()) == ([], frozenset(), {})
    assert not (own_home / "study.db").exists()


def test_a_question_is_a_draft_until_it_is_decided(questions: Questions) -> None:
    questions.asked(question("a"), NOW)
    questions.asked(question("b"), NOW)
    assert states(questions) == {"a": DRAFT, "b": DRAFT}
    questions.decide(question("a"), REJECTED, NOW)
    questions.asked(question("a"), NOW + timedelta(days=1))
    assert states(questions) == {"a": REJECTED, "b": DRAFT}
    assert questions.rejected() == {"a"}
    assert [one.question_id for one in questions.listed(DRAFT)] == ["b"]


def test_an_edited_prompt_stays_when_the_question_is_kept_and_goes_when_rejected(
    questions: Questions,
) -> None:
    questions.decide(question("a"), EDITED, NOW, "换个问法？")
    assert questions.edited() == {"a": "换个问法？"}
    questions.decide(question("a"), KEPT, NOW + timedelta(hours=1))
    assert (states(questions), questions.edited()) == ({"a": KEPT}, {"a": "换个问法？"})
    (listed,) = questions.listed()
    assert (listed.prompt, listed.decided_at) == ("a为什么？", NOW + timedelta(hours=1))
    questions.decide(question("a"), REJECTED, NOW)
    assert questions.edited() == {}


def test_learners_decide_for_themselves_and_are_forgotten_whole(own_home: Path, questions: Questions) -> None:
    other = questions.of("key:2")
    questions.decide(question("a"), REJECTED, NOW)
    other.decide(question("a"), KEPT, NOW)
    assert questions.rejected() == {"a"}
    assert not other.rejected()
    Store(own_home).forget("local")
    assert (states(questions), states(other)) == ({}, {"a": KEPT})
