"""Notes of many shapes, each with the topics a reader would see in it: title, first line, last line, stub."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.readers import text as text_reader
from corpus.reading import read_notes
from corpus.splitting import split_note

SHAPES = Path(__file__).parents[1] / "data" / "notes_shapes"

Row = tuple[str, int, int, bool]

EXPECTED: dict[str, list[Row]] = {
    "bare_lines.txt": [
        ("召回和排序的区别", 5, 8, False),
        ("为什么双塔模型快:", 10, 12, False),
        ("embedding维度选择", 14, 19, False),
        ("负采样", 21, 21, True),
        ("曝光偏差", 23, 23, True),
        ("样本选择偏差如何修正", 25, 27, False),
        ("FM和DeepFM", 29, 34, False),
        ("冷启动有哪些办法?", 36, 41, False),
        ("NDCG计算", 43, 46, True),
        ("在线学习", 48, 50, True),
    ],
    "numbered.txt": [
        ("1. 什么是感受野", 3, 9, False),
        ("2. 为什么要做数据增强", 11, 13, False),
        ("3. 学习率预热", 15, 17, False),
        ("4. 标签平滑", 19, 19, True),
    ],
    "chapters.txt": [
        ("第一节 卷积的参数量", 3, 5, False),
        ("第二节 池化的作用", 7, 9, False),
        ("第二章 循环网络", 11, 13, False),
        ("第一节 门控单元", 15, 17, False),
    ],
    "chinese_numerals.md": [
        ("(一)动量", 3, 5, False),
        ("(二)学习率衰减", 7, 9, False),
        ("(一)权重衰减", 13, 15, False),
    ],
    "decimals.txt": [
        ("1.1 梯度下降", 2, 3, False),
        ("1.2 牛顿法", 4, 5, False),
        ("2.1 岭回归", 7, 8, False),
    ],
    "questions.txt": [
        ("Q1: 为什么 Transformer 要除以根号 dk?", 1, 2, False),
        ("Q2: 多头注意力比单头好在哪里?", 4, 7, False),
        ("Q3: KV cache 存的是什么?", 9, 11, False),
    ],
    "ask_and_answer.txt": [
        ("问:早停为什么算正则化?", 1, 2, False),
        ("问:怎样选早停的耐心值?", 3, 4, False),
    ],
    "bold_lines.md": [
        ("什么是知识蒸馏?", 1, 7, False),
        ("温度参数的作用", 9, 11, False),
        ("量化感知训练", 13, 15, False),
    ],
    "underlined.txt": [
        ("Attention", 4, 7, False),
        ("State space models", 9, 15, False),
    ],
    "nested.md": [
        ("Convolution", 1, 3, False),
        ("Padding", 5, 13, False),
        ("Causal padding", 15, 17, False),
        ("Stride", 19, 29, False),
        ("Dilation", 31, 31, True),
        ("Pooling", 33, 38, False),
    ],
    "titled.md": [("批归一化", 2, 27, False)],
    "english.txt": [
        ("Momentum", 5, 8, False),
        ("Why does Adam need bias correction?", 10, 12, False),
        ("SGD, Adam and Lion", 14, 21, False),
        ("Gradient clipping:", 23, 28, False),
        ("Warmup", 30, 30, True),
    ],
    "formulas.txt": [
        ("交叉熵损失", 1, 9, False),
        ("焦点损失的公式", 11, 18, False),
        ("损失函数怎么选", 20, 22, False),
    ],
    "lists.txt": [
        ("过拟合怎么办", 1, 7, False),
        ("欠拟合的表现", 9, 12, False),
        ("调参顺序", 14, 21, False),
        ("类别不平衡", 23, 26, False),
    ],
    "flush.txt": [
        ("批大小和学习率", 1, 2, False),
        ("梯度噪声", 4, 8, False),
        ("线性缩放规则", 10, 11, False),
    ],
    "no_heading.txt": [("no_heading", 1, 3, False)],
    "only_links.md": [("only_links", 1, 4, True)],
    "pasted_notebook.txt": [
        ("Layer norm in numpy", 1, 10, False),
        ("Numerical stability", 12, 14, False),
        ("Which axis for images?", 16, 18, False),
    ],
    "dense.txt": [
        ("什么是梯度累积?", 1, 2, False),
        ("为什么要混合精度训练?", 3, 4, False),
        ("怎样检查梯度是否正确?", 5, 6, False),
    ],
    "titled_once.md": [
        ("锚框的作用", 3, 5, False),
        ("NMS的步骤有哪些?", 7, 9, False),
        ("IoU损失的缺点", 11, 13, False),
    ],
    "one_heading.md": [("残差连接", 1, 11, False)],
}


def rows(path: Path) -> list[Row]:
    (note,) = read_notes([path]).notes
    return [(t.title, t.location.first, t.location.last, t.stub) for t in split_note(note)]


@pytest.mark.parametrize("name", EXPECTED)
def test_a_note_splits_into_the_topics_a_reader_sees(name: str) -> None:
    assert rows(SHAPES / name) == EXPECTED[name]


def test_every_shape_has_its_topics_written_down() -> None:
    assert {path.name for path in SHAPES.iterdir()} == set(EXPECTED)


def test_windows_line_ends_and_a_byte_order_mark_change_no_line_number(tmp_path: Path) -> None:
    copy = tmp_path / "bare_lines.txt"
    text = (SHAPES / "bare_lines.txt").read_text("utf-8")
    copy.write_bytes(text.replace("\n", "\r\n").encode("utf-8-sig"))
    assert rows(copy) == EXPECTED["bare_lines.txt"]


@pytest.mark.parametrize("name", ["bare_lines.txt", "questions.txt", "lists.txt", "dense.txt"])
def test_full_width_punctuation_is_the_same_as_half_width(name: str) -> None:
    wide = str.maketrans({",": "，", ":": "：", ";": "；", "?": "？", "(": "（", ")": "）"})
    text = (SHAPES / name).read_text("utf-8").translate(wide).replace("https：", "https:")
    topics = split_note(text_reader.read(SHAPES / name, text.encode()))
    found = [(t.title, t.location.first, t.location.last, t.stub) for t in topics]
    assert found == [(title.translate(wide), *rest) for title, *rest in EXPECTED[name]]


def test_headings_above_a_topic_are_its_heading_path() -> None:
    (note,) = read_notes([SHAPES / "nested.md"]).notes
    assert [t.heading_path for t in split_note(note)] == [
        ("Convolution",),
        ("Convolution", "Padding"),
        ("Convolution", "Padding", "Causal padding"),
        ("Convolution", "Stride"),
        ("Convolution", "Dilation"),
        ("Pooling",),
    ]
    (note,) = read_notes([SHAPES / "chapters.txt"]).notes
    assert split_note(note)[3].heading_path == ("第二章 循环网络", "第一节 门控单元")


def test_a_titled_note_is_one_topic_whose_headings_are_sections() -> None:
    (note,) = read_notes([SHAPES / "titled.md"]).notes
    (topic,) = split_note(note)
    assert [(p.heading_path, p.location.lines) for p in topic.passages] == [
        (("批归一化",), (13, 13)),
        (("批归一化", "公式"), (17, 21)),
        (("批归一化", "常见错误", "批次太小"), (27, 27)),
    ]
    assert topic.front_matter is note.front_matter
    for term in ("批归一化", "Batch normalization", "batch norm", "tiny batches"):
        assert all(term in passage.search_text for passage in topic.passages)


def test_a_stub_has_one_passage_from_its_heading_to_its_last_link() -> None:
    (note,) = read_notes([SHAPES / "bare_lines.txt"]).notes
    stubs = [topic for topic in split_note(note) if topic.stub]
    lines = note.text.split("\n")
    assert len(stubs) == 4
    for topic in stubs:
        (passage,) = topic.passages
        assert passage.stub
        assert passage.location == topic.location
        assert passage.text == "\n".join(lines[topic.location.first - 1 : topic.location.last])
