"""Grades answers: finds the topic and its points, lets rules or a model judge, and remembers what the user decided.

Without a model `rules.examine` judges. With one, the rules choose the points that the question asks for and take out
what is no answer; the model gives a verdict on each, and the score follows from the verdicts. A model that fails is
no error: the rules judge instead, and the grade says so.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Protocol

from assistant.grading import scoring, screening
from assistant.grading.clauses import clauses, visible, without_markup
from assistant.grading.feedback import feedback
from assistant.grading.key_points import key_points
from assistant.grading.mistakes import mistakes
from assistant.grading.nearness import EmbeddedNearness, no_nearness
from assistant.grading.rules import Examined, examine
from assistant.grading.types import Grade, KeyPoint, Level, Remark
from assistant.language import Language, language_of
from corpus.errors import StudyError, UnknownName
from corpus.plugins import unknown
from corpus.types import Topic
from index.library import Library
from index.types import Embedder

if TYPE_CHECKING:
    from assistant.llm.base import ChatModel

#: Longest answer graded, in characters: several pages.
MAX_ANSWER = 8_000
_TOPICS = "assistant notes topics lists them."
_FAILED = (
    "模型没能评分（{reason}），改用规则评分。",
    "The model could not grade ({reason}); the rules grade instead.",
)
_OVERRULED = ("按你的改判计为「{level}」。", "Counted as “{level}”, as you decided.")


class AnswerTooLong(StudyError):
    """An answer of more than `MAX_ANSWER` characters."""


class Memory(Protocol):
    """What is remembered of points and of grades. Nothing may be remembered at all."""

    def points(self, topic_key: str, digest: str) -> tuple[KeyPoint, ...]:
        """Return the points kept for this state of the topic; none if there are none or the note has changed."""
        ...

    def keep_points(self, topic_key: str, digest: str, points: Sequence[KeyPoint], made_by: str) -> None:
        """Keep `points` for this state of the topic."""
        ...

    def overruled(self, topic: str, question: str, answer: str) -> Level | None:
        """Return what the user decided on this very answer."""
        ...


class NoMemory:
    """Remembers nothing. Implements `Memory`."""

    def points(self, topic_key: str, digest: str) -> tuple[KeyPoint, ...]:
        """Return no points."""
        return ()

    def keep_points(self, topic_key: str, digest: str, points: Sequence[KeyPoint], made_by: str) -> None:
        """Forget them."""

    def overruled(self, topic: str, question: str, answer: str) -> Level | None:
        """Return nothing."""
        return None


@dataclass(frozen=True, slots=True)
class Grader:
    """Grades answers to questions about the notes of `library`."""

    library: Library
    model: ChatModel | None = None
    memory: Memory = NoMemory()  # noqa: RUF009  # it holds nothing that could be shared
    embedder: Embedder | None = None

    def grade(self, question: str, answer: str, topic: str | None = None) -> Grade:
        """Return the grade of `answer` to `question`, by the points of `topic` or of the topic that is found.

        Raises `UnknownName` for a topic that does not exist, `AnswerTooLong`, and what the search raises.
        """
        check_length(answer)
        language = language_of(question)
        found = self.topic(topic) if topic else self._found(question)
        if found is None or found.stub:
            remark = Remark.STUB if found else Remark.NOT_IN_NOTES
            title = found.title if found else ""
            told = feedback(Level.WRONG, (), (remark,), language)
            return Grade(question, answer, Level.WRONG, 0.0, title, (), told, "notes", (remark,))
        notices: list[str] = []
        points = self.points(found, notices, language)
        return self._graded(question, answer, found, points, notices, all_points=False)

    def grade_points(self, question: str, answer: str, points: Sequence[KeyPoint], topic: Topic) -> Grade:
        """Return the grade of `answer` to a `question` that was made for exactly these `points` of `topic`.

        Raises `AnswerTooLong`.
        """
        check_length(answer)
        return self._graded(question, answer, topic, points, [], all_points=True)

    def _graded(
        self,
        question: str,
        answer: str,
        found: Topic,
        points: Sequence[KeyPoint],
        notices: list[str],
        *,
        all_points: bool,
    ) -> Grade:
        language = language_of(question)
        nearness = EmbeddedNearness(self.embedder, question) if self.embedder else no_nearness
        examined = examine(
            question,
            answer,
            found.title,
            note_of(found),
            points,
            self.library.glossary,
            nearness,
            mistakes=mistakes(found),
            all_points=all_points,
        )
        examined, mode = self._by_model(question, answer, examined, notices, language)
        level = scoring.level(examined.score)
        grade = Grade(
            question,
            answer,
            level,
            examined.score,
            found.title,
            examined.judged,
            feedback(level, examined.judged, examined.remarks, language),
            mode,
            examined.remarks,
            tuple(notices),
        )
        decided = self.memory.overruled(found.title, question, answer)
        return overrule(grade, decided) if decided else grade

    def topic(self, title: str) -> Topic:
        """Return the topic called `title`, whatever its colon, width and case. Raises `UnknownName`."""
        for topic in self.library.topics:
            if same_title(topic.title) == same_title(title):
                return topic
        error = unknown("topic", title, [topic.title for topic in self.library.topics])
        raise error if error.hint.startswith("Did") else UnknownName(error.message, _TOPICS)

    def points(
        self, topic: Topic, notices: list[str] | None = None, language: Language = Language.ZH
    ) -> tuple[KeyPoint, ...]:
        """Return the points of `topic`: those kept for it, else those it lists, else those found in it."""
        key, digest = key_of(topic), digest_of(topic)
        if kept := self.memory.points(key, digest):
            return kept
        own = key_points(topic)
        if self.model is None or any(point.written for point in own):
            return own
        from assistant.grading.model_points import model_points
        from assistant.llm.base import ModelError
        from assistant.llm.structured import structured

        try:
            made = model_points(topic, partial(structured, self.model))
        except ModelError as error:
            if notices is not None:
                notices.append(_say(_FAILED, language).format(reason=error.message))
            return own
        self.memory.keep_points(key, digest, made, self.model.name)
        return made

    def _found(self, question: str) -> Topic | None:
        result = self.library.search(question, 1)
        return result.hits[0].topic if result.covered and result.hits else None

    def _by_model(
        self, question: str, answer: str, examined: Examined, notices: list[str], language: Language
    ) -> tuple[Examined, str]:
        """Let the model judge the points that the rules chose; where it fails, the rules' verdicts stand."""
        if self.model is None or notices or not examined.judged or examined.is_worthless:
            return examined, "notes"
        from assistant.grading.model_check import model_check
        from assistant.llm.base import ModelError
        from assistant.llm.structured import structured

        points = [judged.point for judged in examined.judged]
        try:
            judged = model_check(question, for_model(answer), points, partial(structured, self.model))
        except ModelError as error:
            notices.append(_say(_FAILED, language).format(reason=error.message))
            return examined, "notes"
        score = scoring.total([one.verdict for one in judged])
        return replace(examined, score=score, judged=judged), self.model.name


