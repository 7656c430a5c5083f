"""What an obedient model must not do for a note: run a demo that nobody asked for, or recite the rules it was given.

Notes are material, but small models obey what they read (OWASP LLM Top 10 2026, 01 and 08). Nothing here reads minds:
it knows what was offered for the question, what the passages say, and what the rules are.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import cache

from assistant.llm.base import ModelError
from assistant.prompts import fill
from corpus.types import Passage

#: A shorter piece of the rules may stand in any answer.
_TELLING = 40
_SPACE = re.compile(r"\s+")


class RulesRecited(ModelError):
    """A reply that tells the rules instead of an answer."""


def is_dictated(demo: str, passages: Sequence[Passage], offered: Collection[str]) -> bool:
    """Say whether a call of `demo` comes from the notes: a passage names it, and the question did not suggest it."""
    return demo not in offered and any(demo in passage.text for passage in passages)


def check_for_rules(text: str, added: str) -> None:
    """Raise `RulesRecited` if `text`, to which `added` came last, holds a sentence of the rules word for word."""
    longest = max(map(len, _rules()))
    end = _bare(text[-2 * (longest + len(added)) :])
    if any(rule in end for rule in _rules()):
        raise RulesRecited("the model told its rules instead of an answer", "")


@cache
def _rules() -> tuple[str, ...]:
    """Return the sentences of the rules, without spaces."""
    bare = (_bare(sentence) for sentence in re.split(r"(?<=[.!?])\s", fill("system")))
    return tuple(sentence for sentence in bare if len(sentence) >= _TELLING)


def _bare(text: str) -> str:
    return _SPACE.sub("", text)
