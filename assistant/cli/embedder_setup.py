"""`assistant setup --embedder NAME`: another embedder from now on, or everything as it was.

The setting is written last, when the new index stands beside the old one: a model that cannot be had, a build that
fails and a Ctrl-C all leave the old setting with its old index.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from assistant.cli.session import Session
from assistant.settings import read_settings
from corpus.errors import StudyError
from index.embedders import Downloadable
from index.embedders.ollama import OllamaEmbedder
from index.types import Embedder

# In both languages, and with a word that even a tiny model knows.
_SENTENCE = "最大池化取窗口里的最大值。Max pooling keeps the largest value of a window."


def choose_embedder(session: Session, name: str) -> None:
    """Get the embedder `name`, try it, index the notes with it and write the setting; say what came of it."""
    import typer

    from assistant.cli.progress import progress_on_stderr
    from assistant.config_file import can_be_set, set_in_file
    from assistant.study import Assistant

    file = session.settings.home / "config.toml"
    can_be_set(file, "embedder", name)
    settings = replace(session.settings, embedder=name)
    assistant = Assistant(settings, warn=session.warn, progress=progress_on_stderr())
    embedder = assistant.indexing.embedder
    _get(session, embedder)
    _try(embedder)
    update = assistant.update(strict=True)
    set_in_file(file, "embedder", name)
    cut = f", {update.split} of them in pieces, longer than its window" if update.split else ""
    typer.echo(f"{name} embeds from now on (by {file!s}): {update.generation.size} passages{cut}")
    if (in_force := read_settings({"home": str(session.settings.home)}).embedder) != name:
        session.warn(f"ASSISTANT_EMBEDDER={in_force} is set and wins over the file: unset it")


def _get(session: Session, embedder: Embedder) -> None:
    """Bring the model onto this machine where it is not there yet."""
    if isinstance(embedder, OllamaEmbedder):
        _pull(session, embedder.model)
    elif isinstance(embedder, Downloadable):
        session.warn(f"{embedder.name}: loading, and downloading what is not here …")
        embedder.download()


def _pull(session: Session, model: str) -> None:
    from assistant.cli.ollama_start import reachable
    from assistant.cli.pull_bar import pull_under_bar
    from assistant.llm.ollama_models import installed, show
    from index.hosts import tagged

    host = reachable(session.settings)
    if tagged(model) not in {have.name for have in installed(host)}:
        pull_under_bar(session, model, host)
    able = show(model, host).capabilities
    if able is not None and "embedding" not in able:
        raise StudyError(
            f"{model!r} is no embedding model; it can: {', '.join(sorted(able))}",
            "assistant setup --embedder ollama:qwen3-embedding:0.6b",
        )


def _try(embedder: Embedder) -> None:
    """Embed one sentence each way. Raises `StudyError` where that gives no unit vector."""
    for rows in (embedder.embed_queries([_SENTENCE]), embedder.embed_passages([_SENTENCE])):
        if rows.shape != (1, embedder.dimension) or not np.isclose(np.linalg.norm(rows), 1.0, atol=1e-3):
            raise StudyError(
                f"{embedder.name!r} gives no unit vector of {embedder.dimension} numbers for a sentence",
                "Choose another model; the embedder is as it was.",
            )
