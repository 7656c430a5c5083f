"""A mock interview as plain talk. How it goes is `assistant.interview`'s business; what was left stops its clock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from assistant.dialogues.reading import action_of
from assistant.dialogues.types import Action, Mode, Said
from assistant.interview import writing
from assistant.interview.conductor import Conductor
from assistant.interview.interviewer import Interviewer
from assistant.interview.types import Act, Move, Phase
from assistant.language import Language
from assistant.store.interviews import InterviewOvertaken

_TOLD = {
    "question": ("**第 {n}/{of} 题**", "**Question {n} of {of}**"),
    "open": ("第 {n}/{of} 题 · {topic}：{question}", "Question {n} of {of} · {topic}: {question}"),
    "feedback": ("点评：{text}", "Feedback: {text}"),
    "how": ("像真的面试那样回答。", "Answer as you would aloud."),
    "keys": (
        "`/hint` 提示，`/skip` 跳过，`/pause` 停表，`/end` 结束并出报告",
        "`/hint`, `/skip`, `/pause` stops the clock, `/end` ends it with a report",
    ),
}
_GOING = (Action.HINT, Action.SKIP, Action.PAUSE, Action.END)
#: Who says nothing for so long has gone, and is not charged for it: nobody pauses a thread.
_GONE = timedelta(minutes=15)


class InterviewDialogue:
    """The interview of `conductor`, whose report `interviewer` writes. Implements `Dialogue`."""

    mode = Mode.INTERVIEW

    def __init__(self, conductor: Conductor, interviewer: Interviewer, clock: Callable[[], datetime]) -> None:
        self._conductor = conductor
        self._interviewer = interviewer
        self._clock = clock

    @property
    def ref(self) -> str:
        """The id of the interview."""
        return self._conductor.interview_id

    def now(self) -> Said:
        """Say what is open; of an interview that has just begun the opening, of one that is over the report."""
        state = self._conductor.state
        if len(state.turns) == 1:
            return replace(self._said(self._conductor.latest, self._say("how")), keys=self._say("keys"))
        if state.waiting is None or state.phase is Phase.PAUSED:
            return self._said(self._conductor.latest)
        item = state.plan.item(state.waiting.item_id)
        n, of = self._conductor.number, state.plan.questions
        return self._saying(self._say("open", n=n, of=of, topic=item.topic, question=state.waiting.prompt))

    def say(self, line: str, answer_key: str = "") -> Said:
        """Hear a line and say what follows. Raises what `Conductor.answer` raises."""
        conductor = self._conductor
        if (said := conductor.said_to(answer_key)) is not None:
            return self._said(said)
        action = action_of(line, (*_GOING, Action.RESUME))
        try:
            if self._is_gone():
                conductor.resume()
            return self._said(conductor.answer(f"/{action.value}" if action else line, answer_key=answer_key))
        except InterviewOvertaken:
            conductor.reload()
            if (said := conductor.said_to(answer_key)) is not None:  # the same line came twice at once
                return self._said(said)
            raise

    def _is_gone(self) -> bool:
        state = self._conductor.state
        goes_on = state.phase not in (Phase.PAUSED, Phase.ENDED)
        return goes_on and self._clock() - state.turns[-1].at > _GONE

    def _said(self, moves: Sequence[Move], *more: str) -> Said:
        told = (*(self._move(move) for move in moves), *more)
        if any(move.act is Act.CLOSING for move in moves):
            report = self._interviewer.report_of(self._conductor.state)
            return Said(
                "\n\n".join((*told, "---", writing.markdown(report, linked=False).strip())), has_ended=True
            )
        return self._saying(*told)

    def _saying(self, *texts: str) -> Said:
        is_paused = self._conductor.state.phase is Phase.PAUSED
        return Said(
            "\n\n".join(texts),
            actions=(Action.RESUME, Action.END) if is_paused else _GOING,
            question_key="" if is_paused else self._question_key(),
        )

    def _question_key(self) -> str:
        """Return which of the questions put so far waits; two may read the same."""
        turns = self._conductor.state.turns
        return f"{self.ref}/{sum(move.asked is not None for turn in turns for move in turn.moves)}"

    def _move(self, move: Move) -> str:
        if move.act is Act.FEEDBACK:
            return self._say("feedback", text=move.text)
        if move.act is Act.QUESTION:
            n, of = self._number_of(move), self._conductor.state.plan.questions
            return f"{self._say('question', n=n, of=of)}\n\n{move.text}"
        return move.text

    def _number_of(self, move: Move) -> int:
        asked = self._conductor.state.asked_items()
        return asked.index(move.asked.item_id) + 1 if move.asked else len(asked)

    def _say(self, phrase: str, **values: object) -> str:
        is_english = self._conductor.state.plan.language is Language.EN
        return _TOLD[phrase][is_english].format(**values)
