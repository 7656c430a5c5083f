"""The engine: its order, its contract, that no text makes it raise, and what it says of real notes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.check.engine import GROUP, check_notes, rules
from corpus.check.findings import Edit, Finding
from corpus.plugins import items
from corpus.reading import read_notes
from corpus.types import Note, Syntax
from tests.conftest import ROOT
from tests.corpus.check.checking import findings, glossary

PIECES = st.sampled_from(
    [
        "# ",
        "## ",
        "\n",
        "\n\n",
        "```",
        "~~~",
        "$",
        "$$",
        "`",
        "\\[",
        "\\]",
        "![",
        "](",
        ")",
        "[1]:",
        "<img src='",
        "'>",
        "。。",
        ",,",
        "\u200b",
        "\ufeff",
        "⼤",
        "\ufffd",
        "如下图所示",
        "BN",
        "批归一化",
        "慢",
        "快",
        "CPU",
        "seperable",
        "cobv",
        "感受野是",
        "三个 3×3 卷积",
        "输出大小是",
        "https://",
        "http://[",
        "图",
        "|",
        "- ",
        "1. ",
        "---",
        "\r",
        "\x00",
        "\ud800",
        "损失函数下降得很快而且非常稳定所以训练可以更早地停止下来不再继续",
    ]
)
TEXTS = st.lists(st.one_of(PIECES, st.text(max_size=8)), max_size=40).map("".join)


@given(st.lists(TEXTS, min_size=1, max_size=3), st.sampled_from(Syntax))
@settings(max_examples=150, deadline=None)
def test_no_text_makes_a_rule_raise_and_every_finding_stands_in_its_file(
    texts: list[str], syntax: Syntax
) -> None:
    notes = [Note(Path(f"/n/{i}.md"), text, syntax=syntax) for i, text in enumerate(texts)]
    for found in check_notes(notes, glossary()):
        lines = texts[int(found.path.stem)].split("\n")
        first, last = found.lines
        assert 1 <= first <= last <= len(lines)
        assert 0 < found.confidence <= 1
        assert found.message
        assert found.hint
        if found.fix:
            assert lines[found.fix.line - 1].startswith(found.fix.old, found.fix.start)


def test_findings_come_file_by_file_and_from_top_to_bottom() -> None:
    found = findings("# 甲\n\n# 乙\n", "# 丙\n\n错字seperable在这里，，后面还有。\n\n# 丁\n")
    assert [(f.path.name, f.lines[0], f.rule) for f in found] == [
        ("note0.md", 1, "stub_topic"),
        ("note0.md", 3, "stub_topic"),
        ("note1.md", 3, "doubled_punctuation"),
        ("note1.md", 3, "misspelling"),
        ("note1.md", 5, "stub_topic"),
    ]


def test_a_finding_has_the_shape_of_the_contract() -> None:
    finding = Finding("r", Path("/n/a.md"), (2, 3), "m", "h", 0.5, Edit(2, 0, "a", "b"))
    assert json.loads(json.dumps(finding.to_dict())) == {
        "rule": "r",
        "path": "/n/a.md",
        "lines": [2, 3],
        "message": "m",
        "hint": "h",
        "confidence": 0.5,
    }


def test_every_rule_says_what_it_looks_for_and_names_its_findings_after_itself() -> None:
    assert set(rules()) == set(items(GROUP))
    assert len(rules()) == 14
    assert all(rule.RULE and "\n" not in rule.RULE for rule in rules().values())
    assert {f.rule for f in findings("# 甲\n", "# BN\n\n错seperable，，见下图。\n")} <= set(rules())


def test_the_shipped_notes_have_no_fault() -> None:
    notes = read_notes([ROOT / "corpus" / "notes"]).notes
    assert len(notes) >= 46
    assert check_notes(notes, glossary()) == ()


def test_the_seed_notes_have_exactly_these_faults(seed_notes: Path) -> None:
    found = check_notes(read_notes([seed_notes]).notes, glossary())
    places: dict[str, list[tuple[int, int]]] = {}
    for finding in found:
        places.setdefault(finding.rule, []).append(finding.lines)
    assert places == {
        "stub_topic": [(96, 96), (127, 130), (146, 146), (148, 150), (152, 155), (157, 159)],
        "repeated_topic": [(152, 155)],
        "pasted_text": [(115, 115)],
        "misspelling": [(26, 26), (72, 72), (73, 73), (116, 116)],
        "missing_figure": [(62, 62), (121, 121)],
        "contradicted_heading": [(92, 94)],
        "doubled_punctuation": [(35, 35), (84, 84)],
    }
    said = {finding.lines[0]: finding.message for finding in found if finding.rule == "misspelling"}
    for line, term in {26: "separable", 72: "Normalization", 73: "adaptation", 116: "conv"}.items():
        assert f"“{term}”" in said[line]
    (pasted,) = [finding for finding in found if finding.rule == "pasted_text"]
    assert ":107" in pasted.message


@pytest.mark.parametrize("text", ["", "\n", "   \n\n", "\ufeff"])
def test_a_blank_note_has_no_fault_but_its_characters(text: str) -> None:
    assert {f.rule for f in findings(text)} <= {"suspicious_character"}
