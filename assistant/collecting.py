"""What the events of an answer add up to, and the time its stages took."""

from __future__ import annotations

import time

from assistant.answering.types import PartialEvent
from assistant.events import Citation, Cited, Notice, Text, ToolRan, ToolRun


class Collected:
    """What the events of one answer add up to."""

    def __init__(self) -> None:
        self.text = ""
        self.citations: list[Citation] = []
        self.tools: list[ToolRun] = []
        self.notices: list[str] = []
        self.unsupported: list[str] = []
        self.retracted = False

    def add(self, event: PartialEvent) -> PartialEvent:
        """Take an event in and return it."""
        match event:
            case Text(text):
                self.text += text
            case Cited(citation):
                self.citations.append(citation)
            case ToolRan(run=run):
                self.tools.append(run)
            case Notice(text, retract, unsupported):
                self.notices.append(text)
                self.unsupported += [unsupported] if unsupported else []
                if retract:
                    self.text, self.citations, self.tools, self.retracted = "", [], [], True
                    self.unsupported = []
            case _:
                pass
        return event


class Clock:
    """Seconds by stage."""

    def __init__(self) -> None:
        self._last = self._start = time.perf_counter()
        self.laps: dict[str, float] = {}

    def lap(self, stage: str) -> None:
        """End `stage`, which began with the lap before."""
        now = time.perf_counter()
        self.laps[stage], self._last = now - self._last, now
        self.laps["total"] = now - self._start

    def first(self, stage: str, happened: bool) -> None:
        """Note when something `happened` for the first time, since the start."""
        if happened:
            self.laps.setdefault(stage, time.perf_counter() - self._start)
