"""An answer to a coding task, run and compared: each check passed or not, and the slip that explains a failure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from assistant.coding.comparing import Difference, difference, is_alike
from assistant.coding.running import Limits, Outcome, Problem, Raised, Rival, Run, Stopped, read_source, run
from assistant.coding.types import Check, Slip, Task


class Verdict(StrEnum):
    """What became of a check."""

    PASSED = "passed"
    WRONG = "wrong"
    RAISED = "raised"
    STOPPED = "stopped"
    NOT_RUN = "not_run"


@dataclass(frozen=True, slots=True)
class Checked:
    """One check. Where `is_certain`, the answer returned what `slips[0]` returns; else any of them may be it."""

    check: Check
    verdict: Verdict
    outcome: Outcome | None = None
    difference: Difference | None = None
    slips: tuple[Slip, ...] = ()
    is_certain: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """What became of an answer. `problem` is what kept checks from being run; `changed` are arguments written to."""

    task: Task
    filename: str
    checks: tuple[Checked, ...]
    problem: Problem | None
    changed: tuple[str, ...]
    printed: str
    missed: tuple[str, ...]

    @property
    def passed(self) -> int:
        """The number of checks passed."""
        return sum(checked.verdict is Verdict.PASSED for checked in self.checks)

    @property
    def is_right(self) -> bool:
        """Whether everything passed."""
        return self.passed == len(self.checks)


def check_file(task: Task, path: Path, limits: Limits | None = None) -> Report:
    """Return the report on the file at `path`; raises `CodeFileError` where it cannot be read."""
    return check_source(task, read_source(path), path.name, limits)


def check_source(
    task: Task, source: str, filename: str = "answer.py", limits: Limits | None = None
) -> Report:
    """Return the report on `source`, which is run in a process of its own."""
    checks = task.checks()
    place = {check.name: number for number, check in enumerate(checks)}
    ran = run(
        source,
        task.name,
        [tuple(check.arguments.values()) for check in checks],
        rivals=[Rival(task.slipped(slip), place[slip.check]) for slip in task.slips],
        filename=filename,
        limits=limits,
    )
    changed = dict.fromkeys(
        list(checks[number].arguments)[at]
        for number, outcome in ran.outcomes.items()
        if not isinstance(outcome, Raised)
        for at in outcome.changed
    )
    return Report(
        task,
        filename,
        tuple(_checked(task, check, number, ran) for number, check in enumerate(checks)),
        ran.problem,
        tuple(changed),
        ran.printed,
        ran.missed,
    )


def _checked(task: Task, check: Check, number: int, ran: Run) -> Checked:
    outcome = ran.outcomes.get(number)
    if outcome is None:
        is_here = isinstance(ran.problem, Stopped) and ran.problem.call == number
        return Checked(check, Verdict.STOPPED if is_here else Verdict.NOT_RUN)
    if isinstance(outcome, Raised):
        slips, is_certain = (
            _slips(task, check, outcome, ran) if outcome.type != "NotImplementedError" else ((), False)
        )
        return Checked(check, Verdict.RAISED, outcome, None, slips if is_certain else (), is_certain)
    found = difference(outcome.value, check.expected, task.tolerance, task.returns)
    if found is None:
        return Checked(check, Verdict.PASSED, outcome)
    return Checked(check, Verdict.WRONG, outcome, found, *_slips(task, check, outcome, ran))


def _slips(task: Task, check: Check, outcome: Outcome, ran: Run) -> tuple[tuple[Slip, ...], bool]:
    """Return the slip that gives the same outcome, for certain; or else those that this check finds."""
    possible = [(number, slip) for number, slip in enumerate(task.slips) if slip.check == check.name]
    for number, slip in possible:
        if is_alike(outcome, ran.rivals.get(number), task.tolerance):
            return (slip,), True
    return tuple(slip for _, slip in possible), False
