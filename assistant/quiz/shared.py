"""What questions are made of, kept between the requests of a server: making it takes longer than asking."""

from __future__ import annotations

from collections import OrderedDict

from assistant.grading.grader import Grader
from assistant.quiz.material import Surroundings

#: So many learners with key points of their own are kept; all others share one.
_MOST = 4


class SharedSurroundings:
    """The surroundings of the graders of one assistant. Safe to use from several threads.

    They are made anew where the notes, or the key points that a learner wrote, have changed.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[object, Surroundings]] = OrderedDict()

    def of(self, grader: Grader, learner: str, points: object) -> Surroundings:
        """Return those of `grader`; `points` changes with what `learner` wrote, and is None where that is nothing."""
        whose = learner if points else ""
        found = self._kept.get(whose)
        if found and found[0] == points and found[1].library is grader.library:
            return found[1]
        made = Surroundings(grader)
        self._kept[whose] = (points, made)
        while len(self._kept) > _MOST + 1:
            self._kept.popitem(last=False)
        return made
