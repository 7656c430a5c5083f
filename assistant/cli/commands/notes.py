"""Look at the notes: their topics, the files they come from, and the questions they did not answer."""

from __future__ import annotations

from typing import Annotated

import typer

from assistant.cli.session import LOCAL_LEARNER, Session, print_json

Json = Annotated[bool, typer.Option("--json", help="Write one JSON list.")]


def topics(session: Session, json: Json = False) -> None:
    """List the topics with their place in the files."""
    found = session.assistant.topics()
    if json:
        print_json([topic.to_dict() for topic in found])
        return
    from assistant.cli.rendering import Terminal, heading, place

    terminal = Terminal()
    for topic in found:
        stub = " (title or link only)" if topic.stub else ""
        terminal.entry(heading(topic.heading_path) + stub, place(topic.path, topic.location))
    terminal.line(f"{len(found)} topics", "dim")


def gaps(session: Session, json: Json = False) -> None:
    """List the questions that the notes did not cover, the most asked first."""
    found = session.store.gaps.most_asked(LOCAL_LEARNER)
    if json:
        print_json(
            [
                {
                    "question": gap.question,
                    "count": gap.count,
                    "last_asked": gap.last_asked.isoformat(),
                    "nearest": list(gap.nearest_topics),
                }
                for gap in found
            ]
        )
        return
    from assistant.cli.rendering import Terminal

    terminal = Terminal()
    for gap in found:
        terminal.line(f"{gap.count:>3} × {gap.question}")
    terminal.line(f"{len(found)} gaps" if found else "笔记还没有答不上来的问题。(no gaps yet)", "dim")


command = {"topics": topics, "gaps": gaps}
