"""What people say in a workspace and what they see: mentions, threads, direct messages, and what is ignored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI

from api.slack.fake_slack import BOT_ID, BOT_USER
from api.slack.markdown import JOINER
from assistant.study import Assistant, open_assistant
from index.library import MAX_QUERY
from tests.api.slack.workspace import QUESTION, QUOTE, Workspace, mention, message, reply, workspace
from tests.index.embedding import write_notes


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    folder = tmp_path_factory.mktemp("slack")
    return open_assistant(write_notes(folder / "notes"), folder / "home", model="notes")


@pytest.fixture(scope="module")
def slack(assistant: Assistant) -> Iterator[Workspace]:
    with pytest.MonkeyPatch.context() as patched, workspace(assistant, patched) as found:
        yield found
        assert found.slack.refused == []


def test_a_mention_is_answered_in_its_thread_with_its_sources(slack: Workspace) -> None:
    assert slack.event(mention(QUESTION, ts="1.000001")).status_code == 200
    [answer] = slack.answers("C1", "1.000001")
    assert f"- {QUOTE} [1]" in answer.markdown
    assert answer.sources[0] == "[1] 池化 › 最大池化 · b.md:9"
    assert answer.text.startswith("你的笔记《池化》里这样写")


def test_a_direct_message_is_answered_in_a_thread_of_its_own(slack: Workspace) -> None:
    slack.event(message(QUESTION, channel="D1", kind="message", ts="2.000001"))
    [answer] = slack.answers("D1", "2.000001")
    assert QUOTE in answer.markdown


def test_in_a_thread_that_the_bot_joined_nobody_needs_to_mention_it(
    slack: Workspace, assistant: Assistant
) -> None:
    slack.event(mention("什么是批归一化?", ts="3.000001", user="U1"))
    slack.answers("C1", "3.000001")
    slack.event(reply("推理时呢?", "3.000001", user="U1"))
    slack.answers("C1", "3.000001", 2)
    slack.event(reply("它用什么?", "3.000001", user="U2"))
    *_, ours, theirs = slack.answers("C1", "3.000001", 3)
    assert "理解为" in ours.markdown  # read together with what the same person asked before
    assert "理解为" not in theirs.markdown  # another one's question is no history of U2's
    from assistant.store import Store

    store = Store(assistant.settings.home)
    sessions = [
        store.threads.of(f"slack:T0TEAM:{user}").get("slack:T0TEAM:C1:3.000001") for user in ("U1", "U2")
    ]
    assert [session and len(store.history.turns(session.ref)) for session in sessions] == [2, 1]


def test_a_mention_that_comes_as_a_message_too_is_answered_once(slack: Workspace) -> None:
    for kind in ("message", "app_mention", "message"):
        slack.event(mention(QUESTION, ts="4.000001", kind=kind))
    slack.event(mention(QUESTION, ts="4.000009"))
    slack.answers("C1", "4.000009")
    assert len(slack.answers("C1", "4.000001")) == 1


def test_a_retry_is_acknowledged_and_not_answered_again(slack: Workspace) -> None:
    body = mention(QUESTION, ts="5.000001")
    for n in range(4):
        retry = {"X-Slack-Retry-Num": str(n), "X-Slack-Retry-Reason": "http_timeout"} if n else {}
        assert slack.event(body, retry).status_code == 200
    slack.event(mention(QUESTION, ts="5.000009"))
    slack.answers("C1", "5.000009")
    assert len(slack.answers("C1", "5.000001")) == 1


IGNORED: dict[str, dict[str, Any]] = {
    "a message in a channel": message(QUESTION, kind="message", ts="6.000001"),
    "a reply in a thread of others": reply(QUESTION, "6.000001"),
    "another bot": mention(QUESTION, bot_id="B9", ts="6.000001"),
    "its own message": message(
        QUESTION, user=BOT_USER, bot_id=BOT_ID, kind="message", channel="D1", ts="6.000001"
    ),
    "itself without a bot_id": message(QUESTION, user=BOT_USER, kind="message", channel="D1", ts="6.000001"),
    "an edit": message("", kind="message", subtype="message_changed", channel="D1", ts="6.000001"),
    "a bot's message": message(QUESTION, kind="message", subtype="bot_message", channel="D1", ts="6.000001"),
    "a join": message("", kind="message", subtype="channel_join", ts="6.000001"),
    "another event": message("", kind="reaction_added", ts="6.000001"),
    "another workspace": mention(QUESTION, ts="6.000001") | {"team_id": "T0OTHER"},
    "a wrong channel": mention(QUESTION, channel="../..", ts="6.000001"),
    "a wrong stamp": mention(QUESTION, ts="soon"),
}


@pytest.mark.parametrize("body", IGNORED.values(), ids=IGNORED.keys())
def test_what_is_not_for_the_bot_is_acknowledged_and_ignored(slack: Workspace, body: dict[str, Any]) -> None:
    slack.until(lambda: any(call.method == "auth.test" for call in slack.slack.calls))
    before = len(slack.slack.shown)
    assert slack.event(body).status_code == 200
    slack.event(mention(QUESTION, ts=(marker := f"7.{id(body) % 10**6:06d}")))
    slack.answers("C1", marker)
    assert [m.thread_ts for m in slack.slack.shown[before:]] == [marker]


def test_people_who_talk_to_each_other_in_the_thread_are_left_alone(slack: Workspace) -> None:
    slack.event(mention(QUESTION, ts="8.000001"))
    slack.answers("C1", "8.000001")
    slack.event(reply("<@U0OTHER> 你怎么看?", "8.000001"))
    slack.event(reply(QUESTION, "8.000001", user="U3"))
    assert len(slack.answers("C1", "8.000001", 2)) == 2


def test_a_mention_without_a_word_is_told_what_can_be_asked(slack: Workspace) -> None:
    slack.event(mention("", ts="9.000001"))
    [told] = slack.answers("C1", "9.000001")
    assert "`/study quiz [主题]`" in told.markdown
    assert "`/study quiz [TOPIC]`" in told.markdown


def test_an_error_is_said_in_its_own_words(slack: Workspace) -> None:
    slack.event(mention("池" * (MAX_QUERY + 1), ts="10.000001"))
    [told] = slack.answers("C1", "10.000001")
    assert "8,000" in told.markdown


def test_what_somebody_writes_calls_nobody_and_links_nowhere(slack: Workspace) -> None:
    asked = "&lt;!channel&gt; <!here> <@U0VICTIM> 见 <https://evil.example|笔记> [x](https://evil.example) 是什么?"
    slack.event(mention(asked, ts="11.000001"))
    slack.command(f"quiz {asked}", channel="C2")
    slack.answers("C1", "11.000001")
    [root] = slack.until(lambda: [m for m in slack.slack.shown if m.channel == "C2" and not m.thread_ts])
    assert f"<{JOINER}!channel>" in root.markdown
    for shown in slack.slack.shown:
        said = f"{shown.text} {shown.markdown} {' '.join(shown.sources)}"
        assert "<!" not in said
        assert "<@" not in said
        assert "](http" not in said
        assert "https://evil" not in said


def test_no_address_is_unfurled(slack: Workspace) -> None:
    posts = [call.arguments for call in slack.slack.calls if call.method == "chat.postMessage"]
    assert posts
    assert {(post["unfurl_links"], post["unfurl_media"]) for post in posts} == {(False, False)}


def test_the_whole_application_lets_slack_in_by_its_signature_alone(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    from api.access.policy import Policy
    from api.app import create_app

    def with_keys(served: Assistant) -> FastAPI:
        return create_app(served, Policy.of(served.settings, "0.0.0.0"))

    with workspace(assistant, monkeypatch, app=with_keys) as found:
        body = mention(QUESTION, ts="20.000001")
        assert found.http.get("/api/v1/topics").status_code in (401, 421)
        assert found.event(body, {"Host": "study.example.com"}).status_code == 200
        assert QUOTE in found.answers("C1", "20.000001")[0].markdown
        assert not any("slack" in path for path in create_app(assistant).openapi()["paths"])
