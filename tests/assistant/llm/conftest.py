"""A fake server for each test, which must have been spoken to by the contract when the test ends."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from assistant.llm.fake_ollama import FakeOllama


@pytest.fixture
def server() -> Iterator[FakeOllama]:
    with FakeOllama() as fake:
        yield fake
        assert fake.violations == []
