"""Days of study over changes of the clocks, streaks without favours, shares recalled, and what comes when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from assistant.grading.types import Level
from assistant.language import Language
from assistant.progress import drawing, wording
from assistant.progress.activity import AHEAD, WEEKS, Week, activity, streak
from assistant.review.card import Help, Review
from tests.assistant.review.making import NOON, at, card

TODAY = NOON.date()
NEW_YORK, SHANGHAI = ZoneInfo("America/New_York"), ZoneInfo("Asia/Shanghai")


def review(
    moment: datetime, subject: str = "BN", rating: int = 3, *, key: str = "k", undone: bool = False
) -> Review:
    return Review(
        subject, rating, Level.CORRECT, 1.0, Help.NONE, False, 1000, moment, "q", key, NOON if undone else None
    )  # fmt: skip


def days(*offsets: int) -> list[date]:
    return [TODAY + timedelta(days=n) for n in offsets]


@pytest.mark.parametrize(
    ("offsets", "expected"),
    [
        ((), (0, 0, False)),
        ((0,), (1, 1, True)),
        ((-1,), (1, 1, False)),
        ((-2,), (0, 1, False)),
        ((0, -1, -3, -4, -5), (2, 3, True)),
        ((1, 2, 3), (0, 0, False)),
    ],
)
def test_a_streak_ends_today_or_yesterday_and_forgives_no_day(
    offsets: tuple[int, ...], expected: tuple[int, int, bool]
) -> None:
    found = streak(days(*offsets), TODAY)
    assert (found.current, found.longest, found.is_today_done) == expected


@given(st.sets(st.integers(-30, 0)))
@settings(max_examples=40)
def test_streaks_are_what_counting_day_by_day_gives(offsets: set[int]) -> None:
    marks = "".join("x" if -n in offsets else " " for n in range(30, -1, -1))
    found = streak(days(*offsets), TODAY)
    assert found.longest == max(map(len, marks.split()), default=0)
    run = marks.removesuffix(" ") if marks.endswith(" ") else marks
    assert found.current == len(run) - len(run.rstrip("x"))


@pytest.mark.parametrize(
    ("zone", "moments"),
    [
        # The night of the change has 23 hours in spring and 25 in autumn; midnight to four is the day before.
        (NEW_YORK, ["2026-03-07T23:30", "2026-03-08T23:30", "2026-03-10T03:59"]),
        (NEW_YORK, ["2026-10-31T12:00", "2026-11-02T01:30", "2026-11-02T23:59"]),
        (SHANGHAI, ["2026-05-01T05:00", "2026-05-03T03:00", "2026-05-04T00:30"]),
    ],
)
def test_one_review_on_each_of_three_days_is_three_days_wherever_one_lives(
    zone: ZoneInfo, moments: list[str]
) -> None:
    at_home = [datetime.fromisoformat(moment).replace(tzinfo=zone) for moment in moments]
    log = [review(moment.astimezone(UTC)) for moment in at_home]
    done = activity(log, [], at_home[-1].astimezone(UTC), zone=zone)
    assert (done.streak.current, sorted(done.days.values())) == (3, [1, 1, 1])


def test_only_what_was_asked_again_and_not_taken_back_tells_what_was_recalled() -> None:
    log = [
        review(at(-14), "a", 1),
        review(at(-7), "a", 1),
        review(at(-7), "a", 1, undone=True),
        review(at(-6.9), "a", 2),
        review(at(-6.8), "a", 1, key="interview"),
        review(at(0), "b", 1),
        review(at(0), "a", 4),
    ]
    done = activity(log, [], NOON, selected=["interview"])
    assert done.reviews == 6
    monday = date(2026, 2, 23)  # NOON is the Sunday of that week
    assert [
        (week.first, week.reviews, week.again, week.recalled, week.share) for week in done.weeks[-3:]
    ] == [
        (monday - timedelta(days=14), 1, 0, 0, None),
        (monday - timedelta(days=7), 3, 2, 1, 0.5),
        (monday, 2, 1, 1, 1.0),
    ]
    assert len(done.weeks) == WEEKS


def test_what_is_overdue_comes_today_and_what_is_suspended_or_new_not_at_all() -> None:
    cards = [
        card("a", due=-9),
        card("b", due=0),
        card("c", due=3),
        card("d", due=AHEAD - 1, seen=-1),
        card("e", due=AHEAD, seen=-1),
        replace(card("f", due=0), suspended_at=NOON),
        replace(card("g", due=0), last_review=None),
    ]
    ahead = activity([], cards, NOON).ahead
    assert [(day, count) for day, count in ahead if count] == [
        (TODAY, 2),
        (TODAY + timedelta(days=3), 1),
        (TODAY + timedelta(days=AHEAD - 1), 1),
    ]
    assert len(ahead) == AHEAD


def drawn(log: Iterable[Review], language: Language) -> list[str]:
    done = activity(log, [], NOON, zone=UTC)
    lines = drawing.heat_map(done, wording.weekdays(language), lambda day: wording.month(day, language))
    return [*lines, drawing.legend(), *drawing.curve(done.weeks), *drawing.columns(done.ahead, "今天")]


def test_the_heat_map_has_a_column_a_week_and_a_shade_by_how_much_was_done() -> None:
    log = [review(at(0))] * 4 + [review(at(-1))] * 5 + [review(at(-2))] * 10 + [review(at(-7 * 11))] * 20
    assert drawn(log, Language.ZH)[:8] == [
        "    12月        1月         2月",
        "一  ·· ·· ·· ·· ·· ·· ·· ·· ·· ·· ·· ··",
        "二  ·· ·· ·· ·· ·· ·· ·· ·· ·· ·· ·· ··",
        "三  ·· ·· ·· ·· ·· ·· ·· ·· ·· ·· ·· ··",
        "四  ·· ·· ·· ·· ·· ·· ·· ·· ·· ·· ·· ··",
        "五  ·· ·· ·· ·· ·· ·· ·· ·· ·· ·· ·· ▓▓",
        "六  ·· ·· ·· ·· ·· ·· ·· ·· ·· ·· ·· ▒▒",
        "日  ██ ·· ·· ·· ·· ·· ·· ·· ·· ·· ·· ░░",
    ]


def test_days_to_come_are_blank_and_every_line_fits_a_narrow_terminal() -> None:
    monday = activity([], [], NOON - timedelta(days=6), zone=UTC)
    lines = drawing.heat_map(
        monday, wording.weekdays(Language.EN), lambda day: wording.month(day, Language.EN)
    )
    assert lines[1].count("··") == WEEKS
    assert lines[2].count("··") == WEEKS - 1
    for language in Language:
        assert max(map(cell_len, drawn([review(at(-n)) for n in range(84)], language))) <= 60


def test_bars_and_columns_are_as_long_as_their_numbers() -> None:
    assert drawing.curve([Week(TODAY, 9, 8, 6), Week(TODAY, 3, 0, 0)]) == [
        "03-01  ███████████████░░░░░   75%  6/8"
    ]
    ahead = [(TODAY, 8), (TODAY + timedelta(days=1), 1), (TODAY + timedelta(days=2), 0)]
    assert drawing.columns(ahead, "今天") == ["  ██  ▁▁", "   8   1   ·", "今天   2   3"]
    assert drawing.columns([(TODAY, 0)], "now") == ["", "   ·", " now"]
