"""Saved web pages: the article without its surroundings, with code, formulas and lines of the source."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import NoteError
from corpus.readers import html as reader
from corpus.readers._markup import MAX_DEPTH, Element, parse
from corpus.splitting import split_note
from corpus.types import Location, LocationKind

PATH = Path("/notes/page.html")
PAGE = r"""<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>批归一化详解 - 某博客</title><style>a{}</style>
<script>var x = "<p>script text</p>";</script></head>
<body class="has-sidebar"><nav><ul><li><a href="/1">导航一</a></li></ul></nav>
<div><article>
<h1>批归一化详解</h1>
<p>批归一化对每个通道
做标准化，&nbsp;见 <a href="x">论文</a>。
<p>其中 <span class="katex"><span class="katex-mathml"><math><semantics><mi>x</mi>
<annotation encoding="application/x-tex">\hat{x}</annotation></semantics></math></span><span
 class="katex-html">x^</span></span> 很小。
<span class="MathJax">E=mc</span><script type="math/tex; mode=display">E=mc^2</script>
<h2>代码</h2>
<pre><code class="language-python">import torch
# 注释
x = 1 &lt; 2
</code></pre>
<ul><li>甲<ul><li>乙</li></ul></li><li><p>丙</p></li></ul>
<table><tr><th>a<th>b<tr><td>1<td>2</table>
<p># 不是标题</p>
</article></div>
<div class="comments"><p>楼主好人</p></div>
<footer>版权所有</footer></body></html>
"""


def test_the_article_is_kept_with_its_headings_code_and_formulas() -> None:
    note = reader.read(PATH, PAGE.encode())
    assert note.text == (
        "# 批归一化详解\n\n"
        "批归一化对每个通道做标准化， 见 论文。\n\n"
        r"其中 $\hat{x}$ 很小。 $$E=mc^2$$"
        "\n\n## 代码\n\n"
        "```python\nimport torch\n# 注释\nx = 1 < 2\n```\n\n"
        "- 甲\n  - 乙\n- 丙\n\n"
        "| a | b |\n| --- | --- |\n| 1 | 2 |\n\n"
        "\\# 不是标题"
    )


def test_locations_are_the_lines_of_the_source_where_the_text_stands() -> None:
    topics = split_note(reader.read(PATH, PAGE.encode()))
    assert [(t.title, t.heading_path, t.location) for t in topics] == [
        ("批归一化详解", ("批归一化详解",), Location(LocationKind.LINES, 6, 12)),
        ("代码", ("批归一化详解", "代码"), Location(LocationKind.LINES, 13, 20)),
    ]


def test_a_page_without_a_heading_is_called_as_its_window() -> None:
    data = "<title>双塔模型</title><p>用户塔和物品塔分开计算。</p>".encode()
    (topic,) = split_note(reader.read(PATH, data))
    assert (topic.title, topic.location.lines) == ("双塔模型", (1, 1))
    assert topic.passages[0].text == "用户塔和物品塔分开计算。"


@pytest.mark.parametrize(
    ("declared", "encoding"), [("gbk", "gbk"), ("big5", "big5"), ("Shift_JIS", "shift_jis")]
)
def test_the_encoding_that_the_page_declares_is_respected(declared: str, encoding: str) -> None:
    text = {"gbk": "批归一化对每个通道标准化", "big5": "批次正規化 訓練", "shift_jis": "平均値と正規化"}[
        encoding
    ]
    data = f'<meta http-equiv=a content="text/html; charset={declared}"><p>{text}</p>'.encode(encoding)
    assert reader.read(PATH, data).text == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ('<p>a <img class="tex" alt="x^2"> b</p>', "a $x^2$ b"),
        ('<p>a <span data-tex="\\alpha">α</span> b</p>', "a $\\alpha$ b"),
        ('<p><math alttext="{\\displaystyle y}" display="block"><mi>y</mi></math></p>', "$$y$$"),
        ("<p>10<sup>-4</sup> x<sub>i</sub> 引用<sup><a>[1]</a></sup></p>", "10^{-4} x_i 引用"),
        ("<p>用 <code>nn.BatchNorm2d</code> 即可</p>", "用 `nn.BatchNorm2d` 即可"),
        ("<p>zero\u200bwidth soft\u00adhyphen</p>", "zerowidth softhyphen"),
        ("<ol start=3><li>丙<li>丁</ol>", "3. 丙\n4. 丁"),
        (
            '<pre class="brush: cpp"><span class="lineno">1</span>int x;<br>x++;</pre>',
            "```cpp\nint x;\nx++;\n```",
        ),
    ],
)
def test_what_stands_inside_paragraphs_becomes_text(html: str, text: str) -> None:
    assert reader.read(PATH, html.encode()).text == text


def test_a_page_without_text_is_refused() -> None:
    with pytest.raises(NoteError, match="holds no text"):
        reader.read(PATH, b"<html><body><div id=root></div><script>run()</script></body></html>")


PIECES = [
    *(
        "<p> </p> <li <td> <!-- --> <a b=' ' > <pre> <script> </script> &amp 文 <h1> <table> <ul> </ \"".split()
    ),
    "\n",
]


@given(st.lists(st.sampled_from(PIECES)))
def test_any_mixture_of_tags_is_read(pieces: list[str]) -> None:
    source = "<p>text" + "".join(pieces)
    note = reader.read(PATH, source.encode())
    count = source.count("\n") + 1
    assert len(note.places) == note.text.count("\n") + 1
    assert all(1 <= place.first <= place.last <= count for place in note.places)


def test_depth_is_bounded() -> None:
    def depth(element: Element) -> int:
        return 1 + max((depth(c) for c in element.children if isinstance(c, Element)), default=0)

    assert depth(parse("<div>" * 5000 + "text")) == MAX_DEPTH + 1
