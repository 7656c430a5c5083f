"""What only the real llama.cpp can prove: grammars compiled and obeyed, the prefix reused, overflow, cancelling.

The model has random weights, so what it says means nothing; that it says it in our form is the engine's doing.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Literal

import httpx
import pytest
from pydantic import BaseModel, Field

import assistant
from assistant.llm import ollama_errors
from assistant.llm.base import (
    CapabilityMissing,
    Content,
    ContextOverflow,
    Finished,
    FinishReason,
    Message,
    Role,
)
from assistant.llm.openai_chat import OpenAIModel
from assistant.llm.openai_wire import Options, body_of
from assistant.llm.structured import form_of, structured
from assistant.study import open_assistant
from tests.assistant.llm.engine.conftest import NUM_CTX

COLD = Options(num_predict=1500, temperature=0.0, timeout=120.0)
ASKED = [Message(Role.SYSTEM, "只根据笔记回答。"), Message(Role.USER, "什么是 batch normalization?")]

#: Letters only: among bytes drawn at random there is no UTF-8, which the engine refuses to read back.
Word = Annotated[str, Field(pattern=r"^[a-z]{1,6}$")]


class Point(BaseModel):
    verdict: Literal["hit", "missed"]
    evidence: Word


class Everything(BaseModel):
    """Every construct that our schemas use, small enough for a model that never comes to the point."""

    level: Literal["wrong", "partial", "correct"]
    score: Annotated[int, Field(ge=0, le=10)]
    points: Annotated[list[Point], Field(min_length=2, max_length=3)]
    note: Word | None
    covered: bool


def model_of(engine: str, options: Options = COLD) -> OpenAIModel:
    return OpenAIModel("tiny", base_url=f"{engine}/v1", options=options)


def our_schemas() -> list[type[BaseModel]]:
    """Every pydantic model defined in a module of `assistant` that makes structured calls."""
    root = Path(assistant.__file__).parent
    found: list[type[BaseModel]] = []
    for file in sorted(root.rglob("*.py")):
        if "import structured" in file.read_text("utf-8") and file.name != "structured.py":
            name = ".".join(("assistant", *file.relative_to(root).with_suffix("").parts))
            members = vars(import_module(name)).values()
            found += [
                m
                for m in members
                if isinstance(m, type) and issubclass(m, BaseModel) and m.__module__ == name
            ]
    return found


@pytest.mark.parametrize("schema", [Everything, *our_schemas()], ids=lambda schema: schema.__name__)
def test_our_schemas_compile_to_grammars(engine: str, schema: type[BaseModel]) -> None:
    with closing(model_of(engine).stream(ASKED, schema=form_of(schema))) as events:
        assert isinstance(next(events), Content)


def test_a_form_that_does_not_compile_is_refused_by_name(engine: str) -> None:
    class Endless(BaseModel):
        words: Annotated[list[str], Field(min_length=3000)]

    with pytest.raises(CapabilityMissing, match="failed to parse grammar"):
        list(model_of(engine).stream(ASKED, schema=form_of(Endless)))


@pytest.mark.parametrize("question", ["什么是 BN?", "Why does dropout help?", "1", "{", "```json"])
def test_random_weights_obey_the_schema(engine: str, question: str) -> None:
    answer = structured(model_of(engine), [Message(Role.USER, question)], Everything)
    assert len(answer.points) in (2, 3)
    assert answer.score in range(11)


def test_a_form_that_the_answer_cannot_hold_is_cut_and_refused(engine: str) -> None:
    from assistant.llm.structured import SchemaIgnored, StructuredFailure

    with pytest.raises(StructuredFailure, match="cut off") as caught:
        structured(model_of(engine, replace(COLD, num_predict=16)), ASKED, Everything)
    assert not isinstance(caught.value, SchemaIgnored)


def timings(engine: str, messages: Sequence[Message], **more: Any) -> dict[str, int]:
    """Ask as the backend asks, and return the engine's own counts of cached and newly read tokens."""
    body = body_of("tiny", replace(COLD, num_predict=8), messages, **more) | {"stream": False}
    body.pop("stream_options")
    said = httpx.post(f"{engine}/v1/chat/completions", json=body, trust_env=False, timeout=60).json()
    counts: dict[str, int] = said["timings"]
    return counts


