"""The report as it is written: the same facts as Markdown, JSON, a page and lines, and nothing in it that runs."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, timedelta
from html.parser import HTMLParser
from math import cos, pi, sin
from pathlib import Path

import pytest

from assistant.events import Citation
from assistant.grading.types import Verdict
from assistant.interview import wording, writing
from assistant.interview.machine import advance, begin
from assistant.interview.radar import radar
from assistant.interview.report import Earlier, Report, Review, Signal, Word, report
from assistant.interview.types import Probe, Rung, TopicPlan
from assistant.language import Language
from corpus.types import Location, LocationKind
from tests.assistant.interview.answers import SimpleJudge
from tests.assistant.interview.plans import BEGAN, plan

NOTE = Citation(1, "Adam", ("Adam",), "/notes/my adam.md", Location(LocationKind.LINES, 3, 4), "一阶矩", "p")
GOLDEN = Path(__file__).with_name("report.md")
HOSTILE = "一阶矩和二阶矩 <script>alert(1)</script>\n# 不是标题"


def told(first: str = "一阶矩和二阶矩", second: str = "偏置校正") -> Report:
    """Return the report of two questions: one mended by a follow-up, one that was not known."""
    own = plan(questions=2)
    adam = own.topics[0]
    cited = tuple(replace(p, citation=NOTE) for p in adam.items[0].points)
    item = replace(adam.items[0], points=cited, citation=NOTE)
    cited_plan = replace(own, topics=(TopicPlan("Adam", "weak", (item,)), *own.topics[1:]))
    state, judge = begin(cited_plan, BEGAN)[0], SimpleJudge()
    at = BEGAN
    for line, seconds in ((first, 60), (second, 30), ("不知道", 20), ("不知道", 5), ("没有", 5)):
        at += timedelta(seconds=seconds)
        state, _ = advance(state, judge.heard(state, line), at)
    earlier = Earlier("01OLD", BEGAN - timedelta(days=3), Word.WEAK, (("Adam", Word.WEAK), ("LN", Word.GOOD)))
    return report(state, [earlier], [Review("BN", BEGAN + timedelta(days=1))])


def test_markdown_is_the_whole_report() -> None:
    assert writing.markdown(told(), UTC) == GOLDEN.read_text("utf-8")


def test_what_a_candidate_types_is_no_markup_in_markdown() -> None:
    written = writing.markdown(told(HOSTILE + "\n1. 一\n[x](javascript:y)"), UTC)
    said = [line for line in written.split("\n") if line.startswith(">")]
    assert said[:4] == [
        "> 一阶矩和二阶矩 &lt;script>alert(1)&lt;/script>",
        "> \\# 不是标题",
        "> 1\\. 一",
        "> [x]\\(javascript:y)",
    ]
    assert "<script" not in written


class Page(HTMLParser):
    """Reads a page: the tags with their attributes, and the text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data


