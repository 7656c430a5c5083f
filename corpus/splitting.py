"""A note to its topics, and each topic to its passages with exact line ranges.

A note with a `title` in its front matter is one topic. In any other note every lowest-level heading with its
text is one, and so is a heading above others that has text of its own. Headings are found in
`corpus.headings`; passages are cut in `corpus.passages`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from itertools import zip_longest
from pathlib import Path

from corpus.blocks import Blocks, parse_blocks
from corpus.heading_evidence import is_link_only, width
from corpus.headings import SUBSTANTIAL, Outline, introduces_document, outline
from corpus.passages import Cut, cut
from corpus.types import Location, LocationKind, Note, Passage, Topic

#: Bumped whenever the same note would be split differently; an index built with another one is made again.
VERSION = 2


_NOTION_ID = re.compile(r"[ _-]?[0-9a-f]{32}(?=_all$|$)")


@dataclass(frozen=True, slots=True)
class _Section:
    """A heading path and the lines of its heading and own text; `body` is where the text begins."""

    path: tuple[str, ...]
    first: int
    body: int
    last: int
    parent: bool = False


def split_note(note: Note) -> tuple[Topic, ...]:
    """Return the topics of `note` in the order of the file. Never raises; a blank note has none."""
    lines = note.text.split("\n")
    blocks = parse_blocks(lines, note.syntax, note.body_start)
    if note.front_matter is not None and note.front_matter.title:
        topics = [_whole_note(note, lines, blocks, note.front_matter.title)]
    else:
        plan = outline(lines, blocks, note.syntax, note.body_start)
        topics = [_topic(note, lines, blocks, [s]) for s in _all_sections(note, lines, plan)]
    return tuple(_with_ids(topics))


def passage_id(path: Path, heading_path: Sequence[str], text: str, occurrence: int = 0) -> str:
    """Return the 128-bit BLAKE2b hash, in hex, of where a passage is from and what it says.

    `occurrence` counts the same text under the same headings, from 0.
    """
    parts = (str(path), *heading_path, text, *([str(occurrence)] if occurrence else []))
    return blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def document_name(path: Path) -> str:
    """Return what a note without a heading is called: its file's name, without the id Notion puts at the end."""
    return _NOTION_ID.sub("", path.stem) or path.stem


def _all_sections(note: Note, lines: Sequence[str], plan: Outline) -> Iterator[_Section]:
    """Yield every section that is a topic: leaves, and parents with text of their own."""
    if plan.first == 0:
        return
    begin = plan.headings[0].first if plan.headings else plan.last + 1
    intro = _trimmed(lines, plan.first, begin - 1)
    if intro is not None and (not plan.headings or _is_substantial(lines, *intro)):
        yield _Section((document_name(note.path),), intro[0], intro[0], intro[1])
    yield from (s for s in _sections(lines, plan) if not s.parent or _trimmed(lines, s.body, s.last))


def _sections(lines: Sequence[str], plan: Outline) -> Iterator[_Section]:
    """Yield a section for every heading, its path built from the headings of smaller level above it."""
    above: list[tuple[int, str]] = []
    for heading, following in zip_longest(plan.headings, plan.headings[1:]):
        while above and above[-1][0] >= heading.level:
            above.pop()
        above.append((heading.level, heading.title))
        end = following.first - 1 if following else plan.last
        trimmed = _trimmed(lines, heading.first, end)
        last = max(heading.last, trimmed[1] if trimmed else 0)
        parent = following is not None and following.level > heading.level
        yield _Section(tuple(title for _, title in above), heading.first, heading.last + 1, last, parent)


def _is_substantial(lines: Sequence[str], first: int, last: int) -> bool:
    """Whether the text above the first heading is worth studying: long enough, and not about the document."""
    text = " ".join(line.strip() for line in lines[first - 1 : last] if not is_link_only(line))
    return width(text) >= SUBSTANTIAL and not introduces_document(text)


def _trimmed(lines: Sequence[str], first: int, last: int) -> tuple[int, int] | None:
    """Return the range without its blank lines at both ends, or None if all are blank."""
    while first <= last and not lines[last - 1].strip():
        last -= 1
    while first <= last and not lines[first - 1].strip():
        first += 1
    return (first, last) if first <= last else None


def _whole_note(note: Note, lines: Sequence[str], blocks: Blocks, title: str) -> Topic:
    """Return the one topic of a titled note; the headings inside are its sections."""
    first = next((i for i in range(2, note.body_start) if lines[i - 1].lstrip("\"'").startswith("title")), 1)
    last = (_trimmed(lines, note.body_start, len(lines)) or (first, first))[1]
    headings = blocks.headings
    begin = headings[0].first if headings else last + 1
    sections = [_Section((title,), first, note.body_start, max(first, begin - 1))]
    for section in _sections(lines, Outline(headings, note.body_start, last)):
        inner = section.path[1:] if section.path[0] == title else section.path
        sections.append(replace(section, path=(title, *inner)))
    return _topic(note, lines, blocks, sections)


def _topic(note: Note, lines: Sequence[str], blocks: Blocks, sections: Sequence[_Section]) -> Topic:
    """Return the topic made of `sections`, the first of which names it."""
    path, first, last = sections[0].path, sections[0].first, sections[-1].last
    stub = (
        all(
            not line.strip() or not any(c.isalnum() for c in line) or is_link_only(line)
            for section in sections
            for line in lines[section.body - 1 : section.last]
        )
        and len(sections) == 1
    )
    if stub:
        cuts = [(path, Cut(first, last, "\n".join(lines[first - 1 : last])))]
    else:
        cuts = [(s.path, c) for s in sections for c in cut(lines, s.body, s.last, blocks.whole)]
    front = note.front_matter
    names = (front.title, front.title_en, *front.aliases, *front.questions) if front else ()
    extra = "\n".join(filter(None, (*names, *note.tags)))
    passages = tuple(
        Passage("", path[-1], heading_path, note.path, _location(note, c.first, c.last), c.text, stub, extra)
        for heading_path, c in cuts
    )
    return Topic(path[-1], path, note.path, _location(note, first, last), passages, stub, front)


def _location(note: Note, first: int, last: int) -> Location:
    """Return where the lines `first` to `last` of a note's text stand in its file."""
    if not note.places:
        return Location(LocationKind.LINES, first, last)
    begin, end = note.places[first - 1], note.places[last - 1]
    return Location(begin.kind, begin.first, end.last)


def _with_ids(topics: Sequence[Topic]) -> Iterator[Topic]:
    """Yield the topics with the ids of their passages; equal passages are told apart by their order."""
    seen: Counter[tuple[tuple[str, ...], str]] = Counter()
    for topic in topics:
        named = []
        for passage in topic.passages:
            key = (passage.heading_path, passage.text)
            unique = passage_id(passage.path, *key, seen[key])
            seen[key] += 1
            named.append(replace(passage, passage_id=unique))
        yield replace(topic, passages=tuple(named))
