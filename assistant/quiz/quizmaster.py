"""Chooses questions: makes those of a topic, leaves out what fails the checks or was rejected, draws by chance."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from random import Random
from typing import Protocol, cast

from assistant.grading.grader import Grader, key_of, same_title
from assistant.language import Language
from assistant.quiz.checks import faults, is_near_duplicate, without_duplicates
from assistant.quiz.material import Surroundings, TopicMaterial
from assistant.quiz.types import PointGroup, Question, QuestionKind
from corpus import plugins
from corpus.types import Topic

_TOLD = {
    "no_model": (
        "没有模型，题目由笔记直接生成。",
        "There is no model; the questions come from the notes directly.",
    ),
    "failed": (
        "模型没能出题（{reason}），题目由笔记直接生成。",
        "The model wrote no questions ({reason}); they come from the notes directly.",
    ),
    "refused": (
        "模型出的题没有通过检查，题目由笔记直接生成。",
        "What the model wrote failed the checks; the questions come from the notes directly.",
    ),
}
KINDS = "assistant.question_kinds"


class States(Protocol):
    """What the user decided about questions."""

    def rejected(self) -> Collection[str]:
        """Return the ids that are never to be asked again."""
        ...

    def edited(self) -> Mapping[str, str]:
        """Return id -> the prompt that the user wrote."""
        ...


class NoStates:
    """Nothing was decided. Implements `States`."""

    def rejected(self) -> Collection[str]:
        """Return no ids."""
        return ()

    def edited(self) -> Mapping[str, str]:
        """Return no prompts."""
        return {}


_NO_STATES = NoStates()


@dataclass(frozen=True, slots=True)
class _Decided:
    """What the user decided, read once for all that is made at a time."""

    rejected: Collection[str]
    edited: Mapping[str, str]


class Quizmaster:
    """Questions about the topics of a grader's notes; `around` is what was made of them before."""

    def __init__(
        self, grader: Grader, states: States = _NO_STATES, around: Surroundings | None = None
    ) -> None:
        self.grader = grader
        self._states = states
        self._around = around or Surroundings(grader)
        self._written: dict[tuple[str, Language], tuple[Question, ...]] = {}

    def knows(self, title: str) -> bool:
        """Whether the notes have a topic of that title."""
        return any(same_title(topic.title) == same_title(title) for topic in self.grader.library.topics)

    def groups(self, topic: Topic | str) -> tuple[PointGroup, ...]:
        """Return the groups of a topic; none for a stub. Raises `UnknownName` for a title that is not there."""
        return self._around.groups(self._topic(topic))

    def neighbours(self, topic: Topic | str) -> tuple[Topic, ...]:
        """Return the topics that are easily confused with one, nearest first."""
        return self._around.neighbours(self._topic(topic))

    def questions(
        self, topic: Topic | str | None = None, kind: str | None = None, language: Language | None = None
    ) -> tuple[Question, ...]:
        """Return every question that passes the checks and was not rejected, of each topic without duplicates.

        Raises `UnknownName` for a topic or kind that is not there.
        """
        topics = [self._topic(topic)] if topic is not None else list(self.grader.library.topics)
        kinds = [kind] if kind is not None else list(plugins.items(KINDS))
        found: list[Question] = []
        decided = self._decided()
        for one in topics:
            chance = Random(one.title)
            for spoken in [language] if language else list(Language):
                made = (
                    question
                    for material in self._around.materials(one, spoken)
                    for name in kinds
                    for question in self._made(name, material, chance, decided)
                )
                found += without_duplicates(made)
        return tuple(found)

    def write(self, topic: Topic | str, language: Language) -> str:
        """Let the model write questions about a topic, to be asked beside the others; return what went wrong.

        Without a model, or where what it writes is broken, there is nothing beside the others.
        """
        found = self._topic(topic)
        if self.grader.model is None:
            return _say("no_model", language)
        from assistant.llm.base import ModelError
        from assistant.llm.structured import structured
        from assistant.quiz.model_questions import model_questions

        try:
            materials = self._around.materials(found, language)
            made = model_questions(materials, partial(structured, self.grader.model), self._text_of)
        except ModelError as error:
            return _say("failed", language, reason=error.message)
        self._written[key_of(found), language] = made
        return "" if made else _say("refused", language)

    def ask(
        self,
        chance: Random,
        *,
        topics: Collection[str] = (),
        group: str | None = None,
        kinds: Collection[str] = (),
        language: Language | None = None,
        avoid: Collection[str] = (),
        unlike: Collection[Question] = (),
        without: Collection[str] = (),
    ) -> Question | None:
        """Return a question drawn by `chance`, None where there is none left.

        Of `topics` (titles; all where none is given) and of the `group` of that name, of `kinds` (all, but those
        `without`, where none is given), in `language`
        where the notes have one in it, none whose id is in `avoid`, and none that is nearly one of `unlike`. The
        kind is drawn first, so that every kind comes as often as any other, or as the `SHARE` of its module says;
        of true-or-false questions a true one as often as a false one, where the topics have both.
        """
        decided = self._decided()
        among = [self._topic(title) for title in topics] or list(self.grader.library.topics)
        shares = {name: getattr(_kind(name), "SHARE", 1.0) for name in kinds or plugins.items(KINDS)}
        shares = {name: share for name, share in shares.items() if name not in without}
        wanted = sorted(shares, key=lambda name: -(chance.random() ** (1 / shares[name])))
        for spoken in [language or Language.ZH, *(other for other in Language if other is not language)]:
            # Orders are drawn before anything is made, so that what is in `avoid` shifts nothing.
            order = chance.sample(among, len(among))
            for name in wanted:
                truth = chance.random() < 0.5
                rest: list[Question] = []
                for topic in order:
                    drawn = self._drawable(name, topic, group, spoken, chance, decided)
                    fresh = [
                        one for one in drawn if one.question_id not in avoid and not _is_like(one, unlike)
                    ]
                    fitting = [one for one in fresh if one.is_true in (None, truth)]
                    if fitting:
                        return chance.choice(fitting)
                    rest += fresh
                if rest:
                    return chance.choice(rest)
            if language is None and spoken is Language.EN:
                break
        return None

    def _drawable(
        self,
        kind: str,
        topic: Topic,
        group: str | None,
        language: Language,
        chance: Random,
        decided: _Decided,
    ) -> list[Question]:
        """Return the questions of one kind about `topic`, or one `group` of it."""
        if topic.stub:
            return []
        materials = [m for m in self._around.materials(topic, language) if group in (None, m.group.name)]
        return [
            question for material in materials for question in self._made(kind, material, chance, decided)
        ]

    def _made(
        self, kind: str, material: TopicMaterial, chance: Random, decided: _Decided
    ) -> Iterator[Question]:
        """Yield the questions of one kind that may be asked, in the words that the user gave them."""
        written = self._written.get((key_of(material.topic), material.language), ())
        own = (one for one in written if one.kind == kind and one.group == material.group.name)
        for question in (*own, *_kind(kind).questions(material, chance)):
            if question.question_id in decided.rejected or faults(question, self._text_of):
                continue
            prompt = decided.edited.get(question.question_id)
            yield replace(question, prompt=prompt) if prompt else question

    def _decided(self) -> _Decided:
        return _Decided(frozenset(self._states.rejected()), self._states.edited())

    def _text_of(self, passage_id: str) -> str | None:
        passage = self.grader.library.passage(passage_id)
        return passage.text if passage else None

    def _topic(self, topic: Topic | str) -> Topic:
        return self.grader.topic(topic) if isinstance(topic, str) else topic


def _say(phrase: str, language: Language, **values: object) -> str:
    return _TOLD[phrase][language is Language.EN].format(**values)


def _is_like(question: Question, others: Collection[Question]) -> bool:
    return any(is_near_duplicate(question, other) for other in others)


def code_kinds() -> frozenset[str]:
    """Return the kinds whose answers are programs that are run: their modules say `RUNS_CODE`."""
    return frozenset(name for name in plugins.items(KINDS) if getattr(_kind(name), "RUNS_CODE", False))


def _kind(name: str) -> QuestionKind:
    modules = plugins.items(KINDS)
    if name not in modules:
        raise plugins.unknown("kind of question", name, list(modules))
    return cast(QuestionKind, import_module(modules[name]))
