"""What can be seen without a model: settings, home, notes, index, disk, port, fonts, extras."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from assistant.doctor.finding import Finding, tried
from assistant.doctor.machine import GB, written
from assistant.settings import Settings
from assistant.study import Assistant
from corpus.errors import StudyError

#: The port of `assistant serve`.
PORT = 8421
#: Free space below which something will fail soon, in bytes.
LEAST_FREE = GB // 2
#: Extra -> the module it brings, and what that gives.
EXTRAS = (
    ("embedders", "sentence_transformers", "any sentence-transformers model as embedder"),
    ("openai", "openai", "models of other servers: --model openai:MODEL"),
    ("plots", "matplotlib", "assistant demo … --plot"),
    ("readers", "pypdfium2", "notes in PDF"),
    ("watch", "watchfiles", "assistant notes watch"),
)


def looks(settings: Settings, assistant: Assistant) -> Iterator[Finding]:
    """Yield everything that is looked at, in the order in which one thing needs the other."""
    yield Finding("python", True, sys.version.split()[0])
    yield tried("home", lambda: _home(settings.home))
    yield tried("disk", lambda: _disk(settings.home), needed=False)
    yield tried("notes", lambda: _notes(assistant))
    yield tried("index", lambda: _index(assistant))
    yield tried("embedder", lambda: _embedder(assistant), needed=False)
    yield tried("port", _port, needed=False)
    if find_spec("matplotlib"):
        yield tried("fonts", _fonts, needed=False)
    for extra, module, gives in EXTRAS:
        have = find_spec(module) is not None
        says = gives if have else f"not installed; would give: {gives}"
        yield Finding(extra, have, says, f"pip install 'interview-study-assistant[{extra}]'", needed=False)


def _home(home: Path) -> str:
    there = _existing(home)
    if not (there.is_dir() and os.access(there, os.W_OK)):
        raise StudyError(f"{str(there)!r} cannot be written", "Set ASSISTANT_HOME to a folder of yours.")
    return f"{str(home)!r} can be written"


def _disk(home: Path) -> str:
    free = shutil.disk_usage(_existing(home)).free
    if free < LEAST_FREE:
        raise StudyError(
            f"only {written(free)} are free where {str(home)!r} lies",
            "Free some space, or set ASSISTANT_HOME to a folder on another disk.",
        )
    return f"{written(free)} free"


def _existing(folder: Path) -> Path:
    return next(f for f in (folder, *folder.parents) if f.exists())


def _notes(assistant: Assistant) -> str:
    topics, problems = assistant.topics(), assistant.library.problems
    unread = f", {len(problems)} files with problems" if problems else ""
    return f"{len(topics)} topics, {sum(topic.stub for topic in topics)} of them only a title{unread}"


def _index(assistant: Assistant) -> str:
    """Search for a title of the notes: what was indexed must find itself."""
    topics, embedder = assistant.topics(), assistant.library.fingerprint.embedder
    if topics and not assistant.search(topics[0].title).hits:
        raise StudyError(
            f"the index does not find {topics[0].title!r}",
            f"Remove {str(assistant.settings.home / 'index')!r}; it is built anew from the notes.",
        )
    split = assistant.library.split
    cut = f"; {split} of them in pieces, longer than its window" if split else ""
    return f"{sum(len(topic.passages) for topic in topics)} passages, embedded by {embedder}{cut}"


def _embedder(assistant: Assistant) -> str:
    """Embed a word as a question: a server may be down, or a model gone, whose index is still there."""
    embedder = assistant.indexing.embedder
    embedder.embed_queries(["softmax"])
    return f"{embedder.name}, vectors of {embedder.dimension} numbers"


def _port() -> str:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", PORT))
        except OSError as error:
            raise StudyError(
                f"port {PORT} of `assistant serve` is taken: {error.strerror}",
                f"assistant serve --port {PORT + 1}",
            ) from error
    return f"{PORT} is free for `assistant serve`"


def _fonts() -> str:
    from assistant.demo_kit.plot_fonts import can_show

    if not can_show("学习率"):
        raise StudyError(
            "no font with Chinese characters: labels of plots are in English only",
            "brew install --cask font-noto-sans-cjk-sc"
            if sys.platform == "darwin"
            else "sudo apt install fonts-noto-cjk",
        )
    return "plots can be labelled in Chinese"
