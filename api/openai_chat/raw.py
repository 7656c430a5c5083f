"""`assistant-raw`: the configured model as it is, without notes, tools, history or a word of ours."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from contextlib import aclosing, closing

from api.openai_chat.errors import NoSuchModel
from api.openai_chat.parts import CutShort, Reply, Replying, Said, Waited
from api.openai_chat.wire import ChatMessage
from api.service import Service
from assistant.language import Language, language_of, say
from assistant.llm.base import ChatModel, Content, Finished, FinishReason, Message, Role, WaitFor, Waiting

_ROLES = {role.value: role for role in (Role.SYSTEM, Role.USER, Role.ASSISTANT)} | {"developer": Role.SYSTEM}
_WAITS = {WaitFor.TURN: "wait_turn", WaitFor.LOADING: "wait_loading", WaitFor.FIRST_WORD: "wait_first_word"}


async def model_of(service: Service) -> ChatModel | None:
    """Return the model that is configured and there, None for notes mode."""
    if service.assistant.settings.model == "notes":
        return None
    return await service.run(lambda: service.assistant.grader.model)


async def speak(service: Service, messages: Sequence[ChatMessage]) -> Replying:
    """Let the model go on with the conversation. Raises `NoSuchModel` where there is none."""
    model = await model_of(service)
    if model is None:
        raise NoSuchModel(
            "there is no model behind 'assistant-raw': this server answers from the notes alone",
            "Get one: assistant setup; or ask 'assistant'.",
        )
    language = language_of(messages[-1].text)
    given = [Message(role, m.text) for m in messages if (role := _ROLES.get(m.role)) and m.text]

    def begin() -> Generator[Reply, None, None]:
        return _said(model, given, language)

    def place(ahead: int) -> Reply:
        return Waited(say("wait_turn", language, ahead=ahead))

    async with aclosing(service.stream(begin, place)) as replies:
        async for reply in replies:
            yield reply


def _said(model: ChatModel, messages: Iterable[Message], language: Language) -> Generator[Reply, None, None]:
    with closing(model.stream(list(messages))) as events:
        for event in events:
            match event:
                case Content(text):
                    yield Said(text)
                case Waiting(reason, ahead):
                    yield Waited(say(_WAITS[reason], language, ahead=ahead))
                case Finished(FinishReason.LENGTH):
                    yield CutShort()
                case _:
                    pass
