"""Ask one question, or with --stdin one a line."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from assistant.cli.session import Session, UsageError, error_json, print_json, requests_of
from corpus.errors import StudyError


def command(
    session: Session,
    question: Annotated[str, typer.Argument(help="The question, in Chinese or English.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Write the answer as one JSON object.")] = False,
    stdin: Annotated[
        bool, typer.Option("--stdin", help="Read one question per line from standard input.")
    ] = False,
    general: Annotated[
        bool,
        typer.Option("--general", help="Let the model answer what the notes lack from general knowledge."),
    ] = False,
) -> None:
    """Answer a question from the notes, with citations. Exit code 3: the notes do not cover it."""
    if stdin and question:
        raise UsageError(f"both --stdin and a question ({question!r}) were given", "Give one of the two.")
    if stdin:
        _answer_lines(session, general=general)
        return
    from assistant.events import Done, Status
    from assistant.study import Assistant

    assistant: Assistant = session.assistant
    if json:
        answer = assistant.ask(question, general=general)
        session.record(answer)
        print_json(answer.to_dict())
    else:
        from assistant.cli.rendering import AnswerRenderer, Terminal

        renderer = AnswerRenderer(Terminal(), show_thoughts=session.settings.show_thoughts)
        for event in assistant.stream(question, general=general):
            renderer.render(event)
            if isinstance(event, Done):
                answer = event.answer
        session.record(answer)
    if answer.status is Status.NOT_IN_NOTES:
        raise typer.Exit(3)


def _answer_lines(session: Session, *, general: bool) -> None:
    session.assistant.topics()  # settings or notes that cannot be used are one error, not one a line
    for request in requests_of(sys.stdin, "question"):
        if isinstance(request, StudyError):
            print_json(error_json(request))
            continue
        try:
            answer = session.assistant.ask(request["question"], general=general)
        except StudyError as error:
            print_json({"question": request["question"][:200]} | error_json(error))
            continue
        session.record(answer)
        print_json(answer.to_dict())
