"""Runs every rule over the notes. A rule is one module of a package in the entry-point group
`assistant.note_rules`, named after its file:

    RULE: str                                              # what it looks for, in one line
    def check(notebook: Notebook) -> Iterator[Finding]: ... # its findings carry its name

A rule that needs more than the text (a demo, the index) lives in that room and enters by the same group.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, cast

from corpus import plugins
from corpus.check.findings import Finding
from corpus.check.notebook import Notebook
from corpus.glossary import Glossary, load_glossary
from corpus.types import Note

GROUP = "assistant.note_rules"


class Rule(Protocol):
    """A module that looks for one kind of fault."""

    RULE: str

    def check(self, notebook: Notebook) -> Iterator[Finding]:
        """Yield the faults in `notebook`, in any order."""
        ...


def rules() -> dict[str, Rule]:
    """Return every rule by name."""
    return {name: cast(Rule, plugins.load(GROUP, name, kind="rule")) for name in plugins.items(GROUP)}


def check_notes(notes: Sequence[Note], glossary: Glossary | None = None) -> tuple[Finding, ...]:
    """Return every fault in `notes`, file by file in their order and from top to bottom."""
    notebook = Notebook.of(notes, glossary or load_glossary())
    order = {note.path: i for i, note in enumerate(notes)}
    found = {finding: None for rule in rules().values() for finding in rule.check(notebook)}
    return tuple(sorted(found, key=lambda f: (order[f.path], f.lines, f.rule, f.message)))
