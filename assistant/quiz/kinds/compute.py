"""A number to be computed: the exercises of the demos that belong to the topic."""

from __future__ import annotations

from random import Random

from assistant.demo_kit import registry
from assistant.drills import wording
from assistant.drills.drawing import LEVELS, NoExercises, Plan, draw
from assistant.drills.of_topic import demos_of
from assistant.grading.types import KeyPoint
from assistant.quiz.facts import words
from assistant.quiz.groups import is_mistakes
from assistant.quiz.making import question
from assistant.quiz.material import TopicMaterial, is_in
from assistant.quiz.types import Form, Question

_SEEDS = 10**6


def questions(material: TopicMaterial, chance: Random) -> tuple[Question, ...]:
    """Return an exercise of each demo of the topic whose home the group is, drawn by `chance`."""
    found = []
    for demo in demos_of(material.topic) if material.points else ():
        point = _home(material, demo)
        if point not in material.points:
            continue
        seed, level = chance.randrange(_SEEDS), chance.choice(LEVELS)
        try:
            exercise = draw(Plan((demo,), seed, 1, level), 0)
        except NoExercises:
            continue
        steps = wording.steps(exercise, material.language)
        expected = wording.expected(exercise, material.language)
        bracket = "（{}）" if material.language.value == "zh" else " ({})"
        found.append(
            question(
                material,
                "compute",
                Form.NUMBER,
                wording.question(exercise, material.language) + bracket.format(expected),
                (point,),
                model_answer="\n".join((*steps, wording.written(exercise))),
                hint=wording.hint(exercise, material.language),
                reference=f"{demo}/{seed}/{level}",
            )
        )
    return tuple(found)


def _home(material: TopicMaterial, demo: str) -> KeyPoint:
    """Return the point of the topic that says most of what the demo is about, of several the first of the note."""
    names = words(" ".join((demo, *registry.load(demo).topics)))
    groups = (material.group, *material.siblings)
    points = [p for g in groups if not is_mistakes(g) for p in g.points if is_in(p, material.language)]
    return min(
        points or material.points,
        key=lambda p: (-len(names & words(material.says(p))), p.citation.location.first if p.citation else 0),
    )
