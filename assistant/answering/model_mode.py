"""Answers written by a model from the passages, with demos as tools and markers that are checked as they stream."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from typing import Any

from assistant.answering import demo_choice, general_knowledge
from assistant.answering.budget import TOOLS, UNMEASURED, USUAL, Budget, ReadLess, weight_of
from assistant.answering.citing import MarkerFilter
from assistant.answering.figures import contradictions
from assistant.answering.grounding import doubted
from assistant.answering.guarding import check_for_rules, is_dictated
from assistant.answering.model_failures import told
from assistant.answering.prompting import Prompt, compose
from assistant.answering.tool_loop import converse
from assistant.answering.tool_offer import LIST_DEMOS, list_demos, offered
from assistant.answering.types import Answerer, PartialEvent, Request
from assistant.events import Citation, Cited, Notice, Text, Thought, ToolRan, ToolRun, Waiting
from assistant.language import Language, say
from assistant.llm import base
from assistant.llm.base import (
    CapabilityMissing,
    ChatModel,
    Content,
    ContextOverflow,
    Finished,
    FinishReason,
    Loadable,
    ModelError,
    Thinking,
    ToolCall,
    ToolSchema,
    Windowed,
)
from corpus.errors import UnknownName
from corpus.glossary import Glossary
from corpus.types import Passage
from index.embedders.hashed import HashedEmbedder
from index.types import Embedder

#: The part of the prompt's room that the schemas of tools may take.
TOOLS_SHARE = 0.35
#: How often a prompt that the server finds too long is made anew, shorter.
MAX_SHORTENED = 2
#: Conversations whose tools are remembered; more than these at once is a server's business.
_MOST_CONVERSATIONS = 64


class ModelMode:
    """A model grounded in passages; where it fails, `fallback` answers the same request. Implements `Answerer`."""

    def __init__(
        self, model: ChatModel, fallback: Answerer, glossary: Glossary, embedder: Embedder | None = None
    ) -> None:
        self._model = model
        self._embedder = embedder or HashedEmbedder(glossary)
        self._glossary = glossary
        self._fallback = fallback
        self._budget = Budget(model.window if isinstance(model, Windowed) else USUAL)
        self._calls_tools = True  # until the model says otherwise
        self._tools: dict[str, tuple[ToolSchema, ...]] = {}  # by the first question of a conversation

    @property
    def mode(self) -> str:
        """The model's name."""
        return self._model.name

    def is_ready(self) -> bool:
        """Say whether an answer could begin at once, the model being in memory."""
        return not isinstance(self._model, Loadable) or self._model.is_loaded()

    def load(self) -> None:
        """Return once the model is in memory. Raises `ModelError`."""
        if isinstance(self._model, Loadable):
            self._model.preload()

    def answer(self, request: Request) -> Generator[PartialEvent, None, None]:
        """Stream the model's answer. Any `ModelError` is said aloud and notes mode answers instead."""
        try:
            yield from self._from_model(request)
        except ModelError as error:
            reason, advice = told(error, request.language)
            yield Notice(say("fell_back", request.language, reason=reason), retract=True)
            if advice:
                yield Notice(advice)
            yield Text("\n")  # what was begun stands above on a terminal: this is another answer
            yield from self._fallback.answer(request)

    def general(self, request: Request) -> Generator[PartialEvent, None, None]:
        """Stream an answer without notes, labelled as such; only for who asked for one."""
        yield from general_knowledge.answer(self._model, request)

    def _from_model(self, request: Request) -> Generator[PartialEvent, None, None]:
        """Ask; where the server finds the prompt too long after all, learn from it and ask with a shorter one."""
        for attempt in range(1 + MAX_SHORTENED):
            tools = self._offered(request)
            try:
                prompt = compose(request, self._budget, tools)
            except ContextOverflow:
                self._budget.forget_refusals()
                raise
            began = False
            try:
                with closing(self._told(request, prompt, tools)) as events:
                    for event in events:
                        began |= not isinstance(event, Waiting)
                        yield event
                return
            except CapabilityMissing:
                if began or not tools:
                    raise
                self._calls_tools = False
            except ContextOverflow as error:
                if began or attempt == MAX_SHORTENED:
                    raise
                self._budget.refused(prompt.messages, tools, error)

    def _told(
        self, request: Request, prompt: Prompt, tools: Sequence[ToolSchema]
    ) -> Generator[PartialEvent, None, None]:
        passages, language = prompt.passages, request.language
        markers = MarkerFilter(len(passages))
        shown: set[int] = set()
        runs: list[ToolRun] = []
        text = ""

        def render(pieces: Iterator[str | int]) -> Iterator[PartialEvent]:
            nonlocal text
            for piece in pieces:
                text += piece if isinstance(piece, str) else f"[{piece}]"
                if isinstance(piece, str):
                    check_for_rules(text, piece)
                    yield Text(piece)
                    continue
                if piece not in shown:
                    shown.add(piece)
                    yield Cited(_citation(piece, passages[piece - 1]))
                yield Text(f"[{piece}]")

        execute = partial(_execute, passages, {tool.name for tool in tools})
        loop = converse(self._model, prompt.messages, tools, execute, self._budget)
        with closing(loop) as events:
            for event in events:
                match event:
                    case Content():
                        yield from render(markers.feed(event.text))
                    case Finished():
                        yield from render(markers.finish())
                        yield Text("\n")
                        if event.reason is FinishReason.LENGTH:
                            yield Notice(say("cut_short", language))
                    case ToolRun():
                        runs.append(event)
                        yield ToolRan(event)
                    case _:
                        yield _passed_on(event, language)
        if not self._calls_tools:
            yield from demo_choice.answer(request, self._glossary)
        if left_out := _left_out(prompt, language):
            yield Notice(left_out)
        if markers.dropped:
            yield Notice(say("dropped_citations", language, count=markers.dropped))
        known = [request.question, request.standalone, *(passage.text for passage in passages)]
        for wrong in contradictions(text, runs, known):
            yield Notice(_contradicted(wrong.written, wrong.run, language))
        yield from doubted(text, passages, runs, language, self._glossary, self._embedder)
        if not shown:
            yield Notice(say("uncited", language))
            for number, passage in enumerate(passages[:2], start=1):
                yield Cited(_citation(number, passage))

    def _offered(self, request: Request) -> tuple[ToolSchema, ...]:
        """Return the tools for this turn: none where the model cannot call any, figures are then notes mode's."""
        if not self._calls_tools:
            return ()
        conversation = (request.history[0] if request.history else request).question
        before = self._tools.pop(conversation, ())
        most = TOOLS_SHARE * self._budget.window.prompt / UNMEASURED
        tools = offered(request, self._glossary, before, most - TOOLS)
        if weight_of((), tools) > most:  # not even a list of demos is worth its room in so small a window
            return ()
        self._tools[conversation] = tools
        while len(self._tools) > _MOST_CONVERSATIONS:
            del self._tools[next(iter(self._tools))]
        return tools


