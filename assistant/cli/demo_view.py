"""A demo on a terminal: its result, its flags, and the list of all demos. Values are shortened for reading;
`--json` has them in full.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import IO, Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from assistant.demo_kit.registry import Demo
from assistant.demo_kit.types import DemoResult

#: Elements of one list that are shown, and characters of one value.
MAX_ITEMS = 8
MAX_CHARACTERS = 300
#: Figures that are listed; a demo that compares has a table of them, too.
MAX_FIGURES = 24


def console(out: IO[str] | None = None) -> Console:
    """Return where to print; numbers are not coloured, since figures are all there is."""
    return Console(file=out, highlight=False, markup=False, soft_wrap=False)


def show_result(result: DemoResult, summary: str, console: Console) -> None:
    """Print title, arguments, numbers, table, formula, source, notes and warnings."""
    console.print(Text.assemble((result.demo, "bold"), f" · {summary}"))
    console.print(Text(_arguments(result.args_used), "dim"))
    figures = list(_flat(result.numbers))
    for name, value in figures[:MAX_FIGURES]:
        console.print(Text.assemble("  ", (name, "cyan"), " = ", shown(value)))
    if len(figures) > MAX_FIGURES:
        console.print(Text(f"  … {len(figures) - MAX_FIGURES} more with --json", "dim"))
    if result.table and result.table.rows:
        table = Table(
            *result.table.columns, box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), collapse_padding=True
        )
        for row in result.table.rows:
            table.add_row(*(Text(shown(cell)) for cell in row))
        console.print(table)
    console.print(Text.assemble(("formula  ", "bold"), result.formula))
    console.print(Text.assemble(("source   ", "bold"), result.source))
    for note in result.notes:
        console.print(Text(f"note     {note}", "dim"))
    for warning in result.warnings:
        console.print(Text(f"warning  {warning}", "yellow"))


def show_flags(demo: Demo, console: Console) -> None:
    """Print the flags of one demo with their help."""
    console.print(Text.assemble(("assistant demo ", "dim"), (demo.name, "bold"), f" · {demo.summary}"))
    table = Table.grid(padding=(0, 2))
    for name, schema in demo.schema["properties"].items():
        # A switch needs no value.
        kind = "" if schema["type"] == "boolean" else f" {schema['type'].upper()}"
        flag = f"--{name.replace('_', '-')}{kind}"
        options = f" One of: {', '.join(map(str, schema['enum']))}." if "enum" in schema else ""
        table.add_row(Text(flag, "cyan"), Text(schema["description"] + options))
    console.print(table)
    console.print(
        Text(
            "Lists are JSON: --x '[[1,2],[3,4]]'. All at once: --args '{…}'. Also --json, --plot FILE.", "dim"
        )
    )


def show_list(demos: Iterable[Demo], console: Console) -> None:
    """Print every demo with its one-line help."""
    table = Table.grid(padding=(0, 2))
    for demo in demos:
        table.add_row(Text(demo.name, "cyan"), Text(demo.summary))
    console.print(table)
    console.print(Text("assistant demo NAME --help lists the flags of one.", "dim"))


def shown(value: Any) -> str:
    """Return a value for reading: four significant digits, long lists cut."""
    text = _short(value)
    return text if len(text) <= MAX_CHARACTERS else text[: MAX_CHARACTERS - 1] + "…"


def _short(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list | tuple):
        more = [f"… {len(value) - MAX_ITEMS} more"] if len(value) > MAX_ITEMS else []
        return "[" + ", ".join([*map(_short, value[:MAX_ITEMS]), *more]) + "]"
    return str(value)


def _flat(numbers: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    """Yield the numbers, those of a named block under `block.name`."""
    for name, value in numbers.items():
        if isinstance(value, Mapping):
            yield from ((f"{name}.{key}", item) for key, item in value.items())
        else:
            yield name, value


def _arguments(arguments: Mapping[str, Any]) -> str:
    """Return the arguments as a call would have them; None is what was left out."""
    given = {name: value for name, value in arguments.items() if value is not None}
    texts = {name: json.dumps(value, ensure_ascii=False) for name, value in given.items()}
    return "  " + ", ".join(
        f"{name}={text if len(text) <= 80 else shown(given[name])}" for name, text in texts.items()
    )
