"""Who is asking: the learner, and what they may do. Found by the middleware, read by every door."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from api.access.scopes import Scope as Scope  # doors find it beside who asks
from corpus.errors import StudyError


class NotAllowed(StudyError):
    """A caller without the scope that a request needs."""


@dataclass(frozen=True, slots=True)
class Caller:
    """One who asks. `learner` is `local`, `key:ID` or `slack:TEAM:USER`; `key_id` is empty without a key."""

    learner: str
    scopes: frozenset[Scope]
    key_id: str = ""


#: The person at this machine, where no keys are asked for.
LOCAL = Caller("local", frozenset(Scope))


def caller_of(connection: HTTPConnection) -> Caller:
    """Return who sent a request; the middleware has found out before any door sees it."""
    caller = connection.scope.get("caller", LOCAL)
    assert isinstance(caller, Caller)
    return caller


def require(scope: Scope, caller: Caller) -> None:
    """Raise `NotAllowed` unless `caller` has `scope`."""
    if scope not in caller.scopes:
        wanted = " ".join(f"--scope {one.value}" for one in Scope if one in caller.scopes | {scope})
        raise NotAllowed(
            f"this key may not {scope.value}", f"Make one that may: assistant keys create NAME {wanted}"
        )


def allowed(scope: Scope) -> Callable[[HTTPConnection], Caller]:
    """Return the dependency of a route that needs `scope`. It raises `NotAllowed`."""

    def check(connection: HTTPConnection) -> Caller:
        caller = caller_of(connection)
        require(scope, caller)
        return caller

    return check


Reader = Annotated[Caller, Depends(allowed(Scope.READ))]
"""The parameter of a route that needs `read`."""
Learner = Annotated[Caller, Depends(allowed(Scope.LEARN))]
"""The parameter of a route that needs `learn`."""
Writer = Annotated[Caller, Depends(allowed(Scope.WRITE))]
"""The parameter of a route that needs `write`."""
