"""Markdown as Obsidian and Notion write it: their markup as text, every line where it was."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.readers import markdown as reader
from corpus.splitting import split_note

PATH = Path("/notes/a.md")
ID = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("见 [[Batch Norm]] 和 [[Layer Norm|LN]]。", "见 Batch Norm 和 LN。"),
        ("见 [[归一化#公式]]。", "见 归一化 > 公式。"),
        ("见 [[归一化#^abc]]。", "见 归一化。"),
        ("> [!warning]- 不要混淆", "> 不要混淆"),
        ("> > [!tip] 内层", "> > 内层"),
        ("![[图.png|300]]如图", "如图"),
        ("![[残差连接]]", "残差连接"),
        ("正文%%私人%%继续", "正文继续"),
        ("一句话。 ^block-1", "一句话。"),
        ("矩阵 [[1, 2], [3, 4]] 和 x[[i]] 不变", "矩阵 [[1, 2], [3, 4]] 和 x[[i]] 不变"),
        ("代码 `[[x]] %%a%%` 不变", "代码 `[[x]] %%a%%` 不变"),
        ("100%% 不是注释", "100%% 不是注释"),
    ],
)
def test_the_markup_of_obsidian_becomes_text(line: str, text: str) -> None:
    assert reader.read(PATH, line.encode()).text == text
    fenced = f"```\n{line}\n```"
    assert reader.read(PATH, fenced.encode()).text == fenced


def test_comments_and_tag_lines_leave_empty_lines_and_tags_are_searched() -> None:
    front = "---\ntags: [dl, 面试]\naliases:\nsource: https://a.b\n---\n"
    text = front + "# [[BN]]\n#cv #面经/一面\n正文一。\n%%\n秘密\n%%\n正文二。\n"
    note = reader.read(PATH, text.encode())
    assert note.tags == ("dl", "面试", "cv", "面经/一面")
    assert note.text.split("\n")[5:] == ["# BN", "", "正文一。", "", "", "", "正文二。", ""]
    (topic,) = split_note(note)
    assert (topic.title, topic.location.lines) == ("BN", (6, 12))
    assert "秘密" not in topic.passages[0].text
    assert "面经/一面" in topic.passages[0].search_text


def test_a_notion_page_keeps_neither_ids_nor_properties() -> None:
    path = Path(f"/notes/Batch Norm {ID}.md")
    text = f"# [Batch Norm](Batch%20Norm%20{ID}.md)\n\nTags: CV, 归一化\nStatus: Done\n\n见 [LN](a/LN%20{ID}.md)。\n"
    note = reader.read(path, text.encode())
    assert note.text.split("\n") == ["# Batch Norm", "", "", "", "", "见 [LN](a/LN.md)。", ""]
    assert note.tags == ("CV, 归一化", "Done")
    (untitled,) = split_note(reader.read(path, "没有标题的一段正文。\n".encode()))
    assert untitled.title == "Batch Norm"


def test_properties_are_text_where_there_is_no_other_and_outside_notion() -> None:
    text = "# BN\n\nAnswer: 归一化\n"
    assert reader.read(Path(f"/notes/BN {ID}.md"), text.encode()).text == text
    text += "\n正文\n"
    assert reader.read(PATH, text.encode()).text == text


@given(st.text(alphabet="[]!|#%^> `~-a文1\n", max_size=80))
def test_no_line_is_added_or_removed(text: str) -> None:
    note = reader.read(PATH, text.encode())
    assert note.text.count("\n") == text.count("\n")
