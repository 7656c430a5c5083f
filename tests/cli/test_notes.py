"""`assistant notes`: the topics with their places, notes that change between runs, and the list of gaps."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.cli.contract import TOPIC, types
from tests.cli.running import environment, run


def test_topics_keep_the_contract_in_the_order_of_the_files(env: dict[str, str], notes: Path) -> None:
    ran = run("notes", "topics", "--json", env=env)
    assert (ran.code, ran.err) == (0, "")
    assert all(types(topic) == TOPIC for topic in ran.json)
    listed = [(topic["topic"], Path(topic["path"]).name, topic["lines"], topic["stub"]) for topic in ran.json]
    assert listed == [
        ("批归一化 (Batch Normalization)", "batch_norm.md", listed[0][2], False),
        ("优化器：Momentum、RMSProp 和 Adam", "optimizers.md", listed[1][2], False),
        ("Dropout", "regularization.md", [1, 4], False),
        ("L1 正则化为什么稀疏", "regularization.md", [6, 8], False),
        ("感受野", "regularization.md", [10, 14], False),
        ("知识蒸馏", "regularization.md", [16, 16], True),
    ]
    for topic in ran.json:
        lines = Path(topic["path"]).read_text("utf-8").split("\n")
        first, last = topic["lines"]
        assert 1 <= first <= last <= len(lines)
        assert any(topic["topic"] in line for line in lines[max(first - 3, 0) : last])
        assert topic["passages"] >= 1
    assert {Path(topic["path"]).parent for topic in ran.json} == {notes}


def test_the_reading_view_has_a_line_a_topic_and_marks_stubs(env: dict[str, str]) -> None:
    ran = run("notes", "topics", env=env)
    *topics, count = ran.out.splitlines()
    assert (len(topics), count) == (6, "6 topics")
    assert [("title or link only" in line) for line in topics] == [False] * 5 + [True]


def test_gaps_list_what_was_not_covered_the_most_asked_first(own_env: dict[str, str]) -> None:
    assert run("notes", "gaps", "--json", env=own_env).json == []
    rare, often = "量子纠缠怎么用于烤面包?", "How do airplanes stay in the air?"
    asked = run("ask", "--stdin", env=own_env, stdin=f"{often}\n{rare}\nAdam 有什么优点?\n{often}\n")
    assert [answer["status"] for answer in asked.json_lines].count("not_in_notes") == 3
    gaps = run("notes", "gaps", "--json", env=own_env).json
    assert [(gap["question"], gap["count"]) for gap in gaps] == [(often, 2), (rare, 1)]
    assert all(
        types(gap) == {"question": str, "count": int, "last_asked": str, "nearest": list} for gap in gaps
    )


def note(name: str) -> str:
    return f"# {name}\n\n{name} 是一种用来说明编辑的层，它的参数是 alpha。\n"


class Changing:
    """A folder of notes under a home, and what searching it finds."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder = folder
        self.env = environment(home, ASSISTANT_NOTES=str(folder))
        folder.mkdir()

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, "utf-8")

    def found(self) -> dict[str, str]:
        ran = run("search", "层的参数是什么", "-k", "9", "--json", env=self.env)
        hits: list[dict[str, Any]] = ran.json["hits"]
        return {hit["topic"]: hit["text"].strip().split("\n")[-1] for hit in hits}


@pytest.fixture
def changing(tmp_path: Path, own_home: Path) -> Changing:
    return Changing(tmp_path / "changing", own_home)


def test_a_note_that_is_added_edited_renamed_or_removed_is_noticed_by_the_next_run(
    changing: Changing,
) -> None:
    changing.write("a.md", note("甲层"))
    changing.write("b.md", note("乙层"))
    assert set(changing.found()) == {"甲层", "乙层"}
    changing.write("c.md", note("丙层"))
    assert set(changing.found()) == {"甲层", "乙层", "丙层"}
    changing.write("b.md", note("乙层") + "它的新参数是 beta。\n")
    assert changing.found()["乙层"] == "它的新参数是 beta。"
    (changing.folder / "a.md").unlink()
    assert set(changing.found()) == {"乙层", "丙层"}
    (changing.folder / "b.md").rename(changing.folder / "z.md")
    assert set(changing.found()) == {"乙层", "丙层"}
    places = run("notes", "topics", "--json", env=changing.env).json
    assert [Path(place["path"]).name for place in places] == ["c.md", "z.md"]


def test_an_edit_of_the_same_size_within_the_same_moment_is_noticed(changing: Changing) -> None:
    changing.write("a.md", note("甲层"))
    before = (changing.folder / "a.md").stat()
    assert "alpha" in changing.found()["甲层"]
    changing.write("a.md", note("甲层").replace("alpha", "gamma"))
    os.utime(changing.folder / "a.md", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (changing.folder / "a.md").stat().st_size == before.st_size
    assert "gamma" in changing.found()["甲层"]


def test_a_note_that_is_only_touched_keeps_its_index(changing: Changing, own_home: Path) -> None:
    changing.write("a.md", note("甲层"))
    changing.found()
    (before,) = own_home.glob("index/*/generation-*")
    (changing.folder / "a.md").touch()
    assert "甲层" in changing.found()
    assert list(own_home.glob("index/*/generation-*")) == [before]
