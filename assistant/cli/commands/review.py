"""Review what is due today: one question at a time, each answer kept before the next one is asked."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from random import Random
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.dialogue import Dialogue, Given
from assistant.cli.session import LOCAL_LEARNER, Session, print_json
from assistant.language import Language
from corpus.errors import StudyError

if TYPE_CHECKING:
    from assistant.cli.rendering import Terminal
    from assistant.review.card import Card
    from assistant.review.reviewer import Reviewer

_DIALOGUE = Dialogue(("hint", "show", "skip", "undo", "reject", "suspend", "quit"))


def command(
    session: Session,
    minutes: Annotated[float, typer.Option("--minutes", min=1, max=600, help="Time for today.")] = 20,
    lang: Annotated[Language, typer.Option("--lang", help="Language of the questions.")] = Language.ZH,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, help="The same seed draws the same questions.")
    ] = None,
    suspended: Annotated[bool, typer.Option("--suspended", help="List what is not asked any more.")] = False,
    unsuspend: Annotated[str, typer.Option("--unsuspend", help="Take a suspended subject back in.")] = "",
    json: Annotated[
        bool, typer.Option("--json", help="One JSON event per line, in both directions.")
    ] = False,
) -> None:
    """Review what is due: `assistant review --minutes 20`.

    /hint helps and shortens the interval, /show gives the answer and counts as not recalled, /skip asks again at
    the end, /undo takes the last review back, /reject replaces a bad question, /suspend never asks about this
    again, /quit or Ctrl-D ends. Every answer is kept at once, so stopping anywhere loses nothing. Piped, every line
    of standard input answers one question.
    """
    from assistant.cli.rendering import Terminal
    from assistant.cli.review_doors import JsonDoor, LinesDoor, ReviewDoor
    from assistant.cli.sitting import Sitting

    reviewer = session.assistant.reviewer(LOCAL_LEARNER)
    terminal = Terminal()
    if suspended or unsuspend:
        _suspended(reviewer, unsuspend, terminal, lang, json=json)
        return
    given: Iterable[Given | StudyError]
    door: ReviewDoor
    if json:
        door, given = JsonDoor(lang), _DIALOGUE.events(sys.stdin)
    else:
        is_typed = sys.stdin.isatty() and terminal.is_tty
        given = _DIALOGUE.typed(terminal, lang) if is_typed else _DIALOGUE.lines(sys.stdin)
        door = LinesDoor(terminal, lang)
    Sitting(reviewer, door, Random(seed)).hold(minutes, given)


def _suspended(
    reviewer: Reviewer, subject: str, terminal: Terminal, language: Language, *, json: bool
) -> None:
    """List the suspended cards, or take one of them back in."""
    from assistant.review import wording
    from corpus.plugins import unknown

    cards = {key: card for key, card in reviewer.reviews.cards().items() if card.suspended_at}
    if subject:
        if subject not in cards:
            raise unknown("suspended subject", subject, sorted(cards))
        card = reviewer.unsuspend(cards[subject])
        if json:
            print_json({"event": "unsuspended", "subject": card.subject})
        else:
            topic = wording.named(reviewer.subject(card.subject), language)
            terminal.line(wording.say("unsuspended", language, topic=topic, subject=card.subject))
    elif json:
        print_json([_as_json(card) for card in cards.values()])
    else:
        for card in cards.values():
            terminal.line(f"{card.subject} · {card.lapses}")
        if not cards:
            terminal.line(wording.say("suspended_none", language), "dim")


def _as_json(card: Card) -> dict[str, object]:
    since = card.suspended_at.isoformat() if card.suspended_at else None
    return {"subject": card.subject, "topic": card.topic, "lapses": card.lapses, "suspended_at": since}
