"""Ports at which no Ollama answers: one where nothing listens, and one that accepts and says nothing."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager


def closed_port() -> str:
    """Return an address of this machine that refuses connections."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return _written(server)


@contextmanager
def silent_port() -> Iterator[str]:
    """Give an address that takes connections and never sends a byte."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield _written(server)


def _written(server: socket.socket) -> str:
    return f"127.0.0.1:{server.getsockname()[1]}"
