"""A small folder of notes and an assistant over it, answered by no model or by a scripted one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.answering.model_mode import ModelMode
from assistant.answering.notes_mode import NotesMode
from assistant.llm.base import ChatModel
from assistant.study import Assistant, open_assistant

NOTES = """\
# Dropout

Dropout 在训练时以概率 p 随机把神经元的输出置零，推理时不丢弃。

它可以看作许多子网络的集成，因此能抑制过拟合。

# 批归一化 Batch Normalization

批归一化对一个 mini-batch 的每个通道减去均值再除以标准差。

推理时用训练中累计的滑动平均，而不是当前 batch 的统计量。

# 池化 pooling

最大池化取窗口内的最大值，反向传播时梯度只传给最大值所在的位置。

# 感受野

# 学习率预热 warmup
"""
ENGLISH = """\
# Weight decay

Weight decay shrinks every weight a little at each step. In SGD it equals L2 regularization.

With Adam the two differ, which is why AdamW decouples the decay from the gradient.
"""


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """Five topics in Chinese, two of them stubs, and one in English."""
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "a.md").write_text(NOTES, "utf-8")
    (folder / "b.md").write_text(ENGLISH, "utf-8")
    return folder


@pytest.fixture
def assistant(notes: Path) -> Assistant:
    """Notes mode over `notes`."""
    return open_assistant(notes)


@pytest.fixture
def with_model(assistant: Assistant) -> Callable[[ChatModel], Assistant]:
    """The same assistant, answered by a model."""

    def answered_by(model: ChatModel) -> Assistant:
        assistant.answerer = ModelMode(
            model, NotesMode(assistant.library, assistant.glossary), assistant.glossary
        )
        return assistant

    return answered_by
