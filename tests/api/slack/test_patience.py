"""A slow model, a Slack that says "later", and things that break: always acknowledged at once, always told."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from api.slack.fake_slack import FakeSlack
from assistant.llm.fake_ollama import FakeOllama, say
from assistant.study import Assistant, open_assistant
from tests.api.slack.workspace import QUESTION, QUOTE, mention, reply, workspace
from tests.index.embedding import write_notes

MODEL = "ollama:qwen3.5:4b"


def notes_only(folder: Path) -> Assistant:
    return open_assistant(write_notes(folder / "notes"), folder / "home", model="notes")


def test_a_slow_model_delays_no_acknowledgement_and_the_line_that_waits_becomes_the_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = threading.Event()

    def respond(body: Mapping[str, Any]) -> Any:
        go.wait(20)
        return say("最大池化取窗口里的最大值 [1]。<!channel> [看](https://evil.example)")

    with FakeOllama(respond=respond) as server:
        notes = write_notes(tmp_path / "notes")
        asked = open_assistant(notes, tmp_path / "home", model=MODEL, ollama_host=server.host)
        with workspace(asked, monkeypatch) as slack:
            for n in range(3):
                assert slack.event(mention(QUESTION, ts=f"1.{n:06d}", user=f"U{n}")).status_code == 200
            assert max(slack.acks) < 3
            waiting = slack.until(lambda: slack.slack.shown if len(slack.slack.shown) == 3 else [])
            assert all(shown.markdown.endswith("……") for shown in waiting)
            slack.until(
                lambda: any("排队" in shown.markdown for shown in waiting)
            )  # and each is told its place
            go.set()
            for n in range(3):
                [answer] = slack.answers("C1", f"1.{n:06d}")
                assert answer.edits >= 1
                assert "最大值 [1]" in answer.markdown
                assert "<!" not in answer.markdown + answer.text
                assert "](http" not in answer.markdown
                assert answer.sources[-1].startswith(MODEL)
        assert len(slack.slack.shown) == 3
        assert slack.slack.refused == []


def test_later_means_later_and_nothing_is_said_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def limit(method: str, n: int) -> int | None:
        return 0 if method == "chat.postMessage" and n % 3 != 0 else None  # two of three calls come too early

    with workspace(notes_only(tmp_path), monkeypatch, FakeSlack(limit=limit)) as slack:
        slack.event(mention(QUESTION, ts="1.000001"))
        assert QUOTE in slack.answers("C1", "1.000001")[0].markdown
    posted = [call for call in slack.slack.calls if call.method == "chat.postMessage"]
    assert len(posted) == 3
    assert len(slack.slack.shown) == 1


class Broken(Assistant):
    """Fails where somebody asks it to."""

    def consider(self, question: str, *arguments: Any, **more: Any) -> Any:
        if "出错" in question:
            raise RuntimeError(f"SECRET {question}")
        return super().consider(question, *arguments, **more)


def test_a_fault_of_ours_is_an_apology_with_a_number_and_its_log_says_nothing_of_the_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken = Broken(notes_only(tmp_path).settings)
    with workspace(broken, monkeypatch) as slack:
        slack.event(mention("出错 CANARY1", ts="1.000001"))
        slack.event(mention(f"{QUESTION} CANARY2", ts="1.000002"))
        slack.command("quiz CANARY3")
        slack.event(mention("CANARY4", channel="C9"))
        [told] = slack.answers("C1", "1.000001")
        slack.answers("C1", "1.000002")
        slack.until(lambda: slack.slack.refused)
    assert "抱歉" in told.markdown
    number = told.markdown.partition("编号 ")[2].split()[0]
    assert f"request {number}" in caplog.text
    assert "RuntimeError" in caplog.text
    for secret in ("CANARY", "SECRET", "xoxb", "出错"):
        assert secret not in caplog.text
    assert slack.slack.refused == ["chat.postMessage: not_in_channel"] * len(slack.slack.refused)


def test_what_slack_did_not_take_is_told_when_it_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import UTC, datetime, timedelta

    from assistant.store import Store
    from assistant.store.deliveries import LEASE

    down = [True]
    slack = FakeSlack(broken=lambda method, n: 503 if down[0] and method == "chat.postMessage" else None)
    assistant = notes_only(tmp_path)
    with workspace(assistant, monkeypatch, slack) as run:
        run.event(mention(QUESTION, ts="1.000001"))
        run.until(lambda: any(call.method == "chat.postMessage" for call in slack.calls))
    assert slack.shown == []
    down[0] = False
    with workspace(assistant, monkeypatch, FakeSlack()) as again:
        again.until(lambda: any(call.method == "auth.test" for call in again.slack.calls))
        assert again.slack.shown == []  # its process may still be alive
    later = datetime.now(UTC) + LEASE + timedelta(seconds=1)
    [place] = Store(assistant.settings.home).deliveries.take_lost(later)
    assert place == {"team": "T0TEAM", "channel": "C1", "thread": "1.000001", "user": "U1", "language": "zh"}


def test_a_server_that_was_killed_in_the_middle_says_so_after_its_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import UTC, datetime, timedelta

    from assistant.store import Store
    from assistant.store.deliveries import LEASE

    assistant = notes_only(tmp_path)
    place = {"team": "T0TEAM", "channel": "C1", "thread": "1.000001", "user": "U1", "language": "zh"}
    command = place | {"thread": "", "language": "en"}
    began = datetime.now(UTC) - LEASE - timedelta(seconds=1)
    for n, where in enumerate((place, command)):
        assert Store(assistant.settings.home).deliveries.claim([f"slack:{n}"], where, began)
    with workspace(assistant, monkeypatch) as slack:
        [told] = slack.answers("C1", "1.000001")
        [whispered] = slack.until(lambda: [m for m in slack.slack.shown if m.only_for == "U1"])
    assert "没能答完" in told.markdown
    assert "say it once more" in whispered.markdown
    with workspace(assistant, monkeypatch) as again:
        again.event(mention(QUESTION, ts="2.000001"))
        again.answers("C1", "2.000001")
    assert len(again.slack.shown) == 1


def test_what_runs_at_shutdown_is_finished_and_the_rest_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, slow = threading.Event(), threading.Event()

    class Slow(Assistant):
        def consider(self, question: str, *arguments: Any, **more: Any) -> Any:
            slow.set()
            go.wait(20)
            return super().consider(question, *arguments, **more)

    monkeypatch.setattr("api.slack.bot.DRAIN", 0.2)
    kept = Slow(notes_only(tmp_path).settings)
    with suppress(AssertionError), workspace(kept, monkeypatch) as slack:
        slack.event(mention(QUESTION, ts="1.000001"))
        slow.wait(20)
        threading.Timer(1.5, go.set).start()  # after the drain: the thread itself cannot be stopped
    told = [shown for shown in slack.slack.in_thread("C1", "1.000001") if "没能答完" in shown.markdown]
    assert len(told) == 1


def test_more_than_there_is_room_for_is_asked_for_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.slack.desk.Desk.takes_more", property(lambda desk: False))
    with workspace(notes_only(tmp_path), monkeypatch) as slack:
        body = mention(QUESTION, ts="1.000001")
        assert slack.event(body).status_code == 503
        answer = slack.command(f"ask {QUESTION}")
        assert (answer.status_code, answer.json()["response_type"]) == (200, "ephemeral")
        monkeypatch.undo()
        monkeypatch.setattr("api.slack.desk.Desk.takes_more", property(lambda desk: True))
        assert slack.event(body).status_code == 200
        slack.answers("C1", "1.000001")


def test_what_cannot_be_noted_is_not_acknowledged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assistant = notes_only(tmp_path)
    with workspace(assistant, monkeypatch) as slack:
        assistant.settings.home.mkdir(parents=True, exist_ok=True)
        (assistant.settings.home / "study.db").write_bytes(
            b"this is no database, and it is long enough to be read"
        )
        assert slack.event(mention(QUESTION, ts="1.000001")).status_code == 503
    assert slack.slack.shown == []


def test_the_plot_of_a_demo_that_ran_is_put_into_the_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("matplotlib")
    with workspace(notes_only(tmp_path), monkeypatch) as slack:
        slack.event(mention("三层 3x3 卷积, stride 2, 感受野多大?", ts="1.000001"))
        assert "rf = 15" in slack.answers("C1", "1.000001")[0].markdown
    [upload] = slack.slack.uploads.values()
    assert (upload.name, upload.channel, upload.thread_ts) == ("receptive_field.png", "C1", "1.000001")
    assert upload.content.startswith(b"\x89PNG")


def test_a_long_answer_comes_in_several_messages_within_slacks_limits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def respond(body: Mapping[str, Any]) -> Any:
        return say("最大池化取窗口里的最大值 [1]。\n\n```python\n" + "x = 1\n" * 2_500 + "```")

    with FakeOllama(respond=respond) as server:
        notes = write_notes(tmp_path / "notes")
        asked = open_assistant(notes, tmp_path / "home", model=MODEL, ollama_host=server.host)
        with workspace(asked, monkeypatch) as slack:
            slack.event(mention(QUESTION, ts="1.000001"))
            slack.answers("C1", "1.000001", 2)
    *before, last = slack.slack.in_thread("C1", "1.000001")
    assert last.sources
    assert all(not shown.sources for shown in before)
    assert sum(shown.markdown.count("x = 1\n") for shown in [*before, last]) == 2_500
    assert slack.slack.refused == []


def test_lines_of_one_thread_are_answered_in_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with workspace(notes_only(tmp_path), monkeypatch) as slack:
        slack.event(mention("什么是批归一化?", ts="1.000001"))
        slack.until(lambda: slack.slack.shown)
        asked = [f"最大池化 {n} 取什么?" for n in range(6)]
        for text in asked:
            slack.event(reply(text, "1.000001"))
        slack.answers("C1", "1.000001", 7)
        from assistant.store import Store

        store = Store(tmp_path / "home")
        kept = store.threads.of("slack:T0TEAM:U1").get("slack:T0TEAM:C1:1.000001")
    assert kept is not None
    assert [turn.question for turn in store.history.turns(kept.ref)][1:] == asked


def test_a_slack_without_markdown_blocks_gets_plain_sections(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with workspace(notes_only(tmp_path), monkeypatch, FakeSlack(takes_markdown=False)) as slack:
        slack.event(mention(QUESTION, ts="1.000001"))
        slack.until(lambda: slack.slack.shown)
    [answer] = slack.slack.shown
    assert [block["type"] for block in answer.blocks] == ["section", "context"]
    assert QUOTE in answer.blocks[0]["text"]["text"]


def test_an_unfinished_message_that_was_deleted_is_replaced_by_a_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = threading.Event()

    class Slow(Assistant):
        def consider(self, question: str, *arguments: Any, **more: Any) -> Any:
            go.wait(20)
            return super().consider(question, *arguments, **more)

    with workspace(Slow(notes_only(tmp_path).settings), monkeypatch) as slack:
        slack.event(mention(QUESTION, ts="1.000001"))
        slack.until(lambda: slack.slack.shown)
        slack.slack.shown.clear()
        go.set()
        assert QUOTE in slack.answers("C1", "1.000001")[0].markdown


def test_a_reply_that_comes_before_the_bot_got_to_the_mention_is_answered_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = threading.Event()

    class Slow(Assistant):
        def consider(self, question: str, *arguments: Any, **more: Any) -> Any:
            go.wait(20)
            return super().consider(question, *arguments, **more)

    with workspace(Slow(notes_only(tmp_path).settings), monkeypatch) as slack:
        for n in range(20):  # more than are worked on at once
            slack.event(mention(QUESTION, ts=f"1.{n:06d}"))
        slack.event(reply("平均池化取什么?", "1.000019", user="U2"))
        go.set()
        assert len(slack.answers("C1", "1.000019", 2)) == 2
