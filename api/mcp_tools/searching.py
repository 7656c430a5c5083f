"""Tools that read the notes: search, and ask for a cited answer. Nothing is remembered of either.

A host's model asks in its own words and as often as it likes, so what the notes lack is not counted as the learner's
gap here.
"""

from __future__ import annotations

from contextlib import aclosing
from typing import Annotated

from mcp_types import CallToolResult
from pydantic import Field

from api.mcp_tools.shapes import AnswerShape, SearchShape
from api.mcp_tools.toolbox import Call, Toolbox, data
from assistant.events import Done, Text, Waiting
from index.library import MAX_QUERY


def add_to(toolbox: Toolbox) -> None:
    """Add `search_notes` and `ask_notes`."""
    service = toolbox.service

    async def search_notes(
        query: Annotated[
            str,
            Field(min_length=1, max_length=MAX_QUERY, description="What to look for, in Chinese or English."),
        ],
        ctx: Call,
        k: Annotated[int, Field(ge=1, le=20, description="How many topics.")] = 5,
    ) -> Annotated[CallToolResult, SearchShape]:
        """Find the topics of the user's deep-learning notes nearest to a query, each by its best passage.

        `covered` says whether the notes cover the query at all; hits are given either way.
        """
        found = await toolbox.progress(ctx).during(service.run(lambda: service.assistant.search(query, k)))
        return data(found.to_dict())

    async def ask_notes(
        question: Annotated[
            str,
            Field(
                min_length=1,
                max_length=MAX_QUERY,
                description="A whole question that needs no context, in Chinese or English.",
            ),
        ],
        ctx: Call,
        general: Annotated[
            bool,
            Field(
                description="Let a model answer from general knowledge, labelled, what the notes do not cover."
            ),
        ] = False,
    ) -> Annotated[CallToolResult, AnswerShape]:
        """Answer a question from the user's notes, with citations (file, heading, lines) and computed demos.

        `status` is `not_in_notes` where the notes do not cover it; then say so instead of inventing an answer. Keep
        the markers [1], [2], … and name the sources.
        """
        progress = toolbox.progress(ctx)
        await progress.tell()
        async with aclosing(service.ask(question, general=general)) as events:
            async for event in events:
                match event:
                    case Done(answer):
                        return data(answer.to_dict())
                    case Waiting(text):
                        await progress.tell(text)
                    case Text():
                        await progress.alive()
        raise AssertionError("an answer ends with Done")

    toolbox.add(search_notes, title="Search the notes · 搜笔记")
    toolbox.add(ask_notes, title="Ask the notes · 问笔记")
