"""A message on its way: the line is kept open, notices stand where they belong, and who leaves stops the work."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from typing import Any

import pytest
from starlette.requests import Request
from starlette.types import Message

from api.openai_chat import streaming, wire
from api.openai_chat.parts import CutShort, Reply, Replying, Retracted, Said, Told, Waited

HEAD = {"id": "chatcmpl-1", "created": 1, "model": "assistant"}
ASKED = wire.ChatRequest.model_validate(
    {"model": "assistant", "messages": [{"role": "user", "content": "BN?"}]}
)


async def saying(*replies: Reply) -> Replying:
    for reply in replies:
        yield reply


def told(error: Exception) -> dict[str, Any]:
    return {"error": {"message": str(error)}}


async def streamed(replies: Replying, **more: Any) -> list[str]:
    return [event async for event in streaming.chunks(ASKED, HEAD, replies, told, **more)]


def text_of(events: list[str]) -> str:
    chunks = [json.loads(event[6:]) for event in events if event.startswith("data: {")]
    return "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks)


def test_what_is_taken_back_is_gone_from_a_whole_message_and_marked_in_a_stream() -> None:
    replies = (Said("The model be"), Retracted("> It failed.\n\n"), Said("From the notes."))
    whole = asyncio.run(streaming.whole(ASKED, HEAD, saying(*replies)))
    assert whole["choices"][0]["message"]["content"] == "> It failed.\n\nFrom the notes."
    events = asyncio.run(streamed(saying(*replies)))
    assert text_of(events) == "The model be\n\n> It failed.\n\nFrom the notes."


def test_who_waits_is_told_in_comments_of_one_line() -> None:
    events = asyncio.run(streamed(saying(Waited("queued,\n2 ahead"), Said("x"))))
    assert events[1] == ": queued, 2 ahead\n\n"


def test_a_message_that_was_cut_short_says_so() -> None:
    events = asyncio.run(streamed(saying(Said("x"), CutShort())))
    assert json.loads(events[-2][6:])["choices"][0]["finish_reason"] == "length"


def test_text_that_was_held_back_comes_before_the_sources() -> None:
    events = asyncio.run(streamed(saying(Said("Stop!"), Told({"sources": []}))))
    kinds = [json.loads(event[6:]) for event in events[:-1]]
    assert ["sources" in kind for kind in kinds] == [False, False, False, True, False]
    assert text_of(events) == "Stop!"


def test_silence_is_filled_with_pings() -> None:
    async def run() -> list[str]:
        go = asyncio.Event()

        async def slow() -> Replying:
            await go.wait()
            yield Said("x")

        events = []
        async with aclosing(streaming.chunks(ASKED, HEAD, slow(), told, ping_after=0.001)) as chunks:
            async for event in chunks:
                events.append(event)
                if events.count(wire.PING) == 2:
                    go.set()
        return events

    events = asyncio.run(run())
    assert events.count(wire.PING) >= 2
    assert text_of(events) == "x"


def test_an_error_after_the_beginning_ends_the_stream() -> None:
    async def failing() -> Replying:
        yield Said("x")
        raise RuntimeError("gone")

    events = asyncio.run(streamed(failing()))
    assert json.loads(events[-1][6:]) == {"error": {"message": "gone"}}
    assert text_of(events[:-1]) == "x"


def test_who_leaves_stops_the_work() -> None:
    closed = []

    async def endless() -> Replying:
        try:
            while True:
                yield Said("x")
                await asyncio.sleep(0)
        finally:
            closed.append(True)

    async def run() -> None:
        async with aclosing(streaming.chunks(ASKED, HEAD, endless(), told)) as chunks:
            async for event in chunks:
                if '"x"' in event:
                    break
        while not closed:
            await asyncio.sleep(0)

    asyncio.run(asyncio.wait_for(run(), 5))
    assert closed == [True]


@pytest.mark.parametrize("leaves", [True, False])
def test_who_leaves_before_a_whole_answer_stops_it(leaves: bool) -> None:
    cancelled = []

    async def run() -> str | None:
        there = asyncio.Event()

        async def receive() -> Message:
            await (asyncio.sleep(0) if leaves else there.wait())
            return {"type": "http.disconnect"}

        async def work() -> str:
            try:
                await asyncio.sleep(60 if leaves else 0)
            except asyncio.CancelledError:
                cancelled.append(True)
                raise
            return "done"

        got = await streaming.while_there(Request({"type": "http"}, receive), work())
        await asyncio.sleep(0)
        return got

    assert asyncio.run(asyncio.wait_for(run(), 5)) == (None if leaves else "done")
    assert bool(cancelled) is leaves
