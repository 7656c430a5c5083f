"""Notebooks: Markdown and code cells at their numbers, and what is no notebook."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from corpus.errors import NoteError
from corpus.readers import notebook as reader
from corpus.splitting import split_note
from corpus.types import Location, LocationKind

PATH = Path("/notes/a.ipynb")


def test_cells_are_text_and_code_at_their_numbers_without_outputs() -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# 批归一化\n", "\n", "按批统计。"]},
        {"cell_type": "code", "source": "x = 1\n# 注释", "outputs": [{"text": "secret"}]},
        {"cell_type": "code", "source": ""},
        {"cell_type": "markdown", "source": "## 常见错误"},
    ]
    data = json.dumps({"cells": cells, "metadata": {"language_info": {"name": "python"}}, "nbformat": 4})
    topics = split_note(reader.read(PATH, data.encode()))
    assert [(t.title, t.heading_path, t.location, t.stub) for t in topics] == [
        ("批归一化", ("批归一化",), Location(LocationKind.CELL, 1, 2), False),
        ("常见错误", ("批归一化", "常见错误"), Location(LocationKind.CELL, 4, 4), True),
    ]
    assert topics[0].passages[0].text == "按批统计。\n\n```python\nx = 1\n# 注释\n```"
    assert topics[0].passages[0].location.to_dict() == {"kind": "cell", "from": 1, "to": 2}


def test_format_three_is_read_from_its_worksheets() -> None:
    cells = [
        {"cell_type": "heading", "level": 2, "source": "池化"},
        {"cell_type": "code", "input": ["a\n", "b"]},
    ]
    data = json.dumps({"worksheets": [{"cells": cells}], "nbformat": 3})
    assert reader.read(PATH, data.encode()).text == "## 池化\n\n```python\na\nb\n```"


@pytest.mark.parametrize("data", [b"{", b"[]", b"3", b'{"cells": [1]}', b'{"cells": [{}]}', b"[" * 100_000])
def test_what_is_no_notebook_is_named(data: bytes) -> None:
    with pytest.raises(NoteError, match="not a Jupyter notebook") as caught:
        reader.read(PATH, data)
    assert str(PATH) in caught.value.message
