"""The bundled model: numpy gives the rows of sentence-transformers, texts that mean the same are near."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.glossary import load_glossary
from index.embedders import open_embedder
from index.embedders.bundled import MODEL, BundledEmbedder
from index.errors import EmbedderMissing
from index.terms import fold
from index.types import Vectors

EMBEDDER = BundledEmbedder()
TEXTS = [
    "批归一化为什么能加速训练？",
    "Why does batch normalization speed up training?",
    "用 Adam 时 learning rate 要不要 warmup",
    "ＡＢＣ１２３ ﬁne-tuning",
    "⻔控循环单元\u200b",
    "αβγ → ∂L/∂w = 0",
    "日本語のテキスト",
    "🙂🙂",
    "…… !!! \n\t",
    "",
    "naïve İstanbul ß",
    "a" * 3_000,
    "损失" * 2_000,
]


@pytest.fixture(scope="module")
def reference() -> Vectors:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sentence_transformers = pytest.importorskip("sentence_transformers")
    model = sentence_transformers.SentenceTransformer(str(MODEL), device="cpu")
    return np.asarray(model.encode(TEXTS, show_progress_bar=False))


def test_rows_are_those_of_sentence_transformers(reference: Vectors) -> None:
    np.testing.assert_allclose(EMBEDDER.embed_passages(TEXTS), reference, atol=1e-5)
    assert reference.dtype == np.float32
    assert np.array_equal(EMBEDDER.embed_queries(TEXTS), EMBEDDER.embed_passages(TEXTS))


@given(st.lists(st.text(st.characters(exclude_categories=()), max_size=80), max_size=4))
def test_any_text_gives_a_unit_row_or_a_zero_one(texts: list[str]) -> None:
    rows = EMBEDDER.embed_passages(texts)
    assert rows.shape == (len(texts), EMBEDDER.dimension)
    assert rows.dtype == np.float32
    lengths = np.linalg.norm(rows, axis=1)
    assert np.all((np.abs(lengths - 1) < 1e-5) | (lengths == 0))


@pytest.mark.parametrize("text", ["", "…… !!!", "🙂🙂", "\ud800"])
def test_a_text_without_a_known_piece_is_zero(text: str) -> None:
    assert not EMBEDDER.embed_queries([text]).any()


def test_a_row_does_not_depend_on_its_neighbours() -> None:
    together = EMBEDDER.embed_passages(TEXTS)
    assert all(np.array_equal(together[i], EMBEDDER.embed_passages([t])[0]) for i, t in enumerate(TEXTS))


def test_rows_are_the_same_in_another_process() -> None:
    code = (
        "import hashlib; from index.embedders.bundled import BundledEmbedder;"
        f"print(hashlib.sha256(BundledEmbedder().embed_passages({TEXTS!r}).tobytes()).hexdigest())"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": "3"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == hashlib.sha256(EMBEDDER.embed_passages(TEXTS).tobytes()).hexdigest()


def test_embedding_imports_neither_torch_nor_transformers() -> None:
    code = (
        "import sys; from index.embedders.bundled import BundledEmbedder;"
        "BundledEmbedder().embed_queries(['学习率 learning rate']);"
        "print(sorted({'torch', 'transformers', 'sentence_transformers', 'huggingface_hub'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("question", "near", "far"),
    [
        ("How do you prevent overfitting?", "用正则化和 dropout 缓解过拟合。", "学习率先预热再衰减。"),
        ("梯度消失怎么办", "Vanishing gradients: use residual connections.", "Tokenize the text first."),
        ("what is a convolution kernel", "卷积核在图像上滑动，求加权和。", "强化学习里智能体与环境交互。"),
        ("准确率和召回率", "precision and recall of a classifier", "the learning rate of the optimizer"),
        ("注意力机制", "the attention mechanism", "k-means clustering"),
        ("how to choose the batch size", "批量大小怎么选", "决策树如何剪枝"),
    ],
)
def test_a_question_is_nearer_to_its_passage_in_the_other_language(
    question: str, near: str, far: str
) -> None:
    to_near, to_far = EMBEDDER.embed_passages([near, far]) @ EMBEDDER.embed_queries([question])[0]
    assert to_near > to_far + 0.1


@pytest.mark.parametrize(
    "text", ["⻔控单元", "学习\u200b率", "ＬＯＳＳ ｆｕｎｃｔｉｏｎ", "Batch\u00adNorm", "⽅差"]
)
def test_text_is_folded_as_the_lexical_search_folds_it(text: str) -> None:
    row, folded = EMBEDDER.embed_queries([text, fold(text)])
    assert fold(text) != text
    np.testing.assert_array_equal(row, folded)
    assert row.any()


def test_the_setting_names_it_and_takes_no_argument() -> None:
    opened = open_embedder("bundled", load_glossary())
    assert (opened.name, opened.dimension) == ("bundled", EMBEDDER.dimension)
    assert opened.fingerprint == EMBEDDER.fingerprint
    with pytest.raises(EmbedderMissing, match="takes no argument, got 'big'"):
        open_embedder("bundled:big", load_glossary())


def test_another_model_has_another_fingerprint_and_a_missing_one_is_named(tmp_path: Path) -> None:
    for name in ("tokenizer.json", "model.safetensors"):
        (tmp_path / name).write_bytes((MODEL / name).read_bytes())
    copy = BundledEmbedder(tmp_path)
    assert copy.fingerprint == EMBEDDER.fingerprint
    with (tmp_path / "model.safetensors").open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"\x01")
    assert BundledEmbedder(tmp_path).fingerprint != EMBEDDER.fingerprint
    (tmp_path / "tokenizer.json").unlink()
    with pytest.raises(EmbedderMissing, match="incomplete") as caught:
        BundledEmbedder(tmp_path).embed_queries(["x"])
    assert str(tmp_path / "tokenizer.json") in caught.value.message


def test_the_folder_is_small_and_its_card_names_every_source() -> None:
    size = sum(file.stat().st_size for file in MODEL.rglob("*") if file.is_file())
    assert size <= 20_000_000
    card = (MODEL / "README.md").read_text("utf-8")
    assert all(licence in card for licence in ("Apache-2.0", "MIT", "CC-BY-4.0"))
    pieces = json.loads((MODEL / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
    assert f"{len(pieces):,} pieces" in card
