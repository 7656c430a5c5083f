"""Mock interviews as they stood after their last turn, so that a kill costs nothing but the line being typed.

Every save replaces the whole state in one transaction and names the state that it goes on from: of two terminals that
answer the same question, the second is refused and told.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, insert, select, update

from assistant.interview import records
from assistant.interview.types import Phase, State
from assistant.store.database import Database
from assistant.store.tables import interview
from corpus.errors import StudyError, UnknownName
from corpus.plugins import unknown


class InterviewOvertaken(StudyError):
    """An interview went on elsewhere since this state of it was read."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An interview in the list. `outcome` is the JSON that was kept when it had ended, None before."""

    interview_id: str
    began: datetime
    updated: datetime
    phase: Phase
    profile: str
    language: str
    turns: int
    outcome: Mapping[str, Any] | None

    @property
    def is_open(self) -> bool:
        """Whether it can go on."""
        return self.phase is not Phase.ENDED


_LISTED = [column for column in interview.c if column.name not in ("state", "learner")]


class Interviews:
    """The interviews of `learner` in `database`. Safe to use from several processes at once."""

    def __init__(self, database: Database, learner: str = "local") -> None:
        self._database = database
        self._learner = learner

    def of(self, learner: str) -> Interviews:
        """Return the same of another learner."""
        return Interviews(self._database, learner)

    def save(self, state: State, seen: int = 0) -> None:
        """Keep `state`, which goes on from one of `seen` turns; 0 for one that has just begun. Durable on return.

        Raises `InterviewOvertaken` where what is stored has another number of turns, and `StoreError`.
        """
        own_id = state.plan.interview_id
        values = {
            "updated": state.turns[-1].at,
            "phase": state.phase.value,
            "turns": len(state.turns),
            "state": zlib.compress(records.dump(state)),
        }
        with self._database.writing() as connection:
            if not seen:
                plan = {"profile": state.plan.profile, "language": state.plan.language.value}
                row = {"id": own_id, "learner": self._learner, "began": state.started_at} | plan | values
                connection.execute(insert(interview).values(row))
                return
            same = (interview.c.id == own_id, interview.c.learner == self._learner)
            changed = connection.execute(
                update(interview).where(*same, interview.c.turns == seen).values(values)
            )
            if not changed.rowcount:
                raise InterviewOvertaken(
                    f"the interview {own_id!r} went on in another window, so this line was not counted",
                    f"Go on from there: assistant interview resume {own_id}",
                )

    def load(self, interview_id: str) -> State:
        """Return the state of the interview with this id. Raises `UnknownName`, `InterviewDamaged`, `StoreError`."""
        rows = self._database.fetch(
            select(interview.c.state).where(
                interview.c.id == interview_id, interview.c.learner == self._learner
            )
        )
        if not rows:
            raise unknown("interview", interview_id, [entry.interview_id for entry in self.listed()])
        try:
            stored = zlib.decompress(rows[0]["state"])
        except zlib.error:
            stored = b""  # told as any other damage
        return records.load(stored)

    def conclude(self, interview_id: str, outcome: Mapping[str, Any]) -> None:
        """Keep what came of an interview that has ended."""
        with self._database.writing() as connection:
            same = (interview.c.id == interview_id, interview.c.learner == self._learner)
            connection.execute(update(interview).where(*same).values(outcome=dict(outcome)))

    def listed(self) -> tuple[Entry, ...]:
        """Return every interview, the newest first."""
        query = select(*_LISTED).where(interview.c.learner == self._learner)
        rows = self._database.fetch(query.order_by(interview.c.began.desc(), interview.c.id.desc()))
        return tuple(map(_entry, rows))

    def latest_open(self) -> Entry | None:
        """Return the interview that went on last of those that have not ended."""
        return max((e for e in self.listed() if e.is_open), key=lambda entry: entry.updated, default=None)

    def named(self, prefix: str) -> Entry:
        """Return the interview whose id begins with `prefix`, the newest for "". Raises `UnknownName`."""
        entries = self.listed()
        if not entries:
            raise UnknownName("there is no interview yet", "Begin one: assistant interview")
        if not prefix:
            return entries[0]
        fitting = [entry for entry in entries if entry.interview_id.startswith(prefix.strip().upper())]
        if not fitting:
            error = unknown("interview", prefix, [entry.interview_id for entry in entries])
            raise UnknownName(error.message, "assistant interview list shows them.")
        if len(fitting) > 1:
            raise UnknownName(
                f"{prefix!r} is the beginning of {len(fitting)} interviews",
                f"Give more of it, such as {fitting[0].interview_id}",
            )
        return fitting[0]


def _entry(row: RowMapping) -> Entry:
    values = dict(row)
    phase = values.pop("phase")
    if phase not in set(Phase):
        raise records.InterviewDamaged(
            f"the stored interview {values['id']} stands in a phase that does not exist: {phase!r}",
            "It was written by another version. To begin a new one: assistant interview start",
        )
    return Entry(interview_id=values.pop("id"), phase=Phase(phase), **values)
