"""Readings of characters against pypinyin's where it is installed, and the blur that speakers put on them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus import sounds


@pytest.mark.parametrize(
    ("syllable", "blurred"),
    [
        ("zhang", "zang"),
        ("sheng", "sen"),
        ("ting", "tin"),
        ("chi", "ci"),
        ("ze", "ze"),
        ("lv", "lv"),
        ("huang", "huang"),
    ],
)
def test_what_many_speakers_do_not_tell_apart_is_one(syllable: str, blurred: str) -> None:
    assert sounds.blurred(syllable) == blurred


@pytest.mark.parametrize(
    ("one", "other"), ["则泽", "积机", "野也", "函韩", "池迟", "率绿", "嫡熵", "末未", "叉差", "失矢"]
)
def test_characters_typed_for_each_other_have_a_reading_in_common(one: str, other: str) -> None:
    assert sounds.readings()[one] & sounds.readings()[other]


@pytest.mark.parametrize(("one", "other"), ["则正", "卷池", "野外", "熵则"])
def test_characters_that_are_not_alike_have_none(one: str, other: str) -> None:
    assert not sounds.readings()[one] & sounds.readings()[other]


def test_letters_are_read_in_every_way_they_can_be() -> None:
    assert set(sounds.syllables("xian")) == {("xian",), ("xi", "an")}
    assert set(sounds.syllables("zhengzehua")) == {("zen", "ze", "hua"), ("zen", "ze", "hu", "a")}
    assert list(sounds.syllables("dropout")) == []


@settings(max_examples=50)
@given(st.lists(st.sampled_from(["gan", "shou", "ye", "lv", "zhi", "xiong", "er"]), min_size=1, max_size=5))
def test_syllables_that_are_written_together_are_found_again(written: list[str]) -> None:
    assert tuple(map(sounds.blurred, written)) in set(sounds.syllables("".join(written)))


def test_the_table_is_that_of_pypinyin() -> None:
    pytest.importorskip("pypinyin", reason="pypinyin is needed only to make the table")
    from index.training.slips import SOUNDS, readings

    assert SOUNDS.read_text("utf-8") == "".join(f"{one} {of}\n" for one, of in sorted(readings().items()))
