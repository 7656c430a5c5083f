"""How often a question without any model gets the right demo, with the right arguments, and none where none is due.

`python -m benchmarks demo_questions`. Questions go the way of a user's: searched in the shipped notes, then
`demo_choice.choose`. `demo` and `arguments` are shares of the questions that ask for a demo, `silent` is that
of the others for which none runs; a demo that is only mentioned does not run. Arguments are right if the demo
would get the same values: what is left out counts as its default.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from assistant.answering.demo_choice import Choice, choose
from assistant.answering.types import Request
from assistant.demo_kit import parameters, registry
from assistant.demo_kit.types import DemoError
from assistant.language import Language
from benchmarks.questions import ROOT, SHIPPED
from benchmarks.retrieval import library
from corpus.glossary import load_glossary
from index.library import Library

FILE = ROOT / "benchmarks" / "data" / "demo_utterances.jsonl"


@dataclass(frozen=True, slots=True)
class Utterance:
    """A question, the demo it asks for (None: none) and what it says for that demo's parameters.

    The parameters in `open` may have any value: the question leaves them to the reader.
    """

    question: str
    demo: str | None
    arguments: Mapping[str, Any]
    open: frozenset[str]
    split: str


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of one split."""

    asking: int
    demo: int
    arguments: int
    silence_due: int
    silent: int

    def to_dict(self) -> dict[str, str]:
        """Return the three shares with their counts, as printed."""
        shares = {
            "demo": (self.demo, self.asking),
            "arguments": (self.arguments, self.asking),
            "silent": (self.silent, self.silence_due),
        }
        return {name: f"{n / of:.3f} ({n}/{of})" for name, (n, of) in shares.items()}


def measure() -> dict[str, Any]:
    """Print and return the table, and print what went wrong on the tuning half."""
    everything, notes = utterances(), shipped()
    figures = {}
    for split in ("tune", "test", "check"):
        chosen = [(u, chosen_for(u.question, notes)) for u in everything if u.split == split]
        figures[split] = score(chosen).to_dict()
        print(f"  {split:<6}" + "  ".join(f"{name} {value}" for name, value in figures[split].items()))
        if split == "tune":  # the other halves stay unread
            wrong = [(u, choice) for u, choice in chosen if not is_right(u, choice)]
            for utterance, choice in wrong:
                print(f"    {utterance.question}\n      {utterance.demo}{utterance.arguments} -> {choice}")
    return figures


def utterances() -> list[Utterance]:
    """Return every labelled question of the file."""
    records = (json.loads(line) for line in FILE.read_text("utf-8").splitlines())
    return [
        Utterance(r["question"], r["demo"], r["arguments"], frozenset(r.get("open", ())), r["split"])
        for r in records
    ]


def shipped() -> Library:
    """Return the index of the shipped notes."""
    return library(load_glossary(), SHIPPED)


def chosen_for(question: str, notes: Library) -> Choice | None:
    """Return the demo that runs for `question`, or None."""
    choice = choose(Request(question, question, Language.ZH, notes.search(question)), notes.glossary)
    return None if choice is None or choice.suggested else choice


def score(chosen: Iterable[tuple[Utterance, Choice | None]]) -> Score:
    """Count what is right."""
    pairs = list(chosen)
    asking = [(u, choice) for u, choice in pairs if u.demo is not None]
    return Score(
        asking=len(asking),
        demo=sum(choice is not None and choice.name == u.demo for u, choice in asking),
        arguments=sum(is_right(u, choice) for u, choice in asking),
        silence_due=len(pairs) - len(asking),
        silent=sum(choice is None for u, choice in pairs if u.demo is None),
    )


def is_right(utterance: Utterance, choice: Choice | None) -> bool:
    """Tell whether the demo is the one asked for and would get the values asked for."""
    if choice is None or utterance.demo is None:
        return choice is None and utterance.demo is None
    if choice.name != utterance.demo:
        return False
    function = registry.load(choice.name).function
    try:
        wanted = parameters.validate(function, utterance.arguments)
        given = parameters.validate(function, choice.arguments)
    except DemoError:
        return False
    names = wanted.keys() - utterance.open
    return all(_same(wanted[name], given[name]) for name in names)


def _same(wanted: Any, given: Any) -> bool:
    """Compare two values, where one number for a list of it is the same and a layer has only the keys wanted."""
    wanted, given = (_short(parameters.plain(value)) for value in (wanted, given))
    if isinstance(wanted, dict) and isinstance(given, dict):
        return all(_same(value, given.get(key, 1)) for key, value in wanted.items())
    if isinstance(wanted, list) and isinstance(given, list):
        return len(wanted) == len(given) and all(map(_same, wanted, given))
    if isinstance(wanted, int | float) and isinstance(given, int | float):
        return math.isclose(wanted, given, rel_tol=1e-9)
    return bool(wanted == given)


def _short(value: Any) -> Any:
    """Return the number that a list holds once or twice: a square, or a list of one."""
    if isinstance(value, list) and value and len(value) <= 2 and all(item == value[0] for item in value):
        return value[0] if not isinstance(value[0], list | dict) else value
    return value
