"""Reads the training text: parallel blocks and sections with heading paths, cleaned and without repetitions.

The text is not part of the project. A folder of it holds `parallel.jsonl.gz` (`en`, `zh`, `source`),
`sections.jsonl.gz` (`heading_path`, `body`, `source`) and `SOURCES.tsv`, which names the repository, commit and
licence of every line.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.errors import StudyError
from index.languages import HAN, is_chinese

_HAN = re.compile(f"[{HAN}]")
_MARKUP = re.compile(r"<[^>]{1,200}>|!\[[^\]]*\]\([^)]*\)|(?<=\])\([^)]*\)|https?://\S+")
_NUMBERING = re.compile(r"^[\d.、\s一二三四五六七八九十（）()]+(?=\D)")
# Pages of dataset catalogues differ in a name and a number: thousands of them teach nothing.
_CATALOGUE = "load this dataset in TFDS"
_SHORTEST_BODY = 30


class TrainingDataMissing(StudyError):
    """The folder does not hold the training text."""


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph or heading in both languages."""

    english: str
    chinese: str
    source: str


@dataclass(frozen=True, slots=True)
class Section:
    """The text under one heading, with the headings above it, outermost first."""

    headings: tuple[str, ...]
    body: str
    source: str

    @property
    def chinese(self) -> bool:
        """Whether the body is in Chinese."""
        return is_chinese(self.body)


@dataclass(frozen=True, slots=True)
class Source:
    """Where text comes from: repository, commit, licence and how much of it there is."""

    repository: str
    commit: str
    licence: str
    blocks: int
    sections: int


@dataclass(frozen=True, slots=True)
class TrainingText:
    """Everything that is trained on, in the order of the files, and where it comes from."""

    blocks: tuple[Block, ...]
    sections: tuple[Section, ...]
    sources: tuple[Source, ...]

    def texts(self) -> Iterator[str]:
        """Yield every text once."""
        for block in self.blocks:
            yield block.english
            yield block.chinese
        for section in self.sections:
            yield from (*section.headings, section.body)


def read(folder: Path) -> TrainingText:
    """Return the training text under `folder`. Raises `TrainingDataMissing`."""
    needed = [folder / name for name in ("parallel.jsonl.gz", "sections.jsonl.gz", "SOURCES.tsv")]
    for file in needed:
        if not file.is_file():
            raise TrainingDataMissing(
                f"the training text {str(file)!r} does not exist",
                "Name the folder that holds it: python -m index.training --data FOLDER",
            )
    parallel, sections, sources = needed
    return TrainingText(tuple(_blocks(parallel)), tuple(_sections(sections)), tuple(_sources(sources)))


def _blocks(file: Path) -> Iterator[Block]:
    seen = set()
    for record in _records(file):
        key = (record["en"].strip().casefold(), record["zh"].strip().casefold())
        if key not in seen and key[0] != key[1] and _HAN.search(key[1]):
            seen.add(key)
            yield Block(record["en"].strip(), record["zh"].strip(), record["source"])


def _sections(file: Path) -> Iterator[Section]:
    seen = set()
    for record in _records(file):
        body = _MARKUP.sub(" ", record["body"]).strip()
        key = re.sub(r"[\W\d]+", "", body)[:300]
        if len(body) >= _SHORTEST_BODY and key not in seen and _CATALOGUE not in body:
            seen.add(key)
            headings = (_NUMBERING.sub("", heading).strip("# *") for heading in record["heading_path"])
            yield Section(tuple(filter(None, headings)), body, record["source"])


def _records(file: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _sources(file: Path) -> Iterator[Source]:
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            yield Source(
                row["repository"],
                row["commit"],
                row["licence"],
                int(row["parallel_blocks"]),
                int(row["sections"]),
            )
