"""How each topic stands, from its cards and the answers given. Pure: what is known and the moment are arguments.

Nothing here is a mark. A topic is strong only where everything the notes hold of it was asked and is kept for a week;
who answered one question of eight right has begun it, no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from enum import StrEnum
from statistics import fmean

from assistant.grading.grader import same_title
from assistant.grading.types import Level
from assistant.review.card import Card, study_day
from assistant.review.horizon import Horizon, due_day
from assistant.review.scheduling import retrievability
from assistant.review.session import Subject

#: Days until recall falls to 90 %, from which on something is kept.
KEPT_DAYS = 7.0
#: A partly right answer below this score is weak; the same bound as that of today's list.
_POOR = 0.5
#: So many right answers in a row undo what was said the wrong way round before them.
_UNLEARNED = 2
#: So many contradictions that still stand are no slip of the tongue.
_TWICE = 2


class Standing(StrEnum):
    """How a topic stands, in the order in which something is to be done about it."""

    CONTRADICTED = "contradicted"
    WEAK = "weak"
    DUE = "due"
    NEVER_ASKED = "never_asked"
    LEARNING = "learning"
    STRONG = "strong"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class Given:
    """One answer, without its words: what it was about, when, how good, and whether it contradicted the notes."""

    subject: str
    topic: str
    at: datetime
    level: Level
    score: float
    is_contradicted: bool = False

    @property
    def is_weak(self) -> bool:
        """Whether it was wrong, poor, or the opposite of the notes."""
        is_poor = self.level is Level.PARTIAL and self.score < _POOR
        return self.level is Level.WRONG or self.is_contradicted or is_poor


@dataclass(frozen=True, slots=True)
class SubjectStanding:
    """How one subject of a topic stands. `recall` is the chance in 0..1 that it is known now, None if never asked.

    `contradictions` counts the answers that said its opposite and were not made good since.
    """

    subject: Subject
    standing: Standing
    answers: int = 0
    contradictions: int = 0
    recall: float | None = None
    last_seen: datetime | None = None
    next_due: date | None = None

    @property
    def is_shaky(self) -> bool:
        """Whether there is something in it to read again: it is weak, or its opposite was said."""
        return self.standing in (Standing.CONTRADICTED, Standing.WEAK) or self.contradictions > 0


@dataclass(frozen=True, slots=True)
class TopicStanding:
    """How a topic stands: the worst of its subjects, and what they add up to.

    `met` of all subjects were asked before. `recall` is the mean over those, `next_due` the first of them. `gaps`
    counts the questions nearest to the topic that the notes do not cover.
    """

    topic: str
    english: str
    standing: Standing
    subjects: tuple[SubjectStanding, ...]
    gaps: int = 0

    @property
    def met(self) -> int:
        """How many of its subjects were asked before."""
        return sum(one.last_seen is not None for one in self.subjects)

    @property
    def answers(self) -> int:
        """How many answers were given."""
        return sum(one.answers for one in self.subjects)

    @property
    def contradictions(self) -> int:
        """How many answers said the opposite of the notes and were not made good since."""
        return sum(one.contradictions for one in self.subjects if one.standing is not Standing.SUSPENDED)

    @property
    def recall(self) -> float | None:
        """The mean chance that what was asked before is known now."""
        known = [one.recall for one in self.subjects if one.recall is not None]
        return fmean(known) if known else None

    @property
    def last_seen(self) -> datetime | None:
        """When it was asked last."""
        return max((one.last_seen for one in self.subjects if one.last_seen), default=None)

    @property
    def next_due(self) -> date | None:
        """The day on which something of it comes again."""
        return min((one.next_due for one in self.subjects if one.next_due), default=None)


def standings(
    subjects: Sequence[Subject],
    cards: Mapping[str, Card],
    answers: Iterable[Given],
    gaps: Mapping[str, int],
    now: datetime,
    *,
    horizon: Horizon | None = None,
    zone: tzinfo | None = None,
) -> tuple[TopicStanding, ...]:
    """Return how each topic stands at `now`, the one to do something about first.

    `answers` are oldest first, without those that were taken back; `gaps` counts questions by the title nearest.
    """
    given: dict[str, list[Given]] = {}
    for answer in answers:
        given.setdefault(answer.subject, []).append(answer)
    asked_about = {same_title(title): count for title, count in gaps.items()}
    by_topic: dict[str, list[Subject]] = {}
    for subject in subjects:
        by_topic.setdefault(same_title(subject.topic), []).append(subject)
    found = []
    for key, parts in by_topic.items():
        each = tuple(
            _subject(part, cards.get(part.key), given.get(part.key, ()), now, horizon, zone) for part in parts
        )
        title, english = parts[0].topic, parts[0].english
        found.append(TopicStanding(title, english, _together(each), each, asked_about.get(key, 0)))
    return tuple(sorted(found, key=_urgency))


def _subject(
    subject: Subject,
    card: Card | None,
    given: Sequence[Given],
    now: datetime,
    horizon: Horizon | None,
    zone: tzinfo | None,
) -> SubjectStanding:
    contradictions = standing_contradictions(given)
    if card is not None and card.suspended_at is not None:
        return SubjectStanding(
            subject, Standing.SUSPENDED, len(given), contradictions, last_seen=card.last_review
        )
    if card is None or card.last_review is None:
        return SubjectStanding(subject, Standing.NEVER_ASKED, len(given), contradictions)
    today = study_day(now, zone)
    due = due_day(card, today, horizon, zone)
    if contradictions >= _TWICE:
        standing = Standing.CONTRADICTED
    elif given and given[-1].is_weak:
        standing = Standing.WEAK
    elif due <= today:
        standing = Standing.DUE
    else:
        kept = card.stability is not None and card.stability >= KEPT_DAYS
        standing = Standing.STRONG if kept else Standing.LEARNING
    recall = retrievability(card, now)
    return SubjectStanding(subject, standing, len(given), contradictions, recall, card.last_review, due)


def standing_contradictions(given: Iterable[Given]) -> int:
    """Return how many of the answers to one subject said the opposite of the notes and stand uncorrected.

    Two right answers in a row undo what was before them; one may be luck.
    """
    count = right = 0
    for answer in given:
        count += answer.is_contradicted
        right = right + 1 if answer.level is Level.CORRECT and not answer.is_contradicted else 0
        if right >= _UNLEARNED:
            count = 0
    return count


def _together(parts: Sequence[SubjectStanding]) -> Standing:
    """Return how a topic stands by its subjects: the most urgent decides, and strong takes all of them."""
    active = [part for part in parts if part.standing is not Standing.SUSPENDED]
    if not active:
        return Standing.SUSPENDED
    # What is suspended is not asked, so nothing could ever make good what was said of it.
    if sum(part.contradictions for part in active) >= _TWICE:
        return Standing.CONTRADICTED
    kinds = {part.standing for part in active}
    for urgent in (Standing.WEAK, Standing.DUE):
        if urgent in kinds:
            return urgent
    return kinds.pop() if len(kinds) == 1 else Standing.LEARNING


def _urgency(topic: TopicStanding) -> tuple[int, float, date]:
    """Return what orders topics; those that are equal stay in the order of the notes."""
    order = list(Standing).index(topic.standing)
    if topic.standing is Standing.CONTRADICTED:
        return order, -topic.contradictions, date.max
    if topic.standing is Standing.NEVER_ASKED:
        return order, -topic.gaps, date.max
    if topic.standing in (Standing.WEAK, Standing.DUE):
        return order, 1.0 if topic.recall is None else topic.recall, date.max
    return order, 0.0, topic.next_due or date.max
