"""Keys for those who ask from another machine: made and shown once, listed, revoked."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.access.scopes import Scope
from assistant.cli.session import Session, print_json

if TYPE_CHECKING:
    from assistant.store.keys import Key

Json = Annotated[bool, typer.Option("--json", help="Write JSON.")]


def create(
    session: Session,
    name: Annotated[str, typer.Argument(help="Whose or what for, such as `laptop`.")],
    scope: Annotated[
        list[Scope],
        typer.Option(
            "--scope",
            help="read: ask, search, run demos. learn: quizzes, interviews, reviews, with a memory of its own. "
            "write: change the notes. Give it again for each.",
        ),
    ] = [Scope.READ],  # noqa: B006 - typer copies it
    json: Json = False,
) -> None:
    """Make a key and show it, this once: only a hash of it is kept."""
    text, key = session.store.keys.create(name, [one.value for one in scope], datetime.now(UTC))
    if json:
        print_json({**_told(key), "key": text})
        return
    print(text, flush=True)  # noqa: T201
    _tell(f"密钥只显示这一次；请求时带上 Shown this once; send it as: Authorization: Bearer {text[:6]}…")
    _tell(f"撤销 To revoke: assistant keys revoke {key.id}")


def list_(session: Session, json: Json = False) -> None:
    """List the keys, with what they may do and when they were last used."""
    keys = session.store.keys.all()
    if json:
        print_json([_told(key) for key in keys])
        return
    for key in keys:
        used = f"{key.last_used:%Y-%m-%d %H:%M}" if key.last_used else "没用过 never used"
        state = f"已撤销 revoked {key.revoked_at:%Y-%m-%d}" if key.revoked_at else used
        print(f"{key.id}  {'+'.join(key.scopes):<16}  {state:<18}  {key.name}", flush=True)  # noqa: T201
    if not keys:
        _tell("还没有密钥 No keys. assistant keys create NAME")


def revoke(
    session: Session,
    key_id: Annotated[str, typer.Argument(metavar="ID", help="As `list` shows it.")],
    json: Json = False,
) -> None:
    """Let a key open nothing any more, in a running server within two seconds. What it learned stays."""
    key = session.store.keys.revoke(key_id, datetime.now(UTC))
    if json:
        print_json(_told(key))
        return
    print(f"已撤销 revoked: {key.id}  {key.name}", flush=True)  # noqa: T201
    _tell(f"删除它的记录 To delete what it learned: assistant data forget --learner {key.learner}")


def _told(key: Key) -> dict[str, Any]:
    moments = {"created_at": key.created_at, "last_used": key.last_used, "revoked_at": key.revoked_at}
    told = {name: moment.isoformat() if moment else None for name, moment in moments.items()}
    return {"id": key.id, "name": key.name, "scopes": list(key.scopes), "learner": key.learner, **told}


def _tell(message: str) -> None:
    print(message, file=sys.stderr, flush=True)  # noqa: T201


command = {"create": create, "list": list_, "revoke": revoke}
