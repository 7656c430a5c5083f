"""A demo's arguments out of a question: what each parameter is called in speech, its type from the signature.

A demo lists the names its parameters go by and gets the values that the question gives them. Nothing is
guessed, and a value outside the demo's range is kept: said beside its name it was meant, and the demo
refuses it with its own message. Whether the question is about the demo at all is not decided here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assistant.demo_kit.allowed import Allowed
from assistant.demo_kit.parameters import Demonstration, accepted
from assistant.demo_kit.question import Facts

#: Names of one parameter. `{}层` is a unit that the number stands before; a name stands on either side of it.
Names = tuple[str, ...]
#: Parameter -> its names, or for a choice and a switch what each value is called.
Spoken = Mapping[str, Names | Mapping[Any, Names]]


def fill(function: Demonstration, spoken: Spoken, facts: Facts) -> dict[str, Any]:
    """Return the parameters of `spoken` that the question gives a value; a choice between two said is none."""
    allowed = accepted(function)
    found = {name: _value(allowed[name], words, facts) for name, words in spoken.items()}
    return {name: value for name, value in found.items() if value is not None}


def _value(allowed: tuple[Allowed, ...], words: Names | Mapping[Any, Names], facts: Facts) -> Any:
    """Return what the question gives the parameter called `words`, as one of the types it may have, or None."""
    if isinstance(words, Mapping):
        said = facts.which(words)
        return said[0] if len(said) == 1 else None
    kinds = {member.kind: member for member in allowed}
    if "boolean" in kinds:
        return facts.says(*words) or None
    units = tuple(word.removeprefix("{}") for word in words if word.startswith("{}"))
    names = tuple(word for word in words if not word.startswith("{}"))
    is_whole = "integer" in kinds or ("array" in kinds and kinds["array"].items[0].kind == "integer")
    if "array" in kinds or "any" in kinds:
        values = facts.vector(*names) or facts.numbers(*names)
        if is_whole:
            values = [int(value) for value in values] if all(value == int(value) for value in values) else []
        is_single = len(values) == 1 and kinds.keys() & {"integer", "number"}
        return values[0] if is_single else values or None
    value = facts.number(*names) if names else None
    if value is None and units:
        value = facts.amount(*units)
    return None if value is None or (is_whole and value != int(value)) else int(value) if is_whole else value
