"""A real sentence-transformers model, made here without a download: loaded by the setting, searched, kept track of.

The library takes seconds to import, which is why everything that needs it is in this one module.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

from assistant.study import open_assistant
from corpus.glossary import load_glossary
from index.embedders import open_embedder
from index.errors import EmbedderMissing
from index.library import open_library
from tests.index.embedding import write_notes

WORDS = ["[UNK]", "pooling", "dropout", "max", "weight", "decay", "batch", "query", "passage", "norm"]
DIMENSION = 8


def save_model(folder: Path, *, prompts: bool = False) -> Path:
    """Save a static embedding of `WORDS`: word n is the unit vector n modulo the dimension, unknown is zero."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from sentence_transformers import SentenceTransformer
        from sentence_transformers.sentence_transformer.modules import StaticEmbedding
        from tokenizers import Tokenizer
        from tokenizers.models import WordLevel
        from tokenizers.pre_tokenizers import Whitespace

        tokenizer = Tokenizer(WordLevel({word: n for n, word in enumerate(WORDS)}, unk_token="[UNK]"))
        tokenizer.pre_tokenizer = Whitespace()
        vectors = np.zeros((len(WORDS), DIMENSION), np.float32)
        for n in range(1, len(WORDS)):
            vectors[n, n % DIMENSION] = 3.0
        named = {"query": "query ", "document": "passage "} if prompts else None
        module = StaticEmbedding(tokenizer, embedding_weights=vectors)
        SentenceTransformer(modules=[module], prompts=named, device="cpu").save(str(folder))
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("models") / "plain")


GLOSSARY = load_glossary()


def test_rows_are_the_models_vectors_at_unit_length(model: Path) -> None:
    embedder = open_embedder(f"sentence_transformers:{model}", GLOSSARY)
    rows = embedder.embed_passages(["pooling", "max dropout", "unheard"])
    expected = np.zeros((3, DIMENSION))
    expected[0, 1] = 1.0
    expected[1, [2, 3]] = 0.5**0.5
    np.testing.assert_allclose(rows, expected, atol=1e-6)
    assert rows.dtype == np.float32
    assert embedder.dimension == DIMENSION
    assert np.array_equal(embedder.embed_queries(["pooling"]), rows[:1])


def test_a_models_own_prompts_are_used(tmp_path: Path) -> None:
    embedder = open_embedder(f"sentence_transformers:{save_model(tmp_path / 'm', prompts=True)}", GLOSSARY)
    query, passage = embedder.embed_queries(["pooling"])[0], embedder.embed_passages(["pooling"])[0]
    assert query[WORDS.index("query") % DIMENSION] == pytest.approx(0.5**0.5, abs=1e-6)
    assert passage[WORDS.index("passage") % DIMENSION] == pytest.approx(0.5**0.5, abs=1e-6)


def test_a_hyphen_in_the_setting_is_as_good(model: Path) -> None:
    assert open_embedder(f"sentence-transformers:{model}", GLOSSARY).name == f"sentence_transformers:{model}"


def test_search_and_answers_work_with_it(model: Path, tmp_path: Path) -> None:
    notes = write_notes(tmp_path / "notes")
    assistant = open_assistant(notes, embedder=f"sentence_transformers:{model}")
    assert assistant.search("max pooling").hits[0].topic.title == "池化"
    assert assistant.ask("What is weight decay?").citations[0].topic == "权重衰减 weight decay"
    # By meaning alone: the notes write "Dropout", which this model's vocabulary does not know.
    assert (
        assistant.library.search("weight", 1, dense_share=1.0).hits[0].topic.title == "权重衰减 weight decay"
    )
    assert assistant.library.search("dropout", 1, dense_share=1.0).hits == ()


def test_a_model_changed_in_place_makes_the_index_stale(tmp_path: Path) -> None:
    notes, folder = write_notes(tmp_path / "notes"), save_model(tmp_path / "model")

    def embedder_fingerprint() -> str:
        embedder = open_embedder(f"sentence_transformers:{folder}", GLOSSARY)
        library = open_library([notes], tmp_path / "index", embedder=embedder, glossary=GLOSSARY)
        return library.fingerprint.embedder

    before = embedder_fingerprint()
    assert embedder_fingerprint() == before
    (folder / "README.md").write_text("retrained")
    assert embedder_fingerprint() != before


def test_two_folders_of_the_same_files_differ_by_name(model: Path, tmp_path: Path) -> None:
    other = open_embedder(f"sentence_transformers:{save_model(tmp_path / 'copy')}", GLOSSARY)
    assert other.fingerprint != open_embedder(f"sentence_transformers:{model}", GLOSSARY).fingerprint


def test_a_folder_that_holds_no_model_is_named_with_a_way_out(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    embedder = open_embedder(f"sentence_transformers:{tmp_path / 'empty'}", GLOSSARY)
    with pytest.raises(EmbedderMissing, match="cannot be loaded") as caught:
        embedder.embed_passages(["pooling"])
    assert str(tmp_path / "empty") in caught.value.message
    assert "ASSISTANT_EMBEDDER=hashed" in caught.value.hint


def test_without_a_model_the_setting_says_what_to_write() -> None:
    with pytest.raises(EmbedderMissing, match="needs a model") as caught:
        open_embedder("sentence_transformers", GLOSSARY)
    assert "ASSISTANT_EMBEDDER=sentence_transformers:" in caught.value.hint
