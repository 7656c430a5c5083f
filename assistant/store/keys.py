"""API keys: made, shown once, listed, revoked. A key is kept as a hash, so the file gives none away."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, or_, select, update

from assistant.store.database import Database
from assistant.store.service_tables import api_key
from corpus.errors import StudyError, UnknownName

#: `sa_`, the id of the key (a ULID), `_`, and 256 random bits in URL-safe base64.
_SHAPE = re.compile(r"sa_([0-9A-HJKMNP-TV-Z]{26})_([A-Za-z0-9_-]{43})", re.ASCII)
_SECRET_BYTES = 32
#: `last_used` is no closer than this, so that not every request writes.
USE_NOTED_EVERY = timedelta(minutes=1)
#: Characters of a key's name.
MAX_NAME = 100


class BadName(StudyError):
    """A name that no key can have."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is kept."""

    id: str
    name: str
    digest: str
    scopes: tuple[str, ...]
    created_at: datetime
    last_used: datetime | None
    revoked_at: datetime | None

    @property
    def learner(self) -> str:
        """Who learns under this key."""
        return f"key:{self.id}"


def digest_of(text: str) -> str:
    """Return the hash under which the key `text` is kept.

    One SHA-256 and no slow hash such as bcrypt: that makes guessing passwords expensive, while 256 random bits are
    beyond guessing at any speed, and every request would pay for it.
    """
    return hashlib.sha256(text.encode()).hexdigest()


def id_in(text: str) -> str | None:
    """Return the id that the key `text` names, None if it is no key at all."""
    shaped = _SHAPE.fullmatch(text)
    return shaped[1] if shaped else None


def opens(text: str, key: Key) -> bool:
    """Say, in a time that tells nothing, whether `text` is the live key `key`."""
    return hmac.compare_digest(digest_of(text), key.digest) and key.revoked_at is None


class Keys:
    """The keys in `database`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, name: str, scopes: Sequence[str], now: datetime) -> tuple[str, Key]:
        """Make a key that may do `scopes`; return it, which nobody can do again, and what is kept of it.

        Raises `BadName`.
        """
        from ulid import ULID

        name = name.strip()
        if not (0 < len(name) <= MAX_NAME and name.isprintable()):
            raise BadName(
                f"{name!r} cannot be the name of a key", f"Give 1 to {MAX_NAME} characters, such as `laptop`."
            )
        key_id = str(ULID.from_datetime(now))
        text = f"sa_{key_id}_{secrets.token_urlsafe(_SECRET_BYTES)}"
        key = Key(key_id, name, digest_of(text), tuple(dict.fromkeys(scopes)), now, None, None)
        values = {
            "id": key_id,
            "name": name,
            "digest": key.digest,
            "scopes": list(key.scopes),
            "created_at": now,
        }
        with self._database.writing() as connection:
            connection.execute(insert(api_key).values(values))
        return text, key

    def all(self) -> tuple[Key, ...]:
        """Return every key, revoked ones too, oldest first."""
        rows = self._database.fetch(select(api_key).order_by(api_key.c.id))
        return tuple(Key(**{**row, "scopes": tuple(row["scopes"])}) for row in rows)

    def live(self) -> dict[str, Key]:
        """Return the keys that open something, by id."""
        return {key.id: key for key in self.all() if key.revoked_at is None}

    def revoke(self, key_id: str, now: datetime) -> Key:
        """Let the key open nothing any more, and return it. A key that is revoked already keeps its moment.

        Raises `UnknownName`.
        """
        same = api_key.c.id == key_id.strip().upper()
        with self._database.writing() as connection:
            connection.execute(
                update(api_key).where(same, api_key.c.revoked_at.is_(None)).values(revoked_at=now)
            )
        found = next((key for key in self.all() if key.id == key_id.strip().upper()), None)
        if found is None:
            raise UnknownName(f"there is no key {key_id!r}", "assistant keys list")
        return found

    def note_use(self, key_id: str, now: datetime) -> None:
        """Remember that the key was used, to the minute."""
        stale = or_(api_key.c.last_used.is_(None), api_key.c.last_used <= now - USE_NOTED_EVERY)
        with self._database.writing() as connection:
            connection.execute(update(api_key).where(api_key.c.id == key_id, stale).values(last_used=now))
