"""Only Slack is let in: whatever cannot be checked is a 401, never a 500, and is no longer there afterwards."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from api.slack.signing import Guard, signed
from assistant.study import open_assistant
from tests.api.slack.workspace import QUESTION, SECRET, Workspace, mention, workspace
from tests.index.embedding import write_notes

#: The example of Slack's own page (docs.slack.dev/authentication/verifying-requests-from-slack).
EXAMPLE = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar"
    b"&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack."
    b"com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc8"
    b"87a14d10d2c447fce8b6703c"
)
SIGNATURE = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"


@pytest.fixture(scope="module")
def slack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = tmp_path_factory.mktemp("slack")
    assistant = open_assistant(write_notes(folder / "notes"), folder / "home", model="notes")
    with pytest.MonkeyPatch.context() as patched, workspace(assistant, patched) as found:
        yield found


def test_the_example_of_slacks_own_page_is_let_in() -> None:
    guard = Guard(SECRET, lambda: 1531420618)
    headers = {"x-slack-request-timestamp": "1531420618", "x-slack-signature": SIGNATURE}
    assert guard.lets_in(EXAMPLE, headers)
    assert not guard.lets_in(EXAMPLE + b"x", headers)
    assert signed(SECRET, EXAMPLE, 1531420618)["X-Slack-Signature"] == SIGNATURE


@pytest.mark.parametrize(("age", "lets_in"), [(0, True), (300, True), (301, False), (-301, False)])
def test_a_signature_is_good_for_five_minutes(age: int, lets_in: bool) -> None:
    headers = {name.lower(): value for name, value in signed(SECRET, b"{}", 1_000_000).items()}
    assert Guard(SECRET, lambda: 1_000_000 + age).lets_in(b"{}", headers) is lets_in


def test_slack_checks_the_address_with_a_challenge(slack: Workspace) -> None:
    body = {"type": "url_verification", "challenge": "3eZbrw1aB", "token": "x"}
    response = slack.event(body)
    assert (response.status_code, response.json()) == (200, {"challenge": "3eZbrw1aB"})
    unsigned = slack.event(body, {"X-Slack-Signature": ""})
    assert (unsigned.status_code, unsigned.content) == (401, b"")


MALFORMED: list[tuple[str, bytes, dict[str, str]]] = [
    ("a timestamp in words", b"{}", {"X-Slack-Request-Timestamp": "soon"}),
    ("no timestamp", b"{}", {"X-Slack-Request-Timestamp": ""}),
    ("an endless timestamp", b"{}", {"X-Slack-Request-Timestamp": "9" * 5000}),
    ("a stale timestamp", b"{}", {"X-Slack-Request-Timestamp": "1531420618"}),
    ("infinity", b"{}", {"X-Slack-Request-Timestamp": "inf"}),
    ("a signature that is no ASCII", b"{}", {"X-Slack-Signature": "v0=\u00e9\u00e9"}),
    ("another signature", b"{}", {"X-Slack-Signature": "v0=" + "0" * 64}),
    ("no signature", b"{}", {"X-Slack-Signature": ""}),
]  # fmt: skip
NO_DELIVERY = {
    "no JSON": b"{", "no object": b"[]", "a number": b"1", "no UTF-8": b"\xff\xfe{", "empty": b"{}x",
    "deep": b'{"a":' * 60_000, "a form with a payload that is none": b"payload=%7B", "NUL": b"\x00",
    "a list for an event": b'{"type":"event_callback","team_id":"T1","event":[]}',
    "authorizations": b'{"authorizations":[1]}',
    "a number for a team": b'{"type":"block_actions","team":7,"user":"x"}',
}  # fmt: skip


@pytest.mark.parametrize(
    ("body", "headers"), [case[1:] for case in MALFORMED], ids=[case[0] for case in MALFORMED]
)
@pytest.mark.parametrize("path", ["/slack/events", "/slack/commands", "/slack/interactive"])
def test_what_is_not_signed_by_slack_is_a_401(
    slack: Workspace, path: str, body: bytes, headers: dict[str, str]
) -> None:
    sent = {name: value.encode("latin-1") for name, value in (signed(SECRET, body) | headers).items()}
    response = slack.http.post(path, content=body, headers=[(n.encode(), v) for n, v in sent.items()])
    assert (response.status_code, response.content) == (401, b"")


@pytest.mark.parametrize("body", NO_DELIVERY.values(), ids=NO_DELIVERY.keys())
def test_a_signed_body_that_is_no_delivery_is_no_fault_of_ours(slack: Workspace, body: bytes) -> None:
    # slack_sdk cannot sign what is no UTF-8, so this signs by hand.
    import hashlib
    import hmac

    now = str(int(time.time()))
    signature = hmac.new(SECRET.encode(), b"v0:" + now.encode() + b":" + body, hashlib.sha256).hexdigest()
    headers = {"X-Slack-Request-Timestamp": now, "X-Slack-Signature": f"v0={signature}"}
    response = slack.http.post(
        "/slack/events", content=body, headers=headers | {"content-type": "application/json"}
    )
    assert response.status_code in (200, 401)


@pytest.mark.parametrize("times", [150, pytest.param(5_000, marks=pytest.mark.soak)])
def test_a_broken_signature_timestamp_or_body_is_always_a_401(slack: Workspace, times: int) -> None:
    chance = random.Random(7)
    good = json.dumps(mention(QUESTION)).encode()
    statuses = set()
    for _ in range(times):
        headers = {name: value.encode() for name, value in signed(SECRET, good).items()}
        body = bytearray(good)
        what = chance.choice([*headers, "body"])
        if what == "body":
            body[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
        else:
            value = bytearray(headers[what])
            # any byte that a client sends in a header
            value[chance.randrange(len(value))] = chance.choice([*range(33, 127), *range(128, 256)])
            if bytes(value).strip() == headers[what]:
                continue
            headers[what] = bytes(value)
        response = slack.http.post(
            "/slack/events", content=bytes(body), headers=[(n.encode(), v) for n, v in headers.items()]
        )
        statuses.add(response.status_code)
    assert statuses == {401}
    assert slack.slack.shown == []


def test_without_its_secrets_the_door_stays_shut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from api.doors.slack import open_door
    from tests.api.slack.workspace import only_slack

    monkeypatch.delenv("SLACK_SIGNING_SECRET", raising=False)
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    app = only_slack(open_assistant(write_notes(tmp_path / "notes"), model="notes"))
    assert open_door.__module__ == "api.doors.slack"
    assert [route for route in app.routes if getattr(route, "path", "").startswith("/slack")] == []
    assert app.state.running == []


def test_the_paths_take_no_get(slack: Workspace) -> None:
    response: httpx.Response = slack.http.get("/slack/events")
    assert response.status_code == 405
