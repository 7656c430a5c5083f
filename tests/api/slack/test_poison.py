"""Poisoned text on its way to Slack: from people, from notes and from a model that repeats it, none of it is live."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from api.slack.blocks import of_said, of_text
from api.slack.fake_blocks import wrong_with
from assistant.dialogues.types import Action, Said
from assistant.language import Language
from assistant.llm.fake_ollama import FakeOllama, say
from assistant.study import open_assistant
from tests.api.poisoned import POISONS, Poison
from tests.api.slack.test_markdown import LIVE
from tests.api.slack.workspace import message, workspace
from tests.index.embedding import write_notes

_FENCED = re.compile(r"^(`{3,}|~{3,}).*?^\1[ \t]*$", re.MULTILINE | re.DOTALL)
_CALLING = re.compile(r"<\\*[@!#]|@(?:channel|here|everyone)\b")


def check(text: str) -> None:
    """Check that `text`, as Slack gets it, calls nobody, and links nowhere outside of code."""
    assert not _CALLING.search(text), text
    assert not LIVE.search(_FENCED.sub("", text)), text


@pytest.mark.parametrize("poison", POISONS, ids=lambda poison: poison.name)
def test_nothing_poisoned_is_live_in_a_message_or_on_a_button(poison: Poison) -> None:
    said = Said(f"题目：{poison.text}", (poison.text, "另一项"), (Action.HINT,), "q1")
    for post in [*of_text(poison.text), *of_said(said, Language.ZH)]:
        assert wrong_with({"text": post.text, "blocks": list(post.blocks)}) == ""
        check(post.text)
        for block in post.blocks:
            check(block["text"] if block["type"] == "markdown" else "")
            for button in block.get("elements", ()):
                assert button["text"]["type"] == "plain_text"
                check(button["text"]["text"])


def test_a_model_that_repeats_poison_and_a_person_who_sends_it_reach_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repeated = iter(POISONS)

    def respond(body: Mapping[str, Any]) -> Any:
        return say(f"最大池化取窗口里的最大值 [1]。{next(repeated, POISONS[0]).text}")

    asked = POISONS[:: max(1, len(POISONS) // 12)]
    with FakeOllama(respond=respond) as server:
        notes = write_notes(tmp_path / "notes")
        assistant = open_assistant(
            notes, tmp_path / "home", model="ollama:qwen3.5:4b", ollama_host=server.host
        )
        with workspace(assistant, monkeypatch) as slack:
            for n, poison in enumerate(asked):
                text = f"最大池化取什么? {poison.text}"
                slack.event(message(text, channel="D1", kind="message", ts=f"1.{n:06d}"))
            for n in range(len(asked)):
                slack.answers("D1", f"1.{n:06d}")
    for shown in slack.slack.shown:
        check(shown.text)
        check(shown.markdown)
        for source in shown.sources:
            check(source)
    assert slack.slack.refused == []
