"""Run the application: in this process or in several workers, until a signal, and then to an orderly end.

At the end nothing new begins at the model and those who wait for it are told so at once; what runs may finish within
`GRACE` seconds. A worker that is killed instead loses no interview and no quiz, since each of their steps is in the
store before it is answered, and its places in the line for the model run out by themselves.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING, Any

from assistant.settings import Settings
from assistant.study import Assistant

if TYPE_CHECKING:
    from fastapi import FastAPI

    from api.access.policy import Policy

#: Seconds that requests may still take once the server is told to stop.
GRACE = 30

_log = logging.getLogger("assistant.api")


def serve(assistant: Assistant, policy: Policy, *, workers: int, **options: Any) -> None:
    """Serve `assistant` until a signal; `options` are uvicorn's. Of several workers each opens notes and model anew."""
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    from api.app import create_app

    options = {"timeout_graceful_shutdown": GRACE} | options
    if workers == 1:
        uvicorn.run(create_app(assistant, policy), **options)
        return
    # A value and not the environment: settings that were given as flags reach the workers as they are.
    app = partial(app_of, assistant.settings, policy)
    config = uvicorn.Config(app, factory=True, workers=workers, **options)
    with _shared_metrics():
        Multiprocess(config, sockets=[config.bind_socket()]).run()


def app_of(settings: Settings, policy: Policy) -> FastAPI:
    """Return the application of a worker."""
    from api.app import create_app
    from api.log_config import quieten

    quieten()
    return create_app(Assistant(settings, warn=_log.warning), policy)


@contextmanager
def telling_of_the_end(tell: Callable[[], None]) -> Iterator[None]:
    """Let `tell` be called in this event loop as soon as a signal asks the program to stop.

    The server's own handler is called as before: it says so to the application only when all requests have ended.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before: dict[int, Callable[[int, FrameType | None], Any]] = {}

    def handle(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(tell)
        before[number](number, frame)

    for number in (signal.SIGINT, signal.SIGTERM):
        if callable(handler := signal.getsignal(number)):
            before[number] = handler
            signal.signal(number, handle)
    try:
        yield
    finally:
        for stopping, previous in before.items():
            signal.signal(stopping, previous)


@contextmanager
def _shared_metrics() -> Iterator[None]:
    """Give the workers a folder to count in together."""
    with tempfile.TemporaryDirectory(prefix="assistant-metrics-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        yield
