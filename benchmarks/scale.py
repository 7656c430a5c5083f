"""How the index grows: 1 k to 1 M passages, each size built, measured and plotted. `python -m benchmarks.scale`.

A passage is a heading and nine sentences drawn at random from the sections of the training text, so no two are
near-copies; two hundred passages make a file. Counting and embedding a million of them as notes are would take
half an hour, so terms and hashed features are summed from those of the sentences: the postings are written by the
index's own code, and the vectors are those of the embedder to rounding (checked on a sample). Build time is
therefore of writing the index; what reading and embedding add per passage is measured beside it.

Every size is measured in a process of its own, on one core: open, the memory it takes, p50 and p99 of questions
never asked before (headings of the training sections), recall@10 of the fused search and of its dense half
against scoring every passage, and adding 1,000 passages to it.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.atomic import write_bytes
from corpus.glossary import Glossary, load_glossary
from corpus.types import Location, LocationKind, Passage, Topic
from index import postings, storage, terms
from index.building import Recipe
from index.changes import Counts
from index.embedders.hashed import HashedEmbedder
from index.embedders.hashed import _dampened as dampened
from index.embedders.hashed import _slots as slots
from index.generations import Generation, Place, SourceFile
from index.joining import joined
from index.library import CANDIDATES, Library
from index.segments import keys_of, postings_parts, text_parts, vector_parts
from index.updating import Update

SIZES = (1_000, 10_000, 100_000, 1_000_000)
SEED, SENTENCES, PASSAGES_PER_TOPIC, PASSAGES_PER_FILE, PER_SEGMENT = 20261123, 9, 4, 200, 20_000
QUESTIONS, COMPARED, WARM = 200, 50, 20
SECTIONS = Path(__file__).parents[2] / "shared" / "training" / "sections.jsonl.gz"
RESULTS = Path(__file__).parent / "results"
_SENTENCE = re.compile(r"(?<=[。!?！？])|(?<=[.!?])\s+|\n+")

Counted = list[tuple[int, float]]


class Sentences:
    """The sentences and headings of the training sections, each with its terms counted once."""

    def __init__(self, sections: Path, glossary: Glossary) -> None:
        with gzip.open(sections, "rt", encoding="utf-8") as lines:
            read = [json.loads(line) for line in lines]
        texts = (part.strip() for section in read for part in _SENTENCE.split(section["body"]))
        self.texts = list(dict.fromkeys(text for text in texts if 12 <= len(text) <= 300))
        headings = (section["heading_path"][-1].strip() for section in read if section["heading_path"])
        self.headings = list(dict.fromkeys(text for text in headings if 4 <= len(text) <= 60))
        random.Random(SEED).shuffle(self.headings)
        self.questions = [self.headings.pop() for _ in range(QUESTIONS + WARM)]
        self.vocabulary: dict[str, int] = {}
        self.terms = [self._counted(text, glossary) for text in self.texts]
        self.heading_terms = [self._counted(text, glossary) for text in self.headings]

    def _counted(self, text: str, glossary: Glossary) -> Counted:
        found = terms.terms(text, glossary)
        number = self.vocabulary.setdefault
        return [(number(term, len(self.vocabulary)), count) for term, count in found.items()]

    def features(self) -> Any:
        """Return what each term adds to a vector, a sparse matrix of shape (terms, dimension)."""
        from scipy.sparse import csr_matrix  # type: ignore[import-untyped]

        found = [
            (row, at, share * terms.weight(term))
            for term, row in self.vocabulary.items()
            for at, share in slots(term)
        ]
        rows, columns, values = zip(*found, strict=True)
        return csr_matrix(
            (np.array(values, np.float32), (rows, columns)),
            (len(self.vocabulary), HashedEmbedder.dimension),
        )


class Text:
    """Passages made from sentences: the topics, and per passage what its text and its heading count."""

    def __init__(self, sentences: Sentences) -> None:
        self._sentences = sentences
        self._chance = random.Random(SEED + 1)
        self._files = 0

    def take(self, count: int) -> tuple[list[Topic], list[tuple[list[int], int]]]:
        """Return the next `count` passages in topics, and of each its sentences and its heading by number."""
        topics: list[Topic] = []
        drawn: list[tuple[list[int], int]] = []
        for first in range(0, count, PASSAGES_PER_TOPIC):
            if first % PASSAGES_PER_FILE == 0:
                self._files += 1
            path = Path(f"/notes/{self._files:06}.md")
            heading = self._chance.randrange(len(self._sentences.headings))
            title = self._sentences.headings[heading]
            own = []
            for _ in range(min(PASSAGES_PER_TOPIC, count - first)):
                numbers = [self._chance.randrange(len(self._sentences.texts)) for _ in range(SENTENCES)]
                text = "\n".join(self._sentences.texts[number] for number in numbers)
                location = Location(LocationKind.LINES, len(drawn) + 1, len(drawn) + SENTENCES)
                own.append(Passage(f"{len(drawn):x}-{self._files:x}", title, (title,), path, location, text))
                drawn.append((numbers, heading))
            topics.append(Topic(title, (title,), path, own[0].location, tuple(own)))
        return topics, drawn


class Builder:
    """Writes passages into an index through the index's own building code."""

    def __init__(self, sentences: Sentences, glossary: Glossary, embedder: HashedEmbedder) -> None:
        self._sentences = sentences
        self._glossary = glossary
        self._embedder = embedder
        self._features = sentences.features()
        self._names = list(sentences.vocabulary)
        self.text = Text(sentences)
        self._segments = 0

    def segment(self, count: int, shelf: Any) -> tuple[Any, list[SourceFile], list[Place]]:
        """Put a segment of the next `count` passages on `shelf`; return it with its files and their places."""
        topics, drawn = self.text.take(count)
        self._segments += 1
        name = f"segment{self._segments:04}"

        def parts() -> Iterator[Any]:
            yield text_parts(topics)
            yield {"keys": keys_of(passage.passage_id for topic in topics for passage in topic.passages)}
            yield postings_parts(postings.count(self._documents(drawn)))
            yield vector_parts(self.vectors(drawn))

        made = shelf.put(name, count, parts())
        files, places, begun = [], [], 0
        for first in range(0, count, PASSAGES_PER_FILE):
            own = min(PASSAGES_PER_FILE, count - first)
            number = -(-own // PASSAGES_PER_TOPIC)
            files.append(SourceFile(str(topics[begun].path), -1, 0, 0, "", number, own))
            places.append(Place(name, begun, first))
            begun += number
        return made, files, places

    def _documents(self, drawn: Sequence[tuple[list[int], int]]) -> Iterator[dict[str, float]]:
        for numbers, heading in drawn:
            found: dict[str, float] = {}
            for counted, times in self._fields(numbers, heading, 4.0):
                for term, count in counted:
                    name = self._names[term]
                    found[name] = found.get(name, 0.0) + times * count
            yield found

    def _fields(self, numbers: list[int], heading: int, times: float) -> Iterator[tuple[Counted, float]]:
        yield from ((self._sentences.terms[number], 1.0) for number in numbers)
        yield self._sentences.heading_terms[heading], times

    def vectors(self, drawn: Sequence[tuple[list[int], int]]) -> NDArray[np.float32]:
        """Return the hashed vectors of passages: dampened counts times what each term adds."""
        from scipy.sparse import csr_matrix

        starts: list[int] = [0]
        columns: list[int] = []
        values: list[float] = []
        for numbers, heading in drawn:
            found: dict[int, float] = {}
            for counted, times in self._fields(numbers, heading, 1.0):
                for term, count in counted:
                    intent = self._names[term].startswith(terms.INTENT)  # asked or not, never how often
                    found[term] = 1.0 if intent else found.get(term, 0.0) + times * count
            columns.extend(found)
            values.extend(map(dampened, found.values()))
            starts.append(len(columns))
        counts = csr_matrix((np.array(values, np.float32), columns, starts), (len(drawn), len(self._names)))
        rows = np.asarray((counts @ self._features).todense(), np.float32)
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.asarray(rows / np.where(norms > 0, norms, 1.0), np.float32)

    def deviation(self, count: int = 200) -> float:
        """Return how far the vectors of some passages are from those of the embedder at most, as a cosine."""
        topics, drawn = Text(self._sentences).take(count)
        texts = [f"{p.topic}\n{p.text}" for topic in topics for p in topic.passages]
        embedded = self._embedder.embed_passages(texts)
        return float(1 - np.min(np.sum(embedded * self.vectors(drawn), axis=1)))


def add(builder: Builder, folder: Path, before: Generation | None, count: int, recipe: Recipe) -> Generation:
    """Add `count` passages to the index in `folder`, as an update would, and return it."""
    with storage.Building(folder) as shelf:
        generation = before or Generation(recipe.fingerprint, 0, (), (), {}, {})
        for first in range(0, count, PER_SEGMENT):
            segment, files, places = builder.segment(min(PER_SEGMENT, count - first), shelf)
            generation = replace(
                generation,
                files=(*generation.files, *files),
                places=(*generation.places, *places),
                segments={**generation.segments, segment.name: segment},
            )
        generation = joined(generation, shelf)
        shelf.commit(generation)
    return generation


def search(folder: Path, questions: Sequence[str], glossary: Glossary, compared: int) -> dict[str, Any]:
    """Return what opening and asking costs, and the recall of the first `compared` questions.

    Run in a process of its own that is bound to one core.
    """
    embedder = HashedEmbedder(glossary)
    base = memory()
    begun = time.perf_counter()
    generation = storage.load(folder)
    assert generation is not None
    nothing = Counts()
    library = Library(Update(generation, {}, nothing, nothing, nothing), embedder, glossary)
    opened = time.perf_counter() - begun
    for question in questions[:WARM]:
        library.search(question, 10)
    asked = questions[WARM:]
    wall, cpu = [], []
    for question in asked:
        begun, busy = time.perf_counter(), time.process_time()
        library.search(question, 10)
        wall.append(1e3 * (time.perf_counter() - begun))
        cpu.append(1e3 * (time.process_time() - busy))
    took = memory()
    figures = {
        "open_ms": round(1e3 * opened, 1),
        "p50_ms": round(float(np.percentile(wall, 50)), 2),
        "p99_ms": round(float(np.percentile(wall, 99)), 2),
        "p50_cpu_ms": round(float(np.percentile(cpu, 50)), 2),
        "p99_cpu_ms": round(float(np.percentile(cpu, 99)), 2),
        "resident_mb": took["VmRSS"],
        "resident_own_mb": took["RssAnon"],
        "resident_shared_mb": took["RssFile"],
        "before_opening_mb": base["VmRSS"],
        "segments": len(generation.segments),
    }
    return figures | (recall(library, generation, embedder, asked[:compared]) if compared else {})


def recall(
    library: Library, generation: Generation, embedder: HashedEmbedder, asked: Sequence[str]
) -> dict[str, float]:
    """Return recall@10 of the fused search, and of the passages that the vector index proposes, against all."""
    import index.library as searching

    fused, matched, dense = [], [], []
    for question in asked:
        found = {(hit.topic.path, hit.topic.location) for hit in library.search(question, 10).hits}
        kept, searching.SCORED_WHOLE = searching.SCORED_WHOLE, generation.size
        exact = {(hit.topic.path, hit.topic.location) for hit in library.search(question, 10).hits}
        searching.SCORED_WHOLE = kept
        if exact:
            fused.append(len(found & exact) / len(exact))
            if any(generation.lexical.idf_of(term) is not None for term in library.terms_of(question)):
                matched.append(fused[-1])
        [vector] = embedder.embed_queries([question])
        scores = generation.dense.scores(vector)
        best = np.argpartition(-scores, 10)[:10]
        dense.append(len(np.intersect1d(best, generation.dense.best(vector, CANDIDATES))) / 10)
    return {
        "recall_at_10": round(float(np.mean(fused)), 4),
        "recall_at_10_where_a_term_matches": round(float(np.mean(matched)), 4),
        "dense_recall_at_10": round(float(np.mean(dense)), 4),
    }


def memory() -> dict[str, float]:
    """Return the resident megabytes of this process: all, its own, and those of files that others share."""
    lines = Path("/proc/self/status").read_text().splitlines()
    wanted = ("VmRSS", "RssAnon", "RssFile")
    return {
        line.split(":")[0]: round(int(line.split()[1]) / 1024, 1) for line in lines if line.startswith(wanted)
    }


def ordinary(
    sentences: Sentences, glossary: Glossary, embedder: HashedEmbedder, count: int = 500
) -> dict[str, float]:
    """Return the milliseconds of one passage that the shortcut of this benchmark leaves out."""
    topics, _ = Text(sentences).take(count)
    texts = [f"{p.topic}\n{p.text}" for topic in topics for p in topic.passages]
    begun = time.process_time()
    for text in texts:
        terms.terms(text, glossary)
    counted = time.process_time()
    embedder.embed_passages(texts)
    return {
        "terms_ms": round(1e3 * (counted - begun) / count, 3),
        "embedding_ms": round(1e3 * (time.process_time() - counted) / count, 3),
    }


def measure(sections: Path, sizes: Sequence[int], work: Path) -> dict[str, Any]:
    """Print and return the figures of every size."""
    import corpus.reading as reading

    glossary = load_glossary()
    embedder = HashedEmbedder(glossary)
    sentences = Sentences(sections, glossary)
    recipe = Recipe(reading.Found((), {}), embedder, glossary, lambda *_: None)
    (work / "questions.json").write_text(json.dumps(sentences.questions), "utf-8")
    figures: dict[str, Any] = {
        "sentences": len(sentences.texts),
        "per_passage_ordinarily": ordinary(sentences, glossary, embedder),
    }
    for size in sizes:
        builder = Builder(sentences, glossary, embedder)
        figures["vector_deviation"] = builder.deviation()
        folder = work / str(size)
        begun, busy = time.perf_counter(), time.process_time()
        generation = add(builder, folder, None, size, recipe)
        row: dict[str, Any] = {
            "build_s": round(time.perf_counter() - begun, 1),
            "build_cpu_s": round(time.process_time() - busy, 1),
            "build_peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
            "disk_mb": round(sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) / 1e6, 1),
            "postings": sum(len(s.postings.rows) for s in generation.segments.values()),
        }
        row |= searched(folder, work, COMPARED)
        begun = time.perf_counter()
        add(builder, folder, storage.load(folder, whole=False), 1_000, recipe)
        row["add_1000_s"] = round(time.perf_counter() - begun, 2)
        row["after_adding"] = searched(folder, work, 0)
        figures[str(size)] = row
        print(size, json.dumps(row), flush=True)
        file(figures)
        shutil.rmtree(folder)
    return figures


