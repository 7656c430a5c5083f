"""A model and its tools, taking turns until there is an answer, within bounds that a looping model cannot pass."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import closing
from dataclasses import replace

from assistant.answering.budget import Budget, ReadLess
from assistant.answering.text_calls import calls_in, held_from, tag_from
from assistant.events import ToolRun
from assistant.llm.base import (
    ChatModel,
    Content,
    ContextOverflow,
    EmptyAnswer,
    Finished,
    FinishReason,
    MalformedCall,
    Message,
    ModelEvent,
    Role,
    Thinking,
    ToolCall,
    ToolCalls,
    ToolSchema,
    Waiting,
)

#: Rounds in which tools are offered; one more without tools then forces an answer.
MAX_ROUNDS = 4
#: Calls answered in one round; a model that asks for more is told so.
MAX_CALLS = 6
#: Characters of a tool's result that go back to the model.
MAX_RESULT = 1_500
#: Characters of a cut result below which it is left out, and the tokens that the message around it takes.
_SHORTEST, _AROUND = 80, 24
_SHORTENED = " … (shortened)"

_REPEATED = (
    "This call was already made; its result stands above. Do not repeat it: answer with what you have."
)
_NO_ROOM = "Its result does not fit any more. Answer with what you have."
_TOO_MANY = f"Not run: at most {MAX_CALLS} calls in one round. Answer with the results you have."

#: A `ToolCall` is one that is about to run; its `ToolRun` follows.
LoopEvent = Waiting | Thinking | Content | ToolCall | ToolRun | ReadLess | Finished


def converse(
    model: ChatModel,
    messages: Sequence[Message],
    tools: Sequence[ToolSchema],
    execute: Callable[[ToolCall], ToolRun],
    budget: Budget | None = None,
) -> Generator[LoopEvent, None, None]:
    """Yield what the model says and the tools it ran; the last event is the `Finished` of its last reply.

    The conversation only grows, so the server's prefix cache stays valid between rounds, and results are cut so
    that it stays within `budget`, which learns from what the server counts. A call printed as text is executed
    like a real one. An identical second call is answered, not executed. Where the server cannot read a call that
    the model wrote, the same prompt would fail again, so the rest goes without tools.

    Raises `ModelError` as the model does, `EmptyAnswer` where the last reply, to which no tools were offered, is
    still nothing but calls, and `ContextOverflow` where no room is left even without tools.
    """
    budget = budget or Budget()
    conversation = list(messages)
    known = {tool.name for tool in tools}
    made: set[str] = set()
    for round_ in range(MAX_ROUNDS + 1):
        offered = tools if round_ < MAX_ROUNDS and budget.room(conversation, tools) >= 0 else ()
        if budget.room(conversation, offered) < 0:
            taken, num_ctx = budget.count(conversation, offered), budget.window.num_ctx
            raise ContextOverflow(
                f"the conversation takes {taken} tokens, more than num_ctx={num_ctx} leaves beside an answer",
                "Ask in a new chat, or raise num_ctx.",
                prompt_tokens=taken,
                num_ctx=num_ctx,
            )
        said = ""
        calls: tuple[ToolCall, ...] = ()
        finished = Finished(FinishReason.STOP)
        try:
            with closing(_reply(model, conversation, offered, known)) as reply:
                for event in reply:
                    if isinstance(event, ToolCalls):
                        calls = (*calls, *event.calls)
                    elif isinstance(event, Finished):
                        finished = event
                    else:
                        said += event.text if isinstance(event, Content) else ""
                        yield event
        except MalformedCall:
            if not offered or said:
                raise
            tools = ()
            continue
        if alarm := budget.learn(conversation, offered, finished):
            yield alarm
        if calls and not offered and not said.strip():
            raise EmptyAnswer(f"{model.name!r} called tools and never answered", "Ask again, or more simply.")
        if not calls or not offered:
            yield finished
            return
        conversation.append(Message(Role.ASSISTANT, said, tool_calls=calls))
        for number, call in enumerate(calls):
            key = json.dumps([call.name, call.arguments], sort_keys=True, default=str)
            if number >= MAX_CALLS or key in made:
                content = _TOO_MANY if number >= MAX_CALLS else _REPEATED
            else:
                made.add(key)
                yield call
                run = execute(call)
                yield run
                share = budget.room(conversation, tools) // (len(calls) - number)
                content = _fitted(_result_text(run), share, budget)
            conversation.append(Message(Role.TOOL, content, tool_name=call.name, tool_call_id=call.id))


def _reply(
    model: ChatModel, conversation: Sequence[Message], tools: Sequence[ToolSchema], known: Collection[str]
) -> Generator[ModelEvent, None, None]:
    """Stream one reply, turning a call that was printed as text into a call."""
    held, opening = "", True
    with closing(model.stream(conversation, tools)) as stream:
        for event in stream:
            if isinstance(event, Content):
                held += event.text
                cut = held_from(held) if opening else tag_from(held)
                if cut:
                    yield replace(event, text=held[:cut])
                    held, opening = held[cut:], False
                continue
            if isinstance(event, Finished) and held:
                calls = calls_in(held, known)
                yield ToolCalls(calls) if calls else Content(held)
            yield event


def _fitted(content: str, tokens: int, budget: Budget) -> str:
    """Return `content` within `tokens`: cut, or replaced by a word where hardly anything of it would be left."""
    cut = budget.cut(content, tokens - _AROUND)
    if cut == content:
        return content
    return cut + _SHORTENED if len(cut) >= _SHORTEST else _NO_ROOM


def _result_text(run: ToolRun) -> str:
    """The part of a result that a model needs: figures, formula, warnings; not the plot's points."""
    short = {
        key: run.result[key]
        for key in ("error", "args_used", "numbers", "formula", "notes", "warnings")
        if run.result.get(key)
    }
    text = json.dumps(short, ensure_ascii=False)
    if len(text) > MAX_RESULT:
        short.pop("args_used", None)
        text = json.dumps(short, ensure_ascii=False)
    return text if len(text) <= MAX_RESULT else text[:MAX_RESULT] + _SHORTENED
