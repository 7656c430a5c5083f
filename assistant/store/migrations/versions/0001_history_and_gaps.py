"""Chat history, and the questions that the notes did not cover.

A migration is history: it spells its types out and imports nothing of ours, so that it does the same forever.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the first three tables."""
    op.create_table(
        "chat_session",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("learner", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_chat_session"),
    )
    op.create_index("ix_chat_session_learner", "chat_session", ["learner"])
    op.create_table(
        "chat_turn",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.String(26), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("standalone_question", sa.Text(), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_chat_turn"),
        sa.ForeignKeyConstraint(
            ["session_id"], ["chat_session.id"], name="fk_chat_turn_session_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_chat_turn_session_id", "chat_turn", ["session_id"])
    op.create_table(
        "gap",
        sa.Column("learner", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first_asked", sa.DateTime(), nullable=False),
        sa.Column("last_asked", sa.DateTime(), nullable=False),
        sa.Column("nearest_topics", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("learner", "key", name="pk_gap"),
    )
