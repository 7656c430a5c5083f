"""Pull the model that answers, with progress; what was downloaded is kept when it breaks off."""

from __future__ import annotations

from typing import Annotated

import typer

from assistant.cli.session import Session, UsageError


def command(
    session: Session,
    pull: Annotated[
        str,
        typer.Option("--pull", help="Model to pull; otherwise the one in the settings, else the default."),
    ] = "",
) -> None:
    """Pull a model into Ollama, so that the answers are written by it."""
    from assistant.llm import DEFAULT_MODEL
    from assistant.llm.backends.ollama import host_of
    from assistant.llm.ollama_models import PullProgress
    from assistant.llm.ollama_models import pull as pull_model

    setting = session.settings.model
    backend, _, name = (DEFAULT_MODEL if setting in ("auto", "notes") else setting).partition(":")
    if not pull and backend != "ollama":
        raise UsageError(f"{setting!r} is no model of Ollama", "Name one: assistant setup --pull qwen3.5:4b")
    name = pull or name
    host = host_of(session.settings)
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

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as bar:
        tasks: dict[str, TaskID] = {}

        def show(step: PullProgress) -> None:
            if step.status not in tasks:
                tasks[step.status] = bar.add_task(step.status, total=None)
            bar.update(tasks[step.status], completed=step.completed, total=step.total or None)

        pull_model(name, host, on_progress=show)
    typer.echo(f"{name} is ready: assistant chat --model ollama:{name}")
