"""Text that points at a figure that is not there: the image was lost when the page was pasted."""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.check.findings import Finding
from corpus.check.notebook import Notebook, Sheet
from corpus.types import Topic

RULE = "a reference to a figure that is not there"

# 如图像, 以下图片, 特征图中 and 计算图中 speak of other things.
_NOT_IMAGE = r"(?![像片书表书谱集案灵])"
_COLOUR = "红|蓝|绿|橙|黄|黑|紫|灰|粉|青|棕|白"
_REFERENCE = re.compile(
    rf"(?:如|见|参见|参考|看|从)(?:下|上|左|右)?(?:面|方|边|侧)?的?图(?:\s?\d+(?:[-.]\d+)?)?(?:所示|中|里|可|，|,|：|:|）|\)|。|\s*$){_NOT_IMAGE}"
    rf"|(?:如|见|参见)图\s?\d+"
    rf"|(?<![以线])(?:下|上|左|右)(?:面|方|边|侧)?(?:这张|的)?图(?=中|里|所示|是|为|展示|给出|显示|可以|可见|的|：|:|\)|）)"
    r"|从(?:这张|该|此|上面的?|下面的?)?(?:图片|图像|图)(?:上|中|里)(?=\s*$|\s*[,，:：、]|看|.{0,4}(?:可以?看|看[出到]|可见|得知|可知))"
    rf"|(?:{_COLOUR})色?(?:的)?(?:曲线|虚线|实线|折线|线条|箭头|方框|虚线框|圆圈)"
    r"|图中(?:的)?(?:红|蓝|绿|橙|黄|黑|紫|灰|粉|青|横轴|纵轴|虚线|实线|箭头|阴影)"
)
_REFERENCE_EN = re.compile(
    r"\b(?:see|in|as|from)\s+(?:shown\s+in\s+)?(?:the\s+)?(?:following\s+|above\s+|below\s+)?(?:figure|fig\.|image|picture|diagram|plot)s?"
    r"(?:\s+\d+[a-z]?|\s+(?:below|above|on the (?:left|right)))"
    r"|\b(?:the\s+)?(?:figure|image|picture|diagram|plot)\s+(?:below|above|on the (?:left|right))"
    r"|\b(?:see|in)\s+the\s+(?:following|above)\s+(?:figure|image|picture|diagram|plot)"
    r"|\bas\s+(?:shown|depicted|illustrated)\s+(?:below|above|in\s+(?:the\s+)?(?:figure|image|picture|diagram|plot))\b"
    r"|\bthe\s+(?:red|blue|green|orange|black|dashed|dotted)\s+(?:curve|line|arrow|box)\b",
    re.IGNORECASE,
)
_FIGURE = re.compile(
    r"!\[|<(?:img|svg|figure)\b|https?://|\]\([^)]+\)|!\[\[|\.(?:png|jpe?g|gif|svg|webp|bmp)\b|```|~~~|^\s*\|.*\|\s*$",
    re.IGNORECASE | re.MULTILINE,
)
#: In a paper's or book's own words the figure is there to be found.
_SOURCE = re.compile(
    r"论文|原文|et al|arXiv|《[^》]+》|\b(?:19|20)\d\d\b|paper|section|chapter", re.IGNORECASE
)


def check(notebook: Notebook) -> Iterator[Finding]:
    """Yield every line that points at a figure, in a topic that has neither image nor link nor drawing."""
    for sheet, topic in notebook.topics():
        references = list(_references(sheet, topic))
        if not references or _FIGURE.search("\n".join(sheet.lines[i - 1] for i in sheet.body(topic))):
            continue
        for i, words in references:
            yield sheet.finding(
                "missing_figure",
                i,
                (
                    f"这里说“{words}”，但这个主题里没有图，也没有链接。",
                    f"The text says “{words}”, but the topic has no image and no link.",
                ),
                ("补上图片，或把图里的内容写成文字。", "Add the image, or say in words what it shows."),
                0.85,
            )


def _references(sheet: Sheet, topic: Topic) -> Iterator[tuple[int, str]]:
    for i in sheet.body(topic):
        line = sheet.prose[i - 1]
        match = _REFERENCE.search(line) or _REFERENCE_EN.search(line)
        if match and not _SOURCE.search(line[max(match.start() - 40, 0) : match.end() + 40]):
            yield i, match[0].strip(" ,，:：。)）")
