"""The one object that remembers. Each subject is a class of its own; here they are found and forgotten."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.store.records import Forgotten

if TYPE_CHECKING:
    from assistant.store.answers import Answers
    from assistant.store.archives import Archives
    from assistant.store.database import Database
    from assistant.store.deliveries import Deliveries
    from assistant.store.gaps import Gaps
    from assistant.store.grading import Grading
    from assistant.store.history import History
    from assistant.store.interviews import Interviews
    from assistant.store.keys import Keys
    from assistant.store.questions import Questions
    from assistant.store.quizzes import Quizzes
    from assistant.store.rates import Windows
    from assistant.store.replies import Replies
    from assistant.store.reviews import Reviews
    from assistant.store.threads import Threads
    from assistant.store.tickets import Tickets

# SQLAlchemy costs 0.13 s to import, so a subject is imported when somebody wants it, not with this module.


class Store:
    """Everything the program remembers, in `home/study.db`.

    Nothing is opened until it is used, reading creates no file, and nothing needs to be closed. A learner is
    `local`, `slack:TEAM:USER` or `key:ID`. What cannot be read or written raises `StoreError`.
    """

    def __init__(self, home: Path) -> None:
        self.path = home / "study.db"

    @cached_property
    def history(self) -> History:
        """Conversations and their turns."""
        from assistant.store.history import History

        return History(self._database)

    @cached_property
    def gaps(self) -> Gaps:
        """Questions that the notes did not cover."""
        from assistant.store.gaps import Gaps

        return Gaps(self._database)

    @cached_property
    def grading(self) -> Grading:
        """Key points that were edited or made by a model, and overruled grades."""
        from assistant.store.grading import Grading

        return Grading(self._database)

    @cached_property
    def reviews(self) -> Reviews:
        """Review cards, their log, the answers given, and the day of the interview."""
        from assistant.store.reviews import Reviews

        return Reviews(self._database)

    @cached_property
    def answers(self) -> Answers:
        """Every answer with its grade, without its words."""
        from assistant.store.answers import Answers

        return Answers(self._database)

    @cached_property
    def interviews(self) -> Interviews:
        """Mock interviews, each as it stood after its last turn."""
        from assistant.store.interviews import Interviews

        return Interviews(self._database)

    @cached_property
    def archives(self) -> Archives:
        """All state of a learner as a file, and back."""
        from assistant.store.archives import Archives

        return Archives(self._database)

    @cached_property
    def questions(self) -> Questions:
        """What the user decided about generated questions."""
        from assistant.store.questions import Questions

        return Questions(self._database)

    @cached_property
    def quizzes(self) -> Quizzes:
        """Quizzes, each as it stood after its last step."""
        from assistant.store.quizzes import Quizzes

        return Quizzes(self._database)

    @cached_property
    def threads(self) -> Threads:
        """What goes on in which thread of a door."""
        from assistant.store.threads import Threads

        return Threads(self._database)

    @cached_property
    def replies(self) -> Replies:
        """What was answered under a client's key, for a day."""
        from assistant.store.replies import Replies

        return Replies(self._database)

    @cached_property
    def keys(self) -> Keys:
        """Who may ask from beyond this machine."""
        from assistant.store.keys import Keys

        return Keys(self._database)

    @cached_property
    def windows(self) -> Windows:
        """How much was asked by whom in the current minute or hour."""
        from assistant.store.rates import Windows

        return Windows(self._database)

    @cached_property
    def tickets(self) -> Tickets:
        """Who waits for the model, over all processes."""
        from assistant.store.tickets import Tickets

        return Tickets(self._database)

    @cached_property
    def deliveries(self) -> Deliveries:
        """What senders delivered, so that each is worked on once."""
        from assistant.store.deliveries import Deliveries

        return Deliveries(self._database)

    def check_writable(self) -> None:
        """Raise `StoreError` where nothing can be remembered now. A database that is not there yet is not made."""
        import os

        from assistant.store.errors import StoreError

        if self._database.exists:
            with self._database.writing():
                return
        folder = next(parent for parent in self.path.absolute().parents if parent.exists())
        if not os.access(folder, os.W_OK):
            raise StoreError(
                f"nothing can be written in {str(folder)!r}", "Set ASSISTANT_HOME to a folder of yours."
            )

    def forget(self, learner: str) -> Forgotten:
        """Delete every row of `learner`, in every table, and overwrite the space that the rows took."""
        from sqlalchemy import delete

        from assistant.store.ownership import belongs, counts, owned_tables

        if not self._database.exists:
            return Forgotten({}, is_gone=True)
        with self._database.writing() as connection:
            rows = counts(connection, learner)
            for table, parent in owned_tables():
                if parent is None:  # what hangs on these rows goes with them
                    connection.execute(delete(table).where(belongs(table, learner)))
        return Forgotten(rows, is_gone=self._database.compact())

    @cached_property
    def _database(self) -> Database:
        from assistant.store.database import Database

        return Database(self.path)
