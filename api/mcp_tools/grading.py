"""The tool that grades an answer by the key points of the notes."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from mcp_types import CallToolResult
from pydantic import Field

from api.access.caller import Scope
from api.mcp_tools.shapes import GradeShape
from api.mcp_tools.toolbox import Call, Toolbox, data
from assistant.grading.grader import MAX_ANSWER, NoMemory
from index.library import MAX_QUERY


def add_to(toolbox: Toolbox) -> None:
    """Add `grade`."""
    service = toolbox.service

    async def grade(
        question: Annotated[str, Field(min_length=1, max_length=MAX_QUERY, description="What was asked.")],
        answer: Annotated[
            str, Field(max_length=MAX_ANSWER, description="The learner's answer, word for word.")
        ],
        ctx: Call,
        topic: Annotated[
            str,
            Field(max_length=500, description="The topic it is about; found from the question if not given."),
        ] = "",
    ) -> Annotated[CallToolResult, GradeShape]:
        """Grade an answer by the key points of the user's notes: what was hit, missed or contradicted, with citations.

        The score follows from the points alone. Give the learner's own words; do not improve them.
        """
        caller = toolbox.caller(ctx)

        def graded() -> dict[str, Any]:
            assistant = service.assistant
            if Scope.LEARN in caller.scopes:
                return assistant.grade(question, answer, topic or None, learner=caller.learner).to_dict()
            # Who may only read has decided nothing, and nothing is kept of them.
            return (
                replace(assistant.grader, memory=NoMemory()).grade(question, answer, topic or None).to_dict()
            )

        result = await toolbox.progress(ctx).during(service.run_with_model(graded))
        service.metrics.graded(result["level"])
        return data(result)

    toolbox.add(grade, title="Grade an answer · 批改回答")
