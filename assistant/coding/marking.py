"""An answer to a question that asks for code: the path of a file, marked by running it.

For the command line only, like everything that runs code: other doors must not call this.
"""

from __future__ import annotations

from pathlib import Path

from assistant.coding import registry
from assistant.coding.checking import check_file
from assistant.coding.running import Limits
from assistant.coding.wording import feedback
from assistant.grading.types import Level
from assistant.quiz.types import Marked, Question

MODE = "code"


def mark_code(question: Question, answer: str, limits: Limits | None = None) -> Marked:
    """Return the mark of the file that `answer` names, for a question whose `reference` is a coding task.

    The score is the share of checks passed. Raises `CodeFileError` where there is no such file, so that the question
    stays open.
    """
    task = registry.load(question.reference)
    report = check_file(task, Path(answer.strip().strip("'\"")).expanduser(), limits)
    score = report.passed / len(report.checks)
    level = Level.CORRECT if report.is_right else Level.PARTIAL if report.passed else Level.WRONG
    return Marked(question, answer, level, score, "\n".join(feedback(report, question.language)), MODE)
