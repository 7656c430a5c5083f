"""What a caller sees of the server: tools that it may call, notes only with `read`, and long lists by the page."""

from __future__ import annotations

from typing import Any

from mcp import MCPError
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp_types import INVALID_PARAMS, INVALID_REQUEST

from api.access.caller import NotAllowed, Scope, require
from api.mcp_tools.toolbox import Toolbox

#: Topics on a page of the list of resources.
PAGE = 200


class Narrowing:
    """The middleware that stands before every message."""

    def __init__(self, toolbox: Toolbox, page: int = PAGE) -> None:
        self._toolbox = toolbox
        self._page = page

    async def __call__(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        """Answer `ctx`, with what its caller may not see taken out."""
        if ctx.method.startswith(("resources/", "completion/")):
            try:
                require(Scope.READ, self._toolbox.caller_of(ctx))
            except NotAllowed as error:
                raise MCPError(INVALID_REQUEST, str(error)) from None
        result = await call_next(ctx)
        if isinstance(result, dict):
            if ctx.method == "tools/list":
                scopes = self._toolbox.caller_of(ctx).scopes
                return result | {
                    "tools": [t for t in result["tools"] if self._toolbox.scopes[t["name"]] in scopes]
                }
            if ctx.method == "resources/list":
                return _paged(result, (ctx.params or {}).get("cursor"), self._page)
        return result


def _paged(result: dict[str, Any], cursor: Any, page: int) -> dict[str, Any]:
    """Return the part of a list that `cursor` stands for: the number of resources before it."""
    if cursor is not None and not (isinstance(cursor, str) and cursor.isascii() and cursor.isdigit()):
        raise MCPError(INVALID_PARAMS, "there is no such page; leave out the cursor to begin anew")
    start = int((cursor or "0")[:9])
    rest = {} if start + page >= len(result["resources"]) else {"nextCursor": str(start + page)}
    return result | {"resources": result["resources"][start : start + page]} | rest