def searched(folder: Path, work: Path, compared: int) -> dict[str, Any]:
    """Return the figures of `search` from a process of its own on one core."""
    environment = {**os.environ, **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")}
    command = [sys.executable, "-m", "benchmarks.scale", "--search", str(folder), "--work", str(work)]
    command += ["--compared", str(compared)]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def file(figures: dict[str, Any]) -> None:
    """File the figures, keeping those of sizes that were not measured this time, and draw them."""
    target = RESULTS / "scale.json"
    kept = json.loads(target.read_bytes()) if target.exists() else {}
    together = kept | figures
    write_bytes(target, json.dumps(together, indent=1).encode() + b"\n")
    plot(together, RESULTS / "scale.svg")


def plot(figures: dict[str, Any], target: Path) -> None:
    """Draw each figure over the number of passages, on logarithmic axes, with what was asked for."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    sizes = [size for size in SIZES if str(size) in figures]
    panels: dict[str, tuple[list[str], dict[int, float]]] = {
        "writing the index, s": (["build_s", "add_1000_s"], {}),
        "on disk, MB": (["disk_mb"], {}),
        "resident, MB": (["resident_mb", "resident_own_mb"], {1_000_000: 2_000}),
        "a question, ms": (["p50_ms", "p99_ms", "p50_cpu_ms"], {10_000: 3, 1_000_000: 20}),
        "opening, ms": (["open_ms"], {}),
        "recall@10": (["recall_at_10", "dense_recall_at_10"], {1_000_000: 0.95}),
    }
    figure, axes = plt.subplots(2, 3, figsize=(12, 6.5), layout="constrained")
    for axis, (title, (names, limits)) in zip(axes.flat, panels.items(), strict=True):
        for name in names:
            axis.plot(sizes, [figures[str(size)][name] for size in sizes], "o-", label=name)
        for size, limit in limits.items():
            axis.plot([size], [limit], "_", color="red", markersize=18)
        axis.set(
            title=title, xscale="log", xlabel="passages", yscale="linear" if "recall" in title else "log"
        )
        axis.legend(fontsize=7)
        axis.grid(alpha=0.3)
    figure.savefig(target)
    plt.close(figure)


def main() -> None:
    """Measure, print, file and plot; or, with `--search`, print what searching one index costs."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sections", type=Path, default=SECTIONS)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument(
        "--work", type=Path, help="where the indexes are built; a temporary folder by default"
    )
    parser.add_argument("--search", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--compared", type=int, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.search:
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        questions = json.loads((chosen.work / "questions.json").read_text("utf-8"))
        print(json.dumps(search(chosen.search, questions, load_glossary(), chosen.compared)))
        return
    with tempfile.TemporaryDirectory(dir=chosen.work) as work:
        measure(chosen.sections, chosen.sizes, Path(work))


if __name__ == "__main__":
    main()
