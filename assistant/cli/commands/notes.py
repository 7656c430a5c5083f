"""Look at the notes: their topics, the questions they did not answer, and the faults in them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.adding import add, list_, remove, watch
from assistant.cli.session import LOCAL_LEARNER, Session, UsageError, print_json
from corpus.errors import StudyError

if TYPE_CHECKING:
    from corpus.check.findings import Finding
    from corpus.check.fixing import Mending

Checked = Annotated[
    list[Path] | None,
    typer.Argument(help="Files or folders; without any, all that is studied.", show_default=False),
]
Json = Annotated[bool, typer.Option("--json", help="Write one JSON list.")]
Fix = Annotated[bool, typer.Option("--fix", help="Mend what is mechanical, after showing it and asking.")]
Yes = Annotated[bool, typer.Option("--yes", help="With --fix: write without asking.")]


def topics(session: Session, json: Json = False) -> None:
    """List the topics with their place in the files."""
    found = session.assistant.topics()
    if json:
        print_json([topic.to_dict() for topic in found])
        return
    from assistant.cli.rendering import Terminal, heading, place

    terminal = Terminal()
    for topic in found:
        stub = " (title or link only)" if topic.stub else ""
        terminal.entry(heading(topic.heading_path) + stub, place(topic.path, topic.location))
    terminal.line(f"{len(found)} topics", "dim")


def gaps(session: Session, json: Json = False) -> None:
    """List what the notes did not cover, by what was asked about, the most asked first: what to write next."""
    found = session.store.gaps.most_asked(LOCAL_LEARNER)
    if json:
        print_json(
            [
                {
                    "question": gap.question,
                    "count": gap.count,
                    "last_asked": gap.last_asked.isoformat(),
                    "nearest": list(gap.nearest_topics),
                }
                for gap in found
            ]
        )
        return
    from assistant.cli.rendering import Terminal
    from assistant.gap_subjects import by_subject

    terminal = Terminal()
    for subject in by_subject(found, session.assistant.glossary):
        if subject.name:
            terminal.line(f"{subject.count:>3} × {subject.name}")
        for gap in subject.gaps:
            terminal.line(f"{gap.count:>{9 if subject.name else 3}} × {gap.question}")
        if subject.nearest_topics:
            terminal.line(f"      最接近 nearest: {'、'.join(subject.nearest_topics[:3])}", "dim")
    terminal.line(f"{len(found)} gaps" if found else "笔记还没有答不上来的问题。(no gaps yet)", "dim")


def check(
    session: Session, paths: Checked = None, json: Json = False, fix: Fix = False, yes: Yes = False
) -> None:
    """Find faults in the notes and say how to mend each; the exit code is 1 where any is left."""
    from assistant.sources import absolute

    roots = tuple(map(absolute, paths)) if paths else session.assistant.note_roots
    findings = _findings(session, roots)
    # Mending may bring a fault to light, such as two stops that an invisible character kept apart.
    while fix and (mendings := _mendings(session, findings)):
        for mending in mendings:
            print(mending.diff, end="", file=sys.stderr if json else sys.stdout, flush=True)
        if not (yes or _agreed(len(mendings))):
            break
        for mending in mendings:
            mending.write()
        findings = _findings(session, roots)
    if json:
        print_json([finding.to_dict() for finding in findings])
    else:
        _show(findings)
    if findings:
        raise typer.Exit(1)


def _findings(session: Session, roots: Sequence[Path]) -> tuple[Finding, ...]:
    """Read the notes and return their faults; what cannot be read is warned of."""
    from corpus.check.engine import check_notes
    from corpus.note_names import with_note_names
    from corpus.reading import read_notes

    reading = read_notes(roots)
    for path, problem in reading.problems.items():
        session.warn(problem if str(path) in problem else f"{path}: {problem}")
    names = (note.front_matter for note in reading.notes if note.front_matter)
    return check_notes(reading.notes, with_note_names(session.assistant.glossary, names))


def _mendings(session: Session, findings: Sequence[Finding]) -> list[Mending]:
    """Return what can be mended in each file; a file that must be left alone is warned of."""
    from corpus.check.fixing import mend

    found = []
    for path in dict.fromkeys(finding.path for finding in findings):
        try:
            if (mending := mend(path, findings)) is not None:
                found.append(mending)
        except StudyError as error:
            session.warn(f"{error.message} ({error.hint})")
    return found


def _agreed(count: int) -> bool:
    """Ask whether to write. Where nobody can be asked, writing needs `--yes`."""
    if not sys.stdin.isatty():
        raise UsageError("--fix asks before it writes, and nobody is there to answer", "Add --yes.")
    return typer.confirm(f"Write these changes to {count} file(s)?", default=False, err=True)


def _show(findings: Sequence[Finding]) -> None:
    from assistant.cli.rendering import Terminal, place
    from corpus.types import Location, LocationKind

    terminal = Terminal()
    for found in findings:
        where = place(found.path, Location(LocationKind.LINES, *found.lines))
        terminal.entry(f"{found.message} [{found.rule} {found.confidence:.0%}]", where)
        terminal.line(f"    {found.hint}", "dim")
    mechanical = sum(found.fix is not None for found in findings)
    counted = f"{len(findings)} findings" + (f", {mechanical} for --fix" if mechanical else "")
    terminal.line(counted if findings else "没有发现问题。(nothing found)", "dim")


command = {
    "add": add,
    "remove": remove,
    "list": list_,
    "watch": watch,
    "topics": topics,
    "gaps": gaps,
    "check": check,
}
