"""Grade one answer by the notes, or with --stdin one a line; show and edit the key points it is graded by."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli.session import LOCAL_LEARNER, Session, UsageError, error_json, print_json, requests_of
from assistant.grading.types import Level
from corpus.errors import StudyError

if TYPE_CHECKING:
    from assistant.grading.types import Grade


def command(
    session: Session,
    question: Annotated[str, typer.Option("--question", help="The question that was asked.")] = "",
    answer: Annotated[str | None, typer.Option("--answer", help="The answer to grade.")] = None,
    topic: Annotated[str, typer.Option("--topic", help="The topic it is about; found if not given.")] = "",
    overrule: Annotated[
        Level | None, typer.Option("--overrule", help="Decide the level of this answer yourself; it is kept.")
    ] = None,
    points: Annotated[
        bool, typer.Option("--points", help="Show the key points of --topic instead of grading.")
    ] = False,
    set_points: Annotated[
        Path | None, typer.Option("--set-points", help="Replace the key points of --topic: one a line.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Write the grade as one JSON object.")] = False,
    stdin: Annotated[
        bool,
        typer.Option("--stdin", help='Read {"question", "answer", "topic"} objects, one per line.'),
    ] = False,
) -> None:
    """Grade a free answer by the key points of the notes. Exit code 3: the notes hold nothing to grade by."""
    if points or set_points:
        _points(session, topic, set_points, json=json)
        return
    if stdin:
        if question or answer is not None:
            raise UsageError("both --stdin and --question or --answer were given", "Give one of the two.")
        _grade_lines(session)
        return
    if not question or answer is None:
        raise UsageError(
            "a grade needs --question and --answer",
            "For example: assistant grade --question '为什么 L1 稀疏?' --answer '…'",
        )
    grade = session.assistant.grade(question, answer, topic or None)
    if overrule:
        grade = _overruled(session, grade, overrule)
    if json:
        print_json(grade.to_dict())
    else:
        _show(grade)
    if not grade.points:
        raise typer.Exit(3)


def _grade_lines(session: Session) -> None:
    session.assistant.topics()  # settings or notes that cannot be used are one error, not one a line
    for request in requests_of(sys.stdin, "question"):
        if isinstance(request, StudyError):
            print_json(error_json(request))
            continue
        try:
            print_json(_graded(session, request).to_dict())
        except StudyError as error:
            print_json({"question": request["question"][:200]} | error_json(error))


def _graded(session: Session, request: dict[str, Any]) -> Grade:
    answer, topic = request.get("answer"), request.get("topic")
    if not isinstance(answer, str):
        raise UsageError(
            f"this request has no 'answer': {request['question'][:80]!r}",
            'For example {"question": "…", "answer": "…"}.',
        )
    if topic is not None and not isinstance(topic, str):
        raise UsageError(f"the topic is {topic!r}, not text", 'For example {"topic": "im2col"}.')
    return session.assistant.grade(request["question"], answer, topic or None)


def _overruled(session: Session, grade: Grade, level: Level) -> Grade:
    """Keep the user's decision and return the grade by it. A store that fails is told, and the grade given."""
    from datetime import UTC, datetime

    from assistant.grading.grader import overrule

    store = session.store.grading.of(LOCAL_LEARNER)
    session.remember(lambda: store.keep_overrule(grade, level, datetime.now(UTC)))
    return overrule(grade, level)


def _points(session: Session, title: str, source: Path | None, *, json: bool) -> None:
    from assistant.grading.grader import digest_of, key_of
    from assistant.grading.types import KeyPoint

    if not title:
        raise UsageError("--points and --set-points need --topic", "assistant notes topics lists them.")
    grader = session.assistant.grader
    topic = grader.topic(title)
    if source is not None:
        given = [line.strip().lstrip("-*").strip() for line in _text_of(source).splitlines()]
        written = tuple(KeyPoint(line, wordings=(line,), written=True) for line in given if line)
        store = session.store.grading.of(LOCAL_LEARNER)
        if written:
            store.keep_points(key_of(topic), digest_of(topic), written)
        else:
            store.forget_points(key_of(topic))
    points = grader.points(topic)
    if json:
        print_json(
            [{"text": p.text, "citation": p.citation.to_dict() if p.citation else None} for p in points]
        )
        return
    for point in points:
        print(f"- {point.text}")  # noqa: T201


def _text_of(source: Path) -> str:
    try:
        return source.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{str(source)!r} cannot be read ({error})",
            "Give a text file with one point a line; empty to reset.",
        ) from error


def _show(grade: Grade) -> None:
    """Print the feedback, then what it is graded by and how."""
    print(grade.feedback)  # noqa: T201
    for notice in grade.notices:
        print(notice)  # noqa: T201
    shown = f"{grade.topic} · " if grade.topic else ""
    print(f"\n— {shown}{grade.level.value} {grade.score:.2f} · {grade.mode}")  # noqa: T201
