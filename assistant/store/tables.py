"""The tables of the newest schema. How a database gets there is told by `migrations/versions/`.

A new table is four small steps: the table here, with a `learner` column or a cascading foreign key to a table
that has one (this is how `Store.forget` finds its rows); a migration with the next number; a class over
`Database` in a module of its own; a property of `Store`. The tests hold the first two to each other.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)


class Moment(TypeDecorator[datetime]):
    """An aware datetime, kept as UTC without its zone because SQLite has no type for one.

    Naive datetimes are refused: nobody could say later what they meant.
    """

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return `value` in UTC, without the zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment needs a time zone, {value!r} has none")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the stored `value` with its zone, UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


# Named constraints, because a migration can only change what has a name.
metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

chat_session = Table(
    "chat_session",
    metadata,
    Column("id", String(26), primary_key=True),  # a ULID
    Column("learner", Text, nullable=False, index=True),
    Column("started_at", Moment, nullable=False),
)

chat_turn = Table(
    "chat_turn",
    metadata,
    Column("id", Integer, primary_key=True),  # grows with every turn, so it is also their order
    Column("session_id", ForeignKey(chat_session.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("question", Text, nullable=False),
    Column("standalone_question", Text, nullable=False),
    Column("answer", JSON, nullable=False),
    Column("asked_at", Moment, nullable=False),
)

gap = Table(
    "gap",
    metadata,
    Column("learner", Text, primary_key=True),
    Column("key", Text, primary_key=True),  # the question with its spelling folded away
    Column("question", Text, nullable=False),
    Column("count", Integer, nullable=False),
    Column("first_asked", Moment, nullable=False),
    Column("last_asked", Moment, nullable=False),
    Column("nearest_topics", JSON, nullable=False),
)

key_points = Table(
    "key_points",
    metadata,
    Column("learner", Text, primary_key=True),
    Column("topic", Text, primary_key=True),  # the file and the headings
    Column("digest", Text, nullable=False),  # of the topic's text when the points were made
    Column("points", JSON, nullable=False),
    Column("made_by", Text, nullable=False),  # "user", or the name of a model
    Column("made_at", Moment, nullable=False),
)

grade_overrule = Table(
    "grade_overrule",
    metadata,
    Column("learner", Text, primary_key=True),
    Column("key", Text, primary_key=True),  # a hash of topic, question and answer
    Column("topic", Text, nullable=False),
    Column("question", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("level", Text, nullable=False),  # what the user decided
    Column("given", Text, nullable=False),  # what the rules or the model gave
    Column("mode", Text, nullable=False),
    Column("decided_at", Moment, nullable=False),
)

question_state = Table(
    "question_state",
    metadata,
    Column("learner", Text, primary_key=True),
    Column("question_id", Text, primary_key=True),
    Column("state", Text, nullable=False),  # draft, kept, edited or rejected
    Column("kind", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("prompt", Text, nullable=False),
    Column("edited_prompt", Text),
    Column("decided_at", Moment, nullable=False),
)

card = Table(
    "card",
    metadata,
    Column("id", String(26), primary_key=True),  # a ULID
    Column("learner", Text, nullable=False, index=True),
    Column("subject", Text, nullable=False),  # "topic:KEY#GROUP" or "drill:DEMO"
    Column("topic", Text, nullable=False),
    Column("group_name", Text, nullable=False),
    Column("stability", Float),  # this and the next are FSRS's, null before the first review
    Column("difficulty", Float),
    Column("due", Moment, nullable=False, info={"ahead": True}),  # lies ahead: nothing happened then
    Column("last_review", Moment),
    Column("lapses", Integer, nullable=False),
    Column("fluent_run", Integer, nullable=False),  # fast, unaided, right answers in a row
    Column("suspended_at", Moment),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("learner", "subject"),
)

review = Table(
    "review",
    metadata,
    Column("id", Integer, primary_key=True),  # grows with every review, so it is also their order
    Column("card_id", ForeignKey(card.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("answer_key", Text, nullable=False),  # the same answer sent twice is one review
    Column("question_id", Text, nullable=False),
    Column("rating", Integer, nullable=False),
    Column("level", Text, nullable=False),
    Column("score", Float, nullable=False),
    Column("help", Text, nullable=False),  # none, hint or answer
    Column("is_fluent", Boolean, nullable=False),
    Column("duration_ms", Integer, nullable=False),
    Column("reviewed_at", Moment, nullable=False),
    Column("before", JSON, nullable=False),  # the card as it was, to take the review back
    Column("undone_at", Moment),  # a review is taken back, never deleted
    UniqueConstraint("card_id", "answer_key"),
)

answer = Table(
    "answer",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("learner", Text, nullable=False, index=True),
    Column("session_id", String(26), nullable=False),
    Column("answer_key", Text, nullable=False),  # that of its review, where it has one
    Column("question_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("prompt", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("grade", JSON, nullable=False),
    Column("asked_at", Moment, nullable=False),
    UniqueConstraint("learner", "answer_key"),
)

interview_date = Table(
    "interview_date",
    metadata,
    Column("learner", Text, primary_key=True),
    Column("on_date", Date, nullable=False),
    Column("set_at", Moment, nullable=False),
)

interview = Table(
    "interview",
    metadata,
    Column("id", String(26), primary_key=True),  # a ULID
    Column("learner", Text, nullable=False, index=True),
    Column("began", Moment, nullable=False),
    Column("updated", Moment, nullable=False),  # when the last turn was
    Column("phase", Text, nullable=False),
    Column("profile", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("turns", Integer, nullable=False),  # so many are in the state: its version
    # JSON under zlib: a plan of 800 KB, nearly all of it said again and again, becomes 30 KB.
    Column("state", LargeBinary, nullable=False),
    Column("outcome", JSON(none_as_null=True)),  # null until it has ended and its reviews are scheduled
)

quiz = Table(
    "quiz",
    metadata,
    Column("id", String(26), primary_key=True),  # a ULID
    Column("learner", Text, nullable=False, index=True),
    Column("began", Moment, nullable=False),
    Column("updated", Moment, nullable=False),
    Column("has_ended", Boolean, nullable=False),
    Column("steps", Integer, nullable=False),  # so many lines were taken in: the version of the state
    Column("state", LargeBinary, nullable=False),  # JSON under zlib
)

thread = Table(
    "thread",
    metadata,
    Column("learner", Text, primary_key=True),
    Column("key", Text, primary_key=True),  # the door's own name for the conversation
    Column("mode", Text, nullable=False),  # ask, quiz, drill or interview
    Column("ref", Text, nullable=False),  # the id of the session, quiz or interview that goes on in it
    Column("updated", Moment, nullable=False),
)

idempotent_reply = Table(
    "idempotent_reply",
    metadata,
    Column("learner", Text, primary_key=True),
    Column("key", Text, primary_key=True),  # as the client gave it
    Column("request", Text, nullable=False),  # a hash of method, path and body
    Column("status", Integer),  # this and the next two are null while the first request is worked on
    Column("media_type", Text),
    Column("body", LargeBinary),
    Column("taken_at", Moment, nullable=False),
)
