"""What is remembered of points and grades, from the store where there is one. A failing store never spoils a grade."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from assistant.grading.types import KeyPoint, Level
from corpus.errors import StudyError

if TYPE_CHECKING:
    from assistant.store.grading import Grading

T = TypeVar("T")


class StoredMemory:
    """The memory of `learner` in the store under `home`. Implements `assistant.grading.grader.Memory`."""

    def __init__(self, home: Path, warn: Callable[[str], None], learner: str = "local") -> None:
        self._home = home
        self._warn = warn
        self._learner = learner

    def points(self, topic_key: str, digest: str) -> tuple[KeyPoint, ...]:
        """Return the points kept for this state of the topic."""
        return self._tried(lambda: self._grading.points(topic_key, digest), ()) if self._exists else ()

    def points_version(self) -> object:
        """Return what changes whenever the points kept do, None where there are none."""
        return self._tried(lambda: self._grading.points_version(), None) if self._exists else None

    def keep_points(self, topic_key: str, digest: str, points: Sequence[KeyPoint], made_by: str) -> None:
        """Keep `points` for this state of the topic."""
        self._tried(lambda: self._grading.keep_points(topic_key, digest, points, made_by), None)

    def overruled(self, topic: str, question: str, answer: str) -> Level | None:
        """Return what the user decided on this very answer."""
        if not self._exists:
            return None
        return self._tried(lambda: self._grading.overruled(topic, question, answer), None)

    @property
    def _exists(self) -> bool:
        # Asked before SQLAlchemy is imported: most people have overruled nothing yet.
        return (self._home / "study.db").is_file()

    @cached_property
    def _grading(self) -> Grading:
        from assistant.store import Store

        return Store(self._home).grading.of(self._learner)

    def _tried(self, action: Callable[[], T], otherwise: T) -> T:
        try:
            return action()
        except StudyError as error:
            self._warn(f"{error.message} ({error.hint})")
            return otherwise
