"""Notes made of strings, and what the check finds in them. It asserts nothing."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from corpus.check.engine import check_notes
from corpus.check.findings import Finding
from corpus.glossary import Glossary, load_glossary
from corpus.types import Note, Syntax

FOLDER = Path("/notes")


@cache
def glossary() -> Glossary:
    """The shipped glossary, loaded once."""
    return load_glossary()


def note(text: str, name: str = "note.md") -> Note:
    """Return a note without front matter."""
    syntax = Syntax.PLAIN if name.endswith(".txt") else Syntax.MARKDOWN
    return Note(FOLDER / name, text, syntax=syntax)


def findings(*texts: str, rule: str = "", suffix: str = ".md") -> list[Finding]:
    """Return what is found in one note per text, by `rule` alone if one is given."""
    notes = [note(text, f"note{i}{suffix}") for i, text in enumerate(texts)]
    return [f for f in check_notes(notes, glossary()) if rule in ("", f.rule)]


def places(*texts: str, rule: str) -> list[tuple[int, int]]:
    """Return the lines of what `rule` finds."""
    return [f.lines for f in findings(*texts, rule=rule)]
