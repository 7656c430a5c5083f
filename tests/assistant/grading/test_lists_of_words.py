"""The word lists of grading: what they name exists, and no wording stands on both ends of an axis."""

from __future__ import annotations

from assistant.grading.lexicon import lexicon
from corpus.glossary import Glossary


def test_whatever_an_idea_is_near_to_exists(glossary: Glossary) -> None:
    names = {idea.name for idea in lexicon().ideas} | glossary.concepts.keys()
    missing = {near for idea in lexicon().ideas for near in idea.near} - names
    assert missing == set()


def test_every_concept_of_a_contrast_exists_and_has_one_member(glossary: Glossary) -> None:
    for contrast in lexicon().contrasts:
        assert contrast.concepts.keys() <= glossary.concepts.keys(), contrast.name
        assert len(set(contrast.concepts.values()) | contrast.words.keys()) >= 2, contrast.name


def test_no_expression_matches_nothing_at_all() -> None:
    for idea in lexicon().ideas:
        assert not idea.plus.fullmatch(""), idea.name
        assert idea.minus is None or not idea.minus.fullmatch(""), idea.name
    for name, pattern in {**lexicon().words, **lexicon().aspects}.items():
        assert not pattern.fullmatch(""), name
