"""`assistant mcp` as a host starts it: a real process on pipes, whose stdout holds the protocol and nothing else."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters

from api.commands import mcp as command
from assistant.cli.session import Session
from assistant.study import open_assistant
from corpus.errors import StudyError
from tests.api.mcp_talk import value
from tests.cli.running import COMMAND, LIMIT, environment, run
from tests.index.embedding import write_notes

T = TypeVar("T")
QUESTION = "最大池化取什么值?"
SECRET = "SECRETQUESTION"
CAPABILITIES = {
    "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}
}  # fmt: skip


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return environment(tmp_path / "home", ASSISTANT_NOTES=str(write_notes(tmp_path / "notes")))


def message(method: str, number: int | None = None, **params: Any) -> bytes:
    body = {"jsonrpc": "2.0", "method": method, "params": params} | ({} if number is None else {"id": number})
    return json.dumps(body, ensure_ascii=False).encode()


OPENING = [message("initialize", 1, **CAPABILITIES), message("notifications/initialized")]


def piped(lines: Sequence[bytes], env: dict[str, str]) -> tuple[list[dict[str, Any]], str]:
    """Return the messages that come back for `lines`, and what is said on stderr. The process ends with its input."""
    process = subprocess.Popen(
        [*COMMAND, "mcp"], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdin
    assert process.stdout
    wanted = {json.loads(line)["id"] for line in lines if b'"id"' in line}
    process.stdin.write(b"\n".join([*OPENING, *lines]) + b"\n")
    process.stdin.flush()
    found: list[dict[str, Any]] = []
    while wanted - {one.get("id") for one in found}:
        line = process.stdout.readline()
        assert line, "the process ended before it answered"
        found.append(json.loads(line))
    rest, errors = process.communicate(timeout=LIMIT)
    assert rest == b""
    assert process.returncode == 0
    assert b"Traceback" not in errors
    return found, errors.decode()


def by_host(env: dict[str, str], said: Callable[[Client], Awaitable[T]], mode: str = "auto") -> T:
    async def speak() -> T:
        parameters = StdioServerParameters(command=COMMAND[0], args=[*COMMAND[1:], "mcp"], env=env)
        async with Client(parameters, mode=mode) as client:
            return await said(client)

    return asyncio.run(speak())


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_host_lists_asks_reads_and_practises(env: dict[str, str], tmp_path: Path, mode: str) -> None:
    async def used(client: Client) -> tuple[set[str], Any, str, Any]:
        names = {tool.name for tool in (await client.list_tools()).tools}
        answered = value(await client.call_tool("ask_notes", {"question": QUESTION}))
        [content] = (await client.read_resource("notes://topics/Dropout")).contents
        quiz = value(await client.call_tool("quiz", {"action": "begin", "topic": "池化", "seed": 1}))
        return names, answered, getattr(content, "text", ""), quiz

    names, answered, text, quiz = by_host(env, used, mode)
    assert {"search_notes", "ask_notes", "run_demo", "quiz", "grade", "interview"} <= names
    same = open_assistant(env["ASSISTANT_NOTES"], tmp_path / "other", model="notes").ask(QUESTION)
    assert (answered["answer"], answered["mode"]) == (same.text, "notes")
    assert text == "# Dropout\n\nDropout 以概率 p 随机丢弃神经元。"
    assert quiz["events"][0]["topic"] == "池化"


def test_stdout_holds_the_protocol_and_nothing_else_and_garbage_is_survived(env: dict[str, str]) -> None:
    call = message("tools/call", 2, name="search_notes", arguments={"query": "池化"})
    garbage = [b"", b"hello", b"{", b"\xff\xfe\x00", b"[]", b"null", b"[" * 50_000, SECRET.encode(), b"1" * 500_000,
               b'{"jsonrpc": "2.0"}', b'{"jsonrpc": "2.0", "method": 7}']  # fmt: skip
    later = message("tools/call", 3, name="run_demo", arguments={"name": "pooling"})
    found, errors = piped([*garbage, call, *garbage, later], env)
    assert all(one["jsonrpc"] == "2.0" for one in found)
    answers = {one.get("id"): one for one in found}
    assert answers[2]["result"]["structuredContent"]["hits"][0]["topic"] == "池化"
    assert answers[3]["result"]["structuredContent"]["demo"] == "pooling"
    assert SECRET not in errors


def test_no_question_reaches_stderr(env: dict[str, str]) -> None:
    calls = [
        message("tools/call", 2, name="ask_notes", arguments={"question": SECRET}),
        message("tools/call", 3, name="run_demo", arguments={"name": SECRET}),
        message("resources/read", 4, uri=f"notes://topics/{SECRET}"),
        message("prompts/get", 5, name="explain", arguments={"question": SECRET * 200}),
    ]
    found, errors = piped(calls, env)
    assert SECRET in json.dumps(found)
    assert SECRET not in errors


def test_settings_that_cannot_be_used_end_the_program_before_it_speaks(env: dict[str, str]) -> None:
    ran = run("mcp", env=env | {"ASSISTANT_TIMEOUT": "never"})
    assert (ran.code, ran.out) == (2, "")
    assert "never" in ran.err


def test_notes_that_are_not_there_are_told_to_the_host(env: dict[str, str], tmp_path: Path) -> None:
    call = message("tools/call", 2, name="search_notes", arguments={"query": "池化"})
    found, _ = piped([call], env | {"ASSISTANT_NOTES": str(tmp_path / "nowhere")})
    result = {one.get("id"): one for one in found}[2]["result"]
    assert result["isError"]
    assert "nowhere" in result["content"][0]["text"]


def test_without_the_package_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "find_spec", lambda name: None)
    with pytest.raises(StudyError) as error:
        command.command(Session({}))
    assert error.value.hint == "Install it: pip install 'interview-study-assistant[doors]'"
