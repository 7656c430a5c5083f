"""Progress on a terminal: overview and one topic. What is shown is decided elsewhere; here it gets its lines."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from rich.cells import cell_len, set_cell_size

from assistant.cli.rendering import Terminal, place
from assistant.grading.types import Verdict
from assistant.language import Language
from assistant.progress import drawing, wording
from assistant.progress.gathering import Point, Progress, WeakPoint
from assistant.progress.standing import Standing, SubjectStanding, TopicStanding
from assistant.review.card import study_day

#: Topics listed where not all are wanted, and how many of those may be ones that were never asked.
_ROWS, _FRESH = 15, 3
_STYLES = {
    Standing.CONTRADICTED: "yellow",
    Standing.WEAK: "yellow",
    Standing.DUE: "cyan",
    Standing.STRONG: "green",
    Standing.NEVER_ASKED: "dim",
    Standing.SUSPENDED: "dim",
}
#: The least cells that the first column of a table gets.
_LEAST = 12
_GAP = "  "


class ProgressView:
    """Shows `progress` on `terminal`."""

    def __init__(self, terminal: Terminal, progress: Progress) -> None:
        self._terminal = terminal
        self._progress = progress
        self._say = partial(_say, progress.language)

    def overview(self, *, every: bool = False) -> None:
        """Show the days, the weeks, the days ahead, the topics, and what to do next."""
        line, language = self._terminal.line, self._progress.language
        done, topics = self._progress.activity, self._progress.topics
        if not topics:
            line(self._say("no_notes"))
            return
        if not done.reviews:
            line(self._say("begin"))
            line(wording.kinds(list(topics), language), "dim")
            return
        line(wording.head(done, language), "bold")
        self._block(
            self._say("heat"),
            [
                *drawing.heat_map(
                    done, wording.weekdays(language), partial(wording.month, language=language)
                ),
                drawing.legend(),
            ],
        )
        self._block(self._say("curve"), drawing.curve(done.weeks) or [self._say("no_curve")])
        self._block(wording.ahead_title(language), drawing.columns(done.ahead, self._say("today")))
        line()
        self._topics(topics, every=every)
        line()
        line(wording.advice(topics, done, language)[0], "bold")
        if gaps := len(self._progress.gaps):
            line(self._say("gaps", count=gaps), "dim")

    def topic(self, topic: TopicStanding) -> None:
        """Show one topic: each group of its points, and what was not answered well with the lines of the note."""
        language, line = self._progress.language, self._terminal.line
        told = self._say(topic.standing.value)
        line(f"{wording.named(topic, language)} · {told}", "bold")
        line()
        self._table(
            self._say("part_columns").split("|"),
            [self._part(part) for part in topic.subjects],
            [part.standing for part in topic.subjects],
        )
        weak = self._progress.weak_points([topic])
        if weak:
            line()
            line(self._say("weak_points"), "bold")
        for point in weak:
            self._weak(point)

    def _weak(self, weak: WeakPoint) -> None:
        line = self._terminal.line
        line(self._say("asked", prompt=weak.prompt))
        words = " ".join(weak.answer.split())
        line(self._say("answered", answer=words) if words else self._say("no_answer"), "dim")
        for point in weak.points:
            where = place(point.citation.path, point.citation.location) if point.citation else ""
            self._terminal.entry(f"  {self._mark(point)} {point.text}", where)

    def _mark(self, point: Point) -> str:
        if point.verdict is None:
            return "·"
        is_reversed = point.verdict is Verdict.CONTRADICTED
        return self._say("contradicted_point" if is_reversed else point.verdict.value)

    def _block(self, title: str, lines: Sequence[str]) -> None:
        """Write a heading and lines that are not to be wrapped."""
        self._terminal.line()
        self._terminal.line(title, "bold")
        self._terminal.write("".join(f"{text}\n" for text in lines))

    def _topics(self, topics: Sequence[TopicStanding], *, every: bool) -> None:
        shown = list(topics) if every else _chosen(topics)
        self._table(
            self._say("columns").split("|"),
            [self._row(topic) for topic in shown],
            [topic.standing for topic in shown],
        )
        if rest := [topic for topic in topics if topic not in shown]:
            kinds = wording.kinds(rest, self._progress.language)
            self._terminal.line(self._say("more", count=len(rest), kinds=kinds), "dim")

    def _row(self, topic: TopicStanding) -> list[str]:
        name = wording.named(topic, self._progress.language)
        asked = f"{topic.met}/{len(topic.subjects)}"
        return [name, *self._cells(topic)[:2], asked, *self._cells(topic)[2:]]

    def _part(self, part: SubjectStanding) -> list[str]:
        return [part.subject.group or part.subject.demo, *self._cells(part)]

    def _cells(self, one: TopicStanding | SubjectStanding) -> list[str]:
        """Return standing, recall, answers, last and next, as they are shown."""
        language, today = self._progress.language, self._progress.activity.today
        last = study_day(one.last_seen, self._progress.zone) if one.last_seen else None
        return [
            self._say(one.standing.value),
            wording.percent(one.recall),
            str(one.answers),
            wording.ago(last, today, language),
            wording.coming(one.next_due, today, language),
        ]

    def _table(self, head: list[str], rows: list[list[str]], standings: Sequence[Standing]) -> None:
        """Write columns of even width; the first is cut where the terminal is narrow."""
        widths = [max(cell_len(row[n]) for row in (head, *rows)) for n in range(len(head))]
        if self._terminal.width:
            rest = sum(widths[1:]) + len(_GAP) * (len(head) - 1)
            widths[0] = min(widths[0], max(_LEAST, self._terminal.width - rest))
        for row, standing in ((head, None), *zip(rows, standings, strict=True)):
            first = _cut(row[0], widths[0])
            cells = [" " * (width - cell_len(cell)) + cell for cell, width in zip(row, widths, strict=True)][
                1:
            ]
            if standing in _STYLES:
                cells[0] = self._terminal.style(cells[0], _STYLES[standing])
            text = _GAP.join([first, *cells]).rstrip()
            self._terminal.write((self._terminal.style(text, "dim") if standing is None else text) + "\n")


def _say(language: Language, phrase: str, **values: object) -> str:
    return wording.say(phrase, language, **values)


def _chosen(topics: Sequence[TopicStanding]) -> list[TopicStanding]:
    """Return the topics to list: those that were asked before, and a few of the others, in the same order."""
    fresh = [topic for topic in topics if not topic.met]
    asked = [topic for topic in topics if topic.met][: _ROWS - min(len(fresh), _FRESH)]
    fresh = fresh[:_FRESH]
    return [topic for topic in topics if topic in asked or topic in fresh]


def _cut(text: str, width: int) -> str:
    """Return `text` in exactly `width` cells, with an ellipsis where it is longer."""
    return set_cell_size(text, width) if cell_len(text) <= width else set_cell_size(text, width - 1) + "…"
