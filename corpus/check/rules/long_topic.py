"""Topics too long to be one thing to study: a question about one of them could be about anything in it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.check.findings import Finding
from corpus.check.notebook import Notebook

RULE = "a topic so long that it should be split"

#: Columns of prose, a Chinese character taking two: about 4,000 Chinese characters or 1,400 English words under
#: one heading, four times as much in a note that has sections.
MAX_SECTION, MAX_TOPIC = 8_000, 32_000
_WIDE = re.compile(r"[\u2e80-\u9fff\uff00-\uffef]")
_HEADING = re.compile(r" {0,3}#{1,6}\s")


def check(notebook: Notebook) -> Iterator[Finding]:
    """Yield every topic above the limit, whole or in one of its sections."""
    for sheet, topic in notebook.topics():
        body = sheet.body(topic)
        sections = [0]
        for i in body:
            line = sheet.prose[i - 1]
            if _HEADING.match(line):
                sections.append(0)
            sections[-1] += len(line) + len(_WIDE.findall(line))
        if max(sections) > MAX_SECTION or sum(sections) > MAX_TOPIC:
            size = sum(sections)
            yield sheet.finding(
                "long_topic",
                (topic.location.first, topic.location.last),
                (
                    f"主题《{topic.title}》太长（约 {size // 2} 字），一个主题里混着几件事。",
                    f"The topic “{topic.title}” is very long (about {size // 6} words) for one thing to study.",
                ),
                (
                    "按小问题加上小标题，拆成几个主题。",
                    "Split it into topics, each under a heading of its own.",
                ),
                0.6,
            )
