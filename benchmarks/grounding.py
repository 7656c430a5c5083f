"""How well unsupported sentences are told from supported ones, and what says the opposite of a note from what does not.

`data/grounded_sentences.jsonl` has a note, a sentence, its kind and whether the note supports it. Each is judged
against the whole note, against the prose in its own language and against that in the other one. The threshold was
set on these sentences, so the figures are of the fit and not of strangers' sentences.

`data/opposed_sentences.jsonl` has pairs about 25 shipped notes: one sentence that says the opposite of the note, by
swapped roles, a negation, an opposite or a comparison, and one that says the same in other words. The rules were set on
the notes of `tune`. The sentences of `check` were written before and not read, but their totals were looked at between
changes, so `check` is not quite unseen. Correct answers of `data/graded_answers.jsonl` about the shipped notes are true
paraphrases by other hands; two false alarms among them were mended, so they count as seen.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from assistant.answering.grounding import Source, sentences
from assistant.answering.opposing import claims_of, opposition
from assistant.answering.quoting import prose_language
from assistant.language import Language, mostly
from assistant.study import Assistant, open_assistant
from corpus.types import Passage
from index.embedders import open_embedder

DATA = Path(__file__).parent / "data"
EMBEDDERS = ("hashed", "bundled")


def measure() -> dict[str, Any]:
    """Return, per embedder and choice of passages, the shares of sentences that are doubted, and what is opposed."""
    assistant = open_assistant(model="notes")
    return _supported(assistant) | {"opposed": _opposed(assistant)}


def _rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / f"{name}.jsonl").read_text("utf-8").splitlines()]


def _by_note(assistant: Assistant) -> dict[str, Sequence[Passage]]:
    return {topic.passages[0].path.stem: topic.passages for topic in assistant.topics()}


def _opposed(assistant: Assistant) -> dict[str, Any]:
    """Return how many sentences of each split and kind are found to say the opposite of their note."""
    glossary = assistant.library.glossary
    claims = {
        note: [claim for passage in passages for claim in claims_of(passage, glossary)]
        for note, passages in _by_note(assistant).items()
    }
    cases = [
        (row["split"], "true" if not row["opposed"] else row["kind"], row["note"], row["sentence"])
        for row in _rows("opposed_sentences")
    ]
    cases += [
        ("supported", "true", row["note"], row["sentence"])
        for row in _rows("grounded_sentences")
        if row["supported"]
    ]
    for row in _rows("graded_answers"):
        if (
            row["notes"] == "shipped"
            and row["label"] == 2
            and (hits := assistant.search(row["question"]).hits)
        ):
            note = hits[0].passage.path.stem
            cases += [("graded answers", "true", note, sentence) for sentence, _ in sentences(row["answer"])]
    found, all_ = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for split, kind, note, sentence in cases:
        is_opposed = opposition(sentence, claims[note], glossary) is not None
        for key in ((split, kind), (split, "opposed"), ("all", kind))[:: 2 if kind == "true" else 1]:
            found[key] += is_opposed
            all_[key] += 1
    figures: dict[str, dict[str, str]] = {}
    for split, kind in all_:
        figures.setdefault(split, {})[kind] = f"{found[split, kind]}/{all_[split, kind]}"
    for split, row in figures.items():
        print(f"opposed, {split}: {row}")
    return figures


def _supported(assistant: Assistant) -> dict[str, Any]:
    rows = _rows("grounded_sentences")
    glossary, passages = assistant.library.glossary, _by_note(assistant)
    chosen: dict[str, Callable[[Language], Language | None]] = {
        "whole note": lambda own: None,
        "own language": lambda own: own,
        "other language": lambda own: Language.EN if own is Language.ZH else Language.ZH,
    }
    figures: dict[str, Any] = {"sentences": len(rows)}
    for name in EMBEDDERS:
        embedder = open_embedder(name, glossary)
        for choice, language_for in chosen.items():
            doubted, by_kind, kinds = Counter[bool](), Counter[str](), Counter[str]()
            for row in rows:
                kept = [_only(p, language_for(mostly(row["sentence"]))) for p in passages[row["note"]]]
                is_doubted = not Source(kept, glossary, embedder).supports(row["sentence"])
                doubted[row["supported"]] += is_doubted
                by_kind[row["kind"]] += is_doubted
                kinds[row["kind"]] += 1
            supported = sum(row["supported"] for row in rows)
            figures[f"{name}, {choice}"] = {
                "supported but doubted": round(doubted[True] / supported, 3),
                "unsupported and doubted": round(doubted[False] / (len(rows) - supported), 3),
                "doubted by kind": {kind: f"{by_kind[kind]}/{of}" for kind, of in sorted(kinds.items())},
            }
            print(f"{name}, {choice}: {figures[f'{name}, {choice}']}")
    return figures


def _only(passage: Passage, language: Language | None) -> Passage:
    """Return `passage` without prose in another language than `language`; None keeps all."""
    if language is None:
        return passage
    lines = [line for line in passage.text.split("\n") if prose_language(line) in (language, None)]
    return replace(passage, text="\n".join(lines))


if __name__ == "__main__":
    measure()
