"""`/study`: a quiz, a drill and an interview each in a thread of its own, with buttons; help in private."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.slack.fake_slack import FakeSlack, Shown
from api.slack.payloads import Place
from assistant.study import open_assistant
from tests.api.slack.workspace import QUESTION, QUOTE, Workspace, mention, reply, workspace
from tests.assistant.quiz.conftest import WRITTEN
from tests.index.embedding import write_notes


@pytest.fixture(scope="module")
def slack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = tmp_path_factory.mktemp("slack")
    assistant = open_assistant(write_notes(folder / "notes"), folder / "home", model="notes")
    with pytest.MonkeyPatch.context() as patched, workspace(assistant, patched) as found:
        patched.setattr("secrets.randbelow", lambda most: 7)  # the same questions every time
        yield found
        # One test asks in a channel that the bot is not in; which tests run here is up to who spreads them.
        assert set(found.slack.refused) <= {"chat.postMessage: not_in_channel"}


def begun(slack: Workspace, text: str, *, user: str = "U1") -> tuple[str, Shown]:
    """Give a command; return the thread that it began and what stands there first."""
    before = len(slack.slack.shown)
    assert slack.command(text, user=user).content == b""
    [root] = slack.until(lambda: [m for m in slack.slack.shown[before:] if not m.thread_ts])
    return root.ts, slack.answers("C1", root.ts)[0]


def whispered(slack: Workspace, user: str, n: int = 1) -> list[Shown]:
    found: list[Shown] = slack.until(
        lambda: f if len(f := [m for m in slack.slack.shown if m.only_for == user]) >= n else []
    )
    return found


def test_a_question_by_command_is_shown_and_answered_in_its_thread(slack: Workspace) -> None:
    thread, answer = begun(slack, f"ask {QUESTION}")
    [root] = [m for m in slack.slack.shown if m.ts == thread]
    assert QUESTION in root.markdown
    assert QUOTE in answer.markdown


def test_what_begins_with_no_known_word_is_a_question(slack: Workspace) -> None:
    assert QUOTE in begun(slack, QUESTION)[1].markdown


def test_a_quiz_runs_by_buttons_and_by_words_to_its_end(slack: Workspace) -> None:
    thread, first = begun(slack, "quiz 池化")
    assert "第 1/" in first.markdown
    assert {"study:/show", "study:/skip", "study:/end"} <= set(first.buttons)
    slack.click(first, "study:/show")
    second = slack.answers("C1", thread, 2)[1]
    assert "第 2/" in second.markdown
    slack.event(reply("跳过", thread))
    third = slack.answers("C1", thread, 3)[2]
    slack.click(third, "study:/end")
    score = slack.answers("C1", thread, 4)[3]
    assert score.buttons == {}
    # From now on it is a thread to ask in.
    slack.event(reply(QUESTION, thread))
    assert QUOTE in slack.answers("C1", thread, 5)[4].markdown


def test_choices_are_buttons_too(slack: Workspace) -> None:
    from api.slack.blocks import of_said
    from assistant.dialogues.types import Action, Said
    from assistant.language import Language

    said = Said("选一个", ("对", "错" * 100, "<!here>"), (Action.HINT,), "q1")
    [post] = of_said(said, Language.EN)
    place = Place("T0TEAM", "C1", "")
    shown = Shown("C1", "1.000001", place.thread, post.text, list(post.blocks))
    assert shown.buttons == dict.fromkeys(["study:A", "study:B", "study:C", "study:/hint"], "q1")
    labels = [b["text"]["text"] for block in post.blocks[1:] for b in block["elements"]]
    assert labels[0] == "A. 对"
    assert len(labels[1]) == 75
    assert "<!" not in labels[2]
    assert labels[3] == "Hint"


def test_a_button_of_an_earlier_question_is_told_and_changes_nothing(slack: Workspace) -> None:
    thread, first = begun(slack, "quiz 池化", user="U4")
    slack.click(first, "study:/skip", user="U4")
    slack.answers("C1", thread, 2)
    slack.click(first, "study:/skip", user="U4")
    [told] = whispered(slack, "U4")
    assert "前面的题" in told.markdown
    assert len(slack.answers("C1", thread, 2)) == 2


def test_the_same_click_delivered_twice_counts_once(slack: Workspace) -> None:
    import json
    from urllib.parse import urlencode

    from tests.api.slack.workspace import click

    thread, first = begun(slack, "quiz 池化", user="U5")
    body = urlencode({"payload": json.dumps(click(first, "study:/skip", user="U5"))}).encode()
    for _ in range(3):
        response = slack.send("/slack/interactive", body, "application/x-www-form-urlencoded")
        assert response.status_code == 200
    slack.answers("C1", thread, 2)
    slack.event(reply("跳过", thread, user="U5"))
    assert "第 3/" in slack.answers("C1", thread, 3)[2].markdown


def test_nobody_else_is_heard_in_a_quiz(slack: Workspace) -> None:
    thread, first = begun(slack, "quiz 池化", user="U6")
    slack.event(reply("我知道，是最大值", thread, user="U7"))
    slack.click(first, "study:/show", user="U7")
    [told] = whispered(slack, "U7")
    assert "另一个人的练习" in told.markdown
    slack.event(mention(QUESTION, thread_ts=thread, user="U7"))
    answers = slack.answers("C1", thread, 2)
    assert "只听他回答" in answers[1].markdown
    slack.event(reply("跳过", thread, user="U6"))
    assert "第 2/" in slack.answers("C1", thread, 3)[2].markdown


def test_a_command_delivered_twice_begins_one_quiz(slack: Workspace) -> None:
    before = len(slack.slack.shown)
    for _ in range(2):
        slack.command("quiz 池化", user="U8", trigger="1.same")
    slack.command(f"ask {QUESTION}", user="U8")
    roots = slack.until(
        lambda: r if len(r := [m for m in slack.slack.shown[before:] if not m.thread_ts]) >= 2 else []
    )
    assert [("测验" in root.markdown) for root in roots] == [True, False]


def test_a_drill_asks_for_a_figure(slack: Workspace) -> None:
    _, first = begun(slack, "drill")
    assert "第 1/" in first.markdown


def test_an_interview_goes_on_in_its_thread_and_ends_with_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pooling.md").write_text(WRITTEN, "utf-8")
    notes = open_assistant(tmp_path / "pooling.md", tmp_path / "home", model="notes", embedder="hashed")
    with workspace(notes, monkeypatch) as slack:
        thread, first = begun(slack, "interview", user="U9")
        assert "study:/end" in first.buttons
        slack.event(reply("最大池化取窗口里的最大值，平均池化取平均值。", thread, user="U9"))
        second = slack.answers("C1", thread, 2)[1]
        assert "study:/end" in second.buttons
        slack.click(second, "study:/end", user="U9")
        report = slack.answers("C1", thread, 3)[2]
        assert report.buttons == {}
        assert "最大池化取窗口里的最大值，平均池化取平均值。" in "".join(
            shown.markdown for shown in slack.slack.in_thread("C1", thread)[2:]
        )
        assert slack.slack.refused == []


def test_a_topic_that_the_notes_lack_is_said_in_the_thread(slack: Workspace) -> None:
    _, told = begun(slack, "quiz 量子色动力学")
    assert "量子色动力学" in told.markdown


@pytest.mark.parametrize(("text", "said"), [("help", "/study quiz"), ("", "/study quiz"), ("帮助", "/study quiz"),
                                           ("progress", "没问过"), ("ask", "想问什么")])  # fmt: skip
def test_help_and_progress_are_shown_to_one_person_only(slack: Workspace, text: str, said: str) -> None:
    user = f"U1{len(text)}{len(said)}"
    slack.command(text, user=user)
    [told] = whispered(slack, user)
    assert said in told.markdown
    assert told.thread_ts == ""


def test_where_the_bot_is_no_member_only_the_giver_of_the_command_is_told(slack: Workspace) -> None:
    slack.command("quiz 池化", user="U20", channel="C9")
    [told] = whispered(slack, "U20")
    assert "/invite" in told.markdown
    assert [m for m in slack.slack.shown if m.channel == "C9" and not m.only_for] == []


def test_a_fake_slack_refuses_what_slack_refuses() -> None:
    from api.slack.fake_blocks import wrong_with

    text = {"text": "t"}
    assert wrong_with({"text": ""}) == "no_text"
    assert (
        wrong_with(text | {"blocks": [{"type": "markdown", "text": "x" * 12_001}]}) == "msg_blocks_too_long"
    )
    assert wrong_with(text | {"blocks": [{"type": "divider"}] * 51}).startswith("invalid_blocks")
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3_001}}
    assert wrong_with(text | {"blocks": [section]}) == "invalid_blocks section"
    button = {"type": "button", "text": {"type": "plain_text", "text": "x" * 76}, "action_id": "a"}
    assert (
        wrong_with(text | {"blocks": [{"type": "actions", "elements": [button]}]}) == "invalid_blocks actions"
    )
    assert wrong_with(text | {"thread_ts": "1"}) == "invalid_arguments thread_ts"
    assert wrong_with(text | {"blocks": [{"type": "markdown", "text": "x" * 12_000}]}) == ""
    assert FakeSlack().shown == []
