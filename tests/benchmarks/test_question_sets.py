"""The labelled question sets are what they claim to be: counts, labels, languages and a fair split.

`seed_questions.jsonl` holds single questions, `followups.jsonl` short chats whose last turn is labelled. A
label is the 1-based ordinal of a topic in the interview notes the sets were written for (26 topics; one that
is only a title or a link counts as covered). Any of several ordinals is a right answer; none means that the
notes do not treat the question. Whether a label is true needs a reader, and is not tested here.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "benchmarks" / "data"
TOPICS = range(1, 27)
STUBS = {15, 16, 21, 23, 24, 25, 26}  # a title, a link or one sentence: fewer questions can be asked of them
COVERED_KINDS = {"zh", "en", "mixed", "abbrev", "typo", "paraphrase"}
HAN = re.compile(r"[\u4e00-\u9fff]")
LATIN = re.compile(r"[A-Za-z]{2,}")


def read(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


QUESTIONS = read("seed_questions.jsonl")
CHATS = read("followups.jsonl")
COVERED = [q for q in QUESTIONS if q["topics"]]
UNCOVERED = [q for q in QUESTIONS if not q["topics"]]


def folded(text: str) -> str:
    """Fold case and width and drop spaces and punctuation, so that only wording distinguishes two texts."""
    return re.sub(r"\W", "", unicodedata.normalize("NFKC", text).casefold())


def labels_are_valid(topics: list[int]) -> bool:
    return len(set(topics)) == len(topics) and set(topics) <= set(TOPICS)


def test_every_question_has_the_same_well_typed_fields() -> None:
    for q in QUESTIONS:
        assert list(q) == ["id", "kind", "question", "topics", "split"]
        assert q["kind"] in COVERED_KINDS | {"none"}
        assert q["split"] in {"tune", "check"}
        assert q["question"] == q["question"].strip() != ""
        assert labels_are_valid(q["topics"]), q


def test_a_question_is_of_kind_none_exactly_when_no_topic_answers_it() -> None:
    assert [q["id"] for q in QUESTIONS if (q["kind"] == "none") != (q["topics"] == [])] == []


def test_there_are_enough_questions_of_either_sort() -> None:
    assert len(COVERED) >= 220
    assert len(UNCOVERED) >= 160


def test_every_topic_is_asked_about_at_length_and_every_stub_several_times() -> None:
    asked = Counter(topic for q in COVERED for topic in q["topics"])
    assert {t: asked[t] for t in TOPICS if asked[t] < (6 if t in STUBS else 8)} == {}


def test_the_kinds_keep_their_proportions() -> None:
    share = {kind: n / len(COVERED) for kind, n in Counter(q["kind"] for q in COVERED).items()}
    assert share.keys() == COVERED_KINDS
    assert 0.40 <= share["zh"] <= 0.50
    assert 0.15 <= share["en"] <= 0.25
    assert min(share.values()) >= 0.08


def test_each_kind_is_in_the_language_it_names() -> None:
    for q in COVERED:
        han, latin = bool(HAN.search(q["question"])), bool(LATIN.search(q["question"]))
        match q["kind"]:
            case "zh":
                assert han, q
            case "en":
                assert latin, q
                assert not han, q
            case "mixed":
                assert han, q
                assert latin, q


def test_uncovered_questions_come_in_both_languages_and_many_lengths() -> None:
    chinese = sum(bool(HAN.search(q["question"])) for q in UNCOVERED)
    lengths = [len(q["question"]) for q in UNCOVERED]
    assert 0.2 < chinese / len(UNCOVERED) < 0.8
    assert min(lengths) <= 5
    assert max(lengths) >= 60


def test_ids_are_unique() -> None:
    for rows in (QUESTIONS, CHATS):
        assert [name for name, n in Counter(row["id"] for row in rows).items() if n > 1] == []


def test_no_two_questions_are_near_copies() -> None:
    def bigrams(text: str) -> set[str]:
        text = folded(text)
        return {text[i : i + 2] for i in range(len(text) - 1)} or {text}

    grams = [(q["id"], bigrams(q["question"])) for q in QUESTIONS]
    copies = [(a, b) for (a, x), (b, y) in combinations(grams, 2) if len(x & y) > 0.6 * len(x | y)]
    assert copies == []


def test_one_third_of_each_kind_is_held_back() -> None:
    sizes = Counter(q["kind"] for q in QUESTIONS)
    held = Counter(q["kind"] for q in QUESTIONS if q["split"] == "check")
    assert {kind: held[kind] for kind in sizes} == {kind: n // 3 for kind, n in sizes.items()}


@pytest.mark.parametrize(("split", "least"), [("tune", 5), ("check", 2)])
def test_either_part_of_the_split_asks_about_every_topic(split: str, least: int) -> None:
    first = Counter(q["topics"][0] for q in COVERED if q["split"] == split)
    assert {t: first[t] for t in TOPICS if first[t] < least} == {}


def test_chats_have_two_or_three_turns_and_valid_labels() -> None:
    for chat in CHATS:
        assert list(chat) == ["id", "kind", "turns", "topics"]
        assert 2 <= len(chat["turns"]) <= 3, chat
        assert all(turn == turn.strip() != "" for turn in chat["turns"]), chat
        assert labels_are_valid(chat["topics"]), chat


def test_there_are_forty_elliptical_chats_and_eight_that_end_afresh() -> None:
    assert Counter(chat["kind"] for chat in CHATS) == {"elliptical": 40, "fresh": 8}
    assert len({tuple(map(folded, chat["turns"])) for chat in CHATS}) == len(CHATS)


def test_chats_of_either_kind_stay_in_the_notes_and_leave_them_in_both_languages() -> None:
    for kind in ("elliptical", "fresh"):
        kinds = {(bool(HAN.search(c["turns"][-1])), bool(c["topics"])) for c in CHATS if c["kind"] == kind}
        assert kinds == {(han, covered) for han in (True, False) for covered in (True, False)}


def test_no_question_is_a_line_of_the_notes() -> None:
    seeds = sorted((ROOT.parent / "shared" / "seed").glob("*.txt"))
    if not seeds:
        pytest.skip("the interview notes are not beside the project")
    lines = {folded(line) for path in seeds for line in path.read_text(encoding="utf-8").splitlines()} - {""}
    asked = [q["question"] for q in QUESTIONS] + [turn for chat in CHATS for turn in chat["turns"]]
    assert [question for question in asked if folded(question) in lines] == []
