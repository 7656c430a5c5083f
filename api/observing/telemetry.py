"""Traces by OpenTelemetry where the setting asks for them: what a request did and how long, without what it said.

FastAPI writes the spans and, told so by `auto_configure`, sends them where `OTEL_EXPORTER_OTLP_ENDPOINT` says. Here is
what it may not tell: the query of an address and a path beyond its route may hold what somebody typed. Its log records
carry the messages of exceptions, so they are off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi.telemetry import TelemetryConfig

from assistant.settings import Settings
from corpus.errors import StudyError

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

#: Attributes of a span (semantic conventions for HTTP) that hold what the client wrote.
TOLD_BY_CLIENTS = ("url.query", "url.path", "url.full", "http.request.method_original", "user_agent.original")


def configured(settings: Settings) -> TelemetryConfig:
    """Return how FastAPI is to trace. Raises `StudyError` where traces are asked for and cannot be made."""
    if not settings.telemetry:
        return {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
    return {"tracer_provider": discreet_provider(), "metrics": True, "logs": False, "auto_configure": True}


def discreet_provider() -> TracerProvider:
    """Return a tracer provider whose spans hold nothing of `TOLD_BY_CLIENTS`. Raises `StudyError`."""
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: F401
        from opentelemetry.sdk.trace import Span, SpanProcessor, TracerProvider
    except ImportError as error:
        raise StudyError(
            "the setting `telemetry` is on, and OpenTelemetry is not installed",
            "pip install 'interview-study-assistant[telemetry]'",
        ) from error
    from opentelemetry.context import Context

    class Discreet(SpanProcessor):
        """Empties attributes when a span starts, which is when FastAPI fills them."""

        def on_start(self, span: Span, parent_context: Context | None = None) -> None:
            for name in TOLD_BY_CLIENTS:
                if name in (span.attributes or {}):
                    span.set_attribute(name, "-")

    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(Discreet())
    return provider
