"""Folding: which texts are one, who is shown, and how far the hits are read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.types import Location, LocationKind, Passage, Topic
from index.folding import fold
from index.types import Hit
from tests.index.embedding import opened

TEXT = "批归一化对每个通道减去小批量的均值，再除以标准差，最后做一次可学习的缩放和平移，因此训练更稳定。"
OTHER = "感受野是输出特征图上一个点能看到的输入区域，随着层数增加而变大，空洞卷积可以让它增长得更快一些。"


def hit(rank: int, text: str, score: float = 0.5, title: str = "") -> Hit:
    title = title or f"题{rank}"
    path, place = Path(f"/notes/{rank}.md"), Location(LocationKind.LINES, 3, 3)
    passage = Passage(f"p{rank}", title, (title,), path, place, text)
    return Hit(rank, score, Topic(title, (title,), path, place, (passage,)), passage)


def shown(hits: list[Hit], k: int = 5) -> list[tuple[int, str, list[str]]]:
    return [(h.rank, h.passage.passage_id, [c.passage.passage_id for c in h.also]) for h in fold(hits, k)]


def test_a_copy_is_folded_into_the_better_hit_and_the_ranks_close_up() -> None:
    assert shown([hit(1, TEXT), hit(2, OTHER), hit(3, TEXT), hit(4, TEXT)]) == [
        (1, "p1", ["p3", "p4"]),
        (2, "p2", []),
    ]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (TEXT, TEXT.replace("，", ", "), True),
        (TEXT, f"- **{TEXT}**", True),
        (TEXT, TEXT + OTHER, True),
        (TEXT, TEXT.replace("稳定", "快"), True),
        (TEXT, OTHER, False),
        (TEXT, TEXT[:25] + OTHER[25:], False),
        ("同样的题目", "同样的题目", False),
    ],
)
def test_nine_tenths_of_the_shorter_text_make_two_one(one: str, other: str, same: bool) -> None:
    assert (len(fold([hit(1, one), hit(2, other)], 5)) == 1) is same
    assert (len(fold([hit(1, other), hit(2, one)], 5)) == 1) is same


def test_a_short_text_is_the_same_only_under_the_same_title() -> None:
    assert len(fold([hit(1, "见链接", title="BN"), hit(2, "见链接", title="BN")], 5)) == 1
    assert len(fold([hit(1, "见链接", title="BN"), hit(2, "见链接", title="IN")], 5)) == 2


def test_no_more_hits_are_read_than_are_needed() -> None:
    read: list[int] = []

    def hits() -> Iterator[Hit]:
        for rank in range(1, 9):
            read.append(rank)
            yield hit(rank, f"{rank}" * 60, score=1.0 / rank)

    assert len(fold(hits(), 2)) == 2
    assert read == [1, 2, 3]


def test_a_copy_as_good_as_the_last_hit_is_still_counted() -> None:
    assert shown([hit(1, OTHER, 0.9), hit(2, TEXT), hit(3, TEXT)], k=2)[1] == (2, "p2", ["p3"])


def test_a_file_that_was_copied_is_found_once_with_its_copy(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    for name in ("a", "b"):
        (notes / f"{name}.md").write_text(f"# 批归一化\n\n{TEXT}\n", "utf-8")
    (notes / "c.md").write_text(f"# 感受野\n\n{OTHER}\n", "utf-8")
    found = opened(notes).search("批归一化", 2)
    assert [h.topic.path.name for h in found.hits] == ["a.md", "c.md"]
    [also] = found.to_dict()["hits"][0]["also"]
    assert (also["path"], also["lines"], also["topic"]) == (str(notes / "b.md"), [3, 3], "批归一化")
    assert "also" not in found.to_dict()["hits"][1]
    [copy] = found.also_at(str(notes / "a.md"), "减去小批量的均值")
    assert copy.passage.path == notes / "b.md"
    assert found.also_at(str(notes / "c.md"), "感受野") == ()
