"""What a step of the scripted conversation is, what it works with, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant.events import Answer, Status, Turn
from assistant.llm.base import ChatModel
from assistant.study import Assistant


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one step. `passed` is None where it needs a model and there is none."""

    name: str
    passed: bool | None
    says: str
    seconds: float
    answers: tuple[Answer, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the outcome with its answers as JSON; where the notes lie on this machine is left out."""
        answers = [answer.to_dict() for answer in self.answers]
        for citation in (citation for answer in answers for citation in answer["citations"]):
            citation["path"] = Path(citation["path"]).name
        return {
            "name": self.name,
            "passed": self.passed,
            "says": self.says,
            "seconds": round(self.seconds, 2),
            "answers": answers,
        }


class Failed(Exception):
    """A step did not see what it must see."""


@dataclass(slots=True)
class Visit:
    """What a step works with; it keeps every answer it was given."""

    assistant: Assistant
    model: ChatModel | None
    answers: list[Answer] = field(default_factory=list)

    def ask(self, question: str, history: Sequence[Turn] = (), *, general: bool = False) -> Answer:
        """Ask, and require that the model did not give up."""
        answer = self.assistant.ask(question, history, general=general)
        self.answers.append(answer)
        if self.model and answer.status is Status.ANSWERED and answer.mode != self.model.name:
            raise Failed(f"notes mode had to answer: {' '.join(answer.notices)[:160]}")
        return answer


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to try. `run` returns what it saw and raises `Failed`."""

    name: str
    run: Callable[[Visit], str]
    needs_model: bool = False
