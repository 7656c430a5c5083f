"""Questions in everyday words get the right demo with the right arguments, and a demo runs only where asked for.

The figures, and what goes wrong on the tuning half, are printed by `python -m benchmarks demo_questions`.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from functools import cache

import pytest

from assistant.demo_kit import parameters, registry
from benchmarks.demo_questions import Score, chosen_for, score, shipped, utterances

#: Shares that must be reached by the questions the readers were tuned on and by those kept apart.
SPLITS = {"tuned on": ("tune",), "kept apart": ("test", "check")}
DEMO, ARGUMENTS, SILENT = 0.95, 0.90, 0.98


@cache
def _scores() -> dict[str, Score]:
    notes = shipped()
    chosen = [(u, chosen_for(u.question, notes)) for u in utterances()]
    return {
        name: score(pair for pair in chosen if pair[0].split in splits) for name, splits in SPLITS.items()
    }


@pytest.mark.parametrize("part", SPLITS)
def test_the_demo_asked_for_runs(part: str) -> None:
    found = _scores()[part]
    assert found.demo >= DEMO * found.asking, found.to_dict()


@pytest.mark.parametrize("part", SPLITS)
def test_it_gets_the_arguments_the_question_gives(part: str) -> None:
    found = _scores()[part]
    assert found.arguments >= ARGUMENTS * found.asking, found.to_dict()


@pytest.mark.parametrize("part", SPLITS)
def test_no_demo_runs_where_nothing_is_to_be_computed(part: str) -> None:
    found = _scores()[part]
    assert found.silent >= SILENT * found.silence_due, found.to_dict()


def test_the_questions_are_many_enough_to_say_something() -> None:
    everything = utterances()
    assert len({u.question for u in everything}) == len(everything) >= 240
    asked = Counter(u.demo for u in everything)
    assert asked[None] >= 80
    assert all(count >= 5 for count in asked.values()), asked
    assert sum(u.split != "tune" for u in everything) >= len(everything) / 4


def test_the_test_half_was_drawn_by_the_text_of_the_questions() -> None:
    drawn = [u for u in utterances() if u.split == "test"]
    assert [u for u in drawn if int(hashlib.sha256(u.question.encode()).hexdigest(), 16) % 3] == []


def test_every_label_is_something_its_demo_accepts() -> None:
    for u in utterances():
        if u.demo is not None:
            parameters.validate(registry.load(u.demo).function, u.arguments)
