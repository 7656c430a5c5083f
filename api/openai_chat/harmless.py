"""Markdown that fetches and runs nothing when a client shows it, streamed: images become links, HTML its own source.

Notes, answers and models are read by programs that draw Markdown. An image is fetched without being asked for, and its
address can carry away what the conversation holds (OWASP LLM Top 10 2026, 02 and 10).
"""

from __future__ import annotations

import re

_TAGS = (
    "a|abbr|audio|base|body|button|details|dialog|div|embed|form|frame|frameset|h[1-6]|head|html|iframe|img|input|link|"
    "marquee|math|meta|noscript|object|p|picture|portal|script|select|source|span|style|svg|table|template|textarea|"
    "title|track|video"
)
# Beside names of elements the sign is mathematics: $a<b$.
_HARM = re.compile(rf"!(?=\[)|<(?=/?(?:{_TAGS})(?:[\s/>]|$)|!--|!doctype|\?)", re.IGNORECASE)
#: What may still become one of these when more text arrives.
_UNFINISHED = re.compile(r"(?:!|<[/!?]?[a-z0-9-]{0,10})\Z", re.IGNORECASE)


class Harmless:
    """Passes text on without what would be fetched or run. However it is cut, the same comes out."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, text: str) -> str:
        """Return what is certain by now."""
        text = self._held + text
        unfinished = _UNFINISHED.search(text)
        end = unfinished.start() if unfinished else len(text)
        self._held = text[end:]
        return _disarmed(text, end)

    def finish(self) -> str:
        """Return the rest."""
        held, self._held = self._held, ""
        return _disarmed(held, len(held))


def harmless(text: str) -> str:
    """Return `text` made harmless."""
    return _disarmed(text, len(text))


def _disarmed(text: str, end: int) -> str:
    """Return the first `end` characters of `text` made harmless; what follows them decides about the last."""
    parts, at = [], 0
    for found in _HARM.finditer(text):
        if found.start() >= end:
            break
        parts += [text[at : found.start()], "\\!" if found[0] == "!" else "&lt;"]
        at = found.end()
    return "".join(parts) + text[at:end]
