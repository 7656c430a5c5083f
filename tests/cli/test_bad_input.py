"""Input that nobody should give: each is a clear error or answered all the same, and never a traceback."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.contract import check_answer, check_search
from tests.cli.running import Ran, environment, run

QUESTION = "什么是批归一化?"
GOOD = """# 批归一化 (Batch Normalization)

批归一化用小批量的均值和方差归一化每个通道。
Batch normalization standardizes every channel.
"""
MB = 2**20


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def ask(home: Path, notes: Path, question: str = QUESTION) -> Ran:
    return run("ask", question, "--json", env=environment(home, ASSISTANT_NOTES=str(notes)))


def check_error(ran: Ran, code: int, *named: str) -> None:
    """Assert that there is nothing but one error, that it names what it should, and that a hint follows."""
    assert (ran.code, ran.out) == (code, "")
    assert ran.err.startswith("error: ")
    assert len(ran.err.splitlines()) == 2
    for name in named:
        assert name in ran.err, ran.err


def test_a_path_that_does_not_exist_is_named(own_home: Path, tmp_path: Path) -> None:
    check_error(ask(own_home, tmp_path / "nowhere"), 1, repr(str(tmp_path / "nowhere")))


def test_a_folder_without_notes_says_what_a_note_is(own_home: Path, tmp_path: Path) -> None:
    write(tmp_path / "pictures" / "cat.jpg", "not a note")
    check_error(ask(own_home, tmp_path / "pictures"), 1, "there are no notes in", ".md")


@pytest.mark.parametrize("content", ["", " \n\n\t\n", "---\n\n***\n", "\ufeff"], ids=repr)
def test_a_file_with_nothing_in_it_says_that_there_is_nothing_to_study(
    own_home: Path, tmp_path: Path, content: str
) -> None:
    file = write(tmp_path / "empty.md", content)
    check_error(ask(own_home, file), 1, "there is nothing to study", str(file))


def test_a_file_without_a_heading_is_studied_under_its_own_name(own_home: Path, tmp_path: Path) -> None:
    answer = ask(own_home, write(tmp_path / "bn.txt", "批归一化用小批量的均值和方差归一化每个通道。\n")).json
    check_answer(answer)
    assert answer["citations"][0]["topic"] == "bn"


def test_a_binary_file_named_as_a_note_is_reported_and_the_others_answer(
    own_home: Path, tmp_path: Path
) -> None:
    write(tmp_path / "notes" / "good.md", GOOD)
    bad = write(tmp_path / "notes" / "bad.md", bytes(range(256)) * 20)
    ran = ask(own_home, tmp_path / "notes")
    check_answer(ran.json)
    assert (ran.code, ran.json["status"]) == (0, "answered")
    assert ran.err == f"{str(bad)!r} is not text: it contains NUL bytes\n"
    check_error(ask(own_home, bad), 1, "there is nothing to study", "NUL bytes")


def test_broken_utf8_is_shown_as_such_and_answered(own_home: Path, tmp_path: Path) -> None:
    broken = GOOD.encode().replace("方差".encode(), b"\xe6\x96")
    ran = ask(own_home, write(tmp_path / "broken.md", broken))
    assert (ran.code, ran.json["status"]) == (0, "answered")
    assert "\ufffd" in ran.json["citations"][0]["quote"]
    assert "1 broken UTF-8 characters, the first on line 3" in ran.err


def test_a_note_of_100_mb_is_refused_and_the_others_answer(own_home: Path, tmp_path: Path) -> None:
    write(tmp_path / "notes" / "good.md", GOOD)
    os.truncate(write(tmp_path / "notes" / "huge.md", "# huge\n\n"), 100 * MB)  # takes no room on the disk
    ran = ask(own_home, tmp_path / "notes")
    assert (ran.code, ran.json["status"]) == (0, "answered")
    assert "huge.md' is too large: 100 MB of at most 64 MB" in ran.err


@pytest.mark.parametrize("size", [MB, pytest.param(20 * MB, marks=pytest.mark.soak)])
def test_a_note_that_is_one_endless_line_is_read(own_home: Path, tmp_path: Path, size: int) -> None:
    sentence = "批归一化用小批量的均值和方差归一化每个通道。"
    text = sentence * (size // len(sentence.encode())) + "最后一句说的是 Dropout。"
    file = write(tmp_path / "line.md", "# 批归一化\n\n" + text)
    env = environment(own_home, ASSISTANT_NOTES=str(file))
    ran = run("search", "最后一句说的是 Dropout", "--json", env=env)
    assert ran.code in (0, 3), "in a megabyte one word may be too little to call it covered"
    check_search(ran.json)
    assert ran.json["hits"][0]["lines"] == [3, 3]
    assert "Dropout" in ran.json["hits"][0]["text"]


def test_a_question_of_100_000_characters_is_refused_by_its_length(env: dict[str, str]) -> None:
    check_error(run("ask", "receptive " * 10_000, env=env), 2, "at most 8,000")
    check_error(run("search", "x" * 100_000, "--json", env=env), 2, "100,000 characters")
    long = "感" * 100_000
    lines = [long, json.dumps({"question": long}), json.dumps({"question": long}, ensure_ascii=False)]
    ran = run("ask", "--stdin", env=env, stdin="\n".join([*lines, QUESTION]))
    assert ran.code == 0
    *refused, answer = ran.json_lines
    assert [set(line) - {"question"} for line in refused] == [{"error"}] * 3
    assert "200,000 characters" in refused[1]["error"]["message"], "escaped, the line has 600,000"
    assert answer["question"] == QUESTION
    assert len(ran.out) < 10_000, "an endless question is not repeated"


@pytest.mark.parametrize(
    "words", [("ask",), ("ask", ""), ("ask", "\u3000", "--json"), ("search", " \t ")], ids=repr
)
def test_an_empty_question_says_what_to_type(env: dict[str, str], words: tuple[str, ...]) -> None:
    check_error(run(*words, env=env), 2, "the question is empty", "assistant ask")


def test_a_question_of_punctuation_only_is_not_in_the_notes(env: dict[str, str]) -> None:
    ran = run("ask", "？！…", "--json", env=env)
    assert ran.code == 3
    check_answer(ran.json)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("serch", "Adam"), "Did you mean 'search'"),
        (("notes", "topcs"), "Did you mean 'topics'"),
        (("ask", "Adam", "--jsn"), "--jsn"),
        (("search", "Adam", "-k", "0"), "-k"),
        (("search", "Adam", "-k", "many"), "-k"),
        (("search", "Adam", "-k"), "-k"),
        (("ask", "Adam", "Dropout"), "Dropout"),
        (("ask", "--stdin", "Adam"), "'Adam'"),
        (("search", "--stdin", "Adam"), "'Adam'"),
    ],
)
def test_a_call_that_is_not_understood_is_exit_code_2_and_says_why(
    env: dict[str, str], words: tuple[str, ...], said: str
) -> None:
    ran = run(*words, env=env)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


def test_bytes_that_are_no_text_are_answered_and_remembered_as_far_as_they_are_text(
    own_env: dict[str, str],
) -> None:
    known = run("ask", b"Adam \xff\xed\xa0\x80 " + "有什么优点?".encode(), "--json", env=own_env)
    assert known.code == 0
    check_answer(known.json)
    unknown = run("ask", "量子纠缠怎么用于烤面包? ".encode() + b"\xff", "--json", env=own_env)
    assert (unknown.code, unknown.err) == (3, "")
    (gap,) = run("notes", "gaps", "--json", env=own_env).json
    assert gap["question"].startswith("量子纠缠怎么用于烤面包?")
    piped = run("search", "--stdin", env=own_env, stdin=b"\xff\xfe\x80\nAdam \xff\n")
    assert (piped.code, piped.err) == (0, "")
    assert [result["covered"] for result in piped.json_lines] == [False, True]


def test_bytes_that_are_no_text_in_names_are_named(env: dict[str, str]) -> None:
    check_error(run("demo", b"pooling\xff", env=env), 2, "Did you mean 'pooling'?")
    check_error(run("ask", "Adam", "--notes", b"/nowhere\xff", env=env), 1, "/nowhere")


def test_a_note_whose_name_is_no_text_is_cited_by_the_path_that_opens_it(
    own_home: Path, tmp_path: Path
) -> None:
    file = tmp_path / os.fsdecode("批\xff.md".encode("latin-1", "replace").replace(b"?", b"\xff"))
    try:
        write(file, GOOD)
    except OSError:
        pytest.skip("this file system takes no such names")
    env = environment(own_home, ASSISTANT_NOTES=str(tmp_path))
    ran = run("ask", QUESTION, "--json", env=env)
    assert (ran.code, ran.err) == (0, "")
    check_answer(ran.json)  # opens the path
    talked = run("chat", env=env, stdin=QUESTION)
    assert (talked.code, talked.err) == (0, "")
    assert "上一问" in run("chat", "--continue", env=env, stdin="").out


def test_spaces_and_chinese_in_paths_are_no_obstacle(tmp_path: Path) -> None:
    file = write(tmp_path / "我的 笔记" / "批 归一化 (BN).md", GOOD)
    ran = ask(tmp_path / "家 home", file.parent)
    assert (ran.code, ran.err) == (0, "")
    check_answer(ran.json)
    assert ran.json["citations"][0]["path"] == str(file)


def test_links_that_go_round_or_nowhere_do_not_stop_the_others(own_home: Path, tmp_path: Path) -> None:
    folder = write(tmp_path / "notes" / "good.md", GOOD).parent
    (folder / "round").symlink_to(folder)
    (folder / "self.md").symlink_to("self.md")
    (folder / "nowhere.md").symlink_to("gone.md")
    (folder / "again.md").symlink_to("good.md")
    ran = ask(own_home, folder)
    check_answer(ran.json)
    assert (ran.code, ran.json["status"]) == (0, "answered")
    assert [f"/{name}" in ran.err for name in ("self.md", "nowhere.md", "good.md", "again.md", "round")] == (
        [True, True] + [False] * 3
    )
    listed = run("notes", "topics", "--json", env=environment(own_home, ASSISTANT_NOTES=str(folder)))
    assert len(listed.json) == 1
    check_error(ask(own_home, folder / "self.md"), 1, "self.md")


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


@pytest.mark.parametrize("make", [a_pipe, Path.mkdir], ids=["pipe", "folder"])
def test_what_is_named_as_a_note_and_is_no_file_is_not_waited_for(
    own_home: Path, tmp_path: Path, make: Callable[[Path], None]
) -> None:
    folder = write(tmp_path / "notes" / "good.md", GOOD).parent
    make(folder / "odd.md")
    for _ in range(2):  # building, then looking whether anything changed
        ran = ask(own_home, folder)
        check_answer(ran.json)
        assert (ran.code, ran.json["status"]) == (0, "answered")
