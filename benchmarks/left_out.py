"""Notes with whole topics left out, in memory: what the gate is fitted to and measured on beside its own questions.

What is left behind counts as if it had been indexed alone: how rare a term is, the average length and the names
that notes give to things follow from what stays. Nothing is split, embedded or written again. It does not ask
questions (`benchmarks.coverage_samples`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.retrieval import OUR_EMBEDDER
from corpus.glossary import Glossary, load_glossary
from corpus.types import Topic
from index.embedders import open_embedder
from index.generations import Place, SourceFile
from index.library import Library
from index.types import Embedder
from index.updating import Update, update


@dataclass(frozen=True, slots=True)
class Notes:
    """Indexed notes of which any topics can be left out. `runs[i]` says where topic i stands, as a file of its own."""

    updated: Update
    embedder: Embedder
    glossary: Glossary
    runs: tuple[tuple[SourceFile, Place], ...]

    @property
    def topics(self) -> Sequence[Topic]:
        """Every topic, left out or not."""
        return self.updated.generation.topics

    def without(self, topics: Collection[int] = ()) -> Library:
        """Return the library of all topics but those with these indexes. One at least must stay."""
        return self.only(set(range(len(self.runs))).difference(topics))

    def only(self, topics: Collection[int]) -> Library:
        """Return the library of the topics with these indexes, one at least."""
        files, places = zip(*(self.runs[at] for at in sorted(topics)), strict=True)
        generation = replace(self.updated.generation, files=files, places=places)
        return Library(replace(self.updated, generation=generation), self.embedder, self.glossary)


def notes(paths: Sequence[Path], glossary: Glossary | None = None, embedder: str = OUR_EMBEDDER) -> Notes:
    """Index the notes at `paths` in a folder that is thrown away."""
    glossary = glossary or load_glossary()
    opened = open_embedder(embedder, glossary)
    with tempfile.TemporaryDirectory() as folder:
        updated = update(paths, Path(folder), embedder=opened, glossary=glossary, whole=True)
    runs = []
    for file, place in zip(updated.generation.files, updated.generation.places, strict=True):
        row = place.row
        ends = updated.generation.segments[place.segment].parts["topic_rows"] if file.topics else ()
        for topic_at in range(place.topic, place.topic + file.topics):
            end = int(ends[topic_at])
            runs.append(
                (replace(file, topics=1, passages=end - row), replace(place, topic=topic_at, row=row))
            )
            row = end
    return Notes(updated, opened, glossary, tuple(runs))
