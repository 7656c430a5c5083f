"""A real sentence-transformers model, made here without a download: loaded by the setting, searched, kept track of.

The library takes seconds to import, which is why everything that needs it is in this one module.
"""

from __future__ import annotations

import json
import shutil
import warnings
from pathlib import Path

import numpy as np
import pytest

from assistant.cli.embedder_setup import choose_embedder
from assistant.cli.session import Session
from assistant.study import open_assistant
from corpus.glossary import load_glossary
from index.embedders import open_embedder
from index.embedders.sentence_transformers import SentenceTransformerEmbedder
from index.errors import EmbedderMissing
from index.library import open_library
from tests.index.embedding import write_notes

WORDS = ["[UNK]", "pooling", "dropout", "max", "weight", "decay", "batch", "query", "passage", "norm"]
DIMENSION = 8
#: Tokens that the transformer reads, its two marks included.
WINDOW = 8


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


def save_transformer(folder: Path) -> Path:
    """Save a transformer of one layer that reads 8 tokens, two of them its own marks."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from sentence_transformers import SentenceTransformer
        from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
        from tokenizers import Tokenizer
        from tokenizers.models import WordLevel
        from tokenizers.pre_tokenizers import Whitespace
        from tokenizers.processors import TemplateProcessing
        from torch import manual_seed
        from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

        words = ["[PAD]", "[CLS]", "[SEP]", *WORDS]
        tokenizer = Tokenizer(WordLevel({word: n for n, word in enumerate(words)}, unk_token="[UNK]"))
        tokenizer.pre_tokenizer = Whitespace()
        marks = [("[CLS]", 1), ("[SEP]", 2)]
        tokenizer.post_processor = TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=marks)
        fast = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
            tokenizer_object=tokenizer, unk_token="[UNK]", pad_token="[PAD]", model_max_length=WINDOW
        )
        manual_seed(0)
        small = BertConfig(
            vocab_size=len(words),
            hidden_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=16,
            max_position_embeddings=WINDOW,
        )
        raw = folder.with_name(f"{folder.name}-raw")
        BertModel(small).save_pretrained(raw)
        fast.save_pretrained(raw)
        prompts = {"query": "query ", "document": "passage "}
        model = SentenceTransformer(
            modules=[Transformer(str(raw)), Pooling(16)], prompts=prompts, device="cpu"
        )
        model.save(str(folder))
    return folder


@pytest.fixture(scope="module")
def transformer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_transformer(tmp_path_factory.mktemp("models") / "transformer")


def test_a_passage_longer_than_the_window_is_embedded_in_pieces_that_fit(transformer: Path) -> None:
    embedder = SentenceTransformerEmbedder(str(transformer))
    fits, long = (
        "max pooling batch norm dropout",
        "weight decay dropout. batch norm max. pooling weight.",
    )
    rows, pieces = embedder.embed_in_pieces([fits, long, "norm"])
    assert list(pieces) == [1, 3, 1]  # five words beside the prompt and two marks
    parts = ["weight decay dropout. ", "batch norm max. ", "pooling weight."]
    plain = embedder._model.encode_document(parts, prompt="passage ", normalize_embeddings=True)
    weights = np.array([[4], [4], [3]])  # words and full stops, without prompt and marks
    mean = (weights * plain).sum(axis=0)
    np.testing.assert_allclose(rows[1], mean / np.linalg.norm(mean), atol=1e-5)
    np.testing.assert_allclose(rows[2], embedder.embed_passages(["norm"])[0], atol=1e-5)
    # What the library alone makes of it: the end is cut away without a word.
    cut = embedder._model.encode_document([long], prompt="passage ", normalize_embeddings=True)[0]
    assert float(cut @ rows[1]) < 0.999


def test_a_long_question_is_not_cut_either(transformer: Path) -> None:
    embedder = SentenceTransformerEmbedder(str(transformer))
    short, long = embedder.embed_queries(["max pooling", "max pooling " * 5])
    assert np.linalg.norm(long) == pytest.approx(1.0, abs=1e-5)
    assert embedder._embed(["max pooling " * 5], "query ", embedder._model.encode_query)[1] == [2]
    assert float(short @ long) > 0.9


def test_a_passage_cut_into_pieces_is_counted_by_the_index_and_told_by_doctor(
    transformer: Path, tmp_path: Path
) -> None:
    from assistant.doctor.looks import looks

    (tmp_path / "note.md").write_text(
        "# pooling\n\nmax pooling weight decay dropout batch norm.\n\n# norm\n", "utf-8"
    )
    assistant = open_assistant(tmp_path / "note.md", embedder=str(transformer))
    assert assistant.update().split == 1
    findings = {finding.name: finding for finding in looks(assistant.settings, assistant)}
    assert findings["index"].says.endswith("; 1 of them in pieces, longer than its window")
    assert findings["embedder"].says == f"sentence_transformers:{transformer}, vectors of 16 numbers"


def test_a_hyphen_in_the_setting_is_as_good(model: Path) -> None:
    assert open_embedder(f"sentence-transformers:{model}", GLOSSARY).name == f"sentence_transformers:{model}"


def test_a_folder_alone_is_a_setting_too(model: Path) -> None:
    assert open_embedder(str(model), GLOSSARY).name == f"sentence_transformers:{model}"


def test_the_prompts_known_for_a_name_are_used_where_the_model_says_none(tmp_path: Path) -> None:
    embedder = open_embedder(str(save_model(tmp_path / "multilingual-e5-tiny")), GLOSSARY)
    query, passage = embedder.embed_queries(["pooling"])[0], embedder.embed_passages(["pooling"])[0]
    assert query[WORDS.index("query") % DIMENSION] == pytest.approx(0.5**0.5, abs=1e-6)
    assert passage[WORDS.index("passage") % DIMENSION] == pytest.approx(0.5**0.5, abs=1e-6)


def test_a_prompt_of_the_models_own_wins_over_what_is_known_for_its_name(tmp_path: Path) -> None:
    folder = save_model(tmp_path / "multilingual-e5-tiny")
    written = {"prompts": {"query": "norm ", "document": ""}}
    (folder / "config_sentence_transformers.json").write_text(json.dumps(written))
    embedder = open_embedder(str(folder), GLOSSARY)
    assert embedder.embed_queries(["pooling"])[0][WORDS.index("norm") % DIMENSION] > 0.5
    assert embedder.embed_passages(["pooling"])[0][WORDS.index("pooling")] == pytest.approx(1.0, abs=1e-6)


def test_another_prompt_is_another_fingerprint(tmp_path: Path) -> None:
    folder = save_model(tmp_path / "m", prompts=True)
    before = open_embedder(str(folder), GLOSSARY).fingerprint
    file = folder / "config_sentence_transformers.json"
    file.write_text(file.read_text().replace("query ", "norm "))
    assert open_embedder(str(folder), GLOSSARY).fingerprint != before


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of the hub, and no network."""
    from huggingface_hub import constants

    folder = tmp_path / "hub"
    folder.mkdir()
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(folder))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    return folder


