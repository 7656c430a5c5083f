"""The days until the interview: how much comes on each, and whether there is time for all of it."""

from __future__ import annotations

from datetime import date, datetime
from random import Random
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.session import LOCAL_LEARNER, Session, UsageError, print_json
from assistant.language import Language

if TYPE_CHECKING:
    from assistant.cli.rendering import Terminal
    from assistant.review.planning import Plan

#: Days shown at the beginning and at the end of a long plan; all are in the JSON.
_FIRST, _LAST = 18, 8


def command(
    session: Session,
    on: Annotated[str, typer.Option("--date", help="Day of the interview, YYYY-MM-DD.")] = "",
    clear: Annotated[bool, typer.Option("--clear", help="Forget the day of the interview.")] = False,
    minutes: Annotated[float, typer.Option("--minutes", min=1, max=600, help="Time a day.")] = 20,
    lang: Annotated[Language, typer.Option("--lang", help="Language of the plan.")] = Language.ZH,
    json: Annotated[bool, typer.Option("--json", help="Write the plan as one JSON object.")] = False,
) -> None:
    """Plan the days until the interview: `assistant plan --date 2026-12-18 --minutes 30`.

    With a date, everything is met before it and seen once more in the last days. The plan supposes that every
    answer is right; what is forgotten comes again sooner, and the plan of the next day knows.
    """
    from assistant.cli.rendering import Terminal
    from assistant.review import events, wording
    from assistant.review.card import study_day

    reviewer = session.assistant.reviewer(LOCAL_LEARNER)
    now = reviewer.clock()
    first = study_day(now, reviewer.zone)
    if on and clear:
        raise UsageError("--date and --clear exclude each other", "Give one of them.")
    if on or clear:
        reviewer.reviews.set_interview(_ahead(on, first) if on else None, now)
    today = reviewer.today(minutes, Random(0), lang)
    state = reviewer.state(minutes, lang)
    made = reviewer.plan(minutes, Random(0), lang)
    last = state.horizon.last if state.horizon else 0
    given = reviewer.reviews.interview()
    if json:
        print_json(events.plan_dict(made, today, state.cards, len(state.subjects), last))
        return
    terminal = Terminal()
    for line in _heads(made, first, given[0] if given else None, lang, is_cleared=clear):
        terminal.line(line, "bold")
    for line in wording.verdict(made, len(state.subjects), last, lang):
        terminal.line(line, "" if made.is_enough else "yellow")
    terminal.line()
    _table(terminal, made, first, lang)
    terminal.line()
    for line in wording.header(today, lang):
        terminal.line(line)
    if today.items:
        terminal.line(wording.say("plan_start", lang), "dim")


def _ahead(text: str, first: date) -> date:
    """Return the day that `text` names. Raises `UsageError` unless it is a date ahead."""
    hint = "Give a day ahead, such as --date 2027-01-15."
    try:
        on = datetime.strptime(text.strip(), "%Y-%m-%d").date()
    except ValueError as error:
        raise UsageError(f"{text!r} is not a date of the form YYYY-MM-DD", hint) from error
    if on <= first:
        raise UsageError(f"{text!r} is not ahead: today is {first.isoformat()}", hint)
    return on


def _heads(plan: Plan, first: date, given: date | None, language: Language, *, is_cleared: bool) -> list[str]:
    from assistant.review import wording

    if is_cleared:
        return [wording.say("plan_cleared", language)]
    if given is None:
        return [wording.say("plan_no_interview", language)]
    if plan.interview is None or given <= first:
        return [wording.say("plan_passed", language, date=given.isoformat())]
    left = wording.days((given - first).days, language)
    return [wording.say("plan_interview", language, date=wording.weekday(given, language), days=left)]


def _table(terminal: Terminal, plan: Plan, first: date, language: Language) -> None:
    from rich.cells import cell_len

    from assistant.review import wording

    head = wording.say("plan_head", language).split("|")
    days = plan.days if len(plan.days) <= _FIRST + _LAST else (*plan.days[:_FIRST], None, *plan.days[-_LAST:])
    rows = [
        [
            wording.say("plan_today", language) if day.on == first else wording.weekday(day.on, language),
            *(str(count or "·") for count in (day.due, day.last_looks, day.new)),
            wording.minutes(day.seconds, language) if day.reviews else "·",
        ]
        if day
        else ["…"] * len(head)
        for day in days
    ]
    widths = [max(cell_len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    for row in (head, *rows):
        cells = [" " * (width - cell_len(text)) + text for text, width in zip(row, widths, strict=True)]
        terminal.line("  ".join(cells), "dim" if row is head else "")
