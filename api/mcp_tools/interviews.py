"""The tool that holds a mock interview: every turn is kept, so that it goes on anywhere, any time."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from mcp_types import CallToolResult
from pydantic import Field

from api.access.caller import Scope
from api.mcp_tools.shapes import InterviewShape
from api.mcp_tools.toolbox import Call, Toolbox, data
from assistant.grading.grader import MAX_ANSWER
from assistant.interview import writing
from assistant.interview.conductor import Conductor
from assistant.interview.events import move_event
from assistant.interview.interviewer import Interviewer
from assistant.interview.planning import MINUTES, Wanted
from assistant.interview.types import Phase
from assistant.language import Language
from corpus.errors import StudyError

#: Topics that one interview is limited to.
_TOPICS = 10


class InterviewAction(StrEnum):
    """What to do."""

    BEGIN = "begin"
    ANSWER = "answer"
    PAUSE = "pause"
    RESUME = "resume"
    END = "end"
    REPORT = "report"


_NEEDS_NO_MODEL = (InterviewAction.PAUSE, InterviewAction.REPORT)


def add_to(toolbox: Toolbox) -> None:
    """Add `interview`."""
    service = toolbox.service

    async def interview(
        action: Annotated[
            InterviewAction,
            Field(description="`begin`, then `answer` until `ended`; `report` tells what it has shown."),
        ],
        ctx: Call,
        interview: Annotated[
            str, Field(max_length=40, description="The id that `begin` gave; without it the latest.")
        ] = "",
        answer: Annotated[
            str,
            Field(
                max_length=MAX_ANSWER,
                description="For `answer`: the candidate's own words. /hint, /skip and /repeat are understood.",
            ),
        ] = "",
        turn: Annotated[
            int,
            Field(
                ge=0,
                le=10**6,
                description="For `answer`: the `turn` told last; what was answered already counts once.",
            ),
        ] = 0,
        topics: Annotated[
            list[Annotated[str, Field(max_length=200)]],
            Field(max_length=_TOPICS, description="For `begin`: only these topics, such as BN."),
        ] = [],  # noqa: B006  # read only, and a null default would be offered to models as a value
        minutes: Annotated[
            float, Field(ge=MINUTES[0], le=MINUTES[1], description="For `begin`: how long.")
        ] = 30,
        language: Annotated[Language, Field(description="For `begin`.")] = Language.ZH,
        practice: Annotated[
            bool, Field(description="For `begin`: hear what each answer lacked at once.")
        ] = False,
        seed: Annotated[
            int | None, Field(ge=0, le=10**9, description="For `begin`: the same seed plans the same.")
        ] = None,
    ) -> Annotated[CallToolResult, InterviewShape]:
        """Hold a mock interview over the user's notes, with follow-ups and a report.

        Put the interviewer's words to the user and send back what the user answers, word for word. Never answer for
        the user, and never tell what the notes say before the interview is over.
        """
        learner = toolbox.caller(ctx).learner

        def step() -> dict[str, Any]:
            interviewer = service.assistant.interviewer(learner, must_keep=True)
            if action is InterviewAction.BEGIN:
                wanted = Wanted(language, minutes=minutes, topics=tuple(topics), practice=practice)
                return _told(interviewer.begin(wanted, seed), interviewer)
            if action is InterviewAction.REPORT:
                return _told(interviewer.open(interview or _latest(interviewer)), interviewer, report=True)
            conductor = interviewer.open(interview)
            if not turn or turn == len(conductor.state.turns):
                _go_on(conductor, action, answer)
            return _told(conductor, interviewer)

        run = service.run if action in _NEEDS_NO_MODEL else service.run_with_model
        return data(await toolbox.progress(ctx).during(run(step)))

    toolbox.add(interview, title="Mock interview · 模拟面试", scope=Scope.LEARN, keeps=True)


def _go_on(conductor: Conductor, action: InterviewAction, answer: str) -> None:
    """Take a step."""
    match action:
        case InterviewAction.PAUSE:
            conductor.pause()
        case InterviewAction.RESUME:
            conductor.resume()
        case InterviewAction.END:
            conductor.answer("/end")
        case _ if conductor.state.phase is Phase.PAUSED:
            conductor.resume()  # the time between two messages was not the candidate's
            conductor.answer(answer)
        case _:
            conductor.answer(answer)


def _latest(interviewer: Interviewer) -> str:
    """Return the id of the interview that began last. Raises `StudyError` where there was none."""
    entries = interviewer.interviews.listed()
    if not entries:
        raise StudyError("there is no interview yet", "Begin one with the action `begin`.")
    return entries[0].interview_id


def _told(conductor: Conductor, interviewer: Interviewer, *, report: bool = False) -> dict[str, Any]:
    is_told = report or conductor.has_ended
    return {
        "interview": conductor.interview_id,
        "turn": len(conductor.state.turns),
        "said": [] if report else [move_event(conductor, move) for move in conductor.latest],
        "ended": conductor.has_ended,
        "paused": conductor.state.phase is Phase.PAUSED,
        "report": writing.to_dict(interviewer.report_of(conductor.state)) if is_told else None,
    }
