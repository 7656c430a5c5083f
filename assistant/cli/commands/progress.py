"""What holds and what does not: the last weeks, the share recalled, what is due, and each topic by what to do next."""

from __future__ import annotations

from typing import Annotated

import typer

from assistant.cli.session import LOCAL_LEARNER, Session, print_json
from assistant.language import Language


def command(
    session: Session,
    topic: Annotated[str, typer.Option("--topic", help="One topic: its groups and what was missed.")] = "",
    every: Annotated[bool, typer.Option("--all", help="List every topic.")] = False,
    lang: Annotated[Language, typer.Option("--lang", help="Language of the report.")] = Language.ZH,
    json: Annotated[bool, typer.Option("--json", help="Write one JSON object.")] = False,
) -> None:
    """Show what is strong, weak and due, and what to do next: `assistant progress --topic BN`."""
    from assistant.progress.gathering import Progress

    progress = Progress(session.assistant, LOCAL_LEARNER, lang)
    if json:
        from assistant.progress.summary import progress_dict, topic_detail

        print_json(topic_detail(progress, progress.topic(topic)) if topic else progress_dict(progress))
        return
    from assistant.cli.progress_view import ProgressView
    from assistant.cli.rendering import Terminal

    view = ProgressView(Terminal(), progress)
    if topic:
        view.topic(progress.topic(topic))
    else:
        view.overview(every=every)
