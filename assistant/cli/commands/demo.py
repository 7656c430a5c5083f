"""Run a demo: numbers computed from a formula, with its source."""

from __future__ import annotations

import json as json_
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from assistant.cli.rendering import Terminal
    from assistant.demo_kit.allowed import Allowed
    from assistant.demo_kit.registry import Demo

#: The flags of a demo come from its signature and are read here; so is --help, which has to know the demo.
CONTEXT_SETTINGS = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


def demo(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="The demo; without it, all are listed.")] = "",
    args: Annotated[str, typer.Option("--args", help="Arguments as one JSON object; flags win.")] = "",
    plot: Annotated[
        str, typer.Option("--plot", help="Save the plot as FILE.png or FILE.svg; - prints it as text.")
    ] = "",
    no_plot: Annotated[bool, typer.Option("--no-plot", help="No plot on a terminal.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Write the result as one JSON value.")] = False,
    show_help: Annotated[bool, typer.Option("--help", help="Show this, or the flags of NAME.")] = False,
) -> None:
    """Compute a demo, such as `assistant demo pooling --kernel 2 --mode mean`; without a name, list them.

    Every demo has flags of its own: `assistant demo NAME --help`. On a terminal its plot is drawn too.
    """
    from assistant.cli.session import UsageError, print_json
    from assistant.demo_kit import registry
    from assistant.demo_kit.types import DemoError

    if not name:
        if show_help:
            typer.echo(ctx.get_help())
        elif json:
            print_json([_entry(demo) for demo in registry.demos()])
        else:
            from assistant.cli.demo_view import console, show_list

            show_list(registry.demos(), console())
        return
    if name.startswith("-"):
        raise UsageError(f"{name!r} stands before the name of a demo", "assistant demo NAME --flag value")
    chosen = registry.load(name)
    if show_help:
        from assistant.cli.demo_view import console, show_flags

        show_flags(chosen, console())
        return
    arguments = _object(args) | read_flags(chosen, ctx.args)
    try:
        result = chosen.run(arguments)
    except DemoError as error:
        if not json:
            raise
        print_json(error.to_dict())
        raise typer.Exit(1) from error
    if plot not in ("", "-"):
        from assistant.demo_kit.plotting import save_plot

        typer.echo(f"plot: {save_plot(result, Path(plot))}", err=True)
    if json:
        print_json(result.to_dict())
    else:
        from assistant.cli.demo_view import PLOT_LINES, console, show_result

        out = console()
        is_wanted = plot == "-" or (not plot and not no_plot and out.is_terminal)
        show_result(result, chosen.summary, out, plot_lines=PLOT_LINES if is_wanted else 0)


command = demo


def run_in_chat(words: Sequence[str], terminal: Terminal) -> None:
    """Run `/demo NAME --flag value …` inside a chat, or list the demos where `words` is empty."""
    from assistant.cli.demo_view import SMALL_PLOT_LINES, console, show_flags, show_list, show_result
    from assistant.demo_kit import registry

    out = console(terminal.out)
    if not words:
        show_list(registry.demos(), out)
        return
    chosen = registry.load(words[0])
    if "--help" in words[1:]:
        show_flags(chosen, out, command="/demo")
    else:
        result = chosen.run(read_flags(chosen, words[1:]))
        plot_lines = SMALL_PLOT_LINES if terminal.is_tty else 0
        show_result(result, chosen.summary, out, plot_lines=plot_lines)


def read_flags(demo: Demo, words: Sequence[str]) -> dict[str, Any]:
    """Return the arguments in `--flag value`, `--flag=value`, `--switch` and `--no-switch`.

    Values are JSON, or text where the parameter takes text; whether they fit is checked when the demo runs,
    and so are unknown flags. Raises `UsageError` for a word that is no flag and a flag without a value.
    """
    from assistant.cli.session import UsageError
    from assistant.demo_kit.parameters import accepted

    known = accepted(demo.function)
    arguments: dict[str, Any] = {}
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if not word.startswith("--"):
            raise UsageError(f"{word!r} is not a flag of {demo.name}", f"assistant demo {demo.name} --help")
        flag, has_value, value = word.removeprefix("--").partition("=")
        parameter = flag.replace("-", "_")
        allowed = known.get(parameter, ())
        if not has_value and known.get(parameter.removeprefix("no_"), ()) and parameter not in known:
            arguments[parameter.removeprefix("no_")] = False
        elif not has_value and _is_switch(allowed) and (not rest or rest[0] not in ("true", "false")):
            arguments[parameter] = True
        elif has_value or rest:
            arguments[parameter] = _value(value if has_value else rest.pop(0), allowed)
        else:
            raise UsageError(f"--{flag} has no value", f"assistant demo {demo.name} --help")
    return arguments


def _is_switch(allowed: tuple[Allowed, ...]) -> bool:
    return any(member.kind == "boolean" for member in allowed)


def _value(text: str, allowed: tuple[Allowed, ...]) -> Any:
    """Return what `text` means for a parameter: `1,2,4` and `3` are lists where only a list is taken."""
    kinds = {member.kind for member in allowed}
    if kinds == {"string"}:
        return text
    takes_lists_only = kinds == {"array"}
    for candidate in [text, f"[{text}]"] if "array" in kinds else [text]:
        try:
            value = json_.loads(candidate)
        except (ValueError, RecursionError):
            continue
        if takes_lists_only and not isinstance(value, list):
            continue
        return value
    return text


def _object(text: str) -> dict[str, Any]:
    """Return the JSON object given with --args."""
    from assistant.cli.session import UsageError

    try:
        value = json_.loads(text or "{}")
    except (ValueError, RecursionError) as error:
        raise UsageError(
            f"--args {text[:80]!r} is not JSON: {error}", """For example --args '{"kernel": 2}'."""
        ) from error
    if not isinstance(value, dict):
        raise UsageError(
            f"--args {text[:80]!r} is not a JSON object", """For example --args '{"kernel": 2}'."""
        )
    return value


def _entry(demo: Demo) -> dict[str, Any]:
    return {
        "name": demo.name,
        "summary": demo.summary,
        "topics": list(demo.topics),
        "parameters": demo.schema,
    }
