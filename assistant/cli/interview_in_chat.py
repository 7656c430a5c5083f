"""A mock interview inside the chat: at its prompt until it ends or is left, which pauses it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from assistant.cli.commands.interview import begin
from assistant.cli.interview_doors import LinesDoor
from assistant.cli.interviewing import hold, typed
from assistant.cli.session import LOCAL_LEARNER, Session
from assistant.interview.planning import Wanted
from assistant.language import language_of
from assistant.quiz.session import topics_for
from corpus.errors import StudyError

if TYPE_CHECKING:
    from assistant.cli.rendering import Terminal

#: Minutes of an interview on one topic, and of one on all.
_ON_ONE, _ON_ALL = 9, 30


def interview_in_chat(session: Session, terminal: Terminal, words: str) -> None:
    """Hold an interview about `words`, or all notes. Raises `StudyError` where nobody is there to answer."""
    if not (sys.stdin.isatty() and terminal.is_tty):
        raise StudyError(
            "an interview in the chat needs a terminal", "Use `assistant interview`, which reads a pipe, too."
        )
    interviewer = session.assistant.interviewer(LOCAL_LEARNER)
    topics = topics_for(words, session.assistant.quizmaster())
    # An abbreviation is in no language: BN is asked about in Chinese, where the note is.
    named = topics[0] if topics and len(words.split()) == 1 else words
    wanted = Wanted(language=language_of(named), minutes=_ON_ONE if topics else _ON_ALL, topics=topics)
    conductor = begin(session, interviewer, wanted)
    is_slow = session.assistant.grader.model is not None
    door = LinesDoor(terminal, wanted.language, is_slow=is_slow)
    door.began(conductor, resumed=False)
    door.said(conductor, conductor.latest)
    hold(conductor, interviewer, door, typed(terminal, conductor))
