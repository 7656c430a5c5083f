"""Tables of the service itself, whose rows are no learner's: who may ask, what was delivered, how much was asked.

They are in no export, and forgetting a learner leaves them alone.
"""

from __future__ import annotations

from sqlalchemy import JSON, Column, Float, Integer, MetaData, String, Table, Text

from assistant.store.tables import Moment, metadata

service_metadata = MetaData(naming_convention=metadata.naming_convention)

api_key = Table(
    "api_key",
    service_metadata,
    Column("id", String(26), primary_key=True),  # a ULID; the learner is `key:ID`
    Column("name", Text, nullable=False),
    Column("digest", Text, nullable=False),  # a hash; the key itself is shown once and kept nowhere
    Column("scopes", JSON, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("last_used", Moment),
    Column("revoked_at", Moment),
)

delivery = Table(
    "delivery",
    service_metadata,
    Column("key", Text, primary_key=True),  # what a sender names the delivery by, such as Slack's event_id
    Column("at", Moment, nullable=False, index=True),
    Column(
        "reply_to", JSON(none_as_null=True)
    ),  # where to answer; this and the next are null once that is done
    Column("alive_until", Moment),  # later than this, the process that works on it is gone
)

rate_window = Table(
    "rate_window",
    service_metadata,
    Column("key", Text, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("expires", Float, nullable=False),  # seconds since the epoch
)

ticket = Table(
    "ticket",
    service_metadata,
    Column("id", Integer, primary_key=True),  # grows, so it is also the place in the queue
    Column("queue", Text, nullable=False, index=True),  # the model's server
    Column("holder", Text, nullable=False),  # the process that waits
    Column("alive_until", Float, nullable=False),  # seconds since the epoch; later it is as good as gone
)
