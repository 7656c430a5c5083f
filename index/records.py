"""Topics and passages as lines of JSON: exactly what was stored comes back, lone surrogates included."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from corpus.types import FrontMatter, Location, LocationKind, Passage, Topic


def line(value: Any) -> bytes:
    """Return `value` as one line of JSON."""
    return (
        json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass") + b"\n"
    )


def topic_line(topic: Topic) -> bytes:
    """Return the line of `topic`; its passages have lines of their own."""
    return line(
        {
            "title": topic.title,
            "heading_path": topic.heading_path,
            "path": str(topic.path),
            "location": _location_record(topic.location),
            "passages": len(topic.passages),
            "stub": topic.stub,
            "front_matter": asdict(topic.front_matter) if topic.front_matter else None,
        }
    )


def passage_line(passage: Passage) -> bytes:
    """Return the line of `passage`; what its topic's line says is not repeated."""
    return line(
        {
            "passage_id": passage.passage_id,
            "heading_path": passage.heading_path,
            "location": _location_record(passage.location),
            "text": passage.text,
            "search_text": passage.search_text,
        }
    )


def read_topics(topics: Sequence[bytes], passages: Iterator[bytes]) -> tuple[Topic, ...]:
    """Return the topics of these lines; `passages` gives the lines of their passages in order."""
    return tuple(_topic(_read(line), passages) for line in topics)


def read_front_matter(line: bytes) -> FrontMatter | None:
    """Return the front matter that a topic's line holds."""
    record = _read(line)["front_matter"]
    return _front_matter(record) if record else None


def _topic(record: Mapping[str, Any], passages: Iterator[bytes]) -> Topic:
    path, title, stub = Path(record["path"]), record["title"], record["stub"]
    front = record["front_matter"]
    return Topic(
        title=title,
        heading_path=tuple(record["heading_path"]),
        path=path,
        location=_location(record["location"]),
        passages=tuple(
            Passage(
                passage_id=passage["passage_id"],
                topic=title,
                heading_path=tuple(passage["heading_path"]),
                path=path,
                location=_location(passage["location"]),
                text=passage["text"],
                stub=stub,
                search_text=passage["search_text"],
            )
            for passage in (_read(next(passages)) for _ in range(record["passages"]))
        ),
        stub=stub,
        front_matter=_front_matter(front) if front else None,
    )


def _read(line: bytes) -> Any:
    return json.loads(line.decode("utf-8", "surrogatepass"))


def _location_record(location: Location) -> list[Any]:
    return [location.kind.value, location.first, location.last]


def _location(record: Sequence[Any]) -> Location:
    kind, first, last = record
    return Location(LocationKind(kind), int(first), int(last))


def _front_matter(record: Mapping[str, Any]) -> FrontMatter:
    lists = ("aliases", "questions", "demos", "related", "sources")
    return FrontMatter(**{**record, **{key: tuple(record[key]) for key in lists}})
