"""The shipped notes: their shape, both languages, and every figure of their worked examples computed again.

A figure in backticks is the demo's that is named before it on its line; all others are recomputed here. The
arithmetic of the examples is in `note_examples`, one module per group of notes. The reader of notes is
tested elsewhere.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from assistant.demo_kit import registry
from tests.corpus.note_examples import (
    architectures,
    convolution,
    detection,
    foundations,
    normalization,
    training,
)

ROOT = Path(__file__).resolve().parents[2]
KEYS = {"title", "title_en", "aliases", "questions", "demos", "related", "sources"}
SECTIONS = ["一句话回答", "推理过程", "算一个例子", "常见错误", "追问", "要点"]
LADDER = ["是什么", "为什么", "怎么算", "有何区别", "何时失效", "怎么改进", "项目里怎么用"]
CJK = re.compile(r"[\u4e00-\u9fff]")
NUMBER = re.compile(r"(?<![A-Za-z\d.\-])-?\d+(?:\.\d+)?(?:e-\d+)?")
CODE = re.compile(r"`([^`]+)`")
FIGURE = re.compile(r"([\w.\[\]-]+) = (.+)")
STEP = re.compile(r"\[(-?\d+)\]|([^.\[\]]+)")
DANGLING = re.compile(r"(它|这|其|该|前者|后者|It\b|This\b|They\b|These\b)")


@dataclass(frozen=True, slots=True)
class Shipped:
    """A shipped note as these tests see it; section bodies are NFKC-folded, so `,` stands for both commas."""

    stem: str
    lines: int
    front: dict[str, Any]
    sections: dict[str, str]


def read(path: Path) -> Shipped:
    text = path.read_text(encoding="utf-8")
    _, front, body = text.split("---\n", 2)
    parts = re.split(r"^## (.+)\n", unicodedata.normalize("NFKC", body), flags=re.MULTILINE)
    return Shipped(
        path.stem, text.count("\n"), yaml.safe_load(front), dict(zip(parts[1::2], parts[2::2], strict=True))
    )


@dataclass(frozen=True, slots=True)
class Command:
    """`demo name argument=value` in an example, and the figures (path, value) that its line says it computes."""

    name: str
    arguments: dict[str, Any]
    figures: list[tuple[str, Any]] = field(default_factory=list)


def commands(note: Shipped) -> list[Command]:
    """Return the commands of the worked example; its backticks hold nothing but commands and their figures."""
    found = []
    for line in note.sections["算一个例子"].splitlines():
        command = None
        for code in CODE.findall(line):
            if code.startswith("demo "):
                _, name, *words = code.split(" ")
                arguments = {key: value(text) for key, text in (word.split("=", 1) for word in words)}
                command = Command(name, arguments)
                found.append(command)
            else:
                figure = FIGURE.fullmatch(code)
                assert command, f"{code} is behind no command"
                assert figure, f"{code} is no figure"
                path, printed = figure.groups()
                command.figures.append((path, value(printed, parse_float=Decimal)))
    return found


def value(text: str, parse_float: type[float | Decimal] = float) -> Any:
    """Return what JSON reads, else the bare word; a `Decimal` remembers how many digits were printed."""
    try:
        return json.loads(text, parse_float=parse_float)
    except json.JSONDecodeError:
        return text


def at(numbers: Any, path: str) -> Any:
    """Return the number that a path such as `block.rows[0][-1]` leads to."""
    for index, key in STEP.findall(path):
        numbers = numbers[int(index)] if index else numbers[key]
    return numbers


def agrees(computed: Any, printed: Any) -> bool:
    """Tell whether a figure is the printed one: to the printed digits, exactly where none are behind the point."""
    if isinstance(printed, list):
        return len(computed) == len(printed) and all(map(agrees, computed, printed))
    if isinstance(printed, Decimal):
        return Decimal(computed).quantize(printed) == printed
    return isinstance(computed, bool) == isinstance(printed, bool) and bool(computed == printed)


NOTES = {path.stem: read(path) for path in sorted((ROOT / "corpus" / "notes").glob("*.md"))}
each_note = pytest.mark.parametrize("note", [pytest.param(note, id=stem) for stem, note in NOTES.items()])


def bullets(section: str) -> Iterator[tuple[str, str]]:
    """Yield each `- first line` with its one indented line; anything else in the section is a failure."""
    for item in section.strip().split("\n- "):
        first, second = item.removeprefix("- ").split("\n")
        assert second.startswith("  ")
        yield first, second.strip()


# --- shape -------------------------------------------------------------------------------------------


@each_note
def test_the_front_matter_has_exactly_the_known_keys_and_types(note: Shipped) -> None:
    assert set(note.front) == KEYS
    for key, value in note.front.items():
        values = [value] if key.startswith("title") else value
        assert isinstance(values, list)
        assert all(isinstance(item, str) and item.strip() == item != "" for item in values)
        assert len(set(values)) == len(values)
    assert CJK.search(note.front["title"])
    assert not CJK.search(note.front["title_en"])
    assert note.front["sources"]
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", note.stem)


def test_no_name_belongs_to_two_notes() -> None:
    owners: dict[str, set[str]] = {}
    for note in NOTES.values():
        for name in (note.front["title"], note.front["title_en"], *note.front["aliases"]):
            owners.setdefault(name.casefold(), set()).add(note.stem)
    assert {name: stems for name, stems in owners.items() if len(stems) > 1} == {}


def test_there_are_at_least_45_topics() -> None:
    assert len(NOTES) >= 45


@each_note
def test_related_notes_exist_and_are_not_the_note_itself(note: Shipped) -> None:
    assert set(note.front["related"]) <= set(NOTES) - {note.stem}


@each_note
def test_the_sections_are_the_required_ones_in_order(note: Shipped) -> None:
    assert list(note.sections) == SECTIONS
    assert 80 <= note.lines <= 160


@each_note
def test_typical_questions_come_in_both_languages(note: Shipped) -> None:
    questions = note.front["questions"]
    assert 6 <= len(questions) <= 10
    assert sum(bool(CJK.search(question)) for question in questions) in range(2, len(questions) - 1)
    assert all(question.endswith(("?", "\uff1f", ".")) for question in questions)


@each_note
def test_the_short_answer_is_one_chinese_and_one_english_paragraph(note: Shipped) -> None:
    chinese, english = note.sections["一句话回答"].strip().split("\n\n")
    assert len(CJK.findall(chinese)) > 20
    assert not CJK.search(english)
    assert len(english.split()) > 15
    assert not DANGLING.match(chinese)
    assert not DANGLING.match(english)


@each_note
@pytest.mark.parametrize(("section", "least", "most"), [("常见错误", 3, 8), ("要点", 3, 8)])
def test_mistakes_and_key_points_pair_chinese_with_english(
    note: Shipped, section: str, least: int, most: int
) -> None:
    pairs = list(bullets(note.sections[section]))
    assert least <= len(pairs) <= most
    for chinese, english in pairs:
        assert CJK.search(chinese)
        assert chinese.endswith("。")
        assert not CJK.search(english)
        assert english.endswith(".")
        if section == "要点":  # one checkable sentence that stands alone
            assert chinese.count("。") == 1
            assert not DANGLING.match(chinese)
            assert not DANGLING.match(english)


@each_note
def test_a_common_mistake_is_never_stated_as_if_it_were_true(note: Shipped) -> None:
    for chinese, english in bullets(note.sections["常见错误"]):
        assert "错的" in chinese or "不准确" in chinese
        assert re.match(r"It is (wrong|inaccurate) to ", english)


@each_note
def test_follow_ups_climb_the_whole_ladder_with_answers_that_stand_alone(note: Shipped) -> None:
    rungs = list(bullets(note.sections["追问"]))
    assert [re.findall(r"^\*\*(.+?)\*\* .+\?$", question) for question, _ in rungs] == [[r] for r in LADDER]
    for _, answer in rungs:
        assert 1 <= answer.count("。") <= 2
        assert not DANGLING.match(answer)


@each_note
def test_the_example_has_commands_for_the_demos_of_the_front_matter_and_no_others(note: Shipped) -> None:
    assert {command.name for command in commands(note)} == set(note.front["demos"])


@each_note
def test_every_example_can_be_checked_with_a_demo(note: Shipped) -> None:
    assert commands(note)


@each_note
def test_display_formulas_are_closed_and_present(note: Shipped) -> None:
    fences = [line.strip() for line in note.sections["推理过程"].splitlines() if "$$" in line]
    assert set(fences) == {"$$"}
    assert len(fences) % 2 == 0


@each_note
def test_no_sentence_is_copied_from_the_seed_notes(note: Shipped) -> None:
    seed = ROOT.parent / "shared" / "seed"
    if not seed.is_dir():
        pytest.skip("the seed notes are not beside this checkout")

    def runs(text: str) -> set[str]:
        lines = ("".join(CJK.findall(line)) for line in text.splitlines())
        return {line[i : i + 12] for line in lines for i in range(len(line) - 11)}

    theirs = runs("\n".join(path.read_text(encoding="utf-8") for path in seed.glob("*.txt")))
    assert len(theirs) > 1000
    assert not runs((ROOT / "corpus" / "notes" / f"{note.stem}.md").read_text(encoding="utf-8")) & theirs


# --- the worked examples -----------------------------------------------------------------------------

EXAMPLES = (
    foundations.EXAMPLES
    | training.EXAMPLES
    | normalization.EXAMPLES
    | convolution.EXAMPLES
    | architectures.EXAMPLES
    | detection.EXAMPLES
)


@each_note
def test_demos_compute_the_figures_printed_behind_their_commands(note: Shipped) -> None:
    for command in commands(note):
        numbers = registry.run(command.name, command.arguments).to_dict()["numbers"]
        assert command.figures
        for path, printed in command.figures:
            assert agrees(at(numbers, path), printed), f"{command.name}: {path} is {at(numbers, path)}"


@each_note
def test_figures_behind_a_command_are_figures_of_the_example(note: Shipped) -> None:
    example = note.sections["算一个例子"]
    printed = " ".join(code.split(" = ")[1] for code in CODE.findall(example) if " = " in code)
    derived = {Decimal(number) for number in NUMBER.findall(CODE.sub("", example))}
    assert {Decimal(number) for number in NUMBER.findall(printed)} <= derived


@each_note
def test_every_figure_of_the_worked_example_is_recomputed(note: Shipped) -> None:
    example = CODE.sub("", note.sections["算一个例子"])
    claims = [unicodedata.normalize("NFKC", claim) for claim in EXAMPLES[note.stem]()]
    for claim in claims:
        assert claim in example
    for claim in sorted(claims, key=len, reverse=True):
        example = example.replace(claim, "")
    assert NUMBER.findall(example) == []
