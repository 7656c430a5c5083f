"""Pull a model into Ollama under a progress bar on stderr."""

from __future__ import annotations

from assistant.cli.session import Session


def pull_under_bar(session: Session, name: str, host: str) -> None:
    """Pull the model `name`, going on where a download breaks off. Raises `ModelError`."""
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
