"""Notes, demos and history over a real socket: values, refusals, and that nobody sees what is another's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.access.policy import Policy
from api.app import create_app
from assistant.store import Store, Turn
from assistant.study import Assistant, open_assistant
from tests.api.access.serving import client_of, new_key, served
from tests.api.test_app import problem, serve
from tests.index.embedding import write_notes

NOTE = "# 空洞卷积\n\n空洞卷积在卷积核的相邻元素之间插入空位。\n\n# 转置卷积\n\n转置卷积用来放大特征图。。\n"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def home(own_home: Path) -> Path:
    """A home with the notes in it, as an upload needs them: the setting `notes` is not in force."""
    own_home.mkdir()
    write_notes(own_home / "notes")
    return own_home


@pytest.fixture
def assistant(home: Path, monkeypatch: pytest.MonkeyPatch) -> Assistant:
    """An assistant over the notes of the home alone; the shipped ones would take seconds to index."""
    found = open_assistant(home=home, model="notes")
    monkeypatch.setattr(type(found), "origins", lambda self: {home / "notes": "home"})
    return found


@pytest.fixture
def client(assistant: Assistant) -> Iterator[httpx.Client]:
    yield from serve(assistant)


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client for what changes nothing."""
    folder = tmp_path_factory.mktemp("reading")
    yield from serve(open_assistant(write_notes(folder / "notes"), folder / "home", model="notes"))


def send(client: httpx.Client, name: str, text: str = NOTE, **query: Any) -> httpx.Response:
    return client.post("/api/v1/notes", json={"name": name, "text": text}, params=query)


def test_an_uploaded_note_is_studied_when_the_reply_comes(client: httpx.Client, home: Path) -> None:
    response = send(client, "conv.md")
    assert response.status_code == 201
    told = response.json()
    assert (told["name"], told["replaced"], told["problems"]) == ("conv.md", False, [])
    assert [(t["topic"], t["lines"]) for t in told["topics"]] == [("空洞卷积", [1, 3]), ("转置卷积", [5, 7])]
    assert [(f["rule"], f["lines"]) for f in told["findings"]] == [("doubled_punctuation", [7, 7])]
    assert Path(told["path"]) == home / "notes" / "conv.md"
    assert (home / "notes" / "conv.md").read_text("utf-8") == NOTE
    found = client.post("/api/v1/search", json={"query": "空洞卷积是什么", "k": 1}).json()
    assert found["hits"][0]["topic"] == "空洞卷积"


def test_a_file_of_a_form_is_a_note_too(client: httpx.Client, home: Path) -> None:
    files = {"file": ("空洞卷积.md", NOTE.encode(), "text/markdown")}
    response = client.post("/api/v1/notes", files=files)
    assert (response.status_code, response.json()["name"]) == (201, "空洞卷积.md")
    assert (home / "notes" / "空洞卷积.md").read_bytes() == NOTE.encode()


def test_a_note_is_replaced_only_on_request_and_the_old_one_can_be_had_again(
    client: httpx.Client, home: Path
) -> None:
    send(client, "conv.md")
    refused = problem(send(client, "conv.md", "# 别的\n\n内容。\n"), 409)
    assert refused["hint"] == "To replace it: ?replace=true"
    assert (home / "notes" / "conv.md").read_text("utf-8") == NOTE
    told = send(client, "conv.md", "# 别的\n\n别的内容。\n", replace=True).json()
    assert (told["replaced"], [t["topic"] for t in told["topics"]]) == (True, ["别的"])
    [old] = (home / "trash").iterdir()
    assert (old.name.endswith("-conv.md"), old.read_text("utf-8")) == (True, NOTE)


def test_a_deleted_note_is_studied_no_longer_and_lies_in_the_trash(client: httpx.Client, home: Path) -> None:
    send(client, "conv.md")
    told = client.delete("/api/v1/notes/conv.md").json()
    assert Path(told["moved_to"]).read_text("utf-8") == NOTE
    assert Path(told["moved_to"]).parent == home / "trash"
    assert not (home / "notes" / "conv.md").exists()
    assert "空洞卷积" not in [t["topic"] for t in client.get("/api/v1/topics").json()]
    problem(client.delete("/api/v1/notes/conv.md"), 404)


