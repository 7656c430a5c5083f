"""Technical names that come up again and again and are not in the glossary, so other names do not find them.

A guess: only names with two capitals or a digit in them (MobileViT, NF4), in several topics.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from corpus.check.findings import Finding
from corpus.check.notebook import Notebook, Sheet
from corpus.concepts import fold

RULE = "a recurring term that the glossary lacks"

_NAME = re.compile(
    r"(?<![\w.\\/-])(?=[A-Za-z\d-]*[A-Z][A-Za-z\d-]*[A-Z\d])[A-Z][A-Za-z]+(?:-?[A-Za-z\d]+)*(?![\w/\\(=])",
    re.ASCII,
)
#: Roman numerals, units and other writing that only looks like a name.
_NO_TERM = re.compile(
    r"[IVXLC]+|[A-Z]{1,2}\d?|[A-Z]\d+|.*-\d+|[A-Z][a-z]+\d+|[A-Z][a-z]+(?:-[A-Z]?[a-z]+)+|OK|TODO|FIXME|NOTE|PDF|URL|HTTPS?|API|FAQ|USA?|UK|[KMGT]i?B|[KMG]Hz|II|III|RGB|CSV|JSON|HTML",
)
#: Data sets and sites go by one name.
_ONE_NAME = frozenset(
    "ImageNet COCO CIFAR MNIST VOC KITTI Cityscapes SQuAD GLUE Kaggle GitHub CSDN WikiText ADE20K LAION".split()
)
_TIMES, _TOPICS = 5, 3


def check(notebook: Notebook) -> Iterator[Finding]:
    """Yield one finding for every such name, at its first place."""
    counts: Counter[str] = Counter()
    topics: defaultdict[str, set[tuple[int, int]]] = defaultdict(set)
    first: dict[str, tuple[Sheet, int]] = {}
    for n, sheet in enumerate(notebook.sheets):
        for topic in sheet.topics:
            for i in sheet.body(topic):
                for name in _names(sheet.prose[i - 1]):
                    counts[name] += 1
                    topics[name].add((n, topic.location.first))
                    first.setdefault(name, (sheet, i))
    for name, count in counts.items():
        if count < _TIMES or len(topics[name]) < _TOPICS or name in _ONE_NAME or _NO_TERM.fullmatch(name):
            continue
        if not _is_known(notebook, name):
            sheet, line = first[name]
            yield sheet.finding(
                "missing_term",
                line,
                (
                    f"“{name}”在 {len(topics[name])} 个主题里出现了 {count} 次，但术语表里没有它。",
                    f"“{name}” comes up {count} times in {len(topics[name])} topics, but the glossary lacks it.",
                ),
                (
                    "如果它有别的叫法，写进笔记开头的 aliases，用别的叫法也能搜到。",
                    "If it has other names, list them as aliases in the front matter so that they find it too.",
                ),
                0.3,
            )


def _names(line: str) -> Iterator[str]:
    """Yield the names on a line, in the singular."""
    for name in _NAME.findall(line):
        yield name[:-1] if name[-1] == "s" and name[-2].isupper() else name


def _is_known(notebook: Notebook, name: str) -> bool:
    """Whether the glossary names every part of `name` that is written in letters."""
    covered = sum(m.end - m.start for m in notebook.concepts(name))
    return covered >= len(re.sub(r"[-\d]+$", "", fold(name)))
