"""Every snippet does what it claims: its output, its bug, its bug mended, and no wrong choice mends it."""

from __future__ import annotations

import contextlib
import io

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from assistant.coding.reading import Snippet, snippets

SNIPPETS = snippets()


def printed(snippet: Snippet, code: str) -> str:
    """Run a snippet of ours and return what it prints, blanks and line ends alike."""
    names = {"np": np, "torch": torch, "F": F}
    out = io.StringIO()
    with contextlib.redirect_stdout(out), np.errstate(all="ignore"):
        exec("\n".join((snippet.setup, code, snippet.probe)), names)
    return " ".join(out.getvalue().split())


def test_there_are_snippets_over_many_topics() -> None:
    assert len(SNIPPETS) >= 15
    assert len({snippet.name for snippet in SNIPPETS}) == len(SNIPPETS)
    assert len({snippet.topics for snippet in SNIPPETS}) >= 12


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda snippet: snippet.name)
def test_a_snippet_prints_what_it_claims_and_its_bug_is_one(snippet: Snippet) -> None:
    assert printed(snippet, snippet.code) == snippet.prints
    if snippet.fix:
        code = snippet.code
        for old, new in snippet.fix:
            assert code.count(old) == 1
            code = code.replace(old, new)
        assert printed(snippet, code) == snippet.prints_fixed != snippet.prints


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda snippet: snippet.name)
def test_a_snippet_is_short_and_is_asked_about_in_one_question(snippet: Snippet) -> None:
    lines = snippet.code.splitlines()
    assert 3 <= len(lines) <= 12
    assert max(map(len, lines)) <= 80
    for text in (snippet.question.zh, snippet.question.en):
        assert text.count("?") + text.count("？") == 1
    assert "?" not in snippet.code
    assert snippet.answer.zh.endswith("。")
    assert snippet.answer.en.endswith(".")
    assert len({choice.zh for choice in snippet.choices}) == len({c.en for c in snippet.choices}) == 4


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda snippet: snippet.name)
def test_the_right_choice_is_the_output_the_faulty_line_or_the_only_one_that_mends(snippet: Snippet) -> None:
    right, *wrong = (choice.en for choice in snippet.choices)
    assert snippet.right == 0
    in_words = any(choice.zh != choice.en for choice in snippet.choices)
    if in_words or snippet.name == "which_norm":
        return
    if right == snippet.prints:
        return
    mended = snippet.code
    for old, new in snippet.fix:
        mended = mended.replace(old, new)
    if right in snippet.code:
        assert right not in mended
        assert all(choice in mended for choice in wrong)
        return
    assert right in mended
    line = next(line for line in snippet.code.splitlines() if line not in mended.splitlines())
    for choice in wrong:
        changed = snippet.code.replace(line.strip(), choice)
        try:
            assert printed(snippet, changed) != snippet.prints_fixed
        except (RuntimeError, ValueError):  # torch refuses it
            continue
