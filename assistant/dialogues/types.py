"""What is said in a dialogue, and what can be done in it besides answering. Doors show; they decide nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Mode(StrEnum):
    """What goes on in a thread."""

    ASK = "ask"
    QUIZ = "quiz"
    DRILL = "drill"
    INTERVIEW = "interview"


class Action(StrEnum):
    """What can be done instead of an answer. In text: a slash and the name, `/hint`."""

    HINT = "hint"
    SHOW = "show"
    SKIP = "skip"
    PAUSE = "pause"
    RESUME = "resume"
    END = "end"


@dataclass(frozen=True, slots=True)
class Said:
    """What the assistant says: `text` in Markdown, in the language of the dialogue.

    `choices` are those of the question that is open now, in order, answered by the letter (A, B, …) of their place;
    they stand in `text`, too. `actions` are those that make sense now. `question_key` names the open question, so that
    a button of an older one is recognised; empty where none is open. `keys` tells once how the actions are typed, for
    doors without buttons.
    """

    text: str
    choices: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()
    question_key: str = ""
    has_ended: bool = False
    keys: str = ""


class Dialogue(Protocol):
    """A quiz, drill or interview that is under way. Every turn is durable when it returns."""

    @property
    def mode(self) -> Mode:
        """What it is."""
        ...

    @property
    def ref(self) -> str:
        """The id under which it is kept."""
        ...

    def now(self) -> Said:
        """Say what is open, once more."""
        ...

    def say(self, line: str, answer_key: str = "") -> Said:
        """Take an answer, or an action as `/name`, and say what follows. The same `answer_key` counts once.

        Raises `StudyError` for a line that cannot be taken; then nothing has changed.
        """
        ...
