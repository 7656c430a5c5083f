"""Terminals that are killed in the middle of an interview: it goes on at the last turn that was acknowledged."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from assistant.interview import records
from assistant.store import Store
from tests.assistant.interview.plans import BEGAN
from tests.assistant.store.conftest import ask

# Goes on with the interview that is there, or begins one, and says after every turn how many there are.
CANDIDATE = """
import sys
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
import alembic.command, filelock
import assistant.store.database
from assistant.interview.conductor import Conductor
from assistant.interview.machine import begin
from assistant.store import Store
from tests.assistant.interview.answers import SimpleJudge
from tests.assistant.interview.plans import BEGAN, plan

interviews = Store(Path(sys.argv[1])).interviews
print("ready", flush=True)
sys.stdin.readline()
entry = interviews.latest_open()
if entry is None:
    conductor = Conductor(begin(plan(seconds=10**9), BEGAN)[0], SimpleJudge(), interviews)
    conductor.keep()
else:
    conductor = Conductor(interviews.load(entry.interview_id), SimpleJudge(), interviews)
    conductor.resume(conductor.state.turns[-1].at + timedelta(minutes=1))
for n in count():
    print(len(conductor.state.turns), flush=True)
    # None of these ends it: a candidate who asks for help for ever.
    line = ("/repeat", "/hint", "/pause", "/resume")[n % 4]
    conductor.answer(line, conductor.state.turns[-1].at + timedelta(seconds=1))
"""


def turns(home: Path) -> int:
    """Return how many turns are kept."""
    entries = Store(home).interviews.listed()
    return len(Store(home).interviews.load(entries[0].interview_id).turns) if entries else 0


def kill_candidates(home: Path, kills: int, *, longest: float) -> int:
    """Kill terminals in the middle of an interview; return how many turns it has in the end."""
    moments, seen = random.Random(20261123), 0
    for _ in range(kills):
        process = subprocess.Popen(
            [sys.executable, "-c", CANDIDATE, str(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).resolve().parents[3],
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
        time.sleep(moments.uniform(0.0, longest))
        process.kill()
        output, errors = process.communicate()
        assert errors == ""
        told = [
            int(line) for line in output.split("\n")[:-1]
        ]  # a line that the kill cut short does not count
        stored = turns(home)
        if told:
            assert seen < told[0] <= seen + 2, "to go on adds a pause, where there was none, and a return"
            assert stored - told[-1] in (0, 1), "one turn may be kept and not told"
        seen = stored
    assert ask(home / "study.db", "PRAGMA integrity_check") == [("ok",)]
    assert ask(home / "study.db", "SELECT count(*) FROM interview") == [(1,)]
    state = Store(home).interviews.load("01TEST")
    replayed = records.replay(state.plan, BEGAN, records.log_of(state))
    assert records.dump(replayed) == records.dump(state), "what was kept is an interview, to the byte"
    return len(state.turns)


def test_after_five_kills_the_interview_stands_at_its_last_turn(home: Path) -> None:
    assert kill_candidates(home, 5, longest=0.4) > 5


@pytest.mark.soak
def test_after_fifty_kills_the_interview_stands_at_its_last_turn(home: Path) -> None:
    assert kill_candidates(home, 50, longest=1.0) > 200
