"""A scripted conversation that tries a model out over the shipped notes.

Every step stands by itself, so any order will do. Without a model the steps that need none are held in notes mode:
same status, same demos, same topics, other words.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

from assistant.answering.model_mode import ModelMode
from assistant.answering.notes_mode import NotesMode
from assistant.doctor.steps import STEPS
from assistant.doctor.visit import Failed, Outcome, Step, Visit
from assistant.llm.base import ChatModel, ModelError
from assistant.settings import Settings
from assistant.study import Assistant


def hold(
    settings: Settings,
    model: ChatModel | None,
    on_outcome: Callable[[Outcome], None] = lambda _: None,
    steps: Sequence[Step] | None = None,
    home: Path | None = None,
) -> list[Outcome]:
    """Go through the steps in their order and return what came of each; `on_outcome` hears of each at once.

    The notes are the shipped ones and the home is a folder that goes again: nothing of the user's is touched.
    `home` is another folder, in which the index is found again.
    """
    with nullcontext(home) if home else TemporaryDirectory() as folder:
        notes = (Path(str(files("corpus") / "notes")),)
        assistant = Assistant(replace(settings, home=Path(folder), notes=notes, model="notes"))
        notes_mode = NotesMode(assistant.library, assistant.library.glossary)
        assistant.answerer = ModelMode(model, notes_mode, assistant.library.glossary) if model else notes_mode
        outcomes = []
        for step in STEPS if steps is None else steps:
            outcomes.append(_tried(step, Visit(assistant, model)))
            on_outcome(outcomes[-1])
    return outcomes


def _tried(step: Step, visit: Visit) -> Outcome:
    if step.needs_model and visit.model is None:
        return Outcome(step.name, None, "needs a model", 0.0)
    start = time.perf_counter()
    passed, says = True, ""
    try:
        says = step.run(visit)
    except Failed as failure:
        passed, says = False, str(failure)
    except ModelError as error:
        passed, says = False, error.message
    return Outcome(step.name, passed, says, time.perf_counter() - start, tuple(visit.answers))
