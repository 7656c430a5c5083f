"""One sitting: what waits, what was asked, and what a skip, an undo or a suspension does to the order. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from assistant.review.card import Outcome
from assistant.review.reviewer import Reviewed
from assistant.review.session import Item, Today


@dataclass(frozen=True, slots=True)
class Run:
    """Where a sitting stands. The first of `waiting` is open; what was skipped once waits at the end."""

    waiting: tuple[Item, ...]
    done: tuple[Reviewed, ...] = ()
    skipped: frozenset[str] = frozenset()
    suspended: tuple[str, ...] = ()

    @property
    def item(self) -> Item | None:
        """What is to be asked; None at the end."""
        return self.waiting[0] if self.waiting else None

    @property
    def number(self) -> int:
        """Which one it is, counted from 1."""
        return len(self.done) + 1

    @property
    def of(self) -> int:
        """How many there are, with those that are done."""
        return len(self.done) + len(self.waiting)

    @property
    def seconds_left(self) -> float:
        """How long the rest takes."""
        return sum(item.seconds for item in self.waiting)

    @property
    def counted(self) -> tuple[Reviewed, ...]:
        """The answers that counted."""
        return tuple(one for one in self.done if one.recorded.outcome is Outcome.COUNTED)


def start(today: Today) -> Run:
    """Return the sitting at its first item."""
    return Run(today.items)


def answer(run: Run, reviewed: Reviewed) -> Run:
    """Return the sitting behind the open item, which was answered."""
    return replace(run, waiting=run.waiting[1:], done=(*run.done, reviewed))


def skip(run: Run) -> Run:
    """Put the open item at the end; skipped a second time, it is left for another day."""
    item, rest = run.waiting[0], run.waiting[1:]
    if item.subject.key in run.skipped:
        return replace(run, waiting=rest)
    return replace(run, waiting=(*rest, item), skipped=run.skipped | {item.subject.key})


def drop(run: Run) -> Run:
    """Leave the open item out, there being nothing to ask about it."""
    return replace(run, waiting=run.waiting[1:])


def suspend(run: Run) -> Run:
    """Leave the open item out, its card having been suspended."""
    return replace(drop(run), suspended=(*run.suspended, run.waiting[0].subject.key))


def undo(run: Run, subject: str) -> Run:
    """Put the last answer about `subject` back in front, to be asked again. Of another sitting's nothing is known."""
    for at in reversed(range(len(run.done))):
        one = run.done[at]
        if one.asked.item.subject.key == subject and one.recorded.outcome is Outcome.COUNTED:
            return replace(
                run,
                waiting=(one.asked.item, *run.waiting),
                done=(*run.done[:at], *run.done[at + 1 :]),
            )
    return run
