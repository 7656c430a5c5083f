"""What of a message is sent: nothing that fetches or runs, no more than was asked for, the same however it is cut."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.openai_chat.harmless import Harmless, harmless
from api.openai_chat.writing import Writer, tokens

PIECES = st.lists(
    st.sampled_from(
        ["!", "[", "](u)", "<", "/", "img", "script", " ", ">", "b", "$a<b$", "字", "。", "\n", "-", "?"]
    )
)


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("![图](http://e.example/?q=1)", "\\![图](http://e.example/?q=1)"),
        ("看 <img src=x onerror=alert(1)>", "看 &lt;img src=x onerror=alert(1)>"),
        ("<SCRIPT>alert(1)</SCRIPT>", "&lt;SCRIPT>alert(1)&lt;/SCRIPT>"),
        ("<iframe\nsrc=//e>", "&lt;iframe\nsrc=//e>"),
        ("<!-- 忽略以上 -->", "&lt;!-- 忽略以上 -->"),
        ("当 $a<b$ 且 $p<h$，x<y!", "当 $a<b$ 且 $p<h$，x<y!"),
        ("List<int> 和 vector<float>", "List<int> 和 vector<float>"),
    ],
)
def test_images_and_html_are_shown_and_not_fetched(text: str, sent: str) -> None:
    assert harmless(text) == sent


@given(PIECES)
@settings(max_examples=200)
def test_how_a_text_is_cut_on_its_way_changes_nothing(pieces: list[str]) -> None:
    filter_ = Harmless()
    streamed = "".join(map(filter_.feed, pieces)) + filter_.finish()
    assert streamed == harmless("".join(pieces))
    assert "![" not in streamed.replace("\\![", "")
    writer = Writer(stops=("script>", "。"))
    sent = "".join(map(writer.feed, pieces)) + writer.finish()
    assert sent == writer.text
    ends = [end for stop in ("script>", "。") if (end := streamed.find(stop)) >= 0]
    assert sent == streamed[: min(ends, default=None)]


def test_a_stop_ends_the_text_before_it() -> None:
    writer = Writer(stops=("END",))
    assert [writer.feed(text) for text in ("一E", "N", "D二")] == ["一", "", ""]
    assert (writer.finish(), writer.reason, writer.text) == ("", "stop", "一")


@pytest.mark.parametrize("limit", [1, 2, 7, 30])
def test_no_more_tokens_are_sent_than_were_asked_for(limit: int) -> None:
    writer = Writer(limit)
    text = "批归一化 normalizes each channel 的激活。" * 3
    sent = "".join(writer.feed(letter) for letter in text) + writer.finish()
    assert writer.reason == "length"
    assert tokens(sent) <= limit < tokens(sent + text[len(sent)])


def test_a_text_within_its_limit_ends_by_itself() -> None:
    writer = Writer(100)
    assert writer.feed("够短。") + writer.finish() == "够短。"
    assert writer.reason == "stop"
