"""Topics with a body that states nothing: only questions, code, images, or a note to write it later."""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.check.findings import Finding
from corpus.check.markup import HOLE
from corpus.check.notebook import Notebook, Sheet
from corpus.types import Topic

RULE = "a topic with nothing to ask about"

_LATER = re.compile(
    r"^\W*(?:todo|tbd|wip|fixme|待补充?|待完善|待续|待写|待整理|未完待续|以后再?[写补]|有空再?[写补看]|暂无|略|空)\b.{0,20}$"
    r"|^\W*(?:to be (?:done|continued|written|added)|coming soon|fill in later)\b.{0,20}$",
    re.IGNORECASE,
)
_POINTS_ELSEWHERE = re.compile(
    r"^\W*(?:参考|详见|参见|见|出处|来源|链接|原文|转自|更多|see(?: also)?|ref(?:erence)?s?|source|link|more)(?![a-z])"
    rf"[\s:：]*(?:资料|文章|博客|链接|here)?[\s:：{HOLE}\[\]()（）]*$",
    re.IGNORECASE,
)
_WORDS = re.compile(r"[\u3400-\u9fff]|[A-Za-z]{2,}")


def check(notebook: Notebook) -> Iterator[Finding]:
    """Yield every topic that is no stub and yet has no line that says something."""
    for sheet, topic in notebook.topics():
        if not topic.stub and not any(map(_states, _lines(sheet, topic))):
            yield sheet.finding(
                "nothing_to_quiz",
                (topic.location.first, topic.location.last),
                (
                    f"主题《{topic.title}》没有一句陈述，出不了题。",
                    f"The topic “{topic.title}” states nothing that could be asked about.",
                ),
                ("至少写一句完整的结论。", "Write at least one full sentence that answers the heading."),
                0.7,
            )


def _lines(sheet: Sheet, topic: Topic) -> Iterator[str]:
    """Yield the prose of a topic, a formula in it counting as words: `$y = x$` states something."""
    for i in sheet.body(topic):
        line = sheet.prose[i - 1]
        if "$" in sheet.lines[i - 1] or "\\[" in sheet.lines[i - 1]:
            line += " 公式 formula states it"
        yield line


def _states(line: str) -> bool:
    text = line.strip(f" \t{HOLE}>#*-_=|+.")
    if not text or text.endswith(("?", "？", "吗", "呢")) or line.lstrip().startswith("#"):
        return False
    if _LATER.search(text) or _POINTS_ELSEWHERE.search(text) or re.fullmatch(r"!\[[^\]]*\]\W*", text):
        return False
    return len(_WORDS.findall(text)) >= 2
