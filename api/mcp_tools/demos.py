"""Tools that compute: list the demos with what they take, and run one."""

from __future__ import annotations

from typing import Annotated, Any

from mcp_types import CallToolResult
from pydantic import Field

from api.mcp_tools.shapes import DemoShape, DemosShape
from api.mcp_tools.toolbox import Call, Toolbox, data
from assistant.demo_kit import registry


def _names(schema: dict[str, Any]) -> None:
    """Write the names that there are into the schema, so that a host offers no other."""
    schema["enum"] = list(registry.names())


def add_to(toolbox: Toolbox) -> None:
    """Add `list_demos` and `run_demo`."""
    service = toolbox.service

    async def list_demos(
        ctx: Call,
        name: Annotated[
            str, Field(max_length=100, description="Only this demo, with the JSON Schema of its arguments.")
        ] = "",
    ) -> Annotated[CallToolResult, DemosShape]:
        """List the demos that compute deep-learning quantities; with a name, its arguments and their bounds."""

        def listed() -> dict[str, Any]:
            chosen = [registry.load(name)] if name else list(registry.demos())
            entries = [{"name": d.name, "summary": d.summary, "topics": list(d.topics)} for d in chosen]
            return {
                "demos": [entry | {"parameters": chosen[0].schema} for entry in entries] if name else entries
            }

        return data(await service.run(listed))

    async def run_demo(
        name: Annotated[str, Field(max_length=100, json_schema_extra=_names, description="The demo.")],
        ctx: Call,
        arguments: Annotated[
            dict[str, Any],
            Field(
                description="Its arguments by name; `list_demos` gives them and their bounds. Defaults fill the rest."
            ),
        ] = {},  # noqa: B006  # read only, and a null default would be offered to models as a value
    ) -> Annotated[CallToolResult, DemoShape]:
        """Compute a figure (output sizes, receptive fields, gradients, costs, …) instead of remembering it.

        The result names the formula and its source, and every argument that was used.
        """
        running = service.run(lambda: service.assistant.demo(name, **arguments))
        return data((await toolbox.progress(ctx).during(running)).to_dict())

    toolbox.add(list_demos, title="List the demos · 列出演示")
    toolbox.add(run_demo, title="Run a demo · 运行演示")
