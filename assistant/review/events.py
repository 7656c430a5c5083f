"""A review as JSON events, one object each: what `assistant review --json` and `assistant plan --json` write."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from assistant.grading.types import Level
from assistant.language import Language
from assistant.quiz.types import Marked, Question
from assistant.review import wording
from assistant.review.card import Card, Help, Outcome, Recorded
from assistant.review.planning import Plan
from assistant.review.reviewer import Asked, Reviewed
from assistant.review.run import Run
from assistant.review.session import Item, Today
from assistant.review.stepwise import Next
from corpus.errors import StudyError


def session_event(today: Today, session_id: str, language: Language, notes: list[str]) -> dict[str, Any]:
    """Return the event that begins a sitting: today's list."""
    return {"event": "session", "session": session_id, **today_dict(today, language), "notices": notes}


def today_dict(today: Today, language: Language) -> dict[str, Any]:
    """Return today's list."""
    return {
        "day": today.day.isoformat(),
        "count": len(today.items),
        "seconds": round(today.seconds),
        "left": {why.value: count for why, count in today.left.items()},
        "next_due": _iso(today.next_due),
        "items": [item_dict(item, language) for item in today.items],
    }


def item_dict(item: Item, language: Language) -> dict[str, Any]:
    """Return an item of a list, with the reason why it is on it."""
    return {
        "subject": item.subject.key,
        "topic": item.subject.topic,
        "group": item.subject.group or item.subject.demo,
        "why": item.why.value,
        "reason": wording.why(item, language),
        "days_overdue": item.days,
        "confused_with": item.beside.topic if item.beside else None,
        "seconds": round(item.seconds),
    }


def question_event(asked: Asked, run: Run, language: Language) -> dict[str, Any]:
    """Return the event of a question. `answer_key` sent back makes an answer count once."""
    return _question(asked.key, asked.question, asked.item, language, run.number, run.of, run.seconds_left)


def next_event(found: Next, language: Language) -> dict[str, Any]:
    """Return the event of a question that is asked by itself, as the first of what is left."""
    question = found.asked.question
    return _question(found.answer_key, question, found.item, language, 1, found.count, found.seconds)


def _question(
    key: str, question: Question, item: Item, language: Language, n: int, of: int, seconds_left: float
) -> dict[str, Any]:
    return {
        "event": "question",
        "n": n,
        "of": of,
        "seconds_left": round(seconds_left),
        "answer_key": key,
        "question_id": question.question_id,
        "kind": question.kind,
        "form": question.form.value,
        "prompt": question.prompt,
        "choices": list(question.choices),
        "hint_available": bool(question.hint),
        **item_dict(item, language),
    }


def reviewed_event(reviewed: Reviewed) -> dict[str, Any]:
    """Return the event of an answer: its mark, what became of it, and when the card comes again."""
    asked = reviewed.asked
    return graded_event(asked.key, reviewed.marked, reviewed.recorded, reviewed.help, reviewed.next_day)


def graded_event(
    answer_key: str, marked: Marked, recorded: Recorded, help: Help, next_day: date
) -> dict[str, Any]:
    """Return the event of the answer with this key; its card comes again on `next_day`."""
    shown = help is Help.ANSWER
    counted = recorded.outcome is Outcome.COUNTED
    return {
        "event": "graded",
        "answer_key": answer_key,
        "subject": recorded.card.subject,
        "level": (Level.WRONG if shown else marked.level).value,
        "score": 0.0 if shown else round(marked.score, 4),
        "help": help.value,
        "feedback": marked.feedback,
        "model_answer": marked.question.model_answer,
        "citation": marked.question.citation.to_dict(),
        "points": [judged.to_dict() for judged in marked.grade.points] if marked.grade else [],
        "mode": marked.mode,
        "outcome": recorded.outcome.value,
        "rating": recorded.rating,
        "next": next_day.isoformat(),
        "leech": counted and recorded.card.suspended_at is not None,
    }


def hint_event(question: Question) -> dict[str, Any]:
    """Return the event of a hint; null where there is none."""
    return {"event": "hint", "hint": question.hint or None}


def notice_event(kind: str, text: str, **values: Any) -> dict[str, Any]:
    """Return the event of what was skipped, undone, suspended or is otherwise to be told."""
    return {"event": kind, **values, "text": text}


def summary_event(run: Run, today: date) -> dict[str, Any]:
    """Return the event that ends a sitting, early or not."""
    levels = [Level.WRONG if one.help is Help.ANSWER else one.marked.level for one in run.counted]
    days: dict[str, int] = {}
    for one in sorted(run.counted, key=lambda one: one.next_day):
        days[one.next_day.isoformat()] = days.get(one.next_day.isoformat(), 0) + 1
    return {
        "event": "summary",
        "day": today.isoformat(),
        "reviewed": len(run.counted),
        "left": len(run.waiting),
        "seconds": round(sum(one.seconds for one in run.counted)),
        **{level.value: levels.count(level) for level in Level},
        "next": days,
        "weak": list(dict.fromkeys(s.topic for s in wording.weakest(run.counted))),
    }


def plan_dict(
    plan: Plan, today: Today, cards: Mapping[str, Card], subjects: int, last: int
) -> dict[str, Any]:
    """Return a plan: the days, whether they suffice, and today's list."""
    return {
        "interview": _iso(plan.interview),
        "days_left": (plan.interview - today.day).days if plan.interview else None,
        "minutes": plan.minutes,
        "subjects": subjects,
        "met": sum(not card.is_new for card in cards.values()),
        "suspended": sorted(key for key, card in cards.items() if card.suspended_at),
        "enough": plan.is_enough,
        "unmet": plan.unmet,
        "unseen": plan.unseen,
        "minutes_needed": plan.enough,
        "last_days": last,
        "days": [
            {
                "date": day.on.isoformat(),
                "due": day.due,
                "last_looks": day.last_looks,
                "new": day.new,
                "late": day.late,
                "seconds": round(day.seconds),
            }
            for day in plan.days
        ],
        "today": [item_dict(item, Language.ZH) for item in today.items],
    }


def error_event(error: StudyError) -> dict[str, Any]:
    """Return the event of input that is not understood; the question stays open."""
    return {"event": "error", "message": error.message, "hint": error.hint}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
