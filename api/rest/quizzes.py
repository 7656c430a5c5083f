"""Quizzes: begun, answered question by question, kept between two requests. Code is never asked for, nor run."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from api.access.caller import Caller, Learner
from api.access.idempotency import IdempotentRoute
from api.rest._practice import AnswerKey, AnswerText, Id, QuizHint, QuizStep, QuizWhole, Strict
from api.rest._practice import Quiz as QuizShape
from api.rest._shapes import gives
from api.service import Service
from assistant.language import Language
from assistant.quiz import events
from assistant.quiz.session import Turned
from assistant.quiz.sitting import Sitting
from assistant.quiz.sittings import Sittings
from assistant.quiz.wording import again


class Wanted(Strict):
    """What a quiz is to be about. The same `seed` asks the same."""

    topic: str = Field("", max_length=200, description="None means all notes.", examples=["BN"])
    kinds: list[Annotated[str, Field(max_length=50)]] = Field([], max_length=20, examples=[["why"]])
    count: int = Field(5, ge=1, le=100, strict=True)
    seed: int | None = Field(None, ge=0, le=2**53, strict=True)
    language: Language | None = Field(None, description="Without it that of the topic.")


class Step(Strict):
    """A step in a quiz. With `question_id` it is refused where another question is open by now."""

    question_id: str | None = Field(None, max_length=100)


class Answer(Strict):
    """An answer to the question with this id; the same question is answered once, or once for each `answer_key`."""

    question_id: str = Field(max_length=100)
    answer: AnswerText
    answer_key: AnswerKey = ""


def router(service: Service) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/quizzes", tags=["practise"], route_class=IdempotentRoute)

    def sittings(caller: Caller) -> Sittings:
        return Sittings(service.assistant, service.store, caller.learner, clock=service.clock)

    @routes.post("", **gives(QuizShape, 201, "The quiz with its first question."))
    async def begin(wanted: Wanted, caller: Learner) -> dict[str, Any]:
        """Begin a quiz."""

        def begun() -> dict[str, Any]:
            sitting = sittings(caller).begin(
                wanted.topic,
                kinds=wanted.kinds,
                count=wanted.count,
                seed=wanted.seed,
                language=wanted.language,
            )
            return _stands(sitting)

        return await service.run(begun)

    @routes.get("/{quiz_id}", **gives(QuizWhole))
    async def quiz(quiz_id: Id, caller: Learner) -> dict[str, Any]:
        """Tell how a quiz of yours stands: the open question, and what became of those before it."""

        def told() -> dict[str, Any]:
            sitting = sittings(caller).open(quiz_id)
            return _stands(sitting) | {"done": [events.turned_event(turned) for turned in sitting.done]}

        return await service.run(told)

    @routes.post("/{quiz_id}/answers", **gives(QuizStep))
    async def answer(quiz_id: Id, given: Answer, caller: Learner) -> dict[str, Any]:
        """Answer the open question: the mark, what was missing and where it stands, and the next question."""

        def marked() -> dict[str, Any]:
            sitting, key = sittings(caller).open(quiz_id), given.answer_key or given.question_id
            if not sitting.answered(key):
                sitting.expect(given.question_id)
            turned = sitting.answer(given.answer, key)
            if turned.marked:
                service.metrics.graded(turned.marked.level.value)
            return _after(sitting, turned)

        return await service.run_with_model(marked)

    @routes.post("/{quiz_id}/hint", **gives(QuizHint))
    async def hint(quiz_id: Id, caller: Learner, step: Step | None = None) -> dict[str, Any]:
        """Take the hint of the open question, which counts as help."""
        return await service.run(
            lambda: events.hint_event(_meant(sittings(caller).open(quiz_id), step).hint())
        )

    @routes.post("/{quiz_id}/show", **gives(QuizStep))
    async def show(quiz_id: Id, caller: Learner, step: Step | None = None) -> dict[str, Any]:
        """Give up the open question: its answer, which counts as not recalled, and the next question."""

        def shown() -> dict[str, Any]:
            sitting = _meant(sittings(caller).open(quiz_id), step)
            return _after(sitting, sitting.show()[0])

        return await service.run(shown)

    @routes.post("/{quiz_id}/skip", **gives(QuizStep))
    async def skip(quiz_id: Id, caller: Learner, step: Step | None = None) -> dict[str, Any]:
        """Leave the open question."""

        def skipped() -> dict[str, Any]:
            sitting = _meant(sittings(caller).open(quiz_id), step)
            return _after(sitting, sitting.skip())

        return await service.run(skipped)

    @routes.post("/{quiz_id}/reject", **gives(QuizStep))
    async def reject(quiz_id: Id, caller: Learner, step: Step | None = None) -> dict[str, Any]:
        """Never be asked the open question again; another takes its place."""

        def rejected() -> dict[str, Any]:
            sitting = _meant(sittings(caller).open(quiz_id), step)
            return _after(sitting, sitting.reject())

        return await service.run(rejected)

    return routes


def _meant(sitting: Sitting, step: Step | None) -> Sitting:
    if step and step.question_id:
        sitting.expect(step.question_id)
    return sitting


def _stands(sitting: Sitting) -> dict[str, Any]:
    plan, command = sitting.plan, again(sitting.plan, sitting.words)
    return {
        "quiz": sitting.quiz_id,
        "topic": sitting.words,
        "kinds": list(plan.kinds),
        "seed": plan.seed,
        "language": plan.language.value,
        "question": events.asked_event(sitting.asked) if sitting.asked else None,
        "summary": events.summary_event(sitting.counts(), plan, sitting.weak_topics, command),
    }


def _after(sitting: Sitting, turned: Turned) -> dict[str, Any]:
    recorded = sitting.recorded if turned.marked or turned.shown else None
    review = {"outcome": recorded.outcome.value, "rating": recorded.rating} if recorded else None
    return _stands(sitting) | {"turned": events.turned_event(turned), "review": review}
