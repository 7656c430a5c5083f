"""Propose a model for this machine and pull it, with progress; a download that breaks off goes on."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from assistant.cli.session import Session, UsageError
from assistant.settings import Settings
from corpus.atomic import write_bytes
from corpus.errors import StudyError


def command(
    session: Session,
    pull: Annotated[
        str,
        typer.Option(
            "--pull", help="Model to pull; otherwise the one in the settings, else the one proposed."
        ),
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Pull without asking.")] = False,
) -> None:
    """Choose a model that fits this machine and pull it into Ollama, so that it writes the answers."""
    from assistant.llm.backends.ollama import host_of
    from assistant.llm.hosts import listening, parse
    from assistant.llm.ollama_versions import UPDATE

    host = host_of(session.settings)
    if not listening(host):
        start = "ollama serve" if _has_ollama() else f"{UPDATE}  (or ollama.com/download), then: ollama serve"
        raise StudyError(f"no Ollama at {parse(host).url}", start)
    name, size = _choice(session.settings, pull)
    if not (yes or pull) and sys.stdin.isatty():
        typer.confirm(f"{name}{size and f' ({size})'}: pull it now?", default=True, abort=True, err=True)
    _pull(session, name, host)
    typer.echo(f"{name} is ready: {_usage(session, name)}")


def _has_ollama() -> bool:
    from shutil import which

    return which("ollama") is not None


def _choice(settings: Settings, pull: str) -> tuple[str, str]:
    """Return the model to pull, and its size as far as it is known."""
    from assistant.doctor.machine import proposal_for, this_machine, written

    backend, _, name = settings.model.partition(":")
    if pull:
        return pull, ""
    if backend == "ollama":
        return name, ""
    if backend not in ("auto", "notes"):
        raise UsageError(
            f"{settings.model!r} is no model of Ollama", "Name one: assistant setup --pull qwen3.5:4b"
        )
    machine = this_machine()
    proposal = proposal_for(machine)
    if proposal is None:
        raise StudyError(
            f"{written(machine.memory)} of memory hold no model that answers well; notes mode works without one",
            "To try all the same: assistant setup --pull qwen3.5:4b",
        )
    graphics = written(machine.graphics) if machine.graphics else "none"
    typer.echo(
        f"memory {written(machine.memory)}, graphics memory {graphics}: {proposal.model} "
        f"({written(proposal.size)}), as {proposal.why}",
        err=True,
    )
    return proposal.model, written(proposal.size)


def _pull(session: Session, name: str, host: str) -> None:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TaskID,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    from assistant.llm.ollama_models import PullProgress
    from assistant.llm.pulling import pull_to_the_end

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as bar:
        tasks: dict[str, TaskID] = {}

        def show(step: PullProgress) -> None:
            if step.status not in tasks:
                tasks[step.status] = bar.add_task(step.status, total=None)
            bar.update(tasks[step.status], completed=step.completed, total=step.total or None)

        pull_to_the_end(
            name,
            host,
            on_progress=show,
            on_break=lambda error: session.warn(f"{error.message}; going on where it broke off"),
        )


def _usage(session: Session, name: str) -> str:
    """Return how the model is used from now on; what is no default is written to the configuration."""
    from assistant.llm import DEFAULT_MODEL

    setting = f"ollama:{name}"
    usage = f"assistant chat --model {setting}"
    if setting in (DEFAULT_MODEL, session.settings.model) or session.settings.model != "auto":
        return usage
    file = session.settings.home / "config.toml"
    try:
        written = file.read_text("utf-8") if file.exists() else ""
        if "model" in {line.partition("=")[0].strip() for line in written.splitlines()}:
            return usage
        file.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(file, f'model = "{setting}"\n{written}'.encode())
    except OSError as error:
        session.warn(f"{str(file)!r} cannot be written: {error.strerror}")
        return usage
    return f"assistant chat (from now on by {file!s})"
