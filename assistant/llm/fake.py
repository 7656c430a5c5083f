"""A stand-in for Ollama that anybody can run: `python -m assistant.llm.fake`, then talk to it as to a model.

By itself it answers from the passages it is sent. With `--scenario` it behaves as a real server does on a bad day;
`--list` names the days. It is no model: what it says is a script (see `assistant.llm.fake_ollama`).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from itertools import cycle
from typing import Any

from assistant.llm.fake_ollama import FakeOllama
from assistant.llm.fake_ollama.answering import from_passages
from assistant.llm.fake_ollama.scenarios import MODEL, Scenario, scenarios
from assistant.llm.fake_ollama.scripts import Reply

#: Beside Ollama's own port, so that both can run.
PORT = 11435


def main(words: list[str]) -> int:
    """Serve until Ctrl-C; return the exit code: 1 where a request broke the contract, 2 for wrong usage."""
    parser = argparse.ArgumentParser(
        prog="python -m assistant.llm.fake", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--port", type=int, default=PORT, help="port on this machine, 0 for a free one")
    parser.add_argument("--scenario", default="", help="a number, or a name of --list")
    parser.add_argument("--list", action="store_true", help="name the scenarios and leave")
    given = parser.parse_args(words)
    if given.list:
        for scenario in scenarios():
            print(f"{scenario.name:<32} {scenario.title}")  # noqa: T201
        return 0
    chosen = [s for s in scenarios() if given.scenario in (s.name, str(s.number))]
    if given.scenario and not chosen:
        parser.error(f"there is no scenario {given.scenario!r}; --list names them")
    try:
        server = serving(chosen[0] if chosen else None, given.port)
    except OSError as error:
        parser.error(f"port {given.port} cannot be used: {error.strerror}; --port 0 takes a free one")
    # The interrupt may come at any moment, also while the server closes.
    with suppress(KeyboardInterrupt), server:
        _greet(server, chosen)
        while True:
            time.sleep(3600)
    for fault in server.violations:
        print(f"broke the contract: {fault}", file=sys.stderr)  # noqa: T201
    return 1 if server.violations else 0


def serving(scenario: Scenario | None, port: int = 0) -> FakeOllama:
    """Return a server, not yet started, that plays `scenario` again and again; None answers from passages."""
    if scenario is None:
        return FakeOllama(respond=from_passages, port=port, checked=False)
    replies = cycle(scenario.replies) if scenario.replies else None

    def respond(body: Mapping[str, Any]) -> Reply:
        return next(replies) if replies else from_passages(body)

    return FakeOllama(**{"respond": respond, "port": port, "checked": False, **scenario.server})


def _greet(server: FakeOllama, chosen: list[Scenario]) -> None:
    settings = {
        "model": f"ollama:{MODEL}",
        "ollama_host": server.host,
        **(chosen[0].client if chosen else {}),
    }
    for scenario in chosen[:1]:
        print(f"{scenario.name}: {scenario.title}", file=sys.stderr)  # noqa: T201
    flags = " ".join(f"--{name.replace('_', '-')} {value}" for name, value in settings.items())
    print(f"assistant chat {flags}", flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
