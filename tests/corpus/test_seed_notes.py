"""The user's own notes, where they lie next to the project: 26 topics, whatever their headings say."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

import pytest

from corpus.reading import read_notes
from corpus.splitting import split_note
from corpus.types import Note, Syntax, Topic

SEED = Path(__file__).resolve().parents[2].parent / "shared" / "seed"

# First and last line of every topic, counted by hand.
SPANS = [
    (5, 9), (11, 16), (18, 20), (22, 26), (28, 35), (37, 40), (42, 46), (48, 50), (52, 58), (60, 68),
    (70, 73), (75, 77), (79, 90), (92, 94), (96, 96), (98, 100), (102, 111), (113, 117), (119, 121), (123, 125),
    (127, 130), (132, 144), (146, 146), (148, 150), (152, 155), (157, 159),
]  # fmt: skip
STUBS = [15, 21, 23, 24, 25, 26]
"""Which topics, counted from 1, hold only a title or links."""

NAMES = (
    "LN GRU LSTM Adam AdamW Lion SGD ResNet DenseNet ViT Swin BERT GPT LoRA KL散度 交叉熵 残差连接 "
    "注意力 多头注意力 位置编码 权重衰减 学习率预热 标签平滑 知识蒸馏 量化 剪枝 数据增强 对比学习 "
    "空洞卷积 转置卷积 深度可分离卷积 组归一化 梯度裁剪 混合精度 焦点损失 IoU NMS FPN K-means PCA SVM "
    "随机森林 XGBoost HMM CRF 扩散模型 VAE 词向量 BPE 束搜索 强化学习 Softmax GELU Swish 早停 批大小 "
    "类别不平衡 小目标检测 迁移学习 自监督预训练 注意力机制 表示学习 假设检验 即插即用模块"
).split()
SHAPES = {
    "question": [
        "{}为什么有效", "为什么{}比{}好", "如何理解{}和{}", "{}为什么在GPU上慢", "怎么调{}", "{}是如何计算的",
        "{}能缓解过拟合吗",        "Why does {} work", "How to choose between {} and {}", "什么是{}", "{}有哪些改进",
    ],
    "noun": [
        "{}", "{}和{}", "{}与{}的区别", "{}、{}、{}区别", "{}优缺点", "{}的作用", "{}不收敛的原因", "{}和{}混用",
        "不同{}", "{}函数优缺点", "{}的反向传播", "{}计算", "{}不稳定和模式崩溃", "{}模块作用", "{} vs. {}",
        "{}的棋盘格现象",
    ],
}  # fmt: skip


def seed_note() -> Note:
    if not SEED.is_dir():
        pytest.skip("the seed notes do not lie next to the project")
    (note,) = read_notes([SEED]).notes
    return note


def spans(topics: tuple[Topic, ...]) -> list[tuple[int, int]]:
    return [(topic.location.first, topic.location.last) for topic in topics]


def test_the_seed_notes_hold_exactly_their_26_topics() -> None:
    note = seed_note()
    topics = split_note(note)
    lines = note.text.split("\n")
    assert spans(topics) == SPANS
    assert [i for i, topic in enumerate(topics, 1) if topic.stub] == STUBS
    assert all(topic.title == lines[topic.location.first - 1] for topic in topics)
    assert all(topic.heading_path == (topic.title,) for topic in topics)


def test_every_passage_of_the_seed_notes_is_what_its_lines_say() -> None:
    note = seed_note()
    lines = note.text.split("\n")
    passages = [passage for topic in split_note(note) for passage in topic.passages]
    assert len({passage.passage_id for passage in passages}) == len(passages)
    for passage in passages:
        assert passage.text == "\n".join(lines[passage.location.first - 1 : passage.location.last])


def renamed(lines: list[str], random: Random) -> list[str]:
    """Return the notes with every heading replaced by one of the same shape and ending."""
    lines = list(lines)
    for first, _ in SPANS:
        title = lines[first - 1]
        asks = re.search("为什么|如何|怎么", title)
        shape = random.choice(SHAPES["question" if asks else "noun"])
        ending = title[-1] if title[-1] in ":?" else ""
        lines[first - 1] = shape.format(*random.sample(NAMES, 3)) + ending
    return lines


@pytest.mark.parametrize("seed", range(60))
def test_the_topics_stand_where_they_stood_whatever_they_are_called(seed: int) -> None:
    note = seed_note()
    lines = renamed(note.text.split("\n"), Random(seed))
    topics = split_note(Note(note.path, "\n".join(lines), syntax=note.syntax))
    assert spans(topics) == SPANS
    assert [topic.title for topic in topics] == [lines[first - 1] for first, _ in SPANS]
    assert [i for i, topic in enumerate(topics, 1) if topic.stub] == STUBS


@pytest.mark.parametrize("mark", ["## {}", "**{}**", "{n}. {}", "{n}、{}", "Q{n}: {}"])
def test_the_topics_are_the_same_when_their_headings_are_marked(mark: str) -> None:
    note = seed_note()
    lines = note.text.split("\n")
    for n, (first, _) in enumerate(SPANS, 1):
        lines[first - 1] = mark.format(lines[first - 1], n=n)
    topics = split_note(Note(note.path, "\n".join(lines), syntax=Syntax.MARKDOWN))
    assert [first for first, _ in spans(topics)] == [first for first, _ in SPANS]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_the_topics_are_the_same_in_every_encoding(encoding: str, tmp_path: Path) -> None:
    text = seed_note().text.replace("\n", "\r\n")
    (tmp_path / "notes.txt").write_bytes(text.encode(encoding))
    (note,) = read_notes([tmp_path]).notes
    assert spans(split_note(note)) == SPANS
