"""Today's list: what is asked, in which order and why. Pure: the cards, the day, the time and chance are arguments.

What is due comes first, the least likely to be recalled before the others; then what went wrong although it is not
due, then what was asked about and is not in the notes, then what is new, a few a day. Topics that are easily
confused stand next to each other on purpose, since telling them apart is what is to be learned (interleaving helps
where things look alike: Rohrer 2012, Interleaving Helps Students Distinguish among Similar Concepts). The others are
not mixed for the sake of mixing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date, datetime, tzinfo
from enum import StrEnum
from math import ceil
from random import Random

from assistant.language import Language
from assistant.review.card import Card, new_card, study_day
from assistant.review.horizon import Horizon, due_day
from assistant.review.scheduling import retrievability

#: New subjects a day, where no interview wants more.
NEW_A_DAY = 8
#: A fault is asked about again from the second day on; sooner, one remembers the correction and not the thing.
_FAULT_RESTS = 2


@dataclass(frozen=True, slots=True)
class Subject:
    """What a card can be about: the `group` of points of a topic, or with a `demo` the skill that its drill trains.

    `languages` are those that the notes say it in; `english` is the topic's English title where the note has one.
    """

    key: str
    topic: str
    group: str
    demo: str = ""
    languages: frozenset[Language] = frozenset(Language)
    english: str = ""


class Why(StrEnum):
    """The reason why something is asked today."""

    DUE = "due"
    LAST_LOOK = "last_look"
    CLOCK = "clock"
    WEAK = "weak"
    CONTRADICTED = "contradicted"
    GAP = "gap"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Fault:
    """A latest answer that was not good enough."""

    on: date
    score: float
    is_contradicted: bool = False


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds that an answer takes: a free one, and one that is only chosen or filled in."""

    open: float = 90.0
    quick: float = 30.0

    @property
    def mixed(self) -> float:
        """Seconds where a quick question is wanted: not every note gives one."""
        return (self.open + self.quick) / 2


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to be asked today. `days` it is overdue; `question` that was asked about a gap.

    `beside` is what was asked just before, where this is easily confused with it. A `quick` item is asked as a
    choice or a gap: what is new or was wrong is better recognised first than failed again.
    """

    subject: Subject
    card: Card
    why: Why
    seconds: float
    days: int = 0
    question: str = ""
    beside: Subject | None = None
    quick: bool = False


@dataclass(frozen=True, slots=True)
class Today:
    """The list of a day, and how much of each kind did not fit into the time."""

    day: date
    items: tuple[Item, ...]
    left: Mapping[Why, int] = field(default_factory=dict)
    next_due: date | None = None

    @property
    def seconds(self) -> float:
        """How long the list takes."""
        return sum(item.seconds for item in self.items)


@dataclass(frozen=True, slots=True)
class State:
    """All that the choice depends on besides time and chance.

    `gaps` are questions that the notes do not cover, by the subject nearest to them; `alike` are the topics that are
    easily confused, by topic. `introduced` counts the new subjects of this day.
    """

    subjects: Sequence[Subject]
    cards: Mapping[str, Card]
    faults: Mapping[str, Fault] = field(default_factory=dict)
    gaps: Mapping[str, str] = field(default_factory=dict)
    alike: Mapping[str, AbstractSet[str]] = field(default_factory=dict)
    horizon: Horizon | None = None
    introduced: int = 0
    pace: Pace = Pace()


def today(
    state: State,
    now: datetime,
    minutes: float,
    chance: Random,
    *,
    new_a_day: int = NEW_A_DAY,
    zone: tzinfo | None = None,
) -> Today:
    """Return what to review at `now` within `minutes`; one item at least, if anything is to be asked at all."""
    day = study_day(now, zone)
    wanted = list(_wanted(state, now, day, chance, new_a_day, zone))
    taken: list[Item] = []
    left: dict[Why, int] = {}
    seconds = 0.0
    for item in wanted:
        if taken and seconds + item.seconds > 60 * minutes:
            left[item.why] = left.get(item.why, 0) + 1
            continue
        taken.append(item)
        seconds += item.seconds
    days = [due_day(card, day, state.horizon, zone) for card in _live(state) if not card.is_new]
    return Today(day, together(taken, state.alike), left, min((d for d in days if d > day), default=None))


def _wanted(
    state: State, now: datetime, day: date, chance: Random, new_a_day: int, zone: tzinfo | None
) -> Iterable[Item]:
    """Yield every item that is worth asking, the most pressing first, each subject once."""
    by_key = {subject.key: subject for subject in state.subjects}
    live = [card for card in _live(state) if not card.is_new]
    due = [card for card in live if due_day(card, day, state.horizon, zone) <= day]
    taken: set[str] = set()
    for card in sorted(due, key=lambda c: (retrievability(c, now), c.due, c.subject)):
        taken.add(card.subject)
        yield _due(state, by_key[card.subject], card, day, zone)
    weak = [c for c in live if c.subject in state.faults and c.subject not in taken]
    for card in sorted(weak, key=lambda c: (state.faults[c.subject].score, c.subject)):
        fault = state.faults[card.subject]
        assert card.last_review is not None
        seen = study_day(card.last_review, zone)
        if (day - fault.on).days >= _FAULT_RESTS and seen < day:
            taken.add(card.subject)
            why = Why.CONTRADICTED if fault.is_contradicted else Why.WEAK
            yield _item(state, by_key[card.subject], card, why)
    for key, question in state.gaps.items():
        known = state.cards.get(key)
        rests = known is not None and (known.suspended_at is not None or _seen(known, day, zone))
        if key in by_key and key not in taken and not rests:
            taken.add(key)
            yield replace(_item(state, by_key[key], known, Why.GAP, now), question=question)
    fresh = [s for s in state.subjects if s.key not in taken and _is_new(state.cards.get(s.key))]
    bound = max(0, max(new_a_day, _wanted_a_day(fresh, state, day)) - state.introduced)
    near = {by_key[card.subject].topic for card in due}
    for subject in _by_breadth(fresh, state, near, chance)[:bound]:
        yield _item(state, subject, state.cards.get(subject.key), Why.NEW, now)


def together(items: Sequence[Item], alike: Mapping[str, AbstractSet[str]]) -> tuple[Item, ...]:
    """Return the items in their order, but what is easily confused with an item directly behind it.

    Pairs, not chains: a chain of seven norms would keep what is due waiting behind what is new.
    """
    waiting, ordered = list(items), []
    before: Subject | None = None
    while waiting:
        near = [
            i
            for i, item in enumerate(waiting)
            if before and item.subject.topic in alike.get(before.topic, ())
        ]
        item = waiting.pop(near[0] if near else 0)
        ordered.append(replace(item, beside=before) if near else item)
        before = None if near else item.subject
    return tuple(ordered)


def _live(state: State) -> list[Card]:
    """Return the cards in use: not suspended, and about something that the notes still hold."""
    keys = {subject.key for subject in state.subjects}
    return [card for card in state.cards.values() if card.subject in keys and card.suspended_at is None]


def _is_new(card: Card | None) -> bool:
    return card is None or (card.is_new and card.suspended_at is None)


def _seen(card: Card, day: date, zone: tzinfo | None) -> bool:
    return card.last_review is not None and study_day(card.last_review, zone) >= day


def _due(state: State, subject: Subject, card: Card, day: date, zone: tzinfo | None) -> Item:
    assert card.last_review is not None
    item = _item(state, subject, card, Why.DUE)
    if study_day(card.last_review, zone) > day:
        return replace(item, why=Why.CLOCK)
    if (due := study_day(card.due, zone)) > day:
        return replace(item, why=Why.LAST_LOOK)
    return replace(item, days=(day - due).days)


def _item(state: State, subject: Subject, card: Card | None, why: Why, now: datetime | None = None) -> Item:
    if card is None:
        assert now is not None
        card = new_card(subject.key, subject.topic, subject.group, now)
    quick = not subject.demo and (card.is_new or subject.key in state.faults)
    return Item(subject, card, why, state.pace.mixed if quick else state.pace.open, quick=quick)


def _wanted_a_day(fresh: Sequence[Subject], state: State, day: date) -> int:
    """Return how many new subjects a day it takes to have met all of them when the last looks begin."""
    if state.horizon is None or day >= state.horizon.on:
        return 0
    return ceil((len(fresh) + state.introduced) / max(1, (state.horizon.first_look - day).days))


def _by_breadth(
    fresh: Sequence[Subject], state: State, near: AbstractSet[str], chance: Random
) -> list[Subject]:
    """Return new subjects: first one of each topic, those easily confused with what is due (`near`) in front."""
    topics = list(dict.fromkeys(subject.topic for subject in fresh))
    chance.shuffle(topics)
    place = {topic: n for n, topic in enumerate(topics)}
    depth: dict[str, int] = {}
    ranked = []
    for subject in fresh:
        n = depth[subject.topic] = depth.get(subject.topic, -1) + 1
        is_near = any(topic in near for topic in state.alike.get(subject.topic, ()))
        ranked.append((n, not is_near, place[subject.topic], subject))
    return [subject for *_, subject in sorted(ranked, key=lambda rank: rank[:3])]
