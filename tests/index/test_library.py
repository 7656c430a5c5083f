"""The library: search against the same sum written out in numpy, and what a change makes it do again."""

from __future__ import annotations

import random
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from corpus import reading, splitting
from corpus.errors import StudyError
from index import coverage, fusion, lexical, neighbours, storage, terms
from index import library as searching
from index.errors import NoTopics, QueryTooLong
from index.exact import ExactIndex
from index.generations import Generation
from index.languages import asks_in_chinese, is_chinese
from index.library import MAX_QUERY, Library, open_library
from index.segments import embedded_text
from index.translating import translated
from tests.index.embedding import GLOSSARY, NOTES, RecordingEmbedder, opened, write_notes

QUERIES = [
    "最大池化怎么算",
    "BN 推理",
    "What is weight decay?",
    "dropout",
    "法国的首都",
    "感受野 池化 权重",
    "的",
    "",
]


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    return write_notes(tmp_path / "notes")


def stored(notes: Path) -> Generation:
    [home] = (notes.parent / "index").iterdir()
    generation = storage.load(home)
    assert generation is not None
    return generation


def passages(library: Library) -> list[str]:
    return [embedded_text(passage) for topic in library.topics for passage in topic.passages]


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("dense_share", [0.0, 0.25, 1.0])
def test_scores_are_the_sum_written_out_over_exact_cosines(
    notes: Path, query: str, dense_share: float
) -> None:
    library, embedder, index = opened(notes), RecordingEmbedder(), stored(notes).lexical
    texts = passages(library)
    scores, rows = ExactIndex(embedder.embed_passages(texts)).search(
        embedder.embed_queries([query]), len(texts)
    )
    cosine = np.zeros(len(texts))
    cosine[rows[0]] = scores[0]
    asked = terms.question_terms(query, GLOSSARY)
    idf = {term: index.idf_of(term) for term in asked}
    most = sum(
        share * terms.weight(term) * (index.idf_unseen if idf[term] is None else idf[term] or 0.0)
        for term, share in asked.items()
    )
    lexical_score = index.score(asked) / max(most * (lexical.K1 + 1), 1e-9)
    if 0 < dense_share < 1 and not asks_in_chinese(query):
        chinese = np.array([is_chinese(text) for text in texts])
        meant = index.score(translated(asked)) / max(most * (lexical.K1 + 1), 1e-9)
        lexical_score = lexical_score + 0.5 * meant * chinese
    fused = (1 - dense_share) * lexical_score + dense_share * np.maximum(cosine, 0)
    topic_of = [number for number, topic in enumerate(library.topics) for _ in topic.passages]
    best: dict[int, float] = {}
    for number, score in zip(topic_of, fused, strict=True):
        best[number] = max(best.get(number, -1.0), float(score))

    hits = library.search(query, 99, dense_share=dense_share).hits
    if not asked or max(best.values()) <= 0:
        assert hits == ()
        return
    ranked = sorted(best, key=lambda number: -best[number])
    assert [hit.score for hit in hits] == pytest.approx([best[number] for number in ranked], abs=1e-6)
    found = [library.topics.index(hit.topic) for hit in hits]
    assert [best[number] for number in found] == pytest.approx([best[number] for number in ranked], abs=1e-6)
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    assert all(hit.passage in hit.topic.passages for hit in hits)


@pytest.mark.parametrize("k", [1, 2, 3, 99])
def test_k_counts_topics_and_each_comes_once_by_its_best_passage(notes: Path, k: int) -> None:
    library = opened(notes)
    hits = library.search("最大池化 平均池化", k).hits
    assert len(hits) == min(k, len(library.topics))
    assert len({hit.topic.title for hit in hits}) == len(hits)
    assert hits[0].topic.title == "池化"
    assert hits[0].passage.heading_path == ("池化", "最大池化")