@pytest.mark.parametrize(
    "name", ["../x.md", "/etc/x.md", ".x.md", "a/b.md", "a\\b.md", "con.md", "x.exe", "x\0.md", "x"]
)
def test_a_name_that_is_more_than_a_name_is_refused_and_nothing_is_written(
    client: httpx.Client, home: Path, name: str
) -> None:
    before = sorted(home.rglob("*"))
    problem(send(client, name), 422)
    if "\0" not in name:  # a form would hold %00, which is no NUL
        problem(client.post("/api/v1/notes", files={"file": (name, NOTE.encode())}), 422)
    assert sorted(home.rglob("*")) == before


@pytest.mark.parametrize("name", ["%2e%2e%2fx.md", "..%5Cx.md", "shipped-note-that-is-not-here.md"])
def test_nothing_but_an_uploaded_note_can_be_deleted(client: httpx.Client, home: Path, name: str) -> None:
    (home / "x.md").write_text("# keep\n\nme\n", "utf-8")
    response = client.delete(f"/api/v1/notes/{name}")
    assert response.status_code in (404, 405, 422)
    assert (home / "x.md").exists()


def test_what_is_no_note_of_its_kind_is_refused_before_it_is_written(
    client: httpx.Client, home: Path
) -> None:
    body = problem(client.post("/api/v1/notes", files={"file": ("x.md", b"\x00\x01binary")}), 422)
    assert "'x.md' is not text" in body["detail"]
    assert str(home) not in json.dumps(body)
    assert not (home / "notes" / "x.md").exists()


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"content": b"name=x", "headers": {"content-type": "application/x-www-form-urlencoded"}}, 415),
        ({"content": b"# x"}, 415),
        ({"content": b"--x", "headers": {"content-type": "multipart/form-data; boundary=x"}}, 422),
        ({"content": b"abc", "headers": {"content-type": "multipart/form-data"}}, 400),
        ({"data": {"file": "no file"}, "files": {"other": ("a.md", b"# a")}}, 422),
        ({"json": {"name": "x.md"}}, 422),
        ({"json": {"name": "x.md", "text": "# x", "extra": 1}}, 422),
        ({"json": [1]}, 422),
    ],
    ids=["form", "no kind", "cut form", "no boundary", "another field", "no text", "more", "a list"],
)
def test_an_upload_that_cannot_be_read_is_refused(client: httpx.Client, sent: Any, status: int) -> None:
    problem(client.post("/api/v1/notes", **sent), status)


def test_an_upload_where_other_notes_are_studied_is_refused(reading: httpx.Client) -> None:
    body = problem(send(reading, "conv.md"), 409)
    assert "ASSISTANT_NOTES" in body["detail"]


def test_the_notes_are_listed_with_what_could_not_be_read(client: httpx.Client, home: Path) -> None:
    send(client, "conv.md")
    (home / "notes" / "broken.md").write_bytes(b"\x00\x01")
    [origin] = client.get("/api/v1/notes").json()
    assert (origin["path"], origin["origin"], origin["there"]) == (str(home / "notes"), "home", True)
    [conv] = [note for note in origin["notes"] if note.get("name") == "conv.md"]
    assert conv == {
        "path": str(home / "notes" / "conv.md"),
        "kind": "md",
        "topics": 2,
        "passages": 2,
        "name": "conv.md",
    }
    assert [Path(one["path"]).name for one in origin["problems"]] == ["broken.md"]
    assert sum(note["topics"] for note in origin["notes"]) == origin["topics"]


def test_a_text_is_checked_without_being_kept(reading: httpx.Client) -> None:
    [found] = reading.post("/api/v1/notes/check", json={"text": NOTE, "name": "conv.md"}).json()
    assert (found["rule"], found["path"], found["lines"]) == ("doubled_punctuation", "conv.md", [7, 7])
    assert found["hint"]
    all_found = reading.post("/api/v1/notes/check", json={}).json()
    assert "stub_topic" in {one["rule"] for one in all_found}


def test_a_demo_tells_its_formula_and_source(reading: httpx.Client) -> None:
    told = reading.get("/api/v1/demos/conv_output_size").json()
    assert told["name"] == "conv_output_size"
    assert "floor" in told["formula"] or "⌊" in told["formula"]
    assert told["source"]
    problem(reading.get("/api/v1/demos/nosuch"), 404)


