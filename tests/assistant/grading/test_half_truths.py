"""Answers half of which are false, and the small words on which it hangs whether a half is denied at all."""

from __future__ import annotations

import pytest

from assistant.grading import scoring
from assistant.grading.asked import facets
from assistant.grading.contradiction import Stance, checked
from assistant.grading.grader import Grader
from assistant.grading.matching import Given, Mass
from assistant.grading.meaning import read
from assistant.grading.reading import read_points
from assistant.grading.telling_apart import compared_in
from assistant.grading.types import KeyPoint, Level, Verdict
from corpus.glossary import Glossary

APART = "BN 和 IN 有什么区别?"


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (APART, "BN 对一批图的同一通道一起归一化;IN 也对一批图的同一通道一起归一化。"),
        ("sigmoid 有哪些缺点?", "两端饱和导致梯度消失,指数运算开销大;输出是零中心的。"),
        ("L1 正则化和 L2 正则化有什么区别?", "L1 能让一部分权重为 0,得到稀疏模型;L2 也会把权重变为 0。"),
    ],
)
def test_a_false_second_half_is_contradicted_and_never_correct(
    grader: Grader, question: str, answer: str
) -> None:
    grade = grader.grade(question, answer)
    assert grade.level is not Level.CORRECT
    assert Verdict.CONTRADICTED in {judged.verdict for judged in grade.points}


def test_a_contradiction_caps_however_much_else_is_right() -> None:
    whole = scoring.score(scoring.Evidence(worths=(1.0,), right=9.0))
    half = scoring.score(scoring.Evidence(worths=(1.0,), right=9.0, contradicted=1.0))
    assert scoring.level(whole) is Level.CORRECT
    assert scoring.level(half) is Level.PARTIAL


def test_nearness_alone_is_never_correct() -> None:
    near, worded = Mass(), Mass()
    near.add(("zero", 1), 1.0, 0.0)
    near.raise_to(0.5)
    worded.add(("zero", 1), 1.0, 0.5)
    assert scoring.level(scoring.score(scoring.Evidence((scoring.worth(near),)))) is Level.PARTIAL
    assert scoring.level(scoring.score(scoring.Evidence((scoring.worth(worded),)))) is Level.CORRECT


@pytest.mark.parametrize(
    ("text", "key", "sign"),
    [
        ("两个框不相交时 IoU 恒为 0", "zero", 1),
        ("不会像 MSE 那样在饱和时梯度消失", "vanishing_gradient", -1),
        ("不记录就不知道该传给谁", "record", 1),
        ("没有记录最大值的位置", "record", -1),
        ("有没有记录位置", "record", 0),
        ("不少权重恰好为 0", "zero", 1),
        ("没归一化或预处理", "preprocess", -1),
    ],
)
def test_what_a_small_word_denies(text: str, key: str, sign: int, glossary: Glossary) -> None:
    assert {f.key: f.sign for m in read(text, glossary) for f in m.facts}[key] == sign


def test_not_so_denies_of_what_it_names_what_was_said_before(glossary: Glossary) -> None:
    said = read("训练时输出取决于其他样本,推理时没有这种情况。", glossary)
    first, exception = ({fact.key: fact.sign for fact in meaning.facts} for meaning in said)
    assert (first["depend_on"], exception["depend_on"]) == (1, -1)
    assert exception["test_phase"] == 1


@pytest.mark.parametrize(
    ("answer", "stance"),
    [
        ("推理时输出也取决于其他样本", Stance.DENIES),
        ("训练时输出取决于其他样本", Stance.SUPPORTS),
        ("输出取决于其他样本", Stance.SUPPORTS),  # in general: the exception is not spoken of
    ],
)
def test_an_exception_denies_only_what_names_it(answer: str, stance: Stance, glossary: Glossary) -> None:
    text = "训练时输出取决于其他样本,推理时没有这种情况"
    points = read_points([KeyPoint(text, wordings=(text,))], glossary)
    (clause,) = read(answer, glossary)
    assert checked(clause, points, Given(frozenset()), glossary).stance is stance


@pytest.mark.parametrize(
    ("question", "members"),
    [
        ("NMS 和 soft-NMS 有什么区别?", {"non_maximum_suppression", "soft_nms"}),
        ("pre-LN 和 post-LN 有什么区别?", {"pre_norm", "post_norm"}),
        ("foonet 与 barnet 的区别?", {"foonet", "barnet"}),
        ("NMS 和 soft-NMS 怎么用?", set()),
        (APART, set()),  # told apart by the lists already
    ],
)
def test_what_a_question_joins_and_compares_is_told_apart(
    question: str, members: set[str], glossary: Glossary
) -> None:
    contrast = compared_in(facets(question, glossary), glossary)
    assert ({*contrast.concepts, *contrast.words} if contrast else set()) == members