def test_equal_topics_come_in_the_order_of_the_notes(tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    for name in "cab":
        (folder / f"{name}.md").write_text("# 池化\n\n最大池化取窗口里的最大值。\n", "utf-8")
    [hit] = opened(folder).search("最大池化", 3).hits
    assert [topic.path.name for topic in (hit.topic, *(copy.topic for copy in hit.also))] == [
        "a.md",
        "b.md",
        "c.md",
    ]


def test_what_is_covered_and_what_is_not(notes: Path) -> None:
    library = opened(notes)
    assert library.search("最大池化取什么值?").covered
    result = library.search("法国的首都是哪里?")
    assert not result.covered
    assert result.confidence < coverage.THRESHOLD
    assert result.to_dict()["covered"] is False


@pytest.mark.parametrize("query", ["", " ", "的", "???", "\x00"])
def test_a_query_of_no_terms_finds_nothing(notes: Path, query: str) -> None:
    result = opened(notes).search(query)
    assert (result.hits, result.covered, result.confidence) == ((), False, 0.0)


def test_an_endless_query_is_refused(notes: Path) -> None:
    library = opened(notes)
    library.search("池" * MAX_QUERY)
    with pytest.raises(QueryTooLong, match="8,001 characters"):
        library.search("池" * (MAX_QUERY + 1))


def test_a_passage_is_found_by_its_id(notes: Path) -> None:
    library = opened(notes)
    passage = library.topics[0].passages[0]
    assert library.passage(passage.passage_id) == passage
    assert library.passage("nosuch") is None


def test_saved_and_loaded_the_library_is_the_same(notes: Path) -> None:
    built, embedder = opened(notes), RecordingEmbedder()
    loaded = opened(notes, embedder)
    assert embedder.embedded == []
    assert loaded.topics == built.topics
    assert loaded.fingerprint == built.fingerprint
    for query in QUERIES:
        assert loaded.search(query, 99) == built.search(query, 99)


def test_where_nothing_can_be_saved_the_same_library_lives_in_memory(notes: Path, tmp_path: Path) -> None:
    blocked, warnings = tmp_path / "file", list[str]()
    blocked.write_text("not a folder")
    library = open_library(
        [notes], blocked, embedder=RecordingEmbedder(), glossary=GLOSSARY, warn=warnings.append
    )
    assert library.search("池化", 99) == opened(notes).search("池化", 99)
    assert len(warnings) == 1
    assert "cannot be saved" in warnings[0]


@pytest.fixture
def split(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are read and split from here on."""
    names: list[str] = []
    read = reading.read

    def recording(path: Path, data: bytes | None = None) -> object:
        names.append(path.name)
        return read(path, data)

    monkeypatch.setattr(reading, "read", recording)
    return names


def test_only_the_changed_file_is_split_and_only_its_new_passages_embedded(
    notes: Path, split: list[str]
) -> None:
    first = RecordingEmbedder()
    library = opened(notes, first)
    assert sorted(split) == sorted(NOTES)
    assert sorted(first.embedded) == sorted(passages(library))
    split.clear()
    (notes / "a.md").write_text(NOTES["a.md"].replace("随机丢弃神经元", "随机置零"), "utf-8")

    again = RecordingEmbedder()
    changed = opened(notes, again)
    assert split == ["a.md"]
    assert len(again.embedded) == 1
    assert "随机置零" in again.embedded[0]
    assert set(passages(changed)) - set(passages(library)) == set(again.embedded)


def test_after_any_change_the_library_equals_one_built_afresh(notes: Path, tmp_path: Path) -> None:
    opened(notes)
    (notes / "a.md").write_text(NOTES["a.md"] + "\n# 新主题\n\n学习率预热 warmup。\n", "utf-8")
    (notes / "b.md").unlink()
    (notes / "d.md").write_text("# 学习率\n\n学习率太大会发散。\n", "utf-8")
    updated = opened(notes)
    fresh = open_library([notes], tmp_path / "another", embedder=RecordingEmbedder(), glossary=GLOSSARY)
    assert updated.topics == fresh.topics
    for query in [*QUERIES, "学习率", "池化"]:
        assert updated.search(query, 99) == fresh.search(query, 99)


def test_a_touched_file_costs_a_hash_and_nothing_more(notes: Path, split: list[str]) -> None:
    opened(notes)
    split.clear()
    (notes / "a.md").write_text(NOTES["a.md"], "utf-8")
    again = RecordingEmbedder()
    opened(notes, again)
    assert (split, again.embedded) == ([], [])


def test_a_change_of_the_same_length_is_seen(notes: Path) -> None:
    opened(notes)
    (notes / "a.md").write_text(NOTES["a.md"].replace("标准差", "极大值"), "utf-8")
    assert "极大值" in opened(notes).search("批归一化").hits[0].passage.text


def test_a_removed_file_is_gone(notes: Path) -> None:
    opened(notes)
    (notes / "b.md").unlink()
    assert "池化" not in [topic.title for topic in opened(notes).topics]


def test_another_embedder_embeds_everything_again_and_splits_nothing(notes: Path, split: list[str]) -> None:
    library = opened(notes)
    split.clear()
    other = RecordingEmbedder()
    other.fingerprint = "other"
    assert opened(notes, other).search("池化").hits[0].topic.title == "池化"
    assert (split, sorted(other.embedded)) == ([], sorted(passages(library)))
    assert stored(notes).fingerprint.embedder == "other"


def test_another_glossary_indexes_the_terms_again(notes: Path, split: list[str]) -> None:
    before = opened(notes).fingerprint
    split.clear()
    other = replace(GLOSSARY, fingerprint="other")
    after = opened(notes, glossary=other).fingerprint
    assert split == []
    assert before.splitter == after.splitter
    assert before.terms != after.terms
    assert before.embedder != after.embedder


def test_another_splitter_reads_every_file_again_and_embeds_only_what_changed(
    notes: Path, split: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(notes)
    split.clear()
    monkeypatch.setattr(splitting, "VERSION", -1)
    again = RecordingEmbedder()
    assert opened(notes, again).fingerprint.splitter == "-1"
    assert sorted(split) == sorted(NOTES)
    assert again.embedded == []


def test_a_file_that_cannot_be_read_is_a_problem_beside_the_others_and_stays_one(notes: Path) -> None:
    (notes / "bad.md").write_bytes(b"\x00\x01\x02" * 400)
    for _ in range(2):  # built, then loaded
        library = opened(notes)
        assert [topic.path.name for topic in library.topics].count("bad.md") == 0
        assert list(library.problems) == [str(notes / "bad.md")]


def test_notes_without_topics_are_an_error_that_names_them(tmp_path: Path) -> None:
    empty = tmp_path / "empty.md"
    empty.write_text("\n", "utf-8")
    with pytest.raises(NoTopics, match=r"nothing to study in .*empty\.md"):
        opened(empty)


def test_notes_that_are_not_there_are_an_error_that_names_them(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="nosuch"):
        opened(tmp_path / "nosuch")


def test_progress_runs_to_its_end_in_every_stage(notes: Path, tmp_path: Path) -> None:
    seen: dict[str, tuple[int, int]] = {}
    open_library(
        [notes],
        tmp_path / "index",
        embedder=RecordingEmbedder(),
        glossary=GLOSSARY,
        progress=lambda stage, done, total: seen.__setitem__(stage, (done, total)),
    )
    assert len(seen) == 3
    assert all(done == total > 0 for done, total in seen.values())


def test_the_dense_share_in_use_is_the_default(notes: Path) -> None:
    library = opened(notes)
    assert library.search("池化", 9) == library.search("池化", 9, dense_share=fusion.DENSE_SHARE)


def test_importance_is_share_times_weight_times_rarity(notes: Path) -> None:
    library, index = opened(notes), stored(notes).lexical
    importance = library.importance("池化 quokka")
    found = index.idf_of("池化")
    assert found is not None
    assert importance["池化"] == pytest.approx(terms.WEIGHT_PAIR * found)
    assert importance["quokka"] == pytest.approx(terms.WEIGHT_LATIN * index.idf_unseen)
    assert importance["quokka"] > importance["池化"]


def test_an_alias_of_one_note_finds_the_other_notes_on_the_same_thing(tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    body = "## 一句话\n\n按通道减去均值再除以标准差。\n"
    (folder / "bn.md").write_text(
        f"---\ntitle: 批归一化\naliases: [小黄鸭层]\n---\n\n{body}", encoding="utf-8"
    )
    (folder / "other.md").write_text(
        "# 训练技巧\n\n## 学习率\n\n先预热再衰减。\n\n## 批归一化的位置\n\n放在激活之前。\n\n"
        "## 小黄鸭层的推理\n\n用滑动平均。\n",
        encoding="utf-8",
    )
    library = opened(folder)
    by_alias = [hit.topic.title for hit in library.search("小黄鸭层", 3).hits]
    by_name = [hit.topic.title for hit in library.search("BN", 3).hits]
    assert {"批归一化", "批归一化的位置", "小黄鸭层的推理"} == set(by_alias) == set(by_name)
    assert library.search("小黄鸭层").covered


def test_a_large_library_finds_by_candidates_what_scoring_every_passage_finds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(4)
    words = (
        "卷积 池化 梯度 归一化 学习率 注意力 残差 损失 dropout stride padding momentum warmup kernel".split()
    )
    folder = tmp_path / "notes"
    folder.mkdir()
    for number in range(20):
        sections = (
            f"# {number}.{n} {' '.join(chance.sample(words, 2))}\n\n{' '.join(chance.choices(words, k=20))}。\n"
            for n in range(20)
        )
        (folder / f"{number:02}.md").write_text("\n".join(sections), "utf-8")
    queries = [" ".join(chance.sample(words, 3)) for _ in range(30)]
    whole = opened(folder)
    expected = [whole.search(query, 5) for query in queries]
    everything = whole.search(queries[0], 1_000)
    shutil.rmtree(tmp_path / "index")
    monkeypatch.setattr(neighbours, "FLAT_UP_TO", 100)
    monkeypatch.setattr(searching, "SCORED_WHOLE", 100)
    monkeypatch.setattr(searching, "CANDIDATES", 40)
    large = opened(folder)
    assert sum(1 for _ in (tmp_path / "index").rglob("neighbours.bin")) == 1
    agreed = 0
    for query, exact in zip(queries, expected, strict=True):
        found = large.search(query, 5)
        scores = {hit.passage.passage_id: hit.score for hit in exact.hits}
        agreed += sum(hit.passage.passage_id in scores for hit in found.hits)
        for hit in found.hits:
            assert hit.score == pytest.approx(scores.get(hit.passage.passage_id, hit.score), abs=1e-3)
        assert found.confidence == pytest.approx(exact.confidence, abs=1e-2)
    assert agreed >= 0.97 * 5 * len(queries)
    assert len(large.search(queries[0], 1_000).hits) == len(everything.hits) == 400
