"""Which demos a model is offered for a question: few, because a small model drowns in dozens of schemas.

They are the best by `demo_fit`. `list_demos` tells of the rest; any demo may be called.
"""

from __future__ import annotations

import math
from itertools import accumulate, islice

from assistant.answering.budget import tool_weight
from assistant.answering.demo_fit import ranked
from assistant.answering.types import Request
from assistant.demo_kit import registry
from assistant.events import ToolRun
from assistant.llm.base import ToolSchema
from corpus.glossary import Glossary

MOST_DEMOS = 5

LIST_DEMOS = ToolSchema(
    "list_demos", "List every demo with one line on what it computes.", {"type": "object", "properties": {}}
)


def offered(
    request: Request, glossary: Glossary, before: tuple[ToolSchema, ...] = (), most: float = math.inf
) -> tuple[ToolSchema, ...]:
    """Return the schemas of at most `MOST_DEMOS` demos that fit, by name, and of `list_demos`.

    Together they weigh at most `most` (`budget.tool_weight`); the least fitting ones are left out first.

    `before` is what the last turn of the conversation was offered. It is offered again unless the question
    asks for a demo that is not in it: tools stand at the very front of the prompt, and any change there makes
    the server read the whole conversation anew.
    """
    fits = ranked(request, glossary)
    asked = {name for name, fit in fits.items() if fit.asked}
    if request.history and before and asked <= {tool.name for tool in before}:
        return before
    best = [registry.load(name) for name in list(fits)[:MOST_DEMOS]]
    tools = [ToolSchema(demo.name, demo.summary, demo.schema) for demo in best]
    weights = accumulate(map(tool_weight, tools), initial=tool_weight(LIST_DEMOS))
    kept = [tool for tool, weight in zip(tools, islice(weights, 1, None), strict=True) if weight <= most]
    return (*sorted(kept, key=lambda tool: tool.name), LIST_DEMOS)


def list_demos() -> ToolRun:
    """Return every demo's name and summary as the result of the tool `list_demos`."""
    return ToolRun("list_demos", {}, {"numbers": {demo.name: demo.summary for demo in registry.demos()}})
