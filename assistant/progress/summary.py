"""Progress as JSON: what `assistant progress --json` writes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from assistant.progress.activity import WEEKS, Activity
from assistant.progress.gathering import Point, Progress, WeakPoint
from assistant.progress.standing import SubjectStanding, TopicStanding
from assistant.progress.wording import advice


def progress_dict(progress: Progress) -> dict[str, Any]:
    """Return the whole of it: the days, the weeks, the days ahead, every topic, and what to do next."""
    done, topics = progress.activity, progress.topics
    told = advice(topics, done, progress.language) if topics else None
    return {
        "learner": progress.learner,
        "day": done.today.isoformat(),
        "reviews": done.reviews,
        "streak": {
            "current": done.streak.current,
            "longest": done.streak.longest,
            "today": done.streak.is_today_done,
        },
        "heat": _heat(done),
        "weeks": [
            {
                "from": week.first.isoformat(),
                "reviews": week.reviews,
                "again": week.again,
                "recalled": week.recalled,
                "share": _rounded(week.share),
            }
            for week in done.weeks
        ],
        "ahead": [{"date": day.isoformat(), "due": count} for day, count in done.ahead],
        "topics": [topic_dict(topic) for topic in topics],
        "gaps": len(progress.gaps),
        "advice": {"text": told[0], "command": told[1]} if told else None,
    }


def topic_dict(topic: TopicStanding) -> dict[str, Any]:
    """Return how a topic stands."""
    return {
        "topic": topic.topic,
        "standing": topic.standing.value,
        "recall": _rounded(topic.recall),
        "subjects": len(topic.subjects),
        "asked": topic.met,
        "answers": topic.answers,
        "contradictions": topic.contradictions,
        "last_seen": topic.last_seen.isoformat() if topic.last_seen else None,
        "next_due": _iso(topic.next_due),
        "gaps": topic.gaps,
    }


def topic_detail(progress: Progress, topic: TopicStanding) -> dict[str, Any]:
    """Return how a topic stands with each of its subjects, and what was answered badly."""
    return topic_dict(topic) | {
        "parts": [_subject(part) for part in topic.subjects],
        "weak_points": [_weak(weak) for weak in progress.weak_points([topic])],
    }


def _subject(part: SubjectStanding) -> dict[str, Any]:
    return {
        "subject": part.subject.key,
        "group": part.subject.group or part.subject.demo,
        "standing": part.standing.value,
        "recall": _rounded(part.recall),
        "answers": part.answers,
        "contradictions": part.contradictions,
        "last_seen": part.last_seen.isoformat() if part.last_seen else None,
        "next_due": _iso(part.next_due),
    }


def _weak(weak: WeakPoint) -> dict[str, Any]:
    return {
        "subject": weak.subject.subject.key,
        "question": weak.prompt,
        "answer": weak.answer,
        "level": weak.level.value,
        "points": [_point(point) for point in weak.points],
    }


def _point(point: Point) -> dict[str, Any]:
    return {
        "text": point.text,
        "verdict": point.verdict.value if point.verdict else None,
        "citation": point.citation.to_dict() if point.citation else None,
    }


def _heat(done: Activity) -> list[dict[str, Any]]:
    first = done.weeks[0].first
    days = (first + timedelta(days=n) for n in range(7 * WEEKS))
    return [{"date": day.isoformat(), "reviews": done.count(day)} for day in days if day <= done.today]


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
