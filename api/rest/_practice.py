"""What the resources for practice reply, as types: for the description of the interface, and its tests."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from api.rest._answers import Citation
from assistant.grading.grader import MAX_ANSWER

#: The id of a quiz or an interview, and the key of an answer in a review: a ULID.
ULID = r"^[0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{26}$"
Id = Annotated[str, Path(pattern=ULID, examples=["01KAQZ6V5W3M8YF2J4T7N9R1XC"])]
Level = Literal["wrong", "partial", "correct"]


class Strict(BaseModel):
    """A body with nothing in it that is not known. Numbers are numbers, so that 0 is not taken for false."""

    model_config = ConfigDict(extra="forbid")


#: An answer; what is longer is refused, since it would not be graded.
AnswerText = Annotated[str, Field(max_length=MAX_ANSWER)]
#: What names an answer, so that it counts once; an Idempotency-Key does the same for the whole request.
AnswerKey = Annotated[str, Field(max_length=200, pattern=r"^[!-~]*$")]


class Point(TypedDict):
    """The verdict on one key point, and the words of the answer that decided it."""

    text: str
    verdict: Literal["hit", "partial", "missed", "contradicted"]
    evidence: str
    citation: Citation | None


class Grade(TypedDict):
    """The grade of an answer, as `assistant grade --json` writes it."""

    question: str
    level: Level
    score: float
    topic: str
    points: list[Point]
    feedback: str
    mode: str
    remarks: list[str]
    notices: list[str]
    overruled: Level | None


class QuizQuestion(TypedDict):
    """Question `n` of `of`. `choices` are by letter; `form` says how it is answered."""

    event: Literal["question"]
    n: int
    of: int
    id: str
    kind: str
    form: Literal["open", "choice", "true_false", "cloze", "number", "code"]
    topic: str
    group: str
    language: Literal["zh", "en"]
    prompt: str
    choices: dict[str, str]


class Turned(TypedDict):
    """What became of a question; what an answer was worth only where it was `marked`."""

    event: Literal["marked", "shown", "skipped", "rejected"]
    id: str
    n: NotRequired[int]
    prompt: NotRequired[str]
    answer: NotRequired[str]
    level: NotRequired[Level]
    score: NotRequired[float]
    feedback: NotRequired[str]
    right: NotRequired[str | None]
    points: NotRequired[list[Point]]
    mode: NotRequired[str]
    hinted: NotRequired[bool]
    model_answer: NotRequired[str]
    citation: NotRequired[Citation]


class QuizSummary(TypedDict):
    """How a quiz went. `command` asks the same questions on the command line."""

    event: Literal["summary"]
    done: int
    correct: int
    partial: int
    wrong: int
    shown: int
    skipped: int
    hinted: int
    rejected: int
    of: int
    seed: int
    weak_topics: list[str]
    command: str


class Quiz(TypedDict):
    """A quiz as it stands: the open question, null at the end, and how it went so far."""

    quiz: str
    topic: str
    kinds: list[str]
    seed: int
    language: Literal["zh", "en"]
    question: QuizQuestion | None
    summary: QuizSummary


class QuizWhole(Quiz):
    """A quiz with what became of its questions."""

    done: list[Turned]


class Review(TypedDict):
    """What an answer was for its card: counted, given before (`repeated`), or `overtaken` by another answer."""

    outcome: Literal["counted", "repeated", "overtaken"]
    rating: int | None


class QuizStep(Quiz):
    """A quiz after a step: what became of the question, and of its card where it was answered or shown."""

    turned: Turned
    review: Review | None


class QuizHint(TypedDict):
    """A hint, empty where there is none."""

    event: Literal["hint"]
    n: int
    id: str
    hint: str


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


class Move(TypedDict):
    """One sentence of the interviewer; of a question also what it is."""

    event: str
    text: str
    n: int
    of: int
    elapsed: int
    left: int
    id: NotRequired[str]
    topic: NotRequired[str]
    prompt: NotRequired[str]
    probe: NotRequired[str | None]


class InterviewSession(TypedDict):
    """An interview, what the interviewer said last, and the question that waits; `phase` ends at `ended`."""

    interview: str
    profile: str
    language: Literal["zh", "en"]
    seconds: float
    questions: int
    seed: int
    practice: bool
    phase: str
    said: list[Move]


class Exchange(TypedDict):
    """One turn of an interview: what the candidate said, and what the interviewer said to it."""

    at: str
    heard: str | None
    manner: str | None
    said: list[dict[str, str]]


class InterviewWhole(InterviewSession):
    """An interview with all that was said."""

    turns: list[Exchange]


class InterviewListed(TypedDict):
    """An interview in the list; `overall` is null before it has ended."""

    interview: str
    began: str
    updated: str
    phase: str
    profile: str
    language: Literal["zh", "en"]
    overall: str | None
    questions: int | None


class InterviewReport(TypedDict):
    """What an interview has shown, as `assistant interview report --json` writes it."""

    interview: str
    profile: str
    language: Literal["zh", "en"]
    began: str
    seconds: int
    complete: bool
    overall: str
    signals: dict[str, str]
    topics: list[dict[str, str]]
    gaps: list[dict[str, Any]]
    misconceptions: list[dict[str, Any]]
    reviews: list[dict[str, str]]
    earlier: list[dict[str, Any]]
    graded_by: list[str]
    questions: list[dict[str, Any]]


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
