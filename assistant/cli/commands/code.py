"""Write code by hand as in an interview: the task and a file to fill in, then checked by running it."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.language import Language

if TYPE_CHECKING:
    from assistant.coding.types import Task


def command(
    name: Annotated[str, typer.Argument(help="The task, such as nms; without it, all are listed.")] = "",
    check: Annotated[
        Path | None, typer.Option("--check", help="Run FILE and check it.", metavar="FILE")
    ] = None,
    to: Annotated[
        Path | None, typer.Option("--to", help="Where the file to fill in goes.", metavar="FILE")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file that is there.")] = False,
    hint: Annotated[int, typer.Option("--hint", min=0, help="Show hint N and do no more.", metavar="N")] = 0,
    show: Annotated[bool, typer.Option("--show", help="Show a solution and do no more.")] = False,
    lang: Annotated[Language, typer.Option("--lang", help="Language of the task.")] = Language.ZH,
    json: Annotated[bool, typer.Option("--json", help="Write one JSON value.")] = False,
) -> None:
    """Write IoU, NMS, a convolution, … by hand: `assistant code nms`, then `assistant code nms --check nms.py`.

    The file is run by your own Python with limits on time, memory and output. They stop accidents, not attackers:
    check only what you would run yourself. Exits with 1 where a check fails.
    """
    from assistant.cli.rendering import Terminal
    from assistant.cli.session import UsageError, print_json
    from assistant.coding import registry
    from assistant.coding.events import report_event, task_event

    terminal = Terminal()
    if not name:
        if json:
            print_json([task_event(task, lang) for task in registry.tasks()])
        else:
            for task in registry.tasks():
                terminal.entry(task.title.in_(lang), f"assistant code {task.name}")
        return
    task = registry.load(name)
    if check is not None:
        from assistant.coding.checking import check_file

        report = check_file(task, check)
        if json:
            print_json(report_event(report, lang))
        else:
            from assistant.coding.wording import feedback

            for line in feedback(report, lang):
                terminal.line(line, {"✓": "green", "✗": "yellow"}.get(line[0], ""))
        if not report.is_right:
            raise typer.Exit(1)
        return
    if hint:
        if hint > len(task.hints):
            raise UsageError(
                f"there is no hint {hint} for {name!r}", f"assistant code {name} --hint {len(task.hints)}"
            )
        shown = task.hints[hint - 1].in_(lang)
        print_json({"hint": hint, "of": len(task.hints), "text": shown}) if json else terminal.line(shown)
        return
    if show:
        follow_up, answer = task.follow_up.in_(lang), task.follow_up_answer.in_(lang)
        if json:
            print_json({"solution": task.source, "follow_up": follow_up, "follow_up_answer": answer})
        else:
            terminal.write(task.source + "\n")
            terminal.line(follow_up, "bold")
            terminal.line(answer)
        return
    path, is_new = _write_skeleton(task, to, lang, force=force)
    if json:
        print_json(task_event(task, lang) | {"file": str(path), "written": is_new})
        return
    terminal.line(task.title.in_(lang), "bold")
    terminal.line(task.statement.in_(lang))
    terminal.write(textwrap.indent(task.signature, "    ") + "\n")
    told = (
        ("写好了" if is_new else "已经有了，没有动")
        if lang is Language.ZH
        else "written"
        if is_new
        else "left as it is"
    )
    terminal.entry(str(path), told)
    terminal.write(terminal.style(f"assistant code {name} --check {path}", "dim") + "\n")


def _write_skeleton(task: Task, to: Path | None, language: Language, *, force: bool) -> tuple[Path, bool]:
    """Write the file to fill in; tell where it is and whether it is new. One that is there is never overwritten."""
    from assistant.cli.session import UsageError
    from corpus.errors import StudyError

    path = to or Path(f"{task.name}.py")
    try:
        with path.open("w" if force else "x", encoding="utf-8") as file:
            file.write(task.skeleton(language))
    except FileExistsError as error:
        if to is None:
            return path, False
        raise UsageError(f"{str(path)!r} is there already", "Overwrite it with --force.") from error
    except OSError as error:
        raise StudyError(
            f"cannot write {str(path)!r}: {error.strerror}", "Choose another place with --to FILE."
        ) from error
    return path, True
