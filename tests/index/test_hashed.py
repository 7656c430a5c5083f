"""The hashed embedder: unit rows, the same in every process, near for what shares words or concepts."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import UnknownName
from index.embedders import open_embedder
from index.embedders.hashed import DIMENSION, HashedEmbedder
from index.errors import EmbedderMissing
from index.terms import terms
from tests.index.embedding import GLOSSARY

EMBEDDER = HashedEmbedder(GLOSSARY)
TEXTS = ["批归一化减去均值", "batch normalization", "What is dropout?", "番茄炒蛋", ""]


@settings(deadline=None)
@given(st.lists(st.text(max_size=60), max_size=5))
def test_rows_are_of_unit_length_or_zero_where_there_is_nothing_to_embed(texts: list[str]) -> None:
    rows = EMBEDDER.embed_passages(texts)
    assert rows.shape == (len(texts), DIMENSION)
    assert rows.dtype == np.float32
    for text, length in zip(texts, np.linalg.norm(rows, axis=1), strict=True):
        # Signed features may cancel out, but not for texts of a few terms.
        assert length == pytest.approx(1.0 if terms(text, GLOSSARY) else 0.0, abs=1e-5)


def test_queries_and_passages_share_one_space() -> None:
    assert np.array_equal(EMBEDDER.embed_queries(TEXTS), EMBEDDER.embed_passages(TEXTS))


def test_a_row_does_not_depend_on_its_neighbours() -> None:
    together = EMBEDDER.embed_passages(TEXTS)
    assert all(np.array_equal(together[i], EMBEDDER.embed_passages([t])[0]) for i, t in enumerate(TEXTS))


def test_the_rows_are_the_same_in_another_process_whatever_its_hash_seed() -> None:
    code = (
        "import hashlib; from index.embedders.hashed import HashedEmbedder; from corpus.glossary import load_glossary;"
        f"rows = HashedEmbedder(load_glossary()).embed_passages({TEXTS!r});"
        "print(hashlib.sha256(rows.tobytes()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert digests == {hashlib.sha256(EMBEDDER.embed_passages(TEXTS).tobytes()).hexdigest()}


@pytest.mark.parametrize(
    ("text", "near", "far"),
    [
        ("批归一化", "batch normalization", "learning rate"),  # through the glossary
        ("最大池化的梯度", "池化怎么反向传播梯度", "番茄炒蛋怎么做"),
        ("initialization of weights", "weights are initialized", "the capital of France"),
        ("regularisation", "regularization", "convolution"),
        ("checkerboard artefacts", "checkerbord artefacts", "vanishing gradients"),  # misspelt
    ],
)
def test_what_shares_words_or_concepts_is_nearer(text: str, near: str, far: str) -> None:
    query = EMBEDDER.embed_queries([text])[0]
    to_near, to_far = EMBEDDER.embed_passages([near, far]) @ query
    assert to_near > to_far + 0.2


def test_a_text_is_nearest_to_itself() -> None:
    rows = EMBEDDER.embed_passages(TEXTS[:-1])
    similarity = rows @ rows.T
    assert np.diag(similarity) == pytest.approx(1.0, abs=1e-6)
    assert similarity.argmax(axis=1).tolist() == [0, 1, 2, 3]


def test_the_setting_names_it_and_takes_no_argument() -> None:
    opened = open_embedder("hashed", GLOSSARY)
    assert (opened.name, opened.dimension) == ("hashed", DIMENSION)
    assert opened.fingerprint == EMBEDDER.fingerprint
    assert GLOSSARY.fingerprint in opened.fingerprint
    with pytest.raises(EmbedderMissing, match="takes no argument, got 'big'"):
        open_embedder("hashed:big", GLOSSARY)


def test_an_unknown_embedder_is_named_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="no embedder called 'hash'") as caught:
        open_embedder("hash", GLOSSARY)
    assert "hashed" in caught.value.hint