@pytest.mark.parametrize(("suffix", "start"), [("svg", b"<?xml"), ("png", b"\x89PNG")])
def test_a_plot_is_a_picture_that_can_do_nothing(reading: httpx.Client, suffix: str, start: bytes) -> None:
    pytest.importorskip("matplotlib")
    url = f"/api/v1/demos/lr_schedule/plot.{suffix}"
    drawn = reading.post(url, json={})
    assert (drawn.status_code, drawn.content[:5].startswith(start[:5])) == (200, True)
    assert drawn.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in drawn.headers["content-security-policy"]
    assert "sandbox" in drawn.headers["content-security-policy"]
    assert reading.get(url).content == drawn.content
    problem(reading.get(url, params={"nosuch": "1"}), 422)


def test_the_arguments_of_a_plot_may_stand_in_the_query(reading: httpx.Client) -> None:
    pytest.importorskip("matplotlib")
    url = "/api/v1/demos/lr_schedule/plot.svg"
    usual = reading.get(url)
    other = reading.get(url, params={"schedule": "step"})
    assert (usual.status_code, usual.headers["content-type"]) == (200, "image/svg+xml")
    assert other.content == reading.post(url, json={"schedule": "step"}).content != usual.content


def test_without_matplotlib_a_plot_says_what_to_install(
    reading: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "matplotlib", None)
    body = problem(reading.get("/api/v1/demos/lr_schedule/plot.svg"), 501)
    assert body["hint"] == "pip install 'interview-study-assistant[plots]'"


def kept(store: Store, learner: str, count: int, start: datetime = NOW) -> list[str]:
    """Keep `count` conversations of one turn each, and return their ids, the first one first."""
    ids = []
    for n in range(count):
        at = start + timedelta(minutes=n)
        session = store.history.start(learner, at)
        store.history.append(session, Turn(f"第 {n} 问?", f"第 {n} 问?", {"answer": f"答 {n}"}, at))
        ids.append(session)
    return ids


def pages(client: httpx.Client, url: str, entries: str, limit: int) -> list[list[dict[str, Any]]]:
    """Return all pages of a list, following the cursors."""
    found, after = [], None
    while True:
        body = client.get(url, params={"limit": limit} | ({"after": after} if after else {})).json()
        found.append(body[entries])
        after = body["next"]
        if after is None:
            return found


def test_conversations_are_paged_without_a_gap_or_a_double(client: httpx.Client, home: Path) -> None:
    store = Store(home)
    ids = kept(store, "local", 7)
    kept(store, "key:OTHER", 3)
    found = pages(client, "/api/v1/sessions", "sessions", 3)
    assert [len(page) for page in found] == [3, 3, 1]
    assert [one["id"] for page in found for one in page] == ids[::-1]
    assert (found[0][0]["title"], found[0][0]["turns"]) == ("第 6 问?", 1)
    assert found[0][0]["last_asked"] == "2026-11-23T12:06:00+00:00"


def test_the_turns_of_a_conversation_are_paged_oldest_first(client: httpx.Client, home: Path) -> None:
    store = Store(home)
    [session] = kept(store, "local", 1)
    for n in range(1, 5):
        store.history.append(session, Turn(f"第 {n} 问?", "x", {"answer": "y"}, NOW))
    found = pages(client, f"/api/v1/sessions/{session}", "turns", 2)
    assert [[turn["question"] for turn in page] for page in found] == [
        ["第 0 问?", "第 1 问?"],
        ["第 2 问?", "第 3 问?"],
        ["第 4 问?"],
    ]


def test_another_learners_conversation_is_not_there(client: httpx.Client, home: Path) -> None:
    [theirs] = kept(Store(home), "key:OTHER", 1)
    assert client.get("/api/v1/sessions").json() == {"sessions": [], "next": None}
    problem(client.get(f"/api/v1/sessions/{theirs}"), 404)
    problem(client.delete(f"/api/v1/sessions/{theirs}"), 404)
    assert Store(home).history.turns(theirs)


