"""What is remembered of you: conversations, everything as one file, and forgetting it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response

from api.access.caller import LOCAL, Learner
from api.paging import Cursor, Limit, cursor, key_of
from api.rest._shapes import Forgotten, Sessions, Turns, gives, gives_file
from api.service import Service
from assistant.store import records

SessionId = Annotated[str, Path(max_length=64, examples=["01KAQZ6V5W3M8YF2J4T7N9R1XC"])]
Confirmed = Annotated[
    Literal["forget"],
    Query(description="Has to be given: there is no way back. GET /me/export keeps a copy."),
]


def router(service: Service) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(tags=["history"])

    @routes.get("/sessions", **gives(Sessions))
    async def sessions(caller: Learner, after: Cursor = None, limit: Limit = 20) -> dict[str, Any]:
        """List your conversations, the one begun last first."""
        key = key_of("sessions", after)
        found = await service.run(lambda: service.store.history.sessions(caller.learner, key, limit + 1))
        shown = [
            {
                "id": one.id,
                "started_at": one.started_at.isoformat(),
                "last_asked": one.last_asked.isoformat() if one.last_asked else None,
                "turns": one.turns,
                "title": one.title,
            }
            for one in found[:limit]
        ]
        more = len(found) > limit
        return {"sessions": shown, "next": cursor("sessions", found[limit - 1].id) if more else None}

    @routes.get("/sessions/{session_id}", **gives(Turns))
    async def turns(
        session_id: SessionId, caller: Learner, after: Cursor = None, limit: Limit = 50
    ) -> dict[str, Any]:
        """Tell a conversation of yours, turn by turn."""
        key = key_of("turns", after)
        found = await service.run(
            lambda: service.chats(caller.learner).page(session_id, int(key or 0), limit + 1)
        )
        shown = [
            {
                "question": turn.question,
                "standalone": turn.standalone_question,
                "answer": dict(turn.answer),
                "asked_at": turn.asked_at.isoformat(),
            }
            for _, turn in found[:limit]
        ]
        more = len(found) > limit
        return {"turns": shown, "next": cursor("turns", str(found[limit - 1][0])) if more else None}

    @routes.delete("/sessions/{session_id}", name="drop_session", status_code=204)
    async def drop(session_id: SessionId, caller: Learner) -> None:
        """Delete a conversation of yours."""
        await service.run(lambda: service.chats(caller.learner).drop(session_id))

    @routes.get(
        "/me/export",
        **gives_file("application/json", "Everything that is remembered of you.", {"type": "object"}),
    )
    async def export(caller: Learner) -> Response:
        """Take out all that is remembered of you, as `assistant data import` takes it in again."""
        data = await service.run(lambda: service.store.archives.of(caller.learner).export(service.clock()))
        headers = {
            "Content-Disposition": 'attachment; filename="study-archive.json"',
            "Cache-Control": "no-store",
        }
        return Response(data, media_type="application/json", headers=headers)

    @routes.delete("/me", **gives(Forgotten))
    async def forget(caller: Learner, confirm: Confirmed) -> dict[str, Any]:
        """Delete all that is remembered of you, for good. Notes, settings and keys stay."""

        def gone() -> records.Forgotten:
            if caller.learner == LOCAL.learner:  # what was typed in the chat of this machine's terminal
                (service.assistant.settings.home / "typed_questions").unlink(missing_ok=True)
            return service.store.forget(caller.learner)

        done = await service.run(gone)
        return {"removed": dict(done.rows), "gone": done.is_gone}

    return routes
