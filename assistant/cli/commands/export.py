"""Decks for Anki, tables of reviews and answers, and a report, from what was reviewed so far."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.session import LOCAL_LEARNER, Session, UsageError
from assistant.language import Language

if TYPE_CHECKING:
    from assistant.progress.gathering import Progress


class Only(StrEnum):
    """Which cards go into a deck."""

    ALL = "all"
    MISSED = "missed"


class Rows(StrEnum):
    """What a table has a row for."""

    REVIEWS = "reviews"
    ANSWERS = "answers"


To = Annotated[Path | None, typer.Option("--to", help="Write to FILE.", metavar="FILE", show_default=False)]
Force = Annotated[bool, typer.Option("--force", help="Replace the file that is there.")]
Lang = Annotated[Language, typer.Option("--lang", help="Language of what is written.")]

#: More answers than anybody gives; the latest are written.
_MOST_ANSWERS = 30_000


def anki(
    session: Session,
    to: To = None,
    topic: Annotated[str, typer.Option("--topic", help="Only the cards of this topic.")] = "",
    only: Annotated[Only, typer.Option("--only", help="Only what was answered badly last.")] = Only.ALL,
    lang: Lang = Language.ZH,
    force: Force = False,
) -> None:
    """Write a deck for Anki: FILE.tsv, or FILE.apkg, which opens by a double click and needs the extra `anki`.

    Each card keeps its id, so importing a later deck updates the cards that are there and keeps their schedule.
    """
    from assistant.cli.output_file import check_free, deliver, write
    from assistant.export.anki import deck_package, deck_text
    from assistant.export.deck import deck

    if to is not None:
        check_free(to, force=force)
    progress = _progress(session, lang)
    topics = [progress.topic(topic)] if topic else progress.topics
    cards = list(deck(progress, topics, only_missed=only is Only.MISSED))
    if not cards:
        raise UsageError(
            "nothing was answered badly so far" if only is Only.MISSED else "the notes give no card",
            "Export without --only missed."
            if only is Only.MISSED
            else "assistant notes topics lists what is studied.",
        )
    told = f"{len(cards)} → {to}"
    if to is not None and to.suffix.lower() == ".apkg":
        write(to, deck_package(cards, lang), force=force)
        print(told, file=sys.stderr, flush=True)  # noqa: T201
    else:
        deliver(deck_text(cards, lang), to, told, force=force)


def csv(
    session: Session,
    to: To = None,
    rows: Annotated[Rows, typer.Option("--rows", help="A row for each review, or answer.")] = Rows.REVIEWS,
    force: Force = False,
) -> None:
    """Write the log of reviews, or the answers with their words, as CSV."""
    from assistant.cli.output_file import check_free, deliver
    from assistant.export.tables import answers_csv, reviews_csv

    if to is not None:
        check_free(to, force=force)
    reviews = session.store.reviews.of(LOCAL_LEARNER)
    text = reviews_csv(reviews.log()) if rows is Rows.REVIEWS else answers_csv(reviews.answers(_MOST_ANSWERS))
    # Without the mark Excel takes UTF-8 for the code page of the machine.
    deliver(f"\ufeff{text}" if to else text, to, f"→ {to}", force=force)


def markdown(session: Session, to: To = None, lang: Lang = Language.ZH, force: Force = False) -> None:
    """Write a report: how each topic stands, and the points that were missed with their lines in the notes."""
    from assistant.cli.output_file import check_free, deliver
    from assistant.export.report import report

    if to is not None:
        check_free(to, force=force)
    deliver(report(_progress(session, lang)), to, f"→ {to}", force=force)


def _progress(session: Session, language: Language) -> Progress:
    from assistant.progress.gathering import Progress

    return Progress(session.assistant, LOCAL_LEARNER, language)


command = {"anki": anki, "csv": csv, "markdown": markdown}
