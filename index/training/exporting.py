"""Saves a fitted model as the folder that is shipped: vectors, tokenizer, configuration and model card."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from index.training.card import card
from index.training.evaluating import Found
from index.training.fitting import Recipe
from index.training.reading import Source


def export(
    model: Any,
    folder: Path,
    *,
    recipe: Recipe,
    seed: int,
    sources: tuple[Source, ...],
    figures: Mapping[str, Found],
    taught: bool,
) -> None:
    """Write `model`, with unit length as its last step, under `folder`; `SentenceTransformer(folder)` loads it."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, StaticEmbedding

    fitted = model[0]
    vectors = fitted.embedding.weight.detach().clone()
    vectors[0] = 0.0  # what no piece of the vocabulary spells says nothing
    static = StaticEmbedding(fitted.tokenizer, embedding_weights=torch.nn.Parameter(vectors))
    folder.mkdir(parents=True, exist_ok=True)
    SentenceTransformer(modules=[static, Normalize()], device="cpu").save(
        str(folder), create_model_card=False
    )
    for name, written in (("modules.json", _known_to_older), ("tokenizer.json", _compact)):
        file = folder / name
        file.write_text(written(file.read_text("utf-8")), "utf-8")
    (folder / "model.safetensors").chmod(0o644)  # safetensors writes for the owner alone
    (folder / "README.md").write_text(card(recipe, seed, sources, figures, len(vectors), taught), "utf-8")


def _known_to_older(modules: str) -> str:
    """Name the modules as versions before 6 do; later ones read both."""
    listed = json.loads(modules)
    for module in listed:
        module["type"] = f"sentence_transformers.models.{module['type'].rpartition('.')[2]}"
    return json.dumps(listed, indent=2) + "\n"


def _compact(tokenizer: str) -> str:
    return json.dumps(json.loads(tokenizer), ensure_ascii=False, separators=(",", ":"))
