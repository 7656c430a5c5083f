"""Serve the tools to an MCP host that starts this program: Claude Desktop, VS Code, Cursor, Zed and others."""

from __future__ import annotations

from importlib.util import find_spec

from assistant.cli.session import Session
from corpus.errors import StudyError


def command(session: Session) -> None:
    """Speak MCP on stdin and stdout. It is the host that starts this; docs/mcp.md has the lines for its settings.

    Nothing else is written on stdout. Warnings, and the progress of the index where it is built first, go to stderr.
    """
    if find_spec("mcp") is None:
        raise StudyError(
            "the package 'mcp' is not installed", "Install it: pip install 'interview-study-assistant[doors]'"
        )
    import anyio

    from api.access.caller import LOCAL
    from api.mcp_tools.server import notes_server
    from api.service import Service

    service = Service(session.assistant)  # settings that cannot be used end the program before it speaks

    async def serve() -> None:
        try:
            await notes_server(service, lambda ctx: LOCAL).run_stdio_async()
        finally:
            with anyio.CancelScope(shield=True):
                await service.close()

    anyio.run(serve)
