"""From a marked answer to FSRS's four ratings. Nobody is asked how hard it was: people are poor judges of that."""

from __future__ import annotations

from fsrs import Rating

from assistant.grading.types import Level
from assistant.quiz.types import Form
from assistant.review.card import Help

#: Share of the usual time within which a right answer is fast.
_FAST = 0.6
#: So many fast answers in a row make a card easy; one may be luck.
_EASY_FROM = 2
#: Where the answer only has to be recognised, speed says nothing of recall.
_RECOGNISED = (Form.CHOICE, Form.TRUE_FALSE)


def fluent(level: Level, help: Help, form: Form, seconds: float, usual: float) -> bool:
    """Tell whether an answer was right, unaided, recalled, and fast beside the `usual` seconds."""
    is_recalled = form not in _RECOGNISED and help is Help.NONE
    return level is Level.CORRECT and is_recalled and seconds <= _FAST * usual


def rate(
    level: Level, help: Help = Help.NONE, *, is_contradicted: bool = False, fluent_run: int = 0
) -> Rating:
    """Return the rating of an answer. `fluent_run` counts the fluent answers in a row, this one included.

    Again is only for what was not recalled, Hard for what was recalled in part or with a hint: FSRS learns wrong
    intervals where Hard means forgotten. Who says the opposite of a point has to unlearn it, which is Again.
    """
    if level is Level.WRONG or help is Help.ANSWER or is_contradicted:
        return Rating.Again
    if level is Level.PARTIAL or help is Help.HINT:
        return Rating.Hard
    return Rating.Easy if fluent_run >= _EASY_FROM else Rating.Good
