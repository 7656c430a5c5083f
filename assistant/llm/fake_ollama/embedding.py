"""/api/embed: unit vectors made from the characters of a text, so that similar texts are near one another.

The same text gives the same vector in every run, and texts without a common pair of characters are at right angles
but for collisions. No model is behind it: what is near here need not be near in meaning.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any
from zlib import crc32

from assistant.llm.fake_ollama import wire
from assistant.llm.fake_ollama.models import FakeModel
from assistant.llm.fake_ollama.refusals import name_refusal
from assistant.llm.fake_ollama.scripts import Reply, refusal

#: The length of a vector, as `qwen3-embedding:0.6b` has it.
DIMENSION = 1024
#: The window of a request that names none.
_NUM_CTX = 4096


def embedded(body: Mapping[str, Any], models: Mapping[str, FakeModel]) -> Reply:
    """Return the reply to one request of /api/embed by a server that has `models` (by tagged name)."""
    name, given = str(body.get("model") or ""), body.get("input", [])
    if refused := name_refusal(name, models, "embed not found"):
        return refused
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        return refusal(400, "invalid input type")
    model = models[wire.tagged(name)]
    longest = min(int((body.get("options") or {}).get("num_ctx", _NUM_CTX)), model.context_length)
    tokens = [wire.rough_tokens(text) for text in texts]
    if body.get("truncate") is False and any(count > longest for count in tokens):
        return refusal(400, "the input length exceeds the context length")
    if model.broken_by and any(model.broken_by in text for text in texts):
        return refusal(500, "failed to encode response: json: unsupported value: NaN")
    dimensions = int(body.get("dimensions") or model.embedding_length)
    answer = {
        "model": name,
        "embeddings": [unit_vector(text, dimensions) for text in texts],
        "total_duration": wire.LOADED,
        "load_duration": wire.LOADED,
        "prompt_eval_count": sum(min(count, longest) for count in tokens),
    }
    return Reply((wire.go_json(answer),), 200, wire.JSON)


def unit_vector(text: str, dimensions: int = DIMENSION) -> list[float]:
    """Return the first `dimensions` counts of hashed character pairs, scaled to length 1."""
    padded = f" {text} "
    pairs = Counter(padded[at : at + 2] for at in range(len(padded) - 1))
    row = [0.0] * DIMENSION
    for pair, count in pairs.items():
        row[crc32(pair.encode("utf-8", "replace")) % DIMENSION] += count
    row = row[:dimensions]
    length = math.sqrt(sum(value * value for value in row)) or 1.0
    return [value / length for value in row]
