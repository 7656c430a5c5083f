"""Begins quizzes, drills and interviews about what somebody names in their own words, and opens them again."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from assistant.dialogues.types import Dialogue, Mode
from assistant.language import Language, language_of

if TYPE_CHECKING:
    from assistant.quiz.sittings import Sittings
    from assistant.store import Store
    from assistant.study import Assistant

#: Minutes of an interview on one topic, and of one on all.
_ON_ONE, _ON_ALL = 9, 30
#: The kinds of question that a mode asks; none means all.
_KINDS = {Mode.QUIZ: (), Mode.DRILL: ("compute",)}
# What is said around a topic: 「请出几道 BN 的题考考我」 names BN, "start" nothing.
_AROUND = re.compile(
    r"你好|您好|请|麻烦|(?:给我|帮我)?(?:再?[出来做]|进行)?\s*一?(?:[一几两三四五\d]\s*[道个场次])|(?:开始|模拟|来)?面试(?:我|题)?|"
    r"开始|考考我|考一?下我|考我|测验|练习|关于|有关|(?:的|方面的)?(?:计算)?题目?|吧|[,，。.!！?？、]|"
    r"\b(?:hi|hello|hey|please|can you|could you|let'?s|start|begin|go|ready|give me|ask me|test|quiz|drill|interview|"
    r"practi[cs]e|mock|me|an?|some|few|the|questions?|on|about|of)\b",
    re.IGNORECASE,
)


def _now() -> datetime:
    return datetime.now(UTC)


def topic_words(words: str) -> str:
    """Return what of `words` names a topic, "" where nothing does."""
    return " ".join(_AROUND.sub(" ", words).split())


class Dialogues:
    """The dialogues of `learner` in `store`, over the notes of `assistant`."""

    def __init__(
        self, assistant: Assistant, store: Store, learner: str, *, clock: Callable[[], datetime] = _now
    ) -> None:
        self._assistant = assistant
        self._store = store
        self._learner = learner
        self._clock = clock

    def begin(
        self, mode: Mode, words: str = "", language: Language | None = None, seed: int | None = None
    ) -> Dialogue:
        """Return a dialogue about what `words` name, or all notes; `now()` of it is how it begins.

        Without `language` it is held in that of the words; the same `seed` asks the same. Raises `UnknownName` for
        words that name nothing in the notes, and `NoQuestions` or `NothingToAsk` where the notes give none.
        """
        from assistant.quiz.session import topics_for

        said, words = words, topic_words(words)
        topics = topics_for(words, self._assistant.quizmaster())
        # An abbreviation is in no language: BN by itself is asked for in Chinese, where the note is.
        is_bare = said.strip() == words and len(words.split()) == 1
        spoken = language or language_of(topics[0] if topics and is_bare else said)
        if mode is Mode.INTERVIEW:
            from assistant.dialogues.interview_dialogue import InterviewDialogue
            from assistant.interview.planning import Wanted

            interviewer = self._assistant.interviewer(self._learner, must_keep=True)
            wanted = Wanted(language=spoken, minutes=_ON_ONE if topics else _ON_ALL, topics=topics)
            return InterviewDialogue(interviewer.begin(wanted, seed), interviewer, self._clock)
        from assistant.dialogues.quiz_dialogue import QuizDialogue

        return QuizDialogue(
            self._sittings().begin(words, kinds=_KINDS[mode], seed=seed, language=spoken), mode
        )

    def open(self, mode: Mode, ref: str) -> Dialogue:
        """Return the dialogue that is kept under `ref`, as it stands. Raises `UnknownName`, also for another's."""
        if mode is Mode.INTERVIEW:
            from assistant.dialogues.interview_dialogue import InterviewDialogue

            interviewer = self._assistant.interviewer(self._learner, must_keep=True)
            return InterviewDialogue(interviewer.open(ref), interviewer, self._clock)
        from assistant.dialogues.quiz_dialogue import QuizDialogue

        return QuizDialogue(self._sittings().open(ref), mode)

    def _sittings(self) -> Sittings:
        from assistant.quiz.sittings import Sittings

        return Sittings(self._assistant, self._store, self._learner, clock=self._clock)
