"""Questions that the notes did not cover: the reading list that writes itself."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.sqlite import insert

from assistant.store.database import Database
from assistant.store.records import Gap
from assistant.store.tables import gap


class Gaps:
    """The gaps of all learners in `database`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, learner: str, question: str, nearest_topics: Sequence[str], now: datetime) -> None:
        """Count `question` once more for `learner`; wordings with the same `key` are one gap.

        The wording and the nearest topics of this time replace those of earlier times.
        """
        first = insert(gap).values(
            learner=learner,
            key=key(question),
            question=question,
            count=1,
            first_asked=now,
            last_asked=now,
            nearest_topics=list(nearest_topics),
        )
        new = first.excluded
        again = first.on_conflict_do_update(
            index_elements=[gap.c.learner, gap.c.key],
            set_={
                "question": new.question,
                "count": gap.c.count + 1,
                # Two processes may arrive in the other order than they looked at the clock.
                "first_asked": func.min(gap.c.first_asked, new.first_asked),
                "last_asked": func.max(gap.c.last_asked, new.last_asked),
                "nearest_topics": new.nearest_topics,
            },
        )
        with self._database.writing() as connection:
            connection.execute(again)

    def most_asked(self, learner: str) -> tuple[Gap, ...]:
        """Return the gaps of `learner`, the most asked first and among equals the latest first."""
        columns = (gap.c.question, gap.c.count, gap.c.first_asked, gap.c.last_asked, gap.c.nearest_topics)
        rows = self._database.fetch(
            select(*columns)
            .where(gap.c.learner == learner)
            .order_by(gap.c.count.desc(), gap.c.last_asked.desc(), gap.c.key)
        )
        return tuple(Gap(**{**row, "nearest_topics": tuple(row["nearest_topics"])}) for row in rows)


def key(question: str) -> str:
    """Return what two wordings of one question share: no case, width, spaces or closing punctuation.

    Spaces go altogether, since 「是 BN」 and 「是BN」 differ only by taste. `#` and `+` stay: C, C# and
    C++ are three questions. The folding of the search index is not used: keys are stored for good, and must
    not move when search learns to fold more.
    """
    folded = re.sub(r"\s+", "", unicodedata.normalize("NFKC", question).casefold())
    return folded.rstrip("?!.,;:。、~") or folded
