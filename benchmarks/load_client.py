"""The load of `benchmarks.load`, from a process of its own: raw HTTP over asyncio, so that little of it is ours.

`python -m benchmarks.load_client` takes one JSON object on stdin and writes one on stdout.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import time
from typing import Any

Reading = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def request(path: str, body: Any, *, accept: str = "application/json") -> bytes:
    """Return the bytes of a POST."""
    content = json.dumps(body, ensure_ascii=False).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: {accept}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


async def answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Read one response that has a Content-Length: its status and its body."""
    head = await reader.readuntil(b"\r\n\r\n")
    fields = dict(line.split(b": ", 1) for line in head.lower().split(b"\r\n")[1:] if b": " in line)
    return int(head[9:12]), await reader.readexactly(int(fields[b"content-length"]))


async def load(port: int, path: str, bodies: list[Any], connections: int, warm: float, seconds: float) -> Any:
    """Ask one after the other on each of `connections` and return the milliseconds that each answer took."""
    requests = itertools.cycle([request(path, body) for body in bodies])
    times: list[float] = []
    failed = 0
    begin = time.perf_counter() + warm
    end = begin + seconds

    async def ask() -> None:
        nonlocal failed
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 24)
        while (began := time.perf_counter()) < end:
            writer.write(next(requests))
            status, _ = await answer(reader)
            if began >= begin:
                failed += status != 200
                times.append(1000 * (time.perf_counter() - began))
        writer.close()

    await asyncio.gather(*(ask() for _ in range(connections)))
    return {"milliseconds": times, "failed": failed, "seconds": time.perf_counter() - begin}


async def streams(port: int, path: str, bodies: list[Any], connections: int, seconds: float) -> Any:
    """Open streams, read them for `seconds`, and return how soon each had its first event, and the last of each."""
    asked = request(path, bodies[0], accept="text/event-stream")
    first: dict[int, float] = {}
    last: dict[int, str] = {}
    failed: dict[int, str] = {}
    began = time.perf_counter()

    async def listen(number: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(asked)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            failed[number] = head[:40].decode()
            return
        while line := await reader.readline():
            if line.startswith(b"data: "):
                first.setdefault(number, time.perf_counter() - began)
                last[number] = line[6:].decode().strip()

    tasks = [asyncio.create_task(listen(number)) for number in range(connections)]
    _, pending = await asyncio.wait(tasks, timeout=seconds)
    ended = len(tasks) - len(pending) - len(failed)
    for task in pending:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return {
        "first_seconds": sorted(first.values()),
        "last": list(last.values()),
        "failed": list(failed.values()),
        "ended": ended,
    }


async def slow(port: int, path: str, bodies: list[Any], connections: int, seconds: float) -> Any:
    """Ask once on every connection, for an answer and then for the whole list of topics, and read hardly any of it.

    The list is longer than what the system holds for a connection, so the server must keep the rest.
    """
    listed = b"GET /api/v1/topics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"

    async def dawdle(number: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 10)
        writer.write(request(path, bodies[number % len(bodies)], accept="text/event-stream") + listed)
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            await reader.read(16)
            await asyncio.sleep(0.5)
        writer.close()

    await asyncio.gather(*(dawdle(number) for number in range(connections)))
    return {}


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    what: Any = {"load": load, "streams": streams, "slow": slow}[asked.pop("what")]
    json.dump(asyncio.run(what(**asked)), sys.stdout)
