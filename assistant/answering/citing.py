"""Citation markers in streamed text: kept where they name a passage that was given, dropped where they do not."""

from __future__ import annotations

import re
from collections.abc import Iterator

_MARKER = re.compile(r"[\[【［]\s*(\d{1,3}(?:\s*[,，、]\s*\d{1,3})*)\s*[\]】］]")
# What may still become a marker when more text arrives: an open bracket with only digits and commas behind it.
_UNFINISHED = re.compile(r"[\[【［][\d\s,，、]{0,16}$")


class MarkerFilter:
    """Splits streamed text into pieces and marker numbers; holds back a marker until it is whole.

    `dropped` counts markers that named no passage. Numbers run from 1 to `given`.
    """

    def __init__(self, given: int) -> None:
        self._given = given
        self._held = ""
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
        for marker in _MARKER.finditer(text):
            if text[at : marker.start()]:
                yield text[at : marker.start()]
            at = marker.end()
            for number in map(int, re.findall(r"\d+", marker[1])):
                if 1 <= number <= self._given:
                    yield number
                else:
                    self.dropped += 1
        if text[at:]:
            yield text[at:]
