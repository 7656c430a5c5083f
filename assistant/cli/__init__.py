"""The `assistant` command: finds commands, adds the settings to each, and renders errors.

A command is one module in `assistant/cli/commands/` (or in any package of the group `assistant.commands`)
named after it, whose `command` is a function with typer-annotated parameters, or a dict of such functions
for a group, in which `DEFAULT` may name the one that is meant where none is named. A first parameter
`session: Session` is supplied here and is no flag. Nothing is imported but the command that was asked for.
"""

from __future__ import annotations

import functools
import inspect
import os
import sys
from collections.abc import Callable, Iterator, MutableMapping
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from assistant.cli.session import Session
from assistant.settings import SETTINGS
from corpus.errors import StudyError
from corpus.plugins import items, load

_GROUP = "assistant.commands"


def main() -> None:
    """Run the command line and exit with its code: 0 done, 1 failure, 2 usage, 3 not found, 130 interrupted."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A stray byte must not end the program. One in a file's name is written as its JSON escape, so
            # that a path read from JSON still opens the file.
            errors = "replace" if stream is sys.stdin else "backslashreplace"
            stream.reconfigure(encoding="utf-8", errors=errors)
    try:
        app(prog_name="assistant")
    except StudyError as error:
        sys.exit(fail(error))
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        if "ASSISTANT_DEBUG" in os.environ:
            raise
        kind = type(error).__name__
        sys.exit(
            fail(
                StudyError(
                    f"unexpected {kind}: {error}", "Set ASSISTANT_DEBUG=1 to see where, and report it."
                )
            )
        )


def fail(error: StudyError) -> int:
    """Print `error` to stderr, the way out under it, and return its exit code."""
    from rich.console import Console
    from rich.text import Text

    from assistant.cli.session import exit_code

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(Text.assemble(("error: ", "bold red"), error.message))
    if error.hint:
        console.print(Text("  " + error.hint, "dim"))
    return exit_code(error)


class _LazyCommands(MutableMapping[str, Any]):
    """Command name -> command, imported and built when first looked up."""

    def __init__(self) -> None:
        self._built: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in items(_GROUP):
            raise KeyError(name)
        if name not in self._built:
            self._built[name] = _build(name, load(_GROUP, name, kind="command"))
        return self._built[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._built[name] = command

    def __delitem__(self, name: str) -> None:
        del self._built[name]

    def __iter__(self) -> Iterator[str]:
        return iter(items(_GROUP))

    def __len__(self) -> int:
        return len(items(_GROUP))


class Commands(TyperGroup):
    """A group whose commands are the modules of `assistant.commands`."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = _LazyCommands()

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names; importing nothing."""
        return list(self.commands)


def _build(name: str, module: Any) -> Any:
    kind = _group_with(default) if (default := getattr(module, "DEFAULT", "")) else TyperGroup
    app = typer.Typer(cls=kind, add_completion=False, help=inspect.getdoc(module))
    context = getattr(module, "CONTEXT_SETTINGS", None)
    if isinstance(module.command, dict):
        app.callback()(_no_op)
        for sub, function in module.command.items():
            app.command(sub, context_settings=context)(with_settings(function))
    else:
        app.command(name, context_settings=context)(with_settings(module.command))
    built = get_command(app)
    built.name = name
    return built


def _group_with(default: str) -> type[TyperGroup]:
    """Return the type of a group in which nothing, or only flags, stands for its command `default`."""

    class _Group(TyperGroup):
        def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
            is_named = bool(args) and (not args[0].startswith("-") or args[0] in ctx.help_option_names)
            return super().parse_args(ctx, args if is_named else [default, *args])

    return _Group


def _no_op() -> None:
    """Mark an app as a group."""


def with_settings(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return `function` with one option per setting added and its `session` parameter supplied."""
    signature = inspect.signature(function, eval_str=True)
    own = [p for p in signature.parameters.values() if p.name != "session"]
    options = [
        inspect.Parameter(
            setting.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[
                str | None,
                typer.Option(
                    setting.flag,
                    help=f"{setting.help} [{setting.env}]",
                    rich_help_panel="Settings",
                    show_default=setting.default or False,
                    metavar="TEXT",
                ),
            ],
        )
        for setting in SETTINGS
        if setting.name not in signature.parameters
    ]

    @functools.wraps(function)
    def command(*positional: Any, **named: Any) -> Any:
        flags = {option.name: named.pop(option.name) for option in options}
        if "session" in signature.parameters:
            named["session"] = Session(flags)
        return function(*positional, **named)

    parameters = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own] + options
    command.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {p.name: p.annotation for p in parameters}
    return command


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"assistant {version('interview-study-assistant')}")
        raise typer.Exit


app = typer.Typer(cls=Commands, add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """Talk with your own interview notes: cited answers, computed demos, no invention.

    面试笔记助手：用你自己的笔记回答，句句有出处，数字都算给你看。
    """
