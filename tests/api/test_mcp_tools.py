"""The tools of the MCP server, called by the SDK's client in memory: values, bounds, scopes, refusals, progress."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, MCPError
from pydantic import BaseModel

from api.access.caller import LOCAL, Caller, Scope
from api.mcp_tools import shapes
from api.mcp_tools.server import notes_server
from api.mcp_tools.toolbox import DATA
from api.service import Service
from assistant.demo_kit import registry
from assistant.grading.types import Grade
from assistant.study import Assistant, open_assistant
from index.types import SearchResult
from tests.api.mcp_talk import call, talk, told, value
from tests.assistant.quiz.conftest import WRITTEN
from tests.index.embedding import write_notes

QUESTION = "最大池化取什么值?"
SECRET = "SECRETQUESTION"
READER = Caller("key:reader", frozenset({Scope.READ}), "reader")
NOBODY = Caller("key:nobody", frozenset(), "nobody")
OTHER = Caller("key:other", frozenset({Scope.READ, Scope.LEARN}), "other")
READING = {"search_notes", "ask_notes", "list_demos", "run_demo", "grade"}


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    folder = tmp_path_factory.mktemp("mcp")
    return open_assistant(write_notes(folder / "notes"), folder / "home", model="notes")


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    """An assistant over a note that is rich enough to ask about."""
    folder = tmp_path_factory.mktemp("practice")
    (folder / "notes").mkdir()
    (folder / "notes" / "written.md").write_text(WRITTEN, "utf-8")
    return open_assistant(folder / "notes", folder / "home", model="notes")


def timeless(answer: dict[str, Any]) -> dict[str, Any]:
    return {key: item for key, item in answer.items() if key != "timings"}


def test_each_tool_gives_the_json_that_the_command_writes(assistant: Assistant) -> None:
    found = call(assistant, "search_notes", query="池化", k=2)
    assert value(found) == assistant.search("池化", 2).to_dict()
    answered = call(assistant, "ask_notes", question=QUESTION)
    assert timeless(value(answered)) == timeless(assistant.ask(QUESTION).to_dict())
    assert value(answered)["citations"][0]["quote"] == "最大池化取窗口里的最大值。"
    arguments = {"input_size": 32, "kernel": 3, "stride": 2, "padding": 1}
    ran = call(assistant, "run_demo", name="conv_output_size", arguments=arguments)
    assert value(ran) == assistant.demo("conv_output_size", **arguments).to_dict()
    assert value(ran)["numbers"]["output"] == 16
    graded = call(assistant, "grade", question=QUESTION, answer="窗口里的最大值")
    assert value(graded) == assistant.grade(QUESTION, "窗口里的最大值").to_dict()


def test_results_are_marked_as_data_for_models_and_are_json_for_programs(assistant: Assistant) -> None:
    result = call(assistant, "search_notes", query="池化")
    marker, text = [block.text for block in result.content if block.type == "text"]
    assert marker == DATA
    assert json.loads(text) == result.structured_content
    assert "池化" in text  # readable, not escaped


def undescribed(found: Any, shape: Any) -> Iterator[str]:
    """Yield the keys of `found` that the model `shape` does not describe."""
    if isinstance(found, dict) and isinstance(shape, type) and issubclass(shape, BaseModel):
        known = {field.alias or name: field.annotation for name, field in shape.model_fields.items()}
        for key, item in found.items():
            if key not in known:
                yield f"{shape.__name__}.{key}"
            else:
                yield from undescribed(item, known[key])
    elif isinstance(found, list):
        inner = getattr(shape, "__args__", (None,))[0]
        for item in found:
            yield from undescribed(item, inner)


def test_the_schemas_describe_everything_that_is_returned(assistant: Assistant) -> None:
    results = {
        shapes.SearchShape: value(call(assistant, "search_notes", query="池化")),
        shapes.AnswerShape: value(call(assistant, "ask_notes", question=QUESTION)),
        shapes.DemoShape: value(call(assistant, "run_demo", name="pooling")),
        shapes.DemosShape: value(call(assistant, "list_demos", name="pooling")),
        shapes.GradeShape: value(call(assistant, "grade", question=QUESTION, answer="最大值")),
        shapes.QuizShape: value(call(assistant, "quiz", action="begin", topic="池化")),
    }
    for shape, found in results.items():
        assert list(undescribed(found, shape)) == []
        assert found["hits" if "hits" in found else next(iter(found))]


def test_demos_are_listed_and_one_tells_its_bounds(assistant: Assistant) -> None:
    listed = value(call(assistant, "list_demos"))["demos"]
    assert [demo["name"] for demo in listed] == list(registry.names())
    assert "parameters" not in listed[0]
    [told_of] = value(call(assistant, "list_demos", name="pooling"))["demos"]
    assert told_of["parameters"] == registry.load("pooling").schema


def schemas(assistant: Assistant, caller: Caller = LOCAL) -> dict[str, Any]:
    async def listed(client: Client) -> dict[str, Any]:
        return {tool.name: tool for tool in (await client.list_tools()).tools}

    return talk(assistant, listed, caller)


def unbounded(schema: dict[str, Any], at: str) -> Iterator[str]:
    """Yield where a schema takes text, numbers or lists without a bound."""
    bounds = {
        "string": {"maxLength", "enum"},
        "integer": {"maximum"},
        "number": {"maximum"},
        "array": {"maxItems"},
    }
    kind = schema.get("type")
    if isinstance(kind, str) and kind in bounds and not bounds[kind] & schema.keys():
        yield at
    for name, inner in (schema.get("properties") or {}).items():
        yield from unbounded(inner, f"{at}.{name}")
    for inner in (*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else ())):
        yield from unbounded(inner, at)


def test_every_argument_is_bounded_and_every_result_described(assistant: Assistant) -> None:
    tools = schemas(assistant)
    assert set(tools) == READING | {"quiz", "interview"}
    for name, tool in tools.items():
        assert list(unbounded(tool.input_schema, name)) == []
        assert tool.output_schema["properties"]
        assert tool.description
    assert tools["run_demo"].input_schema["properties"]["name"]["enum"] == list(registry.names())


def test_hosts_are_told_which_tools_only_read(assistant: Assistant) -> None:
    hints = {name: tool.annotations for name, tool in schemas(assistant).items()}
    assert {name for name, hint in hints.items() if hint.read_only_hint} == READING
    assert not any(hint.destructive_hint or hint.open_world_hint for hint in hints.values())


def test_a_caller_sees_and_calls_only_what_its_scopes_allow(assistant: Assistant) -> None:
    assert set(schemas(assistant, READER)) == READING
    assert schemas(assistant, NOBODY) == {}
    for tool, arguments in (("quiz", {"action": "begin"}), ("interview", {"action": "begin"})):
        refused = call(assistant, tool, READER, **arguments)
        assert refused.is_error
        assert "this key may not learn" in told(refused)
        assert "assistant keys create NAME --scope read --scope learn" in told(refused)
    assert call(assistant, "search_notes", NOBODY, query="池化").is_error


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("run_demo", {"name": "poling"}, ("'poling'", "'pooling'")),
        ("run_demo", {"name": "pooling", "arguments": {"kernel": 0}}, ("kernel=0", "kernel")),
        ("ask_notes", {"question": " "}, ("the question is empty", "assistant ask")),
        (
            "grade",
            {"question": QUESTION, "answer": "x", "topic": "nothing like it"},
            ("nothing like it", "topics"),
        ),
        ("quiz", {"action": "answer", "quiz": "01NOSUCH", "answer": "x"}, ("01NOSUCH", "quiz")),
        ("interview", {"action": "report"}, ("no interview", "begin")),
        ("search_notes", {"query": "池化", "k": 21}, ("k", "20")),
        ("search_notes", {"query": "池" * 8001}, ("query", "8000")),
        ("search_notes", {}, ("query", "required")),
        ("nosuch", {}, ("nosuch", "nosuch")),
    ],
)
def test_what_a_model_can_mend_is_told_to_it(
    assistant: Assistant, tool: str, arguments: dict[str, Any], said: tuple[str, str]
) -> None:
    result = call(assistant, tool, **arguments)
    assert result.is_error
    assert all(words in told(result) for words in said), told(result)


class Broken(Assistant):
    """Whose search fails by a fault of ours, which names what was asked."""

    def search(self, query: str, k: int = 5) -> SearchResult:
        raise RuntimeError(query)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_fault_of_ours_is_an_error_of_the_protocol_without_a_word_of_its_cause(
    assistant: Assistant, mode: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    async def ask(client: Client) -> str:
        with pytest.raises(MCPError) as error:
            await client.call_tool("search_notes", {"query": SECRET})
        assert (await client.call_tool("run_demo", {"name": "pooling"})).structured_content
        return str(error.value)

    with caplog.at_level(logging.DEBUG):
        assert "search_notes failed" in talk(Broken(assistant.settings), ask, mode=mode)
    assert "RuntimeError" in caplog.text
    assert SECRET not in caplog.text + "".join(capfd.readouterr())


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_no_word_of_a_caller_reaches_a_log(
    assistant: Assistant, mode: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    async def ask(client: Client) -> None:
        await client.call_tool("ask_notes", {"question": SECRET})
        await client.call_tool("run_demo", {"name": SECRET})
        await client.call_tool("grade", {"question": SECRET, "answer": SECRET, "topic": SECRET})
        await client.call_tool("search_notes", {"query": [SECRET]})
        for refused in (f"notes://topics/{SECRET}", f"file:///{SECRET}"):
            with pytest.raises(MCPError):
                await client.read_resource(refused)

    with caplog.at_level(logging.DEBUG, "api"):
        talk(assistant, ask, mode=mode)
    assert SECRET not in caplog.text + "".join(capfd.readouterr())


def test_making_a_server_leaves_the_root_log_alone(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    level = root.level
    notes_server(Service(assistant), lambda ctx: LOCAL)
    assert (root.handlers, root.level) == ([], level)


def test_a_quiz_is_held_to_its_end_and_an_answer_counts_once(practice: Assistant) -> None:
    async def held(client: Client) -> list[dict[str, Any]]:
        async def step(**arguments: Any) -> dict[str, Any]:
            return value(await client.call_tool("quiz", arguments))

        begun = await step(action="begin", topic="池化", kinds=["true_false"], count=2, seed=3, language="zh")
        [first] = begun["events"]
        assert (first["event"], first["n"], first["of"]) == ("question", 1, 2)
        assert not {"model_answer", "right", "citation"} & first.keys()
        answer = {"quiz": begun["quiz"], "action": "answer", "question": first["id"], "answer": "对"}
        marked = await step(**answer)
        again = await step(**answer)
        shown = await step(quiz=begun["quiz"], action="show", question=marked["events"][1]["id"])
        return [begun, marked, again, shown]

    begun, marked, again, shown = talk(practice, held)
    assert [event["event"] for event in marked["events"]] == ["marked", "question"]
    assert marked["events"][0]["citation"]["path"].endswith("written.md")
    assert again == marked
    assert [event["event"] for event in shown["events"]] == ["shown", "summary"]
    summary = shown["events"][1]
    assert (summary["done"], summary["shown"], summary["correct"] + summary["wrong"]) == (2, 1, 1)
    assert (begun["ended"], marked["ended"], shown["ended"]) == (False, False, True)


def test_an_answer_to_another_question_than_the_open_one_is_refused(practice: Assistant) -> None:
    begun = value(call(practice, "quiz", action="begin", topic="池化", seed=1))
    late = call(
        practice, "quiz", action="answer", quiz=begun["quiz"], question="0123456789abcdef", answer="A"
    )
    assert late.is_error
    assert "went on elsewhere" in told(late)


def test_another_learners_quiz_and_interview_do_not_exist(practice: Assistant) -> None:
    quiz = value(call(practice, "quiz", action="begin", topic="池化", seed=1))
    others = call(practice, "quiz", OTHER, action="hint", quiz=quiz["quiz"])
    assert others.is_error
    assert f"there is no quiz '{quiz['quiz']}'" in told(others)
    interview = value(call(practice, "interview", action="begin", seed=1, minutes=6))
    for action in ("answer", "report", "end"):
        refused = call(practice, "interview", OTHER, action=action, interview=interview["interview"])
        assert refused.is_error
        assert "no interview" in told(refused)


def test_an_interview_is_held_paused_and_reported_and_a_turn_counts_once(practice: Assistant) -> None:
    async def held(client: Client) -> list[dict[str, Any]]:
        async def step(action: str, **arguments: Any) -> dict[str, Any]:
            return value(await client.call_tool("interview", {"action": action} | arguments))

        begun = await step("begin", seed=1, minutes=6, topics=["池化"])
        own = {"interview": begun["interview"]}
        answer = {"answer": "最大池化只留最大值，反向时梯度只传给最大值的位置。"} | own
        answered = await step("answer", turn=begun["turn"], **answer)
        again = await step("answer", turn=begun["turn"], **answer)
        paused = await step("pause", **own)
        resumed = await step("answer", answer="不知道", **own)
        ended = await step("end", **own)
        return [begun, answered, again, paused, resumed, ended, await step("report")]

    begun, answered, again, paused, resumed, ended, report = talk(practice, held)
    assert [move["event"] for move in begun["said"]][-1] == "question"
    assert answered["said"] != begun["said"]
    assert (again["turn"], [m["text"] for m in again["said"]]) == (
        answered["turn"],
        [m["text"] for m in answered["said"]],
    )
    assert (paused["paused"], resumed["paused"], ended["ended"]) == (True, False, True)
    assert report["report"] == ended["report"]
    [exchange, *_] = report["report"]["questions"][0]["exchanges"]
    assert exchange["answer"] == "最大池化只留最大值，反向时梯度只传给最大值的位置。"


class Slow(Assistant):
    """Which grades once somebody was told twice that it is at work."""

    told_twice = threading.Event()

    def grade(self, *arguments: Any, **more: Any) -> Grade:
        assert self.told_twice.wait(30)
        return super().grade(*arguments, **more)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_long_work_says_that_it_goes_on(assistant: Assistant, mode: str) -> None:
    slow = Slow(assistant.settings)
    slow.told_twice = threading.Event()
    reports: list[float] = []

    async def progressed(progress: float, total: float | None, message: str | None) -> None:
        reports.append(progress)
        if len(reports) == 2:
            slow.told_twice.set()

    async def graded(client: Client) -> None:
        arguments = {"question": QUESTION, "answer": "最大值"}
        value(await client.call_tool("grade", arguments, progress_callback=progressed))

    talk(slow, graded, mode=mode, beat=0.01)
    assert reports == sorted(set(reports))
    assert len(reports) >= 2


def test_what_another_learner_decided_changes_no_grade(practice: Assistant, tmp_path: Path) -> None:
    from datetime import UTC, datetime

    from assistant.grading.types import Level

    alone = practice.grade("最大池化丢什么信息?", "不知道")
    service = Service(practice)
    service.store.grading.of(OTHER.learner).keep_overrule(alone, Level.CORRECT, datetime.now(UTC))
    given = {"question": "最大池化丢什么信息?", "answer": "不知道"}
    assert value(call(practice, "grade", OTHER, **given))["level"] == "correct"
    assert value(call(practice, "grade", READER, **given))["level"] == alone.level.value
    assert value(call(practice, "grade", LOCAL, **given))["level"] == alone.level.value
