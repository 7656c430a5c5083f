"""What the resources for reviews and progress reply, as types: for the description of the interface, and its tests."""

from __future__ import annotations

from typing import Any, Literal

from typing_extensions import TypedDict

from api.rest._answers import Citation
from api.rest._practice import Level, Point


class Item(TypedDict):
    """One thing to review, and why."""

    subject: str
    topic: str
    group: str
    why: str
    reason: str
    days_overdue: int
    confused_with: str | None
    seconds: int


class Today(TypedDict):
    """What is to be reviewed today, and how much of each sort did not fit into the time."""

    day: str
    count: int
    seconds: int
    left: dict[str, int]
    next_due: str | None
    items: list[Item]


class ReviewQuestion(Item):
    """A question of a review. `answer_key` goes back with the answer, which then counts once."""

    event: Literal["question"]
    n: int
    of: int
    seconds_left: int
    answer_key: str
    question_id: str
    kind: str
    form: str
    prompt: str
    choices: list[str]
    hint_available: bool


class Next(TypedDict):
    """The question that is next, null where there is none, and the day on which something is due again."""

    question: ReviewQuestion | None
    next_due: str | None


class Reviewed(TypedDict):
    """The mark of an answer, what it was for its card, and the day on which that comes again."""

    event: Literal["graded"]
    answer_key: str
    subject: str
    level: Level
    score: float
    help: Literal["none", "hint", "answer"]
    feedback: str
    model_answer: str
    citation: Citation
    points: list[Point]
    mode: str
    outcome: Literal["counted", "repeated", "overtaken"]
    rating: int | None
    next: str
    leech: bool


class ReviewHint(TypedDict):
    """A hint, null where there is none."""

    event: Literal["hint"]
    hint: str | None


class Undone(TypedDict):
    """The subject whose last review was taken back, null where there is none."""

    subject: str | None


class Suspended(TypedDict):
    """A card that is not asked about; `suspended_at` is null where it is asked again."""

    subject: str
    topic: str
    lapses: int
    suspended_at: str | None


class PlanDay(TypedDict):
    """What comes on one day."""

    date: str
    due: int
    last_looks: int
    new: int
    late: int
    seconds: int


class Plan(TypedDict):
    """The days until the interview, and whether they suffice."""

    interview: str | None
    days_left: int | None
    minutes: float
    subjects: int
    met: int
    suspended: list[str]
    enough: bool
    unmet: int
    unseen: int
    minutes_needed: float | None
    last_days: int
    days: list[PlanDay]
    today: list[Item]


class InterviewDate(TypedDict):
    """The day of the interview; null where none is known."""

    date: str | None


class TopicStanding(TypedDict):
    """How a topic stands."""

    topic: str
    standing: str
    recall: float | None
    subjects: int
    asked: int
    answers: int
    contradictions: int
    last_seen: str | None
    next_due: str | None
    gaps: int


class TopicDetail(TopicStanding):
    """How a topic stands with each of its parts, and what was answered badly."""

    parts: list[dict[str, Any]]
    weak_points: list[dict[str, Any]]


class Progress(TypedDict):
    """What holds and what does not, as `assistant progress --json` writes it."""

    learner: str
    day: str
    reviews: int
    streak: dict[str, Any]
    heat: list[dict[str, Any]]
    weeks: list[dict[str, Any]]
    ahead: list[dict[str, Any]]
    topics: list[TopicStanding]
    gaps: int
    advice: dict[str, str] | None
