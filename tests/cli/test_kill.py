"""`kill -9` at any moment of a build, and builds at the same time: the next run finds what an undisturbed one does."""

from __future__ import annotations

import random
import shutil
import time
from pathlib import Path

import pytest

from tests.cli.running import LIMIT, environment, run, start

FILES = 60
SECTIONS = 6
QUERIES = "卷积 stride 的作用\n第 7 课 batch normalization\nlearning rate warmup\n梯度 爆炸\n"
_WORDS = (
    "卷积 池化 梯度 归一化 学习率 注意力 残差 损失 正则化 感受野 convolution pooling gradient batch "
    "normalization learning rate warmup attention residual dropout stride padding kernel momentum"
).split()


def write_notes(folder: Path) -> Path:
    """Write notes of random sentences, the same ones every time, enough for a build of about a second."""
    chance = random.Random(20260301)
    folder.mkdir()
    for number in range(FILES):
        sections = (
            f"## {number}.{section} {' '.join(chance.sample(_WORDS, 2))}\n\n"
            + "".join(f"{' '.join(chance.choices(_WORDS, k=12))}。\n" for _ in range(4))
            for section in range(SECTIONS)
        )
        (folder / f"{number:02}.md").write_text(f"# 第 {number} 课\n\n" + "\n".join(sections), "utf-8")
    return folder


def search(env: dict[str, str]) -> str:
    ran = run("search", "--stdin", "-k", "20", env=env, stdin=QUERIES)
    assert ran.code == 0
    assert " is damaged (" not in ran.err, "a killed build is no damage"
    return ran.out


def leftovers(home: Path) -> list[Path]:
    """Return what a completed build must not leave: unfinished builds and more than one index."""
    unfinished = [*home.glob("index/*/building-*"), *home.glob("index/*/.CURRENT*")]
    return unfinished + sorted(home.glob("index/*/generation-*"))[1:]


def kill_builds(tmp_path: Path, kills: int) -> None:
    """Kill first builds and updates, spread over the time they take, and compare what the next run finds."""
    folder = write_notes(tmp_path / "notes")
    note = folder / "30.md"
    versions = [note.read_text("utf-8")]
    versions.append(
        versions[0] + "\n## 改过的一节\n\n第 7 课 batch normalization 和 learning rate warmup。\n"
    )
    home = tmp_path / "home"
    env = environment(home, ASSISTANT_NOTES=str(folder))
    began = time.monotonic()
    expected = [search(env)]
    duration = time.monotonic() - began
    note.write_text(versions[1], "utf-8")
    expected.append(search(env))
    assert expected[0] != expected[1]

    chance = random.Random(7)
    killed = 0
    for number in range(kills):
        if number % 2:
            shutil.rmtree(home)
        else:  # an index of the other version is there and is brought up to date
            note.write_text(versions[number // 2 % 2], "utf-8")
        moment = (number + chance.random()) / kills * duration
        building = start("search", "--json", "Adam", env=env)
        time.sleep(moment)
        killed += building.poll() is None
        building.kill()
        building.communicate()
        assert search(env) == expected[versions.index(note.read_text("utf-8"))], (number, moment)
        assert leftovers(home) == [], (number, moment)
    assert killed >= kills // 2, "most were killed while they worked"


def test_after_six_kills_spread_over_a_build_every_next_run_finds_what_it_should(tmp_path: Path) -> None:
    kill_builds(tmp_path, 6)


@pytest.mark.soak
def test_after_two_hundred_kills_spread_over_a_build_every_next_run_finds_what_it_should(
    tmp_path: Path,
) -> None:
    kill_builds(tmp_path, 200)


def test_processes_that_build_at_the_same_time_all_find_the_same(tmp_path: Path) -> None:
    folder = write_notes(tmp_path / "notes")
    home = tmp_path / "home"
    query = ("search", "--json", "卷积 stride 的作用")
    together = [start(*query, env=environment(home, ASSISTANT_NOTES=str(folder))) for _ in range(3)]
    outputs = [process.communicate(timeout=LIMIT) for process in together]
    alone = run(*query, env=environment(tmp_path / "other", ASSISTANT_NOTES=str(folder)))
    assert [process.returncode for process in together] == [alone.code] * 3
    assert {out.decode() for out, _ in outputs} == {alone.out}
    assert len(alone.json["hits"]) == 5
    assert leftovers(home) == []
    assert sum(b"indexing" in err for _, err in outputs) == 1, "one builds, the others wait for it"


def test_processes_that_update_at_the_same_time_all_find_the_same(tmp_path: Path) -> None:
    folder = write_notes(tmp_path / "notes")
    env = environment(tmp_path / "home", ASSISTANT_NOTES=str(folder))
    query = ("search", "--json", "第 7 课 新的一节")
    before = run(*query, env=env)
    with (folder / "07.md").open("a", encoding="utf-8") as note:
        note.write("\n## 新的一节\n\n第 7 课 learning rate warmup。\n")
    together = [start(*query, env=env) for _ in range(3)]
    outputs = [process.communicate(timeout=LIMIT) for process in together]
    alone = run(*query, env=environment(tmp_path / "other", ASSISTANT_NOTES=str(folder)))
    assert [process.returncode for process in together] == [alone.code] * 3
    assert {out.decode() for out, _ in outputs} == {alone.out} != {before.out}
    assert leftovers(tmp_path / "home") == []
