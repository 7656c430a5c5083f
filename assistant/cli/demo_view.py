"""A demo on a terminal: its result, its flags, and the list of all demos. Values are shortened for reading;
`--json` has them in full.
"""

from __future__ import annotations

import codecs
import json
import locale
import shlex
from collections.abc import Iterable, Mapping
from typing import IO, Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from assistant.demo_kit.allowed import Allowed, words
from assistant.demo_kit.parameters import accepted, defaults, documented, plain
from assistant.demo_kit.registry import Demo
from assistant.demo_kit.types import DemoError, DemoResult, Plot

#: Elements of one list that are shown, and characters of one value.
MAX_ITEMS = 8
MAX_CHARACTERS = 300
#: Figures that are listed; a demo that compares has a table of them, too.
MAX_FIGURES = 24
#: Lines of a plot, also in a chat, where it should not push the conversation away; and its columns.
PLOT_LINES, SMALL_PLOT_LINES = 20, 12
PLOT_COLUMNS = 80


def console(out: IO[str] | None = None) -> Console:
    """Return where to print; numbers are not coloured, since figures are all there is."""
    return Console(file=out, highlight=False, markup=False, soft_wrap=False)


def show_result(result: DemoResult, summary: str, console: Console, *, plot_lines: int = 0) -> None:
    """Print title, arguments, numbers, table, plot, formula, source, notes and warnings.

    The plot takes about `plot_lines` lines; 0 is without.
    """
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
    if result.plot and plot_lines:
        _show_plot(result.plot, console, plot_lines)
    console.print(Text.assemble(("formula  ", "bold"), result.formula))
    console.print(Text.assemble(("source   ", "bold"), result.source))
    for note in result.notes:
        console.print(Text(f"note     {note}", "dim"))
    for warning in result.warnings:
        console.print(Text(f"warning  {warning}", "yellow"))


def _show_plot(plot: Plot, console: Console, lines: int) -> None:
    from assistant.demo_kit.terminal_cells import Style
    from assistant.demo_kit.terminal_plot import picture

    style = Style(
        colour=console.color_system is not None and not console.no_color,
        # Not the stream's encoding: that is always UTF-8, whatever the terminal shows.
        ascii_only=codecs.lookup(locale.getencoding()).name == "ascii",
    )
    drawn = picture(plot, width=min(console.width, PLOT_COLUMNS), height=lines, style=style)
    console.print(drawn, no_wrap=True, crop=False, overflow="ignore")
    console.print()


def show_flags(demo: Demo, console: Console, *, command: str = "assistant demo") -> None:
    """Print the flags of one demo with their ranges and defaults, its formula, source and topics, an example.

    `command` is what stands before a demo's name: in a chat it is another.
    """
    console.print(Text.assemble((f"{command} ", "dim"), (demo.name, "bold"), f" · {demo.summary}"))
    table = Table.grid(padding=(0, 2))
    said = documented(demo.function)
    for (name, default), (outside, allowed) in zip(
        defaults(demo.function).items(), accepted(demo.function).items(), strict=True
    ):
        # A switch needs no value.
        kind = "" if allowed[0].kind == "boolean" else f" {_KINDS.get(allowed[0].kind, 'LIST')}"
        flag = Text(f"--{outside.replace('_', '-')}{kind}", "cyan")
        table.add_row(flag, Text.assemble(said.get(name, ""), "\n", (_limits(allowed, default), "dim")))
    console.print(table)
    result = demo.run({})
    console.print(Text.assemble(("formula  ", "bold"), result.formula))
    console.print(Text.assemble(("source   ", "bold"), result.source))
    console.print(Text.assemble(("topics   ", "bold"), ", ".join(demo.topics)))
    shown_example = example(demo).replace("assistant demo", command, 1)
    console.print(Text.assemble(("example  ", "bold"), shown_example), soft_wrap=True)
    rest = " All at once: --args '{…}'. Also --json, --plot FILE, --no-plot." if command[0] != "/" else ""
    console.print(Text("Lists are JSON: --x '[[1,2],[3,4]]'." + rest, "dim"))


_KINDS = {"integer": "INTEGER", "number": "NUMBER", "string": "TEXT", "array": "LIST", "object": "OBJECT"}


def _limits(allowed: tuple[Allowed, ...], default: Any) -> str:
    """Return what a parameter may be and what it is when left out."""
    text = words(allowed)[0]
    return f"{text}; may be left out" if default is None else f"{text}; default {shown(plain(default))}"


def example(demo: Demo) -> str:
    """Return a command that runs: with an option that is not the default where one can stand alone."""
    known = list(zip(accepted(demo.function).items(), defaults(demo.function).values(), strict=True))
    choices = [
        {name: option}
        for (name, allowed), default in known
        for member in allowed
        for option in member.options
        if option != default
    ]
    scalars = {
        name: plain(default)
        for (name, _), default in known
        if isinstance(default, int | float) and not isinstance(default, bool)
    }
    for arguments in (*choices, dict(list(scalars.items())[:2])):
        try:
            demo.run(arguments)
        except DemoError:
            continue
        flags = [
            f"--{name.replace('_', '-')} {shlex.quote(v if isinstance(v, str) else json.dumps(v))}"
            for name, v in arguments.items()
        ]
        return " ".join(["assistant", "demo", demo.name, *flags])
    return f"assistant demo {demo.name}"


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
