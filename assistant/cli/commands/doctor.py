"""Say what works, what does not, and the command that mends it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from typing import Annotated

import typer

from assistant.cli.session import Session, print_json
from corpus.errors import StudyError


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `needed`: without it nothing works; otherwise it only makes things better."""

    name: str
    works: bool
    says: str
    mend: str = ""
    needed: bool = True


def command(
    session: Session, json: Annotated[bool, typer.Option("--json", help="Write one JSON list.")] = False
) -> None:
    """Look at the notes, the home folder, the model and the extras. Exit code 1: something needed is missing."""
    findings = list(_findings(session))
    if json:
        print_json([asdict(finding) for finding in findings])
    else:
        from assistant.cli.rendering import Terminal

        terminal = Terminal()
        for finding in findings:
            mark = "✓" if finding.works else "✗" if finding.needed else "–"
            terminal.line(f"{mark} {finding.name}: {finding.says}")
            if finding.mend and not finding.works:
                terminal.line(f"    {finding.mend}", "dim")
    if any(finding.needed and not finding.works for finding in findings):
        raise typer.Exit(1)


def _findings(session: Session) -> Iterator[Finding]:
    yield Finding("python", True, sys.version.split()[0])
    yield _tried("settings", lambda: f"home is {str(session.settings.home)!r}")
    yield _tried("home", lambda: _writable(session))
    yield _tried("notes", lambda: _notes(session))
    yield _tried("model", lambda: _model(session), needed=False)
    for extra, module, gives in (
        ("embedders", "sentence_transformers", "any sentence-transformers model as embedder"),
        ("plots", "matplotlib", "assistant demo … --plot"),
        ("watch", "watchfiles", "assistant notes watch"),
    ):
        have = find_spec(module) is not None
        mend = f"pip install 'interview-study-assistant[{extra}]'"
        yield Finding(
            extra, have, gives if have else f"not installed; would give: {gives}", mend, needed=False
        )


def _tried(name: str, look: Callable[[], str], *, needed: bool = True) -> Finding:
    try:
        return Finding(name, True, look(), needed=needed)
    except StudyError as error:
        return Finding(name, False, error.message, error.hint, needed)


def _writable(session: Session) -> str:
    home = session.settings.home
    there = next(folder for folder in (home, *home.parents) if folder.exists())
    if not (there.is_dir() and os.access(there, os.W_OK)):
        raise StudyError(f"{str(there)!r} cannot be written", "Set ASSISTANT_HOME to a folder of yours.")
    return f"{str(home)!r} can be written"


def _notes(session: Session) -> str:
    topics, problems = session.assistant.topics(), session.assistant.library.problems
    unread = f", {len(problems)} files with problems" if problems else ""
    return f"{len(topics)} topics, {sum(topic.stub for topic in topics)} of them only a title{unread}"


def _model(session: Session) -> str:
    from assistant.llm import DEFAULT_MODEL
    from assistant.llm.backends.ollama import host_of
    from assistant.llm.ollama_models import show, version

    host = host_of(session.settings)
    setting = session.settings.model
    if setting == "notes":
        return "notes mode by setting"
    name = (DEFAULT_MODEL if setting == "auto" else setting).partition(":")[2]
    said = ".".join(map(str, version(host))) or "development build"
    able = show(name, host).capabilities
    tools = "" if able is None or "tools" in able else ", cannot call tools"
    return f"Ollama {said}, {name}{tools}"
