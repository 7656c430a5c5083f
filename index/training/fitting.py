"""Fits the embedding to the pairs with sentence-transformers' trainer and losses.

In-batch negatives (van den Oord et al. 2018, arXiv:1807.03748, equation 4). Where a pair joins the two languages
the loss is that of Li et al. 2023 (arXiv:2308.03281, equation 3): the other anchors and the other passages are
negatives too, so that being of one language is never a reason to be near.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from index.training.pairs import Pairs

#: How much of a kind of pair is used, where not all: there is more English text than is needed.
SHARES: Mapping[str, float] = {"headings_en": 0.7, "neighbours_en": 0.5, "sentences_en": 0.5}


@dataclass(frozen=True, slots=True)
class Recipe:
    """The numbers of a training run."""

    dimension: int = 256
    epochs: int = 4
    batch: int = 1024
    rate: float = 5e-3
    scale: float = 20.0  # of the cosine in the softmax: one over the temperature
    spread: float = 0.05  # standard deviation of the first vectors
    warmup: float = 0.1  # share of the steps


def fit(tokenizer: Any, pairs: Pairs, recipe: Recipe, seed: int) -> Any:
    """Return a `SentenceTransformer` of one `StaticEmbedding` fitted to `pairs`.

    The same arguments on the same number of threads give the same weights.
    """
    import torch
    from datasets import Dataset, disable_progress_bars  # type: ignore[import-untyped]
    from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer
    from sentence_transformers import SentenceTransformerTrainingArguments as Arguments
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding

    disable_progress_bars()
    first = torch.randn(
        tokenizer.get_vocab_size(), recipe.dimension, generator=torch.Generator().manual_seed(seed)
    )
    module = StaticEmbedding(tokenizer, embedding_weights=first * recipe.spread)
    model = SentenceTransformer(modules=[module], device="cpu")
    both_ways = MultipleNegativesRankingLoss(
        model,
        scale=recipe.scale,
        directions=("query_to_doc", "doc_to_query"),
        partition_mode="per_direction",
    )
    all_ways = MultipleNegativesRankingLoss(
        model,
        scale=recipe.scale,
        directions=("query_to_doc", "query_to_query", "doc_to_query", "doc_to_doc"),
    )
    datasets = {
        kind: Dataset.from_dict({"anchor": [a for a, _ in some], "positive": [p for _, p in some]})
        for kind, every in pairs.items()
        if (some := every[:: round(1 / SHARES[kind])] if SHARES.get(kind, 1) < 1 else every)
    }
    losses: dict[str, torch.nn.Module] = {
        kind: all_ways if kind.startswith("cross") else both_ways for kind in datasets
    }
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pinned memory without a GPU, and the like
        arguments = Arguments(
            output_dir=folder,
            num_train_epochs=recipe.epochs,
            per_device_train_batch_size=recipe.batch,
            learning_rate=recipe.rate,
            warmup_steps=recipe.warmup,
            lr_scheduler_type="linear",
            weight_decay=0.0,
            max_grad_norm=0.0,
            seed=seed,
            use_cpu=True,
            save_strategy="no",
            report_to="none",
            logging_steps=50,
            disable_tqdm=True,
        )
        SentenceTransformerTrainer(model=model, args=arguments, train_dataset=datasets, loss=losses).train()
    return model
