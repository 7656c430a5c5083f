"""Progress, and what leaves the program for others to read: a deck for Anki, tables, a report."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response

from api.access.caller import Caller, Learner
from api.rest._reviews import Progress as ProgressShape
from api.rest._reviews import TopicDetail
from api.rest._shapes import gives, gives_file
from api.service import Service
from assistant.export.anki import deck_text
from assistant.export.deck import deck
from assistant.export.report import report
from assistant.export.tables import answers_csv, reviews_csv
from assistant.language import Language
from assistant.progress.gathering import Progress
from assistant.progress.summary import progress_dict, topic_detail

Spoken = Annotated[Language, Query(description="Language of what is written.")]
Topic = Annotated[str, Query(max_length=200, description="Only this topic.")]
#: Answers in the table, the latest.
_MOST_ANSWERS = 30_000


def router(service: Service) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(tags=["practise"])

    def progress_of(caller: Caller, language: Language) -> Progress:
        return Progress(service.assistant, caller.learner, language)

    @routes.get("/progress", **gives(ProgressShape | TopicDetail))
    async def progress(caller: Learner, topic: Topic = "", language: Spoken = Language.ZH) -> dict[str, Any]:
        """Tell what holds and what does not, the last weeks, and what to do next; of a topic its parts."""

        def told() -> dict[str, Any]:
            found = progress_of(caller, language)
            return topic_detail(found, found.topic(topic)) if topic else progress_dict(found)

        return await service.run(told)

    @routes.get("/export/anki.tsv", **gives_file("text/tab-separated-values", "A deck that Anki imports."))
    async def anki(
        caller: Learner,
        topic: Topic = "",
        only: Annotated[Literal["all", "missed"], Query(description="What was answered badly.")] = "all",
        language: Spoken = Language.ZH,
    ) -> Response:
        """Take out a deck for Anki; a later one updates its cards and keeps their schedule."""

        def written() -> str:
            found = progress_of(caller, language)
            topics = [found.topic(topic)] if topic else found.topics
            return deck_text(deck(found, topics, only_missed=only == "missed"), language)

        return _file(await service.run(written), "text/tab-separated-values", "anki.tsv")

    @routes.get("/export/reviews.csv", **gives_file("text/csv", "A row for each review."))
    async def reviews(caller: Learner) -> Response:
        """Take out the log of your reviews."""
        kept = service.store.reviews.of(caller.learner)
        return _file(await service.run(lambda: reviews_csv(kept.log())), "text/csv", "reviews.csv")

    @routes.get("/export/answers.csv", **gives_file("text/csv", "A row for each answer, with its words."))
    async def answers(caller: Learner) -> Response:
        """Take out your answers."""
        kept = service.store.reviews.of(caller.learner)
        text = await service.run(lambda: answers_csv(kept.answers(_MOST_ANSWERS)))
        return _file(text, "text/csv", "answers.csv")

    @routes.get("/export/report.md", **gives_file("text/markdown", "A page."))
    async def page(caller: Learner, language: Spoken = Language.ZH) -> Response:
        """Take out a report: how each topic stands, and the points that were missed."""
        text = await service.run(lambda: report(progress_of(caller, language)))
        return _file(text, "text/markdown", "report.md")

    return routes


def _file(text: str, media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(
        text.encode("utf-8", "replace"), media_type=f"{media_type}; charset=utf-8", headers=headers
    )
