"""All state of the program, in one SQLite database that appears with the first row worth keeping.

Importing this package imports neither SQLAlchemy nor Alembic.
"""

from assistant.store.errors import StoreError
from assistant.store.records import Gap, Turn
from assistant.store.store import Store

__all__ = ["Gap", "Store", "StoreError", "Turn"]
