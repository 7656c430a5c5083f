"""Aliases in front matter as names of the glossary: taken where it is certain what they name, and only there."""

from __future__ import annotations

import pytest

from corpus.glossary import load_glossary
from corpus.note_names import with_note_names
from corpus.types import FrontMatter

GLOSSARY = load_glossary()


def concepts(text: str, *notes: FrontMatter) -> list[str]:
    return [match.concept for match in with_note_names(GLOSSARY, notes).find(text)]


def test_an_alias_of_a_note_on_one_concept_is_another_name_of_it() -> None:
    note = FrontMatter(title="批归一化", title_en="Batch Normalization", aliases=("小黄鸭层", "duckynorm"))
    assert concepts("小黄鸭层为什么快? DuckyNorm vs BN", note) == ["batch_normalization"] * 3
    assert with_note_names(GLOSSARY, [note]).concepts["batch_normalization"].given == (
        "小黄鸭层",
        "duckynorm",
    )


def test_the_names_of_a_note_on_something_unknown_become_one_concept() -> None:
    note = FrontMatter(title="墨池结构", title_en="Inkpool", aliases=("IPX",))
    (one, *others) = concepts("墨池结构就是 Inkpool, 也叫 ipx", note)
    assert one.startswith("note:")
    assert others == [one, one]


@pytest.mark.parametrize(
    "note",
    [
        pytest.param(
            FrontMatter(title="批归一化", aliases=("BN 的好处",)), id="the alias only contains a name"
        ),
        pytest.param(
            FrontMatter(title="SGD 和 Adam 的区别", aliases=("小黄鸭层",)), id="the title names several"
        ),
        pytest.param(
            FrontMatter(title="BN 为什么有效", aliases=("小黄鸭层",)), id="the title says more than a name"
        ),
        pytest.param(FrontMatter(aliases=("小黄鸭层",)), id="there is no title"),
        pytest.param(FrontMatter(title="批归一化", aliases=("Adam", "  ")), id="the alias is known or blank"),
    ],
)
def test_what_may_name_something_else_is_left_out(note: FrontMatter) -> None:
    assert with_note_names(GLOSSARY, [note]) is GLOSSARY


def test_a_name_of_two_letters_counts_only_as_written() -> None:
    note = FrontMatter(title="墨池结构", aliases=("Qz",))
    assert concepts("Qz 是什么", note)
    assert not concepts("qz 是什么", note)


def test_a_name_that_two_notes_claim_stays_with_the_first() -> None:
    notes = [
        FrontMatter(title="批归一化", aliases=("小黄鸭层",)),
        FrontMatter(title="dropout", aliases=("小黄鸭层",)),
    ]
    assert concepts("小黄鸭层", *notes) == ["batch_normalization"]


def test_the_fingerprint_tells_the_names_apart() -> None:
    one = with_note_names(GLOSSARY, [FrontMatter(title="批归一化", aliases=("小黄鸭层",))])
    other = with_note_names(GLOSSARY, [FrontMatter(title="批归一化", aliases=("小鸭层",))])
    assert len({GLOSSARY.fingerprint, one.fingerprint, other.fingerprint}) == 3
