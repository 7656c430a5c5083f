"""How many faults put into sound notes at random are found. The seeds are fixed; the shares are floors."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

import pytest

from corpus.check.engine import check_notes
from corpus.reading import read_notes
from corpus.types import Note
from tests.conftest import ROOT
from tests.corpus.check.checking import glossary

NOTES = read_notes([ROOT / "corpus" / "notes"]).notes
TERMS = (
    "normalization convolution separable adaptation regularization overfitting backpropagation initialization gradient "
    "momentum attention transformer embedding receptive pooling dropout optimizer quantization segmentation detection "
    "residual discriminator generator entropy activation bottleneck inception distillation augmentation precision"
).split()
SENTENCE = re.compile(r"[\u4e00-\u9fff，、；：（）A-Za-z 0-9]{32,}。")
KINDS = ("insert", "delete", "replace", "swap", "double")


def misspelt(random: Random, term: str) -> str:
    """Return `term` with one slip in its inside."""
    i = random.randrange(1, len(term) - 2)
    match random.choice(KINDS):
        case "insert":
            return term[:i] + random.choice("abcdefghijklmnopqrstuvwxyz") + term[i:]
        case "delete":
            return term[:i] + term[i + 1 :]
        case "replace":
            return term[:i] + random.choice("abcdefghijklmnopqrstuvwxyz") + term[i + 1 :]
        case "swap":
            return term[:i] + term[i + 1] + term[i] + term[i + 2 :]
        case _:
            return term[:i] + term[i] + term[i:]


def lines_of(note: Note) -> list[int]:
    """Return the lines that hold a full Chinese sentence, as indexes."""
    return [
        i for i, line in enumerate(note.text.split("\n")) if SENTENCE.search(line) and i >= note.body_start
    ]


def changed(note: Note, at: int, line: str) -> Note:
    lines = note.text.split("\n")
    lines[at] = line
    return Note(note.path, "\n".join(lines), note.front_matter, note.body_start, note.syntax)


def found(notes: list[Note], rule: str, line: int) -> bool:
    return any(f.rule == rule and f.lines[0] <= line <= f.lines[1] for f in check_notes(notes, glossary()))


def put_misspelling(random: Random) -> bool:
    note = random.choice(NOTES)
    at = random.choice(lines_of(note))
    term = random.choice(TERMS)
    wrong = misspelt(random, term)
    if wrong == term:
        return True
    faulty = changed(note, at, note.text.split("\n")[at] + f"这就是{wrong}的作用。")
    return any(
        f.rule == "misspelling" and f.lines[0] == at + 1 and f"“{term}”" in f.message
        for f in check_notes([faulty], glossary())
    )


def put_pasted_sentence(random: Random) -> bool:
    source, target = random.sample(NOTES, 2)
    sentence = SENTENCE.search(source.text.split("\n")[random.choice(lines_of(source))])
    assert sentence
    at = random.choice(lines_of(target))
    line = target.text.split("\n")[at]
    match = SENTENCE.search(line)
    assert match
    cut = match.start() + random.randrange(8, 24)
    faulty = changed(target, at, line[:cut] + sentence[0] + line[cut:])
    return any(f.rule == "pasted_text" for f in check_notes([source, faulty], glossary()))


def put_doubled_mark(random: Random) -> bool:
    note = random.choice(NOTES)
    at = random.choice(lines_of(note))
    line = note.text.split("\n")[at]
    marks = [m.start() for m in re.finditer("[，。；]", line) if "`" not in line and "$" not in line]
    if not marks:
        return True
    i = random.choice(marks)
    return found([changed(note, at, line[:i] + line[i] + line[i:])], "doubled_punctuation", at + 1)


def put_invisible_character(random: Random) -> bool:
    note = random.choice(NOTES)
    at = random.choice(lines_of(note))
    line = note.text.split("\n")[at]
    i = random.randrange(len(line))
    char = random.choice("\u200b\u2060\ufeff\u00ad\ue123\ufffd")
    return found([changed(note, at, line[:i] + char + line[i:])], "suspicious_character", at + 1)


def put_missing_figure(random: Random) -> bool:
    note = random.choice(
        [n for n in NOTES if not re.search(r"https?://|\]\(|```|^\|", n.text, re.MULTILINE)] or NOTES
    )
    words = random.choice(
        ["如下图所示，", "（见下图）", "从上图可以看出，", "如图2所示，", "图中红色曲线说明，", "见下图："]
    )
    at = random.choice(lines_of(note))
    return found([changed(note, at, words + note.text.split("\n")[at])], "missing_figure", at + 1)


def put_open_formula(random: Random) -> bool:
    note = random.choice(NOTES)
    at = random.choice(lines_of(note))
    faulty = changed(note, at, note.text.split("\n")[at] + "其中 $x_i 是第 i 个输入。")
    return any(f.rule == "unbalanced_markup" for f in check_notes([faulty], glossary()))


@pytest.mark.parametrize(
    ("put", "share"),
    [
        (put_misspelling, 0.9),
        (put_pasted_sentence, 0.95),
        (put_doubled_mark, 1.0),
        (put_invisible_character, 1.0),
        (put_missing_figure, 0.95),
        (put_open_formula, 0.9),
    ],
)
def test_most_faults_put_in_at_random_are_found(put: Callable[[Random], bool], share: float) -> None:
    caught = [put(Random(seed)) for seed in range(60)]
    assert sum(caught) / len(caught) >= share, [seed for seed, hit in enumerate(caught) if not hit]
