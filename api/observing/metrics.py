"""What is counted and timed, for Prometheus: numbers under labels from short fixed lists, never a word of text.

With several workers each keeps its numbers in a file of its own under `PROMETHEUS_MULTIPROC_DIR`, and whichever worker
is asked adds them up. The library reads that variable when it is imported, so it is set before the workers start.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from assistant.events import Answer
from assistant.llm.usage import count_by

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

#: Upper bounds in seconds: notes mode answers in hundredths, a model in minutes.
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)
_STAGES = ("open", "search", "wait", "prepare", "first_text", "answer", "total")


class Metrics:
    """The numbers of one application, in a registry of its own."""

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        self._requests = Counter(
            "assistant_requests_total", "Requests.", ("method", "route", "status"), registry=registry
        )
        self._request_seconds = Histogram(
            "assistant_request_seconds",
            "Time from a request to the end of its reply.",
            ("route",),
            buckets=_SECONDS,
            registry=registry,
        )
        self._stage_seconds = Histogram(
            "assistant_stage_seconds",
            "Time of an answer by stage; first_text and total count from the question.",
            ("stage", "mode"),
            buckets=_SECONDS,
            registry=registry,
        )
        self._answers = Counter(
            "assistant_answers_total",
            "Answers; not_in_notes are refusals.",
            ("status", "mode"),
            registry=registry,
        )
        self._demos = Counter("assistant_demo_runs_total", "Demos run in answers.", registry=registry)
        self._tokens = Counter(
            "assistant_tokens_total", "Tokens of the model, read and written.", ("kind",), registry=registry
        )
        self._grades = Counter("assistant_grades_total", "Graded answers.", ("level",), registry=registry)
        self._queue = Gauge(
            "assistant_queue_length",
            "Requests that wait for the model or are at it, as each worker last saw it.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        count_by(self.spent)
        self.queue_length: Callable[[], int] | None = None

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request. `route` is a template; status 0 is a client that left before there was any."""
        self._requests.labels(method, route, str(status)).inc()
        self._request_seconds.labels(route).observe(seconds)
        self._look_at_queue()

    def answered(self, answer: Answer) -> None:
        """Count an answer and time its stages."""
        mode = _kind(answer.mode)
        self._answers.labels(answer.status.value, mode).inc()
        self._demos.inc(len(answer.tools))
        for stage in _STAGES:
            if stage in answer.timings:
                self._stage_seconds.labels(stage, mode).observe(answer.timings[stage])

    def spent(self, prompt: int, answer: int) -> None:
        """Count the tokens that a model read and wrote."""
        self._tokens.labels("prompt").inc(prompt)
        self._tokens.labels("answer").inc(answer)

    def graded(self, level: str) -> None:
        """Count a graded answer by its level, one of `assistant.grading.types.Level`."""
        self._grades.labels(level).inc()

    def written(self) -> bytes:
        """Return everything in Prometheus' text format, of all workers where there are several."""
        self._look_at_queue()
        registry = self._registry
        if folder := os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
            registry = CollectorRegistry()
            MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]
        return generate_latest(registry)

    def _look_at_queue(self) -> None:
        if self.queue_length is not None:
            self._queue.set(self.queue_length())


def _kind(mode: str) -> str:
    """Return who answered as one of a few words: names of models are the user's choice, and many."""
    return (
        mode.partition(":")[0]
        if mode.startswith(("ollama:", "openai:"))
        else ("notes" if mode == "notes" else "other")
    )
