"""Topics that hold only their title or a link: an answer can do no more than quote the heading."""

from __future__ import annotations

from collections.abc import Iterator

from corpus.check.findings import Finding
from corpus.check.notebook import Notebook

RULE = "a topic with only a title or a link"


def check(notebook: Notebook) -> Iterator[Finding]:
    """Yield every stub."""
    for sheet, topic in notebook.topics():
        if topic.stub:
            first, last = topic.location.first, topic.location.last
            links = any("http" in line or "](" in line for line in sheet.lines[first:last])
            yield sheet.finding(
                "stub_topic",
                (first, last),
                (
                    f"主题《{topic.title}》只有标题{'和链接' if links else ''}，没有正文。",
                    f"The topic “{topic.title}” holds only its title{' and links' if links else ''}, no text.",
                ),
                (
                    "用自己的话写一两句结论，" + ("链接留作出处。" if links else "或者删掉这个标题。"),
                    "Write one or two sentences in your own words"
                    + (" and keep the link as their source." if links else ", or remove the heading."),
                ),
                1.0,
            )
