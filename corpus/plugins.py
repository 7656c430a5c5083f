"""How readers, embedders, models, demos and commands are found: one seam for ours and for everybody else's.

An entry point of a group names a *package*; every public module directly inside that package is one item,
named after its file. Our own packages are entered the same way in `pyproject.toml`, so a new item is a new
file and no other edit. Finding items imports none of them.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Mapping
from difflib import SequenceMatcher, get_close_matches
from functools import cache
from importlib.metadata import entry_points
from types import ModuleType

from corpus.errors import UnknownName


@cache
def items(group: str) -> Mapping[str, str]:
    """Return item name -> module path for every item of `group`, sorted by name.

    A module whose name starts with an underscore is private to its package and is not an item. Where two
    packages hold an item of the same name, the one whose entry point sorts first wins.
    """
    found: dict[str, str] = {}
    for point in sorted(entry_points(group=group), key=lambda p: p.name):
        try:
            spec = importlib.util.find_spec(point.value)
        except (ImportError, ValueError):  # left behind by an uninstalled package; it must hide nothing else
            continue
        for module in pkgutil.iter_modules(spec.submodule_search_locations if spec else None):
            if not module.name.startswith("_"):
                found.setdefault(module.name, f"{point.value}.{module.name}")
    return dict(sorted(found.items()))


def load(group: str, name: str, *, kind: str) -> ModuleType:
    """Import and return the item `name` of `group`; `kind` is what to call it in an error.

    Raises `UnknownName` with the nearest names when there is no such item.
    """
    modules = items(group)
    if name not in modules:
        raise unknown(kind, name, list(modules))
    return importlib.import_module(modules[name])


def unknown(kind: str, name: str, known: list[str]) -> UnknownName:
    """Return the error for a `kind` called `name` that is not among `known`, offering what is nearest."""
    near = get_close_matches(name, known, n=3, cutoff=0.6)
    # Where one name is nearly the same, others that are only somewhat alike are no help.
    likeness = {other: SequenceMatcher(None, name, other).ratio() for other in near}
    near = [other for other in near if likeness[other] > likeness[near[0]] - 0.2]
    hint = f"Did you mean {' or '.join(repr(n) for n in near)}?" if near else f"Known: {', '.join(known)}."
    return UnknownName(f"there is no {kind} called {name!r}", hint)