def check_length(answer: str) -> None:
    """Raise `AnswerTooLong` for an endless answer."""
    if len(answer) > MAX_ANSWER:
        raise AnswerTooLong(
            f"the answer has {len(answer):,} characters; at most {MAX_ANSWER:,} are graded",
            "Answer in a few sentences.",
        )


def overrule(grade: Grade, level: Level) -> Grade:
    """Return `grade` as the user decided it; what had been given is kept beside it."""
    if level is grade.level:
        return grade
    scores = {Level.WRONG: 0.0, Level.PARTIAL: 0.5, Level.CORRECT: 1.0}
    language = language_of(grade.question)
    told = _say(_OVERRULED, language).format(level=level.value)
    return replace(
        grade, level=level, score=scores[level], overruled=grade.level, notices=(*grade.notices, told)
    )


def for_model(answer: str) -> str:
    """Return the part of `answer` that a model is shown: no markup, nothing unseen or said to the grader."""
    seen = without_markup(visible(answer))
    cut = clauses(seen)
    for clause, talks in zip(cut, screening.addressed(cut), strict=True):
        if talks:
            seen = seen.replace(clause.text, " ")
    return seen.strip()


def note_of(topic: Topic) -> str:
    """Return the text of `topic`."""
    return "\n".join(passage.text for passage in topic.passages)


def key_of(topic: Topic) -> str:
    """Return what `topic` is kept under: its file and headings."""
    return "\n".join((str(topic.path), *topic.heading_path))


def digest_of(topic: Topic) -> str:
    """Return a hash of the topic's text, so that points of an older note are noticed."""
    return hashlib.sha256(note_of(topic).encode("utf-8", "replace")).hexdigest()[:16]


def same_title(title: str) -> str:
    """Return what two writings of one title share: no Unicode form, case or closing colon."""
    return unicodedata.normalize("NFKC", title).strip().rstrip(":").strip().casefold()


def _say(pair: tuple[str, str], language: Language) -> str:
    return pair[0] if language is Language.ZH else pair[1]
