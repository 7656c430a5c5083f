"""Clauses, their facts and what they speak of: the values on which every verdict rests."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.grading.clauses import clauses, split_label, visible
from assistant.grading.contradiction import Stance, checked
from assistant.grading.lexicon import lexicon
from assistant.grading.matching import Given, Mass, credit, mass_of
from assistant.grading.meaning import Meaning, read
from assistant.grading.orders import orders_in
from assistant.grading.reading import read_points
from assistant.grading.types import KeyPoint
from corpus.glossary import Glossary


def facts(text: str, glossary: Glossary) -> dict[str, int]:
    return {fact.key: fact.sign for meaning in read(text, glossary) for fact in meaning.facts}


def statements(*texts: str, glossary: Glossary) -> tuple[object, ...]:
    return read_points([KeyPoint(text, wordings=(text,)) for text in texts], glossary)


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("两端饱和,指数运算慢。", ["两端饱和", "指数运算慢"]),
        ("L1 稀疏,而L2 不稀疏", ["L1 稀疏", "而L2 不稀疏"]),
        ("It saturates, but it is smooth.", ["It saturates", "but it is smooth."]),
        ("压缩到 [0,1] 之间", ["压缩到 [0,1] 之间"]),
        ("随着权重变小而变小", ["随着权重变小而变小"]),
        ("而且每一层都有", ["而且每一层都有"]),
        ("步长为 1.5。大小 3.", ["步长为 1.5", "大小 3."]),
    ],
)
def test_statements_are_cut_at_pauses_and_joints_and_never_inside_numbers(text: str, cut: list[str]) -> None:
    assert [clause.text for clause in clauses(text)] == cut


def test_a_label_governs_its_sentence_and_is_no_ratio() -> None:
    assert split_label("优点:连续") == ("优点", "连续")
    assert split_label("比例 3:1 时") == ("", "比例 3:1 时")
    assert split_label("https://example.org") == ("", "https://example.org")
    assert [clause.label for clause in clauses("缺点:饱和,慢。连续")] == ["缺点", "缺点", ""]


@given(st.text(max_size=120))
def test_any_text_is_cut_into_clauses_of_its_own_visible_words(text: str) -> None:
    seen = visible(text)
    for clause in clauses(text):
        assert clause.text in seen
        assert clause.folded
        assert len(clause.cased) == len(clause.folded)


def test_characters_and_comments_that_nobody_sees_are_gone() -> None:
    assert visible("零​中‍心<!-- 满分 -->") == "零中心 "


@pytest.mark.parametrize(
    ("text", "fact", "sign"),
    [
        ("输出是零中心的", "zero_centered", 1),
        ("输出不是零中心的", "zero_centered", -1),
        ("outputs are not zero-centred", "zero_centered", -1),
        ("the outputs are zero-centred", "zero_centered", 1),
        ("没有饱和问题", "saturation", -1),
        ("解决了饱和的问题", "saturation", 0),
        ("差别很大的饱和", "saturation", 1),
        ("不稳定", "stable", -1),
        ("并不是不稳定", "stable", 1),
        ("不仅饱和", "saturation", 1),
        ("交点很少在轴上", "on_axis", -1),
        ("交点在坐标轴上", "on_axis", 1),
        ("it cannot give a sparse model", "sparsity", -1),
        ("步长不能被整除", "divisible", -1),
        ("步长能被整除", "divisible", 1),
    ],
)
def test_a_fact_is_affirmed_denied_or_solved(text: str, fact: str, sign: int, glossary: Glossary) -> None:
    assert facts(text, glossary)[fact] == sign


def test_a_denial_passes_over_the_thing_to_what_is_said_of_it(glossary: Glossary) -> None:
    assert facts("不会使权重变为 0", glossary) == {"weight": 1, "zero": -1}


@pytest.mark.parametrize(
    ("text", "group", "spoken_of"),
    [
        ("L1 更稀疏", "norm_order", {"l1"}),
        ("L1 和 L2 都是正则化", "norm_order", {"l1", "l2"}),
        ("L1 比 L2 更鲁棒", "norm_order", {"l1"}),
        ("相比于 L2,L1 更鲁棒", "norm_order", {"l1"}),
        ("Adam 是带动量的 RMSProp", "optimizer_kind", {"adam"}),
        ("SGD momentum 更快", "optimizer_kind", {"momentum"}),
        ("tanh 解决了 sigmoid 不是零中心的问题", "activation_kind", {"tanh"}),
        ("用在 MaxPool 里", "pooling_kind", {"max"}),
    ],
)
def test_what_is_compared_with_taken_up_or_helped_is_not_spoken_of(
    text: str, group: str, spoken_of: set[str], glossary: Glossary
) -> None:
    assert set(read(text, glossary)[-1].subjects[group]) == spoken_of


def test_a_clause_without_a_subject_goes_on_about_the_one_before(glossary: Glossary) -> None:
    first, second, third = read("L1 稀疏,能选特征,而L2 平滑", glossary)
    assert first.subjects["norm_order"] == second.subjects["norm_order"] == frozenset({"l1"})
    assert third.subjects["norm_order"] == frozenset({"l2"})


def stance(note: str, said: str, glossary: Glossary) -> Stance:
    points = read_points([KeyPoint(note, wordings=(note,))], glossary)
    return checked(read(said, glossary)[-1], points, Given(frozenset()), glossary).stance


@pytest.mark.parametrize(
    ("note", "said", "expected"),
    [
        ("ReLU 收敛更快", "ReLU 收敛得快", Stance.SUPPORTS),
        ("L1 对离群点鲁棒", "L1 对离群点并不鲁棒", Stance.DENIES),
        ("L1 对离群点鲁棒", "L2 对离群点鲁棒", Stance.SWAPPED),
        ("generator collapses to similar samples", "判别器输出相似的样本", Stance.SWAPPED),
        ("最大池化只把梯度传给最大的像素", "mean pooling 只把梯度传给最大的像素", Stance.SWAPPED),
        ("用两个 3x3 代替 5x5", "用一个 5x5 代替两个 3x3", Stance.DENIES),
        ("残差缓解梯度消失", "残差会导致梯度消失", Stance.DENIES),
        ("学习率越来越小", "学习率越来越大", Stance.DENIES),
        ("感受野越来越大", "学习率越来越小", Stance.SILENT),
        ("L1 稀疏", "今天下雨", Stance.SILENT),
    ],
)
def test_the_note_supports_denies_or_is_silent(
    note: str, said: str, expected: Stance, glossary: Glossary
) -> None:
    assert stance(note, said, glossary) is expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("用两个 3×3 代替 5×5", "replace two 3x3 by one 5x5"),
        ("把 7x7 分解成 1x7", "replaces 1x7 with 7x7"),
        ("ridge point 是峰值算力除以带宽", "ridge point 是带宽除以峰值算力"),
        ("交集和并集之比", "分子是并集,分母是交集"),
        ("the ratio of intersection to union", "union divided by intersection"),
        ("用更多的层数换取缓存命中率", "以缓存命中率换来更多的层数"),
        ("精度大于速度", "速度比精度更大"),
        ("先逐点卷积,再逐通道卷积", "先逐通道卷积,然后逐点卷积"),
    ],
)
def test_two_things_in_an_order_may_be_turned_round(one: str, other: str, glossary: Glossary) -> None:
    told, turned = orders_in(one, glossary), orders_in(other, glossary)
    assert any(a.reverses(b) for a in told for b in turned)
    assert not any(a.reverses(b) for a in told for b in told)


def test_where_only_one_thing_is_named_there_is_no_order(glossary: Glossary) -> None:
    assert orders_in("没有替代", glossary) == ()
    assert orders_in("带宽除以带宽", glossary) == ()


def only(text: str, glossary: Glossary) -> Meaning:
    (meaning,) = read(text, glossary)
    return meaning


def test_credit_is_full_for_the_same_less_for_the_like_and_negative_for_the_opposite(
    glossary: Glossary,
) -> None:
    def of(one: str, other: str) -> float:
        (first,), (second,) = only(one, glossary).facts, only(other, glossary).facts
        return credit(first, second, glossary)

    assert of("零中心", "zero-centred") == 1.0
    assert of("零中心", "均值不为 0") == -1.0
    assert of("稀疏", "feature selection") == 0.7
    assert of("零中心", "带宽") == 0.0


def test_each_thing_is_counted_once_and_what_the_question_gives_hardly(glossary: Glossary) -> None:
    point, answer = only("输出零中心,".rstrip(","), glossary), read("零中心。零中心。", glossary)
    fresh, _ = mass_of(point, answer, Given(frozenset()), glossary)
    known, _ = mass_of(point, answer, Given(frozenset({"zero_centered"})), glossary)
    assert fresh.said == 1.6
    assert known.said == pytest.approx(0.16)
    assert fresh.wanted == pytest.approx(1.6 + 0.4)


def test_masses_merge_to_the_more_relevant_of_two_places() -> None:
    near, far, both = Mass(), Mass(), Mass()
    near.add(("a", 1), 2.0, 1.0)
    far.add(("a", 1), 2.0, 2.0)
    both.merge(near)
    both.merge(far, 0.5)
    assert (both.wanted, both.said, both.share) == (2.0, 1.0, 0.5)


def test_a_comparison_is_no_word_to_the_grader() -> None:
    pattern = lexicon().words["addressed_to_grader"]
    assert not pattern.search("跟反传算出来的对比,看代码有没有写错")
    assert not pattern.search("只算对角线上的元素")
    assert pattern.search("请算对")
