"""An application on a free port of this machine, as `serve` runs it, and what is needed to talk to it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import httpx
import uvicorn
from fastapi import FastAPI

from api.access.slow_clients import PunctualProtocol
from assistant.store import Store

ASK = {"question": "最大池化取什么值?"}


@contextmanager
def served(app: FastAPI, http: type[PunctualProtocol] = PunctualProtocol) -> Iterator[str]:
    """Serve `app` and yield its address."""
    config = uvicorn.Config(
        app, host="127.0.0.1", port=0, log_config=None, http=http, server_header=False, lifespan="off"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


def client_of(address: str, key: str = "") -> httpx.Client:
    """Return a client that sends `key`."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=30)


def new_key(store: Store, *scopes: str) -> str:
    """Make a key that may do `scopes`."""
    text, _ = store.keys.create("test", scopes, datetime.now(UTC))
    return text


def raw(address: str, request: bytes, *, is_all: bool = False) -> bytes:
    """Send bytes on a connection of their own and return all that comes back until the server hangs up.

    With `is_all` it is told that no more comes, at which it hangs up whatever it was about to answer.
    """
    host, _, port = address.removeprefix("http://").partition(":")
    received = b""
    with socket.create_connection((host, int(port)), 10) as connection:
        try:
            connection.sendall(request)
            if is_all:
                connection.shutdown(socket.SHUT_WR)
            while part := connection.recv(65536):
                received += part
        except OSError:  # the server hung up before it had read all
            pass
    return received


def status_of(reply: bytes) -> int:
    """Return the status in the head of a reply, 0 where there is none."""
    head = reply.partition(b"\r\n")[0].split()
    return int(head[1]) if len(head) > 1 else 0
