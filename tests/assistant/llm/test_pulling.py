"""A pull that breaks off goes on as long as it gets further."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from assistant.llm.base import ModelError, ModelNotPulled, ModelTimeout, StreamBroken
from assistant.llm.fake_ollama import FakeModel, FakeOllama
from assistant.llm.ollama_models import PullProgress, installed
from assistant.llm.pulling import PAUSE, pull_to_the_end

BROKEN, SILENT = StreamBroken("broke off"), ModelTimeout("nothing within 600 s")


class Pulls:
    """Each try brings so many bytes in all and ends with an error, or well."""

    def __init__(self, tries: Sequence[tuple[int, ModelError | None]]) -> None:
        self.tries = list(tries)
        self.waits: list[float] = []
        self.breaks: list[ModelError] = []
        self.steps: list[int] = []

    def __call__(self, name: str, host: str, *, on_progress: Callable[[PullProgress], None]) -> None:
        brought, error = self.tries.pop(0)
        on_progress(PullProgress("pulling manifest"))
        on_progress(PullProgress("pulling aaa", brought, 100))
        if error:
            raise error

    def run(self) -> None:
        pull_to_the_end(
            "m",
            on_progress=lambda step: self.steps.append(step.completed),
            on_break=self.breaks.append,
            wait=self.waits.append,
            pull=self,
        )


def test_a_pull_goes_on_where_it_broke_off() -> None:
    pulls = Pulls([(40, BROKEN), (70, SILENT), (100, None)])
    pulls.run()
    assert pulls.breaks == [BROKEN, SILENT]
    assert pulls.waits == [PAUSE, PAUSE]
    assert pulls.steps == [0, 40, 0, 70, 0, 100]


@pytest.mark.parametrize("tries", [[(0, BROKEN)], [(40, BROKEN), (40, SILENT)], [(40, BROKEN), (10, SILENT)]])
def test_a_try_that_brings_nothing_is_the_last(tries: list[tuple[int, ModelError]]) -> None:
    pulls = Pulls(tries)
    with pytest.raises(type(tries[-1][1])):
        pulls.run()
    assert pulls.tries == []


def test_what_no_further_try_would_mend_is_raised_at_once() -> None:
    pulls = Pulls([(40, ModelNotPulled("file does not exist"))])
    with pytest.raises(ModelNotPulled):
        pulls.run()
    assert pulls.breaks == []


def test_a_whole_pull_over_a_socket_is_there_afterwards() -> None:
    with FakeOllama(models=(), library=(FakeModel("qwen3.5:4b"),)) as server:
        steps: list[PullProgress] = []
        pull_to_the_end("qwen3.5:4b", server.host, on_progress=steps.append, on_break=lambda error: None)
        assert [model.name for model in installed(server.host)] == ["qwen3.5:4b"]
    assert steps[-1].status == "success"
