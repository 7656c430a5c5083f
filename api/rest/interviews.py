"""Mock interviews: begun, answered line by line, left and taken up again, and told in a report."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from api.access.caller import Caller, Learner
from api.access.idempotency import IdempotentRoute
from api.rest._interviews import InterviewListed, InterviewReport, InterviewSession, InterviewWhole
from api.rest._practice import AnswerKey, AnswerText, Id, Strict
from api.rest._shapes import gives
from api.service import Service
from assistant.interview import events, planning, writing
from assistant.interview.conductor import Conductor
from assistant.interview.interviewer import Interviewer
from assistant.interview.profile import DEFAULT, MAX_JOB
from assistant.interview.report import Report
from assistant.language import Language
from assistant.store.interviews import InterviewOvertaken

Format = Literal["json", "md", "html"]
#: A page opened by itself may run no script, load nothing and submit nothing, whatever stands in an answer.
_AS_PAGE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}


class Wanted(Strict):
    """What an interview is to be like. `job` is the text of a job description: what it names is asked more often."""

    profile: str = Field(
        DEFAULT, max_length=50, description="The role: deep_learning, cv_algorithm or fundamentals."
    )
    minutes: float = Field(30, ge=planning.MINUTES[0], le=planning.MINUTES[1])
    questions: int | None = Field(None, ge=planning.QUESTIONS[0], le=planning.QUESTIONS[1], strict=True)
    topics: list[Annotated[str, Field(max_length=200, pattern=r"\S")]] = Field(
        [], max_length=20, examples=[["BN"]]
    )
    job: str = Field("", max_length=MAX_JOB)
    practice: bool = Field(False, strict=True, description="Hear what each answer lacked at once.")
    language: Language = Language.ZH
    seed: int | None = Field(None, ge=0, le=2**53, strict=True)


class Line(Strict):
    """What the candidate says; `/hint`, `/skip` and `/repeat` are understood. The same `answer_key` is heard once."""

    answer: AnswerText = Field(examples=["BN 在训练时用批的均值和方差。"])
    answer_key: AnswerKey = ""


def router(service: Service) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/interviews", tags=["practise"], route_class=IdempotentRoute)

    def interviewer(caller: Caller) -> Interviewer:
        return service.assistant.interviewer(caller.learner, must_keep=True)

    @routes.post("", **gives(InterviewSession, 201, "The interview with its opening."))
    async def begin(wanted: Wanted, caller: Learner) -> dict[str, Any]:
        """Begin an interview."""
        values = wanted.model_dump(exclude={"seed"}) | {"topics": tuple(wanted.topics)}
        return await service.run(
            lambda: _stands(interviewer(caller).begin(planning.Wanted(**values), wanted.seed))
        )

    @routes.get("", **gives(list[InterviewListed]))
    async def interviews(caller: Learner) -> list[dict[str, Any]]:
        """List your interviews, the newest first."""
        kept = service.store.interviews.of(caller.learner)
        return await service.run(lambda: [events.entry_dict(entry) for entry in kept.listed()])

    @routes.get("/{interview_id}", **gives(InterviewWhole))
    async def interview(interview_id: Id, caller: Learner) -> dict[str, Any]:
        """Tell all that was said in an interview of yours."""

        def told() -> dict[str, Any]:
            conductor = interviewer(caller).open(interview_id)
            return _stands(conductor) | events.said_dict(conductor.state)

        return await service.run(told)

    @routes.post("/{interview_id}/answers", **gives(InterviewSession))
    async def answer(interview_id: Id, line: Line, caller: Learner) -> dict[str, Any]:
        """Say something, and hear what the interviewer says to it."""

        def heard() -> dict[str, Any]:
            conductor = interviewer(caller).open(interview_id)
            try:
                moves = conductor.answer(line.answer, answer_key=line.answer_key)
            except InterviewOvertaken:
                conductor.reload()
                again = conductor.said_to(line.answer_key)
                if again is None:
                    raise
                moves = again  # the same line came twice at once
            return _stands(conductor) | {"said": [events.move_event(conductor, move) for move in moves]}

        return await service.run_with_model(heard)

    @routes.post("/{interview_id}/pause", **gives(InterviewSession))
    async def pause(interview_id: Id, caller: Learner) -> dict[str, Any]:
        """Stop the clock."""

        def paused() -> dict[str, Any]:
            conductor = interviewer(caller).open(interview_id)
            conductor.pause()
            return _stands(conductor)

        return await service.run(paused)

    @routes.post("/{interview_id}/resume", **gives(InterviewSession))
    async def resume(interview_id: Id, caller: Learner) -> dict[str, Any]:
        """Go on, and hear the question again. What was left without a pause counts as paused since the last line."""

        def resumed() -> dict[str, Any]:
            conductor = interviewer(caller).open(interview_id)
            conductor.resume()
            return _stands(conductor)

        return await service.run(resumed)

    @routes.post("/{interview_id}/end", **gives(InterviewSession))
    async def end(interview_id: Id, caller: Learner) -> dict[str, Any]:
        """End the interview; what it has shown is in the report, and comes again as reviews."""

        def ended() -> dict[str, Any]:
            conductor = interviewer(caller).open(interview_id)
            if not conductor.has_ended:
                conductor.answer("/end")
            return _stands(conductor)

        return await service.run(ended)

    @routes.get(
        "/{interview_id}/report",
        response_model=None,
        responses={
            200: {
                "model": InterviewReport,
                "description": "The report, in the format that was asked for.",
                "content": {kind: {"schema": {"type": "string"}} for kind in ("text/markdown", "text/html")},
            }
        },
    )
    async def report(
        interview_id: Id, caller: Learner, format: Annotated[Format, Query()] = "json"
    ) -> Response:
        """Tell what an interview has shown, question by question; as a page it is a file to keep."""
        told = await service.run(lambda: interviewer(caller).report(interview_id))
        return _written(told, format)

    return routes


def _written(told: Report, format: Format) -> Response:
    if format == "json":
        return JSONResponse(writing.to_dict(told))
    name = {"Content-Disposition": f'attachment; filename="interview-{told.interview_id}.{format}"'}
    if format == "md":
        return Response(writing.markdown(told, linked=False), media_type="text/markdown", headers=name)
    return Response(writing.html(told), media_type="text/html", headers=name | _AS_PAGE)


def _stands(conductor: Conductor) -> dict[str, Any]:
    return events.session_dict(conductor) | {
        "phase": conductor.state.phase.value,
        "said": [events.move_event(conductor, move) for move in conductor.latest],
    }
