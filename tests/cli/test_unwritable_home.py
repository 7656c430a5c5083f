"""A home that cannot be written: everything is answered, one line a matter says what is not kept."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.cli.contract import check_answer
from tests.cli.running import Ran, environment, run

ANSWERED = "Adam 有什么优点?"
UNCOVERED = "量子纠缠怎么用于烤面包?"

# Root may write anywhere, so root gives up what lets it (CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH).
WITHOUT_PRIVILEGE = """
import ctypes, os, sys
PR_CAPBSET_DROP = 24
for capability in (1, 2):
    if os.geteuid() == 0 and ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, capability, 0, 0, 0):
        sys.exit(77)
os.execv(sys.argv[1], sys.argv[1:])
"""
#: No file may grow beyond a block, which is what a full disk amounts to.
FULL_DISK = ("sh", "-c", 'ulimit -f 1; exec "$0" "$@"')


def check_unkept(home: Path, notes: Path, prefix: tuple[str, ...] = ()) -> None:
    """Assert that questions are answered, remembered or not, and that stderr says what was not kept."""
    env = environment(home, ASSISTANT_NOTES=str(notes))

    def answer(*words: str, stdin: str = "") -> Ran:
        ran = run(*words, env=env, prefix=prefix, stdin=stdin)
        if ran.code == 77:
            pytest.skip("privileges cannot be given up here")
        assert ran.err.count(f"the index cannot be saved in {str(home / 'index')!r}") == 1
        assert " is damaged (" not in ran.err
        return ran

    known = answer("ask", ANSWERED, "--json")
    assert (known.code, known.json["status"], known.err.count("\n")) == (0, "answered", 1)
    check_answer(known.json)
    unknown = answer("ask", UNCOVERED, "--json")
    assert (unknown.code, unknown.json["status"], unknown.err.count("\n")) == (3, "not_in_notes", 2)
    assert "ASSISTANT_HOME" in unknown.err
    chat = answer("chat", stdin=f"{ANSWERED}\n那 RMSProp 呢?\n")
    assert (chat.code, chat.err.count("\n")) == (0, 2)
    assert chat.out.count("— notes") == 2


def test_a_home_below_a_regular_file(tmp_path: Path, notes: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    check_unkept(tmp_path / "file" / "home", notes)


def test_a_read_only_home(tmp_path: Path, notes: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o555)
    check_unkept(home, notes, (sys.executable, "-I", "-S", "-c", WITHOUT_PRIVILEGE))


def test_a_home_on_a_full_disk(tmp_path: Path, notes: Path) -> None:
    home = tmp_path / "home"
    check_unkept(home, notes, FULL_DISK)
    assert not list(home.glob("index/*/building-*")), "a full disk must not be filled with leftovers"
    env = environment(home, ASSISTANT_NOTES=str(notes))
    ran = run("ask", ANSWERED, "--json", env=env)
    assert (ran.code, ran.err) == (0, "")
    assert len(list(home.glob("index/*/generation-*"))) == 1


def test_a_note_that_may_not_be_read_is_reported_and_the_others_answer(
    own_home: Path, tmp_path: Path, notes: Path
) -> None:
    closed = tmp_path / "closed.md"
    closed.write_text("# 秘密\n\n打不开。\n", "utf-8")
    closed.chmod(0)
    env = environment(own_home, ASSISTANT_NOTES=f"{notes}:{closed}")
    prefix = (sys.executable, "-I", "-S", "-c", WITHOUT_PRIVILEGE)
    ran = run("ask", ANSWERED, "--json", env=env, prefix=prefix)
    if ran.code == 77:
        pytest.skip("privileges cannot be given up here")
    assert (ran.code, ran.json["status"]) == (0, "answered")
    (told,) = ran.err.splitlines()
    assert str(closed) in told
    assert "cannot be read: Permission denied" in told
