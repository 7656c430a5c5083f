"""An interview before it begins: which topics, in which order, and which questions each of them offers.

Topics are drawn by weight: what the role asks about, what the job description names, what is weak and what is due.
The questions are those of the quiz, so that they are the user's own notes' and were checked like any other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from assistant.grading.facts import COMMON
from assistant.grading.grader import key_of, same_title
from assistant.interview.leaks import leak
from assistant.interview.naming import name_of, shown
from assistant.interview.profile import DEFAULT, Profile, job_weights, profile
from assistant.interview.projects import project_items
from assistant.interview.types import Deeper, Drill, Item, Plan, Probe, Rung, TopicPlan
from assistant.language import Language
from assistant.quiz.making import unframed
from assistant.quiz.quizmaster import Quizmaster
from assistant.quiz.types import Form, Question
from corpus.errors import StudyError
from corpus.glossary import Match
from corpus.types import Topic

#: The least and the most that an interview lasts, in minutes, and asks.
MINUTES, QUESTIONS = (3, 120), (1, 40)
#: Minutes that a question takes with its follow-ups, which gives the number where none was asked for.
_MINUTES_EACH = 3
#: Topics planned beyond the questions, so that links and links of links have somewhere to lead.
_SPARE = 3
#: So many follow-ups of a topic are kept ready for each of its questions.
_MOST_DEEPER = 8
_WEAK, _DUE = 2.0, 1.0

_RUNGS = {
    "define": Rung.WHAT,
    "explain": Rung.WHAT,
    "why": Rung.WHY,
    "derive": Rung.HOW,
    "compare": Rung.DIFFERENCE,
    "pros_and_cons": Rung.DIFFERENCE,
    "limits": Rung.LIMITS,
    "diagnose": Rung.LIMITS,
    "predict_the_change": Rung.LIMITS,
    "how_to_fix": Rung.REMEDY,
    "use": Rung.PROJECT,
}
_PROBES = {
    "limits": Probe.BOUNDARY,
    "diagnose": Probe.BOUNDARY,
    "compare": Probe.COMPARE,
    "pros_and_cons": Probe.COMPARE,
    "predict_the_change": Probe.CONDITION,
    "how_to_fix": Probe.DEPTH,
    "use": Probe.PROJECT,
}


class NothingToAsk(StudyError):
    """Notes without a topic that an interview could be about."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an interview is asked for. `minutes` or `questions` alone gives the other.

    `weak` and `due` are topics (by title) in 0..1: how badly they stand, whether a review is due.
    """

    language: Language = Language.ZH
    profile: str = DEFAULT
    minutes: float = 30
    questions: int | None = None
    topics: tuple[str, ...] = ()
    job: str = ""
    practice: bool = False
    weak: Mapping[str, float] = field(default_factory=dict)
    due: frozenset[str] = frozenset()


def plan(interview_id: str, quizmaster: Quizmaster, wanted: Wanted, seed: int) -> Plan:
    """Return the plan of an interview over the notes of `quizmaster`.

    Raises `UnknownName` for a profile or topic that does not exist, `StudyError` for a length out of range, and
    `NothingToAsk` where the notes hold no question in the language.
    """
    role, chance = profile(wanted.profile), Random(seed)
    low, high = MINUTES
    if not low <= wanted.minutes <= high:
        raise StudyError(
            f"an interview of {wanted.minutes:g} minutes is out of range",
            f"Between {low} and {high} minutes: assistant interview --minutes 30",
        )
    count = (
        wanted.questions if wanted.questions is not None else max(1, round(wanted.minutes / _MINUTES_EACH))
    )
    low, high = QUESTIONS
    if not low <= count <= high:
        raise StudyError(
            f"{count} questions are out of range",
            f"Between {low} and {high}: assistant interview --questions 10",
        )
    chosen = _chosen(quizmaster, wanted, role, chance, count + _SPARE)
    topics = _in_order(_topic_plans(quizmaster, wanted, role, chance, chosen, count))
    if not topics:
        raise NothingToAsk(
            "the notes hold nothing to ask about in this language"
            if not wanted.topics
            else f"there is nothing to ask about {', '.join(map(repr, wanted.topics))}",
            "Add notes with text: assistant notes add PATH; or choose the other language: --lang zh, --lang en",
        )
    return Plan(
        interview_id,
        wanted.language,
        role.name,
        seed,
        tuple(topics),
        min(count, sum(len(topic.items) for topic in topics)),
        round(wanted.minutes * 60),
        wanted.practice,
    )


def _chosen(
    quizmaster: Quizmaster, wanted: Wanted, role: Profile, chance: Random, count: int
) -> list[tuple[Topic, str]]:
    """Return topics drawn by weight, with the reason that weighed most; those asked for by name come first."""
    topics = {key_of(topic): topic for topic in quizmaster.grader.library.topics if not topic.stub}
    if wanted.topics:
        named = [quizmaster.grader.topic(title) for title in wanted.topics]
        return [(topic, "asked") for topic in named if not topic.stub]
    job = job_weights(wanted.job, topics, quizmaster.grader.library.glossary) if wanted.job else {}
    drawn = []
    for key, topic in topics.items():
        parts = {
            "profile": role.weight(topic) - 1,
            "job": job.get(key, 0.0),
            "weak": _WEAK * wanted.weak.get(topic.title, 0.0),
            "due": _DUE * (topic.title in wanted.due),
        }
        weight = 1 + sum(parts.values())
        reason = max(parts, key=parts.__getitem__) if weight > 1 else "mixed"
        # Efraimidis and Spirakis 2006, doi:10.1016/j.ipl.2005.11.003: the largest u^(1/w) are a weighted sample.
        drawn.append((math.log(chance.random() or 1e-9) / weight, key, reason))
    return [(topics[key], reason) for _, key, reason in sorted(drawn, reverse=True)[:count]]


def _topic_plans(
    quizmaster: Quizmaster,
    wanted: Wanted,
    role: Profile,
    chance: Random,
    chosen: Sequence[tuple[Topic, str]],
    count: int,
) -> list[TopicPlan]:
    titles = {same_title(topic.title): shown(topic.title) for topic, _ in chosen}
    plans: list[TopicPlan] = []
    drills = role.drills if count > 2 * role.drills else 0
    for topic, reason in chosen:
        questions = quizmaster.questions(topic, language=wanted.language)
        is_project = topic.front_matter is not None and topic.front_matter.type == "project"
        items = project_items(topic, questions, wanted.language) if is_project else _items(topic, questions)
        find = quizmaster.grader.library.glossary.find
        named = _concepts(find, topic.title, *(topic.front_matter.aliases if topic.front_matter else ()))
        computed = [_drill(q) for q in questions if q.form is Form.NUMBER]
        computed = [drill for drill in computed if named & _concepts(find, drill.prompt)]
        if computed:
            drill = chance.choice(computed)
            if drills and len(plans) >= 2 and len(chosen) > 2:
                drills -= 1
                items = [_drill_item(topic, drill, wanted.language)]
            else:
                items = [_with_drill(item, drill) for item in items]
        if items:
            near = quizmaster.neighbours(topic)
            links = tuple(titles[same_title(t.title)] for t in near if same_title(t.title) in titles)
            plans.append(
                TopicPlan(shown(topic.title), "project" if is_project else reason, tuple(items), links)
            )
    return plans


def _in_order(plans: Sequence[TopicPlan]) -> list[TopicPlan]:
    """Return the plans with projects second, where interviewers ask for them."""
    projects = [topic for topic in plans if topic.reason == "project"]
    rest = [topic for topic in plans if topic.reason != "project"]
    return [*rest[:1], *projects, *rest[1:]]


def _items(topic: Topic, questions: Sequence[Question]) -> list[Item]:
    """Return the open questions of a topic as items; each can be followed by those that ask for other points."""
    open_ones = [q for q in questions if q.form is Form.OPEN and q.kind in _RUNGS and q.points]
    return [
        Item(
            item_id=q.question_id,
            topic=shown(topic.title),
            name=name_of(topic, q.language),
            rung=_RUNGS[q.kind],
            # The interviewer's lead names the topic where the question does not (`machine`).
            prompt=unframed(q.prompt),
            points=q.points,
            model_answer=q.model_answer,
            citation=q.citation,
            deeper=_deeper(q, open_ones),
        )
        for q in open_ones
    ]


def _deeper(asked: Question, others: Sequence[Question]) -> tuple[Deeper, ...]:
    own = {point.text for point in asked.points}
    depth = _RUNGS[asked.kind].depth
    following = [
        q
        for q in others
        if q.group != asked.group
        and own.isdisjoint(point.text for point in q.points)
        and q.prompt != asked.prompt
        # What would tell the answer of the first question comes before it or not at all.
        and not leak(q.prompt, asked.points, (asked.prompt, asked.topic))
    ]
    # Asking what a thing is after having asked how it is derived would climb down.
    following = [q for q in following if _RUNGS[q.kind].depth >= depth and _RUNGS[q.kind] is not Rung.WHAT]
    following.sort(key=lambda q: _RUNGS[q.kind].depth)
    return tuple(
        Deeper(_PROBES.get(q.kind, Probe.DEPTH), unframed(q.prompt), q.points, q.model_answer)
        for q in following[:_MOST_DEEPER]
    )


def _concepts(find: Callable[[str], Sequence[Match]], *texts: str) -> frozenset[str]:
    """Return what `texts` name, without what is named everywhere: an exercise is about its topic if both name it."""
    return frozenset(match.concept for text in texts for match in find(text)) - COMMON


def _drill(question: Question) -> Drill:
    demo, seed, level = question.reference.split("/")
    return Drill(demo, int(seed), int(level), question.prompt, question.model_answer)


def _drill_item(topic: Topic, drill: Drill, language: Language) -> Item:
    return Item(
        item_id=f"drill-{drill.demo}-{drill.seed}",
        topic=shown(topic.title),
        name=name_of(topic, language),
        rung=Rung.HOW,
        prompt=drill.prompt,
        points=(),
        model_answer=drill.model_answer,
        citation=None,
        drill=drill,
    )


def _with_drill(item: Item, drill: Drill) -> Item:
    secret = (*item.points, *(point for deeper in item.deeper for point in deeper.points))
    return item if leak(drill.prompt, secret, (item.topic, item.prompt)) else replace(item, drill=drill)
