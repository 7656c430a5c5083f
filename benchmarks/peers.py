"""We and the peers on the same notes and questions, in the same run: `python -m benchmarks peers`.

The peers run in processes of an environment of their own (`make peers`), one after the other, and return places
in the texts they were given; everything is judged here, by one rule. Their embedding model is all-MiniLM-L6-v2,
the default of most. Recall@k counts questions with a right topic among the first k different ones. Seconds are the
processor's, given as multiples of ours: an index of ours is read, split and embedded from files, a peer's from
texts in memory.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from assistant.settings import SETTINGS
from benchmarks.peer_sets import NOTES_BENCH, Corpus, notes_bench, seed, write_sections
from benchmarks.peer_systems.types import Unit
from benchmarks.questions import DEV, ROOT, SEED
from benchmarks.ranking import DEPTH, MEASURES, Share, first_rank
from corpus.errors import StudyError
from corpus.glossary import load_glossary
from index.embedders import open_embedder
from index.library import open_library

ENVIRONMENT = ROOT / ".venv-peers"
PEERS = ("bm25_whitespace", "bm25_bigrams", "minilm_dense", "txtai_hybrid", "chroma", "llama_index")
SETS = ("seed dev", "zh", "zh unseen", "en", "en unseen", "hard", "hard unseen", "xling", "xling unseen")
OURS = "ours"
OUR_EMBEDDER = next(setting.default for setting in SETTINGS if setting.name == "embedder")
PICTURE = ROOT / "benchmarks" / "results" / "peers.png"

# Several passages may belong to one topic: enough are asked for that ten topics are among them.
_FETCH = 10 * DEPTH
_QUIET = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "ANONYMIZED_TELEMETRY": "False",
    "OMP_NUM_THREADS": "1",
}


@dataclass(frozen=True, slots=True)
class Run:
    """What one system found on one corpus: a rank per question, and the processor seconds it took."""

    ranks: Sequence[int | None]
    index_seconds: float
    query_seconds: float


def measure() -> dict[str, Any]:
    """Print, draw and return the table of peers."""
    if not (SEED.is_dir() and DEV.is_file() and NOTES_BENCH.is_dir()):
        print("skipped: the notes and questions are not beside the project (../shared)")
        return {"skipped": "no ../shared"}
    try:
        python = environment()
    except StudyError as error:
        print(f"skipped: {error.message}. {error.hint}")
        return {"skipped": error.message}
    corpora, runs = ours()
    versions: dict[str, str] = {}
    for peer in PEERS:
        reply = ask(python, peer, corpora)
        versions |= reply["versions"]
        runs[reply["name"]] = judged(reply, corpora)
        print(f"  {reply['name']} is done", flush=True)
    figures = summary(corpora, runs) | {
        "our_embedder": OUR_EMBEDDER,
        "versions": dict(sorted(versions.items())),
    }
    print("\n" + markdown(figures))
    from benchmarks.peers_picture import draw

    draw(figures, PICTURE)
    return figures


def environment() -> Path:
    """Return the Python of the peers' environment. Raises `StudyError` where there is none, or half of one."""
    python = ENVIRONMENT / "bin" / "python"
    if not (ENVIRONMENT / ".installed").is_file() or not python.is_file():
        raise StudyError(
            f"the peers' environment {str(ENVIRONMENT)!r} is not made",
            "Make it with `make peers` (about 2 GB; it needs a package index).",
        )
    return python


def ours() -> tuple[list[Corpus], dict[str, dict[str, Run]]]:
    """Return both corpora and our own runs on them, all settings at their defaults."""
    corpora, runs = [], {}
    for name, build in (("seed", seed), ("notes_bench", notes_bench)):
        with tempfile.TemporaryDirectory() as temporary:
            notes = SEED if name == "seed" else Path(temporary) / "notes"
            if name == "notes_bench":
                notes.mkdir()
                write_sections(notes)
            began = time.process_time()
            glossary = load_glossary()
            library = open_library(
                [notes],
                Path(temporary) / "index",
                embedder=open_embedder(OUR_EMBEDDER, glossary),
                glossary=glossary,
            )
            index_seconds = time.process_time() - began
            corpus = build(library)
            began = time.process_time()
            found = [library.search(question.text, DEPTH).hits for question in corpus.questions]
            query_seconds = (time.process_time() - began) / len(found)
        number = {(topic.path, topic.location): at for at, topic in enumerate(library.topics)}
        ranks = [
            first_rank(({number[hit.topic.path, hit.topic.location]} for hit in hits), question.topics)
            for hits, question in zip(found, corpus.questions, strict=True)
        ]
        corpora.append(corpus)
        runs[name] = Run(ranks, index_seconds, query_seconds)
        print(f"  ours on {name} is done", flush=True)
    return corpora, {OURS: runs}


