"""What a candidate's line is before it is graded: an answer, a 不知道, a request, small talk, an attempt to steer.

Long lines are answers whatever they hold, since people wrap answers in such phrases; only short ones are anything
else. The phrases are data (`data/manners.toml`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from assistant.grading import screening
from assistant.grading.clauses import clauses, visible
from assistant.interview.types import Manner
from index.terms import fold

#: A line of so many characters and more is an answer; a Latin letter counts as a third of a Chinese one.
LONG = 40

#: What may be typed instead of said.
COMMANDS = {
    "/hint": Manner.HINT,
    "/skip": Manner.SKIP,
    "/pause": Manner.PAUSE,
    "/resume": Manner.RESUME,
    "/repeat": Manner.REPEAT,
    "/end": Manner.END,
    "/quit": Manner.END,
}
# The first that fits: who asks for a hint because he does not know asks for a hint.
_ORDER = (
    Manner.STEER,
    Manner.END,
    Manner.PAUSE,
    Manner.RESUME,
    Manner.SKIP,
    Manner.REPEAT,
    Manner.HINT,
    Manner.CLARIFY,
    Manner.META,
    Manner.NO_IDEA,
)


def manner(text: str, question: str = "") -> Manner:
    """Return what `text` is, said when `question` waits for an answer."""
    command = COMMANDS.get(text.strip().casefold())
    if command:
        return command
    if screening.is_empty(text):
        return Manner.SILENCE
    seen = fold(visible(text)).strip()
    if length(seen) < LONG:
        for kind in _ORDER:
            if _patterns()[kind].search(seen):
                return kind
    if screening.is_no_answer(text):
        return Manner.NO_IDEA
    if question and screening.is_echo(question, text):
        return Manner.SILENCE
    cut = clauses(text)
    # Nothing but words to whoever grades is no answer, however long.
    if cut and all(screening.addressed(cut)):
        return Manner.STEER
    return Manner.ANSWER


def length(text: str) -> float:
    """Return the length of `text` in Chinese characters, about as long as it takes to say."""
    return sum(1.0 if character > "\u2e7f" else 1 / 3 for character in text)


@cache
def _patterns() -> Mapping[Manner, re.Pattern[str]]:
    tables = tomllib.loads((files("assistant.interview") / "data" / "manners.toml").read_text("utf-8"))
    return {
        kind: re.compile(
            "|".join(
                [
                    *tables[kind.value]["zh"],
                    *(rf"(?<![a-z])(?:{e})(?![a-z])" for e in tables[kind.value]["en"]),
                ]
            )
        )
        for kind in _ORDER
    }
