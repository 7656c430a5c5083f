"""The manifest asks for what the code uses, and for nothing else."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import yaml

from api.doors.slack import PATHS
from api.slack.payloads import COMMAND

ROOT = Path(__file__).resolve().parents[3]

#: What Slack's reference says of each method that a bot calls: the scope it needs, "" for none.
SCOPE_OF = {
    "auth_test": "",
    "apps_connections_open": "",  # a scope of the app's own token, connections:write
    "chat_postMessage": "chat:write",
    "chat_postEphemeral": "chat:write",
    "chat_update": "chat:write",
    "files_upload_v2": "files:write",
}
#: And of each event.
SCOPE_FOR = {
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
}


def manifest() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "docs" / "slack_manifest.yaml").read_text("utf-8"))
    return found


def called() -> set[str]:
    """Return the methods of Slack's Web API that the code calls."""
    from slack_sdk.web.async_client import AsyncWebClient

    trees = [ast.parse(path.read_text("utf-8")) for path in (ROOT / "api" / "slack").glob("*.py")]
    names = {node.attr for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return {
        name for name in names if "_" in name and not name.startswith("_") and hasattr(AsyncWebClient, name)
    }


def test_the_scopes_are_those_of_the_methods_and_events_in_use() -> None:
    found = manifest()
    methods = called() - {"base_url", "retry_handlers"}
    assert methods <= set(SCOPE_OF), "say which scope the new method needs"
    assert {"chat_postMessage", "chat_update", "files_upload_v2"} <= methods
    events = found["settings"]["event_subscriptions"]["bot_events"]
    scopes = {SCOPE_OF[method] for method in methods} | {SCOPE_FOR[event] for event in events} | {"commands"}
    assert set(found["oauth_config"]["scopes"]["bot"]) == scopes - {""}


def test_the_events_are_those_that_are_read() -> None:
    from api.slack.payloads import read
    from tests.api.slack.workspace import mention, message, reply

    events = set(manifest()["settings"]["event_subscriptions"]["bot_events"])
    samples = {
        "app_mention": mention("x"),
        "message.channels": reply("x", "1.000001"),
        "message.groups": reply("x", "1.000001", channel="G1"),
        "message.im": message("x", kind="message", channel="D1"),
    }
    assert set(samples) == events
    assert all(read(body) is not None for body in samples.values())


def test_the_command_and_the_addresses_are_those_that_are_served() -> None:
    text = (ROOT / "docs" / "slack_manifest.yaml").read_text("utf-8")
    assert [command["command"] for command in manifest()["features"]["slash_commands"]] == [COMMAND]
    assert all(f"https://study.example.com{path}" in text for path in PATHS)
    assert manifest()["settings"]["interactivity"]["is_enabled"]
