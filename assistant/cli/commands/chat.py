"""Talk with the notes: at a terminal with editing and history, or piped, one question a line."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import Annotated

import typer

from assistant.cli.session import Session, lines_of


def command(
    session: Session,
    resume: Annotated[
        bool, typer.Option("--continue", help="Go on with the last conversation, follow-ups included.")
    ] = False,
) -> None:
    """Chat with your notes. Inside, /help lists commands; piped questions are answered one a line."""
    from assistant.cli.conversation import Conversation, Leave
    from assistant.cli.rendering import Terminal

    session.assistant.topics()  # settings or notes that cannot be used are one error, not one a line
    terminal = Terminal()
    conversation = Conversation(session, terminal, resume=resume)
    try:
        if sys.stdin.isatty() and terminal.is_tty:
            _talk(conversation)
        else:
            for number, line in enumerate(lines_of(sys.stdin)):
                if number:
                    terminal.line()
                conversation.say(line)
    except Leave:
        pass


def _talk(conversation: object) -> None:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import WordCompleter
    from prompt_toolkit.formatted_text import ANSI
    from prompt_toolkit.history import FileHistory, History, InMemoryHistory

    from assistant.cli.conversation import COMMANDS, Conversation
    from corpus.errors import StudyError

    assert isinstance(conversation, Conversation)
    terminal, session = conversation.terminal, conversation.session
    topics = session.assistant.topics()
    terminal.line(f"面试笔记助手 · {len(topics)} 个主题 · {session.assistant.answerer.mode}", "bold")
    if load := session.assistant.loading():
        # While the first question is typed. A question that comes sooner waits for its turn, and says so.
        terminal.line("正在载入模型，可以先提问。(loading the model; you can ask already)", "dim")
        Thread(target=_quietly, args=(load,), daemon=True).start()
    terminal.line("直接提问，中英文都可以；/help 看命令，Ctrl-D 离开。(Ask in Chinese or English.)", "dim")
    history: History = InMemoryHistory()
    try:
        session.settings.home.mkdir(parents=True, exist_ok=True)
        file = session.settings.home / "typed_questions"
        file.touch(mode=0o600)
        history = FileHistory(str(file))
    except OSError:
        session.warn(f"{str(session.settings.home)!r} cannot be written; typed questions are not kept")
    prompt: PromptSession[str] = PromptSession(
        history=history,
        completer=WordCompleter([f"/{name}" for name in COMMANDS], sentence=True),
        complete_while_typing=False,
    )
    while True:
        try:
            line = prompt.prompt(ANSI("\n" + terminal.style("问 › ", "green"))).strip()
        except KeyboardInterrupt:
            continue  # Ctrl-C at the prompt clears the line, as in a shell
        except EOFError:
            return
        if line:
            try:
                conversation.say(line)
            except StudyError as error:
                conversation.complain(error)


def _quietly(load: Callable[[], None]) -> None:
    """Load the model; what is wrong with it is told when it is asked something."""
    from assistant.llm.base import ModelError

    with suppress(ModelError):
        load()
