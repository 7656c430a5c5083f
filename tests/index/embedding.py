"""Embedders and notes that the tests of this folder share."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from corpus.glossary import Glossary, load_glossary
from index.embedders.hashed import HashedEmbedder
from index.library import Library, open_library
from index.types import Vectors

GLOSSARY = load_glossary()

NOTES = {
    "a.md": (
        "# Dropout\n\nDropout 以概率 p 随机丢弃神经元。\n\n"
        "# 批归一化\n\n批归一化 BN 减去均值再除以标准差。\n\n推理时用滑动平均。\n"
    ),
    "b.md": (
        '---\ntitle: 池化\ntitle_en: Pooling\naliases: ["下采样"]\nquestions: ["为什么要池化?"]\n---\n'
        "## 最大池化\n\n最大池化取窗口里的最大值。\n\n## 平均池化\n\n平均池化取平均值。\n"
    ),
    "c.txt": "权重衰减 weight decay\n\n权重衰减每一步都把权重缩小一点。\n\n感受野\n",
}


class RecordingEmbedder(HashedEmbedder):
    """The hashed embedder, remembering every passage it embedded."""

    def __init__(self, glossary: Glossary = GLOSSARY) -> None:
        super().__init__(glossary)
        self.embedded: list[str] = []

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self.embedded += texts
        return super().embed_passages(texts)


def write_notes(folder: Path) -> Path:
    """Write `NOTES` into `folder` and return it."""
    folder.mkdir(exist_ok=True)
    for name, text in NOTES.items():
        (folder / name).write_text(text, "utf-8")
    return folder


def opened(notes: Path, embedder: RecordingEmbedder | None = None, glossary: Glossary = GLOSSARY) -> Library:
    """Open the library of `notes`, with its index beside them."""
    embedder = embedder or RecordingEmbedder(glossary)
    return open_library([notes], notes.parent / "index", embedder=embedder, glossary=glossary)
