"""Numbers, sizes and lists as people write them in Chinese and English; and nothing that is not written."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.demo_kit.question import Facts, read_facts

STRIDE = ("stride", "步长")
RATE = ("lr", "learning rate", "学习率")
LAYER = ("层", "layer")


@pytest.mark.parametrize(
    ("question", "names", "value"),
    [
        ("stride 2", STRIDE, 2),
        ("stride=2", STRIDE, 2),
        ("strides: 2", STRIDE, 2),
        ("步长为2", STRIDE, 2),
        ("步长是 ２", STRIDE, 2),
        ("a stride of 2", STRIDE, 2),
        ("2x2 stride", STRIDE, 2),
        ("stride-2 conv", STRIDE, 2),
        ("stride 2 conv", STRIDE, 2),
        ("kernel3 stride2", STRIDE, 2),
        ("3x3 stride 2", STRIDE, 2),
        ("7x7,stride 2,padding 3", STRIDE, 2),
        ("步长=1为什么尺寸不变", STRIDE, 1),
        ("k3s2p1", ("s",), 2),
        ("步长不为1", STRIDE, None),
        ("步长是什么", STRIDE, None),
        ("striding 2", STRIDE, None),
        ("lr 0.1", RATE, 0.1),
        ("lr0.1", RATE, 0.1),
        ("学习率取0.1", RATE, 0.1),
        ("0.1的学习率", RATE, 0.1),
        ("learning_rate=1e-3", RATE, 0.001),
        ("学习率设为10⁻³", RATE, 0.001),
        ("lr=1×10^-3", RATE, 0.001),
        ("学习率(.5)", RATE, 0.5),
        ("学习率0.21会发散吗,曲率10", RATE, 0.21),
        ("学习率最大能取多少，最大曲率10", RATE, None),
        ("学习率为什么不能太大", RATE, None),
        ("dropout 30%", ("dropout",), 0.3),
        ("丢弃率百分之三十", ("丢弃率",), 0.3),
        ("beta1=0.9 beta2 0.999", ("beta1",), 0.9),
        ("beta1=0.9 beta2 0.999", ("beta2",), 0.999),
        ("beta1=0.9 beta2 0.999", ("beta",), None),
        ("3x3 kernel, stride 2", ("kernel",), 3),
        ("kernel size 3", ("kernel",), 3),
        ("1x7 kernel", ("kernel",), None),
        ("步长2的卷积核", ("卷积核",), None),
        ("kernel 3d", ("kernel",), None),
        ("卷积核 3 步长 2 填充 1", ("卷积核",), 3),
        ("卷积核 3 通道数 64", ("卷积核",), 3),
        ("卷积核 3 个", ("卷积核",), None),
        ("x=-1", ("x",), -1),
        ("3x3", ("x",), None),
        ("λ=0.5", ("lambda", "λ"), 0.5),
        ("梯度[3,4]裁剪到1", ("裁剪",), 1),
        ("batch size 1,000", ("batch size",), 1000),
        ("10k 步，lr 0.1", ("lr",), 0.1),
    ],
)
def test_the_number_beside_a_name(question: str, names: tuple[str, ...], value: float | None) -> None:
    found = read_facts(question).number(*names)
    assert found == (None if value is None else pytest.approx(value))


def test_an_integer_stays_an_integer() -> None:
    assert type(read_facts("stride 2").number("stride")) is int
    assert type(read_facts("lr 2.0").number("lr")) is float


@pytest.mark.parametrize(
    ("question", "names", "values"),
    [
        ("dilation 1,2,4", ("dilation",), [1, 2, 4]),
        ("膨胀率 1、2、5", ("膨胀率",), [1, 2, 5]),
        ("膨胀率为1,2,5的三层卷积", ("膨胀率",), [1, 2, 5]),
        ("dilations 1, 2 and 4", ("dilation",), [1, 2, 4]),
        ("1/2/4 dilation", ("dilation",), [1, 2, 4]),
        ("梯度[3,4]裁剪到1", ("梯度",), [3, 4]),
        ("[3,4]的梯度", ("梯度",), [3, 4]),
        ("batch 8 vs 32", ("batch",), [8, 32]),
        ("logits 2,1,-0.1, class 0", ("logits",), [2, 1, -0.1]),
        ("dilation 2, 3 layers", ("dilation",), [2]),
        ("dilation 2, 3x3 conv", ("dilation",), [2]),
        ("dilation 2", ("dilation",), [2]),
        ("what is dilation", ("dilation",), []),
    ],
)
def test_the_list_beside_a_name(question: str, names: tuple[str, ...], values: list[float]) -> None:
    assert read_facts(question).numbers(*names) == values


@pytest.mark.parametrize(
    ("question", "sizes"),
    [
        ("3x3", [(3, 3)]),
        ("5×5 and 7*7", [(5, 5), (7, 7)]),
        ("224 x 224", [(224, 224)]),
        ("3 by 3，3乘3", [(3, 3), (3, 3)]),
        ("224x224x3", [(224, 224)]),
        ("3x224x224", [(224, 224)]),
        ("8x64x32x16", [(32, 16)]),
        ("1x7+7x1", [(1, 7), (7, 1)]),
        ("2.5x3.5", []),
        ("0x10", []),
        ("1x10^-3", []),
    ],
)
def test_sizes_in_order(question: str, sizes: list[tuple[int, int]]) -> None:
    assert read_facts(question).sizes() == sizes


@pytest.mark.parametrize(
    ("question", "size"),
    [
        ("224输入,7x7,stride 2", (224, 224)),
        ("224输入 7x7卷积", (224, 224)),
        ("输入224", (224, 224)),
        ("输入为 28x14", (28, 14)),
        ("input 224", (224, 224)),
        ("stride 2 input 224", (224, 224)),
        ("14x14 feature map", (14, 14)),
        ("a 227x227x3 input", (227, 227)),
        ("输入3通道", None),
        ("输入是什么", None),
        ("7x7卷积", None),
    ],
)
def test_the_size_beside_a_noun(question: str, size: tuple[int, int] | None) -> None:
    assert read_facts(question).size_before("输入", "input", "feature map") == size


@pytest.mark.parametrize(
    ("question", "units", "count"),
    [
        ("三层", LAYER, 3),
        ("二十层", LAYER, 20),
        ("一千零二十四层", LAYER, 1024),
        ("3 layers", LAYER, 3),
        ("two layers", LAYER, 2),
        ("one hidden layer", LAYER, 1),
        ("三个隐藏层", LAYER, 3),
        ("50-layer resnet", LAYER, 50),
        ("depth 20 layers", LAYER, 20),
        ("网络是20层", LAYER, 20),
        ("layers=5", LAYER, 5),
        ("层数为8", LAYER, 8),
        ("第三层", LAYER, None),
        ("每一层", LAYER, None),
        ("3-4层", LAYER, None),
        ("步长10", ("步",), None),
        ("一步一步推导", LAYER, None),
        ("走10步", ("步", "step"), 10),
        ("三个3x3卷积", ("卷积",), 3),
        ("two 3x3 convs", ("conv",), 2),
        ("kernel 3 conv", ("conv",), None),
        ("十分类", ("分类",), 10),
        ("十分类似", ("分类",), None),
        ("10万类", ("类",), 100_000),
        ("1k 类", ("类",), 1000),
        ("1,000 classes", ("class",), 1000),
        ("2.5 层", LAYER, None),
    ],
)
def test_how_many(question: str, units: tuple[str, ...], count: int | None) -> None:
    assert read_facts(question).count(*units) == count


def test_an_amount_need_not_be_whole() -> None:
    facts = read_facts("125TFLOPS, 0.9 TB/s")
    assert facts.amount("tflops") == 125
    assert facts.amount("tb/s") == 0.9
    assert facts.amount("gb/s") is None


@pytest.mark.parametrize(
    ("question", "matrix"),
    [
        ("BN前向 [[1,2],[2,4]]", [[1, 2], [2, 4]]),
        ("x=[[1，2]，[3，-.5]]", [[1, 2], [3, -0.5]]),
        ("[1,2] 和 [[1,2],[3,4]]", [[1, 2], [3, 4]]),
        ("[[1,2],[3]]", None),
        ("[[1,2],[3,nan]]", None),
        ("[[1,2],[3,1e999]]", None),
        ("[1,2]", None),
        ("[[[1,2]]]", None),
        ("[[1,2", None),
    ],
)
def test_the_first_matrix(question: str, matrix: list[list[float]] | None) -> None:
    assert read_facts(question).matrix() == matrix


def test_vectors_by_name_and_without() -> None:
    facts = read_facts("w=[1,2], x0=(1,-1), [[5,6]] 再加 [7]")
    assert facts.vector("w") == [1, 2]
    assert facts.vector("x0") == [1, -1]
    assert facts.vector("grad") is None
    assert facts.vector() == [1, 2]
    assert read_facts("[[1,2],[3,4]]").vector() is None


@pytest.mark.parametrize(
    ("question", "word", "said"),
    [
        ("病态二次函数", "二次函数", True),
        ("leaky_relu", "leaky relu", True),
        ("LeakyReLU 斜率", "leaky relu", True),
        ("Adam优化器", "adam", True),
        ("ＡＤＡＭ", "adam", True),
        ("two convs", "conv", True),
        ("adamw", "adam", False),
        ("relu6", "relu", False),
        ("cabin", "bn", False),
        ("", "bn", False),
    ],
)
def test_words_are_whole_in_latin_and_parts_in_chinese(question: str, word: str, said: bool) -> None:
    assert read_facts(question).says(word) is said


def test_no_names_match_nothing() -> None:
    assert not read_facts("stride 2").says()
    assert read_facts("stride 2").number() is None


READERS: list[Any] = [
    lambda f: f.number("stride", "步长", "lr"),
    lambda f: f.numbers("dilation", "膨胀率"),
    lambda f: f.sizes(),
    lambda f: f.size_before("输入", "input"),
    lambda f: f.count("层", "layer"),
    lambda f: f.amount("gb/s", "倍"),
    lambda f: f.matrix(),
    lambda f: f.vector(),
    lambda f: f.vector("w"),
]


def _finite(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_finite, value))
    return value is None or math.isfinite(value)


@given(
    st.lists(
        st.sampled_from(
            [
                "stride",
                "步长",
                "输入",
                "层",
                "gb/s",
                "w",
                "为",
                "=",
                " ",
                "[",
                "]",
                ",",
                "x",
                "三",
                "百",
                "万",
            ]
        )
        | st.from_regex(r"[-+]?\d{0,30}\.?\d{0,5}(e\d{1,4})?%?", fullmatch=True)
        | st.text(max_size=5),
        max_size=14,
    ).map("".join)
)
def test_any_text_can_be_read_and_yields_finite_numbers(question: str) -> None:
    facts = read_facts(question)
    assert all(_finite(read(facts)) for read in READERS)


@given(
    st.integers(0, 10**6),
    st.sampled_from(["stride {}", "步长为{}", "{}的步长", "stride={},", "a stride of {}."]),
)
def test_a_written_integer_comes_back(value: int, template: str) -> None:
    assert read_facts(template.format(value)).number(*STRIDE) == value


@given(st.integers(1, 99_999))
def test_chinese_numerals_count(value: int) -> None:
    assert read_facts(f"{_chinese(value)}层").count("层") == value


def _chinese(value: int) -> str:
    """Return the numeral by the schoolbook rule: 10 is 十, a gap is one 零."""
    if value >= 10_000:
        rest = value % 10_000
        return (
            _chinese(value // 10_000)
            + "万"
            + (("零" if rest < 1000 else "") + _chinese(rest) if rest else "")
        )
    digits, text = "零一二三四五六七八九", ""
    for power, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // power % 10
        if digit:
            text += digits[digit] + unit
        elif text and value % power and not text.endswith("零"):
            text += "零"
    return text.removeprefix("一") if text.startswith("一十") else text


def test_a_long_paste_is_read_only_at_its_beginning() -> None:
    assert read_facts("x" * 10_000 + " stride 2").number("stride") is None
    assert Facts("").matrix() is None
