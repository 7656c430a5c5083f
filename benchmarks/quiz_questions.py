"""Questions generated from the shipped notes: how many are broken, and whether their form gives the answer away.

    python -m benchmarks.quiz_questions --seed 1 --count 500
    python -m benchmarks.quiz_questions --seed 2 --sample 60     # for a reader, into results/quiz_sample.md

Machines count faults, the places of the right choice (chi-square against the uniform), how often it is the longest,
and true against false. Whether a question is worth asking a reader decides, on a sample with a seed of its own.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

from scipy.stats import chisquare  # type: ignore[import-untyped]

from assistant.language import Language
from assistant.quiz.checks import faults, is_near_duplicate
from assistant.quiz.quizmaster import Quizmaster
from assistant.quiz.types import Form, Question
from assistant.study import open_assistant

RESULTS = Path(__file__).parent / "results"
#: A third is asked in English: the notes are Chinese with English beside their points.
_ENGLISH = 3


def main() -> None:
    """Measure, or write a sample to be read."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--sample", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        master = open_assistant(home=home, model="notes", notes="corpus/notes").quizmaster()
        questions = list(asked(master, given.seed, given.sample or given.count))
        if given.sample:
            (RESULTS / "quiz_sample.md").write_text(sample(questions, given.seed), "utf-8")
            return
        measured = {"seed": given.seed, **measures(questions, master)}
    text = json.dumps(measured, ensure_ascii=False, indent=2)
    (RESULTS / "quiz_questions.json").write_text(text + "\n", "utf-8")
    print(text)


def asked(master: Quizmaster, seed: int, count: int) -> Iterator[Question]:
    """Yield `count` questions as a quiz would ask them."""
    before: list[Question] = []
    for n in range(count):
        language = Language.EN if n % _ENGLISH == _ENGLISH - 1 else Language.ZH
        avoid = {question.question_id for question in before}
        question = master.ask(Random(f"{seed}/{n}"), language=language, avoid=avoid, unlike=before)
        if question is None:
            return
        before.append(question)
        yield question


def measures(questions: Sequence[Question], master: Quizmaster) -> dict[str, Any]:
    """Return the figures."""
    library = master.grader.library

    def text_of(passage_id: str) -> str | None:
        passage = library.passage(passage_id)
        return passage.text if passage else None

    broken = [fault.value for question in questions for fault in faults(question, text_of)]
    pairs = sum(
        is_near_duplicate(one, other) for n, one in enumerate(questions) for other in questions[n + 1 :]
    )
    choices = [question for question in questions if question.form is Form.CHOICE]
    verdicts = [question.is_true for question in questions if question.form is Form.TRUE_FALSE]
    return {
        "questions": len(questions),
        "faults": len(broken),
        "faults_by_kind": dict(Counter(broken)),
        "near_duplicate_pairs": pairs,
        "kinds": dict(sorted(Counter(question.kind for question in questions).items())),
        "languages": dict(Counter(question.language.value for question in questions)),
        "choice": positions(choices),
        "true_share": round(sum(map(bool, verdicts)) / max(1, len(verdicts)), 3),
        "true_false": len(verdicts),
    }


def positions(choices: Sequence[Question]) -> dict[str, Any]:
    """Return where the right choice stands and how often it is the longest, each against chance."""
    counted = Counter(question.right for question in choices)
    expected = [
        sum(1 / len(q.choices) for q in choices if place < len(q.choices))
        for place in range(max((len(q.choices) for q in choices), default=1))
    ]
    test = chisquare([counted[place] for place in range(len(expected))], expected)
    longest = sum(_is_longest(question) for question in choices)
    chance = sum(1 / len(q.choices) for q in choices)
    return {
        "questions": len(choices),
        "places": [counted[place] for place in range(len(expected))],
        "chi_square_p": round(float(test.pvalue), 4),
        "longest_is_right": round(longest / max(1, len(choices)), 3),
        "longest_by_chance": round(chance / max(1, len(choices)), 3),
    }


def _is_longest(question: Question) -> float:
    """Whether the right choice is the longest; of several of that length each is by its share."""
    lengths = [len(choice) for choice in question.choices]
    if question.right is None or lengths[question.right] < max(lengths):
        return 0.0
    return 1 / lengths.count(max(lengths))


def sample(questions: Sequence[Question], seed: int) -> str:
    """Return `questions` as a Markdown table with an empty column for the reader's verdict."""
    rows = [
        "# A sample of generated questions",
        "",
        f"Seed {seed}. The verdict is a reader's: usable or why not.",
        "",
    ]
    rows += ["| n | kind | question | answer | verdict |", "| -: | :-- | :-- | :-- | :-- |"]
    for n, question in enumerate(questions, 1):
        marks = ["**" if at == question.right else "" for at in range(len(question.choices))]
        listed = "".join(
            f"<br>{'ABCDE'[at]}. {mark}{choice}{mark}"
            for at, (mark, choice) in enumerate(zip(marks, question.choices, strict=True))
        )
        answer = " / ".join(question.accepted[:3]) or question.model_answer.replace("\n", "<br>")
        cells = (str(n), question.kind, question.prompt + listed, answer, "")
        rows.append(
            "| " + " | ".join(cell.replace("|", "\\|").replace("\n", "<br>") for cell in cells) + " |"
        )
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    main()
