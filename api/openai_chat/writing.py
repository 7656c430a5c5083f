"""A message as its client gets it: harmless, ended by what the client wants it ended by, and counted.

A token here is what `assistant.answering.budget.weight` says: an estimate on the high side, the same for every model
behind this interface, since most answers are written by none.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable

from api.openai_chat.harmless import Harmless
from api.openai_chat.wire import ChatMessage
from assistant.answering.budget import weight

#: What a message weighs beside its text.
_MESSAGE = 4


def tokens(text: str) -> int:
    """Return about how many tokens `text` has."""
    return math.ceil(weight(text))


def prompt_tokens(messages: Iterable[ChatMessage]) -> int:
    """Return about how many tokens the client has sent."""
    return sum(tokens(message.text) + _MESSAGE for message in messages)


class Writer:
    """Takes a message as it comes and gives what of it is to be sent; `reason` is set once it has come to its end.

    `limit` is the most tokens, `stops` end it where they begin.
    """

    def __init__(self, limit: int | None = None, stops: tuple[str, ...] = ()) -> None:
        self.reason = ""
        self.text = ""
        self._limit = limit
        self._stops = stops
        self._harmless = Harmless()
        self._held = ""

    def feed(self, text: str) -> str:
        """Return what can be sent by now."""
        return self._cut(self._harmless.feed(text), is_last=False)

    def finish(self) -> str:
        """Return the rest."""
        rest = self._cut(self._harmless.finish(), is_last=True)
        self.reason = self.reason or "stop"
        return rest

    def restart(self) -> None:
        """Forget what was written."""
        self.text = self._held = self.reason = ""
        self._harmless = Harmless()

    def _cut(self, text: str, *, is_last: bool) -> str:
        if self.reason:
            return ""
        text = self._held + text
        places = [place for stop in self._stops if (place := text.find(stop)) >= 0]
        if places:
            self.reason, end = "stop", min(places)
        else:
            end = len(text) if is_last else len(text) - self._begun(text)
        self._held, text = text[end:], text[:end]
        if self._limit is not None and tokens(self.text + text) > self._limit:
            text = text[: self._room(text)]
            self.reason = "length"
        self.text += text
        return text

    def _begun(self, text: str) -> int:
        """Return how many characters at the end of `text` may be the beginning of a stop."""
        longest = max(map(len, self._stops), default=1) - 1
        ends = (length for length in range(min(longest, len(text)), 0, -1))
        return next((n for n in ends if any(stop.startswith(text[-n:]) for stop in self._stops)), 0)

    def _room(self, text: str) -> int:
        """Return how many characters of `text` the limit leaves room for."""
        assert self._limit is not None
        return bisect_right(
            range(1, len(text) + 1), self._limit, key=lambda end: tokens(self.text + text[:end])
        )
