"""Gaps are counted by question, not by spelling."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.store import Gap, Store
from assistant.store.gaps import key
from tests.assistant.store.conftest import NOW

HOUR = timedelta(hours=1)


def test_the_same_question_in_another_spelling_is_counted_and_its_latest_wording_kept(home: Path) -> None:
    gaps = Store(home).gaps
    gaps.record("local", "什么是 GAN？", ("VAE", "扩散模型"), NOW)
    gaps.record("local", "什么是ｇａｎ", ("VAE",), NOW + HOUR)
    assert gaps.most_asked("local") == (Gap("什么是ｇａｎ", 2, NOW, NOW + HOUR, ("VAE",)),)


def test_a_late_writer_does_not_move_the_last_time_back(home: Path) -> None:
    gaps = Store(home).gaps
    gaps.record("local", "GAN", (), NOW + HOUR)
    gaps.record("local", "GAN", (), NOW)
    (gap,) = gaps.most_asked("local")
    assert (gap.first_asked, gap.last_asked) == (NOW, NOW + HOUR)


def test_the_most_asked_come_first_and_among_equals_the_latest(home: Path) -> None:
    gaps = Store(home).gaps
    for hour, question in enumerate(["once", "twice", "twice", "later", "thrice", "thrice", "thrice"]):
        gaps.record("local", question, (), NOW + hour * HOUR)
    assert [(g.question, g.count) for g in gaps.most_asked("local")] == [
        ("thrice", 3),
        ("twice", 2),
        ("later", 1),
        ("once", 1),
    ]


def test_one_learners_gaps_are_not_anothers(home: Path) -> None:
    gaps = Store(home).gaps
    gaps.record("local", "GAN", (), NOW)
    gaps.record("key:a", "GAN", (), NOW)
    assert [g.count for g in gaps.most_asked("local")] == [1]
    assert gaps.most_asked("key:b") == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What is BN?", "what  is bn"),
        ("什么是BN？", "什么是 BN"),
        ("ＢＮ是什么……", "bn是什么。"),
        ("Straße", "STRASSE"),
    ],
)
def test_spellings_that_are_one_question(one: str, other: str) -> None:
    assert key(one) == key(other)


def test_names_that_differ_in_a_sign_are_different_questions() -> None:
    assert len({key(q) for q in ("what is C", "what is C++", "what is C#", "what is .C", "???", "")}) == 6


@given(st.text(alphabet="".join(map(chr, range(0x20, 0x7F))) + "什么是归一化"))
def test_neither_spacing_nor_case_nor_width_changes_a_key(question: str) -> None:
    wide = question.translate({c: c + 0xFEE0 for c in range(0x21, 0x7F)})
    assert key(" ".join(question)) == key(question.upper()) == key(wide) == key(question)


@given(st.text())
def test_a_key_holds_no_space(question: str) -> None:
    assert not any(c.isspace() for c in key(question))


@given(st.text(alphabet="abc啊BN？. "), st.sampled_from(["?", "？", " ", "。", "!"]))
def test_a_closing_mark_changes_no_key(question: str, mark: str) -> None:
    bare = question.rstrip(" ?？.")
    if bare.strip():
        assert key(bare + mark) == key(bare)
