"""`assistant code`: the list, a file to fill in that is never overwritten, and its checks."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.coding.registry import load, names
from assistant.language import Language
from tests.cli.running import run

IOU = load("iou")


@pytest.fixture
def env(env: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.chdir(tmp_path)
    return env


def test_without_a_name_the_tasks_are_listed(env: dict[str, str]) -> None:
    ran = run("code", env=env)
    assert [line.rpartition(" ")[2] for line in ran.out.splitlines()] == list(names())
    listed = run("code", "--json", "--lang", "en", env=env).json
    assert [task["name"] for task in listed] == list(names())
    assert listed[4]["title"] == "IoU from scratch"


def test_a_task_is_shown_and_its_file_is_written_once(env: dict[str, str], tmp_path: Path) -> None:
    ran = run("code", "iou", env=env)
    assert ran.code == 0
    assert IOU.statement.zh.splitlines()[0] in ran.out
    path = tmp_path / "iou.py"
    assert path.read_text("utf-8") == IOU.skeleton(Language.ZH)
    path.write_text("mine")
    assert "已经有了" in run("code", "iou", env=env).out
    refused = run("code", "iou", "--to", "iou.py", env=env)
    assert (refused.code, refused.out) == (2, "")
    assert "'iou.py' is there already" in refused.err
    assert path.read_text() == "mine"
    assert run("code", "iou", "--force", "--json", env=env).json["written"] is True
    assert path.read_text("utf-8") == IOU.skeleton(Language.ZH)
    assert run("code", "iou", "--to", "no/such/folder.py", env=env).code == 1


def test_a_right_file_passes_and_is_followed_up(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(IOU.source, "utf-8")
    ran = run("code", "iou", "--check", "a.py", env=env)
    assert ran.code == 0
    assert ran.out.splitlines() == [
        *(f"✓ {check.title.zh}" for check in IOU.checks()), "通过 7/7", f"追问：{IOU.follow_up.zh}",
    ]  # fmt: skip


def test_a_slip_is_named_on_a_line_under_its_check(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(IOU.slipped(IOU.slips[0]), "utf-8")
    ran = run("code", "iou", "--check", "a.py", "--lang", "en", env=env)
    assert ran.code == 1
    lines = ran.out.splitlines()
    at = lines.index("✗ boxes apart on both axes")
    assert lines[at + 1 : at + 4] == [
        "    input a = [[0, 0, 4, 4]], b = [[6, 7, 9, 9]]",
        "    element [0, 0] should be 0, but is 0.375",
        f"    → {IOU.slips[0].told.en}",
    ]
    assert lines[-1] == "5 of 7 passed"


def test_a_report_as_json(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(IOU.slipped(IOU.slips[0]), "utf-8")
    ran = run("code", "iou", "--check", "a.py", "--json", env=env)
    assert ran.code == 1
    report = ran.json
    assert (report["task"], report["correct"], report["passed"], report["of"]) == ("iou", False, 5, 7)
    verdicts = {check["name"]: check["verdict"] for check in report["checks"]}
    assert [name for name, verdict in verdicts.items() if verdict == "wrong"] == ["apart", "pairs"]
    apart = report["checks"][1]
    assert (apart["expected"], apart["got"]) == ("[[0]]", "[[0.375]]")
    assert apart["mistake"] == IOU.slips[0].told.zh
    assert report["follow_up"] is None


def test_hints_and_the_solution_are_shown_on_request_and_write_nothing(
    env: dict[str, str], tmp_path: Path
) -> None:
    assert run("code", "iou", "--hint", "2", env=env).out == IOU.hints[1].zh + "\n"
    shown = run("code", "iou", "--show", env=env).out
    assert shown.startswith(IOU.source)
    assert IOU.follow_up_answer.zh in shown.replace("\n", "")
    refused = run("code", "iou", "--hint", "9", env=env)
    assert (refused.code, refused.err.splitlines()[1].strip()) == (2, "assistant code iou --hint 3")
    assert not (tmp_path / "iou.py").exists()


def test_a_name_or_file_that_is_not_there_is_told(env: dict[str, str]) -> None:
    wrong = run("code", "iuo", env=env)
    assert (wrong.code, "Did you mean 'iou'?" in wrong.err) == (2, True)
    gone = run("code", "iou", "--check", "gone.py", env=env)
    assert (gone.code, gone.out) == (1, "")
    assert "'gone.py' does not exist" in gone.err
