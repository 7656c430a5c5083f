"""Cosines of another model on the scale of the bundled embedder, to which ranking and the coverage gate are fitted.

Models differ in where their cosines lie: texts that have nothing to do with each other may stand at 0.05 or at 0.6.
Both embedders are therefore looked at over the same pairs of passages of the user's own notes, and a cosine is moved
so that their mean and spread agree (standardization; Manmatha, Rath and Feng 2001 normalize scores of search engines
for the same end, by finer models). It knows of passages only: where a model puts questions elsewhere than passages,
a shift between the two remains.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from index.types import Vectors

#: Passages compared with one another, and the fewest whose spread says anything.
SAMPLE, FEWEST = 128, 8


@dataclass(frozen=True, slots=True)
class Scale:
    """`factor` · cosine + `shift`, kept within -1..1; 0 stays 0, as it stands for a text of which nothing is known."""

    factor: float = 1.0
    shift: float = 0.0

    def __call__(self, cosines: Vectors) -> Vectors:
        """Return the cosines on the other scale, same shape."""
        if self == SAME:
            return cosines
        moved = np.clip(self.factor * cosines + self.shift, -1.0, 1.0)
        return np.asarray(np.where(cosines == 0.0, 0.0, moved), np.float32)


#: What leaves cosines as they are.
SAME = Scale()


def scale_between(theirs: Vectors, ours: Vectors) -> Scale:
    """Return the scale that takes cosines of `theirs` to those of `ours`: unit rows, row i of both the same text.

    Of fewer than `FEWEST` texts only the mean is believed. Rows that are zero in either are left out.
    """
    known = theirs.any(axis=1) & ours.any(axis=1)
    theirs, ours = theirs[known], ours[known]
    if len(theirs) < 2:
        return SAME
    above = np.triu_indices(len(theirs), 1)
    before, after = (np.asarray((rows @ rows.T)[above], np.float64) for rows in (theirs, ours))
    spread = float(before.std())
    factor = float(after.std()) / spread if len(theirs) >= FEWEST and spread > 1e-6 else 1.0
    return Scale(factor, float(after.mean()) - factor * float(before.mean()))
