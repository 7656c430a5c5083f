"""In which order the things of several segments count, and which of them do: rows and topics alike.

A segment keeps what it was written with; files that were changed or removed since leave gaps in it. The whole
is what counts, in the order of the files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from index.types import Rows


class Arrangement:
    """Runs of things of segments of `sizes`, one run after the other making up the whole.

    Run i is `counts[i]` things of segment `segments[i]` from `firsts[i]` on.
    """

    def __init__(
        self, sizes: Sequence[int], segments: Sequence[int], firsts: Sequence[int], counts: Sequence[int]
    ) -> None:
        self._sizes = sizes
        self._segments = np.asarray(segments, np.int32)
        self._firsts = np.asarray(firsts, np.int64)
        self._ends = np.cumsum(np.asarray(counts, np.int64))
        self.size = int(self._ends[-1]) if len(counts) else 0

    @classmethod
    def plain(cls, size: int) -> Arrangement:
        """Return the arrangement of one segment all of which counts."""
        return cls([size], [0], [0], [size])

    def find(self, number: int) -> tuple[int, int]:
        """Return the segment of thing `number` of the whole, and which of that segment's it is."""
        run = int(np.searchsorted(self._ends, number, side="right"))
        begin = int(self._ends[run - 1]) if run else 0
        return int(self._segments[run]), int(self._firsts[run]) + number - begin

    def split(self, numbers: Rows) -> Iterator[tuple[int, NDArray[np.int64], NDArray[np.int32]]]:
        """Yield of each segment which of `numbers` are its own (by position) and which of its things they are."""
        runs = np.searchsorted(self._ends, numbers, side="right")
        begins = np.append(0, self._ends)[runs]
        local = (numbers - begins + self._firsts[runs]).astype(np.int32)
        segments = self._segments[runs]
        for segment in range(len(self._sizes)):
            at = np.flatnonzero(segments == segment)
            if len(at):
                yield segment, at, local[at]

    @cached_property
    def whole(self) -> list[NDArray[np.int32]]:
        """For each segment, which of the whole each of its things is, -1 for one that does not count."""
        places = [np.full(size, -1, np.int32) for size in self._sizes]
        begin = 0
        for segment, first, end in zip(self._segments, self._firsts, self._ends, strict=True):
            places[segment][first : first + end - begin] = np.arange(begin, end, dtype=np.int32)
            begin = end
        return places

    @cached_property
    def dead(self) -> list[bool]:
        """For each segment, whether anything of it does not count."""
        return [bool((places < 0).any()) for places in self.whole]

    @cached_property
    def is_plain(self) -> bool:
        """Whether there is one segment only, and all of it counts in its order."""
        return len(self._sizes) == 1 and np.array_equal(self.whole[0], np.arange(self._sizes[0]))
