"""The lines of docs/mcp.md, used as they stand: every configuration is started, the snippet is run."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters

from tests.cli.running import COMMAND, LIMIT, environment
from tests.conftest import ROOT
from tests.index.embedding import write_notes

PAGE = (ROOT / "docs" / "mcp.md").read_text("utf-8")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)


ENTRIES = [
    entry for block in blocks("json") for hosts in json.loads(block).values() for entry in hosts.values()
]


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    bin_folder = str(Path(COMMAND[1]).parent)
    settings = environment(tmp_path / "home", ASSISTANT_NOTES=str(write_notes(tmp_path / "notes")))
    return settings | {"PATH": os.pathsep.join([bin_folder, os.environ["PATH"]])}


def test_the_command_of_a_host_starts_a_server(env: dict[str, str]) -> None:
    entry = ENTRIES[0]

    async def listed() -> set[str]:
        started = StdioServerParameters(command=entry["command"], args=entry["args"], env=env)
        async with Client(started) as client:
            return {tool.name for tool in (await client.list_tools()).tools}

    assert {"search_notes", "ask_notes", "run_demo", "quiz", "grade", "interview"} <= asyncio.run(listed())


def test_all_hosts_start_the_same_command_and_http_leads_to_the_door() -> None:
    assert len(ENTRIES) == 4
    assert [(e["command"], e["args"]) for e in ENTRIES if "command" in e] == [("assistant", ["mcp"])] * 3
    from api.doors.mcp import PATH

    [http] = [entry for entry in ENTRIES if "url" in entry]
    assert http["url"] == f"http://127.0.0.1:8421{PATH}"


def test_the_snippet_prints_the_answer(env: dict[str, str]) -> None:
    [snippet] = blocks("python")
    # The SDK passes on few variables of its own accord.
    snippet = snippet.replace('args=["mcp"])', f'args=["mcp"], env={env!r})')
    ran = subprocess.run(
        [sys.executable, "-c", snippet], env=env, capture_output=True, text=True, timeout=LIMIT, check=False
    )
    assert "最大池化取窗口里的最大值。 [1]" in ran.stdout, ran.stderr


def test_the_page_names_every_tool_and_prompt() -> None:
    for name in ("search_notes", "ask_notes", "list_demos", "run_demo", "grade", "quiz", "interview",
                 "quiz_me", "interview_me", "explain"):  # fmt: skip
        assert f"`{name}`" in PAGE
