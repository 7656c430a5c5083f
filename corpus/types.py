"""The values every room shares: a note, its topics, their passages and where each stands in the file.

Line numbers are 1-based and inclusive on both ends, and count the lines of the file as an editor shows
them. This module imports nothing of ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any


class LocationKind(StrEnum):
    """What the numbers of a location count."""

    LINES = "lines"
    PAGE = "page"
    SLIDE = "slide"
    CELL = "cell"


@dataclass(frozen=True, slots=True)
class Location:
    """A span of a file: lines of text, pages of a PDF, slides of a deck or cells of a notebook."""

    kind: LocationKind
    first: int
    last: int

    def to_dict(self) -> dict[str, str | int]:
        """Return the shape used in JSON: `{"kind", "from", "to"}`."""
        return {"kind": self.kind.value, "from": self.first, "to": self.last}

    @property
    def lines(self) -> tuple[int, int] | None:
        """The line range, or None where lines have no meaning (a PDF page, a slide)."""
        return (self.first, self.last) if self.kind is LocationKind.LINES else None


class Syntax(StrEnum):
    """How a note's text is written: in plain text, indentation and angle brackets mean nothing."""

    MARKDOWN = "markdown"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What a note says about itself between its first two `---` lines.

    Everything is optional; only a note with a `title` is one topic as a whole. `type` is "project" for a note on
    one's own work, which an interview asks about as such.
    """

    title: str = ""
    title_en: str = ""
    type: str = ""
    aliases: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    demos: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """One readable file: its absolute path, its text with `\\n` line ends, and its front matter if any.

    `body_start` is the 1-based line at which the body begins (after the front matter). `warning` says what
    was lost in reading, such as bytes that no encoding explains; it is empty for a note read whole.
    `places` says for each line of `text` where it stands in the file, in ascending order, for a format whose
    text is extracted; it is empty where the lines of `text` are those of the file. `tags` are words the note
    is filed under; they are searched and never quoted.
    """

    path: Path
    text: str
    front_matter: FrontMatter | None = None
    body_start: int = 1
    syntax: Syntax = Syntax.MARKDOWN
    warning: str = ""
    places: tuple[Location, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a note small enough to quote, the unit that is embedded and cited.

    `text` is the note's text at `location`, so a quote can be checked against the file; of a line too long
    for one passage each holds a part. Where a format's text is extracted, quotes are of the extracted text.
    `passage_id` is a hash of source path, heading path and text. `search_text` is what is indexed beside
    the text: titles, aliases and typical questions from the front matter.
    """

    passage_id: str
    topic: str
    heading_path: tuple[str, ...]
    path: Path
    location: Location
    text: str
    stub: bool = False
    search_text: str = ""


@dataclass(frozen=True, slots=True)
class Topic:
    """What one studies: a titled note, or the lowest-level heading of any other file with its body.

    `location` runs from the heading line to the last line that belongs to the topic. A `stub` holds only
    its title or a link.
    """

    title: str
    heading_path: tuple[str, ...]
    path: Path
    location: Location
    passages: tuple[Passage, ...]
    stub: bool = False
    front_matter: FrontMatter | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the shape of the `notes topics --json` contract."""
        lines = self.location.lines
        return {
            "topic": self.title,
            "heading_path": list(self.heading_path),
            "path": str(self.path),
            "lines": list(lines) if lines else None,
            "passages": len(self.passages),
            "stub": self.stub,
        }


@dataclass(frozen=True, slots=True)
class Reading:
    """The outcome of reading one or more paths.

    `problems` are the files that could not be read; `warnings` are those that were read with a loss. Both
    give the reason by path.
    """

    notes: tuple[Note, ...]
    problems: Mapping[Path, str] = field(default_factory=dict)
    warnings: Mapping[Path, str] = field(default_factory=dict)