def test_a_page_shows_what_was_typed_and_runs_and_loads_nothing() -> None:
    page = Page(writing.html(told(HOSTILE), UTC))
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"script", "img", "iframe", "link", "object", "a"}
    assert not [
        name for _, attrs in page.tags for name in attrs if name.startswith("on") or name in ("src", "href")
    ]
    policies = [
        attrs["content"] for tag, attrs in page.tags if attrs.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"]
    assert HOSTILE in page.words
    assert "/notes/my adam.md:3-4" in page.words


def test_a_page_markdown_and_the_terminal_tell_the_same() -> None:
    shown = told()
    page = Page(writing.html(shown, UTC)).words
    lines = "\n".join(text for text, _ in writing.lines(shown, UTC))
    for text in (
        "总体：一般", "证据不足", "《BN》均值和方差都是输入的函数所以有三条路径", "《BN》：2026 年 11 月 24 日",
        "追问（补充遗漏）：", "你说：「偏置校正」", "/notes/my adam.md:3-4", "《Adam》：薄弱 → 优秀", "没有用模型",
    ):  # fmt: skip
        assert text in page
        assert text in lines
        assert text in writing.markdown(shown, UTC)


def test_the_terminal_shows_levels_as_dots_and_not_knowing_as_none() -> None:
    lines = [text for text, _ in writing.lines(told(), UTC)]
    assert "●●○○ 一般 · 正确性" in lines
    assert "···· 证据不足 · 清晰度" in lines
    assert "●●●● 优秀 · Adam" in lines


def test_json_holds_all_there_is_and_no_decimals_for_levels() -> None:
    read = json.loads(json.dumps(writing.to_dict(told())))
    assert list(read) == [
        "interview", "profile", "language", "began", "seconds", "complete", "overall", "signals", "topics", "gaps",
        "misconceptions", "reviews", "earlier", "graded_by", "questions",
    ]  # fmt: skip
    assert read["signals"] == {
        "correctness": "mixed", "depth": "mixed", "clarity": "not_enough_evidence", "trade_offs": "not_enough_evidence",
    }  # fmt: skip
    assert read["topics"] == [{"topic": "Adam", "level": "excellent"}, {"topic": "BN", "level": "weak"}]
    first = read["questions"][0]
    assert [point["verdict"] for point in first["points"]] == ["hit", "hit"]
    assert (first["seconds"], first["citation"]["lines"]) == (90, [3, 4])
    assert [(e["probe"], e["answer"], e["seconds"]) for e in first["exchanges"]] == [
        (None, "一阶矩和二阶矩", 60),
        ("missing", "偏置校正", 30),
    ]
    assert [c["text"] for c in first["exchanges"][1]["changed"]] == ["偏置校正消除零初始化的影响"]
    assert not re.search(r"\d\.\d", json.dumps(read))


def test_a_contradiction_is_a_misconception_with_the_words_that_were_said() -> None:
    report = told("一阶矩和二阶矩，不是偏置校正", "就不是偏置校正")
    read = writing.to_dict(report)
    assert [gap["evidence"] for gap in read["misconceptions"]] == ["就不是偏置校正"]
    assert read["gaps"][0] == read["misconceptions"][0]
    written = writing.markdown(report, UTC)
    assert "✗ 偏置校正消除零初始化的影响（说反了，你说：「就不是偏置校正」）" in written
    assert "✗ 《Adam》偏置校正消除零初始化的影响" in written


def test_english_reports_are_english_around_what_was_said() -> None:
    written = writing.markdown(replace(told(), language="en"), UTC)
    around = re.sub(
        r"[“\"].*?[”\"]|^>.*$|^- .*$|^\*\*.*$|^###.*$|^A model answer.*$", "", written, flags=re.MULTILINE
    )
    assert not re.search(r"[\u4e00-\u9fff]", around)
    assert "Overall: mixed" in written
    assert "23 Nov 2026 09:00" in written
    assert "1 min 30 s" in written


def test_an_english_report_calls_topics_by_their_english_names() -> None:
    report = replace(told(), language="en")
    questions = tuple(
        replace(q, name={"BN": "batch normalization"}.get(q.topic, "")) for q in report.questions
    )
    written = writing.markdown(replace(report, questions=questions), UTC)
    assert "| Batch normalization | weak |" in written
    assert "- Batch normalization: 24 Nov 2026" in written
    assert "| Adam | excellent |" in written


def test_a_radar_has_its_corners_where_the_levels_are() -> None:
    chart = radar("t", [("a", 4), ("b", 2), ("c", 1), ("d", 3)], "?")
    area = re.search(r'class="area" points="([^"]+)"', chart)
    assert area
    corners = [tuple(map(float, corner.split(","))) for corner in area[1].split()]
    expected = [
        (220 + 92 * level / 4 * sin(n * pi / 2), 130 - 92 * level / 4 * cos(n * pi / 2))
        for n, level in enumerate((4, 2, 1, 3))
    ]
    assert corners == [pytest.approx(corner, abs=0.06) for corner in expected]


def test_what_is_not_known_is_no_corner_of_a_radar() -> None:
    chart = radar("t", [("a", 4), ("b", None), ("c", 1), ("d", 3)], "证据不足")
    area = re.search(r'class="area" points="([^"]+)"', chart)
    assert area
    assert len(area[1].split()) == 3
    assert chart.count("spoke unknown") == 1
    assert chart.count("证据不足") == 1
    assert radar("t", [("a", 4), ("b", 2)], "?") == ""


def test_labels_of_a_radar_are_escaped_and_short() -> None:
    chart = radar("<t>", [("<b>", 1), ("sigmoid 函数的优点和缺点，以及现在还用在哪里", 2), ("c", 3)], "?")
    assert "<b>" not in chart
    assert "&lt;b&gt;" in chart
    assert ">sigmoid 函数的优…<" in chart


def test_everything_that_can_be_told_has_a_name_of_its_own_in_both_languages() -> None:
    for kind in (Word, Signal, Rung, Probe):
        for language in Language:
            names = [wording.name(thing, language) for thing in kind]
            assert all(names)
            assert len(set(names)) == len(names)
    assert wording.name(Signal.DEPTH, Language.ZH) == "深度"
    assert wording.name(Probe.DEPTH, Language.ZH) == "深入"


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [
        (0, "0 秒", "0 s"),
        (59.6, "1 分", "1 min"),
        (80, "1 分 20 秒", "1 min 20 s"),
        (3720, "1 小时 2 分", "1 h 2 min"),
    ],
)
def test_times_are_told_as_they_are_said(seconds: float, zh: str, en: str) -> None:
    assert wording.duration(seconds, Language.ZH) == zh
    assert wording.duration(seconds, Language.EN) == en


def test_an_interview_without_answers_says_so() -> None:
    state, _ = advance(begin(plan(), BEGAN)[0], SimpleJudge().heard(begin(plan(), BEGAN)[0], "/end"), BEGAN)
    written = writing.markdown(report(state), UTC)
    assert "总体：证据不足" in written
    assert "没有可以判断的回答。" in written
    assert "没有回答。" in written
    assert Verdict.CONTRADICTED.value not in written
