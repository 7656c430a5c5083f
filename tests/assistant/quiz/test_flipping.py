"""False statements made of true ones read as if somebody had said them: nothing in their form tells of the twist."""

from __future__ import annotations

import pytest

from assistant.grading.types import KeyPoint
from assistant.language import Language
from assistant.quiz.flipping import Flipper, opposites
from corpus.glossary import load_glossary


def flipped(said: str) -> list[str]:
    point = KeyPoint(said, wordings=(said,))
    return [one.text for one in Flipper([point], load_glossary()).flipped(point, said, Language.EN)]


def test_what_opened_a_statement_loses_its_capital_inside_it() -> None:
    made = flipped("Cross-entropy is convex in the logits; sigmoid with MSE is not")
    assert "MSE is convex in the logits; sigmoid with cross-entropy is not" in made


@pytest.mark.parametrize(
    ("word", "opposite"),
    [
        ("is not always", "is always"),
        ("are not always", "are always"),
        ("late in training", "early in training"),
    ],
)
def test_a_longer_expression_is_turned_as_a_whole(word: str, opposite: str) -> None:
    listed = opposites()[Language.EN]
    assert (word, opposite) in listed
    parts = [n for n, (part, _) in enumerate(listed) if part in word and part != word]
    assert listed.index((word, opposite)) < min(parts)
