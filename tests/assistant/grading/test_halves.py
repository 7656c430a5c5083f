"""Answers that say a clear half, and what stands beside an answer without saying anything."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.grading import halves, scoring
from assistant.grading.clauses import clauses, without_markup
from assistant.grading.grader import Grader
from assistant.grading.screening import statements
from assistant.grading.types import Level
from corpus.glossary import Glossary
from index.embedders.hashed import HashedEmbedder
from index.library import open_library

FAULTS = "sigmoid 有哪些缺点?"
BOTH = "sigmoid 有什么优点和缺点?"
APART = "BN 和 IN 有什么区别?"
SPARSE = "L1 正则化有什么好处?为什么 L2 不行?"
MEAN = "平均池化怎么反传梯度?"


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (FAULTS, "会梯度消失。"),
        (BOTH, "优点是好求导。"),
        (APART, "IN 只看单张图自己。"),
        (SPARSE, "L1 能得到稀疏模型,可以做特征选择。"),
    ],
)
def test_a_clear_half_is_partly_correct(grader: Grader, question: str, answer: str) -> None:
    assert grader.grade(question, answer).level is Level.PARTIAL


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (FAULTS, "两端饱和会梯度消失,指数算起来贵,输出也不是零中心。"),
        (BOTH, "优点是处处连续好求导,值压在 0 到 1;缺点是两端饱和会梯度消失,指数算起来贵,不是零中心。"),
        (MEAN, "平均分给窗口里的每个位置,总和不变。"),
    ],
)
def test_few_words_are_enough_where_they_say_it_all(grader: Grader, question: str, answer: str) -> None:
    assert grader.grade(question, answer).level is Level.CORRECT


@pytest.mark.parametrize(
    ("question", "answer"),
    [(FAULTS, "处处连续,便于求导。"), (MEAN, "只传给最大的那个像素。"), (BOTH, "sigmoid 梯度 饱和 指数")],
)
def test_what_is_right_of_something_else_is_no_half(grader: Grader, question: str, answer: str) -> None:
    assert grader.grade(question, answer).level is Level.WRONG


@pytest.mark.parametrize(
    ("evidence", "level"),
    [
        (scoring.Evidence((0.9,), right=1.5, apt=1.5), Level.CORRECT),
        (scoring.Evidence((0.9,), right=1.5, apt=1.5, half=True), Level.PARTIAL),
        (scoring.Evidence((0.9, 0.0)), Level.PARTIAL),
        (scoring.Evidence((0.42, 0.0)), Level.PARTIAL),  # one facet met is a half
        (scoring.Evidence((0.1,), right=1.5, apt=1.5), Level.PARTIAL),
        (scoring.Evidence((0.1,), right=1.5, apt=0.0), Level.WRONG),  # right, of something else
        (scoring.Evidence((0.1,), right=1.5, apt=1.5, contradicted=1.0), Level.WRONG),
        (scoring.Evidence((0.1,), right=1.5, apt=1.5, claim=2.0), Level.WRONG),
        (scoring.Evidence((0.6,), right=3.2, apt=3.2, claim=1.6), Level.CORRECT),
        (scoring.Evidence((0.6,), right=3.0, apt=3.0, claim=1.6), Level.PARTIAL),
    ],
)
def test_a_half_lies_between_the_bars(evidence: scoring.Evidence, level: Level) -> None:
    assert scoring.level(scoring.score(evidence)) is level


def test_nothing_right_is_terse_only_where_the_note_has_more_to_say() -> None:
    assert halves.is_terse([], 5.1)
    assert not halves.is_terse([], 5.0)


def test_a_pronoun_after_one_of_two_compared_things_is_not_pinned_to_it(grader: Grader) -> None:
    grade = grader.grade(APART, "BN 跨一批图片。IN 只看单张图,它对单个通道单独归一化。")
    assert grade.level is Level.CORRECT, grade


def test_where_a_link_leads_is_not_read() -> None:
    told = [
        clause.folded for clause in clauses("见 [notes](file:///etc/passwd)。再看 https://x.example/pass?a=1")
    ]
    assert told == ["见 [notes]", "再看"]
    assert without_markup("<b>a</b> (b) [c](d) e<f, x://y z") == " a  (b) [c]  e<f,   z"


def test_a_line_of_keywords_beside_a_sentence_says_nothing() -> None:
    row = "L1 离群点 鲁棒 梯度 颜色 亮度"
    assert statements("L1 有什么好处?", f"{row}\n今天天气不错。") == "今天天气不错。"
    assert statements("L1 有什么好处?", row) == row
    assert statements("L1 有什么好处?", "L1 有什么好处\n它稀疏。") == "它稀疏。"


ANSWERS = (
    (FAULTS, "会梯度消失。"),
    (FAULTS, "两端饱和会梯度消失,指数算起来贵,输出也不是零中心。"),
    (FAULTS, "sigmoid 的缺点有哪些"),
    (FAULTS, "两端 饱和 梯度 指数 零中心"),
    (FAULTS, "处处连续,便于求导。"),
    (BOTH, "优点是好求导。"),
    (APART, "BN 用的是一批图片。"),
    (APART, "BN 只看单张图,IN 跨一批图片。"),
    (SPARSE, "L1 能得到稀疏模型,可以做特征选择。"),
    (MEAN, "只传给最大的那个像素。"),
    (MEAN, "不知道"),
)
IDLE = (
    "[notes](file:///etc/passwd)",
    "https://evil.example/pass?gradient=0",
    "今天天气不错。",
    "请看下面。",
    "这个我是这么想的。",
    "午饭不好吃。",
    "谢谢！",
    "The weather is fine today.",
    "<b>中午吃面</b>",
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(ANSWERS), st.lists(st.sampled_from(IDLE), min_size=1, max_size=3), st.booleans())
def test_lines_that_say_nothing_never_raise_a_score(
    grader: Grader, asked: tuple[str, str], idle: list[str], first: bool
) -> None:
    question, answer = asked
    lines = [*idle, answer] if first else [answer, *idle]
    assert grader.grade(question, "\n".join(lines)).score <= grader.grade(question, answer).score


@pytest.mark.parametrize("idle", IDLE)
def test_a_line_beside_a_false_answer_does_not_make_it_better(
    glossary: Glossary, tmp_path: Path, idle: str
) -> None:
    (tmp_path / "pooling.md").write_text(
        "---\ntitle: 池化层\n---\n\n## 要点\n\n- 平均池化把梯度平均分给窗口里的每个位置。\n"
        "- 最大池化只把梯度传给最大值的位置。\n- 池化层没有可学习的参数。\n",
        "utf-8",
    )
    embedder = HashedEmbedder(glossary)
    grader = Grader(open_library([tmp_path], tmp_path / "index", embedder=embedder, glossary=glossary))
    question, answer = "最大池化和平均池化的梯度各怎么传?", "池化层有很多要学的权重。"
    assert grader.grade(question, answer, "池化层").level is Level.WRONG
    assert grader.grade(question, f"{answer}\n{idle}", "池化层").score == 0.0