_NOT_ASKED_FOR = "A passage names this demo, and the question does not ask for it. Answer without it."
_WAITS = {
    base.WaitFor.TURN: "wait_turn",
    base.WaitFor.LOADING: "wait_loading",
    base.WaitFor.FIRST_WORD: "wait_first_word",
}


def _passed_on(event: base.Waiting | Thinking | ToolCall | ReadLess, language: Language) -> PartialEvent:
    """Return what a door is told of an event that is no part of the answer."""
    match event:
        case Thinking():
            return Thought(event.text)
        case ReadLess():
            return Notice(say("read_less", language, reported=event.reported, expected=event.expected))
        case ToolCall():
            return Waiting(say("wait_tool", language, call=demo_choice.call(_run(event, {}))))
        case base.Waiting():
            return Waiting(say(_WAITS[event.reason], language, ahead=event.ahead))


def _left_out(prompt: Prompt, language: Language) -> str:
    """Say what had to stay out of the prompt; "" where nothing had to."""
    parts = [
        say(phrase, language, count=count)
        for phrase, count in (
            ("left_out_passages", prompt.passages_left_out),
            ("left_out_rest", int(prompt.is_cut)),
            ("left_out_turns", prompt.turns_left_out),
        )
        if count
    ]
    comma = "、" if language is Language.ZH else ", "
    return say("left_out", language, what=comma.join(parts)) if parts else ""


def _contradicted(written: str, run: ToolRun, language: Language) -> str:
    shown = ", ".join(f"{name} = {value}" for name, value in demo_choice.figures(run.result["numbers"], 3))
    return say("contradicts", language, written=written, call=demo_choice.call(run), figures=shown)


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


def _execute(passages: Sequence[Passage], suggested: Collection[str], call: ToolCall) -> ToolRun:
    """Run the demo a model asked for; an unknown name comes back as an error it can mend."""
    if call.name == LIST_DEMOS.name:
        return list_demos()
    if is_dictated(call.name, passages, suggested):
        return _run(call, {"error": {"code": "not_asked_for", "hint_en": _NOT_ASKED_FOR}})
    try:
        return demo_choice.run(demo_choice.Choice(call.name, call.arguments))
    except UnknownName as error:
        return _run(call, {"error": {"code": "unknown_tool", "hint_en": str(error)}})


def _run(call: ToolCall, result: Mapping[str, Any]) -> ToolRun:
    return ToolRun(call.name, dict(call.arguments), result)
