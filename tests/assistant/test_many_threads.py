"""One assistant, many threads: every one gets the answer that it would get alone, also while the notes change."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from inspect import getattr_static
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import pytest

from assistant.opening import opened_once
from assistant.study import Assistant, open_assistant
from tests.index.embedding import write_notes

THREADS = 12
QUESTIONS = [
    "最大池化取什么值?", "What is weight decay?", "BN 推理时用什么?", "感受野是什么?", "法国的首都?",
    "输入 32，卷积核 3，步长 2，填充 1，卷积输出尺寸是多少?", "什么是 drpoout?", "平均池化呢",
]  # fmt: skip


@contextmanager
def switching_often() -> Iterator[None]:
    """Let threads take turns a thousand times as often as they do by default."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(5e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def answer(assistant: Assistant, question: str) -> str:
    told: dict[str, Any] = assistant.ask(question).to_dict()
    del told["timings"]
    return json.dumps(told, ensure_ascii=False)


def test_what_is_opened_is_opened_once_however_many_ask_first(tmp_path: Path) -> None:
    notes = write_notes(tmp_path / "notes")
    assistant = open_assistant(notes, tmp_path / "home", model="notes")
    together = Barrier(THREADS)

    def ask(number: int) -> tuple[str, int, int]:
        together.wait()
        told = answer(assistant, QUESTIONS[number % len(QUESTIONS)])
        return told, id(assistant.library), id(assistant.answerer)

    with switching_often(), ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(ask, range(THREADS)))
    alone = open_assistant(notes, tmp_path / "home", model="notes")
    assert [told for told, _, _ in found] == [
        answer(alone, QUESTIONS[number % len(QUESTIONS)]) for number in range(THREADS)
    ]
    assert {(library, answerer) for _, library, answerer in found} == {
        (id(assistant.library), id(assistant.answerer))
    }


def test_answers_are_those_of_one_thread(tmp_path: Path) -> None:
    assistant = open_assistant(write_notes(tmp_path / "notes"), tmp_path / "home", model="notes")
    alone = {question: answer(assistant, question) for question in QUESTIONS}
    with switching_often(), ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(lambda question: answer(assistant, question), QUESTIONS * 6))
    assert found == [alone[question] for question in QUESTIONS * 6]


def test_while_another_program_changes_the_notes_every_question_is_answered_from_the_old_or_the_new(
    tmp_path: Path,
) -> None:
    notes = write_notes(tmp_path / "notes")
    assistant = open_assistant(notes, tmp_path / "home", model="notes")
    question = "最大池化取什么值?"
    answer(assistant, question)
    over = Event()
    failures: list[BaseException] = []
    seen: set[str] = set()

    def ask() -> None:
        try:
            while not over.is_set():
                assistant.renew()
                seen.add(assistant.ask(question).citations[0].quote)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    with switching_often():
        for thread in threads:
            thread.start()
        said = {"最大池化取窗口里的最大值。"}
        for version in range(2):
            quote = f"最大池化取窗口里的最大值，第 {version} 版。"
            text = (notes / "b.md").read_text("utf-8").splitlines()
            text[8] = quote
            (notes / "b.md").write_text("\n".join(text) + "\n", "utf-8")
            open_assistant(notes, tmp_path / "home", model="notes").update()
            said.add(quote)
        over.set()
        for thread in threads:
            thread.join()
    assert failures == []
    assert seen <= said
    assistant.renew()
    assert assistant.ask(question).citations[0].quote == quote


def test_an_index_that_nobody_changed_is_not_opened_again(tmp_path: Path) -> None:
    notes = write_notes(tmp_path / "notes")
    assistant = open_assistant(notes, tmp_path / "home", model="notes")
    for _ in range(2):  # built by us, then found as it was
        library = assistant.library
        assistant.renew()
        assert assistant.library is library
        assistant = open_assistant(notes, tmp_path / "home", model="notes")


def test_an_index_that_cannot_be_opened_leaves_the_old_one_in_use(tmp_path: Path) -> None:
    notes = write_notes(tmp_path / "notes")
    told: list[str] = []
    assistant = open_assistant(notes, tmp_path / "home", model="notes", warn=told.append)
    before = assistant.ask(QUESTIONS[0]).text
    (notes / "c.txt").write_text("# 残差\n\n残差连接。\n", "utf-8")
    open_assistant(notes, tmp_path / "home", model="notes").update()
    for note in notes.iterdir():
        note.unlink()
    assistant.renew()
    assert assistant.ask(QUESTIONS[0]).text == before
    assert len(told) == 1
    assistant.renew()
    assert len(told) == 1  # once is enough


def test_a_property_opened_once_says_what_it_is() -> None:
    class Room:
        def __init__(self) -> None:
            self.opening = threading.RLock()

        @opened_once
        def window(self) -> list[int]:
            """A view."""
            return [1]

    room = Room()
    assert room.window is room.window
    assert Room.window.__doc__ == "A view."
    del vars(room)["window"]
    assert room.window == [1]


@pytest.mark.parametrize("name", ["library", "answerer", "grader", "indexing", "glossary"])
def test_what_threads_share_is_opened_under_the_lock(name: str) -> None:
    assert isinstance(getattr_static(Assistant, name), opened_once)
