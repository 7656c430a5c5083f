"""Each rule on faults of its kind, and on what looks like one and is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.check.engine import check_notes
from corpus.types import Note
from tests.corpus.check.checking import findings, glossary, places

BODY = "残差连接让梯度可以直接流回前面的层，所以网络能做得很深。"
GAN = "判别器太强时损失很快趋近于零，生成器得不到有用的梯度，训练就停在原地不再前进。"

FAULTS: dict[str, list[tuple[str, list[tuple[int, int]]]]] = {
    "stub_topic": [
        (f"# 残差连接\n\n{BODY}\n\n# 空洞卷积\n", [(5, 5)]),
        (f"# 残差连接\n\n{BODY}\n\n# 空洞卷积\n\nhttps://example.com/a\n", [(5, 7)]),
        ("# Dropout\n\nIt zeroes units at random.\n\n# Label smoothing\n", [(5, 5)]),
    ],
    "doubled_punctuation": [
        ("# 池化\n\n最大池化只保留最大值。。平均池化取平均。\n", [(3, 3)]),
        ("# 池化\n\n最大池化只保留最大值，，平均池化取平均。\n", [(3, 3)]),
        ("# 池化\n\n最大池化只保留最大值,,平均池化取平均。\n", [(3, 3)]),
        ("# Pooling\n\nMax pooling keeps the largest value,, and nothing else.\n", [(3, 3)]),
        ("# 池化\n\n最大池化、、平均池化；；都没有参数。\n", [(3, 3), (3, 3)]),
        ("# 池化\n\n最大池化保留最大值，。\n", [(3, 3)]),
    ],
    "suspicious_character": [
        ("# 池化\n\n最大池化\u200b保留最大值。\n", [(3, 3)]),
        ("# 池化\n\n最大池化\ue000保留最大值。\n", [(3, 3)]),
        ("# 池化\n\n最大池化\ufffd保留最大值。\n", [(3, 3)]),
        ("# 池化\n\n最⼤池化保留最⼤值。\n", [(3, 3)]),
        ("# 池化\n\n最大池化保留最大值\ufeff。\n", [(3, 3)]),
    ],
    "unbalanced_markup": [
        (f"# 残差\n\n{BODY}\n\n```python\nx = x + f(x)\n", [(5, 6)]),
        (f"# 残差\n\n```python\nx = f(x)\n\n{BODY}\n\n```python\ny = x\n```\n", [(3, 8)]),
        (f"# 残差\n\n$$\ny = x + f(x)\n\n# 下一题\n\n{BODY}\n", [(3, 3)]),
        ("# 残差\n\n输出是 $y = x + f(x)，其中 f 是残差分支。\n", [(3, 3)]),
    ],
    "dead_link": [
        ("# 残差\n\n见 [另一篇](other.md)，它讲得更细。\n", [(3, 3)]),
        ("# 残差\n\n结构如下，输入直接加到输出上。\n\n![结构](img/res.png)\n", [(5, 5)]),
        ('# 残差\n\n结构如下，输入直接加到输出上。\n\n<img src="img/res.png" width="50%">\n', [(5, 5)]),
        ("# 残差\n\n结构见[这里][1]，输入直接加到输出上。\n\n[1]: figures/res.svg\n", [(5, 5)]),
    ],
    "missing_figure": [
        ("# 残差\n\n如下图所示，输入直接加到输出上。\n", [(3, 3)]),
        ("# 残差\n\n输入直接加到输出上（见下图）。\n", [(3, 3)]),
        ("# 学习率\n\n学习率太大时损失震荡，如图中蓝色曲线。\n", [(3, 3)]),
        ("# Sigmoid\n\n从图片上看，两端的斜率接近于零。\n", [(3, 3)]),
        ("# 残差\n\n由图 3 可知更深的网络误差更大，如图3所示。\n", [(3, 3)]),
        ("# Residual\n\nAs shown in the figure below, the input is added to the output.\n", [(3, 3)]),
        ("# Warm-up\n\nThe red curve shows the loss without warm-up.\n", [(3, 3)]),
    ],
    "nothing_to_quiz": [
        ("# 残差\n\n为什么残差有效？\n它和 DenseNet 有什么区别？\n", [(1, 4)]),
        ("# 残差\n\n待补充\n", [(1, 3)]),
        ("# Residual\n\nTODO: write this later\n", [(1, 3)]),
        ("# 残差\n\n```python\ny = x + f(x)\n```\n", [(1, 5)]),
    ],
    "long_topic": [(f"# 残差\n\n{BODY * 160}\n", [(1, 3)])],
    "contradicted_heading": [
        (
            "# ShuffleNet为什么在GPU上很慢\n\nShuffleNet在GPU上更快，所以适合部署。\n",
            [(1, 3)],
        ),
        ("# BN为什么会加剧过拟合\n\nBN 在训练时引入噪声，可以缓解过拟合。\n", [(1, 3)]),
        ("# L1正则化为什么不稀疏\n\nL1 正则化把小的权重推到零，产生稀疏的模型。\n", [(1, 3)]),
        (
            "# Why is MobileNet slow on CPU\n\nMobileNet is faster on CPU thanks to fewer operations.\n",
            [(1, 3)],
        ),
    ],
    "computed_figure": [
        ("# 感受野\n\n三个 3×3 卷积堆叠，感受野是 9。\n", [(3, 3)]),
        ("# 卷积\n\n输入 32，卷积核大小 5，stride 1，padding 0，输出大小是 30。\n", [(3, 3)]),
        ("# Receptive field\n\nFor two 3x3 convolutions the receptive field is 7.\n", [(3, 3)]),
    ],
}

NO_FAULTS: dict[str, list[str]] = {
    "stub_topic": [f"# 残差连接\n\n{BODY}\n", "# 网络\n\n## 残差连接\n\n" + BODY + "\n"],
    "doubled_punctuation": [
        "# 池化\n\n最大池化……平均池化——两者都没有参数。\n",
        "# 池化\n\n等等。。。还有很多……真的吗？？是的！！\n",
        "# 切片\n\n写成 `x[:,,0]` 是语法错误，应当写 `x[:, 0]`。\n",
        "# 路径\n\n上一级目录写作 ../data，当前目录写作 ./data，范围写作 0..9。\n",
        "# 表\n\n1,,2,,3\n\n这一行是空值的例子，逗号之间没有内容。\n",
        "# 公式\n\n下标写作 $a_{i,,j}$ 时有空位，一般不这样写。\n",
    ],
    "suspicious_character": [
        "# 表情\n\n家庭 👨\u200d👩\u200d👧 由三个字符连成，用来测试分词。\n",
        '# 引号\n\n“全角”和"半角"引号混用只是习惯，（括号）也是(这样)。\n',
        "# 波斯语\n\nمی\u200cخواهم 中间的连接符是书写规则要求的。\n",
    ],
    "unbalanced_markup": [
        "# 残差\n\n输出是 $y = x + f(x)$，价格是 $5 和 $10，变量是 $HOME。\n",
        "# 残差\n\n输出是 $ y = x $，其中 $f(x) $ 是分支，$$z = 1$$ 是例子。\n",
        "# 残差\n\n$$\ny = x + f(x)\n$$\n\n输入直接加到输出上。\n",
        "# 代码\n\n````markdown\n```python\nx\n```\n````\n\n外层的围栏比里层长一个字符。\n",
        "- 列表\n\n    ```python\n    x = 1\n    ```\n\n  缩进的围栏也是成对的，这里没有错。\n",
        "# 命令\n\n一个 `$` 写在代码里不算公式，`echo $x` 也一样。\n",
    ],
    "dead_link": [
        "# 残差\n\n见 [网页](https://example.com/a.md) 和 [上面](#残差)，或写信给 [我](mailto:a@b.c)。\n",
        "# 残差\n\n`[x](gone.md)` 只是写法，$f[i](x.y)$ 是公式，区间 [0,1](闭区间) 也不是链接。\n",
    ],
    "missing_figure": [
        "# 分类\n\n任务如图像分类和图像分割，以下图像任务都用同一个主干，特征图中每个点对应一块区域。\n",
        "# 裁剪\n\n训练时从图片上随机裁剪一块，再缩放到固定大小。\n",
        "# 残差\n\n如下图所示，输入直接加到输出上。\n\n![结构](https://example.com/res.png)\n",
        "# 残差\n\n结构见下图。\n\n```mermaid\ngraph LR; x --> y\n```\n",
        "# 计算图\n\n计算图中每个节点是一个算子，上下图之间没有关系。\n",
        "# Figures\n\nFigure out the size first; the picture is cropped before it is resized.\n",
    ],
    "nothing_to_quiz": [
        "# 如何缓解梯度消失\n\n1. 残差结构\n2. 换成 ReLU\n",
        "# 残差\n\n$y = x + f(x)$\n",
        f"# 残差\n\n为什么有效？{BODY}\n",
    ],
    "long_topic": ["# 残差\n\n" + "\n\n".join(f"## 第 {i} 节\n\n{BODY * 20}" for i in range(6)) + "\n"],
    "contradicted_heading": [
        "# ShuffleNet为什么在GPU上很慢\n\n理论上ShuffleNet在GPU上更快，但访存拖慢了它，所以ShuffleNet在GPU上更慢。\n",
        "# MobileNet为什么在CPU上不快\n\nMobileNet在GPU上更快，在CPU上访存多，所以慢。\n",
        "# BN为什么能缓解过拟合\n\nBN 引入噪声，可以缓解过拟合；batch 太小时反而会加剧过拟合。\n",
        "# Adam为什么收敛快\n\nAdam 有动量，收敛快；SGD 收敛慢。\n",
        "# BN和IN\n\nBN 更快，IN 更慢。\n",
    ],
    "computed_figure": [
        "# 感受野\n\n三个 3×3 卷积堆叠，感受野是 7，和一个 7×7 卷积相同。\n",
        "# 感受野\n\n如果三个 3×3 卷积的感受野是 9，那就算错了。\n",
        "# 感受野\n\n先 2×2 stride 2 池化，再三个 3×3 卷积，感受野是 14。\n",
        "# 卷积\n\n输入 32，卷积核大小 5，stride 1，padding 0，输出大小是 28。\n",
        "# 卷积\n\n第二层的输出大小是 14，感受野是 6。\n",
    ],
}


@pytest.mark.parametrize(
    ("rule", "text", "lines"), [(r, *case) for r, cases in FAULTS.items() for case in cases]
)
def test_a_fault_is_found_where_it_stands(rule: str, text: str, lines: list[tuple[int, int]]) -> None:
    assert places(text, rule=rule) == lines


@pytest.mark.parametrize(("rule", "text"), [(r, text) for r, texts in NO_FAULTS.items() for text in texts])
def test_what_only_looks_like_a_fault_is_not_reported(rule: str, text: str) -> None:
    assert findings(text, rule=rule) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("BN", "批归一化"),
        ("感受野怎么算", "感受野的计算"),
        ("什么是 Dropout", "Dropout"),
        ("Label smoothing", "标签平滑的原理"),
        ("receptive field", "What is the receptive field?"),
    ],
)
def test_one_subject_under_two_names_is_found_and_the_first_is_named(one: str, other: str) -> None:
    (found,) = findings(f"# {one}\n\n{BODY}\n\n# {other}\n\n{GAN}\n", rule="repeated_topic")
    assert found.lines[0] == 5
    assert one in found.message
    assert "note0.md:1" in found.message


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("BN", "BN 的反向传播"),
        ("BN和IN", "BN和dropout混用"),
        ("感受野的计算", "不同卷积的感受野"),
        ("L1正则化", "L2正则化"),
        ("GAN不收敛", "GAN模式崩溃"),
        ("Adam 的优点", "Adam 的缺点"),
        ("Adam", "Adam 和 SGD 的区别"),
    ],
)
def test_topics_that_share_a_subject_are_not_one_topic(one: str, other: str) -> None:
    assert findings(f"# {one}\n\n{BODY}\n\n# {other}\n\n{GAN}\n", rule="repeated_topic") == []


def test_the_same_section_under_two_headings_is_not_one_topic() -> None:
    text = "\n\n".join(
        f"# {name}\n\n## 优点\n\n{body}\n\n## 反向传播\n\n{body}"
        for name, body in (("Adam", BODY), ("GAN", GAN))
    )
    assert findings(text, rule="repeated_topic") == []


def test_topics_whose_titles_differ_a_little_and_share_their_links_are_one() -> None:
    link = "https://example.com/receptive-field"
    (found,) = findings(
        f"# 不同卷积感受野计算\n\n{link}?from=a\n\n# 感受野计算\n\n{link}\n", rule="repeated_topic"
    )
    assert found.lines == (5, 7)


def test_a_sentence_pasted_into_the_middle_of_another_is_out_of_place_there() -> None:
    broken = f"{BODY[:13]}{GAN}{BODY[13:]}"
    (found,) = findings(f"# 残差连接\n\n{broken}\n", f"# GAN 的训练\n\n第一点：{GAN}\n", rule="pasted_text")
    assert (found.path.name, found.lines) == ("note0.md", (3, 3))
    assert "打断" in found.message
    assert "《GAN 的训练》（note1.md:3）" in found.message
    assert found.confidence > 0.9


def test_a_sentence_under_two_headings_belongs_where_the_heading_speaks_of_it() -> None:
    (found,) = findings(f"# 生成器和判别器\n\n{GAN}\n\n# 残差连接\n\n{BODY}\n{GAN}\n", rule="pasted_text")
    assert found.lines == (8, 8)
    assert "从标题看" in found.message


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (GAN[:20], GAN[:20]),
        (f"{BODY}{GAN}", BODY[:20] + GAN[20:30]),
        ("```\n" + GAN + "\n```", "```\n" + GAN + "\n```"),
    ],
)
def test_short_likeness_and_code_are_no_pasting(one: str, other: str) -> None:
    assert (
        findings(f"# 甲\n\n{one}\n\n正文在这里。\n\n# 乙\n\n{other}\n\n正文在那里。\n", rule="pasted_text")
        == []
    )


def test_a_sentence_under_every_topic_is_a_template() -> None:
    text = "\n".join(f"# 主题{i}\n\n{GAN}\n" for i in "甲乙丙丁戊己庚")
    assert findings(text, rule="pasted_text") == []


def test_two_sentences_that_begin_alike_are_no_pasting() -> None:
    begin = "膨胀率为二的三乘三卷积覆盖的范围和一个五乘五卷积的范围是完全一样大的"
    text = f"# 空洞卷积\n\n{begin}。\n\n# 感受野\n\n{begin}而且参数更少。\n"
    assert findings(text, rule="pasted_text") == []


def test_a_name_in_many_topics_that_the_glossary_lacks_is_guessed_to_be_a_term() -> None:
    text = "\n".join(f"# 主题{i}\n\nZorbNet 的第{i}个性质在这里，ZorbNet 也用了 ResNet。\n" for i in "一二三")
    (found,) = findings(text, rule="missing_term")
    assert "“ZorbNet”在 3 个主题里出现了 6 次" in found.message
    assert found.confidence < 0.5


def test_a_link_to_a_file_that_is_there_is_alive(tmp_path: Path) -> None:
    (tmp_path / "a b.md").write_text("x")
    (tmp_path / "img").mkdir()
    (tmp_path / "img" / "r(1).png").write_bytes(b"x")
    text = '# 残差\n\n[甲](a%20b.md#节) [乙](<a b.md> "标题") ![丙](img/r(1).png) [丁](img/)\n'
    found = check_notes([Note(tmp_path / "note.md", text)], glossary())
    assert [f for f in found if f.rule == "dead_link"] == []


def test_messages_are_in_the_language_of_the_note() -> None:
    chinese, english = findings("# 空洞卷积\n", "# Dilated convolution\n", rule="stub_topic")
    assert chinese.message == "主题《空洞卷积》只有标题，没有正文。"
    assert english.message == "The topic “Dilated convolution” holds only its title, no text."
