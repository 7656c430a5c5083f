"""Output sizes against torch, against TensorFlow's rule, and in the words of questions."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from assistant.demo_kit.question import read_facts
from assistant.demo_kit.registry import run
from assistant.demo_kit.types import DemoError, Fault
from assistant.demos.conv_output_size import conv_output_size, read_question

pairs = st.tuples(st.integers(1, 6), st.integers(1, 6)).map(list)


def numbers(**arguments: Any) -> Any:
    return conv_output_size(**arguments).numbers


@settings(max_examples=80, deadline=None)
@given(
    size=st.tuples(st.integers(1, 30), st.integers(1, 30)).map(list),
    kernel=pairs,
    stride=pairs,
    padding=st.tuples(st.integers(0, 4), st.integers(0, 4)).map(list),
    dilation=st.tuples(st.integers(1, 3), st.integers(1, 3)).map(list),
)
def test_a_convolution_gives_what_torch_gives(
    size: Any, kernel: Any, stride: Any, padding: Any, dilation: Any
) -> None:
    x = torch.zeros(1, 1, *size)
    arguments = {"kernel": kernel, "stride": stride, "padding": padding, "dilation": dilation}
    fits = all(
        n + 2 * p >= d * (k - 1) + 1 for n, k, p, d in zip(size, kernel, padding, dilation, strict=True)
    )
    if not fits:
        with pytest.raises(DemoError, match="larger than the padded input"):
            conv_output_size(input_size=size, **arguments)
        return
    out = torch.nn.Conv2d(1, 1, tuple(kernel), tuple(stride), tuple(padding), tuple(dilation))(x)
    found = numbers(input_size=size, **arguments)
    assert found["output"] == list(out.shape[2:])
    # Removing what is dropped changes nothing and leaves a stride that divides.
    trimmed = [n - cut for n, cut in zip(size, found["dropped"], strict=True)]
    assume(min(trimmed) > 0)
    again = numbers(input_size=trimmed, **arguments)
    assert (again["output"], again["divides"]) == (found["output"], [True, True])


@settings(max_examples=80, deadline=None)
@given(
    size=st.integers(1, 12),
    kernel=st.integers(1, 6),
    stride=st.integers(1, 4),
    padding=st.integers(0, 4),
    dilation=st.integers(1, 3),
    extra=st.integers(0, 3),
)
def test_a_transposed_convolution_gives_what_torch_gives(
    size: int, kernel: int, stride: int, padding: int, dilation: int, extra: int
) -> None:
    assume(extra < stride)
    arguments: Any = {"input_size": size, "kernel": kernel, "stride": stride, "padding": padding}
    expected = (size - 1) * stride - 2 * padding + dilation * (kernel - 1) + extra + 1
    if expected < 1:
        with pytest.raises(DemoError, match="crops"):
            conv_output_size(**arguments, dilation=dilation, output_padding=extra, transposed=True)
        return
    layer = torch.nn.ConvTranspose2d(1, 1, kernel, stride, padding, extra, dilation=dilation)
    found = numbers(**arguments, dilation=dilation, output_padding=extra, transposed=True)
    assert found["output"] == layer(torch.zeros(1, 1, size, size)).shape[-1]


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "padding"), [(28, 2, 2, 0), (55, 3, 2, 0), (13, 3, 2, 1)]
)
def test_pooling_is_sized_like_convolution(size: int, kernel: int, stride: int, padding: int) -> None:
    out = torch.nn.MaxPool2d(kernel, stride, padding)(torch.zeros(1, 1, size, size))
    found = numbers(input_size=size, kernel=kernel, stride=stride, padding=padding)
    assert found["output"] == out.shape[-1]


@given(st.integers(1, 60), st.integers(1, 9), st.integers(1, 6))
def test_same_keeps_the_ceiling_and_puts_the_odd_pixel_on_the_right(
    size: int, kernel: int, stride: int
) -> None:
    found = numbers(input_size=size, kernel=kernel, stride=stride, mode="same")
    assert found["output"] == -(-size // stride)
    assert found["pad_right"] - found["pad_left"] in (0, 1)
    assert found["pad_total"] == found["pad_left"] + found["pad_right"] < kernel


def test_tensorflow_example_of_13_by_6_stride_5() -> None:
    same = numbers(input_size=13, kernel=6, stride=5, mode="same")
    assert (same["output"], same["pad_left"], same["pad_right"], same["dropped"]) == (3, 1, 2, 0)
    valid = numbers(input_size=13, kernel=6, stride=5, mode="valid")
    assert (valid["output"], valid["dropped"]) == (2, 2)


def test_a_stride_that_does_not_divide_warns_and_says_the_exact_value() -> None:
    result = conv_output_size(input_size=10, kernel=3, stride=2)
    assert result.numbers["exact"] == 4.5
    assert result.numbers["output"] == 4
    assert result.numbers["divides"] is False
    assert "1 per axis" in result.warnings[0]


def test_axes_are_height_then_width() -> None:
    # The arguments of the example in the docstring of torch.nn.Conv2d.
    found = numbers(input_size=[50, 100], kernel=[3, 5], stride=[2, 1], padding=[4, 2], dilation=[3, 1])
    assert found["output"] == [26, 100]
    assert found["effective_kernel"] == [7, 5]


def test_a_chain_reports_every_size_and_what_the_end_sees() -> None:
    # The spatial sizes of AlexNet as cs231n walks through it: 227, 55, 27, 27, 13.
    chain: Any = [{"k": 11, "s": 4}, {"k": 3, "s": 2}, {"k": 5, "p": 2}, {"k": 3, "s": 2}]
    result = conv_output_size(input_size=227, chain=chain)
    assert result.numbers["trace"] == [55, 27, 27, 13]
    assert result.numbers["output"] == 13
    assert result.numbers["rf"] == 67
    assert numbers(input_size=[227, 100], chain=chain)["trace"][0] == [55, 23]


@pytest.mark.parametrize(
    ("arguments", "fault", "param"),
    [
        ({"input_size": 5, "kernel": 3, "padding": 1, "mode": "same"}, Fault.INCONSISTENT, "padding"),
        ({"input_size": 5, "mode": "same", "transposed": True}, Fault.UNSUPPORTED, "mode"),
        ({"stride": 2, "output_padding": 1}, Fault.INCONSISTENT, "output_padding"),
        ({"stride": 2, "output_padding": 2, "transposed": True}, Fault.OUT_OF_RANGE, "output_padding"),
        ({"chain": [{"k": 3}], "kernel": 5}, Fault.INCONSISTENT, "chain"),
        ({"input_size": 5, "chain": [{"k": 3}, {"k": 5}]}, Fault.OUT_OF_RANGE, "kernel"),
        ({"chain": [{"k": 3, "s": 512, "p": 1}] * 50}, Fault.TOO_BIG, "chain"),
        ({"input_size": 7, "kernel": 6, "dilation": 2}, Fault.OUT_OF_RANGE, "kernel"),
    ],
)
def test_what_does_not_fit_together_is_refused(arguments: Any, fault: Fault, param: str) -> None:
    with pytest.raises(DemoError) as refused:
        conv_output_size(**arguments)
    assert (refused.value.fault, refused.value.param) == (fault, param)
    assert refused.value.hint_zh


def test_the_picture_shows_which_input_positions_the_kernel_touches() -> None:
    plot = conv_output_size(input_size=5, kernel=2, stride=2, padding=1, dilation=2).plot
    assert plot is not None
    taps = list(zip(plot.series[0].x, plot.series[0].y, strict=True))
    assert taps == [(-1, 0), (1, 0), (1, 1), (3, 1), (3, 2), (5, 2)]


def test_the_picture_of_a_large_kernel_stays_small() -> None:
    plot = run("conv_output_size", {"input_size": 100_000, "kernel": 512}).plot
    assert plot is not None
    assert len(plot.series[0].x) <= 2000


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        (
            "输入 32 卷积核 3 步长 2 填充 1 输出多大?",
            {"input_size": 32, "kernel": 3, "stride": 2, "padding": 1},
        ),
        (
            "224输入,7x7,stride 2,padding 3 输出多大",
            {"input_size": 224, "kernel": 7, "stride": 2, "padding": 3},
        ),
        (
            "7x7 的卷积核, 步长 2, 填充 3, 输入 224",
            {"input_size": 224, "kernel": 7, "stride": 2, "padding": 3},
        ),
        (
            "SAME padding 13, kernel 6, stride 5",
            {"input_size": 13, "kernel": 6, "stride": 5, "mode": "same"},
        ),
        ("3x3 padding=1 为什么尺寸不变", {"kernel": 3, "padding": 1}),
        (
            "反卷积 输入4 kernel 4 stride 2 padding 1 输出多大",
            {"input_size": 4, "kernel": 4, "stride": 2, "padding": 1, "transposed": True},
        ),
        (
            "转置卷积 输入6 kernel 3 stride 2 padding 1 output_padding 1 输出多大",
            {
                "input_size": 6,
                "kernel": 3,
                "stride": 2,
                "padding": 1,
                "output_padding": 1,
                "transposed": True,
            },
        ),
        (
            "output size of 32x32 input with 5x5 conv stride 1 padding 2",
            {"input_size": 32, "kernel": 5, "stride": 1, "padding": 2},
        ),
        ("一张 32x32x3 的图，5x5 卷积核，输出特征图大小", {"input_size": 32, "kernel": 5}),
        (
            "dilated 3x3 conv with dilation 2, input 7, output size?",
            {"input_size": 7, "kernel": 3, "dilation": 2},
        ),
        (
            "三层 3x3 stride 2 padding 1 卷积 输入 224 输出多大",
            {"input_size": 224, "chain": [{"k": 3, "s": 2, "p": 1}] * 3},
        ),
        ("卷积输出尺寸怎么算", {}),
        ("transformer 的 padding mask 有什么用", None),
        ("3x3卷积的参数量是多少，输入64通道输出128通道", None),
        ("感受野和输出尺寸的关系", None),
        ("池化和全连接的区别", None),
        ("softmax 输出多少个类别", None),
    ],
)
def test_questions_are_read(question: str, arguments: dict[str, Any] | None) -> None:
    found = read_question(read_facts(question))
    assert found == arguments
    if found is not None:
        conv_output_size(**found)
