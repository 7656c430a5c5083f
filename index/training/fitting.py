"""Fits the embedding to the pairs, and to what a teacher says of them where there is one.

In-batch negatives (van den Oord et al. 2018, arXiv:1807.03748, equation 4). Where a pair joins the two languages
the loss is that of Li et al. 2023 (arXiv:2308.03281, equation 3): the other anchors and the other passages are
negatives too, so that being of one language is never a reason to be near. The loop is our own: the trainer of
sentence-transformers, which tokenizes a batch whenever it meets it, took five times as long for the same steps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.training.pairs import Pairs
from index.training.teaching import Lesson
from index.types import Vectors

if TYPE_CHECKING:
    import torch

#: How much of a kind of pair an epoch uses, where not all: there is more English text than is needed.
SHARES: Mapping[str, float] = {"headings_en": 0.5, "neighbours_en": 0.5, "sentences_en": 0.5}

# Pieces of a text that are counted.
_LONGEST = 256
_NEVER = -1e4


@dataclass(frozen=True, slots=True)
class Recipe:
    """The numbers of a training run."""

    dimension: int = 256
    epochs: int = 4
    batch: int = 1024
    rate: float = 5e-3
    scale: float = 20.0  # of the cosine in the softmax: one over the temperature
    spread: float = 0.05  # standard deviation of the first vectors, where nothing gives them
    warmup: float = 0.1  # share of the steps
    taught: float = 10.0  # weight of the teacher's loss: one less the cosine with what it says


class _Texts:
    """Texts as pieces, one after the other."""

    def __init__(self, tokenizer: Any, texts: Sequence[str]) -> None:
        found = tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        ids = [np.array(each.ids[:_LONGEST] or [0], np.int32) for each in found]
        self._lengths = np.array([len(each) for each in ids])
        self._starts = np.cumsum(self._lengths) - self._lengths
        self._ids = np.concatenate(ids)

    def batch(self, rows: NDArray[np.int64]) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the pieces of some texts, and where each text begins among them."""
        import torch

        lengths = self._lengths[rows]
        offsets = np.cumsum(lengths) - lengths
        at = np.repeat(self._starts[rows] - offsets, lengths) + np.arange(lengths.sum())
        return torch.from_numpy(self._ids[at].astype(np.int64)), torch.from_numpy(offsets)


class _Kind:
    """A kind of pair: its texts, its lesson if any, and the rows in an order made anew when all were met."""

    def __init__(self, texts: tuple[_Texts, _Texts], size: int, lesson: Lesson | None, joins: bool) -> None:
        self.texts, self.lesson, self.joins = texts, lesson, joins
        self._size = size
        self._left = np.empty(0, np.int64)

    def draw(self, batch: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """Return the next rows: each once before any comes again."""
        if len(self._left) < min(batch, self._size):
            self._left = rng.permutation(self._size)
        rows, self._left = self._left[:batch], self._left[batch:]
        return rows


def fit(
    tokenizer: Any,
    pairs: Pairs,
    recipe: Recipe,
    seed: int,
    lessons: Mapping[str, Lesson] | None = None,
    first: Vectors | None = None,
) -> Any:
    """Return a `SentenceTransformer` of one `StaticEmbedding` fitted to `pairs`, from the vectors `first` on.

    The same arguments on the same number of threads give the same weights.
    """
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding

    generator = torch.Generator().manual_seed(seed)
    random = torch.randn(tokenizer.get_vocab_size(), recipe.dimension, generator=generator) * recipe.spread
    vectors = torch.nn.Parameter(random if first is None else torch.from_numpy(first.copy()))
    rng = np.random.default_rng(seed)
    kinds, steps = {}, []
    for name, every in pairs.items():
        if every:
            texts = _Texts(tokenizer, [a for a, _ in every]), _Texts(tokenizer, [p for _, p in every])
            kinds[name] = _Kind(texts, len(every), (lessons or {}).get(name), name.startswith("cross"))
            steps += [name] * max(1, round(len(every) * SHARES.get(name, 1.0) / recipe.batch))
    optimizer = torch.optim.Adam([vectors], lr=recipe.rate)
    total = len(steps) * recipe.epochs
    for epoch in range(recipe.epochs):
        rng.shuffle(steps)
        for number, name in enumerate(steps, start=epoch * len(steps)):
            rising = min(1.0, (number + 1) / (recipe.warmup * total))
            for group in optimizer.param_groups:
                group["lr"] = recipe.rate * rising * (1 - number / total)
            optimizer.zero_grad()
            loss = _loss(kinds[name], kinds[name].draw(recipe.batch, rng), vectors, recipe)
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
    static = StaticEmbedding(tokenizer, embedding_weights=torch.nn.Parameter(vectors.detach()))
    return SentenceTransformer(modules=[static], device="cpu")


def _loss(kind: _Kind, rows: NDArray[np.int64], vectors: torch.Tensor, recipe: Recipe) -> torch.Tensor:
    import torch
    from torch.nn import functional

    def embedded(texts: _Texts) -> torch.Tensor:
        pieces, offsets = texts.batch(rows)
        return functional.normalize(functional.embedding_bag(pieces, vectors, offsets, mode="mean"), dim=1)

    anchors, passages = map(embedded, kind.texts)
    right = torch.arange(len(rows))
    forward = anchors @ passages.T * recipe.scale
    backward = forward.T
    if kind.joins:
        itself = torch.eye(len(rows)) * _NEVER
        forward = torch.cat([forward, anchors @ anchors.T * recipe.scale + itself], 1)
        backward = torch.cat([backward, passages @ passages.T * recipe.scale + itself], 1)
    loss = functional.cross_entropy(forward, right) + functional.cross_entropy(backward, right)
    if kind.lesson:
        for found, said in ((anchors, kind.lesson.anchors), (passages, kind.lesson.passages)):
            if said is not None:
                loss = loss + recipe.taught * (1 - (found * torch.from_numpy(said[rows])).sum(1)).mean()
    return loss
