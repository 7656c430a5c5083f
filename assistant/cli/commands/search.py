"""Search the notes without answering."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from assistant.cli.session import Session, UsageError, error_json, print_json, requests_of
from corpus.errors import StudyError


def command(
    session: Session,
    query: Annotated[str, typer.Argument(help="What to look for, in Chinese or English.")] = "",
    k: Annotated[int, typer.Option("-k", min=1, max=1000, help="Number of topics.")] = 5,
    json: Annotated[bool, typer.Option("--json", help="Write the result as one JSON object.")] = False,
    stdin: Annotated[
        bool, typer.Option("--stdin", help="Read one query per line from standard input.")
    ] = False,
) -> None:
    """Show the nearest topics, each by its best passage. Exit code 3: the notes do not cover the query."""
    if stdin and query:
        raise UsageError(f"both --stdin and a query ({query!r}) were given", "Give one of the two.")
    if stdin:
        _search_lines(session, k)
        return
    result = session.assistant.search(query, k)
    if json:
        print_json(result.to_dict())
    else:
        from assistant.cli.rendering import Terminal, heading, place
        from assistant.language import language_of, say

        terminal = Terminal()
        for written, understood in result.corrected.items():
            told = say("read_as", language_of(query), written=written, understood=understood)
            terminal.line(told, "dim")
        for hit in result.hits:
            what = f"{hit.rank}. {heading(hit.passage.heading_path)} ({hit.score:.3f})"
            terminal.entry(what, place(hit.passage.path, hit.passage.location), "bold")
            terminal.line("   " + " ".join(hit.passage.text.split())[:200])
            if hit.also:
                places = ", ".join(place(copy.passage.path, copy.passage.location) for copy in hit.also)
                terminal.line("   " + say("also_in", language_of(query), places=places), "dim")
        terminal.line(f"covered: {'yes' if result.covered else 'no'} ({result.confidence:.2f})", "dim")
    if not result.covered:
        raise typer.Exit(3)


def _search_lines(session: Session, k: int) -> None:
    session.assistant.topics()  # settings or notes that cannot be used are one error, not one a line
    for request in requests_of(sys.stdin, "query"):
        if isinstance(request, StudyError):
            print_json(error_json(request))
            continue
        wanted: Any = request.get("k", k)
        try:
            if not isinstance(wanted, int) or isinstance(wanted, bool) or not 1 <= wanted <= 1000:
                raise UsageError(f"k = {wanted!r} cannot be used", "Give a whole number from 1 to 1,000.")
            print_json(session.assistant.search(request["query"], wanted).to_dict())
        except StudyError as error:
            print_json({"query": request["query"][:200]} | error_json(error))
