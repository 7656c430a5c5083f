"""`assistant-quiz` and `assistant-interview`: the last line is an answer in the dialogue that goes on in its chat.

The API is stateless, so that a client sends the whole chat each time, and the last line again where it asks for another
reply. What was heard once is not heard again: the reply is the one it had.
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from api.access.caller import Caller
from api.openai_chat.conversation import answer_key, question_of, thread_key
from api.openai_chat.errors import status_of
from api.openai_chat.harmless import harmless
from api.openai_chat.parts import Replying, Said, Waited
from api.openai_chat.wire import ChatMessage
from api.service import Service
from assistant.asking import EmptyQuestion
from assistant.dialogues.opening import Dialogues
from assistant.dialogues.types import Dialogue, Mode
from assistant.dialogues.types import Said as Told
from assistant.interview.machine import InterviewEnded
from assistant.language import language_of, say
from assistant.quiz.sitting import QuizEnded
from corpus.errors import StudyError, UnknownName

_MENDED_IN_TALK = (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND)


async def practise(
    service: Service, caller: Caller, messages: Sequence[ChatMessage], mode: Mode, chat_id: str
) -> Replying:
    """Say what follows in the dialogue of this chat, or begin one about what the line names.

    What whoever answers can mend (a topic that is not there, a letter that is no choice) is part of the talk, and no
    error of the API.
    """
    if service.assistant.settings.model != "notes":  # whoever grades may take long; the line is opened before
        yield Waited(say("wait_first_word", language_of(question_of(messages))))
    try:
        text = await service.run_with_model(lambda: _turn(service, caller.learner, messages, mode, chat_id))
    except StudyError as error:
        if status_of(error) not in _MENDED_IN_TALK:
            raise
        text = "\n\n".join(filter(None, (error.message, error.hint)))
    yield Said(text)


def _turn(service: Service, learner: str, messages: Sequence[ChatMessage], mode: Mode, chat_id: str) -> str:
    threads, line = service.store.threads.of(learner), question_of(messages)
    dialogues = Dialogues(service.assistant, service.store, learner, clock=service.clock)
    key, said_key = thread_key(mode, messages, chat_id), answer_key(messages)
    if key and (begun := threads.get(f"{key}:{said_key}")):
        return _whole(dialogues.open(mode, begun.ref).now())
    going = _open(dialogues, mode, going.ref) if key and (going := threads.get(key)) else None
    if going:
        try:
            return _whole(going.say(line, said_key))
        except (QuizEnded, InterviewEnded):
            pass  # what is said after the end begins another
    if not line:
        raise EmptyQuestion("there is no line to answer", "Say what to begin with, such as: BN")
    dialogue = dialogues.begin(mode, line)
    text = _whole(dialogue.now())
    key = key or thread_key(mode, [*messages, ChatMessage(role="assistant", content=harmless(text))])
    for name in (key, f"{key}:{said_key}"):
        threads.put(name, mode, dialogue.ref, service.clock())
    return text


def _whole(said: Told) -> str:
    """Return what is said, with the words that stand for buttons."""
    return "\n\n".join(filter(None, (said.text, said.keys)))


def _open(dialogues: Dialogues, mode: Mode, ref: str) -> Dialogue | None:
    """Return the dialogue, None where it is there no more: its learner may have been forgotten."""
    try:
        return dialogues.open(mode, ref)
    except UnknownName:
        return None
