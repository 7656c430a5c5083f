"""A quizmaster whose every question is a choice with A right, so that a test says what an answer is worth."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import cast

from assistant.events import Citation
from assistant.grading.grader import Grader
from assistant.grading.types import KeyPoint
from assistant.language import Language
from assistant.quiz.types import Form, PointGroup, Question
from assistant.review.reviewer import Reviewer
from assistant.store import Store
from corpus.glossary import load_glossary
from corpus.types import FrontMatter, Location, LocationKind, Topic
from tests.assistant.review.making import NOON

_LINE = Location(LocationKind.LINES, 3, 3)


def topic(title: str, demos: tuple[str, ...] = (), *, english: bool = False) -> Topic:
    """Return a topic whose point is said in Chinese, or in both languages."""
    front = FrontMatter(title, title_en="fast" if english else "", demos=demos)
    return Topic(title, (title,), Path("/notes/a.md"), _LINE, (), front_matter=front)


class FakeQuizmaster:
    """Topics with one group 优点 each. `kinds_there` are the kinds it has questions of; None: all of them."""

    def __init__(self, topics: Sequence[Topic], kinds_there: Collection[str] | None = None) -> None:
        self._topics = {topic.title: topic for topic in topics}
        self._kinds = kinds_there
        library = SimpleNamespace(topics=tuple(topics), glossary=load_glossary())
        self.grader = cast(Grader, SimpleNamespace(library=library))

    def groups(self, topic: Topic | str) -> tuple[PointGroup, ...]:
        found = self._topics[topic] if isinstance(topic, str) else topic
        assert found.front_matter is not None
        wordings = ("快", "it is fast") if found.front_matter.title_en else ("快",)
        assert found.front_matter is not None
        wordings = ("快", "it is fast") if found.front_matter.title_en else ("快",)
        return (PointGroup(found, "优点", (KeyPoint("快", wordings=wordings),)),)

    def ask(
        self,
        chance: Random,
        *,
        topics: Collection[str] = (),
        group: str | None = None,
        kinds: Collection[str] = (),
        language: Language | None = None,
        avoid: Collection[str] = (),
    ) -> Question | None:
        (title,) = topics
        kind = next((kind for kind in kinds if self._kinds is None or kind in self._kinds), None)
        question_id = f"{kind} {title} {language}"
        if kind is None or question_id in avoid:
            return None
        citation = Citation(1, title, (title,), "/notes/a.md", _LINE, "快", "p")
        demos = self._topics[title].front_matter.demos  # type: ignore[union-attr]
        return Question(
            question_id, kind, Form.CHOICE, title, group or "", language or Language.ZH, f"{title}？", (), "快",
            citation, hint="想想速度", choices=("快", "慢"), right=0,
            reference=f"{chance.choice(demos)}/1/1" if demos else "",
        )  # fmt: skip


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def wait(self, **passed: float) -> None:
        """Let time pass; it may be negative."""
        self.now += timedelta(**passed)


def reviewer_of(
    home: Path, titles: Sequence[str | Topic], clock: Clock, kinds: Collection[str] | None = None
) -> Reviewer:
    """Return the reviews of notes with these titles."""
    from datetime import UTC

    topics = [title if isinstance(title, Topic) else topic(title) for title in titles]
    store = Store(home)
    gaps = [("3D 检测里 IoU 怎么算？", ("BN", "IoU"))]
    return Reviewer(
        FakeQuizmaster(topics, kinds), store.reviews, lambda: gaps, clock=clock, zone=UTC, new_a_day=8
    )
