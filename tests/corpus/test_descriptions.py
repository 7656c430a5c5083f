"""The descriptions: every phrase belongs to one concept, keeps to its form, and is read as TOML means it."""

from __future__ import annotations

import hashlib
import re
import tomllib
from importlib.resources import files

import pytest

from corpus.concepts import fold
from corpus.descriptions import fingerprint, load_descriptions
from corpus.glossary import load_glossary

SHIPPED = files("corpus") / "descriptions.toml"
DESCRIPTIONS = load_descriptions()
PHRASES = [(concept, phrase) for concept, phrases in DESCRIPTIONS.items() for phrase in phrases]
GLOSSARY = load_glossary()

HAN = re.compile(r"[\u4e00-\u9fff]")
TWO_ENGLISH_WORDS = re.compile(r"[A-Za-z]{2,}[^A-Za-z]+[A-Za-z]{2,}")
QUESTION = re.compile(
    r"[?？吗呢哪]|什么|怎么|怎样|如何|为何|\b(?:what|why|how|which|who|whose)\b", re.IGNORECASE
)


def is_chinese(phrase: str) -> bool:
    return HAN.search(phrase) is not None


def test_the_quick_reading_is_what_toml_means() -> None:
    meant = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
    assert {concept: list(phrases) for concept, phrases in DESCRIPTIONS.items()} == meant
    assert list(DESCRIPTIONS) == list(meant)


def test_every_id_is_a_concept_of_the_glossary() -> None:
    assert set(DESCRIPTIONS) <= set(GLOSSARY.concepts)


def test_the_concepts_that_interviews_ask_first_are_described() -> None:
    assert len(DESCRIPTIONS) >= 500
    asked_first = "cross_entropy dropout adam batch_normalization receptive_field im2col vanishing_gradient"
    assert set(asked_first.split()) <= set(DESCRIPTIONS)
    assert any("多大一块区域" in phrase for phrase in DESCRIPTIONS["receptive_field"])


def test_every_concept_is_described_in_both_languages_chinese_first() -> None:
    for concept, phrases in DESCRIPTIONS.items():
        chinese = [is_chinese(phrase) for phrase in phrases]
        assert 2 <= sum(chinese) <= 5, concept
        assert 1 <= len(phrases) - sum(chinese) <= 3, concept
        assert any(TWO_ENGLISH_WORDS.search(p) for p in phrases if not is_chinese(p)), concept
        assert chinese == sorted(chinese, reverse=True), concept


def test_no_phrase_describes_two_concepts() -> None:
    owners: dict[str, str] = {}
    for concept, phrase in PHRASES:
        key = re.sub(r"[\s、，,-]", "", fold(phrase))
        assert owners.setdefault(key, concept) == concept, phrase
    assert len(owners) == len(PHRASES)


def test_no_phrase_names_the_concept_it_describes() -> None:
    for concept, phrase in PHRASES:
        for match in GLOSSARY.find(phrase):
            assert concept not in (match.concept, *match.also), (concept, phrase)


def test_no_phrase_is_merely_the_name_of_another_concept() -> None:
    names = {fold(name) for concept in GLOSSARY.concepts.values() for name in concept.names}
    assert not [phrase for _, phrase in PHRASES if fold(phrase) in names]


@pytest.mark.parametrize("chinese", [True, False])
def test_phrases_are_short_but_more_than_a_word(chinese: bool) -> None:
    for _, phrase in PHRASES:
        if is_chinese(phrase) is chinese:
            assert phrase == phrase.strip()
            assert 5 <= len(phrase) <= (40 if chinese else 70), phrase
            assert chinese or len(phrase.split()) <= 10, phrase


def test_no_phrase_is_a_question() -> None:
    assert not [phrase for _, phrase in PHRASES if QUESTION.search(phrase)]


def test_the_fingerprint_is_that_of_the_bytes() -> None:
    assert fingerprint() == hashlib.sha256(SHIPPED.read_bytes()).hexdigest()[:16]


def test_the_descriptions_cannot_be_changed_and_are_read_once() -> None:
    assert load_descriptions() is DESCRIPTIONS
    with pytest.raises(TypeError):
        DESCRIPTIONS["adam"] = ()  # type: ignore[index]
