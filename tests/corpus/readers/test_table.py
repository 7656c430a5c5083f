"""Tables and Anki exports: which column names a row, and the lines on which each row stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.errors import NoteError
from corpus.readers import table, text
from corpus.splitting import split_note
from corpus.types import Note, Syntax

Row = tuple[tuple[str, ...], tuple[int, int] | None, bool, str]


def rows(note: Note) -> list[Row]:
    return [(t.heading_path, t.location.lines, t.stub, t.passages[0].text) for t in split_note(note)]


def test_questions_and_answers_are_found_by_the_names_of_their_columns() -> None:
    data = '难度,问题,答案\n易,什么是BN?,"按批""归一化""。\n第二行"\n,什么是LN?,\n'
    assert rows(table.read(Path("/a.csv"), data.encode("gb18030"))) == [
        (("什么是BN?",), (2, 3), False, '按批"归一化"。\n第二行\n\n难度: 易'),
        (("什么是LN?",), (4, 4), True, "# 什么是LN?"),
    ]


def test_any_other_table_is_named_by_its_first_column_of_words() -> None:
    data = "id\tmodel\tparams\n1\tResNet-50\t25.6M\n2\tVGG-16\t138M\n"
    assert rows(table.read(Path("/a.tsv"), data.encode())) == [
        (("ResNet-50",), (2, 2), False, "id: 1\n\nparams: 25.6M"),
        (("VGG-16",), (3, 3), False, "id: 2\n\nparams: 138M"),
    ]


def test_a_table_of_numbers_is_one_topic() -> None:
    assert rows(table.read(Path("/log.csv"), b"step;loss\n1;0.5\n2;0.4\n")) == [
        (("log",), (2, 3), False, "step: 1, loss: 0.5\nstep: 2, loss: 0.4"),
    ]


def test_two_columns_without_names_are_read_from_the_first_row_on() -> None:
    data = "什么是动量?\t历史梯度的指数平均。\n什么是预热?\t学习率从小到大。\n"
    assert [row[:2] for row in rows(table.read(Path("/a.tsv"), data.encode()))] == [
        (("什么是动量?",), (1, 1)),
        (("什么是预热?",), (2, 2)),
    ]


def test_an_anki_export_is_known_by_its_first_lines() -> None:
    data = (
        "#separator:tab\n#html:true\n#deck column:1\n#tags column:4\n"
        "深度学习::CV\t什么是<b>BN</b>?\t对{{c1::批::提示}}归一化<br>令 \\(a &lt; b\\) [sound:a.mp3]\tcv\n"
        '深度学习::CV\t"两行<div>问题</div>"\t[$]x^2[/$]\t\n'
    )
    note = text.read(Path("/deck.txt"), data.encode())
    assert rows(note) == [
        (("深度学习::CV", "什么是BN?"), (5, 5), False, "对批归一化\n令 \\(a < b\\)"),
        (("深度学习::CV", "两行 问题"), (6, 6), False, "$x^2$"),
    ]
    assert note.syntax is Syntax.MARKDOWN


@pytest.mark.parametrize(
    "data", ["# separator\ntext", "#separate\n", "text\n#separator:tab\n", "#tags:a\ntext"]
)
def test_other_text_files_stay_text(data: str) -> None:
    note = text.read(Path("/a.txt"), data.encode())
    assert (note.text, note.syntax, note.places) == (data, Syntax.PLAIN, ())


def test_a_cell_without_end_is_an_error_with_its_line() -> None:
    with pytest.raises(NoteError) as caught:
        table.read(Path("/a.csv"), b'q,a\nx,"' + b"y" * 200_000)
    assert caught.value.line == 2
    assert "quotation mark" in caught.value.hint


def test_an_empty_table_has_no_topics() -> None:
    assert rows(table.read(Path("/a.csv"), b"\n , \n")) == []


def test_an_export_with_guids_note_types_and_decks_holds_only_what_was_written_on_the_cards() -> None:
    data = (
        "#separator:tab\n#html:true\n#guid column:1\n#notetype column:2\n#deck column:3\n#tags column:6\n"
        'kD~6#x\tBasic\tCV::检测\t"<div>IoU 怎么算？</div>"\t"<pre><code>inter / union\n</code></pre>'
        '<table><tr><td>交</td><td>并</td></tr></table><img src=""a.jpg""> x&nbsp;&lt;&nbsp;y"\tcv detection\n'
        "Q{8^r\tCloze\tCV::归一化\tBN 的 {{c1::γ 和 {{c2::β}}::哪两个参数}} 可学习，"
        "{{c5::{{c3::\\(\\frac{a}{b}\\)}}}} 与 {{c4::\\frac{a}{b}}}\t\tbn\n"
    )
    note = text.read(Path("/Selected Notes.txt"), data.encode())
    assert rows(note) == [
        (
            ("CV::检测", "IoU 怎么算？"),
            (7, 8),
            False,
            "inter / union\n交 并\nx < y",
        ),
        (
            ("CV::归一化", "BN 的 γ 和 β 可学习，\\(\\frac{a}{b}\\) 与 \\frac{a}{b}"),
            (9, 9),
            True,
            "## BN 的 γ 和 β 可学习，\\(\\frac{a}{b}\\) 与 \\frac{a}{b}",
        ),
    ]


def test_an_export_is_known_by_its_first_lines_whatever_the_file_is_called_and_an_id_is_no_question() -> None:
    data = "#separator:tab\n#html:true\n#columns:ID\tQuestion\tAnswer\nq1\t什么是 BN？\t批归一化\n"
    for name, read in (("deck.tsv", table.read), ("deck.csv", table.read), ("deck.txt", text.read)):
        assert rows(read(Path(f"/{name}"), data.encode())) == [(("什么是 BN？",), (4, 4), False, "批归一化")]
