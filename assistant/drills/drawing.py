"""Which exercise comes next: drawn from names, seed, index and level alone, so a seed always gives one drill."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

import numpy as np

from assistant.demo_kit import registry
from assistant.demo_kit.exercises import Exercise
from corpus import plugins
from corpus.errors import StudyError

LEVELS = (1, 2, 3)
#: Draws after which a question that was already asked is asked again: some demos have few.
_MOST_DRAWS = 20


class NoExercises(StudyError):
    """None of the demos that were asked for has exercises."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A drill before it begins: `count` questions about the demos `names`; no level means 1, 2, 3, 1, 2, 3, …

    The levels follow from the index and not from the answers: the same plan asks the same questions.
    """

    names: tuple[str, ...]
    seed: int
    count: int
    level: int | None = None

    def level_at(self, index: int) -> int:
        """Return the level of question `index`, counted from 0."""
        return self.level if self.level is not None else LEVELS[index % len(LEVELS)]


def draw(plan: Plan, index: int, asked: Set[str] = frozenset()) -> Exercise:
    """Return exercise `index` (from 0) of `plan`, one whose question is not in `asked` where there is one.

    Demos come in an order shuffled by the seed, each once before any comes again. Raises `NoExercises` where
    none of them has any.
    """
    level = plan.level_at(index)
    order = np.random.default_rng(plan.seed).permutation(len(plan.names))
    names = [plan.names[i] for i in np.roll(order, -index)]
    makers = (maker for name in names if (maker := registry.load(name).exercise) is not None)
    make = next(makers, None)
    if make is None:
        raise NoExercises(
            f"there are no exercises for {', '.join(map(repr, plan.names))}",
            "Run `assistant drill` without a name for a mix of all demos.",
        )
    for attempt in range(_MOST_DRAWS):
        exercise = make(np.random.default_rng([plan.seed, index, level, attempt]), level)
        if exercise.question_zh not in asked:
            break
    return exercise


def names_for(words: str) -> tuple[str, ...]:
    """Return the demos that `words` mean: all for none, the one of that name, or those about such a topic.

    Raises `UnknownName` with the nearest names and topics.
    """
    known = registry.names()
    if not words.strip():
        return known
    wanted = _plain(words)
    if wanted in (named := {_plain(name): name for name in known}):
        return (named[wanted],)
    topics = {name: [_plain(topic) for topic in registry.load(name).topics] for name in known}
    exact = tuple(name for name in known if wanted in topics[name])
    about = tuple(name for name in known if any(wanted in topic or topic in wanted for topic in topics[name]))
    if found := exact or about:
        return found
    error = plugins.unknown("demo or topic", words, [*known, *{t for some in topics.values() for t in some}])
    if error.hint.startswith("Known:"):  # a hundred topics are no help
        error.hint = "`assistant demo` lists the demos."
    raise error


def _plain(words: str) -> str:
    return " ".join(words.casefold().replace("_", " ").replace("-", " ").split())
