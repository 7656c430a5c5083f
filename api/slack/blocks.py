"""Answers, questions and remarks as Slack's blocks, within Slack's limits. What they say is decided elsewhere.

Sources and buttons are `plain_text`, in which Slack reads no markup at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from string import ascii_uppercase
from typing import Any

from api.slack.markdown import JOINER, fallback, harmless, pieces, readable
from api.slack.payloads import BUTTON
from api.slack.wording import button
from assistant.answering.demo_choice import call
from assistant.dialogues.types import Said
from assistant.events import Answer, Citation, Status, ToolRun
from assistant.language import Language
from corpus.types import LocationKind

Block = dict[str, Any]

#: Slack's limits: texts of a context block, characters on a button and in a section; and ours for a source, and for
#: how many anybody reads in a chat.
_CONTEXT, _BUTTON, _SOURCE = 10, 75, 300
_SECTION = 3_000
_SOURCES = 20


@dataclass(frozen=True, slots=True)
class Post:
    """One message: its blocks, and the text for notifications."""

    text: str
    blocks: tuple[Block, ...]


def of_text(text: str) -> list[Post]:
    """Return Markdown that the bot says."""
    return _posts(text, ())


def of_answer(answer: Answer, untold: Sequence[ToolRun]) -> list[Post]:
    """Return an answer with its notices and sources; `untold` are the demos of which the text does not tell."""
    notices = [f"*{notice}*" for notice in answer.notices]
    computed = [f"⚙ `{call(run)}`{' ✗' if 'error' in run.result else ''}" for run in untold]
    text = "\n\n".join([answer.text, *computed, *notices])
    return _posts(text, _context(_sources(answer)))


def of_said(said: Said, language: Language) -> list[Post]:
    """Return what is said in a dialogue, with a button for each choice and each action."""
    choices = [
        _button(letter, f"{letter}. {choice}", said.question_key, f"{BUTTON}{letter}")
        for letter, choice in zip(ascii_uppercase, said.choices, strict=False)
    ]
    actions = [
        _button(action.value, button(action, language), said.question_key, f"{BUTTON}/{action.value}")
        for action in said.actions
    ]
    rows = [{"type": "actions", "elements": row} for row in (choices, actions) if row and not said.has_ended]
    return _posts(said.text, rows)


def without_markdown(post: Post) -> Post:
    """Return `post` for a Slack that takes no Markdown block: its source in sections, in which nothing is markup."""
    sections: list[Block] = []
    for block in post.blocks:
        if block["type"] == "markdown":
            texts = [{"type": "plain_text", "text": piece} for piece in pieces(block["text"], _SECTION)]
            sections += [{"type": "section", "text": text} for text in texts]
        else:
            sections.append(block)
    return Post(post.text, tuple(sections))


def _posts(text: str, tail: Sequence[Block]) -> list[Post]:
    cut = pieces(readable(text) or JOINER)
    posts = [Post(fallback(piece), ({"type": "markdown", "text": piece},)) for piece in cut]
    return [*posts[:-1], Post(posts[-1].text, (*posts[-1].blocks, *tail))]


def _context(lines: Sequence[str]) -> list[Block]:
    texts = [{"type": "plain_text", "text": _short(line, _SOURCE), "emoji": False} for line in lines]
    return [
        {"type": "context", "elements": texts[first : first + _CONTEXT]}
        for first in range(0, len(texts), _CONTEXT)
    ]


def _sources(answer: Answer) -> list[str]:
    """Return a line for each place that is quoted, and one for who answered in which time."""
    lines = []
    if answer.status is Status.ANSWERED:
        for (path, headings), quoted in groupby(answer.citations, key=lambda c: (c.path, c.heading_path)):
            citations = list(quoted)
            numbers = "".join(f"[{citation.n}]" for citation in citations)
            # The file's name alone: where it lies on the server is nobody's business.
            lines.append(
                f"{numbers} {' › '.join(dict.fromkeys(headings))} · {Path(path).name}:{_spans(citations)}"
            )
    return [*lines[:_SOURCES], f"{answer.mode} · {answer.timings.get('total', 0.0):.2f} s"]


def _spans(citations: Sequence[Citation]) -> str:
    places = [citation.location for citation in citations]
    spans = ",".join(f"{at.first}" if at.first == at.last else f"{at.first}-{at.last}" for at in places)
    return spans if places[0].kind is LocationKind.LINES else f"{places[0].kind.value} {spans}"


def _button(name: str, label: str, question_key: str, action_id: str) -> Block:
    label = _short(" ".join(label.split()), _BUTTON)
    return {
        "type": "button",
        "text": {"type": "plain_text", "text": label, "emoji": False},
        "action_id": action_id,
        "value": question_key,
    }


def _short(text: str, most: int) -> str:
    text = harmless(text)
    return text if len(text) <= most else text[: most - 1] + "…"
