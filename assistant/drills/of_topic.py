"""Which demos belong to a topic of somebody's notes: what its drills are drawn from."""

from __future__ import annotations

from assistant.demo_kit import registry
from corpus.types import Topic


def demos_of(topic: Topic) -> tuple[str, ...]:
    """Return the demos that the note names, else those that know the longest part of its title by name."""
    if topic.front_matter:
        return tuple(name for name in topic.front_matter.demos if name in registry.names())
    title = _plain(topic.title)
    known = {
        name: max((len(_plain(t)) for t in registry.load(name).topics if _plain(t) in title), default=0)
        for name in registry.names()
    }
    most = max(known.values(), default=0)
    return tuple(name for name, length in known.items() if length == most > 1)


def _plain(text: str) -> str:
    return "".join(text.casefold().split())
