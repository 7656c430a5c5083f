"""A drill as a state that answers move on: pure functions from a state to the next and what it has to say.

Doors show the events and feed the answers; nothing here prints, waits or draws chance but from the plan's seed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from assistant.demo_kit.exercises import Exercise
from assistant.drills.drawing import Plan, draw
from assistant.drills.grading import Grade, Verdict, grade


@dataclass(frozen=True, slots=True)
class Asked:
    """Question `n` of `of`."""

    n: int
    of: int
    level: int
    seed: int
    exercise: Exercise


@dataclass(frozen=True, slots=True)
class Graded:
    """What became of a question."""

    n: int
    exercise: Exercise
    grade: Grade


@dataclass(frozen=True, slots=True)
class Drill:
    """Where a drill stands: the questions so far, the grade of each that is done, and hints taken.

    `question` is the open one, None at the end.
    """

    plan: Plan
    question: Asked | None
    done: tuple[Graded, ...] = ()
    hinted: frozenset[int] = frozenset()

    @property
    def correct(self) -> int:
        """How many answers were right."""
        return sum(graded.grade.verdict is Verdict.CORRECT for graded in self.done)

    @property
    def skipped(self) -> int:
        """How many questions were given up."""
        return sum(graded.grade.verdict is Verdict.NO_ANSWER for graded in self.done)


def start(plan: Plan) -> Drill:
    """Return the drill at its first question. Raises `NoExercises` where the plan's demos have none."""
    return Drill(plan, _asked(plan, 0, frozenset()))


def answer(drill: Drill, text: str, *, is_final: bool = True) -> tuple[Drill, Graded]:
    """Grade `text` and return the drill at its next question.

    An answer that cannot be read leaves the question open unless it `is_final`.
    """
    question = _open(drill)
    graded = Graded(question.n, question.exercise, grade(question.exercise, text))
    if graded.grade.verdict is Verdict.UNREADABLE and not is_final:
        return drill, graded
    return _next(drill, graded), graded


def skip(drill: Drill) -> tuple[Drill, Graded]:
    """Give the open question up; the same as an empty answer."""
    return answer(drill, "")


def hint(drill: Drill) -> Drill:
    """Return the drill with the hint of the open question taken."""
    return replace(drill, hinted=drill.hinted | {_open(drill).n})


def _open(drill: Drill) -> Asked:
    if drill.question is None:
        raise ValueError("the drill has ended")
    return drill.question


def _next(drill: Drill, graded: Graded) -> Drill:
    done = (*drill.done, graded)
    asked = frozenset(past.exercise.question_zh for past in done)
    following = _asked(drill.plan, len(done), asked) if len(done) < drill.plan.count else None
    return replace(drill, question=following, done=done)


def _asked(plan: Plan, index: int, before: frozenset[str]) -> Asked:
    exercise = draw(plan, index, before)
    return Asked(index + 1, plan.count, plan.level_at(index), plan.seed, exercise)
