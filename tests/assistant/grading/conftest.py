"""A few notes of our own, a grader without a model over them, and a way to script one."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.grading.grader import Grader
from corpus.glossary import Glossary, load_glossary
from index.embedders.hashed import HashedEmbedder
from index.library import Library, open_library

NOTES = {
    "regularization.md": """# L1 和 L2 正则化

- L1 正则化的梯度大小恒定，能把一部分权重推到 0，得到稀疏模型，可以用来做特征选择。
- L2 正则化按比例缩小权重，让权重更平滑，但不会把权重变为 0。

# sigmoid 的优缺点

优点：
1. 处处连续，便于求导；
2. 输出压缩在 0 到 1 之间。

缺点：
1. 两端饱和，容易梯度消失；
2. 指数运算的计算量大；
3. 输出不是零中心的，更新方向一直同号。

# 池化的反向传播

平均池化把梯度平均分给窗口里的每个元素，这样梯度的总和不变。
最大池化只把梯度传给前向取到最大值的像素，其他像素的梯度为 0，所以要记录最大值的位置。

# 批归一化和实例归一化

批归一化（BN）对一批图片的同一个通道一起归一化。
实例归一化（IN）对单张图片的单个通道单独归一化。

# 知识蒸馏
""",
    "focal.md": """---
title: Focal Loss
---
## 一句话回答

Focal loss 让容易样本的权重变小。

## 要点

- Focal loss 降低容易样本的权重，让训练集中在难样本上。
  Focal loss down-weights easy examples so that training focuses on hard ones.
- 它用来处理正负样本极不平衡的检测任务。
  It serves detection with an extreme imbalance of positives and negatives.

## 常见错误

- 说 Focal loss 增大容易样本的权重是错的。
""",
}


@pytest.fixture(scope="session")
def glossary() -> Glossary:
    """The shipped glossary."""
    return load_glossary()


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory, glossary: Glossary) -> Library:
    """The library of the notes above."""
    folder = tmp_path_factory.mktemp("notes")
    for name, text in NOTES.items():
        (folder / name).write_text(text, "utf-8")
    index = tmp_path_factory.mktemp("index")
    return open_library([Path(folder)], index, embedder=HashedEmbedder(glossary), glossary=glossary)


@pytest.fixture(scope="session")
def grader(library: Library) -> Grader:
    """A grader by rules alone."""
    return Grader(library)
