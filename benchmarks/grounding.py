"""How well unsupported sentences are told from supported ones: our own sentences about six of the shipped notes.

`data/grounded_sentences.jsonl` has a note, a sentence, its kind and whether the note supports it. Each is judged
against the whole note, against the prose in its own language and against that in the other one. The threshold was
set on these sentences, so the figures are of the fit and not of strangers' sentences.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from assistant.answering.grounding import Source
from assistant.answering.quoting import prose_language
from assistant.language import Language, mostly
from assistant.study import open_assistant
from corpus.types import Passage
from index.embedders import open_embedder

SENTENCES = Path(__file__).parent / "data" / "grounded_sentences.jsonl"
EMBEDDERS = ("hashed",)


def measure() -> dict[str, Any]:
    """Return, per embedder and choice of passages, the shares of sentences that are doubted, by kind too."""
    rows = [json.loads(line) for line in SENTENCES.read_text("utf-8").splitlines()]
    assistant = open_assistant(model="notes")
    glossary = assistant.library.glossary
    passages = {topic.passages[0].path.stem: topic.passages for topic in assistant.topics()}
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
