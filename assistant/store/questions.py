"""What became of generated questions: every one is a draft until the user keeps, edits or rejects it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert

from assistant.quiz.types import Question
from assistant.store.database import Database
from assistant.store.tables import question_state


class QuestionState(StrEnum):
    """What the user decided about a question."""

    DRAFT = "draft"
    KEPT = "kept"
    EDITED = "edited"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class DecidedQuestion:
    """A question that was asked once, as it was made and as the user wrote it, and what was decided when."""

    question_id: str
    state: QuestionState
    kind: str
    topic: str
    prompt: str
    edited_prompt: str | None
    decided_at: datetime


class Questions:
    """The questions of `learner` in `database`. Implements `assistant.quiz.quizmaster.States`."""

    def __init__(self, database: Database, learner: str = "local") -> None:
        self._database = database
        self._learner = learner

    def of(self, learner: str) -> Questions:
        """Return the same of another learner."""
        return Questions(self._database, learner)

    def rejected(self) -> frozenset[str]:
        """Return the ids that are never to be asked again."""
        return frozenset(one.question_id for one in self.listed(QuestionState.REJECTED))

    def edited(self) -> Mapping[str, str]:
        """Return id -> the prompt that the user wrote."""
        return {
            one.question_id: one.edited_prompt
            for one in self.listed()
            if one.edited_prompt and one.state is not QuestionState.REJECTED
        }

    def listed(self, state: QuestionState | None = None) -> Sequence[DecidedQuestion]:
        """Return the questions in `state`, or all, the latest decision first."""
        row = question_state.c
        query = select(question_state).where(row.learner == self._learner)
        if state is not None:
            query = query.where(row.state == state.value)
        rows = self._database.fetch(query.order_by(row.decided_at.desc(), row.question_id))
        return [
            DecidedQuestion(
                question_id=found["question_id"],
                state=QuestionState(found["state"]),
                kind=found["kind"],
                topic=found["topic"],
                prompt=found["prompt"],
                edited_prompt=found["edited_prompt"],
                decided_at=found["decided_at"],
            )
            for found in rows
        ]

    def asked(self, question: Question, now: datetime) -> None:
        """Note `question` as a draft; what was decided about it before stands."""
        new = insert(question_state).values(**self._row(question, QuestionState.DRAFT, None, now))
        with self._database.writing() as connection:
            connection.execute(new.on_conflict_do_nothing())

    def decide(
        self, question: Question, state: QuestionState, now: datetime, prompt: str | None = None
    ) -> None:
        """Keep the user's decision; with `EDITED` the `prompt` that is asked from now on."""
        row = self._row(question, state, prompt, now)
        changed = {key: row[key] for key in ("state", "edited_prompt", "decided_at")}
        if state is not QuestionState.EDITED:
            del changed["edited_prompt"]  # what was edited and is then kept stays as edited
        new = insert(question_state).values(**row)
        again = new.on_conflict_do_update(index_elements=["learner", "question_id"], set_=changed)
        with self._database.writing() as connection:
            connection.execute(again)

    def _row(
        self, question: Question, state: QuestionState, prompt: str | None, now: datetime
    ) -> dict[str, object]:
        return {
            "learner": self._learner,
            "question_id": question.question_id,
            "state": state.value,
            "kind": question.kind,
            "topic": question.topic,
            "prompt": question.prompt,
            "edited_prompt": prompt,
            "decided_at": now,
        }
