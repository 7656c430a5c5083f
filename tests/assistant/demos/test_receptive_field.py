"""The receptive field against a published table, against autograd, and in the words of questions."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.demo_kit.question import read_facts
from assistant.demo_kit.types import DemoError, Fault
from assistant.demo_parts.convolution import Window
from assistant.demo_parts.networks import NETWORKS
from assistant.demos.receptive_field import read_question, receptive_field

# google-research/receptive_field, RECEPTIVE_FIELD_TABLE.md: preset, endpoint, rf, stride, padding at 224 and 321.
PUBLISHED = [
    ("alexnet_v2", "conv1", 11, 4, 0, 0),
    ("alexnet_v2", "pool1", 19, 8, 0, 0),
    ("alexnet_v2", "conv2", 51, 8, 16, 16),
    ("alexnet_v2", "conv5", 163, 16, 64, 64),
    ("alexnet_v2", None, 195, 32, 64, 64),
    ("vgg_a", "pool1", 4, 2, 1, 1),
    ("vgg_a", "conv3_2", 26, 4, 11, 11),
    ("vgg_a", None, 150, 32, 59, 59),
    ("vgg_16", "conv4_2", 76, 8, 34, 34),
    ("vgg_16", "vgg_16/conv5/conv5_1", 132, 16, 58, 58),
    ("vgg_16", "pool3", 44, 8, 18, 18),
    ("vgg_16", None, 212, 32, 90, 90),
    ("inception_v2", "Conv2d_1a_7x7", 7, 2, 2, 3),
    ("inception_v2", "MaxPool_3a_3x3", 27, 8, 6, 13),
    ("inception_v2", "Mixed_4a", 123, 16, 46, 61),
    ("inception_v2", None, 699, 32, 318, 349),
    ("inception_v3", "MaxPool_5a_3x3", 31, 8, 2, 2),
    ("inception_v3", "Mixed_6a", 159, 16, 58, 58),
    ("inception_v3", "Mixed_6e", 927, 16, 442, 442),
    ("inception_v3", "Mixed_7a", 1055, 32, 490, 490),
    ("inception_v3", None, 1311, 32, 618, 618),
    ("inception_resnet_v2", "Mixed_6a", 415, 16, 186, 186),
    ("inception_resnet_v2", "PreAuxLogits", 2335, 16, 1146, 1146),
    ("inception_resnet_v2", "Mixed_7a", 2399, 32, 1162, 1162),
    ("inception_resnet_v2", None, 3039, 32, 1482, 1482),
    ("mobilenet_v1", "Conv2d_0", 3, 2, 0, 1),
    ("mobilenet_v1", "Conv2d_5_pointwise", 43, 8, 14, 21),
    ("mobilenet_v1", "Conv2d_12_pointwise", 251, 32, 94, 125),
    ("mobilenet_v1", None, 315, 32, 126, 157),
    ("resnet_v1_50_slim", "block1", 35, 8, 15, 17),
    ("resnet_v1_50_slim", "resnet_v1_50/block3", 291, 32, 143, 145),
    ("resnet_v1_50_slim", None, 483, 32, 239, 241),
    ("resnet_v1_101_slim", "block3", 835, 32, 415, 417),
    ("resnet_v1_101_slim", None, 1027, 32, 511, 513),
    ("resnet_v1_152_slim", "block2", 163, 16, 79, 81),
    ("resnet_v1_152_slim", None, 1507, 32, 751, 753),
]
#: Whose padding does not depend on the input's size, so that the table gives it without one.
FIXED = {"alexnet_v2", "vgg_a", "vgg_16", "inception_v3", "inception_resnet_v2"}


def numbers(**arguments: Any) -> Any:
    return receptive_field(**arguments).numbers


@pytest.mark.parametrize(("preset", "endpoint", "rf", "stride", "at_224", "at_321"), PUBLISHED)
def test_presets_have_the_published_field(
    preset: Any, endpoint: str | None, rf: int, stride: int, at_224: int, at_321: int
) -> None:
    without = at_224 if preset in FIXED else None
    for size, padding in ((224, at_224), (321, at_321), (None, without)):
        found = numbers(preset=preset, endpoint=endpoint, input_size=size)
        assert (found["rf"], found["stride"], found["padding"]) == (rf, stride, padding)


def test_torchvision_resnet_50_sees_427_and_says_that_slim_sees_483() -> None:
    result = receptive_field(preset="resnet50_torchvision")
    assert (result.numbers["rf"], result.numbers["stride"], result.numbers["padding"]) == (427, 32, 213)
    assert any("483" in note for note in result.notes)


def test_unknown_padding_is_null_with_a_note_and_has_no_centre() -> None:
    result = receptive_field(preset="mobilenet_v1", feature=0)
    assert result.numbers["padding"] is None
    assert result.numbers["center"] is None
    assert result.numbers["span"] is None
    assert any("input_size" in note for note in result.notes)


@given(st.integers(1, 12), st.integers(1, 8), st.integers(1, 3))
def test_left_padding_is_known_without_a_size_exactly_where_all_sizes_agree(k: int, s: int, d: int) -> None:
    window = Window(k, s, "same", d)
    left = {window.pads(n)[0] for n in range(window.reach, window.reach + 3 * s)}
    assert window.left_pad(None) == (left.pop() if len(left) == 1 else None)


def test_dilation_one_two_four_grows_to_fifteen() -> None:
    # Yu & Koltun 2016, section 2: 3, 7, 15.
    layers: Any = [{"k": 3, "d": d, "p": d} for d in (1, 2, 4)]
    found = numbers(layers=layers, trace=True)
    assert found["rf_trace"] == [3, 7, 15]
    assert found["padding"] == 7


def test_axes_are_height_then_width() -> None:
    found = numbers(layers=[{"k": [3, 5], "s": 2}, {"k": [3, 1], "s": [2, 1]}], feature=[1, 0], trace=True)
    assert found["rf"] == [7, 5]
    assert found["rf_trace"] == [[3, 5], [7, 5]]
    assert found["stride"] == [4, 2]
    assert found["span"] == [[4, 10], [0, 4]]


def test_each_axis_has_its_own_output_and_its_own_last_feature() -> None:
    layers: Any = [{"k": [3, 1], "s": [2, 1]}]
    assert numbers(layers=layers, input_size=9, feature=[3, 8])["output_size"] == [4, 9]
    with pytest.raises(DemoError, match="only 4 wide"):
        receptive_field(layers=layers, input_size=9, feature=[4, 8])


def test_a_feature_in_two_coordinates_has_two_centres() -> None:
    assert numbers(preset="inception_resnet_v2", feature=[0, 2])["center"] == [37, 101]


layer = st.fixed_dictionaries(
    {"k": st.integers(1, 4), "s": st.integers(1, 3), "p": st.integers(0, 2), "d": st.integers(1, 3)}
)


@settings(max_examples=60, deadline=None)
@given(st.lists(layer, min_size=1, max_size=4), st.integers(0, 2))
def test_the_field_is_where_the_gradient_of_a_feature_is_not_zero(layers: list[Any], feature: int) -> None:
    """With all taps positive nothing cancels; holes of a dilated kernel may lie inside, never at the ends."""
    found = numbers(layers=layers, feature=feature)
    first, last = found["span"]
    size = max(last + 1, 1) + 2 * found["rf"]
    x = torch.ones(1, 1, size, dtype=torch.float64, requires_grad=True)
    out: Any = x
    for one in layers:
        weight = torch.ones(1, 1, one["k"], dtype=torch.float64)
        out = torch.nn.functional.conv1d(out, weight, None, one["s"], one["p"], one["d"])
    out[0, 0, feature].backward()
    assert x.grad is not None
    seen = x.grad[0, 0].nonzero().flatten().tolist()
    if first >= 0:
        assert (seen[0], seen[-1]) == (first, last)
    else:  # the part outside the input is padding
        assert all(0 <= at <= last for at in seen)
    assert found["center"] == (first + last) / 2


def test_aligned_branches_have_the_field_of_the_widest() -> None:
    branches: Any = [[{"k": 1, "s": 4}], [{"k": 3, "s": 2, "p": 1}, {"k": 1, "s": 2}]]
    found = numbers(branches=branches)
    assert (found["rf"], found["stride"], found["padding"]) == (3, 4, 1)


@pytest.mark.parametrize(
    "branches",
    [
        [[{"k": 5, "s": 2, "p": 2}], [{"k": 3}, {"k": 3}]],  # strides differ
        [[{"k": 3, "p": 1}], [{"k": 3}]],  # centres differ
    ],
)
def test_branches_that_do_not_align_are_refused(branches: Any) -> None:
    with pytest.raises(DemoError, match="aligned") as refused:
        receptive_field(branches=branches)
    assert refused.value.fault is Fault.INCONSISTENT


def test_same_padding_can_be_aligned_at_one_size_and_not_at_another() -> None:
    branches: Any = [[{"k": 1, "s": 4}], [{"k": 3, "s": 2, "p": "same"}, {"k": 1, "s": 2}]]
    assert numbers(branches=branches)["padding"] is None
    assert numbers(branches=branches, input_size=9)["padding"] == 1
    with pytest.raises(DemoError, match="aligned"):
        receptive_field(branches=branches, input_size=8)


@pytest.mark.parametrize(
    ("arguments", "fault", "param"),
    [
        ({"preset": "vgg_16", "layers": [{"k": 3}]}, Fault.INCONSISTENT, "layers"),
        ({"layers": [{"k": 3}], "endpoint": "pool5"}, Fault.INCONSISTENT, "endpoint"),
        ({"preset": "vgg_16", "endpoint": "pool6"}, Fault.UNSUPPORTED, "endpoint"),
        ({"preset": "inception_v3", "input_size": 32}, Fault.OUT_OF_RANGE, "input_size"),
        ({"layers": [{"k": 3}], "input_size": 5, "feature": 3}, Fault.OUT_OF_RANGE, "feature"),
        ({"layers": [{"k": 3, "s": 512}] * 300}, Fault.TOO_BIG, "layers"),
        ({"layers": [{"k": 1, "s": 512}] * 300, "feature": 1}, Fault.TOO_BIG, "layers"),
    ],
)
def test_what_does_not_fit_together_is_refused(arguments: Any, fault: Fault, param: str) -> None:
    with pytest.raises(DemoError) as refused:
        receptive_field(**arguments)
    assert (refused.value.fault, refused.value.param) == (fault, param)
    assert refused.value.hint_zh


def test_without_arguments_it_shows_three_small_kernels() -> None:
    result = receptive_field()
    assert result.numbers["rf"] == 7
    assert result.table is not None
    assert [row[4] for row in result.table.rows] == [3, 5, 7]


def test_the_share_of_the_image_is_an_area_and_a_larger_field_warns() -> None:
    result = receptive_field(layers=[{"k": 5}], input_size=10)
    assert result.numbers["share_of_image"] == 0.25
    assert not result.warnings
    assert receptive_field(preset="inception_v3", input_size=299).warnings


def test_the_table_has_one_row_for_each_endpoint() -> None:
    for preset in NETWORKS:
        table = receptive_field(preset=preset).table
        assert table is not None
        assert [row[0] for row in table.rows] == list(NETWORKS[preset])


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        ("三层 3x3 卷积, stride 2, 感受野多大?", {"layers": [{"k": 3, "s": 2}] * 3}),
        (
            "receptive field of three 3x3 convs, dilation 1,2,4",
            {"layers": [{"k": 3, "d": d} for d in (1, 2, 4)]},
        ),
        ("VGG16 pool5 的感受野", {"preset": "vgg_16", "endpoint": "pool5"}),
        ("ResNet50感受野多大", {"preset": "resnet_v1_50_slim"}),
        ("PyTorch 的 ResNet-50 感受野", {"preset": "resnet50_torchvision"}),
        ("感受野怎么算?", {}),
        ("两个3x3卷积为什么能代替一个5x5？感受野一样吗", {"layers": [{"k": 3}] * 2}),
        ("一个7x7卷积加两个3x3卷积的感受野", {"layers": [{"k": 7}, {"k": 3}, {"k": 3}]}),
        ("224输入时 MobileNet 的感受野", {"preset": "mobilenet_v1", "input_size": 224}),
        ("第一层stride 2的三层3x3卷积的感受野", {"layers": [{"k": 3, "s": 2}, {"k": 3}, {"k": 3}]}),
        ("MobileNetV2 的感受野", None),
        ("卷积核大小怎么选", None),
        ("三层 3x3 卷积的参数量", None),
    ],
)
def test_questions_are_read(question: str, arguments: dict[str, Any] | None) -> None:
    found = read_question(read_facts(question))
    assert found == arguments
    if found is not None:
        receptive_field(**found)
