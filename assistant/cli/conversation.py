"""A conversation at the terminal: questions, slash commands, history that survives, Ctrl-C mid-answer."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

from assistant.chats import REMEMBERED, Chats
from assistant.cli.rendering import AnswerRenderer, Terminal, heading, place
from assistant.cli.session import LOCAL_LEARNER, Session
from assistant.events import Answer, Done, Turn
from assistant.study import turn_of
from corpus.errors import StudyError
from corpus.plugins import unknown

# Turns that a follow-up or a model may look back on. They go many at once and not one by one, because a model's
# server must read everything anew that follows on what went.
_MOST_REMEMBERED = 40


class Leave(Exception):
    """The person wants to go."""


@dataclass(frozen=True, slots=True)
class SlashCommand:
    """One command inside the chat."""

    help: str
    run: Callable[[Conversation, str], None]


class Conversation:
    """Turns of one chat. `say` answers a line, whether a question or a slash command."""

    def __init__(self, session: Session, terminal: Terminal, *, resume: bool = False) -> None:
        self.session = session
        self.terminal = terminal
        self.last: Answer | None = None
        self.history: list[Turn] = []
        self._session_id: str | None = None
        if resume:
            self._resume()

    def say(self, line: str) -> None:
        """Answer one line. Raises `Leave` for /quit; every other error of the user is printed and done with."""
        try:
            if line.startswith("/"):
                self._command(line[1:])
            else:
                self.answer(line)
        except StudyError as error:
            self.complain(error)

    def complain(self, error: StudyError) -> None:
        """Print an error where the conversation is read."""
        self.terminal.line(f"✗ {error.message}", "yellow")
        if error.hint:
            self.terminal.line(f"  {error.hint}", "dim")

    def clear(self) -> None:
        """Forget what was said, so that the next question stands alone."""
        self.history.clear()
        self.last = None
        self._session_id = None

    def answer(self, question: str, *, general: bool = False) -> None:
        """Answer a question on the terminal and remember it; `general` as in `Assistant.stream`."""
        renderer = AnswerRenderer(self.terminal, show_thoughts=self.session.settings.show_thoughts)
        with closing(self.session.assistant.stream(question, self.history, general=general)) as events:
            try:
                for event in events:
                    renderer.render(event)
                    if isinstance(event, Done):
                        self._remember(event.answer)
            except KeyboardInterrupt:
                renderer.interrupted(question)
                if not self.terminal.is_tty:  # nobody is there to ask something else
                    raise

    def _remember(self, answer: Answer) -> None:
        self.last = answer
        self.history.append(turn_of(answer))
        if len(self.history) > _MOST_REMEMBERED:
            del self.history[:-REMEMBERED]
        self.session.remember(lambda: self._store(answer))

    def _store(self, answer: Answer) -> None:
        self._session_id = self._chats.remember(self._session_id, answer, datetime.now(UTC))

    @property
    def _chats(self) -> Chats:
        return Chats(self.session.store, LOCAL_LEARNER)

    def _resume(self) -> None:
        self._session_id = self.session.store.history.latest(LOCAL_LEARNER)
        if self._session_id is None:
            self.terminal.line("还没有可以继续的对话，开始新的对话。(no earlier chat to continue)", "dim")
            return
        self.history.extend(self._chats.turns(self._session_id))
        self.terminal.line(
            f"接着上次的对话（{len(self.history)} 轮），上一问：{self.history[-1].question}", "dim"
        )

    def _command(self, line: str) -> None:
        name, _, rest = line.strip().partition(" ")
        if name not in COMMANDS:
            raise unknown("chat command", f"/{name}", [f"/{known}" for known in COMMANDS])
        COMMANDS[name].run(self, rest.strip())


def _help(conversation: Conversation, rest: str) -> None:
    for name, command in COMMANDS.items():
        conversation.terminal.line(f"/{name:<9} {command.help}")


def _sources(conversation: Conversation, rest: str) -> None:
    terminal = conversation.terminal
    if conversation.last is None or not conversation.last.citations:
        terminal.line("还没有引用过笔记。(nothing has been cited yet)", "dim")
        return
    for citation in conversation.last.citations:
        where = place(citation.path, citation.location)
        terminal.entry(f"[{citation.n}] {heading(citation.heading_path)}", where, "bold")
        terminal.line(citation.quote)


def _general(conversation: Conversation, rest: str) -> None:
    question = rest or (conversation.last.question if conversation.last else "")
    if not question:
        raise StudyError("there is no question yet", "Ask one, or give it: /general 什么是扩散模型?")
    conversation.answer(question, general=True)


def _topics(conversation: Conversation, rest: str) -> None:
    for topic in conversation.session.assistant.topics():
        stub = "（只有标题或链接）" if topic.stub else ""
        conversation.terminal.line(f"- {heading(topic.heading_path)}{stub}")


def _demo(conversation: Conversation, rest: str) -> None:
    from assistant.cli.commands.demo import run_in_chat

    try:
        words = shlex.split(rest)
    except ValueError as error:
        raise StudyError(
            f"{rest!r} cannot be read: {error}", "Quote lists: /demo pooling --x '[[1,2],[3,4]]'"
        ) from error
    run_in_chat(words, conversation.terminal)


def _quiz(conversation: Conversation, rest: str) -> None:
    from assistant.cli.quiz_in_chat import quiz_in_chat

    quiz_in_chat(conversation.session, conversation.terminal, rest)


def _interview(conversation: Conversation, rest: str) -> None:
    from assistant.cli.interview_in_chat import interview_in_chat

    interview_in_chat(conversation.session, conversation.terminal, rest)


def _clear(conversation: Conversation, rest: str) -> None:
    conversation.clear()
    conversation.terminal.line("已清空上下文。(context cleared)", "dim")


def _quit(conversation: Conversation, rest: str) -> None:
    raise Leave


COMMANDS: dict[str, SlashCommand] = {
    "help": SlashCommand("列出命令 (list commands)", _help),
    "demo": SlashCommand("运行演示: /demo receptive_field --preset vgg_16 (run a demo)", _demo),
    "quiz": SlashCommand("出几道题考我: /quiz BN (be asked from your notes)", _quiz),
    "interview": SlashCommand("模拟面试: /interview BN (a mock interview)", _interview),
    "sources": SlashCommand("上一个回答引用的原文 (what the last answer quoted)", _sources),
    "general": SlashCommand("笔记没讲到时，让模型凭一般知识回答 (answer beyond the notes)", _general),
    "topics": SlashCommand("笔记里有哪些主题 (topics of the notes)", _topics),
    "clear": SlashCommand("忘掉之前的对话 (forget the conversation)", _clear),
    "quit": SlashCommand("离开 (leave; Ctrl-D works too)", _quit),
}
