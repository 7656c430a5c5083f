"""Today's list: what comes first, what is left out, what stands beside what, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.review.card import Card
from assistant.review.horizon import Horizon
from assistant.review.session import Fault, Item, Pace, State, Today, Why, today, together
from tests.assistant.review.making import NOON, at, card, item, subject

TOPICS = ("BN", "LN", "Adam", "ResNet", "IoU")
DAY = date(2026, 3, 1)


def state(*cards: Card, new: tuple[str, ...] = (), **rest: object) -> State:
    """Return a state that holds these cards and, without cards, `new` topics."""
    subjects = [*(subject(c.topic, c.group) for c in cards), *map(subject, new)]
    made = State(subjects, {c.subject: c for c in cards})
    return replace(made, **rest)  # type: ignore[arg-type]


def listed(given: State, minutes: float = 60, seed: int = 0, **options: int) -> Today:
    return today(given, NOON, minutes, Random(seed), zone=UTC, **options)


def told(found: Today) -> list[tuple[str, str]]:
    return [(one.subject.topic, one.why.value) for one in found.items]


def test_the_least_likely_to_be_recalled_comes_first() -> None:
    solid, shaky = card("BN", due=-9, seen=-30, stability=60), card("LN", due=-1, seen=-20, stability=3)
    found = listed(state(solid, shaky))
    assert told(found) == [("LN", "due"), ("BN", "due")]
    assert [one.days for one in found.items] == [1, 9]


def test_what_is_due_later_the_same_day_is_due_and_what_is_due_tomorrow_is_not() -> None:
    found = listed(state(card("BN", due=0.4), card("LN", due=1)))
    assert told(found) == [("BN", "due")]
    assert found.next_due == DAY + timedelta(days=1)


def test_due_comes_before_weak_before_gap_before_new() -> None:
    cards = (card("BN", due=0), card("LN", due=9, seen=-3), card("Adam", due=9, seen=-3))
    keys = {c.topic: c.subject for c in cards}
    given_state = state(
        *cards,
        new=("ResNet", "IoU"),
        faults={
            keys["LN"]: Fault(DAY - timedelta(days=3), 0.4),
            keys["Adam"]: Fault(DAY - timedelta(days=3), 0.1, is_contradicted=True),
        },
        gaps={subject("IoU").key: "GIoU 是什么？"},
    )
    assert told(listed(given_state)) == [
        ("BN", "due"), ("Adam", "contradicted"), ("LN", "weak"), ("IoU", "gap"), ("ResNet", "new"),
    ]  # fmt: skip
    assert listed(given_state).items[3].question == "GIoU 是什么？"


def test_a_fault_of_yesterday_rests_and_one_that_was_seen_today_is_done() -> None:
    rests, seen = card("BN", due=9, seen=-1), card("LN", due=9, seen=-0.1)
    faults = {
        rests.subject: Fault(DAY - timedelta(days=1), 0.0),
        seen.subject: Fault(DAY - timedelta(days=5), 0.0),
    }
    assert told(listed(state(rests, seen, faults=faults))) == []


def test_new_subjects_are_bounded_by_the_day_and_by_those_that_were_new_today() -> None:
    many = tuple(f"topic {n}" for n in range(30))
    assert len(listed(state(new=many), new_a_day=8).items) == 8
    assert len(listed(state(new=many, introduced=5), new_a_day=8).items) == 3
    assert len(listed(state(new=many, introduced=9), new_a_day=8).items) == 0


def test_before_an_interview_more_is_new_each_day_so_that_all_is_met() -> None:
    many = tuple(f"topic {n}" for n in range(60))
    horizon = Horizon(DAY + timedelta(days=8), last=3)
    assert len(listed(state(new=many, horizon=horizon), minutes=600, new_a_day=8).items) == 12


def test_new_subjects_go_through_the_topics_before_they_go_into_depth() -> None:
    subjects = [subject(topic, group) for topic in TOPICS for group in ("优点", "缺点")]
    found = listed(State(subjects, {}))
    assert {one.subject.topic for one in found.items[:5]} == set(TOPICS)
    assert [one.subject.group for one in found.items] == ["优点"] * 5 + ["缺点"] * 3


def test_what_does_not_fit_into_the_time_is_counted() -> None:
    cards = [card(topic, due=0) for topic in TOPICS]
    found = listed(state(*cards, new=("x", "y")), minutes=4)
    assert len(found.items) == 3  # 90 + 90 seconds, and a new one of 60
    assert found.left == {Why.DUE: 3, Why.NEW: 1}
    assert found.seconds == 240.0


def test_one_item_comes_however_short_the_time() -> None:
    assert len(listed(state(card("BN", due=0)), minutes=0.1).items) == 1


def test_times_are_those_of_the_pace() -> None:
    weak = card("LN", due=0)
    faults = {weak.subject: Fault(DAY, 0.0)}
    found = listed(state(card("BN", due=-1), weak, faults=faults, pace=Pace(open=40, quick=12)))
    assert {one.subject.topic: (one.seconds, one.quick) for one in found.items} == {
        "BN": (40, False),
        "LN": (26, True),
    }


def test_suspended_cards_and_cards_of_notes_that_are_gone_do_not_come() -> None:
    suspended = replace(card("BN", due=0), suspended_at=NOON)
    gone = card("LN", due=0)
    assert told(listed(State([subject("BN")], {c.subject: c for c in (suspended, gone)}))) == []


def test_a_last_look_before_the_interview_says_so() -> None:
    horizon = Horizon(DAY + timedelta(days=1), last=1)
    found = listed(state(card("BN", due=30, seen=-5), horizon=horizon))
    assert told(found) == [("BN", "last_look")]


def test_a_card_reviewed_in_the_future_is_asked_and_says_why() -> None:
    assert told(listed(state(card("BN", due=500, seen=450)))) == [("BN", "clock")]


def test_topics_that_are_easily_confused_stand_side_by_side() -> None:
    alike = {"BN": frozenset({"LN"}), "LN": frozenset({"BN"})}
    order = together([item("BN", "a"), item("Adam"), item("LN", "a"), item("BN", "b")], alike)
    assert [(one.subject.topic, one.beside and one.beside.topic) for one in order] == [
        ("BN", None),
        ("LN", "BN"),
        ("Adam", None),
        ("BN", None),
    ]


def test_topics_that_look_unlike_are_left_in_their_order() -> None:
    items = tuple(item(topic) for topic in TOPICS)
    assert together(items, {}) == items


def test_what_is_confused_with_what_is_due_is_new_first() -> None:
    alike = {"LN": frozenset({"BN"}), "BN": frozenset({"LN"})}
    for seed in range(5):
        found = listed(state(card("BN", due=0), new=("x", "y", "LN", "z"), alike=alike), seed=seed)
        assert told(found)[:2] == [("BN", "due"), ("LN", "new")]


CARDS = st.builds(
    card,
    st.sampled_from(TOPICS),
    st.sampled_from("abcd"),
    due=st.floats(-30, 30),
    seen=st.floats(-60, -31),
    stability=st.floats(0.1, 90),
)


@settings(max_examples=40)
@given(st.lists(CARDS, max_size=12, unique_by=lambda c: c.subject), st.floats(1, 40), st.integers(0, 99))
def test_every_list_holds_each_subject_once_within_the_time_and_is_repeatable(
    cards: list[Card], minutes: float, seed: int
) -> None:
    given_state = state(*cards, new=("x", "y", "z"))
    found = listed(given_state, minutes, seed)
    keys = [one.subject.key for one in found.items]
    assert len(keys) == len(set(keys))
    assert found.seconds <= 60 * minutes or len(keys) == 1
    due = [c for c in cards if c.due < at(0.66)]  # before four in the morning
    assert len(keys) + sum(found.left.values()) == len(due) + 3
    assert found == listed(given_state, minutes, seed)


@given(
    st.lists(st.sampled_from(TOPICS), max_size=9),
    st.dictionaries(st.sampled_from(TOPICS), st.frozensets(st.sampled_from(TOPICS)), max_size=5),
)
def test_putting_together_loses_nothing(topics: list[str], alike: dict[str, frozenset[str]]) -> None:
    items = [item(topic, str(n)) for n, topic in enumerate(topics)]

    def plain(some: tuple[Item, ...] | list[Item]) -> list[str]:
        return sorted(one.subject.key for one in some)

    assert plain(together(items, alike)) == plain(items)
