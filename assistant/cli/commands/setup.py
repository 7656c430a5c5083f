"""Propose a model for this machine and pull it, with progress, or change the embedder and make its index."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from assistant.cli.session import Session, UsageError
from assistant.settings import SettingError, Settings
from corpus.errors import StudyError


def command(
    session: Session,
    pull: Annotated[
        str,
        typer.Option(
            "--pull", help="Model to pull; otherwise the one in the settings, else the one proposed."
        ),
    ] = "",
    embedder: Annotated[
        str,
        typer.Option(
            "--embedder",
            help="Change the embedder instead: `bundled`, a Hugging Face name such as BAAI/bge-m3, a folder, or "
            "`ollama:MODEL`. The model is fetched and the notes are indexed anew; until then all stays as it is.",
        ),
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Pull without asking.")] = False,
) -> None:
    """Choose a model that fits this machine and pull it into Ollama, so that it writes the answers."""
    if embedder and pull:
        raise UsageError(
            f"both --embedder {embedder!r} and --pull {pull!r} were given", "Give one of the two."
        )
    if embedder:
        from assistant.cli.embedder_setup import choose_embedder

        choose_embedder(session, embedder)
        return
    from assistant.cli.ollama_start import reachable
    from assistant.cli.pull_bar import pull_under_bar

    host = reachable(session.settings)
    name, size = _choice(session.settings, pull)
    if not (yes or pull) and sys.stdin.isatty():
        typer.confirm(f"{name}{size and f' ({size})'}: pull it now?", default=True, abort=True, err=True)
    pull_under_bar(session, name, host)
    typer.echo(f"{name} is ready: {_usage(session, name)}")


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


def _usage(session: Session, name: str) -> str:
    """Return how the model is used from now on; what is no default is written to the configuration."""
    from assistant.config_file import set_in_file
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
        set_in_file(file, "model", setting)
    except (OSError, SettingError) as error:
        session.warn(f"{str(file)!r} cannot be written: {error}")
        return usage
    return f"assistant chat (from now on by {file!s})"
