"""The texts a model is given, as data: `*.md` files with `$name` places, filled by `string.Template`."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from string import Template


@cache
def template(name: str) -> Template:
    """Return the prompt `name`, read from this package."""
    return Template((files("assistant.prompts") / f"{name}.md").read_text("utf-8"))


def fill(name: str, **values: str) -> str:
    """Return the prompt `name` with every place filled; a place without a value is a KeyError."""
    return template(name).substitute(values).strip()
