"""Citation markers in streamed text: kept where they name a passage that was given, dropped where they do not.

A marker is a bracket of numbers from 1 to 99: [1], [1, 3], 【2】. Everything else in brackets is text, so
the interval [0, 1] and the shape [224, 224] stay. Between backticks, in a fence or inline, nothing is a marker: there
[1, 2, 3] is an array and x[1] an element. Outside code an array of such small numbers cannot be told from
markers and is read as those.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_NUMBER = r"[1-9][0-9]?"
_NUMBERS = rf" ?{_NUMBER}(?: ?[,，、] ?{_NUMBER}){{0,9}}"
_TOKEN = re.compile(rf"(?P<ticks>`+)|(?P<line>\n)|[\[【［](?P<numbers>{_NUMBERS}) ?[\]】］]")
# What may still become a marker, or a longer run of backticks, when more text arrives.
_UNFINISHED = re.compile(rf"`+$|[\[【［](?: ?|{_NUMBERS} ?(?:[,，、] ?)?)$")


class MarkerFilter:
    """Splits streamed text into pieces and marker numbers; holds back a marker until it is whole.

    `dropped` counts numbers that named no passage. Numbers run from 1 to `given`. However the text is cut
    into pieces on its way in, the same text and numbers come out.
    """

    def __init__(self, given: int) -> None:
        self._given = given
        self._held = ""
        self._ticks = 0  # length of the run of backticks that opened the code we are in
        self.dropped = 0

    def feed(self, text: str) -> Iterator[str | int]:
        """Yield pieces of text and, for each known marker, its number, in order."""
        text = self._held + text
        unfinished = _UNFINISHED.search(text)
        self._held = text[unfinished.start() :] if unfinished else ""
        yield from self._split(text[: unfinished.start()] if unfinished else text)

    def finish(self) -> Iterator[str | int]:
        """Yield what was held back."""
        held, self._held = self._held, ""
        yield from self._split(held)

    def _split(self, text: str) -> Iterator[str | int]:
        at = 0
        for token in _TOKEN.finditer(text):
            if token["ticks"]:
                self._turn(len(token["ticks"]))
            elif token["line"]:
                # Inline code that no backtick closes must not swallow the markers of the lines below.
                self._ticks = self._ticks if self._ticks >= 3 else 0
            elif not self._ticks:
                if text[at : token.start()]:
                    yield text[at : token.start()]
                at = token.end()
                yield from self._known(token["numbers"])
        if text[at:]:
            yield text[at:]

    def _turn(self, ticks: int) -> None:
        """Enter code at a run of backticks, or leave it at one that closes it (CommonMark 0.31, 4.5 and 6.1)."""
        if not self._ticks:
            self._ticks = ticks
        elif ticks == self._ticks or 3 <= self._ticks < ticks:
            self._ticks = 0

    def _known(self, numbers: str) -> Iterator[int]:
        for number in map(int, re.findall(r"\d+", numbers)):
            if number <= self._given:
                yield number
            else:
                self.dropped += 1
