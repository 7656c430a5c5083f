"""Chooses the vocabulary: Chinese pieces of at most three characters, Latin pieces and single digits.

A Unigram model (Kudo 2018, arXiv:1804.10959) found by Viterbi training: split all text by the best pieces so far,
count, keep the commonest, again. The tokenizers library has a trainer that weighs all splits instead, but two runs
of it give two vocabularies. Left as long as they like, Chinese pieces grow to phrases such as 「为什么能」 that no
question repeats; of one character only, they leave meaning to the mean.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

from index.languages import HAN
from index.terms import fold

UNKNOWN = "[UNK]"
CHINESE_PIECES = 8_000
LATIN_PIECES = 8_000
_CHINESE, _LATIN = rf"[{HAN}]+", rf"[^\W\d_{HAN}]+"
_LONGEST_CHINESE, _LONGEST_LATIN = 3, 16
# The first candidates: parts of runs that stand this often. Below, there are millions.
_OFTEN = 12
_ROUNDS = 4
# Log-probability of a digit: digits always stand alone, so it decides nothing.
_DIGIT = -8.0


def train_tokenizer(
    texts: Sequence[str], chinese: int = CHINESE_PIECES, latin: int = LATIN_PIECES
) -> Tokenizer:
    """Return a tokenizer with at most `chinese` + `latin` pieces. Id 0 is the unknown piece."""
    folded = [fold(text) for text in texts]
    found = [(UNKNOWN, 0.0)]
    found += _pieces(_runs(folded, _CHINESE), chinese, _LONGEST_CHINESE)
    found += _pieces(_runs(folded, _LATIN), latin, _LONGEST_LATIN)
    found += [(str(digit), _DIGIT) for digit in range(10)]
    tokenizer = Tokenizer(models.Unigram(found, unk_id=0))
    tokenizer.normalizer = _normalizer("".join(piece for piece, _ in found))
    # What matches is kept, each match apart; punctuation carries no subject and is dropped.
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(rf"{_CHINESE}|{_LATIN}|\d"), "removed", invert=True)
    return tokenizer


def _runs(folded: Iterable[str], pattern: str) -> Counter[str]:
    """Count the longest stretches that match."""
    expression = re.compile(pattern)
    return Counter(run for text in folded for run in expression.findall(text))


def _pieces(runs: Counter[str], size: int, longest: int) -> list[tuple[str, float]]:
    """Return the `size` commonest pieces of the best splits of `runs`, with their log-probabilities."""
    counts: Counter[str] = Counter()
    for run, times in runs.items():
        for start in range(len(run)):
            for end in range(start + 1, min(start + longest, len(run)) + 1):
                counts[run[start:end]] += times
    # A single character is always kept, or the runs that hold it could not be split.
    single = Counter({piece: n for piece, n in counts.items() if len(piece) == 1})
    kept = Counter({piece: n for piece, n in counts.items() if n >= _OFTEN or len(piece) == 1})
    del counts
    for remaining in reversed(range(_ROUNDS)):
        chosen = _split(runs, kept) | Counter(dict.fromkeys(single, 1))
        kept = Counter(dict(_commonest(chosen, round(size * 2.0**remaining))))
    total = math.log(sum(kept.values()))
    return [(piece, math.log(n) - total) for piece, n in _commonest(kept, size)]


def _split(runs: Counter[str], pieces: Counter[str]) -> Counter[str]:
    """Count the pieces of the likeliest split of every run."""
    total = math.log(sum(pieces.values()))
    vocabulary = [(UNKNOWN, 0.0), *((piece, math.log(n) - total) for piece, n in _commonest(pieces, None))]
    model = Tokenizer(models.Unigram(vocabulary, unk_id=0))
    counts: Counter[str] = Counter()
    for found, times in zip(model.encode_batch(list(runs)), runs.values(), strict=True):
        for piece in found.tokens:
            counts[piece] += times
    return Counter({piece: n for piece, n in counts.items() if piece in pieces})


def _commonest(counts: Counter[str], size: int | None) -> list[tuple[str, int]]:
    """Return the commonest first; equal ones in the order of their characters, not as they happened to be met."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:size]


def _normalizer(pieces: str) -> Any:
    """Fold as `index.terms.fold` does, so far as the library can: lower case stands for case folding.

    Each replacement is a pass over the text. Look-alikes of characters that no piece holds are left out: they are
    unknown either way.
    """
    basic = map(chr, (*range(0xD800), *range(0xE000, 0x10000)))
    kept = (character for character in basic if unicodedata.normalize("NFKC", character) == character)
    # Radical look-alikes and invisible characters: what `fold` changes beyond NFKC and case.
    special = {character: fold(character) for character in kept if fold(character) != character.casefold()}
    invisible = "".join(character for character, plain in special.items() if not plain)
    radicals = [
        normalizers.Replace(character, plain)
        for character, plain in special.items()
        if plain and plain in pieces
    ]
    return normalizers.Sequence(
        [
            normalizers.NFKC(),
            normalizers.Replace(Regex(f"[{invisible}]"), ""),
            *radicals,
            normalizers.Lowercase(),
        ]
    )
