"""Which Chinese pairs of characters translate an English term: `python -m index.training.aligning --data FOLDER`.

Writes `index/translations.txt` from the parallel blocks by IBM Model 1 (Brown et al. 1993, "The Mathematics of
Statistical Machine Translation", model 1), in either direction, on the terms of the index. A pair is kept where both
directions believe in it, so that 「的梯」 does not pass for a translation of every word beside 梯度.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.glossary import Glossary
from index import terms
from index.languages import asks_in_chinese
from index.training import reading
from index.translating import TRANSLATIONS

_ROUNDS = 6
# A term of fewer blocks teaches nothing; a block of more terms is several sentences, each of which blurs the others.
_SEEN, _MOST_ENGLISH, _MOST_CHINESE = 3, 80, 200
#: Least probability of the Chinese given the English, and the other way round; so many translations of a term.
LEAST, LEAST_BACK, MOST = 0.08, 0.05, 4

_NO_NAMES = Glossary({}, "none", {}, {})


@dataclass(frozen=True, slots=True)
class _Links:
    """Every English term beside every Chinese one of its block: terms by number, and the block, all of one shape."""

    english: NDArray[np.int32]
    chinese: NDArray[np.int32]
    block: NDArray[np.int32]


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(prog="python -m index.training.aligning", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the training text")
    blocks = reading.read(parser.parse_args().data).blocks
    found = align((block.english, block.chinese) for block in blocks)
    lines = (f"{term} {' '.join(f'{of}:{p:.2f}' for of, p in of_term)}" for term, of_term in found.items())
    TRANSLATIONS.write_text("\n".join(lines) + "\n", "utf-8")
    sys.stdout.write(f"{len(found):,} English terms\n")


def align(blocks: Iterable[tuple[str, str]]) -> dict[str, list[tuple[str, float]]]:
    """Return for each English term its Chinese pairs with the probability of each, the likeliest first."""
    counted = [(_english(english), _chinese(chinese)) for english, chinese in blocks]
    counted = [(e, z) for e, z in counted if 0 < len(e) < _MOST_ENGLISH and 0 < len(z) < _MOST_CHINESE]
    english, chinese = _vocabulary(e for e, _ in counted), _vocabulary(z for _, z in counted)
    links = _links(
        [
            ([english[t] for t in e if t in english], [chinese[t] for t in z if t in chinese])
            for e, z in counted
        ]
    )
    pairs, of_pair = np.unique(
        links.english.astype(np.int64) * len(chinese) + links.chinese, return_inverse=True
    )
    first, second = pairs // len(chinese), pairs % len(chinese)
    there = _model_1(of_pair, first, links.block, links.chinese)
    back = _model_1(of_pair, second, links.block, links.english)
    english_terms, chinese_terms = list(english), list(chinese)
    found: dict[str, list[tuple[str, float]]] = {}
    for at in np.flatnonzero((there >= LEAST) & (back >= LEAST_BACK)):
        found.setdefault(english_terms[first[at]], []).append((chinese_terms[second[at]], float(there[at])))
    return {term: sorted(of, key=lambda one: (-one[1], one[0]))[:MOST] for term, of in sorted(found.items())}


def _english(text: str) -> list[str]:
    return [term for term in terms.terms(text, _NO_NAMES) if _is_word(term) and not asks_in_chinese(term)]


def _chinese(text: str) -> list[str]:
    """Return the pairs of characters; one character alone stands in too many words."""
    return [term for term in terms.terms(text, _NO_NAMES) if asks_in_chinese(term) and len(term) == 2]


def _is_word(term: str) -> bool:
    return not term.startswith((terms.CONCEPT, terms.INTENT))


def _vocabulary(texts: Iterable[Sequence[str]]) -> dict[str, int]:
    counts = Counter(term for text in texts for term in text)
    return {term: number for number, term in enumerate(t for t, count in counts.items() if count >= _SEEN)}


def _links(blocks: Sequence[tuple[list[int], list[int]]]) -> _Links:
    english = [np.repeat(np.array(e, np.int32), len(z)) for e, z in blocks]
    chinese = [np.tile(np.array(z, np.int32), len(e)) for e, z in blocks]
    block = [np.full(len(e) * len(z), at, np.int32) for at, (e, z) in enumerate(blocks)]
    return _Links(np.concatenate(english), np.concatenate(chinese), np.concatenate(block))


def _model_1(
    of_pair: NDArray[np.int64],
    given: NDArray[np.int64],
    block: NDArray[np.int32],
    explained: NDArray[np.int32],
) -> NDArray[np.float64]:
    """Return the probability of each pair's other term, given the term in `given`.

    `of_pair` is the pair of each link. Expectation: a term of a block is explained by the terms of the other side in
    proportion to the present probabilities; maximization: what each explains is counted and made to sum to one.
    """
    _, of_term = np.unique(
        block.astype(np.int64) * (int(explained.max()) + 1) + explained, return_inverse=True
    )
    probability = np.ones(len(given))
    for _ in range(_ROUNDS):
        weight = probability[of_pair]
        share = weight / np.bincount(of_term, weight)[of_term]
        expected = np.bincount(of_pair, share, minlength=len(given))
        probability = expected / np.bincount(given, expected)[given]
    return probability


if __name__ == "__main__":
    main()
