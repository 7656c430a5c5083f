"""Tasks and reports as JSON, the shapes of `assistant code --json`."""

from __future__ import annotations

from typing import Any

from assistant.coding.checking import Report
from assistant.coding.running import Raised, Returned
from assistant.coding.types import Task
from assistant.coding.wording import expected, explained, given, notices, problem, slips
from assistant.language import Language


def task_event(task: Task, language: Language) -> dict[str, Any]:
    """Return what is asked."""
    return {
        "name": task.name,
        "title": task.title.in_(language),
        "statement": task.statement.in_(language),
        "signature": task.signature,
        "topics": list(task.topics),
        "hints": len(task.hints),
    }


def report_event(report: Report, language: Language) -> dict[str, Any]:
    """Return what became of an answer."""
    return {
        "task": report.task.name,
        "file": report.filename,
        "correct": report.is_right,
        "passed": report.passed,
        "of": len(report.checks),
        "problem": problem(report, report.problem, language) if report.problem else None,
        "checks": [
            {
                "name": checked.check.name,
                "title": checked.check.title.in_(language),
                "verdict": checked.verdict.value,
                "input": given(checked),
                "expected": expected(checked),
                "got": _got(checked.outcome),
                "feedback": list(explained(report, checked, language)),
                "mistake": checked.slips[0].told.in_(language) if checked.is_certain else None,
                "possible": [
                    slip.told.in_(language) for slip in slips(report, checked) if not checked.is_certain
                ],
            }
            for checked in report.checks
        ],
        "notices": list(notices(report, language)),
        "printed": report.printed,
        "follow_up": report.task.follow_up.in_(language) if report.is_right else None,
    }


def _got(outcome: Returned | Raised | None) -> str | None:
    from assistant.coding.comparing import short
    from assistant.coding.harness import unpacked

    if outcome is None:
        return None
    if isinstance(outcome, Raised):
        return outcome.type
    try:
        value = unpacked(outcome.value)
    except ValueError:
        return str(outcome.value[-1])
    return ", ".join(map(short, value)) if isinstance(value, tuple) else short(value)
