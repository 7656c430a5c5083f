"""Reviews: what is due today and why, the next question, its answer, and the days until the interview."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field, model_validator

from api.access.caller import Caller, Learner
from api.access.idempotency import IdempotentRoute
from api.rest._practice import ULID, AnswerText, Strict
from api.rest._reviews import InterviewDate, Next, Plan, Reviewed, ReviewHint, Suspended, Today, Undone
from api.rest._shapes import gives
from api.service import Service
from assistant.language import Language
from assistant.review import events
from assistant.review.card import Card
from assistant.review.stepwise import MINUTES, Stepwise

Minutes = Annotated[float, Query(ge=1, le=600, description="Time for a day.")]
Spoken = Annotated[Language, Query(description="Language of the questions.")]
_Subject = Annotated[str, Field(min_length=1, max_length=500, examples=["topic:批归一化#优点"])]
_Key = Annotated[str, Field(pattern=ULID)]


class Wanted(Strict):
    """How long today, in which language, and what is to be left out this time."""

    minutes: float = Field(MINUTES, ge=1, le=600)
    language: Language = Language.ZH
    skip: list[_Subject] = Field([], max_length=200, description="Subjects to leave out.")


class Answer(Strict):
    """An answer to the question with this key, or `show`: what the answer is, which counts as not recalled."""

    answer_key: _Key
    answer: AnswerText | None = None
    show: bool = Field(False, strict=True)

    @model_validator(mode="after")
    def _one_of_them(self) -> Answer:
        if (self.answer is None) is not self.show:
            raise ValueError("either `answer` or `show` is needed")
        return self


class Asked(Strict):
    """The question with this key."""

    answer_key: _Key


class Which(Strict):
    """A subject, by its key."""

    subject: _Subject


class Day(Strict):
    """The day of the interview; null forgets it."""

    date: date | None


def router(service: Service) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/reviews", tags=["practise"], route_class=IdempotentRoute)

    def reviews(caller: Caller) -> Stepwise:
        return Stepwise(service.assistant, service.store, caller.learner, clock=service.clock)

    @routes.get("/today", **gives(Today))
    async def today(
        caller: Learner, minutes: Minutes = MINUTES, language: Spoken = Language.ZH
    ) -> dict[str, Any]:
        """Tell what is to be reviewed today, and why."""
        return await service.run(
            lambda: events.today_dict(reviews(caller).today(minutes, language), language)
        )

    @routes.get("/plan", **gives(Plan))
    async def plan(
        caller: Learner, minutes: Minutes = MINUTES, language: Spoken = Language.ZH
    ) -> dict[str, Any]:
        """Tell how much comes on each day until the interview, and whether there is time for all of it."""

        def planned() -> dict[str, Any]:
            stepwise = reviews(caller)
            reviewer, found = stepwise.reviewer, stepwise.today(minutes, language)
            state = reviewer.state(minutes, language)
            made = reviewer.plan(minutes, Random(0), language)
            last = state.horizon.last if state.horizon else 0
            return events.plan_dict(made, found, state.cards, len(state.subjects), last)

        return await service.run(planned)

    @routes.put("/interview-date", **gives(InterviewDate))
    async def set_date(day: Day, caller: Learner) -> dict[str, Any]:
        """Say when the interview is: everything is met before it and seen once more in the last days."""

        def kept() -> dict[str, Any]:
            stepwise = reviews(caller)
            on = stepwise.planned_for(day.date)
            return {"date": on.isoformat() if on else None}

        return await service.run(kept)

    @routes.post("/next", **gives(Next))
    async def next_(wanted: Wanted, caller: Learner) -> dict[str, Any]:
        """Ask for the next question. Until it is answered it stays the same, and so does its `answer_key`."""

        def asked() -> dict[str, Any]:
            stepwise = reviews(caller)
            found = stepwise.next(wanted.minutes, wanted.language, frozenset(wanted.skip))
            due = stepwise.today(wanted.minutes, wanted.language).next_due if found is None else None
            question = events.next_event(found, wanted.language) if found else None
            return {"question": question, "next_due": due.isoformat() if due else None}

        return await service.run(asked)

    @routes.post("/answers", **gives(Reviewed))
    async def answer(given: Answer, caller: Learner) -> dict[str, Any]:
        """Answer a question: its mark, what was missing, and the day on which it comes again."""

        def told() -> dict[str, Any]:
            stepwise, key = reviews(caller), given.answer_key
            told = stepwise.show(key) if given.answer is None else stepwise.answer(key, given.answer)
            service.metrics.graded(told.marked.level.value)
            return events.graded_event(key, told.marked, told.recorded, told.help, told.next_day)

        return await service.run_with_model(told)

    @routes.post("/hint", **gives(ReviewHint))
    async def hint(which: Asked, caller: Learner) -> dict[str, Any]:
        """Take the hint of a question, which counts as help."""
        return await service.run(lambda: events.hint_event(reviews(caller).hint(which.answer_key).question))

    @routes.post("/undo", **gives(Undone))
    async def undo(caller: Learner) -> dict[str, Any]:
        """Take your last review back."""

        def undone() -> dict[str, Any]:
            taken = reviews(caller).reviewer.undo()
            return {"subject": taken.subject if taken else None}

        return await service.run(undone)

    @routes.get("/suspended", **gives(list[Suspended]))
    async def suspended(caller: Learner) -> list[dict[str, Any]]:
        """List what you are not asked about any more."""

        def listed() -> list[dict[str, Any]]:
            cards = service.store.reviews.of(caller.learner).cards().values()
            return [_card(card) for card in cards if card.suspended_at]

        return await service.run(listed)

    @routes.post("/suspend", **gives(Suspended))
    async def suspend(which: Which, caller: Learner) -> dict[str, Any]:
        """Never be asked about a subject again, until it is resumed."""

        def done() -> dict[str, Any]:
            reviewer = reviews(caller).reviewer
            return _card(reviewer.reviews.suspend(reviewer.card(which.subject), service.clock()))

        return await service.run(done)

    @routes.post("/resume", **gives(Suspended))
    async def resume(which: Which, caller: Learner) -> dict[str, Any]:
        """Take a suspended subject back in; its schedule is as it was."""

        def done() -> dict[str, Any]:
            reviewer = reviews(caller).reviewer
            return _card(reviewer.unsuspend(reviewer.card(which.subject)))

        return await service.run(done)

    return routes


def _card(card: Card) -> dict[str, Any]:
    since = card.suspended_at.isoformat() if card.suspended_at else None
    return {"subject": card.subject, "topic": card.topic, "lapses": card.lapses, "suspended_at": since}
