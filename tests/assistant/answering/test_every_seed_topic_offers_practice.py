"""Whichever topic of the user's own notes is asked about, the answer leads to a demo and to a drill on it."""

from __future__ import annotations

import re

import pytest

from assistant import open_assistant
from assistant.demo_kit import registry
from assistant.study import Assistant
from tests.conftest import SEED


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    if not SEED.is_dir():
        pytest.skip("the seed notes are not beside the project (../shared/seed)")
    return open_assistant(notes=str(SEED), home=str(tmp_path_factory.mktemp("home")))


def test_an_answer_about_any_topic_names_a_demo_and_its_drill(assistant: Assistant) -> None:
    bare = []
    for topic in assistant.topics():
        answer = assistant.ask(topic.title)
        demos = {run.name for run in answer.tools} | set(re.findall(r"assistant demo (\w+)", answer.text))
        drills = set(re.findall(r"assistant drill (\w+)", answer.text))
        assert drills <= {name for name in registry.names() if registry.load(name).exercise}
        if not demos or not drills & demos:
            bare.append(topic.title)
    assert len(assistant.topics()) == 26
    assert bare == []
