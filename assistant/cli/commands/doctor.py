"""Say what works, what does not, and the command that mends it; with --live try the model out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.session import Session, UsageError, print_json
from corpus.errors import StudyError

if TYPE_CHECKING:
    from assistant.doctor.finding import Finding
    from assistant.doctor.visit import Outcome
    from assistant.llm.base import ChatModel


def command(
    session: Session,
    json: Annotated[bool, typer.Option("--json", help="Write one JSON list.")] = False,
    live: Annotated[
        bool,
        typer.Option("--live", help="Hold a scripted conversation with the model and file its transcript."),
    ] = False,
    replay: Annotated[
        Path | None,
        typer.Option("--replay", help="Hold that conversation with a transcript instead of a model."),
    ] = None,
    transcript: Annotated[
        Path | None,
        typer.Option("--transcript", help="Where --live writes; otherwise a file in the home folder."),
    ] = None,
) -> None:
    """Look at the notes, the home folder, the model and the extras. Exit code 1: something needed is missing."""
    if live or replay:
        _hold(session, replay, transcript, json=json)
        return
    findings = list(_findings(session))
    if json:
        print_json([asdict(finding) for finding in findings])
    else:
        from assistant.cli.rendering import Terminal

        terminal = Terminal()
        for finding in findings:
            mark = "✓" if finding.works else "✗" if finding.needed else "–"
            terminal.line(f"{mark} {finding.name}: {finding.says}")
            if finding.mend and not finding.works:
                terminal.line(f"    {finding.mend}", "dim")
    if any(finding.needed and not finding.works for finding in findings):
        raise typer.Exit(1)


def _findings(session: Session) -> Iterator[Finding]:
    from assistant.doctor.finding import tried
    from assistant.doctor.looks import looks
    from assistant.doctor.model_looks import model_looks

    settings = tried("settings", lambda: f"home is {str(session.settings.home)!r}")
    yield settings
    if settings.works:
        yield from looks(session.settings, session.assistant)
        yield from model_looks(session.settings)


def _hold(session: Session, replay: Path | None, transcript: Path | None, *, json: bool) -> None:
    """Hold the scripted conversation; exit code 1 where a step did not pass."""
    from assistant.cli.rendering import Terminal
    from assistant.doctor import recording
    from assistant.doctor.live import hold

    terminal = Terminal()

    def show(outcome: Outcome) -> None:
        if not json:
            mark = "–" if outcome.passed is None else "✓" if outcome.passed else "✗"
            terminal.line(f"{mark} {outcome.name}: {outcome.says} ({outcome.seconds:.1f} s)")

    if replay:
        model: ChatModel | None = recording.read(replay)
        recorder = None
    else:
        model = recorder = recording.Recorder(_model(session))
    outcomes = hold(session.settings, model, show)
    passed = sum(outcome.passed is True for outcome in outcomes)
    failed = sum(outcome.passed is False for outcome in outcomes)
    if recorder:
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        file = transcript or session.settings.home / "transcripts" / f"{stamp}.jsonl"
        recording.write(file, recorder, outcomes)
        session.warn(f"transcript: {file}\nto hold it again: assistant doctor --replay {file}")
    if json:
        print_json([outcome.to_dict() for outcome in outcomes])
    else:
        terminal.line(f"{passed} passed, {failed} failed", "bold")
    if failed:
        raise typer.Exit(1)


def _model(session: Session) -> ChatModel:
    from assistant.llm import open_model

    if session.settings.model == "notes":
        raise UsageError(
            "--live tries a model, and the setting is notes mode", "Add --model ollama:qwen3.5:4b."
        )
    told: list[str] = []
    if model := open_model(session.settings, told.append):
        return model
    raise StudyError("; ".join(told) or f"{session.settings.model!r} does not open", "assistant doctor")
