"""What is studied at each place of notes, as an update of the index saw it: its files, topics and problems."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from index.generations import SourceFile
    from index.updating import Update


def place(update: Update, root: Path, origin: str) -> dict[str, Any]:
    """Return the shape of `notes list --json` for the file or folder `root`, which `origin` puts among the notes."""
    files = list(files_below(update, root))
    return {
        "path": str(root),
        "origin": origin,
        "there": root.exists(),
        "files": len(files),
        "topics": sum(file.topics for file in files),
        "passages": sum(file.passages for file in files),
        "problems": [
            {"path": path, "message": problem}
            for path, (problem, _) in problems_below(update, [str(root)]).items()
        ],
    }


def files_below(update: Update, root: Path) -> Iterator[SourceFile]:
    """Yield the files of `root` that are studied."""
    return (file for file in update.generation.files if _is_below(file.path, str(root)))


def problems_below(update: Update, roots: Iterable[str]) -> Mapping[str, tuple[str, int]]:
    """Return the problems below `roots` by path, each with the number of topics its file has all the same."""
    topics = {file.path: file.topics for file in update.generation.files}
    bases = list(roots)
    return {
        path: (
            problem if path in problem or repr(path)[1:-1] in problem else f"{path!r}: {problem}",
            topics.get(path, 0),
        )
        for path, problem in update.problems.items()
        if any(_is_below(path, base) for base in bases)
    }


def _is_below(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip("/\\") + "/")
