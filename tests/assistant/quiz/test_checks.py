"""Each mechanical check finds what it is for, and lets a sound question pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from assistant.language import Language
from assistant.quiz.checks import Fault, faults, is_near_duplicate, without_duplicates
from assistant.quiz.quizmaster import Quizmaster
from assistant.quiz.types import Question

Judged = Callable[[Question], tuple[Fault, ...]]


@pytest.fixture
def judged(quizmaster: Quizmaster) -> Judged:
    def text_of(passage_id: str) -> str | None:
        passage = quizmaster.grader.library.passage(passage_id)
        return passage.text if passage else None

    return lambda question: faults(question, text_of)


@pytest.fixture
def sound(quizmaster: Quizmaster) -> dict[str, Question]:
    found: dict[str, Question] = {}
    for question in quizmaster.questions("池化层", language=Language.ZH):
        found.setdefault(question.kind, question)
    return found


@pytest.mark.parametrize(
    ("kind", "changed", "fault"),
    [
        ("why", {"prompt": "最大池化为什么丢信息？丢了多少？"}, Fault.NOT_ONE_QUESTION),
        ("why", {"prompt": "最大池化丢信息"}, Fault.NOT_ONE_QUESTION),
        ("why", {"prompt": "？"}, Fault.LENGTH),
        ("why", {"prompt": "为什么" + "最大池化丢信息" * 60 + "？"}, Fault.LENGTH),
        (
            "why",
            {"prompt": "窗口里只留下最大的数，其余的数和位置都不再传下去，为什么？"},
            Fault.GIVEN_AWAY,
        ),
        ("why", {"prompt": "如上图，最大池化为什么丢信息？"}, Fault.DANGLING),
        ("why", {"prompt": "最大池化为什么丢信息（见 https://a.org）？"}, Fault.LINK_OR_STUB),
        ("why", {"model_answer": ""}, Fault.LINK_OR_STUB),
        ("why", {"prompt": "最大池化（max pooling 为什么丢信息？"}, Fault.BROKEN),
        ("why", {"prompt": "Why does max pooling lose information?"}, Fault.LANGUAGE),
        ("why", {"language": Language.EN}, Fault.LANGUAGE),
        ("why", {"points": ()}, Fault.INCOMPLETE),
        ("cloze", {"prompt": "填空：9 个位置，____。", "accepted": ("个位置",)}, Fault.GIVEN_AWAY),
        ("cloze", {"prompt": "填空：没有空。"}, Fault.INCOMPLETE),
        ("true_false", {"is_true": None}, Fault.INCOMPLETE),
        ("compute", {"reference": ""}, Fault.INCOMPLETE),
        ("multiple_choice", {"right": 9}, Fault.CHOICES),
        (
            "multiple_choice",
            {"choices": ("一样的说法", "一样的说法", "另一种说法"), "right": 0},
            Fault.CHOICES,
        ),
        ("multiple_choice", {"choices": ("第一种说法", "第二种说法", "以上都对"), "right": 0}, Fault.CHOICES),
        (
            "multiple_choice",
            {"choices": ("这一条说法比其余的都要长得多", "短的说法一", "短的说法二"), "right": 0},
            Fault.CHOICES,
        ),
    ],
)
def test_a_flaw_is_found(
    judged: Judged, sound: dict[str, Question], kind: str, changed: dict[str, Any], fault: Fault
) -> None:
    assert judged(sound[kind]) == ()
    assert fault in judged(replace(sound[kind], **changed))


def test_a_quote_that_is_not_in_the_note_is_found(judged: Judged, sound: dict[str, Question]) -> None:
    question = sound["why"]
    citation = replace(question.citation, quote="笔记里没有的话")
    assert judged(replace(question, citation=citation)) == (Fault.NOT_IN_NOTE,)
    unknown = replace(question.citation, passage_id="0" * 32)
    assert judged(replace(question, citation=unknown)) == (Fault.NOT_IN_NOTE,)


def test_near_duplicates_of_one_kind_are_left_out(sound: dict[str, Question]) -> None:
    question = sound["why"]
    nearly = replace(question, question_id="other", prompt=question.prompt.replace("？", " ?"))
    assert is_near_duplicate(question, nearly)
    assert not is_near_duplicate(question, replace(nearly, kind="define"))
    assert not is_near_duplicate(question, replace(nearly, prompt="平均池化和最大池化哪个更平滑？"))
    assert without_duplicates([question, question, nearly]) == (question,)
