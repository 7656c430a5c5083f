"""A message on its way to the client: whole, or chunk by chunk with the line kept open; both end with the client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Any, TypeVar

from starlette.requests import Request

from api.openai_chat import wire
from api.openai_chat.parts import CutShort, Reply, Replying, Retracted, Said, Told, Waited
from api.openai_chat.writing import Writer, prompt_tokens, tokens

#: Seconds of silence after which the line is shown to be alive.
PING_AFTER = 15.0

T = TypeVar("T")
Head = Mapping[str, Any]


async def whole(request: wire.ChatRequest, head: Head, replies: Replying) -> dict[str, Any]:
    """Return the completion that `replies` add up to."""
    writer, extras = Writer(request.limit, request.stops), dict[str, Any]()
    async with aclosing(replies):
        async for reply in replies:
            match reply:
                case Said(text):
                    writer.feed(text)
                case Retracted(text):
                    writer.restart()
                    writer.feed(text)
                case Told(told):
                    extras |= told
                case CutShort():
                    writer.reason = writer.reason or "length"
                case Waited():
                    pass
    writer.finish()
    return wire.completion(head, writer.text.strip(), writer.reason, _usage(request, writer), extras)


async def chunks(
    request: wire.ChatRequest,
    head: Head,
    replies: Replying,
    told: Callable[[Exception], Mapping[str, Any]],
    *,
    ping_after: float = PING_AFTER,
) -> AsyncGenerator[str, None]:
    """Yield the events of the stream; `told` is the body of an error that comes after it has begun."""
    writer = Writer(request.limit, request.stops)
    yield wire.chunk(head, {"role": "assistant", "content": ""})
    try:
        async with aclosing(_steady(replies, ping_after)) as steady:
            async for reply in steady:
                match reply:
                    case Said(text) | Retracted(text):
                        # What was sent cannot be taken back: the notice stands under it.
                        before = "\n\n" if isinstance(reply, Retracted) and writer.text else ""
                        if sent := writer.feed(before + text):
                            yield wire.chunk(head, {"content": sent})
                    case Waited(text):
                        yield wire.comment(text)
                    case Told(extras):
                        # Open WebUI reads nothing else from a chunk that holds sources.
                        if rest := writer.finish():
                            yield wire.chunk(head, {"content": rest})
                        yield wire.chunk(head, {}, **extras)
                    case CutShort():
                        writer.reason = writer.reason or "length"
                    case None:
                        yield wire.PING
    except Exception as error:
        yield wire.event(told(error))
        return
    if rest := writer.finish():
        yield wire.chunk(head, {"content": rest})
    yield wire.chunk(head, {}, writer.reason)
    if request.includes_usage:
        yield wire.usage_chunk(head, _usage(request, writer))
    yield wire.DONE


async def begun(replies: Replying) -> Replying:
    """Return the same replies once the first has come, so that what fails before it is an error with a status."""
    first = await anext(replies, None)

    async def again() -> Replying:
        async with aclosing(replies):
            if first is not None:
                yield first
            async for reply in replies:
                yield reply

    return again()


async def while_there(request: Request, work: Awaitable[T]) -> T | None:
    """Return what `work` gives, None where the client has left before; then the work is cancelled."""
    task, gone = asyncio.ensure_future(work), asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        return task.result() if task.done() else None
    finally:
        gone.cancel()
        task.cancel()


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _steady(replies: Replying, every: float) -> AsyncGenerator[Reply | None, None]:
    """Yield the replies, and None whenever nothing has come for so long."""
    queue: asyncio.Queue[Reply | Exception | None] = asyncio.Queue()  # bounded by the longest answer

    async def listen() -> None:
        try:
            async with aclosing(replies):
                async for reply in replies:
                    queue.put_nowait(reply)
            queue.put_nowait(None)
        except Exception as error:  # raised where it is read
            queue.put_nowait(error)

    listening = asyncio.create_task(listen())
    try:
        while True:
            try:
                async with asyncio.timeout(every):
                    reply = await queue.get()
            except TimeoutError:
                yield None
                continue
            if isinstance(reply, Exception):
                raise reply
            if reply is None:
                return
            yield reply
    finally:
        listening.cancel()


def _usage(request: wire.ChatRequest, writer: Writer) -> dict[str, int]:
    return wire.usage(prompt_tokens(request.messages), tokens(writer.text))
