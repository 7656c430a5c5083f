"""The scripted conversation: held against the fake in any order, in notes mode, and again from its transcript."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from assistant.doctor import recording
from assistant.doctor.live import hold
from assistant.doctor.steps import LONG_ANSWER, LONG_TURNS, STEPS
from assistant.doctor.visit import Outcome, Step
from assistant.llm.base import ModelBusy, ModelError, StreamBroken
from assistant.llm.fake_ollama import FakeOllama, Reply, say
from assistant.llm.ollama_chat import OllamaModel, Options
from assistant.llm.scripted import ScriptedModel
from assistant.settings import read_settings
from assistant.study import open_assistant
from corpus.errors import StudyError
from tests.assistant.doctor.obliging import oblige
from tests.conftest import ROOT

NAMES = [step.name for step in STEPS]
NEEDS_MODEL = {step.name for step in STEPS if step.needs_model}
TRANSCRIPT = ROOT / "docs" / "live_transcript.jsonl"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("index")


def with_fake(
    home: Path, steps: Sequence[Step] | None = None
) -> tuple[list[Outcome], recording.Recorder, FakeOllama]:
    with FakeOllama(respond=oblige) as server:
        model = OllamaModel("qwen3.5:4b", host=server.host, options=Options(num_ctx=8192))
        recorder = recording.Recorder(model)
        outcomes = hold(read_settings(), recorder, steps=steps, home=home)
    return outcomes, recorder, server


def failures(outcomes: Sequence[Outcome]) -> dict[str, str]:
    return {outcome.name: outcome.says for outcome in outcomes if outcome.passed is False}


@pytest.fixture(scope="module")
def held(home: Path) -> tuple[list[Outcome], recording.Recorder, FakeOllama]:
    return with_fake(home)


def test_every_step_passes_against_the_fake(
    held: tuple[list[Outcome], recording.Recorder, FakeOllama],
) -> None:
    outcomes, _, server = held
    assert failures(outcomes) == {}
    assert [outcome.name for outcome in outcomes] == NAMES
    assert server.violations == []
    assert server.reloads == 0
    assert server.clients_gone == 1  # the step that cancels


@pytest.mark.parametrize("seed", range(3))
def test_the_order_makes_no_difference(
    seed: int, home: Path, held: tuple[list[Outcome], recording.Recorder, FakeOllama]
) -> None:
    steps = random.Random(seed).sample(STEPS, len(STEPS))
    outcomes, _, server = with_fake(home, steps)
    assert failures(outcomes) == {}
    assert server.violations == []
    assert {o.name: shape(o) for o in outcomes} == {o.name: shape(o) for o in held[0]}


def shape(outcome: Outcome) -> list[tuple[object, ...]]:
    """What of the answers is not prose: what was understood and is covered, what was cited and what was computed."""
    return [
        (
            answer.status,
            answer.standalone,
            answer.nearest,
            answer.citations[0].topic if answer.citations else "",
            tuple((run.name, json.dumps(run.result.get("numbers"), sort_keys=True)) for run in answer.tools),
        )
        for answer in outcome.answers
    ]


def test_notes_mode_differs_only_in_the_prose(
    held: tuple[list[Outcome], recording.Recorder, FakeOllama],
) -> None:
    shipped = open_assistant(model="notes").topics()
    passages = {p.passage_id: p.text for topic in shipped for p in topic.passages}
    seen: list[Outcome] = []
    without = hold(read_settings(), None, seen.append)  # in a home of its own, which goes again
    assert seen == without
    assert failures(without) == {}
    assert {o.name for o in without if o.passed is None} == NEEDS_MODEL
    for alone, model in zip(without, held[0], strict=True):
        if alone.passed is not None:
            assert shape(alone) == shape(model), alone.name
            for ours, its in zip(alone.answers, model.answers, strict=True):
                assert {c.topic for c in its.citations} <= {c.topic for c in ours.citations}
                for citation in (*ours.citations, *its.citations):
                    assert citation.quote in passages[citation.passage_id]


def test_a_transcript_is_replayed_to_the_same_outcomes(
    home: Path, held: tuple[list[Outcome], recording.Recorder, FakeOllama], tmp_path: Path
) -> None:
    outcomes, recorder, _ = held
    file = tmp_path / "deep" / "transcript.jsonl"
    recording.write(file, recorder, outcomes)
    again = hold(read_settings(), recording.read(file), home=home)
    assert [(o.name, o.passed, [a.text for a in o.answers]) for o in again] == [
        (o.name, o.passed, [a.text for a in o.answers]) for o in outcomes
    ]


def test_the_filed_transcript_still_passes(home: Path) -> None:
    assert failures(hold(read_settings(), recording.read(TRANSCRIPT), home=home)) == {}


def test_a_transcript_shows_each_call_with_its_result_and_where_the_person_left(
    held: tuple[list[Outcome], recording.Recorder, FakeOllama],
) -> None:
    _, recorder, _ = held
    made = [m["calls"][0] for e in recorder.exchanges for m in e["messages"] if "calls" in m]
    answered = [m for e in recorder.exchanges for m in e["messages"] if m["role"] == "tool"]
    assert [(call["name"], call["id"]) for call in made] == [(m["answers"], m["id"]) for m in answered]
    assert [e["said"][-1] for e in recorder.exchanges if "finished" not in e["said"][-1]] == [
        {"cancelled": True}
    ]


def only(name: str) -> list[Step]:
    return [step for step in STEPS if step.name == name]


@pytest.mark.parametrize(
    ("name", "reply", "told"),
    [
        ("answers in Chinese with citations", say("L1 is sparse because its push is constant [1]."), "zh"),
        ("answers in English from Chinese notes", say("相邻的激活高度相关[1]。"), "en"),
        ("calls a demo", say("感受野是 7 [1]。"), "was not run"),
        ("holds a wrong premise against the notes", say("L2 能得到稀疏解，L1 也能[1]。"), "premise"),
        ("writes a question as JSON", say("好的，题目如下。"), "no usable Choice"),
        ("grades as JSON, with a quote", say('{"hit": true, "evidence": "编造的话"}'), "word for word"),
        ("grades as JSON, with a quote", say('{"hit": false, "evidence": ""}'), "called missed"),
        ("answers from general knowledge on request", say(" "), "general knowledge"),
        ("bears a long conversation", say(thinking=["想"]), "notes mode had to answer"),
    ],
)
def test_what_a_bad_model_does_is_seen(home: Path, name: str, reply: Reply, told: str) -> None:
    with FakeOllama(respond=lambda body: reply) as server:
        model = OllamaModel("qwen3.5:4b", host=server.host, options=Options(num_ctx=8192))
        [outcome] = hold(read_settings(), model, steps=only(name), home=home)
    assert outcome.passed is False
    assert told in outcome.says


def test_an_error_of_the_model_is_an_outcome_and_the_next_step_is_held(home: Path) -> None:
    model = ScriptedModel([ModelBusy("忙"), ModelBusy("忙")])
    steps = only("writes a question as JSON") + only("grades as JSON, with a quote")
    assert [(o.passed, o.says) for o in hold(read_settings(), model, steps=steps, home=home)] == [
        (False, "忙")
    ] * 2


def test_an_error_is_recorded_and_raised_again(tmp_path: Path) -> None:
    recorder = recording.Recorder(ScriptedModel([["半句", StreamBroken("断了", "再问")]]))
    with pytest.raises(StreamBroken):
        list(recorder.stream([]))
    recording.write(tmp_path / "t.jsonl", recorder, [])
    replay = recording.read(tmp_path / "t.jsonl")
    with pytest.raises(StreamBroken, match="断了"):
        list(replay.stream([]))
    with pytest.raises(ModelError, match="recording ends"):
        list(replay.stream([]))


@pytest.mark.parametrize("text", ["", "{}\n", "[]", "no json", '{"model": "m", "window": {"nonsense": 1}}\n'])
def test_a_file_that_is_no_transcript_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_text(text, "utf-8")
    with pytest.raises(StudyError, match=r"bad\.jsonl"):
        recording.read(file)


def test_the_steps_try_what_they_should() -> None:
    assert len(STEPS) == len(set(NAMES)) == 12
    assert LONG_TURNS * LONG_ANSWER > 2 * 8192  # more than the window, whatever a token is
