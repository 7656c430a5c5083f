"""A misspelt question in a library: found by what was meant, said so, and no reason to cover what is not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from index import spelling
from index.library import Library
from index.terms import CONCEPT
from tests.index.embedding import opened, write_notes


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return opened(write_notes(tmp_path_factory.mktemp("library") / "notes"))


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("dorpout", "Dropout"),
        ("批归一画", "批归一化"),
        ("zuidachihua", "池化"),
        ("权重衰捡", "权重衰减 weight decay"),
    ],
)
def test_a_misspelt_question_finds_its_topic_and_says_how_it_was_read(
    library: Library, query: str, title: str
) -> None:
    found = library.search(query)
    assert (found.hits[0].topic.title, found.covered) == (title, True)
    assert found.to_dict()["corrections"] == [
        {"written": query, "understood": found.corrections[0].understood}
    ]


def test_what_was_understood_counts_less_than_what_was_written(library: Library) -> None:
    read = library.read("BN 和 dorpout")
    assert read.text == "BN 和 Dropout" or read.text == "BN 和 dropout"
    assert read.terms[f"{CONCEPT}batch_normalization"] == 1.0
    assert read.terms[f"{CONCEPT}dropout"] == read.terms["dropout"] == spelling.UNDERSTOOD < 1.0
    assert read.terms["dorpout"] == 1.0
    assert read.named["dorpout"] == f"{CONCEPT}dropout"


def test_what_was_written_keeps_its_weight(library: Library) -> None:
    both = library.read("dropout dorpout")
    assert both.terms["dropout"] == both.terms[f"{CONCEPT}dropout"] == 1.0


def test_a_question_without_slips_is_read_as_it_stands(library: Library) -> None:
    read = library.read("dropout 怎么用")
    assert (read.text, read.slips) == ("dropout 怎么用", ())
    assert "corrections" not in library.search("dropout 怎么用").to_dict()


def test_a_slip_of_a_name_that_the_notes_lack_stays_uncovered(library: Library) -> None:
    found = library.search("transfomrer 的自注议力")
    assert found.corrected == {"transfomrer": "transformer", "自注议力": "自注意力"}
    assert not found.covered


def test_a_correction_helps_to_choose_the_sentences_too(tmp_path: Path, library: Library) -> None:
    assert library.importance("dorpout")[f"{CONCEPT}dropout"] > 0
