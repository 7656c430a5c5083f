"""`Assistant`, the one object every door holds: status, events, timings and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.asking import EmptyQuestion
from assistant.demo_kit.types import DemoError
from assistant.events import Done, Notice, Status, Turn
from assistant.study import Assistant, open_assistant, turn_of
from corpus.errors import StudyError, UnknownName
from index.errors import NoTopics, QueryTooLong

NOTE = (
    "# Dropout\n\nDropout 以概率 p 随机丢弃神经元，因此能抑制过拟合。\n\n"
    "# 批归一化\n\n批归一化减去均值再除以标准差。\n"
)


@pytest.fixture
def note(tmp_path: Path) -> Path:
    path = tmp_path / "notes.md"
    path.write_text(NOTE, "utf-8")
    return path


@pytest.fixture
def assistant(note: Path) -> Assistant:
    return open_assistant(note)


def test_timings_cover_every_stage_and_add_up(assistant: Assistant) -> None:
    laps = assistant.ask("dropout 为什么能抑制过拟合?").timings
    assert laps.keys() == {"open", "search", "prepare", "answer", "first_text", "total"}
    assert all(seconds >= 0 for seconds in laps.values())
    stages = laps["open"] + laps["search"] + laps["prepare"] + laps["answer"]
    assert laps["total"] == pytest.approx(stages)
    assert laps["first_text"] <= laps["total"]


def test_the_last_event_and_only_the_last_is_done(assistant: Assistant) -> None:
    *events, last = assistant.stream("dropout 为什么能抑制过拟合?")
    assert isinstance(last, Done)
    assert not any(isinstance(event, Done) for event in events)


@pytest.mark.parametrize("question", ["", " ", "\n\t", "\u3000"])
def test_an_empty_question_is_refused_with_an_example(assistant: Assistant, question: str) -> None:
    for call in (assistant.ask, assistant.search):
        with pytest.raises(EmptyQuestion, match="the question is empty") as caught:
            call(question)
        assert "assistant ask" in caught.value.hint


def test_an_endless_question_is_refused_with_its_length(assistant: Assistant) -> None:
    with pytest.raises(QueryTooLong, match="9,001 characters"):
        assistant.ask("长" * 9001)


@pytest.mark.parametrize("question", ["???", "。", "🙂", "吗", "the", "\x00\x01"])
def test_a_question_of_no_words_is_not_in_the_notes(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question)
    assert answer.status is Status.NOT_IN_NOTES
    assert answer.citations == ()


def test_what_is_not_covered_is_said_with_the_nearest_topics(assistant: Assistant) -> None:
    answer = assistant.ask("强化学习里的 PPO 是什么?")
    assert answer.status is Status.NOT_IN_NOTES
    assert answer.text.startswith("你的笔记没有讲到这个问题。")
    assert all(f"《{topic}》" in answer.text for topic in answer.nearest)
    english = assistant.ask("What is PPO in reinforcement learning?").text
    assert english.startswith("Your notes do not cover this question.")


def test_a_follow_up_says_how_it_was_understood(assistant: Assistant) -> None:
    first = assistant.ask("dropout 有什么作用?")
    answer = assistant.ask("那批归一化呢?", [turn_of(first)])
    assert answer.question == "那批归一化呢?"
    assert answer.standalone == "批归一化 有什么作用?"
    assert answer.notices == ("理解为：批归一化 有什么作用?",)
    assert [c.topic for c in answer.citations] == ["批归一化"]
    assert answer.to_dict()["standalone"] == "批归一化 有什么作用?"


def test_a_question_that_stands_alone_gets_no_such_notice(assistant: Assistant) -> None:
    first = assistant.ask("dropout 有什么作用?")
    events = list(assistant.stream("批归一化怎么算?", [turn_of(first)]))
    assert not any(isinstance(event, Notice) for event in events)


def test_a_turn_remembers_what_a_later_one_needs(assistant: Assistant) -> None:
    answer = assistant.ask("dropout 有什么作用?")
    assert turn_of(answer) == Turn("dropout 有什么作用?", "dropout 有什么作用?", answer.text, ("Dropout",))


def test_an_answer_as_json_has_the_fields_of_the_contract(assistant: Assistant, note: Path) -> None:
    given = assistant.ask("dropout 为什么能抑制过拟合?").to_dict()
    assert set(given) >= {"question", "status", "answer", "citations", "tools", "mode", "timings"}
    assert (given["status"], given["mode"], given["tools"]) == ("answered", "notes", [])
    assert given["citations"] == [
        {
            "n": 1,
            "topic": "Dropout",
            "heading_path": ["Dropout"],
            "path": str(note),
            "lines": [3, 3],
            "location": {"kind": "lines", "from": 3, "to": 3},
            "quote": "Dropout 以概率 p 随机丢弃神经元，因此能抑制过拟合。",
            "passage_id": given["citations"][0]["passage_id"],
        }
    ]


def test_demos_run_by_name_and_refuse_what_does_not_fit(assistant: Assistant) -> None:
    assert assistant.demo("conv_output_size", input_size=32, kernel=3).to_dict()["numbers"]["output"] == 30
    with pytest.raises(UnknownName, match="'poling'"):
        assistant.demo("poling")
    with pytest.raises(DemoError):
        assistant.demo("pooling", kernel=-1)


def test_topics_come_in_the_order_of_the_file(assistant: Assistant) -> None:
    assert [topic.title for topic in assistant.topics()] == ["Dropout", "批归一化"]


def test_several_paths_are_studied_together(tmp_path: Path, note: Path) -> None:
    other = tmp_path / "other.md"
    other.write_text("# 池化\n\n最大池化取最大值。\n", "utf-8")
    assert [t.title for t in open_assistant([other, note]).topics()] == ["池化", "Dropout", "批归一化"]


def test_without_notes_of_ones_own_the_shipped_ones_are_studied_and_then_both(own_home: Path) -> None:
    shipped = open_assistant()
    assert len(shipped.note_roots) == 1
    assert len(shipped.topics()) >= 10
    (own_home / "notes").mkdir(parents=True)
    (own_home / "notes" / "mine.md").write_text(NOTE, "utf-8")
    assert len(open_assistant().topics()) == len(shipped.topics()) + 2


def test_a_changed_note_is_seen_by_the_next_assistant(note: Path) -> None:
    assert open_assistant(note).ask("什么是池化?").status is Status.NOT_IN_NOTES
    note.write_text(NOTE + "\n# 池化\n\n最大池化取窗口里的最大值。\n", "utf-8")
    assert open_assistant(note).ask("什么是池化?").citations[0].location.lines == (11, 11)


@pytest.mark.parametrize(("text", "error"), [("", NoTopics), (None, StudyError)])
def test_notes_that_hold_nothing_are_an_error_with_a_way_out(
    tmp_path: Path, text: str | None, error: type[StudyError]
) -> None:
    path = tmp_path / "empty.md"
    if text is not None:
        path.write_text(text, "utf-8")
    with pytest.raises(error) as caught:
        open_assistant(path).ask("什么是池化?")
    assert str(path) in caught.value.message
    assert caught.value.hint


def test_a_glossary_of_the_user_s_own_names_finds_notes_by_them(tmp_path: Path) -> None:
    notes, home = tmp_path / "notes", tmp_path / "home"
    notes.mkdir()
    home.mkdir()
    text = "# 批归一化\n\n对每个通道用小批量的均值和方差做归一化。\n\n# 卷积\n\n滑动窗口。\n"
    (notes / "a.md").write_text(text, "utf-8")
    assert not open_assistant(notes, home).search("三明治层").covered
    (home / "glossary.toml").write_text('[batch_normalization]\nzh = ["三明治层"]\n', "utf-8")
    found = open_assistant(notes, home).search("三明治层")
    assert [hit.topic.title for hit in found.hits[:1]] == ["批归一化"]
    assert found.covered


def test_a_misspelt_name_is_told_and_a_quote_names_its_copies(note: Path, assistant: Assistant) -> None:
    copy = note.with_name("copy.md")
    copy.write_text(note.read_text("utf-8"), "utf-8")
    answer = open_assistant([note, copy]).ask("dorpout 为什么能抑制过拟合?")
    assert answer.notices[0] == "「dorpout」按「dropout」理解。"
    assert answer.citations[0].path != answer.to_dict()["citations"][0]["also"][0]["path"]
    assert {answer.citations[0].path, answer.citations[0].also[0].to_dict()["path"]} == {str(note), str(copy)}
    assert "also" not in assistant.ask("dropout 为什么能抑制过拟合?").to_dict()["citations"][0]
