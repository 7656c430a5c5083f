"""Slips: what is read as what, and above all what is left alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.glossary import load_glossary
from index.slips import SlipFinder

GLOSSARY = load_glossary()
ROOT = Path(__file__).resolve().parents[2]


def finder(*held: str) -> SlipFinder:
    """Return a finder for notes that hold `held` and nothing else."""
    return SlipFinder(GLOSSARY, frozenset(held).__contains__)


def understood(question: str, *held: str) -> dict[str, str]:
    return {slip.written: slip.understood for slip in finder(*held).find(question)}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("what is batchnrom", {"batchnrom": "batchnorm"}),
        ("receptve field 怎么算", {"receptve": "receptive"}),
        ("dorpout 的作用", {"dorpout": "dropout"}),
        ("Regularizaton", {"Regularizaton": "regularization"}),
        ("用正泽化", {"正泽化": "正则化"}),
        ("卷机核多大", {"卷机核": "卷积核"}),
        ("感受也怎么算", {"感受也": "感受野"}),
        ("激活韩数", {"激活韩数": "激活函数"}),
        ("交叉嫡", {"交叉嫡": "交叉熵"}),
        ("反卷机的旗盘格", {"反卷机": "反卷积", "旗盘格": "棋盘格"}),
        ("ganshouye", {"ganshouye": "感受野"}),
        ("什么是zhengzehua", {"zhengzehua": "正则化"}),
        ("piguiyihua", {"piguiyihua": "批归一化"}),
        ("pi gui yi hua", {"pi gui yi hua": "批归一化"}),
        ("xuexilü 和 xuexilv", {"xuexilü": "学习率", "xuexilv": "学习率"}),
    ],
)
def test_a_slip_is_read_as_the_name_that_was_meant(question: str, expected: dict[str, str]) -> None:
    assert {w: u.lower() for w, u in understood(question).items()} == expected


def negatives() -> list[str]:
    lines = (ROOT / "benchmarks" / "data" / "misspelt_questions.jsonl").read_text("utf-8").splitlines()
    return [record["question"] for record in map(json.loads, lines) if record["kind"] == "correct"]


@pytest.mark.parametrize("question", negatives())
def test_what_is_no_slip_is_left_alone_whatever_the_notes_hold(question: str) -> None:
    assert finder().find(question) == ()


def test_there_are_enough_of_those() -> None:
    assert len(negatives()) >= 40


def test_no_name_of_the_glossary_is_a_slip_of_another() -> None:
    names = [name for concept in GLOSSARY.concepts.values() for name in concept.names]
    assert [name for name in names if finder().find(name)] == []


def test_a_word_that_the_notes_hold_is_no_slip() -> None:
    assert understood("dorpout") == {"dorpout": "dropout"}
    assert understood("dorpout", "dorpout") == {}
    assert understood("时序和稀梳") == {"稀梳": "稀疏"}
    assert understood("时序和稀梳", "稀梳") == {}


def test_what_begins_a_word_of_the_notes_outside_the_name_is_no_slip() -> None:
    assert understood("局部下降") == {"部下降": "不下降"}
    assert understood("局部下降", "局部") == {}


def test_short_words_and_words_with_digits_are_left_alone() -> None:
    assert understood("relv adma imcol2 resnte50") == {}


def test_slips_do_not_overlap_and_stand_where_they_say() -> None:
    question = "用 dorpout 还是正泽化？ganshouye"
    slips = finder().find(question)
    assert [question[slip.start : slip.end] for slip in slips] == ["dorpout", "正泽化", "ganshouye"]
    assert [slip.written for slip in slips] == ["dorpout", "正泽化", "ganshouye"]


@settings(max_examples=100)
@given(st.text("卷积机正则泽化感受野也droputi aü'-的", max_size=30))
def test_any_text_gives_slips_in_order_without_overlap_and_the_same_again(text: str) -> None:
    slips = finder().find(text)
    assert all(text[slip.start : slip.end] == slip.written for slip in slips)
    ends = [0, *(slip.end for slip in slips)]
    assert all(before <= slip.start < slip.end for before, slip in zip(ends, slips, strict=False))
    assert finder().find(text) == slips


def test_letters_with_endless_readings_end() -> None:
    assert finder().find("an" * 30 + " " + "a " * 2000) == ()
