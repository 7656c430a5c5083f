"""Serve the assistant to programs on this machine, or beyond it to those with a key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli.session import Session
from corpus.errors import StudyError

if TYPE_CHECKING:
    from api.access.policy import Policy


class NoKeys(StudyError):
    """A server that asks for keys of which there is none."""


def command(
    session: Session,
    host: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 lets other machines in, with keys.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")] = 8421,
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="Processes that answer; one for each core is plenty.")
    ] = 1,
) -> None:
    """Serve REST under /api/v1 (described under /docs) until Ctrl-C."""
    from api.access.policy import Policy
    from api.serving import serve

    policy = Policy.of(session.settings, host)
    check_keys(session, policy, host)
    session.assistant.topics()  # a note that cannot be read is said now, not at the first request
    session.warn(f"http://{f'[{host}]' if ':' in host else host}:{port}  /api/v1  /docs")
    serve(session.assistant, policy, workers=workers, host=host, port=port, **server_options())


def check_keys(session: Session, policy: Policy, host: str) -> None:
    """Raise `NoKeys` for a server that nobody could use, and warn of one that anybody could listen to."""
    from api.access.policy import is_loopback

    if not policy.asks_for_keys:
        return
    if not session.store.keys.live():
        raise NoKeys(
            f"a server on {host!r} asks for keys, and there is none",
            "assistant keys create NAME --scope read",
        )
    if not is_loopback(host):
        session.warn(
            "没有加密：同一网络里的人能读到内容和密钥；对外请放在带 TLS 的反向代理后面。"
            "(not encrypted: who shares the network can read along; put a proxy with TLS before it)"
        )


def server_options() -> dict[str, Any]:
    """Return how uvicorn is to serve, beside where."""
    from api.access.slow_clients import PunctualProtocol
    from api.log_config import LOG_CONFIG, quieten

    quieten()
    return {
        "http": PunctualProtocol,
        "log_config": LOG_CONFIG,
        "access_log": False,
        "server_header": False,
        "limit_concurrency": 4_000,
    }
