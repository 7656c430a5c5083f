"""The id of a request, in replies and logs: the caller's own where that is plain, else a new ULID."""

from __future__ import annotations

import re

from starlette.datastructures import Headers
from starlette.types import Scope
from ulid import ULID

HEADER = "X-Request-ID"
#: What others use as ids fits in here (UUID, ULID, trace ids); what could break a log line or a header does not.
_PLAIN = re.compile(r"[A-Za-z0-9._:-]{1,64}", re.ASCII)


def request_id_of(scope: Scope) -> str:
    """Return the id of the request in `scope`, the same one each time."""
    if "request_id" not in scope:
        given = Headers(scope=scope).get(HEADER, "")
        scope["request_id"] = given if _PLAIN.fullmatch(given) else str(ULID())
    found: str = scope["request_id"]
    return found
