"""Alembic's environment: run the migrations on the connection, and in the transaction, that we are handed.

It is run by `assistant/store/migration.py` only; there is no `alembic.ini` and no offline mode.
"""

from alembic import context

from assistant.store.service_tables import service_metadata
from assistant.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=[metadata, service_metadata]
)
with context.begin_transaction():
    context.run_migrations()
