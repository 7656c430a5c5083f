"""`assistant notes add, remove, list, watch` as a user runs them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from assistant.sources import Sources
from corpus.errors import StudyError, UnknownName
from tests.cli.running import COMMAND, LIMIT, environment, run

NOTE = "# 毫米波雷达\n\n毫米波雷达用调频连续波测量距离。\n\n# 激光雷达\n\n激光雷达用飞行时间测量距离。\n"


@pytest.fixture
def env(own_home: Path) -> dict[str, str]:
    """A home without anything but the shipped notes."""
    return environment(own_home)


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    folder = tmp_path / "vault"
    folder.mkdir()
    (folder / "radar.md").write_text(NOTE, "utf-8")
    return folder


def contents(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {str(p): (p.read_bytes(), p.stat().st_mtime_ns) for p in folder.rglob("*") if p.is_file()}


def test_a_folder_is_added_searched_and_removed_and_stays_as_it_was(env: dict[str, str], vault: Path) -> None:
    before = contents(vault)
    added = run("notes", "add", str(vault), "--json", env=env)
    assert added.code == 0
    assert added.json["files"]["new"] >= 1
    assert added.json["problems"] == []
    hit = run("search", "毫米波雷达怎么测距离?", "--json", env=env).json["hits"][0]
    assert (hit["topic"], hit["path"], hit["lines"]) == ("毫米波雷达", str(vault / "radar.md"), [3, 3])
    removed = run("notes", "remove", str(vault), env=env)
    assert removed.code == 0
    assert "files themselves stay" in removed.out
    assert "2 removed" in removed.out
    assert contents(vault) == before
    assert run("search", "毫米波雷达怎么测距离?", env=env).code == 3


def test_counts_say_what_is_new_changed_unchanged_and_removed(env: dict[str, str], vault: Path) -> None:
    run("notes", "list", env=env)
    first = run("notes", "add", str(vault), "--json", env=env).json
    shipped = first["topics"]["unchanged"]
    assert first["topics"] == {"new": 2, "changed": 0, "unchanged": shipped, "removed": 0}
    again = run("notes", "add", str(vault), "--json", env=env)
    assert again.code == 0
    assert again.json["topics"] == {"new": 0, "changed": 0, "unchanged": shipped + 2, "removed": 0}
    changed = NOTE.replace("飞行时间", "相位差") + "\n# 超声波\n\n超声波只看几米。\n"
    (vault / "radar.md").write_text(
        changed.replace("# 毫米波雷达\n\n毫米波雷达用调频连续波测量距离。\n\n", ""), "utf-8"
    )
    third = run("notes", "add", str(vault), "--json", env=env).json
    assert third["files"]["changed"] == 1
    assert third["topics"] == {"new": 1, "changed": 1, "unchanged": shipped, "removed": 1}
    assert (third["passages"]["new"], third["passages"]["removed"]) == (2, 2)


def test_what_cannot_be_read_is_named_at_the_end_and_the_others_are_in(
    env: dict[str, str], vault: Path, tmp_path: Path
) -> None:
    (vault / "broken.md").write_bytes(b"\0\1\2")
    os.mkfifo(vault / "pipe.md")
    (vault / "out").symlink_to(tmp_path)
    missing = tmp_path / "missing"
    ran = run("notes", "add", str(missing), str(vault), env=env)
    assert ran.code == 1
    problems = [line for line in ran.out.splitlines() if line.startswith("✗")]
    assert len(problems) == 4
    for name in ("broken.md", "pipe.md", "out", "missing"):
        assert sum(name in line for line in problems) >= 1, name
    assert "毫米波雷达" in run("search", "毫米波雷达", env=env).out
    listed = run("notes", "list", "--json", env=env).json
    assert [root["origin"] for root in listed] == ["shipped", "added"]
    assert (listed[1]["path"], listed[1]["topics"], len(listed[1]["problems"])) == (str(vault), 2, 3)
    assert listed[0]["topics"] > 0


def test_a_path_without_notes_is_not_added(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "photo.jpeg").write_bytes(b"x")
    for path, says in (
        ("empty", "no notes in"),
        ("photo.jpeg", "not a kind of note"),
        ("no", "no file or folder"),
    ):
        ran = run("notes", "add", str(tmp_path / path), env=env)
        assert ran.code == 1
        assert says in ran.err
    assert not Sources(Path(env["ASSISTANT_HOME"])).paths()


def test_a_wrong_name_to_remove_gets_the_near_one(env: dict[str, str], vault: Path) -> None:
    run("notes", "add", str(vault), env=env)
    ran = run("notes", "remove", str(vault) + "s", env=env)
    assert ran.code == 2
    assert f"Did you mean {str(vault)!r}?" in ran.err


def test_names_with_line_ends_and_bytes_that_are_no_text_survive(env: dict[str, str], vault: Path) -> None:
    for name in ("断\n行.md", os.fsdecode(b"bad\xff.md")):
        (vault / name).write_text(f"# 超声波{len(name)}\n\n超声波只看几米。\n", "utf-8")
    assert run("notes", "add", str(vault), env=env).code == 0
    for _ in range(2):  # indexed, then loaded
        found = {hit["path"] for hit in run("search", "超声波", "--json", env=env).json["hits"]}
        assert {str(vault / "断\n行.md"), str(vault / os.fsdecode(b"bad\xff.md"))} <= found
    odd = os.fsencode(vault) + b"/od\xffd"
    Path(os.fsdecode(odd)).mkdir()
    Path(os.fsdecode(odd), "a.md").write_text("# 声呐\n\n声呐在水下测距。\n", "utf-8")
    assert run("notes", "add", odd, env=env).code == 0
    assert [root["path"] for root in run("notes", "list", "--json", env=env).json][-1] == os.fsdecode(odd)
    assert run("notes", "remove", odd, env=env).code == 0


def test_a_source_that_is_away_is_told_and_the_others_work(env: dict[str, str], vault: Path) -> None:
    run("notes", "add", str(vault), env=env)
    vault.rename(vault.with_name("elsewhere"))
    ran = run("search", "Dropout", env=env)
    assert ran.code == 0
    assert f"assistant notes remove {vault}" in ran.err
    assert run("notes", "list", "--json", env=env).json[1]["there"] is False


def test_the_setting_replaces_the_added_notes_and_that_is_said(env: dict[str, str], vault: Path) -> None:
    other = vault.with_name("other.md")
    other.write_text("# 声呐\n\n声呐在水下测距。\n", "utf-8")
    ran = run("notes", "add", str(vault), env={**env, "ASSISTANT_NOTES": str(other)})
    assert "ASSISTANT_NOTES" in ran.err
    listed = run("notes", "list", "--json", env={**env, "ASSISTANT_NOTES": str(other)}).json
    assert [(root["path"], root["origin"]) for root in listed] == [(str(other), "setting")]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"version": 1}',
        b'{"version": 1, "sources": ["relative"]}',
        b"\xff",
        b'{"version": 2}',
    ],
)
def test_a_damaged_list_of_sources_is_an_error_and_never_overwritten(tmp_path: Path, content: bytes) -> None:
    sources = Sources(tmp_path)
    sources.file.write_bytes(content)
    for act in (sources.paths, lambda: sources.add([tmp_path]), lambda: sources.remove([tmp_path])):
        with pytest.raises(StudyError, match=r"sources\.json") as caught:
            act()
        assert caught.value.hint
    assert sources.file.read_bytes() == content


def test_sources_are_absolute_once_each_and_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    sources = Sources(tmp_path / "home")
    assert not sources.file.exists()
    assert sources.add([Path("b"), Path("a"), Path("b/../a")]) == (tmp_path / "b", tmp_path / "a")
    assert sources.add([Path("a")]) == ()
    assert Sources(tmp_path / "home").paths() == (tmp_path / "b", tmp_path / "a")
    assert json.loads(sources.file.read_text("utf-8"))["version"] == 1
    with pytest.raises(UnknownName):
        sources.remove([Path("a"), Path("c")])
    assert len(sources.paths()) == 2
    assert sources.remove([Path("b")]) == (tmp_path / "b",)
    assert sources.paths() == (tmp_path / "a",)


def test_watch_indexes_an_edit_and_ctrl_c_leaves_with_zero(env: dict[str, str], vault: Path) -> None:
    pytest.importorskip("watchfiles")
    run("notes", "add", str(vault), env=env)
    watching = subprocess.Popen(
        [*COMMAND, "notes", "watch"], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert watching.stdout is not None
        while "Ctrl-C" not in (line := watching.stdout.readline()):
            assert line
        time.sleep(0.5)
        (vault / "sonar.md").write_text("# 声呐\n\n声呐在水下测距。\n", "utf-8")
        line = watching.stdout.readline()
        assert "topics +1 ~0 -0" in line
        watching.send_signal(signal.SIGINT)
        assert watching.wait(LIMIT) == 0
    finally:
        watching.kill()
        watching.communicate()
    assert "声呐" in run("search", "声呐", env=env).out
