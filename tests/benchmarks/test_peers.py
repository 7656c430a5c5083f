"""The peers' table: its measures against a reference, places back to topics, and what needs the peers' environment.

What the peers find is not tested, only that each speaks the protocol: their figures are theirs.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import peers
from benchmarks.peer_sets import Corpus, Question, Stretch, Text, seed, title, write_sections
from benchmarks.peer_systems.bm25 import bigrams, whitespace
from benchmarks.peer_systems.types import Unit
from benchmarks.questions import DEV, ROOT
from benchmarks.ranking import DEPTH, MEASURES, first_rank, reciprocal, wilson
from benchmarks.retrieval import library
from corpus.errors import StudyError
from corpus.glossary import load_glossary

TOPICS = st.integers(0, 20)


def brute_rank(found: list[int], right: set[int]) -> int | None:
    """Return the rank of the first right topic among the different ones, by making the list of them."""
    different = list(dict.fromkeys(found))[:DEPTH]
    return next((at for at, topic in enumerate(different, 1) if topic in right), None)


@given(st.lists(TOPICS, max_size=60), st.sets(TOPICS, min_size=1, max_size=4))
def test_a_topic_counts_by_its_best_passage(found: list[int], right: set[int]) -> None:
    assert first_rank([{topic} for topic in found], right) == brute_rank(found, right)


def test_a_chunk_of_several_topics_takes_one_rank_and_one_without_a_new_topic_takes_none() -> None:
    chunks = [{1, 2, 3}, {2, 3}, {4}, {3, 4}, {5, 6}]
    assert [first_rank(chunks, {topic}) for topic in (1, 3, 4, 6, 7)] == [1, 1, 2, 3, None]


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),  # Newcombe 1998, Stat. Med. 17:857, table I, method 3
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_s_interval_is_the_published_one(hits: int, n: int, low: float, high: float) -> None:
    share = wilson(hits, n)
    assert (share.value, round(share.low, 4), round(share.high, 4)) == (hits / n, low, high)


@given(st.integers(1, 400), st.data())
def test_wilson_s_limits_are_where_the_score_test_just_rejects(n: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, n))
    share = wilson(hits, n)
    assert 0 <= share.low <= share.value <= share.high <= 1
    for limit in (share.low, share.high):
        if 0 < limit < 1:
            z = abs(share.value - limit) / math.sqrt(limit * (1 - limit) / n)
            assert z == pytest.approx(1.959964, abs=1e-4)


@pytest.mark.parametrize(("hits", "n"), [(0, 0), (3, 2), (-1, 5)])
def test_a_share_of_nothing_is_refused(hits: int, n: int) -> None:
    with pytest.raises(ValueError, match="is no share"):
        wilson(hits, n)


def test_the_mean_reciprocal_rank_counts_what_was_not_found_as_nought() -> None:
    share = reciprocal([1, 2, None, 4])
    assert share.value == pytest.approx((1 + 1 / 2 + 0 + 1 / 4) / 4)
    assert 0 <= share.low < share.value < share.high <= 1
    assert reciprocal([1, 2, None, 4]) == share  # the resamples are the same every time
    certain = reciprocal([2, 2, 2])
    assert (certain.low, certain.value, certain.high) == (0.5, 0.5, 0.5)


def test_each_measure_looks_as_deep_as_its_name_says() -> None:
    ranks = [1, 2, 3, 4, 10, None]
    assert {name: round(of(ranks).value * 6) for name, of in MEASURES.items() if name[0] == "R"} == {
        "R@1": 1,
        "R@3": 3,
        "R@10": 5,
    }


def test_whitespace_leaves_a_chinese_clause_one_token_and_bigrams_do_not() -> None:
    text = "感受野怎么算? BatchNorm的 γ 和ReLU6 々"
    assert whitespace(text) == ["感受野怎么算?", "BatchNorm的", "γ", "和ReLU6", "々"]
    assert bigrams(text) == [
        "感受",
        "受野",
        "野怎",
        "怎么",
        "么算",
        "batchnorm",
        "的",
        "γ",
        "和",
        "relu6",
        "々",
    ]


def test_a_place_leads_to_every_topic_that_it_touches() -> None:
    text = Text("0123456789", (Stretch(0, 4, 7), Stretch(4, 6, 8), Stretch(6, 10, 9)))
    corpus = Corpus("toy", {Unit.DOCUMENTS: [Text("", ()), text]}, ())
    places = [(1, 0, 4), (1, 3, 7), (1, 9, 10), (0, 0, 5)]
    assert corpus.topics(Unit.DOCUMENTS, places) == [{7}, {7, 8, 9}, {9}, set()]


def test_the_topics_of_the_user_s_file_stand_where_their_lines_are(seed_notes: Path) -> None:
    if not DEV.is_file():
        pytest.skip("the dev questions are not beside the project (../shared/eval)")
    corpus = seed(library(load_glossary()))
    (document,) = corpus.texts[Unit.DOCUMENTS]
    assert len(document.topics) == 26
    for passage in corpus.texts[Unit.PASSAGES]:
        (whole,) = passage.topics
        (stretch,) = (s for s in document.topics if s.topic == whole.topic)
        body = passage.text.partition("\n")[2]
        assert body in document.text[stretch.start : stretch.end]


def test_a_section_is_named_by_the_headings_above_it_or_by_its_id() -> None:
    assert title({"id": "a-1", "title_path": ["卷积\n神经网络", "感受野"]}) == "卷积 神经网络 / 感受野"
    assert title({"id": "a-1", "title_path": []}) == "a-1"


def test_every_section_is_one_topic_under_its_own_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        {
            "id": "a-1",
            "title_path": ['He said: "BN"', "# 标题"],
            "text": "# 里面\n\n正文。\n\n## 再里面\n\n正文二。",
        },
        {"id": "a-2", "title_path": [], "text": "---\n\n只有正文。"},
    ]
    monkeypatch.setattr("benchmarks.peer_sets.sections", lambda: iter(rows))
    write_sections(tmp_path)
    opened = library(load_glossary(), tmp_path)
    assert not opened.problems
    assert {topic.path.stem: topic.title for topic in opened.topics} == {
        "a-1": 'He said: "BN" / # 标题',
        "a-2": "a-2",
    }


def toy() -> Corpus:
    """Return three topics of two passages each, or one document of all three, and a question about each."""
    said = [
        "感受野 receptive field grows with depth",
        "dropout 随机失活 regularises",
        "Adam keeps two moments",
    ]
    passages = [
        Text(f"{said[t]} {part}", (Stretch(0, 99, t),)) for t in range(3) for part in ("first", "second")
    ]
    ends = list(accumulate(len(s) + 1 for s in said))
    stretches = tuple(
        Stretch(end - len(s) - 1, end - 1, t) for t, (end, s) in enumerate(zip(ends, said, strict=True))
    )
    whole = Text("\n".join(said), stretches)
    asked = ("receptive field depth", "dropout", "Adam moments")
    questions = [Question(text, frozenset({t}), ("seed dev",)) for t, text in enumerate(asked)]
    return Corpus("seed", {Unit.PASSAGES: passages, Unit.DOCUMENTS: [whole]}, questions)


def reply(order: list[int], seconds: float) -> dict[str, Any]:
    found = [[[row, 0, 5] for row in order]] * 3
    of_corpus = {"index_seconds": seconds, "query_seconds": seconds, "found": found}
    return {"unit": "passages", "corpora": {"seed": of_corpus}}


def test_the_table_says_where_a_peer_is_ahead_and_what_it_costs() -> None:
    corpus = toy()
    runs = {
        "ours": peers.judged(reply([0, 1, 2, 3, 4, 5], 2.0), [corpus]),
        "theirs": peers.judged(reply([4, 5, 2, 3], 3.0), [corpus]),
        "worse": peers.judged(reply([0], 1.0), [corpus]),
    }
    figures = peers.summary([corpus], runs)
    assert runs["ours"]["seed"].ranks == [1, 2, 3]
    assert runs["theirs"]["seed"].ranks == [None, 2, 1]
    assert figures["ahead_of_us"] == []
    assert figures["costs"]["seed"]["systems"]["theirs"] == {"index": 1.5, "query": 1.5}
    text = peers.markdown(figures)
    assert "| ours | **0.333** [0.06, 0.79] |" in text
    assert "- nowhere" in text
    runs["ours"], runs["worse"] = runs["worse"], runs["ours"]
    figures = peers.summary([corpus], runs)
    assert "theirs on seed dev: R@3 0.667 against our 0.333" in figures["ahead_of_us"]
    assert "- theirs on seed dev: R@3 0.667 against our 0.333" in peers.markdown(figures)


def test_the_picture_is_drawn_from_the_figures_alone(tmp_path: Path) -> None:
    from benchmarks.peers_picture import draw

    corpus = toy()
    runs = {
        "ours": peers.judged(reply([0, 2, 4], 2.0), [corpus]),
        "theirs": peers.judged(reply([4], 3.0), [corpus]),
    }
    draw(json.loads(json.dumps(peers.summary([corpus], runs))), tmp_path / "peers.png")
    assert (tmp_path / "peers.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


def test_without_their_environment_the_peers_are_skipped_with_the_command_that_makes_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(peers, "ENVIRONMENT", tmp_path / "none")
    with pytest.raises(StudyError) as caught:
        peers.environment()
    assert str(tmp_path / "none") in caught.value.message
    assert "make peers" in caught.value.hint


def test_an_environment_that_cannot_be_made_is_said_and_not_taken_for_one(tmp_path: Path) -> None:
    make = shutil.which("make")
    if make is None:
        pytest.skip("there is no make")
    (tmp_path / "benchmarks").mkdir()
    (tmp_path / "benchmarks" / "peers-requirements.txt").write_text("no-such-distribution-of-anybody==0\n")
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(shutil.which("python3") or "/usr/bin/python3")
    without_index = {**os.environ, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "", "PIP_CONFIG_FILE": os.devnull}
    done = subprocess.run(
        [make, "peers"], cwd=tmp_path, env=without_index, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert ".venv-peers could not be made" in done.stderr
    assert not (tmp_path / ".venv-peers" / ".installed").exists()


@pytest.fixture(scope="module")
def python() -> Path:
    try:
        return peers.environment()
    except StudyError as error:
        pytest.skip(error.message)


@pytest.mark.parametrize("peer", peers.PEERS)
def test_a_peer_returns_places_and_finds_the_words_of_the_question(python: Path, peer: str) -> None:
    corpus = toy()
    answered = peers.ask(python, peer, [corpus])
    assert answered["versions"]
    (run,) = peers.judged(answered, [corpus]).values()
    assert run.index_seconds > 0
    assert run.query_seconds > 0
    assert list(run.ranks) == [1, 1, 1]


def test_okapi_scores_order_texts_as_a_computation_by_hand_does(python: Path) -> None:
    texts = ["a b", "a a a b b c", "b c c c", "d e f", "c d d", "e f g h", "g g g", "h i"]
    corpus = Corpus(
        "hand",
        {Unit.PASSAGES: [Text(t, ()) for t in texts], Unit.DOCUMENTS: []},
        [Question(q, frozenset(), ()) for q in ("a", "c d", "b", "g e", "z")],
    )
    found = peers.ask(python, "bm25_whitespace", [corpus])["corpora"]["hand"]["found"]
    for question, places in zip(corpus.questions, found, strict=True):
        scores = [okapi(question.text.split(), t.split(), [x.split() for x in texts]) for t in texts]
        by_hand = sorted((n for n in range(len(texts)) if scores[n] > 0), key=lambda n: (-scores[n], n))
        assert [place[0] for place in places] == by_hand


def okapi(asked: list[str], text: list[str], texts: list[list[str]]) -> float:
    """Return Okapi BM25 (Robertson & Zaragoza 2009, section 3) of words that fewer than half of the texts hold."""
    average = sum(map(len, texts)) / len(texts)
    total = 0.0
    for word in asked:
        holding = sum(word in t for t in texts)
        if holding:
            idf = math.log((len(texts) - holding + 0.5) / (holding + 0.5))
            f = text.count(word)
            assert idf > 0
            total += idf * f * 2.5 / (f + 1.5 * (0.25 + 0.75 * len(text) / average))
    return total
