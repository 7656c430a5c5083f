"""What a line in a dialogue is: one of its actions, typed with a slash or said in a word, or an answer."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.dialogues.types import Action
from corpus.plugins import unknown

_COMMAND = re.compile(r"/[a-z]+")
#: What is said for an action and is hardly ever an answer.
_SAID = {
    "?": Action.HINT, "？": Action.HINT, "提示": Action.HINT, "给个提示": Action.HINT, "hint": Action.HINT,
    "看答案": Action.SHOW, "显示答案": Action.SHOW, "show answer": Action.SHOW, "show the answer": Action.SHOW,
    "跳过": Action.SKIP, "下一题": Action.SKIP, "skip": Action.SKIP,
    "/quit": Action.END, "结束": Action.END,
}  # fmt: skip


def action_of(line: str, actions: Sequence[Action]) -> Action | None:
    """Return which of `actions` the line asks for, None for an answer. Raises `UnknownName` for another command."""
    first, _, rest = line.strip().casefold().partition(" ")
    said = _SAID.get(line.strip().casefold())
    if said in actions:
        return said
    if not _COMMAND.fullmatch(first):
        return None
    if first[1:] in actions:
        return Action(first[1:])  # /skip now
    if rest:
        return None  # "/proc is a file system" answers a question
    raise unknown("command", first, [f"/{action.value}" for action in actions])
