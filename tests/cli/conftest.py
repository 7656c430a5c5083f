"""A few notes of our own and homes whose index is already built, shared where a test leaves no trace in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.running import environment, run

NOTES = {
    "batch_norm.md": """---
title: 批归一化 (Batch Normalization)
---
# 批归一化 (Batch Normalization)

## 定义

批归一化（Batch Normalization, BN）对每个通道，用当前小批量（mini-batch）的均值和方差做归一化，
再用可学习的 γ 和 β 缩放、平移。
Batch normalization standardizes every channel with the mean and variance of the current mini-batch.

## 训练和推理的区别

- 训练时用小批量的统计量，同时更新滑动平均（running mean、running variance）。
- 推理时用滑动平均，因此同一张图片的输出不再依赖批内的其他样本。
- 忘记切换到 eval 模式，是 batch size 为 1 时精度骤降的常见原因。
""",
    "optimizers.md": """---
title: 优化器：Momentum、RMSProp 和 Adam
---
# 优化器：Momentum、RMSProp 和 Adam

## Momentum

Momentum 累积历史梯度，在一致的方向上加速，在来回震荡的方向上互相抵消。

## RMSProp

RMSProp 的优点是用梯度平方的指数滑动平均调整每个参数的步长，旧的梯度会被遗忘，学习率不会一直减小。
RMSProp divides each step by a moving average of the squared gradient, so old gradients are forgotten.

## Adam

Adam 的优点是同时使用一阶矩（Momentum）和二阶矩（RMSProp），并做偏置校正（bias correction），对学习率不太敏感。
Adam combines the first moment with the second moment and corrects both for their bias.
""",
    "regularization.md": """# Dropout

Dropout 在训练时以概率 p 随机丢弃神经元，推理时使用全部神经元；常用的 inverted dropout 在训练时除以 1 - p。
Dropout turns off random units during training, which acts like averaging many thinner networks.

# L1 正则化为什么稀疏

L1 正则化的梯度大小恒定，能把不重要的权重推到精确的 0，所以得到稀疏解；L2 正则化的梯度随权重减小，只会把权重变小。

# 感受野

感受野（receptive field）是输出特征图上一个点能看到的输入区域；
每经过一层，感受野增加 (k - 1) 乘以此前所有 stride 的乘积。
The receptive field of a unit is the input region that can change its value.

# 知识蒸馏
""",
}


@pytest.fixture(scope="session")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of notes in Chinese and English: titled files, headings, and one topic that is only a title."""
    folder = tmp_path_factory.mktemp("notes")
    for name, text in NOTES.items():
        (folder / name).write_text(text, "utf-8")
    return folder


@pytest.fixture(scope="session")
def env(notes: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a home whose index of `notes` is built."""
    return _built(notes, tmp_path_factory)


@pytest.fixture(scope="session")
def seed_env(seed_notes: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a home whose index of the user's own notes is built."""
    return _built(seed_notes, tmp_path_factory)


@pytest.fixture
def own_env(notes: Path, own_home: Path) -> dict[str, str]:
    """The environment of a home that does not exist yet, over the same notes."""
    return environment(own_home, ASSISTANT_NOTES=str(notes))


def _built(notes: Path, factory: pytest.TempPathFactory) -> dict[str, str]:
    ready = environment(factory.mktemp("home"), ASSISTANT_NOTES=str(notes))
    assert run("notes", "topics", env=ready).code == 0
    return ready
