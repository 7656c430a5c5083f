"""Measures a model on text that it was not trained on: does a heading find its section, a block its translation?

This ranks recipes against each other. How well notes are found is measured by `benchmarks`.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from index.training.pairs import Pair, Pairs
from index.training.reading import Section, TrainingText
from index.types import Vectors

Encode = Callable[[Sequence[str]], Vectors]

BLOCKS, SECTIONS = 500, 300  # held out; of sections, so many in each language
_SHORTEST_HEADING = 5


@dataclass(frozen=True, slots=True)
class Found:
    """How many of `asked` questions found their passage first, and among the first ten of `passages`."""

    first: int
    tenth: int
    asked: int
    passages: int

    def __str__(self) -> str:
        first, tenth = self.first / self.asked, self.tenth / self.asked
        return f"R@1 {first:.3f}  R@10 {tenth:.3f}  ({self.asked} of {self.passages})"


def hold_out(
    text: TrainingText, rng: random.Random, blocks: int = BLOCKS, sections: int = SECTIONS
) -> tuple[TrainingText, Pairs]:
    """Return the text to train on, and pairs of what was taken out of it."""
    often = Counter(section.headings[-1] for section in text.sections if section.headings)

    def telling(section: Section) -> bool:
        heading = section.headings[-1] if section.headings else ""
        return often[heading] == 1 and len(heading) >= _SHORTEST_HEADING

    kept_blocks = set(rng.sample(range(len(text.blocks)), min(blocks, len(text.blocks) // 10)))
    kept_sections: set[int] = set()
    for chinese in (True, False):
        fit = [n for n, s in enumerate(text.sections) if s.chinese == chinese and telling(s)]
        kept_sections.update(rng.sample(fit, min(sections, len(fit) // 10)))
    taken = [text.sections[n] for n in sorted(kept_sections)]
    held = {
        "cross_blocks": [(text.blocks[n].english, text.blocks[n].chinese) for n in sorted(kept_blocks)],
        "headings_zh": [_asked(s) for s in taken if s.chinese],
        "headings_en": [_asked(s) for s in taken if not s.chinese],
    }
    rest = replace(
        text,
        blocks=tuple(b for n, b in enumerate(text.blocks) if n not in kept_blocks),
        sections=tuple(s for n, s in enumerate(text.sections) if n not in kept_sections),
    )
    return rest, held


def evaluate(encode: Encode, held: Pairs) -> dict[str, Found]:
    """Return, for each kind of pair, how often the anchor finds its text among the texts of all kinds."""
    kinds = {kind: pairs for kind, pairs in held.items() if pairs}
    passages = encode([text for pairs in kinds.values() for _, text in pairs])
    found, start = {}, 0
    for kind, pairs in kinds.items():
        scores = encode([anchor for anchor, _ in pairs]) @ passages.T
        right = scores[np.arange(len(pairs)), start + np.arange(len(pairs))]
        rank = (scores > right[:, None]).sum(axis=1)
        found[kind] = Found(int((rank < 1).sum()), int((rank < 10).sum()), len(pairs), len(passages))
        start += len(pairs)
    return found


def _asked(section: Section) -> Pair:
    return section.headings[-1], " ".join(section.headings[:-1]) + "\n" + section.body
