"""Cursors: where the next page of a list begins. Opaque for clients; inside, the kind of list and a row's key.

A cursor is no secret and grants nothing: the rows are always asked for as the caller's own. So it is checked to be one
of ours for this list, and not signed.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated

from fastapi import Query

from api.errors import BadRequest

MAX_PAGE = 200
#: The kinds of list, and what a row is known by there: a ULID, or a number that SQLite can hold.
_KEYS = {
    "sessions": re.compile(r"[0-9A-HJKMNP-TV-Z]{26}", re.ASCII),
    "turns": re.compile(r"[0-9]{1,18}", re.ASCII),
}

Cursor = Annotated[
    str | None, Query(max_length=200, description="`next` of the page before; left out for the first page.")
]
Limit = Annotated[int, Query(ge=1, le=MAX_PAGE, description="Entries of a page.")]


def cursor(kind: str, key: str) -> str:
    """Return the cursor behind the row `key` of a list of `kind`."""
    return urlsafe_b64encode(f"{kind} {key}".encode()).decode().rstrip("=")


def key_of(kind: str, given: str | None) -> str | None:
    """Return the key in a cursor for a list of `kind`, None for no cursor. Raises `BadRequest`."""
    if given is None:
        return None
    try:
        padded = given.encode("ascii") + b"=" * (-len(given) % 4)
        found, _, key = urlsafe_b64decode(padded).decode("ascii").partition(" ")
        # Decoding overlooks foreign characters, so what was decoded is encoded again.
        if found == kind and _KEYS[kind].fullmatch(key) and cursor(kind, key) == given:
            return key
    except ValueError:
        pass
    raise BadRequest("the cursor is none of this list", "Take `next` of the page before, or leave it out.")
