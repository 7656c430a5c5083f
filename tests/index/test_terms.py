"""Text becomes the terms it should, in Chinese, English and both; no text can forge a concept."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import terms as module
from index.terms import CONCEPT, INTENT, RELATED, add, fold, question_terms, terms, weight
from tests.index.embedding import GLOSSARY


def surface(text: str) -> list[str]:
    """The terms of `text` that stand in it: no concepts, no intents."""
    return [term for term in terms(text, GLOSSARY) if not term.startswith((CONCEPT, INTENT))]


def marked(text: str, mark: str) -> set[str]:
    return {term.removeprefix(mark) for term in terms(text, GLOSSARY) if term.startswith(mark)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("感受野", ["感", "受", "野", "感受", "受野"]),
        ("什么是感受野?", ["感", "受", "野", "感受", "受野"]),  # no pair 是感
        ("池", ["池"]),
        ("过拟合", ["过", "拟", "合", "过拟", "拟合"]),
        ("learning rate", ["learn", "rate"]),
        ("用ReLU好", ["用", "relu", "好"]),
        ("batch_norm C++ C# 3.5 word2vec L1/L2", ["batch_norm", "c++", "c#", "3.5", "word2vec", "l1", "l2"]),
        ("gpt-4", ["gpt", "4"]),
        ("don't", ["don't"]),
        ("学习率α太大", ["学", "习", "率", "学习", "习率", "α", "太", "大", "太大"]),
        ("β1=0.9", ["β1", "0.9"]),
        ("naïve русский", ["naïve", "русский"]),
        ("池化。池化", ["池", "化", "池化"]),
        ("_ ??? 🙂 \x00 \x01", []),
        ("", []),
    ],
)
def test_a_text_has_these_terms(text: str, expected: list[str]) -> None:
    assert surface(text) == expected


def test_repeated_terms_are_counted() -> None:
    assert terms("loss 池化池", GLOSSARY)["池"] == 2.0
    assert terms("loss loss Loss", GLOSSARY)["loss"] == 3.0


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("ＲｅＬＵ", "relu"),
        ("⻓度", "长度"),  # U+2ED3, from a PDF
        ("⽅差", "方差"),  # U+2F45, Kangxi
        ("ﬁne", "fine"),
        ("Ⅳ", "iv"),
        ("STRASSE ß", "strasse ss"),
    ],
)
def test_look_alikes_are_folded(written: str, folded: str) -> None:
    assert fold(written) == folded
    assert surface(written) == surface(folded)


@pytest.mark.parametrize("invisible", ["\u00ad", "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff"])
def test_invisible_characters_inside_words_change_no_term(invisible: str) -> None:
    assert fold(f"归{invisible}一化 drop{invisible}out") == "归一化 dropout"
    written = terms(f"批归{invisible}一化 batch norm{invisible}alization", GLOSSARY)
    assert written == terms("批归一化 batch normalization", GLOSSARY)


def test_every_radical_stands_for_a_character_that_lexical_search_knows() -> None:
    pairs = [(chr(a), chr(b) if isinstance(b, int) else b) for a, b in module._RADICALS.items()]
    assert len(pairs) > 60
    for radical, character in pairs:
        assert "CJK RADICAL" in unicodedata.name(radical)
        assert "CJK UNIFIED" in unicodedata.name(character)
        assert fold(radical) == character


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("initialized", "initialization"),
        ("gradients", "gradient"),
        ("exploding", "explode"),
        ("pools", "pooling"),
    ],
)
def test_english_inflection_is_folded(one: str, other: str) -> None:
    assert surface(one) == surface(other)


@pytest.mark.parametrize("word", ["adam", "sgd", "bn", "vgg16", "relu6", "word2vec"])
def test_names_stay_whole(word: str) -> None:
    assert surface(word) == [word]


@pytest.mark.parametrize(
    "text",
    ["什么是", "为什么", "怎么样呢", "what is the", "How do I use it?", "解释一下", "please explain"],
)
def test_words_that_only_ask_are_no_terms(text: str) -> None:
    assert surface(text) == []


@pytest.mark.parametrize("word", ["最大", "过拟合", "不同", "反向传播"])
def test_technical_words_survive_the_list_of_such_words(word: str) -> None:
    assert word[:2] in surface(word)


@pytest.mark.parametrize(
    ("text", "intents"),
    [
        ("ReLU 为什么好?", {"why"}),
        ("Why is ReLU good?", {"why"}),
        ("BN 和 LN 的区别", {"compare"}),
        ("the difference between BN and LN", {"compare"}),
        ("Adam 的优缺点", {"merits"}),
        ("drawbacks of Adam", {"merits"}),
        ("过拟合怎么办", {"remedy"}),
        ("how to avoid overfitting", {"remedy"}),
        ("感受野怎么算", {"compute"}),
        ("how to compute it", {"compute"}),
        ("BN 的作用", {"purpose"}),
        ("Whyte proscenium", set()),
        ("感受野", set()),
    ],
)
def test_what_is_asked_of_a_subject_is_a_term_in_both_languages(text: str, intents: set[str]) -> None:
    assert marked(text, INTENT) == intents


@pytest.mark.parametrize("text", ["BN 的作用", "批归一化", "batch normalization", "Batch-Norm", "BatchNorm"])
def test_one_concept_has_one_term_whatever_it_is_called(text: str) -> None:
    assert marked(text, CONCEPT) == {"batch_normalization"}


def test_a_shared_name_stands_for_each_of_its_concepts() -> None:
    assert marked("L2", CONCEPT) == {"l2_regularization", "l2_loss", "l2_norm"}


@pytest.mark.parametrize("text", ["\x00nosuch", "\x01whyte", "\x00\x00", "a\x00b", "\x01"])
def test_a_mark_in_the_text_makes_no_concept_and_no_intent(text: str) -> None:
    assert marked(text, CONCEPT) == marked(text, INTENT) == set()


@given(st.text(alphabet=st.sampled_from("\x00\x01abn_ 池化why为什么")) | st.text())
def test_no_text_can_forge_a_term_of_ours(text: str) -> None:
    found = terms(text, GLOSSARY)
    assert all(count > 0 for count in found.values())
    for term in found:
        if term.startswith(CONCEPT):
            assert term.removeprefix(CONCEPT) in GLOSSARY.concepts
        elif term.startswith(INTENT):
            assert term.removeprefix(INTENT) in module._INTENTS
        else:
            assert term
            assert not set(term) & {CONCEPT, INTENT, " "}
            assert weight(term) > 0


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_a_question_also_looks_for_relatives_but_less() -> None:
    shares = question_terms("lasso", GLOSSARY)
    assert shares["lasso"] == shares[CONCEPT + "lasso"] == 1.0
    concept = GLOSSARY.concepts["lasso"]
    assert concept.related
    assert all(shares[CONCEPT + relative] == RELATED for relative in concept.related)


def test_what_the_question_names_itself_is_not_weakened_as_a_relative() -> None:
    shares = question_terms("lasso L1 正则化", GLOSSARY)
    assert shares[CONCEPT + "l1_regularization"] == 1.0


def test_weights_go_from_concepts_down_to_single_characters() -> None:
    assert weight(CONCEPT + "dropout") > weight("dropout") > weight("池化") > weight("池") > 0
    assert weight("池化") == weight(INTENT + "why")


def test_adding_counts_a_field_so_many_times() -> None:
    counts = {"a": 1.0}
    add(counts, {"a": 2.0, "b": 1.0}, 3.0)
    assert counts == {"a": 7.0, "b": 3.0}
