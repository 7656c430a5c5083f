"""Answers written by a model from the passages, with demos as tools and markers that are checked as they stream."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing

from assistant.answering import demo_choice
from assistant.answering.citing import MarkerFilter
from assistant.answering.tool_loop import LoopEvent, converse
from assistant.answering.tool_offer import LIST_DEMOS, list_demos, offered
from assistant.answering.types import Answerer, PartialEvent, Request
from assistant.events import Citation, Cited, Notice, Text, Thought, ToolRan, ToolRun, Turn
from assistant.language import say
from assistant.llm.base import (
    CapabilityMissing,
    ChatModel,
    Content,
    Finished,
    FinishReason,
    Message,
    ModelError,
    Role,
    Thinking,
    ToolCall,
    ToolSchema,
)
from assistant.prompts import fill
from corpus.errors import UnknownName
from corpus.glossary import Glossary
from corpus.types import Passage

#: Passages given to the model, best first, and the characters they may fill together.
MAX_PASSAGES = 6
MAX_PASSAGE_CHARACTERS = 4_000
#: Earlier turns sent with a question.
MAX_HISTORY = 6


class ModelMode:
    """A model grounded in passages; where it fails, `fallback` answers the same request. Implements `Answerer`."""

    def __init__(self, model: ChatModel, fallback: Answerer, glossary: Glossary) -> None:
        self._model = model
        self._glossary = glossary
        self._fallback = fallback
        self._calls_tools = True  # until the model says otherwise
        self._tools: tuple[ToolSchema, ...] = ()

    @property
    def mode(self) -> str:
        """The model's name."""
        return self._model.name

    def answer(self, request: Request) -> Generator[PartialEvent, None, None]:
        """Stream the model's answer. Any `ModelError` is said aloud and notes mode answers instead."""
        try:
            yield from self._from_model(request)
        except ModelError as error:
            yield Notice(say("fell_back", request.language, reason=error.message), retract=True)
            if error.hint:
                yield Notice(error.hint)
            yield from self._fallback.answer(request)

    def _from_model(self, request: Request) -> Iterator[PartialEvent]:
        passages = _given(request)
        markers = MarkerFilter(len(passages))
        shown: set[int] = set()

        def render(pieces: Iterator[str | int]) -> Iterator[PartialEvent]:
            for piece in pieces:
                if isinstance(piece, str):
                    yield Text(piece)
                    continue
                if piece not in shown:
                    shown.add(piece)
                    yield Cited(_citation(piece, passages[piece - 1]))
                yield Text(f"[{piece}]")

        with closing(self._converse(request, _messages(request, passages))) as events:
            for event in events:
                match event:
                    case Content():
                        yield from render(markers.feed(event.text))
                    case Thinking():
                        yield Thought(event.text)
                    case ToolRun():
                        yield ToolRan(event)
                    case Finished():
                        yield from render(markers.finish())
                        yield Text("\n")
                        if event.reason is FinishReason.LENGTH:
                            yield Notice(say("cut_short", request.language))
        if not self._calls_tools:
            yield from demo_choice.answer(request)
        if markers.dropped:
            yield Notice(say("dropped_citations", request.language, count=markers.dropped))
        if not shown:
            yield Notice(say("uncited", request.language))
            for number, passage in enumerate(passages[:2], start=1):
                yield Cited(_citation(number, passage))

    def _converse(self, request: Request, messages: Sequence[Message]) -> Generator[LoopEvent, None, None]:
        """Talk with tools, or without where the model cannot call any: figures then come from notes mode's choice."""
        if self._calls_tools:
            try:
                self._tools = offered(request, self._glossary, self._tools)
                yield from converse(self._model, messages, self._tools, _execute)
                return
            except CapabilityMissing:  # said before the first event, so nothing is shown twice
                self._calls_tools = False
        yield from converse(self._model, messages, (), _execute)


def _given(request: Request) -> list[Passage]:
    """The passages for the prompt: every hit's best first, then the rest of the best topic, within the budget."""
    best = [hit.passage for hit in request.found.hits]
    more = [p for hit in request.found.hits[:1] for p in hit.topic.passages if p not in best]
    given: list[Passage] = []
    spent = 0
    for passage in [*best[:1], *more, *best[1:]]:
        if len(given) == MAX_PASSAGES or (given and spent + len(passage.text) > MAX_PASSAGE_CHARACTERS):
            break
        given.append(passage)
        spent += len(passage.text)
    return given


def _messages(request: Request, passages: Sequence[Passage]) -> list[Message]:
    """System prompt, earlier turns, then the passages with the question: only the end differs between turns."""
    numbered = "\n\n".join(
        f"[{number}] {' > '.join(passage.heading_path)}\n{passage.text[:MAX_PASSAGE_CHARACTERS]}"
        for number, passage in enumerate(passages, start=1)
    )
    return [
        Message(Role.SYSTEM, fill("system")),
        *(message for turn in request.history[-MAX_HISTORY:] for message in _turn(turn)),
        Message(Role.USER, fill("question", passages=numbered, question=request.question)),
    ]


def _turn(turn: Turn) -> tuple[Message, Message]:
    return Message(Role.USER, turn.question), Message(Role.ASSISTANT, turn.answer)


def _citation(number: int, passage: Passage) -> Citation:
    return Citation(
        n=number,
        topic=passage.topic,
        heading_path=passage.heading_path,
        path=str(passage.path),
        location=passage.location,
        quote=passage.text.strip("\n"),
        passage_id=passage.passage_id,
    )


def _execute(call: ToolCall) -> ToolRun:
    """Run the demo a model asked for; an unknown name comes back as an error it can mend."""
    if call.name == LIST_DEMOS.name:
        return list_demos()
    try:
        return demo_choice.run(demo_choice.Choice(call.name, call.arguments))
    except UnknownName as error:
        return ToolRun(
            call.name, dict(call.arguments), {"error": {"code": "unknown_tool", "hint_en": str(error)}}
        )
