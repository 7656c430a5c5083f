"""What we add to a model's own time: from a question to the request, and from the first token to the screen.

The model is the fake on a real socket, which answers at once, so all that is measured is ours. Notes of about ten
thousand passages, a conversation of six turns before every question; each question is new. `bare` is the same
request sent by httpx alone to the same server: the floor of any client. `after` is from the last token to the end of
the answer: checking it against the passages. Times are milliseconds, medians and the 95th percentile.
"""

from __future__ import annotations

import io
import json
import statistics
import tempfile
import time
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

from assistant.answering.model_mode import ModelMode
from assistant.answering.notes_mode import NotesMode
from assistant.cli.rendering import AnswerRenderer, Terminal
from assistant.events import Text, Turn
from assistant.llm.base import Message, ModelEvent, ToolSchema, Window
from assistant.llm.fake_ollama import FakeOllama, Reply, say
from assistant.llm.ollama_chat import OllamaModel, Options
from assistant.llm.queueing import OneAtATime, Queue
from assistant.study import Assistant, open_assistant
from benchmarks.adding_notes import CORPUS, write_notes
from index.embedders import open_embedder

#: Every second file of the corpus holds about ten thousand passages.
EVERY, QUESTIONS, WARM = 2, 60, 5
HISTORY = tuple(Turn(f"第 {n} 问?", f"第 {n} 问?", "要点在笔记里 [1]。" * 12) for n in range(6))
ANSWER = say("批", "归一化", "减去均值", "，再除以", "标准差 [1]。")


class Clocked:
    """`model`, noting when it is asked. Implements `ChatModel`."""

    def __init__(self, model: OneAtATime) -> None:
        self.model, self.asked = model, 0.0
        self.name = model.name

    @property
    def window(self) -> Window:
        """The model's window."""
        return self.model.window

    def stream(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSchema] = (),
        *,
        schema: Mapping[str, Any] | None = None,
    ) -> Generator[ModelEvent, None, None]:
        """Pass on what the model says."""
        self.asked = time.perf_counter()
        return self.model.stream(messages, tools, schema=schema)


class Screen(io.StringIO):
    """A terminal that notes when a text first appears on it."""

    def __init__(self, awaited: str) -> None:
        super().__init__()
        self.awaited, self.shown = awaited, 0.0

    def isatty(self) -> bool:
        """Take everything a terminal takes: wrapping, colour, passing lines."""
        return True

    def write(self, text: str) -> int:
        """Note the time of the first write that holds what is awaited."""
        if not self.shown and self.awaited in text:
            self.shown = time.perf_counter()
        return super().write(text)


def measure() -> dict[str, Any]:
    """Print and return the times of each stage."""
    if not CORPUS.is_file():
        print("  the corpus does not lie beside the project (../shared/eval/notes_bench)")
        return {}
    with tempfile.TemporaryDirectory() as temporary:
        notes = write_notes(Path(temporary) / "notes")
        for note in notes[1::EVERY]:
            note.unlink()
        assistant = open_assistant(notes[0].parent, Path(temporary) / "home", model="notes")
        return {"passages": _passages(assistant)} | _times(assistant)


def _passages(assistant: Assistant) -> int:
    return sum(len(topic.passages) for topic in assistant.topics())


def _times(assistant: Assistant) -> dict[str, Any]:
    first = 0.0

    def respond(body: Mapping[str, Any]) -> Reply:
        nonlocal first
        first = time.perf_counter()  # the first token leaves within the next lines of the server
        return ANSWER

    titles = [topic.title for topic in assistant.topics()]
    step = max(len(titles) // (QUESTIONS + WARM), 1)
    rows: dict[str, list[float]] = {name: [] for name in ("prepare", "request", "screen", "after", "bare")}
    with FakeOllama(respond=respond) as server:
        model = Clocked(OneAtATime(OllamaModel("qwen3.5:4b", host=server.host, options=Options()), Queue()))
        fallback = NotesMode(assistant.library, assistant.glossary)
        embedder = open_embedder(
            assistant.settings.embedder, assistant.glossary
        )  # what the notes are found with
        answerer = ModelMode(model, fallback, assistant.glossary, embedder)
        assistant.answerer = answerer
        for number, title in enumerate(titles[::step][: QUESTIONS + WARM]):
            screen = Screen("批")
            renderer = AnswerRenderer(Terminal(screen))
            before, began = len(server.chats), time.perf_counter()
            last = 0.0
            for event in assistant.stream(f"{title}，为什么?", HISTORY):
                renderer.render(event)
                last = time.perf_counter() if isinstance(event, Text) else last
            done = time.perf_counter()
            if number < WARM or len(server.chats) == before:  # not covered: it was not put to the model
                continue
            rows["prepare"].append(model.asked - began)
            rows["request"].append(first - model.asked)
            rows["screen"].append(screen.shown - first)
            rows["after"].append(done - last)
            rows["bare"].append(_bare(server, server.chats[-1]) - first)
    figures: dict[str, Any] = {"questions": len(rows["prepare"])}
    for name, seconds in rows.items():
        ordered = sorted(1000 * value for value in seconds)
        figures[name] = {
            "median_ms": round(statistics.median(ordered), 2),
            "p95_ms": round(ordered[int(0.95 * len(ordered))], 2),
        }
    figures["screen_over_bare"] = round(figures["screen"]["median_ms"] / figures["bare"]["median_ms"], 2)
    for name, row in figures.items():
        print(f"  {name:<18}{row}")
    return figures


def _bare(server: FakeOllama, body: Mapping[str, Any]) -> float:
    """Return when httpx alone has the first piece of the same answer."""
    with (
        httpx.Client(trust_env=False, verify=False) as client,
        client.stream("POST", f"http://{server.host}/api/chat", content=json.dumps(body)) as response,
    ):
        next(response.iter_raw())
        return time.perf_counter()
