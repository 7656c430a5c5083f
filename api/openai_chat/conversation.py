"""The conversation that a client sends along: the question at its end, and the turns before it.

What stands in system messages is the client's wish how a model should speak. It is no part of the question, gives
nobody any right, and is passed on to a model only where a client asks for the bare model.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from api.openai_chat.wire import ChatMessage
from assistant.answering.followups import standalone
from assistant.chats import REMEMBERED
from assistant.events import Turn
from assistant.language import Language, say
from corpus.glossary import Glossary

#: What follows is ours: it stands under an answer, and is no part of it.
RULE = "\n\n---\n\n"
_UNDER = tuple(f"{RULE}**{say('sources', language)}**" for language in Language)
#: So many characters of a reply tell it from others.
_TELLING = 200


def question_of(messages: Sequence[ChatMessage]) -> str:
    """Return the last that the user said, "" where nothing was said."""
    return next((message.text for message in reversed(messages) if message.role == "user"), "").strip()


def turns_of(messages: Sequence[ChatMessage], glossary: Glossary) -> tuple[Turn, ...]:
    """Return the turns before the last line of the user, each follow-up completed from those before it."""
    turns: list[Turn] = []
    for question, answer in _pairs(messages)[-REMEMBERED:]:
        whole = standalone(question, turns, glossary)
        turns.append(Turn(question, whole, _own(answer)))
    return tuple(turns)


def answer_key(messages: Sequence[ChatMessage]) -> str:
    """Return a name of the last line: the same where the same conversation is sent again, and nowhere else."""
    return _digest(*(part for message in _spoken(messages) for part in (message.role, _bare(message.text))))


def thread_key(mode: str, messages: Sequence[ChatMessage], chat_id: str = "") -> str:
    """Return the name of the conversation; "" where it has only begun and its client gives it no `chat_id`.

    A client that gives none is recognised by how the conversation began: by the first line and the first reply.
    """
    if chat_id:
        return f"openai:{mode}:{_digest('id', chat_id)}"
    pairs = _pairs(messages)
    if not pairs and (not messages or messages[-1].role != "assistant"):
        return ""
    spoken = _spoken(messages)
    first = next((message.text for message in spoken if message.role == "user"), "")
    reply = next((message.text for message in spoken if message.role == "assistant"), "")
    return f"openai:{mode}:{_digest('begun', _bare(first), _bare(reply)[:_TELLING])}"


def _pairs(messages: Sequence[ChatMessage]) -> list[tuple[str, str]]:
    """Return what was asked and answered before the last line of the user."""
    pairs, asked = [], ""
    for message in _spoken(messages):
        if message.role == "user":
            asked = message.text.strip()
        elif asked:
            pairs.append((asked, message.text))
            asked = ""
    return pairs


def _spoken(messages: Sequence[ChatMessage]) -> list[ChatMessage]:
    return [message for message in messages if message.role in ("user", "assistant")]


def _own(answer: str) -> str:
    """Return an answer without the sources that stood under it."""
    ends = [end for mark in _UNDER if (end := answer.find(mark)) >= 0]
    return answer[: min(ends, default=len(answer))].strip()


def _bare(text: str) -> str:
    """Return the letters of `text`: clients trim and rewrap what they remember."""
    return re.sub(r"\W+", "", text)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:32]