def test_the_prefix_is_reused_from_turn_to_turn(engine: str) -> None:
    first = timings(engine, ASKED)
    size = first["cache_n"] + first["prompt_n"]
    longer = [*ASKED, Message(Role.ASSISTANT, "归一化。"), Message(Role.USER, "为什么?")]
    second = timings(engine, longer)
    # All but the opening of the answer, which the first prompt ends with.
    assert second["cache_n"] >= size - len("<|im_start|>assistant\n")
    assert second["prompt_n"] < second["cache_n"]
    third = timings(engine, [replace(longer[0], content="按笔记回答。"), *longer[1:]])
    assert third["cache_n"] < 20  # one changed word at the beginning, and everything is read again


def test_a_schema_at_the_end_of_the_system_message_keeps_what_stands_before_it(engine: str) -> None:
    system = Message(Role.SYSTEM, "规则。" * 40)
    plain = timings(engine, [system, ASKED[1]])
    form = timings(engine, [replace(system, content=system.content + "\n\nschema"), ASKED[1]])
    assert form["cache_n"] >= len(system.content.encode())
    assert plain["prompt_n"] + plain["cache_n"] < form["prompt_n"] + form["cache_n"]


def test_overflow_is_the_error_that_we_handle(engine: str) -> None:
    with pytest.raises(ContextOverflow) as caught:
        list(model_of(engine).stream([Message(Role.USER, "x" * (NUM_CTX + 100))]))
    assert caught.value.num_ctx == NUM_CTX
    assert caught.value.prompt_tokens > NUM_CTX + 100


def test_ollama_passes_the_same_error_on_inside_a_string(engine: str) -> None:
    body = body_of("tiny", COLD, [Message(Role.USER, "x" * (NUM_CTX + 100))]) | {"stream": False}
    body.pop("stream_options")
    refused = httpx.post(f"{engine}/v1/chat/completions", json=body, trust_env=False, timeout=60)
    error = ollama_errors.from_server(refused.text, model="tiny")
    assert isinstance(error, ContextOverflow)
    assert (error.num_ctx, error.prompt_tokens > NUM_CTX) == (NUM_CTX, True)


def test_cancelling_frees_the_slot_for_the_next_question(engine: str) -> None:
    endless = {"type": "array", "items": {"type": "integer", "maximum": 9}, "minItems": 1500}
    events = model_of(engine, replace(COLD, num_predict=12_000)).stream(ASKED, schema=endless)
    assert isinstance(next(events), Content)
    [busy] = slots(engine)
    events.close()
    assert busy["is_processing"]
    assert any(not slot["is_processing"] for [slot] in looks(engine))
    [slot] = slots(engine)
    assert slot["next_token"][0]["n_decoded"] < 6_000
    answer = list(model_of(engine, replace(COLD, num_predict=4)).stream(ASKED))
    assert isinstance(answer[-1], Finished)


def slots(engine: str) -> list[dict[str, Any]]:
    said: list[dict[str, Any]] = httpx.get(f"{engine}/slots", trust_env=False).json()
    return said


def looks(engine: str) -> Iterator[list[dict[str, Any]]]:
    """Look at the slots again and again, for at most ten seconds."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        yield slots(engine)
        time.sleep(0.01)


def test_an_answer_is_counted_and_cut_as_asked(engine: str) -> None:
    *events, end = model_of(engine, replace(COLD, num_predict=12)).stream(ASKED)
    assert all(isinstance(event, Content) for event in events)
    assert isinstance(end, Finished)
    assert (end.reason, end.answer_tokens) == (FinishReason.LENGTH, 12)
    # The model reads bytes: the text, two marks and a role for each message, and the opening of the answer.
    frames = sum(len(f"{m.role}\n{m.content}\n".encode()) + 2 for m in ASKED)
    assert end.prompt_tokens == frames + len(b"assistant\n") + 1


def test_the_whole_assistant_talks_to_the_engine(engine: str, tmp_path: Path) -> None:
    (tmp_path / "note.md").write_text(
        "# Dropout\n\nDropout 训练时随机丢弃神经元，因此能抑制过拟合。\n", "utf-8"
    )
    study = open_assistant(
        tmp_path, model="openai:tiny", openai_base_url=f"{engine}/v1", num_predict="40", temperature="0"
    )
    answer = study.ask("dropout 为什么能抑制过拟合?")
    assert answer.mode == "openai:tiny"
    assert [c.topic for c in answer.citations] == ["Dropout"]
    json.dumps(answer.to_dict())
