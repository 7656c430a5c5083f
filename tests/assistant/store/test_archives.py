"""A learner's state as a file: whole, the same when it comes back, taken in once, refused when damaged; forgotten."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fsrs import Rating
from sqlalchemy import Column, ForeignKey, Integer, String, Table, Text

from assistant.grading.types import Level
from assistant.review.card import new_card
from assistant.review.scheduling import reviewed
from assistant.store import Store
from assistant.store import archive_format as format_
from assistant.store.archive_format import ArchiveError
from assistant.store.connection import connect
from assistant.store.ownership import owned_tables
from assistant.store.tables import metadata
from tests.assistant.store.conftest import NOW, ask
from tests.assistant.store.filling import CANARY, fill, fresh, give


@pytest.fixture
def store(home: Path) -> Store:
    """A store with a row in every table for `local`."""
    store = Store(home)
    fill(store)
    return store


@pytest.fixture
def exported(store: Store, tmp_path: Path) -> Path:
    file = tmp_path / "data.json"
    file.write_bytes(store.archives.export(NOW))
    return file


def tables_of(store: Store, learner: str = "local") -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = json.loads(store.archives.of(learner).export(NOW))["tables"]
    return found


def changed(path: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    value = json.loads(path.read_text("utf-8"))
    change(value)
    path.write_text(json.dumps(value), "utf-8")
    return path


def test_the_sample_has_a_row_in_every_table_so_that_the_other_tests_speak_of_all_of_them(
    store: Store,
) -> None:
    assert set(store.archives.counts()) == set(metadata.tables)
    assert all(parent is None or "learner" in parent.column.table.c for _, parent in owned_tables()), (
        "an import takes only rows that hang directly on one that says whose it is"
    )


def test_what_was_exported_comes_back_the_same_on_another_machine(
    store: Store, exported: Path, tmp_path: Path
) -> None:
    other = Store(tmp_path / "other")
    done = other.archives.restore(exported)
    assert (done.learner, dict(done.added)) == ("local", store.archives.counts())
    assert (done.replaced, done.kept) == ({}, {})
    assert tables_of(other) == tables_of(store)
    assert other.reviews.log() == store.reviews.log()
    assert other.reviews.cards() == store.reviews.cards()
    latest = store.history.latest("local")
    assert latest is not None
    assert other.history.turns(latest) == store.history.turns(latest)
    entry = other.interviews.named("")
    assert other.interviews.load(entry.interview_id) == store.interviews.load(entry.interview_id)


def test_the_same_file_twice_changes_nothing(store: Store, exported: Path, tmp_path: Path) -> None:
    other = Store(tmp_path / "other")
    other.archives.restore(exported)
    before = ask(other.path, "SELECT * FROM review") + ask(other.path, "SELECT * FROM card")
    done = other.archives.restore(exported)
    assert (done.added, done.replaced, dict(done.kept)) == ({}, {}, store.archives.counts())
    assert ask(other.path, "SELECT * FROM review") + ask(other.path, "SELECT * FROM card") == before


def test_it_can_be_taken_in_for_another_learner_beside_the_one_it_is_from(
    store: Store, exported: Path
) -> None:
    store.archives.restore(exported, "slack:T:U")
    mine, theirs = store.archives.counts(), store.archives.of("slack:T:U").counts()
    assert mine == theirs
    assert store.reviews.of("slack:T:U").cards() == store.reviews.cards()


def test_of_two_machines_the_one_that_reviewed_a_card_last_keeps_it_whole(
    store: Store, exported: Path, tmp_path: Path
) -> None:
    other = Store(tmp_path / "other")
    other.archives.restore(exported)
    card, known = "topic:BN#优点", store.reviews.cards()["topic:BN#优点"]
    # It fails there later than it is known here: due sooner, and still what happened last.
    give(store.reviews, known, key="here", at=NOW + timedelta(days=10))
    give(other.reviews, known, key="there", at=NOW + timedelta(days=11), level=Level.WRONG)
    give(store.reviews, fresh("only here"), key="only here", at=NOW)
    exported.write_bytes(other.archives.export(NOW))
    done = store.archives.restore(exported)
    assert done.replaced == {"card": 1}
    assert store.reviews.cards()[card] == other.reviews.cards()[card]
    replayed = new_card(card, "BN", "优点", NOW)
    for entry in store.reviews.log(card):
        replayed = reviewed(replayed, Rating(entry.rating), entry.at)
    assert replayed == store.reviews.cards()[card]
    assert {row["answer_key"] for row in store.reviews.answers()} >= {"here", "there", "only here"}
    older = json.loads(exported.read_text("utf-8"))
    give(store.reviews, store.reviews.cards()[card], key="later", at=NOW + timedelta(days=20))
    exported.write_text(json.dumps(older), "utf-8")
    assert store.archives.restore(exported).replaced == {}
    assert store.reviews.cards()[card].last_review == NOW + timedelta(days=20)


def first(table: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def row(value: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = value["tables"][table][0]
        return found

    return row


DAMAGES: dict[str, Callable[[dict[str, Any]], object]] = {
    "another format": lambda value: value.update(format="other"),
    "a later format": lambda value: value.update(version=2),
    "no learner": lambda value: value.pop("learner"),
    "an unknown table": lambda value: value["tables"].update(bookmarks=[]),
    "an unknown column": lambda value: first("card")(value).update(colour="red"),
    "a missing column": lambda value: first("card")(value).pop("due"),
    "a moment without a zone": lambda value: first("card")(value).update(due="2026-03-01T12:00:00"),
    "a moment before all moments": lambda value: first("card")(value).update(due="0001-01-01T00:00:00+14:00"),
    "text for a number": lambda value: first("review")(value).update(rating="3"),
    "a number too large": lambda value: first("review")(value).update(rating=2**70),
    "a level that is none": lambda value: first("review")(value).update(level="splendid"),
    "a grade without its level": lambda value: first("answer")(value)["grade"].pop("level"),
    "a state that is none": lambda value: first("question_state")(value).update(state="liked"),
    "an interview in no phase": lambda value: first("interview")(value).update(phase="lunch"),
    "a state that is no base64": lambda value: first("interview")(value).update(state="ä"),
    "a review of no card": lambda value: first("review")(value).update(card_id="01M85"),
    "a card twice": lambda value: value["tables"]["card"].append(value["tables"]["card"][0]),
    "a card without an id": lambda value: first("card")(value).update(id=None),
    "a list for a table": lambda value: value["tables"].update(card=[[]]),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_is_refused_by_name_and_changes_nothing(
    store: Store, exported: Path, damage: Callable[[dict[str, Any]], object]
) -> None:
    changed(exported, damage)
    other = Store(exported.parent / "other")
    before = tables_of(store)
    for target in (store, other):
        with pytest.raises(ArchiveError) as caught:
            target.archives.restore(exported, "key:new")
        assert str(exported) in caught.value.message
        assert caught.value.hint
    assert not other.path.exists()
    assert tables_of(store) == before
    assert store.archives.of("key:new").counts() == {}


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[1]", b"\x1f\x8b broken", gzip.compress(b"{}", mtime=0)[:-9], b"\xff\xfe"]
)
def test_a_file_that_is_no_export_at_all_is_refused(store: Store, tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "data.json"
    file.write_bytes(data)
    with pytest.raises(ArchiveError, match=r"data\.json"):
        store.archives.restore(file)
    with pytest.raises(ArchiveError, match="cannot be read"):
        store.archives.restore(tmp_path / "missing.json")


def test_a_newer_schema_asks_for_an_upgrade_and_an_older_one_without_later_tables_is_taken_in(
    exported: Path, tmp_path: Path
) -> None:
    changed(exported, lambda value: value.update(schema_version="9999"))
    with pytest.raises(ArchiveError, match="'9999'") as caught:
        Store(tmp_path / "other").archives.restore(exported)
    assert caught.value.hint == "Upgrade the program."
    changed(exported, lambda value: (value.update(schema_version="0003"), value["tables"].pop("interview")))
    assert "interview" not in Store(tmp_path / "other").archives.restore(exported).added


def test_a_file_is_not_unpacked_beyond_the_bound(
    store: Store, exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = exported.with_name("data.json.gz")
    packed.write_bytes(gzip.compress(exported.read_bytes()))
    assert store.archives.restore(packed).added == {}
    monkeypatch.setattr(format_, "MAX_BYTES", len(exported.read_bytes()) - 1)
    for file in (packed, exported):
        with pytest.raises(ArchiveError, match="larger than"):
            store.archives.restore(file)


def test_a_table_that_comes_later_is_exported_and_forgotten_without_a_word_here() -> None:
    later = Table("later", metadata, Column("id", Integer, primary_key=True), Column("learner", Text))
    part = Table(
        "later_part", metadata, Column("id", String(26), primary_key=True),
        Column("of", ForeignKey(later.c.id, ondelete="CASCADE")), Column("text", Text),
    )  # fmt: skip
    try:
        found = {table.name: key for table, key in owned_tables()}
        assert found["later"] is None
        parent = found["later_part"]
        assert parent is not None
        assert parent.column is later.c.id
        assert [column.name for column in format_.columns_of(part)] == ["id", "of", "text"]
    finally:
        metadata.remove(part)
        metadata.remove(later)
    orphan = Table("orphan", metadata, Column("id", Integer, primary_key=True))
    try:
        with pytest.raises(ValueError, match="'orphan'"):
            list(owned_tables())
    finally:
        metadata.remove(orphan)


def files_holding(text: str, home: Path) -> list[str]:
    return [file.name for file in home.iterdir() if text.encode() in file.read_bytes()]


def test_what_is_forgotten_is_counted_and_in_no_file_any_more_and_others_lose_nothing(store: Store) -> None:
    fill(store, "key:other", mark="O")
    with closing(connect(store.path)) as held:  # as long as a program has it open, the WAL stays
        held.execute("SELECT 1 FROM card").fetchone()
        theirs, mine = tables_of(store, "key:other"), store.archives.counts()
        done = store.forget("local")
        assert (dict(done.rows), done.is_gone) == (mine, True)
        assert store.archives.counts() == {}
        assert tables_of(store, "key:other") == theirs
        assert store.forget("key:other").is_gone
        assert files_holding(CANARY, store.path.parent) == []
        assert files_holding("不能留下的话", store.path.parent) == []


def test_while_somebody_reads_the_old_rows_forgetting_says_that_they_are_still_in_the_file(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.store.connection.BUSY_TIMEOUT", 0.05)
    with closing(connect(store.path)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM chat_turn").fetchall()
        assert not store.forget("local").is_gone
        assert store.archives.counts() == {}
    assert store.forget("local").is_gone
    assert files_holding(CANARY, store.path.parent) == []


def test_an_empty_home_exports_nothing_and_forgets_nothing_and_stays_empty(home: Path) -> None:
    store = Store(home)
    assert set(map(tuple, tables_of(store).values())) == {()}
    assert (store.archives.counts(), dict(store.forget("local").rows)) == ({}, {})
    assert not home.exists()


def test_moments_of_an_export_are_aware_and_say_utc(exported: Path) -> None:
    rows = json.loads(exported.read_text("utf-8"))["tables"]
    moment = datetime.fromisoformat(rows["card"][0]["created_at"])
    assert moment == NOW
    assert moment.utcoffset() == timedelta(0)
