"""`assistant notes check`: the contract, the exit code, and `--fix` that asks before it writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.contract import types
from tests.cli.running import OnTerminal, environment, plain, run
from tests.conftest import ROOT

FINDING = {"rule": str, "path": str, "lines": list, "message": str, "hint": str, "confidence": float}
FAULTY = "# 归一化\n\n逐通道做Noramlization。。再缩放和平移。\n\n# 空洞卷积\n"
MENDED = "# 归一化\n\n逐通道做Normalization。再缩放和平移。\n\n# 空洞卷积\n"


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    path = tmp_path / "faulty" / "a.md"
    path.parent.mkdir()
    path.write_text(FAULTY, "utf-8")
    return path


@pytest.fixture
def faulty_env(faulty: Path, own_home: Path) -> dict[str, str]:
    return environment(own_home, ASSISTANT_NOTES=str(faulty.parent))


def test_findings_keep_the_contract_and_the_exit_code_is_1(
    faulty_env: dict[str, str], faulty: Path, own_home: Path
) -> None:
    ran = run("notes", "check", "--json", env=faulty_env)
    assert (ran.code, ran.err) == (1, "")
    assert all(types(finding) == FINDING for finding in ran.json)
    assert [(f["rule"], f["path"], f["lines"]) for f in ran.json] == [
        ("doubled_punctuation", str(faulty), [3, 3]),
        ("misspelling", str(faulty), [3, 3]),
        ("stub_topic", str(faulty), [5, 5]),
    ]
    assert not (own_home / "index").exists()


def test_a_path_is_checked_instead_of_what_is_studied(faulty: Path, own_home: Path) -> None:
    ran = run("notes", "check", str(faulty.parent), "--json", env=environment(own_home))
    assert (ran.code, len(ran.json)) == (1, 3)
    assert {f["path"] for f in ran.json} == {str(faulty)}
    ran = run("notes", "check", str(faulty.parent / "b.md"), env=environment(own_home))
    assert (ran.code, ran.out) == (1, "")
    assert "b.md" in ran.err


def test_a_name_in_the_users_glossary_is_known(
    faulty_env: dict[str, str], faulty: Path, own_home: Path
) -> None:
    faulty.write_text("".join(f"# 主题{i}\n\n这里用 QuuxNet 做第{i}步。\n\n" for i in "一二三四五"), "utf-8")
    assert "missing_term" in [f["rule"] for f in run("notes", "check", "--json", env=faulty_env).json]
    own_home.mkdir(exist_ok=True)
    (own_home / "glossary.toml").write_text('[quuxnet]\nen = ["QuuxNet"]\n', "utf-8")
    assert "missing_term" not in [f["rule"] for f in run("notes", "check", "--json", env=faulty_env).json]


def test_the_reading_view_gives_place_rule_and_hint(faulty_env: dict[str, str]) -> None:
    ran = run("notes", "check", env=faulty_env)
    assert ran.code == 1
    lines = ran.out.splitlines()
    assert len(lines) == 7
    assert "[misspelling 95%]" in lines[2]
    assert lines[2].endswith("a.md:3")
    assert lines[3].strip() == "改成“Normalization”。"
    assert lines[-1] == "3 findings, 2 for --fix"


def test_notes_without_fault_exit_0() -> None:
    ran = run(
        "notes", "check", "--json", env=environment(ROOT, ASSISTANT_NOTES=str(ROOT / "corpus" / "notes"))
    )
    assert (ran.code, ran.json) == (0, [])


def test_fix_with_yes_shows_the_diff_mends_and_reports_the_rest(
    faulty_env: dict[str, str], faulty: Path
) -> None:
    ran = run("notes", "check", "--fix", "--yes", env=faulty_env)
    assert ran.code == 1
    assert f"-{FAULTY.splitlines()[2]}\n+{MENDED.splitlines()[2]}\n" in ran.out
    assert "1 findings" in ran.out
    assert faulty.read_text("utf-8") == MENDED
    again = run("notes", "check", "--fix", "--yes", "--json", env=faulty_env)
    assert [f["rule"] for f in again.json] == ["stub_topic"]
    assert again.err == ""


def test_one_run_mends_what_mending_brings_to_light(faulty_env: dict[str, str], faulty: Path) -> None:
    faulty.write_text("# 归一化\n\n逐通道做归一化。\u200b。再缩放和平移。\n", "utf-8")
    ran = run("notes", "check", "--fix", "--yes", env=faulty_env)
    assert ran.code == 0
    assert faulty.read_text("utf-8") == "# 归一化\n\n逐通道做归一化。再缩放和平移。\n"


def test_fix_with_json_keeps_stdout_one_json_value(faulty_env: dict[str, str]) -> None:
    ran = run("notes", "check", "--fix", "--yes", "--json", env=faulty_env)
    assert [f["rule"] for f in ran.json] == ["stub_topic"]
    assert "+逐通道做Normalization" in ran.err


def test_fix_without_a_terminal_writes_nothing_and_says_how(faulty_env: dict[str, str], faulty: Path) -> None:
    ran = run("notes", "check", "--fix", env=faulty_env)
    assert ran.code == 2
    assert "--yes" in ran.err
    assert faulty.read_text("utf-8") == FAULTY


@pytest.mark.parametrize(("answer", "after"), [("y", MENDED), ("n", FAULTY), ("", FAULTY)])
def test_fix_asks_on_a_terminal(faulty_env: dict[str, str], faulty: Path, answer: str, after: str) -> None:
    with OnTerminal("notes", "check", "--fix", env=faulty_env) as terminal:
        shown = terminal.wait_for("[y/N]")
        assert "-逐通道做Noramlization" in plain(shown)
        terminal.press(f"{answer}\r")
        assert terminal.end() == 1
    assert faulty.read_text("utf-8") == after


def test_a_file_that_cannot_be_read_is_warned_of_and_the_others_are_checked(
    faulty_env: dict[str, str], faulty: Path
) -> None:
    (faulty.parent / "b.md").write_bytes(b"\x00\x01")
    ran = run("notes", "check", "--json", env=faulty_env)
    assert (ran.code, len(ran.json)) == (1, 3)
    assert "b.md" in ran.err


def test_a_folder_that_does_not_exist_is_an_error_with_a_hint(own_home: Path) -> None:
    ran = run("notes", "check", env=environment(own_home, ASSISTANT_NOTES="/nowhere/at/all"))
    assert ran.code in (1, 2)
    assert "/nowhere/at/all" in ran.err
