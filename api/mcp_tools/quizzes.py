"""The tool that holds a quiz: every answer is marked, kept and counted as a review once."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from mcp_types import CallToolResult
from pydantic import Field

from api.access.caller import Scope
from api.mcp_tools.shapes import QuizShape
from api.mcp_tools.toolbox import Call, Toolbox, data
from assistant.grading.grader import MAX_ANSWER
from assistant.language import Language
from assistant.quiz import events, wording
from assistant.quiz.sitting import Sitting
from assistant.quiz.sittings import Sittings

#: The most questions of one quiz, and the most kinds that one is limited to.
_COUNT, _KINDS = 50, 20


class QuizAction(StrEnum):
    """What to do."""

    BEGIN = "begin"
    ANSWER = "answer"
    HINT = "hint"
    SHOW = "show"
    SKIP = "skip"


def add_to(toolbox: Toolbox) -> None:
    """Add `quiz`."""
    service = toolbox.service

    async def quiz(
        action: Annotated[
            QuizAction,
            Field(
                description="`begin`, then `answer`, `hint`, `show` (gives up) or `skip` for each question."
            ),
        ],
        ctx: Call,
        quiz: Annotated[str, Field(max_length=40, description="The id that `begin` gave.")] = "",
        question: Annotated[
            str, Field(max_length=100, description="The `id` of the question that this is about.")
        ] = "",
        answer: Annotated[
            str, Field(max_length=MAX_ANSWER, description="For `answer`: the user's own words, or A, B, …")
        ] = "",
        topic: Annotated[
            str, Field(max_length=200, description="For `begin`: a topic such as BN; without it all notes.")
        ] = "",
        kinds: Annotated[
            list[Annotated[str, Field(max_length=40)]],
            Field(max_length=_KINDS, description="For `begin`: only these kinds, such as multiple_choice."),
        ] = [],  # noqa: B006  # read only, and a null default would be offered to models as a value
        count: Annotated[int, Field(ge=1, le=_COUNT, description="For `begin`: how many questions.")] = 5,
        seed: Annotated[
            int | None, Field(ge=0, le=10**9, description="For `begin`: the same seed asks the same.")
        ] = None,
        language: Annotated[
            Language | None, Field(description="For `begin`; without it that of the topic.")
        ] = None,
    ) -> Annotated[CallToolResult, QuizShape]:
        """Quiz the user on their own notes: a question at a time, marked at once, with the line of the note.

        Put each question to the user and send back what the user answers, word for word. Never answer for the user.
        """
        caller = toolbox.caller(ctx)

        def step() -> dict[str, Any]:
            sittings = Sittings(service.assistant, service.store, caller.learner)
            if action is QuizAction.BEGIN:
                sitting = sittings.begin(topic, kinds=kinds, count=count, seed=seed, language=language)
                return _told(sitting, [])
            sitting = sittings.open(quiz)
            return _told(sitting, _taken(sitting, action, question, answer))

        return data(await toolbox.progress(ctx).during(service.run_with_model(step)))

    toolbox.add(quiz, title="Quiz · 测验", scope=Scope.LEARN, keeps=True)


def _taken(sitting: Sitting, action: QuizAction, question: str, answer: str) -> list[dict[str, Any]]:
    """Return the events of a step. What was done with the same question before is told again and counts once.

    Raises `QuizOvertaken` where another question is open by now.
    """
    key = f"mcp/{question}" if question else ""
    if action is not QuizAction.HINT and (turned := sitting.answered(key)):
        return [events.turned_event(turned)]
    if question:
        sitting.expect(question)
    match action:
        case QuizAction.HINT:
            return [events.hint_event(sitting.hint())]
        case QuizAction.SHOW:
            turned, _ = sitting.show(key)
        case QuizAction.SKIP:
            turned = sitting.skip(key)
        case _:
            turned = sitting.answer(answer, key)
    return [events.turned_event(turned)]


def _told(sitting: Sitting, said: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what was said, and after it the question that is open now or, at the end, the summary."""
    if sitting.asked:
        follows = events.asked_event(sitting.asked)
    else:
        command = wording.again(sitting.plan, sitting.words)
        follows = events.summary_event(sitting.counts(), sitting.plan, sitting.weak_topics, command)
    return {"quiz": sitting.quiz_id, "events": [*said, follows], "ended": sitting.has_ended}
