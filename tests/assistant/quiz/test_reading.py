"""What is typed into a gap: the first words of the term are half of it, the last ones are not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from assistant.quiz.reading import is_begun
from assistant.quiz.types import Question


@pytest.mark.parametrize(
    ("wanted", "answer", "expected"),
    [
        ("forward pass", "forward", True),
        ("forward pass", "Forward ", True),
        ("forward pass", "forward pass", False),
        ("forward pass", "for", False),
        ("memory bound", "bound", False),
        ("stride", "kernel stride", False),
        ("stride", "", False),
    ],
)
def test_the_first_words_of_a_term_are_half_of_it(wanted: str, answer: str, expected: bool) -> None:
    question = cast(Question, SimpleNamespace(accepted=(wanted, "前向")))
    assert is_begun(question, answer) is expected
