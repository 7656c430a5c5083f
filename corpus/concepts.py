"""What a concept is, and how its names are compared: width, case, British spelling and separators set aside."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What sort of thing a concept is."""

    METHOD = "method"
    PROPERTY = "property"
    PROBLEM = "problem"
    ARCHITECTURE = "architecture"
    METRIC = "metric"
    TASK = "task"
    TOOL = "tool"


@dataclass(frozen=True, slots=True)
class Concept:
    """A concept and its names, the usual one of each list first.

    `shared` holds names that mean other concepts too (LDA, MAP), `given` those that only notes use. `broader`
    is the id of a more general concept or empty; `related` holds ids of what is close but not the same, and is
    symmetric.
    """

    concept_id: str
    zh: tuple[str, ...] = ()
    en: tuple[str, ...] = ()
    abbr: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    kind: Kind | None = None
    broader: str = ""
    related: tuple[str, ...] = ()
    given: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every name: Chinese, English, abbreviations, shared ones, those that notes give it."""
        return self.zh + self.en + self.abbr + self.shared + self.given


def fold(text: str) -> str:
    """Return `text` as it is compared, character for character: width, case and -ise/-ize set aside."""
    return fold_case(text.translate(WIDTH))


class _Width(dict[int, str]):
    """A table for `str.translate`: NFKC of each character, where that is again one character."""

    def __missing__(self, code: int) -> str:
        wide = chr(code)
        narrow = unicodedata.normalize("NFKC", wide)
        # What NFKC gives may have an entry of its own: a superscript minus becomes a minus, and that a hyphen.
        self[code] = self.get(ord(narrow), narrow) if len(narrow) == 1 else wide
        return self[code]


WIDTH = _Width({ord(mark): "-" for mark in "‐‒–—−"} | {ord(mark): "'" for mark in "‘’"})
WIDTH[0x130] = "I"  # İ is the one character whose lower case is longer than itself
_ISE = re.compile("is(?=ation|e|ing)")
# One separator between two other characters. Two or more (a list item, a new paragraph) part a name.
SEPARATOR = re.compile(r"(?<=[^\s_-])[\s_-](?=[^\s_-])")


def fold_case(text: str) -> str:
    """Return `text` in lower case and with -isation as -ization, character for character."""
    return _ISE.sub("iz", text.lower())


def without_separators(name: str) -> str:
    """Return `name` closed up: batch-norm and batch norm are batchnorm."""
    return SEPARATOR.sub("", name)
