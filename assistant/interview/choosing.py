"""Which main question comes next: of a linked topic or the next one, as deep as the answers before, telling nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import pairwise

from assistant.interview import standing
from assistant.interview.leaks import leak
from assistant.interview.types import Item, State

#: So many topics are reached by a link in a row before the plan's own order counts again.
_LINKED_IN_A_ROW = 2


def choose(state: State, *, linked: bool) -> tuple[Item, bool] | None:
    """Return the item to ask next, and whether a link led to its topic."""
    done = state.asked_items()
    said = "\n".join(state.said())
    secret, known = standing.secret_points(state), state.said()
    left = [
        item
        for topic in state.plan.topics
        for item in topic.items
        if item.item_id not in done and item.prompt not in said and not standing.was_asked(state, item.points)
    ]
    # What tells the answer of another question is asked only where nothing else is left.
    left = [item for item in left if not leak(item.prompt, secret, (item.topic, *known))] or left
    fresh = {topic.topic: [item for item in left if item.topic == topic.topic] for topic in state.plan.topics}
    asked_topics = [state.plan.item(item_id).topic for item_id in done]
    waiting = [t for t in state.plan.topics if t.topic not in asked_topics and fresh[t.topic]]
    waiting = waiting or [t for t in state.plan.topics if fresh[t.topic]]
    if not waiting:
        return None
    chosen, is_link = waiting[0], False
    if linked and asked_topics and not _just_linked(state, asked_topics):
        links = next(t.links for t in state.plan.topics if t.topic == asked_topics[-1])
        near = [t for t in waiting if t.topic in links]
        chosen, is_link = (near[0], True) if near else (chosen, False)

    def distance(item: Item) -> tuple[int, str]:
        return abs(item.rung.depth - state.depth), _draw(state.plan.seed, item.item_id)

    return min(fresh[chosen.topic], key=distance), is_link


def _just_linked(state: State, asked_topics: Sequence[str]) -> bool:
    links = {topic.topic: topic.links for topic in state.plan.topics}
    pairs = list(pairwise(asked_topics))[-_LINKED_IN_A_ROW:]
    return len(pairs) == _LINKED_IN_A_ROW and all(later in links[earlier] for earlier, later in pairs)


def _draw(seed: int, name: str) -> str:
    return hashlib.sha256(f"{seed}/{name}".encode()).hexdigest()
