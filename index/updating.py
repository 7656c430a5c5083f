"""Bring the index of some notes up to date: one process builds, the others wait, and none finds it half there.

What is made again is decided in `index.building`, how it is written in `index.storage`; searching is the
business of `index.library`.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from corpus import reading
from corpus.glossary import Glossary
from index import storage
from index.building import Recipe
from index.changes import Counts, by_heading, by_id, compared
from index.errors import IndexDamaged
from index.generations import Generation
from index.segments import InMemory
from index.types import Embedder, Progress


def no_progress(stage: str, done: int, total: int) -> None:
    """Ignore progress."""


@dataclass(frozen=True, slots=True)
class Update:
    """An index that is up to date, why what could not be read could not be, and what the update changed.

    A topic is the same topic under the same headings of the same file; a passage is the same or it is not, so
    that none is counted as changed.
    """

    generation: Generation
    problems: Mapping[str, str]
    files: Counts
    topics: Counts
    passages: Counts

    @property
    def split(self) -> int:
        """How many passages are longer than the embedder's window and were embedded in pieces."""
        return self.generation.split

    @property
    def changed(self) -> bool:
        """Whether any file was not as it had been."""
        return bool(self.files.new or self.files.changed or self.files.removed)


def update(
    notes: Sequence[Path],
    folder: Path,
    *,
    embedder: Embedder,
    glossary: Glossary,
    name: str = "",
    progress: Progress = no_progress,
    warn: Callable[[str], None] = lambda message: None,
    whole: bool = False,
) -> Update:
    """Build or update the index of `notes` under `folder` as needed; `whole` opens it all, to be searched.

    Every set of notes has an index of its own. Sets given the same `name` share one, which is changed from
    one to the other; what both have is not made again.

    An index whose fingerprint (splitter, terms, embedder) or files differ is brought up to date: unchanged
    files keep their topics and unchanged passages their vectors. A damaged index is rebuilt. Where `folder`
    cannot be written the index lives in memory only, and `warn` is told.

    Raises `NoTopics` when nothing in the notes can be studied, and what `corpus.reading` raises.
    """
    found = reading.find(notes)
    home = folder_for(notes, folder, name)
    recipe = Recipe(found, embedder, glossary, progress)
    seen = storage.current(home)
    stored = _load(home, warn, whole)
    if stored is not None and recipe.is_current(stored):
        _tidy(home)
        return _summary(found, stored, stored)
    try:
        home.mkdir(parents=True, exist_ok=True)
        from filelock import FileLock

        with FileLock(home / "lock"):
            if storage.current(home) != seen:  # another process built it while we waited
                stored = _load(home, _said, whole)
            if stored is not None and recipe.is_current(stored):
                return _summary(found, stored, stored)
            try:
                return _built(recipe, home, stored, whole)
            except IndexDamaged as error:
                warn(f"{error.message}; it is rebuilt from the notes")
                return _built(recipe, home, None, whole)
    except OSError as error:
        reason = error.strerror or str(error)
        warn(f"the index cannot be saved in {str(folder)!r} ({reason}), so it is rebuilt every time")
        return _summary(found, stored, recipe.build(stored, InMemory()))


def folder_for(notes: Sequence[Path], folder: Path, name: str = "") -> Path:
    """Return where under `folder` the index of `notes` is; see `update`."""
    return folder / (
        name or hashlib.blake2b(b"\0".join(sorted(map(os.fsencode, notes))), digest_size=8).hexdigest()
    )


def _built(recipe: Recipe, home: Path, stored: Generation | None, whole: bool) -> Update:
    with storage.Building(home) as building:
        generation = recipe.build(stored, building)
        summary = _summary(recipe.found, stored, generation)
        building.commit(generation)
    if whole:  # before another process may replace it
        generation.open()
    return summary


def _summary(found: reading.Found, before: Generation | None, after: Generation) -> Update:
    """Return `after` with what it changed."""
    was = {file.path: n for n, file in enumerate(before.files)} if before else {}
    now = {file.path: n for n, file in enumerate(after.files)}
    same = {
        path
        for path in was.keys() & now.keys()
        if before is after or (before and before.files[was[path]].digest == after.files[now[path]].digest)
    }
    old = [n for path, n in was.items() if path not in same]
    new = [n for path, n in now.items() if path not in same]
    both = was.keys() & now.keys()
    kept = [after.files[now[path]] for path in same]

    def counts(by: Callable[..., dict[object, object]], unchanged: int) -> Counts:
        # The topics are read once for each count: a million of them are not to be held together.
        gone = by(chain.from_iterable(before.topics_of(old))) if before else {}
        return compared(gone, by(chain.from_iterable(after.topics_of(new))), unchanged)

    return Update(
        after,
        {str(path): problem for path, problem in found.problems.items()} | dict(after.problems),
        Counts(len(now) - len(both), len(both) - len(same), len(same), len(was) - len(both)),
        counts(by_heading, sum(file.topics for file in kept)),
        counts(by_id, sum(file.passages for file in kept)),
    )


def _tidy(home: Path) -> None:
    """Remove what a killed program left, unless somebody is just writing."""
    with suppress(OSError):  # a lock held by another (a TimeoutError) is one too
        if storage.leftovers(home):
            from filelock import FileLock

            with FileLock(home / "lock", timeout=0):
                storage.tidy(home)


def _said(message: str) -> None:
    """Drop a warning that was already given."""


def _load(home: Path, warn: Callable[[str], None], whole: bool) -> Generation | None:
    try:
        return storage.load(home, whole=whole)
    except IndexDamaged:
        try:
            # A writer may have replaced the generation between our two reads; a second look settles it.
            return storage.load(home, whole=whole)
        except IndexDamaged as error:
            warn(f"{error.message}; it is rebuilt from the notes")
            return None
