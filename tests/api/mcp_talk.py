"""An MCP server over small notes, spoken to by the SDK's own client in memory: what the tests of MCP share."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from mcp import Client
from mcp_types import CallToolResult, TextContent

from api.access.caller import LOCAL, Caller
from api.mcp_tools.server import notes_server
from api.service import Service
from assistant.study import Assistant

T = TypeVar("T")


def talk(
    assistant: Assistant,
    said: Callable[[Client], Awaitable[T]],
    caller: Caller = LOCAL,
    *,
    mode: str = "auto",
    beat: float = 2.0,
    page: int = 200,
) -> T:
    """Return what `said` returns, which speaks to a server over `assistant` as `caller`."""

    async def spoken() -> T:
        service = Service(assistant)
        try:
            server = notes_server(service, lambda ctx: caller, beat=beat, page=page)
            async with Client(server, mode=mode) as client:
                return await said(client)
        finally:
            await service.close()

    return asyncio.run(spoken())


def call(assistant: Assistant, tool: str, caller: Caller = LOCAL, **arguments: Any) -> CallToolResult:
    """Return the result of one call."""
    return talk(assistant, lambda client: client.call_tool(tool, arguments), caller)


def value(result: CallToolResult) -> dict[str, Any]:
    """Return what a tool gave."""
    assert not result.is_error, told(result)
    assert isinstance(result.structured_content, dict)
    return result.structured_content


def told(result: CallToolResult) -> str:
    """Return the text of a result, as a model reads it."""
    return "\n".join(block.text for block in result.content if isinstance(block, TextContent))
