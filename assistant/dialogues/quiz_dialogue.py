"""A quiz or a drill as plain talk: its questions, marks and score as Markdown. What follows on what is `Sitting`'s."""

from __future__ import annotations

from dataclasses import replace

from assistant.dialogues.markdown import paragraphs
from assistant.dialogues.reading import action_of
from assistant.dialogues.types import Action, Mode, Said
from assistant.language import Language
from assistant.quiz import wording
from assistant.quiz.marking import solution
from assistant.quiz.session import Asked, Turned
from assistant.quiz.sitting import Sitting
from assistant.quiz.types import Form

_KEYS = (
    "`/hint` 提示，`/show` 看答案，`/skip` 跳过，`/end` 结束",
    "`/hint`, `/show` the answer, `/skip`, `/end`",
)
_IN_WORDS = ("用自己的话回答", "answer in your own words")


class QuizDialogue:
    """The quiz of `sitting`. Implements `Dialogue`."""

    def __init__(self, sitting: Sitting, mode: Mode = Mode.QUIZ) -> None:
        self.mode = mode
        self._sitting = sitting

    @property
    def ref(self) -> str:
        """The id of the quiz."""
        return self._sitting.quiz_id

    def now(self) -> Said:
        """Say the open question, or of a quiz that is over the score."""
        return self._followed_by(self._sitting.asked)

    def say(self, line: str, answer_key: str = "") -> Said:
        """Take a line and say what follows. Raises what the steps of `Sitting` raise."""
        sitting = self._sitting
        if answered := sitting.answered(answer_key):
            return self._after(answered)
        match action_of(line, self._actions(sitting.asked)):
            case Action.HINT:
                asked = sitting.hint()
                return self._open(asked, wording.hint(asked, self._language))
            case Action.SHOW:
                return self._after(sitting.show(answer_key)[0])
            case Action.SKIP:
                return self._after(sitting.skip(answer_key))
            case Action.END:
                sitting.end()
                return Said(self._summary(), has_ended=True)
            case _:
                return self._after(sitting.answer(line, answer_key))

    def _after(self, turned: Turned) -> Said:
        """Say what became of a question and what was asked next, also where it was long ago."""
        done = list(self._sitting.done)
        later = done[done.index(turned) + 1 :]
        return self._followed_by(later[0].asked if later else self._sitting.asked, self._told(turned))

    def _told(self, turned: Turned) -> str:
        if turned.marked:
            return turned.marked.feedback
        return solution(turned.asked.question) if turned.shown else wording.say("skipped", self._language)

    def _followed_by(self, asked: Asked | None, *before: str) -> Said:
        told = [paragraphs(text) for text in before]
        if asked is None:
            return Said("\n\n".join([*told, self._summary()]), has_ended=True)
        language, rule = self._language, ["---"] if told else []
        # A chat takes several lines, which the words for a terminal rule out.
        is_open = asked.question.form is Form.OPEN
        how = (
            _IN_WORDS[language is Language.EN] if is_open else wording.how_to_answer(asked.question, language)
        )
        put = [
            f"**{wording.heading(asked, language)}**",
            paragraphs(wording.prompt_text(asked, language)),
            f"*{how}*",
        ]
        keys = _KEYS[language is Language.EN] if asked.n == 1 else ""
        return replace(self._open(asked, *told, *rule, *put), keys=keys)

    def _open(self, asked: Asked, *texts: str) -> Said:
        question = asked.question
        return Said("\n\n".join(texts), question.choices, self._actions(asked), question.question_id)

    def _actions(self, asked: Asked | None) -> tuple[Action, ...]:
        has_hint = asked is not None and asked.question.hint and not asked.hinted
        return (*([Action.HINT] if has_hint else []), Action.SHOW, Action.SKIP, Action.END)

    def _summary(self) -> str:
        return paragraphs(wording.summary(self._sitting.counts(), self._language))

    @property
    def _language(self) -> Language:
        return self._sitting.plan.language
