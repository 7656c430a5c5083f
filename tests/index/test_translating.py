"""What an English question may mean in Chinese: the table, and what it adds to a search."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.glossary import load_glossary
from index import terms
from index.embedders.bundled import BundledEmbedder
from index.library import open_library
from index.translating import TRANSLATIONS, translated


def test_every_line_of_the_table_is_a_term_as_the_index_has_it_and_its_likeliest_translations() -> None:
    lines = [line.split(" ") for line in TRANSLATIONS.read_text("utf-8").splitlines()]
    assert [line[0] for line in lines] == sorted({line[0] for line in lines})
    for term, *of in lines:
        pairs = [each.split(":") for each in of]
        assert 1 <= len(of) <= 4, term
        assert all(len(pair) == 2 for pair, _ in pairs), term
        found = [float(probability) for _, probability in pairs]
        assert found == sorted(found, reverse=True), term
        assert found[-1] >= 0.08, term
        assert sum(found) <= 1.02, term  # each is rounded


@pytest.mark.parametrize(
    ("word", "chinese"),
    [
        ("overfitting", "拟合"),
        ("curve", "曲线"),
        ("learning", "学习"),
        ("advantages", "优点"),
        ("weights", "权重"),
    ],
)
def test_a_word_is_looked_up_in_the_form_that_the_index_gives_it(word: str, chinese: str) -> None:
    asked = terms.question_terms(word, load_glossary())
    assert chinese in translated(asked)


def test_a_share_is_that_of_the_word_times_the_root_of_the_probability() -> None:
    [line] = [one for one in TRANSLATIONS.read_text("utf-8").splitlines() if one.startswith("curv ")]
    [(_, probability)] = [each.split(":") for each in line.split(" ")[1:]]
    assert translated({"curv": 0.5}) == pytest.approx({"曲线": 0.5 * float(probability) ** 0.5})


def test_chinese_terms_concepts_and_words_that_are_not_in_the_table_add_nothing() -> None:
    assert translated({"曲线": 1.0, "\x00adam": 1.0, "\x01why": 1.0, "zzzz": 1.0, "": 1.0}) == {}


def test_an_english_question_finds_the_chinese_note_that_no_name_of_the_glossary_leads_to(
    tmp_path: Path,
) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    for title, text in {
        "甲": "把曲线画出来，看训练和验证两条曲线之间的距离。",
        "乙": "内存不够时减小图片的尺寸。",
        "丙": "数据里有重复的文件。",
    }.items():
        (notes / f"{title}.md").write_text(f"# {title}\n\n{text}\n", "utf-8")
    library = open_library([notes], tmp_path / "index", embedder=BundledEmbedder(), glossary=load_glossary())
    for question, title in {
        "the two curves": "甲",
        "duplicated files": "丙",
        "smaller pictures": "乙",
    }.items():
        assert library.search(question, 1).hits[0].topic.title == title, question
