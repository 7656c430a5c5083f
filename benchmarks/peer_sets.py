"""What the peers and we are asked: the user's notes and the notes benchmark, as texts, topics and questions.

Both kinds of text are ours to give: passages as our library cuts them, and whole documents for a peer that
cuts by itself. Every text carries where its topics stand, so that a place found in it leads back to topics.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

from benchmarks.peer_systems.types import Place, Unit
from benchmarks.questions import SEED, SHARED, dev
from corpus.reading import read_notes
from corpus.types import Topic
from index.library import Library

NOTES_BENCH = SHARED / "eval" / "notes_bench"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Characters `start` up to `end` of a text, which belong to one topic."""

    start: int
    end: int
    topic: int


@dataclass(frozen=True, slots=True)
class Text:
    """What a peer is given, and the topics that stand in it."""

    text: str
    topics: tuple[Stretch, ...]

    def topics_in(self, start: int, end: int) -> frozenset[int]:
        """Return the topics of which a character stands between `start` and `end`."""
        return frozenset(s.topic for s in self.topics if s.start < end and start < s.end)


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the topics that answer it and the sets it counts in."""

    text: str
    topics: frozenset[int]
    sets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Notes to search, cut both ways, and the questions about them that they cover."""

    name: str
    texts: Mapping[Unit, Sequence[Text]]
    questions: Sequence[Question]

    def request(self) -> dict[str, Any]:
        """Return what a peer's process is sent."""
        texts = {unit.value: [text.text for text in of_unit] for unit, of_unit in self.texts.items()}
        return {"name": self.name, **texts, "questions": [question.text for question in self.questions]}

    def topics(self, unit: Unit, places: Sequence[Sequence[int]]) -> list[frozenset[int]]:
        """Return the topics of each of the `places` that a peer found, in their order."""
        return [self.texts[unit][p.text].topics_in(p.start, p.end) for p in (Place(*p) for p in places)]


def seed(library: Library) -> Corpus:
    """Return the user's notes as `library` holds them, and the covered dev questions."""
    questions = [Question(q.question, q.topics, ("seed dev",)) for q in dev(library.topics) if q.topics]
    documents = [
        Text(note.text, tuple(_stretches(note.text, note.path, library.topics)))
        for note in read_notes([SEED]).notes
    ]
    return Corpus("seed", {Unit.PASSAGES: _passages(library), Unit.DOCUMENTS: documents}, questions)


def notes_bench(library: Library) -> Corpus:
    """Return the notes benchmark as `library` holds it (see `write_sections`), and its dev questions.

    Its sections are all there is of the files they are from, so each is a document.
    """
    number = {topic.path.stem: at for at, topic in enumerate(library.topics)}
    documents = [
        Text(text, (Stretch(0, len(text), number[section["id"]]),))
        for section in sections()
        for text in [f"{title(section)}\n{section['text']}"]
    ]
    texts = {Unit.PASSAGES: _passages(library), Unit.DOCUMENTS: documents}
    return Corpus("notes_bench", texts, list(_notes_bench_questions(number)))


def sections() -> Iterator[dict[str, Any]]:
    """Yield the sections of the notes benchmark: `id`, `text`, `title_path` and where they are from."""
    with gzip.open(NOTES_BENCH / "corpus.jsonl.gz", "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def title(section: Mapping[str, Any]) -> str:
    """Return what a section is called: the headings above it, since its own is the question; else its id."""
    return " ".join((" / ".join(section["title_path"]) or str(section["id"])).split())


def write_sections(folder: Path) -> None:
    """Write every section as a note with a title, named by its id: one section is one topic."""
    for section in sections():
        head = f"---\ntitle: {json.dumps(title(section), ensure_ascii=False)}\n---\n"
        (folder / f"{section['id']}.md").write_text(head + section["text"] + "\n", "utf-8")


def _notes_bench_questions(number: Mapping[str, int]) -> Iterator[Question]:
    for name in ("zh", "en", "hard", "xling"):
        for line in (NOTES_BENCH / f"{name}_dev.jsonl").read_text("utf-8").splitlines():
            row = json.loads(line)
            sets = (name, f"{name} unseen") if row["unseen"] else (name,)
            yield Question(row["query"], frozenset(number[gold] for gold in row["gold"]), sets)


def _passages(library: Library) -> list[Text]:
    """Return every passage under its headings, as the whole of its topic's text."""
    return [
        Text(text, (Stretch(0, len(text), number),))
        for number, topic in enumerate(library.topics)
        for passage in topic.passages
        for text in [" > ".join(passage.heading_path) + "\n" + passage.text]
    ]


def _stretches(text: str, path: Path, topics: Sequence[Topic]) -> Iterator[Stretch]:
    """Yield where the topics of the file at `path` stand in its `text`, by their lines."""
    starts = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
    for number, topic in enumerate(topics):
        if topic.path == path:
            assert topic.location.lines is not None, topic.location
            first, last = topic.location.lines
            yield Stretch(starts[first - 1], starts[last] - 1, number)
