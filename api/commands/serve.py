"""Serve the REST interface on this machine."""

from __future__ import annotations

from typing import Annotated

import typer

from assistant.cli.session import Session


def command(
    session: Session,
    host: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 lets other machines in.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")] = 8421,
) -> None:
    """Serve REST under /api/v1 (interactive documentation under /docs) until Ctrl-C."""
    import uvicorn

    from api.app import create_app

    session.assistant.topics()  # a note that cannot be read is said now, not at the first request
    uvicorn.run(create_app(session.assistant), host=host, port=port, log_level="warning")
