"""When small segments become one: few of them beside a large one cost nothing, many slow every search."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Set
from dataclasses import replace

from index.generations import Generation, Place
from index.segments import Parts, Shelf, pieces_parts, postings_parts, taken_over, vector_parts

# Small segments are joined at this many; they join the large one when they hold this share of all passages.
MOST_SEGMENTS, LARGE_SHARE = 8, 0.125
# Up to this many passages everything is joined at once: it takes no time that anybody would notice.
SMALL = 2_000


def joined(generation: Generation, shelf: Shelf) -> Generation:
    """Return the same with fewer segments, where there are many or much of them counts no more.

    Joining costs as much as writing what is joined. Small changes therefore stay beside the large segment, and
    it is written again only when they have grown to a share of it or half of everything counts no more.
    """
    sizes = {name: segment.size for name, segment in generation.segments.items()}
    held = sum(sizes.values())
    if len(sizes) == held == 0 or (len(sizes) == 1 and held == generation.size):
        return generation
    largest = max(sizes, key=lambda name: sizes[name])
    grown = held - sizes[largest] > LARGE_SHARE * held
    if held <= SMALL or held > 2 * generation.size or grown:
        return _join(generation, sizes.keys(), shelf)
    return _join(generation, sizes.keys() - {largest}, shelf) if len(sizes) > MOST_SEGMENTS else generation


def _join(generation: Generation, names: Set[str], shelf: Shelf) -> Generation:
    """Return the same with the segments called `names` as one."""
    chosen = [number for number, place in enumerate(generation.places) if place.segment in names]
    part = replace(
        generation,
        files=tuple(generation.files[number] for number in chosen),
        places=tuple(generation.places[number] for number in chosen),
        segments={name: segment for name, segment in generation.segments.items() if name in names},
    )
    one = shelf.put(uuid.uuid4().hex[:12], part.size, _parts(part))
    places, topic, row = list(generation.places), 0, 0
    for number, file in zip(chosen, part.files, strict=True):
        places[number] = Place(one.name, topic, row)
        topic, row = topic + file.topics, row + file.passages
    rest = {name: segment for name, segment in generation.segments.items() if name not in names}
    return replace(generation, places=tuple(places), segments=rest | {one.name: one})


def _parts(part: Generation) -> Iterator[Parts]:
    """Yield the parts of a generation as those of one segment; of a large one hardly two fit into memory."""
    yield taken_over(list(part.runs))
    yield {"keys": part.keys}
    yield postings_parts(part.postings)
    yield vector_parts(part.vectors)
    yield pieces_parts(part.pieces)