def test_a_deleted_conversation_is_gone_with_its_turns(client: httpx.Client, home: Path) -> None:
    first, second = kept(Store(home), "local", 2)
    response = client.delete(f"/api/v1/sessions/{first}")
    assert (response.status_code, response.content) == (204, b"")
    assert [one["id"] for one in client.get("/api/v1/sessions").json()["sessions"]] == [second]
    assert Store(home).history.turns(first) == ()


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "AAAA", "c2Vzc2lvbnMgMQ", "é", "dHVybnMgMQ==", "dHVybnMgOTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5"],
)
def test_a_cursor_that_is_none_is_refused(reading: httpx.Client, cursor: str) -> None:
    problem(reading.get("/api/v1/sessions", params={"after": cursor}), 422)


def test_a_key_that_may_not_write_changes_nothing_and_two_keys_are_two_learners(
    assistant: Assistant, home: Path
) -> None:
    store = Store(home)
    with served(create_app(assistant, Policy(asks_for_keys=True))) as address:
        with client_of(address, new_key(store, "read")) as reader:
            problem(send(reader, "conv.md"), 403)
            problem(reader.delete("/api/v1/notes/cnn.md"), 403)
            for path in ("/sessions", "/gaps", "/me/export"):
                problem(reader.get(f"/api/v1{path}"), 403)
            problem(reader.delete("/api/v1/me", params={"confirm": "forget"}), 403)
        text, key = store.keys.create("one", ["read", "learn"], NOW)
        [own] = kept(store, key.learner, 1)
        [theirs] = kept(store, "local", 1)
        with client_of(address, text) as learner:
            assert [one["id"] for one in learner.get("/api/v1/sessions").json()["sessions"]] == [own]
            problem(learner.get(f"/api/v1/sessions/{theirs}"), 404)
            assert learner.delete("/api/v1/me", params={"confirm": "forget"}).json()["removed"]
        assert (store.history.turns(own), len(store.history.turns(theirs))) == ((), 1)


def test_whether_a_linked_file_exists_is_told_at_this_machine_only(assistant: Assistant, home: Path) -> None:
    text = {"text": "# 主题\n\n见[别处](../nowhere.md)的说明。\n"}
    key = new_key(Store(home), "read")
    app = create_app(assistant, Policy(asks_for_keys=True))
    with served(app) as address, client_of(address, key) as reader:
        found = reader.post("/api/v1/notes/check", json=text).json()
        assert "dead_link" not in {one["rule"] for one in found}
    for client in serve(assistant):
        assert "dead_link" in {f["rule"] for f in client.post("/api/v1/notes/check", json=text).json()}


@pytest.mark.parametrize("limit", ["0", "-1", "201", "many"])
def test_pages_are_bounded(reading: httpx.Client, limit: str) -> None:
    problem(reading.get("/api/v1/sessions", params={"limit": limit}), 422)


def test_what_the_notes_lack_is_listed_for_who_asked(client: httpx.Client, home: Path) -> None:
    gaps = Store(home).gaps
    gaps.record("local", "Mamba 是什么?", ["池化"], NOW)
    gaps.record("key:OTHER", "别人的问题?", [], NOW)
    assert client.get("/api/v1/gaps").json() == [
        {"question": "Mamba 是什么?", "count": 1, "last_asked": NOW.isoformat(), "nearest": ["池化"]}
    ]


def test_what_is_remembered_can_be_taken_out_and_forgotten(client: httpx.Client, home: Path) -> None:
    store = Store(home)
    kept(store, "local", 2)
    [theirs] = kept(store, "key:OTHER", 1)
    exported = client.get("/api/v1/me/export")
    assert exported.headers["content-disposition"].startswith("attachment")
    assert exported.text.count("第 1 问?") >= 1
    assert "key:OTHER" not in exported.text
    for query in ({}, {"confirm": "yes"}):
        problem(client.delete("/api/v1/me", params=query), 422)
    assert len(client.get("/api/v1/sessions").json()["sessions"]) == 2
    done = client.delete("/api/v1/me", params={"confirm": "forget"}).json()
    assert done == {"removed": {"chat_session": 2, "chat_turn": 2}, "gone": True}
    assert client.get("/api/v1/sessions").json()["sessions"] == []
    assert store.history.turns(theirs)
    archive = home / "back.json"
    archive.write_bytes(exported.content)
    assert store.archives.restore(archive).added == {"chat_session": 2, "chat_turn": 2}
