"""What Slack refuses in a message: blocks of a wrong shape and texts that are too long, named by its error codes.

The limits are those of its reference (docs.slack.dev/reference/block-kit/blocks), for the blocks that a bot of ours may
post. A live link or a call of everybody in a text is no error there; tests look for those themselves.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

#: Characters: of text, of all Markdown in a message, of a section, of a context element, of a button.
MAX_TEXT, MAX_MARKDOWN, MAX_SECTION, MAX_ELEMENT, MAX_BUTTON = 40_000, 12_000, 3_000, 2_000, 75
MAX_BLOCKS, MAX_CONTEXT, MAX_ACTIONS, MAX_VALUE, MAX_ID = 50, 10, 25, 2_000, 255
_STAMP = re.compile(r"\d+\.\d{6}")


def wrong_with(message: Mapping[str, Any]) -> str:
    """Return the error for the arguments of a message, "" where there is none."""
    blocks, text = message.get("blocks") or [], message.get("text")
    if not text:  # Slack takes blocks alone; but then a notification is empty
        return "no_text"
    if len(text) > MAX_TEXT:
        return "msg_too_long"
    for name in ("thread_ts", "ts"):
        if message.get(name) and not _STAMP.fullmatch(message[name]):
            return f"invalid_arguments {name}"
    if len(blocks) > MAX_BLOCKS:
        return "invalid_blocks too many"
    markdown = sum(len(block["text"]) for block in blocks if block["type"] == "markdown")
    if markdown > MAX_MARKDOWN:
        return "msg_blocks_too_long"
    ids = [
        element["action_id"]
        for block in blocks
        if block["type"] == "actions"
        for element in block["elements"]
    ]
    if len(ids) != len(set(ids)):
        return "invalid_blocks the same action_id twice"
    return next((f"invalid_blocks {wrong}" for wrong in map(_wrong_block, blocks) if wrong), "")


def _wrong_block(block: Mapping[str, Any]) -> str:
    match block:
        case {"type": "markdown", "text": str(text)}:
            return "" if text else "an empty Markdown block"
        case {"type": "section", "text": {"type": "mrkdwn" | "plain_text", "text": str(text)}}:
            return "" if 0 < len(text) <= MAX_SECTION else "section"
        case {"type": "context", "elements": [*elements]}:
            right = 0 < len(elements) <= MAX_CONTEXT and all(_is_text(e, MAX_ELEMENT) for e in elements)
            return "" if right else "context"
        case {"type": "actions", "elements": [*elements]}:
            return "" if 0 < len(elements) <= MAX_ACTIONS and all(map(_is_button, elements)) else "actions"
        case {"type": "divider"}:
            return ""
    return f"unknown {block.get('type')!r}"


def _is_text(value: Mapping[str, Any], most: int) -> bool:
    return value.get("type") in ("plain_text", "mrkdwn") and 0 < len(value.get("text", "")) <= most


def _is_button(value: Mapping[str, Any]) -> bool:
    return (
        value.get("type") == "button"
        and value["text"]["type"] == "plain_text"
        and _is_text(value["text"], MAX_BUTTON)
        and 0 < len(value["action_id"]) <= MAX_ID
        and len(value.get("value", "")) <= MAX_VALUE
    )