def put(hub: Path, model: Path, commit: str) -> None:
    """Put a model into the cache as the revision `commit` of `someone/tiny`."""
    repository = hub / "models--someone--tiny"
    (repository / "refs").mkdir(parents=True, exist_ok=True)
    (repository / "refs" / "main").write_text(commit)
    shutil.copytree(model, repository / "snapshots" / commit)


def test_a_hub_model_that_is_not_here_is_not_downloaded_unasked(hub: Path) -> None:
    embedder = open_embedder("someone/tiny", GLOSSARY)
    with pytest.raises(EmbedderMissing, match="'someone/tiny' is not on this machine") as caught:
        _ = embedder.fingerprint
    assert caught.value.hint == "assistant setup --embedder someone/tiny"


def test_a_hub_model_that_is_here_is_read_without_a_network_and_known_by_its_revision(
    hub: Path, model: Path
) -> None:
    put(hub, model, "a" * 40)
    embedder = open_embedder("someone/tiny", GLOSSARY)
    assert embedder.embed_passages(["pooling"])[0][1] == pytest.approx(1.0, abs=1e-6)
    put(hub, model, "b" * 40)
    assert open_embedder("someone/tiny", GLOSSARY).fingerprint != embedder.fingerprint


def test_a_download_that_fails_is_an_error_in_words(hub: Path) -> None:
    embedder = SentenceTransformerEmbedder("someone/tiny")
    with pytest.raises(EmbedderMissing, match="'someone/tiny' cannot be loaded") as caught:
        embedder.download()
    assert "assistant setup --embedder someone/tiny" in caught.value.hint


def test_setup_takes_a_folder_and_leaves_everything_where_a_hub_model_cannot_be_had(
    hub: Path, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home, notes = tmp_path / "home", write_notes(tmp_path / "notes")
    session = Session({"home": str(home), "notes": str(notes)})
    with pytest.raises(EmbedderMissing, match="'someone/tiny' cannot be loaded"):
        choose_embedder(session, "someone/tiny")
    assert not home.exists()
    choose_embedder(session, str(model))
    assert capsys.readouterr().out.endswith(f"(by {home / 'config.toml'}): 6 passages\n")
    assert open_assistant(notes, home).library.fingerprint.embedder.startswith(
        f"sentence_transformers:{model}-"
    )


def test_names_that_are_neither_a_folder_nor_of_the_hub_are_told(hub: Path) -> None:
    with pytest.raises(EmbedderMissing, match=r"there is no folder '\./nowhere'"):
        _ = open_embedder("./nowhere", GLOSSARY).fingerprint
    with pytest.raises(EmbedderMissing, match="no name of the Hugging Face hub"):
        _ = open_embedder("a/b/c/d", GLOSSARY).fingerprint


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
