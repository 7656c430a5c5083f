"""How the index grows: 1 k to 1 M passages, each size built, measured and plotted. `python -m benchmarks.scale`.

A passage is a heading and nine sentences drawn at random from the sections of the training text, so no two are
near-copies; two hundred passages make a file. Counting and embedding a million of them as notes are would take
half an hour, so terms and piece vectors are summed from those of the sentences: the postings are written by the
index's own code, and the vectors are nearly those of the bundled embedder (checked on a sample). Build time is
therefore of writing the index; what reading and embedding add per passage is measured beside it.

Every size is measured in a process of its own, on one core: open, the memory it takes, p50 and p99 of questions
never asked before (headings of the training sections), recall@10 of the fused search and of its dense half
against scoring every passage, and adding 1,000 passages to it.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.scale_passages import Builder, Sentences, ordinary
from corpus.atomic import write_bytes
from corpus.glossary import Glossary, load_glossary
from index import storage
from index.building import Recipe
from index.changes import Counts
from index.embedders.bundled import BundledEmbedder
from index.generations import Generation
from index.joining import joined
from index.library import CANDIDATES, Library
from index.updating import Update

SIZES = (1_000, 10_000, 100_000, 1_000_000)
QUESTIONS, COMPARED, WARM, PER_SEGMENT = 200, 50, 20, 20_000
SECTIONS = Path(__file__).parents[2] / "shared" / "training" / "sections.jsonl.gz"
RESULTS = Path(__file__).parent / "results"


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
    embedder = BundledEmbedder()
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
    library: Library, generation: Generation, embedder: BundledEmbedder, asked: Sequence[str]
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


def measure(sections: Path, sizes: Sequence[int], work: Path) -> dict[str, Any]:
    """Print and return the figures of every size."""
    import corpus.reading as reading

    glossary = load_glossary()
    embedder = BundledEmbedder()
    sentences = Sentences(sections, glossary, QUESTIONS + WARM)
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
