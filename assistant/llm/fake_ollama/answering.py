"""A responder that plays the model: it quotes the first passage of the prompt, and calls a tool where one is due.

For demonstrations and measurements. It knows how our prompts are written (`assistant/prompts/question.md`) and
nothing of the subject, so its answers are right only because the passages are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from assistant.llm.fake_ollama.scripts import Reply, call, say

_PASSAGE = re.compile(r"^\[1\] (?P<heading>.*)\n(?P<text>.+)$", re.MULTILINE)
_QUESTION = re.compile(r"^Question: (?P<question>.*)\Z", re.MULTILINE | re.DOTALL)
_SENTENCE_END = re.compile(r"(?<=[。！？；])|(?<=[.!?])\s")
#: Characters of a piece, about what one token of Chinese holds.
_PIECE = 2


def from_passages(body: Mapping[str, Any]) -> Reply:
    """Return the first sentence of the first passage with its marker, after a tool where the question has figures."""
    messages = body.get("messages") or []
    last_user = next((m["content"] for m in reversed(messages) if m.get("role") == "user"), "")
    passage, asked = _PASSAGE.search(last_user), _QUESTION.search(last_user)
    question = asked["question"] if asked else last_user
    demos = [
        tool["function"]["name"]
        for tool in body.get("tools") or ()
        if tool["function"]["name"] != "list_demos"
    ]
    if demos and re.search(r"\d", question) and messages[-1].get("role") == "user":
        return say(calls=[call(demos[0], {})])
    if passage is None:
        return say("笔记里", "没有讲到。")
    quoted = f"{_SENTENCE_END.split(passage['text'])[0].strip()} [1]"
    return say(*(quoted[at : at + _PIECE] for at in range(0, len(quoted), _PIECE)))