def ask(python: Path, peer: str, corpora: Sequence[Corpus]) -> dict[str, Any]:
    """Return the reply of one peer, run in a process of its own. Raises `SystemExit` with what it said if it fails."""
    with tempfile.TemporaryDirectory() as folder:
        request, reply = Path(folder) / "request.json", Path(folder) / "reply.json"
        content = {"fetch": _FETCH, "corpora": [corpus.request() for corpus in corpora]}
        request.write_text(json.dumps(content), "utf-8")
        command = [str(python), "-m", "benchmarks.peer_systems", peer, str(request), str(reply)]
        done = subprocess.run(
            command, cwd=ROOT, env={**os.environ, **_QUIET}, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"the peer {peer!r} ended with {done.returncode}:\n{done.stderr[-4000:]}")
        answered: dict[str, Any] = json.loads(reply.read_text("utf-8"))
        return answered


def judged(reply: Mapping[str, Any], corpora: Sequence[Corpus]) -> dict[str, Run]:
    """Return the runs of a peer from the places it found."""
    runs = {}
    for corpus in corpora:
        of_corpus = reply["corpora"][corpus.name]
        ranks = [
            first_rank(corpus.topics(Unit(reply["unit"]), places), question.topics)
            for places, question in zip(of_corpus["found"], corpus.questions, strict=True)
        ]
        runs[corpus.name] = Run(ranks, of_corpus["index_seconds"], of_corpus["query_seconds"])
    return runs


def summary(corpora: Sequence[Corpus], runs: Mapping[str, Mapping[str, Run]]) -> dict[str, Any]:
    """Return every figure of every system: by set, with intervals, and what it costs in multiples of ours."""
    sets: dict[str, Any] = {}
    costs: dict[str, Any] = {}
    for corpus in corpora:
        for name in (n for n in SETS if any(n in question.sets for question in corpus.questions)):
            counted = [at for at, question in enumerate(corpus.questions) if name in question.sets]
            systems = {
                system: {
                    label: _rounded(of([own[corpus.name].ranks[at] for at in counted]))
                    for label, of in MEASURES.items()
                }
                for system, own in runs.items()
            }
            sets[name] = {"n": len(counted), "systems": systems}
        base = runs[OURS][corpus.name]
        costs[corpus.name] = {
            "our_index_seconds": round(base.index_seconds, 3),
            "our_query_seconds": round(base.query_seconds, 5),
            "systems": {
                system: {
                    "index": round(own[corpus.name].index_seconds / base.index_seconds, 3),
                    "query": round(own[corpus.name].query_seconds / base.query_seconds, 3),
                }
                for system, own in runs.items()
            },
        }
    return {"sets": sets, "costs": costs, "ahead_of_us": ahead(sets)}


def ahead(sets: Mapping[str, Any]) -> list[str]:
    """Return where a peer's figure is above ours, in words; an empty list is what we want."""
    found = []
    for name, of_set in sets.items():
        own = of_set["systems"][OURS]
        for system, row in of_set["systems"].items():
            found += [
                f"{system} on {name}: {label} {row[label]['value']:.3f} against our {own[label]['value']:.3f}"
                for label in MEASURES
                if row[label]["value"] > own[label]["value"]
            ]
    return found


def markdown(figures: Mapping[str, Any]) -> str:
    """Return the tables: one per measure over all sets, the best of each column bold, and one of costs."""
    sets = figures["sets"]
    systems = list(next(iter(sets.values()))["systems"])
    pieces = []
    for label in MEASURES:
        columns = {
            f"{name} ({of_set['n']})": {system: of_set["systems"][system][label] for system in systems}
            for name, of_set in sets.items()
        }
        pieces.append(_table(label, systems, {name: _intervals(column) for name, column in columns.items()}))
    costs = {
        f"{corpus}: {what}": {system: f"{row[what]:.3g}" for system, row in of_corpus["systems"].items()}
        for corpus, of_corpus in figures["costs"].items()
        for what in ("index", "query")
    }
    pieces.append(_table("processor time, ours = 1", systems, costs))
    behind = figures["ahead_of_us"] or ["nowhere"]
    pieces.append("Where a peer is ahead of us:\n" + "\n".join(f"- {line}" for line in behind))
    return "\n\n".join(pieces)


def _table(label: str, systems: Sequence[str], columns: Mapping[str, Mapping[str, str]]) -> str:
    head = f"| {label} | " + " | ".join(columns) + " |"
    rule = "| --- |" + " --- |" * len(columns)
    rows = (
        f"| {system} | " + " | ".join(column[system] for column in columns.values()) + " |"
        for system in systems
    )
    return "\n".join((head, rule, *rows))


def _intervals(column: Mapping[str, Mapping[str, float]]) -> dict[str, str]:
    """Return a column's cells as text, the highest bold."""
    best = max(cell["value"] for cell in column.values())
    return {
        system: f"{'**' * (cell['value'] == best)}{cell['value']:.3f}{'**' * (cell['value'] == best)}"
        f" [{cell['low']:.2f}, {cell['high']:.2f}]"
        for system, cell in column.items()
    }


def _rounded(share: Share) -> dict[str, float]:
    return {key: round(value, 6) for key, value in asdict(share).items()}
