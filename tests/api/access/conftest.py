"""A server that asks for keys, and one for this machine only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from api.access.policy import Policy
from api.app import create_app
from assistant.store import Store
from assistant.study import Assistant, open_assistant
from tests.api.access.serving import served
from tests.index.embedding import write_notes


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    folder = tmp_path_factory.mktemp("access")
    return open_assistant(write_notes(folder / "notes"), folder / "home", model="notes")


@pytest.fixture(scope="module")
def store(assistant: Assistant) -> Store:
    return Store(assistant.settings.home)


@pytest.fixture(scope="module")
def guarded(assistant: Assistant) -> Iterator[str]:
    """The address of a server that asks for keys and is also called notes.example."""
    with served(
        create_app(assistant, Policy(asks_for_keys=True, hosts=frozenset({"notes.example"})))
    ) as address:
        yield address


@pytest.fixture(scope="module")
def local(assistant: Assistant) -> Iterator[str]:
    """The address of a server for this machine."""
    with served(create_app(assistant)) as address:
        yield address


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def app(assistant: Assistant) -> FastAPI:
    """An application for this machine, not yet served."""
    return create_app(assistant)
