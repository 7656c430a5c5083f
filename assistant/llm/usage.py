"""How many tokens the models of this process took, told to whoever counts them. Nothing is kept here."""

from __future__ import annotations

from collections.abc import Callable
from weakref import WeakMethod

from assistant.llm.base import Finished

_counters: list[WeakMethod[Callable[[int, int], None]]] = []


def count_by(counter: Callable[[int, int], None]) -> None:
    """Tell `counter`, a method, the tokens of every reply, read and written, for as long as its object lives."""
    _counters[:] = [*(one for one in _counters if one() is not None), WeakMethod(counter)]


def spent(finished: Finished) -> None:
    """Tell the counters of a reply that has ended."""
    for reference in tuple(_counters):
        if (counter := reference()) is not None:
            counter(finished.prompt_tokens, finished.answer_tokens)
