"""Two small notes of our own: one written for study, with questions and mistakes, and one jotted down under labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from assistant.language import Language
from assistant.quiz.quizmaster import Quizmaster
from assistant.quiz.types import Question
from assistant.study import open_assistant

WRITTEN = """---
title: 池化层
title_en: Pooling layers
aliases: [pooling, 池化]
questions:
  - 最大池化为什么要保存最大值的下标？
  - What does a pooling layer cost in parameters?
demos: [pooling]
related: [jotted]
---

## 推理过程

最大池化在窗口里只留一个数，所以反向时其余位置得不到梯度。

## 常见错误

- 说最大池化会把梯度分给整个窗口是错的：平均分配梯度的是平均池化。
  It is wrong to say that max pooling shares its gradient over the window: average pooling does that.
- 说池化层有权重要学是错的：池化只取最大值或平均值。
  It is wrong to say that pooling layers learn weights: they only take a maximum or a mean.
- 说重叠的窗口不影响反向传播是错的：同一个输入会收到几个窗口的梯度。
  It is wrong to say that overlapping windows do not matter backwards: an input receives several gradients.
- 重叠窗口里用赋值代替累加是错的：后写的窗口会盖掉先写的梯度。
  It is wrong to assign gradients instead of adding them: a later window overwrites an earlier one.

## 追问

- **是什么** 平均池化是什么？
  平均池化把窗口里的数取平均；它没有参数。
- **为什么** 最大池化为什么丢信息？
  窗口里只留下最大的数，其余的数和位置都不再传下去。
- **有何区别** 最大池化和平均池化的梯度有何区别？
  最大池化的梯度只到一个位置，平均池化的梯度每个位置都有一份。
- **项目里怎么用** 项目里怎么选池化？
  分类网络的末端用全局平均池化，其余的下采样多用步长为 2 的卷积。

## 要点

- 平均池化把梯度平均分给窗口里的 9 个位置。
  Average pooling shares the gradient equally over the 9 positions of its window.
- 最大池化要保存最大值的下标，所以反向时知道梯度传给谁。
  Max pooling stores the index of the maximum, so the backward pass knows where the gradient goes.
- 池化层没有可学习的参数。
  A pooling layer has no learnable parameters.
- 窗口变大时，池化输出的尺寸会减小。
  When the window grows, the output of pooling gets smaller.
- 全局平均池化把每个通道压成一个数。
  Global average pooling turns every channel into one number.
"""

JOTTED = """# 棋盘格现象

现象：放大生成的图片能看到周期的方格
原因：kernel 不能被 stride 整除，各处被覆盖的次数不同
解决方法：
1. 先插值上采样，再做卷积
2. 换成 pixel shuffle

# sigmoid函数优缺点

优点：输出在 0 到 1 之间，可以当概率用
缺点：
1. 两端饱和，梯度容易消失
2. 输出不是零中心的

# 几种优化器

AdaGrad：把历史梯度的平方全部累加，学习率一直变小
RMSProp：用滑动平均代替累加，学习率不会一直变小

# 网络初始化

https://example.org/later
"""


@pytest.fixture(scope="session")
def quizmaster(tmp_path_factory: pytest.TempPathFactory) -> Quizmaster:
    folder = tmp_path_factory.mktemp("notes")
    (folder / "pooling.md").write_text(WRITTEN, "utf-8")
    (folder / "jotted.md").write_text(JOTTED, "utf-8")
    home = tmp_path_factory.mktemp("home")
    return open_assistant(folder, home, model="notes", embedder="hashed").quizmaster()


Asked = Callable[..., Sequence[Question]]


@pytest.fixture
def of_kind(quizmaster: Quizmaster) -> Asked:
    def questions(kind: str, topic: str = "池化层", language: Language = Language.ZH) -> Sequence[Question]:
        return quizmaster.questions(topic, kind, language)

    return questions


@pytest.fixture
def lines_of_notes() -> dict[str, list[str]]:
    return {"pooling.md": WRITTEN.split("\n"), "jotted.md": JOTTED.split("\n")}


def stands_at(question: Question, lines: dict[str, list[str]]) -> bool:
    """Whether the citation stands in the file, at its lines."""
    citation = question.citation
    place = citation.location.lines
    assert place is not None
    return citation.quote in "\n".join(lines[Path(citation.path).name][place[0] - 1 : place[1]])
