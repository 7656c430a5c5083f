"""The same comma, stop or colon typed twice. Runs that mean something (……, ——, 。。。, !!, ??) are left alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.check.findings import Edit, Finding
from corpus.check.notebook import Notebook

RULE = "the same punctuation mark twice"

_CJK = r"[\u3400-\u9fff“”‘’（）《》」』】]"
# A full-width mark is never doubled on purpose; three stops are an informal ellipsis. A half-width comma is
# doubled only beside words: 1,,2 is a row of a table, and .. a folder.
_DOUBLED = re.compile(
    r"(?<!。)。。(?!。)|(?<!，)，，(?!，)|(?<!、)、、(?!、)|(?<!；)；；(?!；)|(?<!：)：：(?!：)"
    rf"|(?:(?<={_CJK})|(?<=[A-Za-z]))(,,|;;)(?=\s?(?:{_CJK}|[A-Za-z])|\s*$)"
    rf"|(?<={_CJK})(?<!\.)\.\.(?=\s?{_CJK}|\s*$)"
)
#: Two different marks of which one is too many. Which one cannot be known, so there is no fix.
_CLASHING = re.compile(
    r"[，、；：][。，、；：！？]|。[，、；：]|(?<=[\u3400-\u9fff])(?:[,;][.。，；]|[。，；][,;])(?=\s*(?:[\u3400-\u9fff]|$))"
)


def check(notebook: Notebook) -> Iterator[Finding]:
    """Yield every doubled mark in prose."""
    for sheet in notebook.sheets:
        for i, line in enumerate(sheet.prose, 1):
            for match in _DOUBLED.finditer(line):
                if match[0] in (",,", ";;") and _is_row(line):
                    continue
                yield sheet.finding(
                    "doubled_punctuation",
                    i,
                    (f"标点重复：“{match[0]}”。", f"The mark “{match[0][0]}” stands twice."),
                    (f"只留一个“{match[0][0]}”。", f"Keep one “{match[0][0]}”."),
                    0.95,
                    Edit(i, match.start(), match[0], match[0][0]),
                )
            for match in _CLASHING.finditer(line):
                if len(set(match[0])) > 1:
                    yield sheet.finding(
                        "doubled_punctuation",
                        i,
                        (f"两个标点连在一起：“{match[0]}”。", f"Two marks stand together: “{match[0]}”."),
                        ("删去多余的一个。", "Remove the one that is too many."),
                        0.8,
                    )


def _is_row(line: str) -> bool:
    """Whether a line is a row of comma-separated values, in which two commas hold an empty one."""
    return len(re.findall(r",(?=\S)", line)) >= 4 and not re.search(r"[，。；：]|,\s", line.strip())
