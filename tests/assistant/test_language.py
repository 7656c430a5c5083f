"""Which language a text is in, and that every fixed sentence exists in both with the same places to fill."""

from __future__ import annotations

import string
from pathlib import Path

import pytest

from assistant import language as module
from assistant.language import Language, language_of, mostly, say
from tests.conftest import ROOT

ZH, EN = Language.ZH, Language.EN
PHRASES = module._PHRASES


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("什么是 BN?", ZH),
        ("What is BN?", EN),
        ("BN", EN),
        ("batch normalization 的作用", ZH),
        ("", ZH),
        ("??? 123", ZH),
        ("x", ZH),
        ("㐀", ZH),
        ("Größe", EN),
    ],
)
def test_the_language_of_a_question(text: str, language: Language) -> None:
    assert language_of(text) is language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("BN 减去均值", ZH),
        ("The loss is 损失", EN),
        ("Batch Normalization, Layer Normalization: 归一", EN),
        ("y = x", ZH),
        ("", ZH),
    ],
)
def test_what_most_of_a_text_is_in(text: str, language: Language) -> None:
    assert mostly(text) is language


def places(text: str) -> list[str]:
    return sorted(str(name) for _, name, _, _ in string.Formatter().parse(text) if name is not None)


@pytest.mark.parametrize("phrase", PHRASES)
def test_every_phrase_is_in_both_languages_with_the_same_places(phrase: str) -> None:
    chinese, english = PHRASES[phrase]
    assert places(chinese) == places(english)
    values = dict.fromkeys(places(chinese), "")
    assert language_of(say(phrase, ZH, **values)) is ZH
    assert not any("㐀" <= c <= "鿿" for c in say(phrase, EN, **values))
    assert any(c.isalpha() for c in say(phrase, EN, **values))


@pytest.mark.parametrize("phrase", PHRASES)
def test_a_value_stands_in_the_sentence_once_filled(phrase: str) -> None:
    values = {name: f"<{name}>" for name in places(PHRASES[phrase][0])}
    for language in Language:
        assert all(value in say(phrase, language, **values) for value in values.values())


def test_no_phrase_is_left_over() -> None:
    code = "".join(
        path.read_text("utf-8")
        for room in ("assistant", "api")
        for path in (ROOT / room).rglob("*.py")
        if path != Path(module.__file__)
    )
    assert [phrase for phrase in PHRASES if f'"{phrase}"' not in code and phrase != "empty_question"] == []
