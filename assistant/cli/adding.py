"""`assistant notes add, remove, list, watch`: which notes are studied, and what a change of them did."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli.session import Session, print_json
from assistant.note_places import place, problems_below
from corpus.errors import StudyError

if TYPE_CHECKING:
    from index.changes import Counts
    from index.updating import Update

Paths = Annotated[list[Path], typer.Argument(help="Files or folders.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Write one JSON value.")]

# How long `watch` waits for news before it looks for itself: a watched file that an editor replaces, or a
# network drive, may change without any.
_LOOK_EVERY_MS = 5_000


def add(session: Session, paths: Paths, json: Json = False) -> None:
    """Study these files and folders too, and index them now. They stay where they are and are never changed.

    Exit code 1: a file could not be read. The others are in.
    """
    good, errors = _checked(paths)
    if not good:
        raise errors[0]
    sources = session.assistant.sources
    sources.add(good)
    _warn_if_replaced(session)
    update = session.assistant.update()
    problems = [f"{error.message} ({error.hint})" for error in errors]
    unread = problems_below(update, (str(path) for path in good))
    failed = bool(errors) or any(not topics for _, topics in unread.values())
    problems += [problem for problem, _ in unread.values()]
    if json:
        print_json(_summary(update) | {"problems": problems})
    else:
        _show(update, problems)
    if failed:
        raise typer.Exit(1)


def remove(session: Session, paths: Paths, json: Json = False) -> None:
    """Study these files and folders no longer. The files themselves stay where they are."""
    gone = session.assistant.sources.remove(paths)
    update = session.assistant.update()
    if json:
        print_json(_summary(update) | {"removed": [str(path) for path in gone]})
        return
    _show(update, [])
    from assistant.cli.rendering import Terminal

    for path in gone:
        Terminal().line(f"{str(path)!r} is no longer studied; the files themselves stay where they are.")


def list_(session: Session, json: Json = False) -> None:
    """List what is studied: every file and folder with its files, topics, passages and problems."""
    update = session.assistant.update()
    found = [place(update, path, origin) for path, origin in session.assistant.origins().items()]
    if json:
        print_json(found)
        return
    from assistant.cli.rendering import Terminal, short_path

    terminal = Terminal()
    for root in found:
        what = "{files} files, {topics} topics, {passages} passages".format(**root) + f" ({root['origin']})"
        terminal.entry(what if root["there"] else f"not there ({root['origin']})", short_path(root["path"]))
        for problem in root["problems"]:
            terminal.line(f"    {problem['message']}", "yellow")


def watch(session: Session) -> None:
    """Keep the index fresh while notes are edited, one line an update. Ctrl-C ends it."""
    try:
        import watchfiles
    except ImportError as error:
        hint = "pip install 'interview-study-assistant[watch]'"
        raise StudyError("watching needs the package watchfiles, which is not installed", hint) from error
    roots = [path for path, origin in session.assistant.origins().items() if origin != "shipped"]
    present = [path for path in roots if path.exists()]
    if not present:
        raise StudyError("there are no notes of yours to watch", "Add some first: assistant notes add PATH")
    from assistant.cli.rendering import Terminal

    terminal = Terminal()
    try:
        _show(session.assistant.update(), [])
        terminal.line(f"watching {len(present)} of your notes' places; Ctrl-C ends it", "dim")
        for _ in watchfiles.watch(
            *present, rust_timeout=_LOOK_EVERY_MS, yield_on_timeout=True, raise_interrupt=True
        ):
            began = time.perf_counter()
            try:
                update = session.assistant.update()
            except StudyError as error:  # half a save of an editor; the next look will do
                session.warn(error.message)
                continue
            if update.changed:
                seconds = time.perf_counter() - began
                terminal.line(f"{time.strftime('%H:%M:%S')}  {_line(update)}  {seconds:.2f} s")
                for problem, _ in problems_below(update, map(str, roots)).values():
                    session.warn(problem)
    except KeyboardInterrupt:
        return


def _checked(paths: Iterable[Path]) -> tuple[list[Path], list[StudyError]]:
    """Return the paths that hold a note, absolute, and what is wrong with the others."""
    from assistant.sources import absolute
    from corpus import reading

    good: list[Path] = []
    errors: list[StudyError] = []
    for path in paths:
        try:
            whole = absolute(path)
            found = reading.find([whole])
            if not found.files:
                raise StudyError(f"there are no notes in {str(path)!r}", " ".join(found.problems.values()))
            if not whole.is_dir():
                reading.read(whole)
            good.append(whole)
        except StudyError as error:
            errors.append(error)
    return good, errors


def _warn_if_replaced(session: Session) -> None:
    if session.settings.notes:
        session.warn(
            "the setting `notes` (ASSISTANT_NOTES) is in force and replaces the notes that were added"
        )


def _counts(update: Update) -> Iterator[tuple[str, Counts]]:
    yield from (("files", update.files), ("topics", update.topics), ("passages", update.passages))


def _summary(update: Update) -> dict[str, Any]:
    counts = {name: asdict(counts) for name, counts in _counts(update)}
    return counts | ({"embedded_in_pieces": update.split} if update.split else {})


def _show(update: Update, problems: Iterable[str]) -> None:
    from assistant.cli.rendering import Terminal

    terminal = Terminal()
    for name, counts in _counts(update):
        numbers = ", ".join(f"{count} {kind}" for kind, count in asdict(counts).items())
        terminal.line(f"{name + ':':<10} {numbers}")
    if update.split:
        terminal.line(
            f"{update.split} passages are longer than the embedder's window and are embedded in pieces"
        )
    for problem in problems:
        terminal.line(f"✗ {problem}", "yellow")


def _line(update: Update) -> str:
    return "  ".join(f"{name} +{c.new} ~{c.changed} -{c.removed}" for name, c in _counts(update))
