"""Progress of one learner: what the store remembers beside what the notes hold, put into values. Nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from assistant.events import Citation
from assistant.grading.grader import same_title
from assistant.grading.types import Level, Verdict
from assistant.language import Language
from assistant.progress.activity import Activity, activity
from assistant.progress.standing import Given, Standing, SubjectStanding, TopicStanding, standings
from assistant.store import Gap, Store
from corpus.errors import UnknownName

if TYPE_CHECKING:
    from assistant.quiz.quizmaster import Quizmaster
    from assistant.review.card import Review
    from assistant.review.reviewer import Reviewer
    from assistant.review.session import State
    from assistant.store.answers import Entry
    from assistant.study import Assistant

#: Minutes a day that the last looks before an interview are planned with, as in `assistant plan`.
_MINUTES = 20
#: So many of the latest answers are searched for the words of a weak one.
_RECENT = 2000


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a note as it stands now, and what the latest answer did with it; None where it was not asked."""

    text: str
    citation: Citation | None
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class WeakPoint:
    """A subject to read again: the question asked last, what was said, and the points of the note."""

    subject: SubjectStanding
    prompt: str
    answer: str
    level: Level
    points: tuple[Point, ...]


class Progress:
    """How `learner` stands, read once. The store is not read before it is asked for anything."""

    def __init__(
        self, assistant: Assistant, learner: str = "local", language: Language = Language.ZH
    ) -> None:
        self.learner = learner
        self.language = language
        self._reviewer: Reviewer = assistant.reviewer(learner)
        self._store = Store(assistant.settings.home)
        self.quizmaster: Quizmaster = assistant.quizmaster(self._store.questions.of(learner), learner)
        self.now = self._reviewer.clock()
        self.zone = self._reviewer.zone

    @cached_property
    def topics(self) -> tuple[TopicStanding, ...]:
        """Every topic that the notes hold something to ask of, the one to do something about first."""
        nearest = Counter(title for gap in self.gaps for title in gap.nearest_topics[:1])
        given = [
            Given(one.subject, one.topic, one.at, one.level, one.score, one.is_contradicted)
            for one in self._entries
            if one.key not in self._taken_back
        ]
        state = self._state
        return standings(
            state.subjects, state.cards, given, nearest, self.now, horizon=state.horizon, zone=self.zone
        )

    @cached_property
    def activity(self) -> Activity:
        """The days with reviews, the last weeks, the streak, and the days ahead."""
        state = self._state
        selected = frozenset(one.key for one in self._entries if one.kind == "interview")
        cards = state.cards.values()
        return activity(self._log, cards, self.now, horizon=state.horizon, zone=self.zone, selected=selected)

    @cached_property
    def gaps(self) -> tuple[Gap, ...]:
        """The questions that the notes do not cover, the most asked first."""
        return self._store.gaps.most_asked(self.learner)

    def topic(self, words: str) -> TopicStanding:
        """Return the topic that `words` name, by title or alias. Raises `UnknownName`."""
        from assistant.quiz.session import topics_for

        titles = {same_title(title) for title in topics_for(words, self.quizmaster)}
        for one in self.topics:
            if same_title(one.topic) in titles:
                return one
        raise UnknownName(
            f"the notes hold nothing to ask about {words!r}", "assistant notes topics lists them."
        )

    def weak_points(self, topics: Iterable[TopicStanding] | None = None) -> tuple[WeakPoint, ...]:
        """Return what is to be read again, of `topics` or of all, the worst first."""
        chosen = [
            part
            for topic in (self.topics if topics is None else topics)
            for part in topic.subjects
            if part.is_shaky
        ]
        return tuple(
            self._weak_point(part, self._latest[part.subject.key])
            for part in sorted(chosen, key=lambda part: list(Standing).index(part.standing))
            if part.subject.key in self._latest
        )

    def _weak_point(self, part: SubjectStanding, row: Mapping[str, Any]) -> WeakPoint:
        judged = {point["text"]: Verdict(point["verdict"]) for point in row["grade"].get("points", ())}
        points = tuple(
            Point(point.text, point.citation, judged.get(point.text))
            for group in ([] if part.subject.demo else self.quizmaster.groups(part.subject.topic))
            if group.name == part.subject.group
            for point in group.points
        )
        return WeakPoint(part, row["prompt"], row["answer"], Level(row["grade"]["level"]), points)

    @cached_property
    def _latest(self) -> Mapping[str, Mapping[str, Any]]:
        """The latest answer to each subject, with its words."""
        latest: dict[str, Mapping[str, Any]] = {}
        for row in self._reviewer.reviews.answers(_RECENT):  # newest first
            latest.setdefault(row["grade"]["subject"], row)
        return latest

    @cached_property
    def _state(self) -> State:
        return self._reviewer.state(_MINUTES, self.language)

    @cached_property
    def _log(self) -> tuple[Review, ...]:
        return self._reviewer.reviews.log()

    @cached_property
    def _entries(self) -> tuple[Entry, ...]:
        return self._store.answers.of(self.learner).entries()

    @cached_property
    def _taken_back(self) -> frozenset[str]:
        return frozenset(entry.answer_key for entry in self._log if entry.undone_at is not None)
