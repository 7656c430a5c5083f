"""Several processes, and processes that are killed: what was acknowledged is there."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

from assistant.store import Store
from tests.assistant.store.conftest import ask
from tests.assistant.store.processes import go, waiting

# Imports everything, says so, waits for a line, then writes turns and acknowledges each when it is durable.
WRITER = """
import sys
from datetime import UTC, datetime
from itertools import count, islice
from pathlib import Path
import alembic.command, filelock, ulid
import assistant.store.database
from assistant.store import Store, Turn

home, learner, limit = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
print("ready", flush=True)
sys.stdin.readline()
history = Store(home).history
session = history.start(learner, datetime.now(UTC))
for n in islice(count(), limit):
    history.append(session, Turn(f"{learner} {n}", "", {"text": "字" * 3000}, datetime.now(UTC)))
    print(f"{learner} {n}", flush=True)
"""


def writer(home: Path, learner: str, limit: int) -> subprocess.Popen[str]:
    return waiting(WRITER, str(home), learner, str(limit))


def test_processes_that_create_the_database_at_the_same_moment_all_succeed(home: Path) -> None:
    turns = 25
    writers = [writer(home, f"key:{n}", turns) for n in range(4)]
    for process in writers:
        go(process)
    for n, process in enumerate(writers):
        _, errors = process.communicate(timeout=120)
        assert (process.returncode, errors) == (0, "")
        session = Store(home).history.latest(f"key:{n}")
        assert session is not None
        stored = [turn.question for turn in Store(home).history.turns(session)]
        assert stored == [f"key:{n} {i}" for i in range(turns)]


def test_what_was_acknowledged_survives_ten_kills_at_random_moments(home: Path) -> None:
    moments = random.Random(20260301)
    acknowledged: list[str] = []
    for n in range(10):
        process = writer(home, f"key:{n}", sys.maxsize)
        go(process)
        time.sleep(moments.uniform(0.0, 0.25))  # the first ones fall into the creation of the database
        process.kill()
        output, errors = process.communicate()
        assert errors == ""
        acknowledged += output.split("\n")[:-1]  # a line that the kill cut short was not acknowledged
        if Store(home).path.exists():
            assert ask(Store(home).path, "PRAGMA integrity_check") == [("ok",)]
    stored = [row[0] for row in ask(Store(home).path, "SELECT question FROM chat_turn")]
    assert len(acknowledged) > 10, "the writers were killed before they had written anything"
    assert set(acknowledged) <= set(stored)
    assert len(stored) == len(set(stored)) <= len(acknowledged) + 10, "at most one turn in flight per kill"
