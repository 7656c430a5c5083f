"""The values of an interview: what was planned, what was said and heard, and the state that both add up to.

All are frozen and plain, so that `assistant.interview.records` writes them as JSON and reads them back unchanged.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from assistant.events import Citation
from assistant.grading.types import KeyPoint, Level, Verdict
from assistant.language import Language


class Rung(StrEnum):
    """How deep a question goes; interviewers climb this ladder, 追问 after 追问."""

    WHAT = "what"
    WHY = "why"
    HOW = "how"
    DIFFERENCE = "difference"
    LIMITS = "limits"
    REMEDY = "remedy"
    PROJECT = "project"

    @property
    def depth(self) -> int:
        """1 for what anybody knows who has read the note, 3 for what takes having thought about it."""
        return _DEPTHS[self]


_DEPTHS = {
    Rung.WHAT: 1,
    Rung.WHY: 2,
    Rung.HOW: 3,
    Rung.DIFFERENCE: 2,
    Rung.LIMITS: 3,
    Rung.REMEDY: 3,
    Rung.PROJECT: 2,
}


class Probe(StrEnum):
    """The kinds of follow-up. Their order in `assistant.interview.probing` is their urgency."""

    CONTRADICTION = "contradiction"
    MISSING = "missing"
    VAGUE = "vague"
    SIMPLER = "simpler"
    DEPTH = "depth"
    BOUNDARY = "boundary"
    COMPARE = "compare"
    CONDITION = "condition"
    COMPUTE = "compute"
    PROJECT = "project"


class Manner(StrEnum):
    """What a candidate's words are, before anybody asks whether they are right."""

    ANSWER = "answer"
    NO_IDEA = "no_idea"
    SILENCE = "silence"
    CLARIFY = "clarify"
    REPEAT = "repeat"
    HINT = "hint"
    META = "meta"
    STEER = "steer"
    SKIP = "skip"
    PAUSE = "pause"
    RESUME = "resume"
    END = "end"


class Act(StrEnum):
    """What the interviewer does with a move."""

    OPENING = "opening"
    QUESTION = "question"
    FOLLOW_UP = "follow_up"
    AGAIN = "again"
    CLARIFY = "clarify"
    HINT = "hint"
    REDIRECT = "redirect"
    FEEDBACK = "feedback"
    REVERSE = "reverse"
    PAUSED = "paused"
    CLOSING = "closing"


class Phase(StrEnum):
    """Where an interview stands."""

    OPENING = "opening"
    QUESTIONS = "questions"
    REVERSE = "reverse"
    PAUSED = "paused"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Deeper:
    """A question of the same topic that can follow another one, with the points that answer it."""

    probe: Probe
    prompt: str
    points: tuple[KeyPoint, ...]
    model_answer: str


@dataclass(frozen=True, slots=True)
class Drill:
    """A figure to compute, drawn beforehand: the demo, the seed and level that draw it again, and its question."""

    demo: str
    seed: int
    level: int
    prompt: str
    model_answer: str


@dataclass(frozen=True, slots=True)
class Item:
    """One question that may be asked: the points that count, and what may follow.

    `name` is what the topic is called when it is spoken of.
    """

    item_id: str
    topic: str
    name: str
    rung: Rung
    prompt: str
    points: tuple[KeyPoint, ...]
    model_answer: str
    citation: Citation | None
    deeper: tuple[Deeper, ...] = ()
    drill: Drill | None = None


@dataclass(frozen=True, slots=True)
class TopicPlan:
    """A topic of the plan: its items, why it was chosen, and the topics that it leads to."""

    topic: str
    reason: str
    items: tuple[Item, ...]
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What an interview is made of. Topics stand in the order in which they are wanted.

    `questions` is the most main questions, `seconds` the most time; whichever comes first ends it.
    """

    interview_id: str
    language: Language
    profile: str
    seed: int
    topics: tuple[TopicPlan, ...]
    questions: int
    seconds: int
    practice: bool = False

    def item(self, item_id: str) -> Item:
        """Return the item with this id. Raises `KeyError`."""
        for topic in self.topics:
            for item in topic.items:
                if item.item_id == item_id:
                    return item
        raise KeyError(item_id)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it was put: of which item, as which probe (None: the main question), about which points."""

    item_id: str
    probe: Probe | None
    prompt: str
    points: tuple[KeyPoint, ...] = ()
    drill: Drill | None = None
    #: What the candidate is asked to stand by, in a probe of a contradiction.
    claim: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """The verdict on one point, with the words that decided it."""

    point: KeyPoint
    verdict: Verdict
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a candidate said, as judged outside the machine: the manner, and where it was an answer, what it is worth.

    `level` is None where nothing could be judged: no answer, or no judge in time; then nothing advances. `against` is
    an earlier sentence of the candidate's own that `denial`, a part of this one, denies; `feedback` is told in practice
    and in the report. `answer_key` is what a door names the line by, so that it counts once.
    """

    text: str
    manner: Manner
    level: Level | None = None
    score: float = 0.0
    findings: tuple[Finding, ...] = ()
    vague: bool = False
    against: str = ""
    denial: str = ""
    feedback: str = ""
    mode: str = "notes"
    answer_key: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """One thing the interviewer says. `asked` is the question that now waits for an answer, where it changed."""

    act: Act
    text: str
    asked: Asked | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """What was heard, when, in answer to what, and what the interviewer said to it.

    `wording` is the model's sentence that took the place of a template's, "" where none did.
    """

    heard: Heard | None
    at: datetime
    asked: Asked | None
    moves: tuple[Move, ...]
    wording: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """An interview so far. The next one follows from it, from what is heard and from the time, and from nothing else.

    `depth` is how deep the next question should go, 1 to 3. `no_ideas` counts 不知道 in a row, `redirects` lines
    that were no answer to the question that waits.
    """

    plan: Plan
    phase: Phase
    turns: tuple[Turn, ...]
    waiting: Asked | None
    depth: int = 2
    no_ideas: int = 0
    redirects: int = 0
    hints: int = 0
    paused_at: datetime | None = None
    paused_seconds: float = 0.0
    resumes: Phase = Phase.QUESTIONS

    @property
    def started_at(self) -> datetime:
        """When the interview began."""
        return self.turns[0].at

    def said(self) -> tuple[str, ...]:
        """Return everything the interviewer has said, oldest first."""
        return tuple(move.text for turn in self.turns for move in turn.moves)

    def asked_items(self) -> tuple[str, ...]:
        """Return the ids of the items whose main question was put, oldest first."""
        return tuple(
            move.asked.item_id
            for turn in self.turns
            for move in turn.moves
            if move.asked and move.act is Act.QUESTION
        )

    def exchanges(self, item_id: str) -> tuple[Turn, ...]:
        """Return the turns in which something was heard in answer to a question of this item."""
        return tuple(
            turn for turn in self.turns if turn.heard and turn.asked and turn.asked.item_id == item_id
        )
