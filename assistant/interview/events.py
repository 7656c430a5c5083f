"""An interview as JSON, one object for each thing: what `assistant interview --json` writes and REST answers with."""

from __future__ import annotations

from typing import Any

from assistant.interview.conductor import Conductor
from assistant.interview.types import Move, State
from assistant.store.interviews import Entry


def session_dict(conductor: Conductor) -> dict[str, Any]:
    """Return what an interview is."""
    plan = conductor.state.plan
    return {
        "interview": conductor.interview_id,
        "profile": plan.profile,
        "language": plan.language.value,
        "seconds": plan.seconds,
        "questions": plan.questions,
        "seed": plan.seed,
        "practice": plan.practice,
    }


def move_event(conductor: Conductor, move: Move) -> dict[str, Any]:
    """Return one sentence of the interviewer; of a question what it is, without what would answer it."""
    state = conductor.state
    event: dict[str, Any] = {
        "event": move.act.value,
        "text": move.text,
        "n": conductor.number,
        "of": state.plan.questions,
        "elapsed": round(conductor.elapsed),
        "left": max(0, round(state.plan.seconds - conductor.elapsed)),
    }
    if move.asked:
        item = state.plan.item(move.asked.item_id)
        event |= {
            "id": item.item_id,
            "topic": item.topic,
            "prompt": move.asked.prompt,
            "probe": move.asked.probe.value if move.asked.probe else None,
        }
    return event


def said_dict(state: State) -> dict[str, Any]:
    """Return all that was said in an interview."""
    return {
        "interview": state.plan.interview_id,
        "phase": state.phase.value,
        "turns": [
            {
                "at": turn.at.isoformat(),
                "heard": turn.heard.text if turn.heard else None,
                "manner": turn.heard.manner.value if turn.heard else None,
                "said": [{"act": move.act.value, "text": move.text} for move in turn.moves],
            }
            for turn in state.turns
        ],
    }


def entry_dict(entry: Entry) -> dict[str, Any]:
    """Return an interview as it stands in the list."""
    outcome = entry.outcome or {}
    return {
        "interview": entry.interview_id,
        "began": entry.began.isoformat(),
        "updated": entry.updated.isoformat(),
        "phase": entry.phase.value,
        "profile": entry.profile,
        "language": entry.language,
        "overall": outcome.get("overall"),
        "questions": outcome.get("questions"),
    }
