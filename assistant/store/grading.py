"""Key points that were edited or made by a model, and grades that the user overruled."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.sqlite import insert

from assistant.events import Citation
from assistant.grading.types import Grade, KeyPoint, Level
from assistant.store.database import Database
from assistant.store.tables import grade_overrule, key_points
from corpus.types import Location, LocationKind

#: Who made points that were written by hand.
BY_HAND = "user"


@dataclass(frozen=True, slots=True)
class Kept:
    """Points that are kept for a topic, made for the state of its text that `digest` is a hash of."""

    digest: str
    points: tuple[KeyPoint, ...]
    made_by: str
    made_at: datetime

    @property
    def is_by_hand(self) -> bool:
        """Whether the user wrote them."""
        return self.made_by == BY_HAND


class Grading:
    """The key points and overrules of `learner` in `database`. Implements `assistant.grading.grader.Memory`."""

    def __init__(self, database: Database, learner: str = "local") -> None:
        self._database = database
        self._learner = learner

    def of(self, learner: str) -> Grading:
        """Return the same of another learner."""
        return Grading(self._database, learner)

    def points(self, topic_key: str, digest: str) -> tuple[KeyPoint, ...]:
        """Return the points kept for this state of the topic; none if there are none or the note has changed."""
        kept = key_points.c
        rows = self._database.fetch(
            select(kept.points).where(
                kept.learner == self._learner, kept.topic == topic_key, kept.digest == digest
            )
        )
        return tuple(_point(point) for point in rows[0]["points"]) if rows else ()

    def points_version(self) -> object:
        """Return what changes whenever the points kept for any topic do, None where there are none."""
        kept = key_points.c
        counted = select(func.count(), func.max(kept.made_at)).where(kept.learner == self._learner)
        rows = self._database.fetch(counted)
        count, latest = tuple(rows[0].values()) if rows else (0, None)
        return (count, latest) if count else None

    def kept(self, topic_key: str) -> Kept | None:
        """Return what is kept for the topic, whatever state of it that was made for."""
        row = key_points.c
        rows = self._database.fetch(
            select(row.digest, row.points, row.made_by, row.made_at).where(
                row.learner == self._learner, row.topic == topic_key
            )
        )
        return Kept(**{**rows[0], "points": tuple(map(_point, rows[0]["points"]))}) if rows else None

    def keep_points(
        self, topic_key: str, digest: str, points: Sequence[KeyPoint], made_by: str = BY_HAND
    ) -> None:
        """Keep `points` in place of what was kept for the topic."""
        values = {
            "digest": digest,
            "points": [_as_json(point) for point in points],
            "made_by": made_by,
            "made_at": datetime.now(UTC),
        }
        new = insert(key_points).values(learner=self._learner, topic=topic_key, **values)
        again = new.on_conflict_do_update(index_elements=["learner", "topic"], set_=values)
        with self._database.writing() as connection:
            connection.execute(again)

    def forget_points(self, topic_key: str) -> None:
        """Forget what was kept for the topic, so that its points are made anew."""
        if not self._database.exists:
            return
        kept = key_points.c
        with self._database.writing() as connection:
            connection.execute(
                delete(key_points).where(kept.learner == self._learner, kept.topic == topic_key)
            )

    def overruled(self, topic: str, question: str, answer: str) -> Level | None:
        """Return what the user decided on this very answer."""
        decided = grade_overrule.c
        rows = self._database.fetch(
            select(decided.level).where(
                decided.learner == self._learner, decided.key == _key(topic, question, answer)
            )
        )
        return Level(rows[0]["level"]) if rows else None

    def keep_overrule(self, grade: Grade, level: Level, now: datetime) -> None:
        """Keep that `grade` should be `level`; the latest decision counts."""
        given = grade.overruled or grade.level
        values = {"level": level.value, "given": given.value, "mode": grade.mode, "decided_at": now}
        new = insert(grade_overrule).values(
            learner=self._learner,
            key=_key(grade.topic, grade.question, grade.answer),
            topic=grade.topic,
            question=grade.question,
            answer=grade.answer,
            **values,
        )
        again = new.on_conflict_do_update(index_elements=["learner", "key"], set_=values)
        with self._database.writing() as connection:
            connection.execute(again)


def _key(topic: str, question: str, answer: str) -> str:
    folded = "\0".join(" ".join(unicodedata.normalize("NFKC", t).split()) for t in (topic, question, answer))
    return hashlib.sha256(folded.encode("utf-8", "replace")).hexdigest()[:32]


def _as_json(point: KeyPoint) -> dict[str, Any]:
    citation = point.citation.to_dict() if point.citation else None
    return {
        "text": point.text,
        "label": point.label,
        "wordings": list(point.wordings),
        "citation": citation,
        "answers": point.answers,
    }


def _point(value: dict[str, Any]) -> KeyPoint:
    found = value["citation"]
    citation = None
    if found:
        place = found["location"]
        citation = Citation(
            n=found["n"],
            topic=found["topic"],
            heading_path=tuple(found["heading_path"]),
            path=found["path"],
            location=Location(LocationKind(place["kind"]), place["from"], place["to"]),
            quote=found["quote"],
            passage_id=found["passage_id"],
        )
    # Points that were kept before a point knew the question it answers have none.
    answers = value.get("answers", "")
    return KeyPoint(
        value["text"], citation, value["label"], tuple(value["wordings"]), written=True, answers=answers
    )
