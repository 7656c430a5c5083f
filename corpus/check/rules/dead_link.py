"""Links and images whose file is not there. Addresses on the web are not visited."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from corpus.check.findings import Finding
from corpus.check.markup import without_code, without_formulas
from corpus.check.notebook import Notebook
from corpus.types import Syntax

RULE = "a link or image whose file is missing"

_LINK = re.compile(
    r"(!?)\[[^\]\n]{0,300}\]\(\s{0,3}(<[^<>\n]{1,500}>|(?:[^\s()]|\([^\s()]*\)){1,500})(?:\s+[\"'(][^\n]*?[\"')])?\s*\)"
)
_DEFINITION = re.compile(r"^ {0,3}\[[^\]\n]{1,100}\]:()\s*(<[^<>\n]{1,500}>|\S{1,500})", re.MULTILINE)
_IMAGE_TAG = re.compile(
    r"<(img|a)\s[^<>]{0,300}?(?:src|href)\s*=\s*[\"']([^\"'\n]{1,500})[\"']", re.IGNORECASE
)
_ELSEWHERE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:|//|#")
_FILE = re.compile(r"[/\\]|\.[A-Za-z0-9]{1,8}$")


def check(notebook: Notebook) -> Iterator[Finding]:
    """Yield every relative link that leads nowhere."""
    for sheet in notebook.sheets:
        if sheet.note.syntax is not Syntax.MARKDOWN:
            continue
        text = without_formulas(without_code(sheet.note))
        for pattern in (_LINK, _DEFINITION, _IMAGE_TAG):
            for match in pattern.finditer(text):
                target = match[2].strip("<>").strip()
                if _ELSEWHERE.match(target) or _exists(sheet.note.path.parent, target):
                    continue
                line = text.count("\n", 0, match.start()) + 1
                image = match[1] in ("!", "img")
                yield sheet.finding(
                    "dead_link",
                    line,
                    (
                        f"{'图片' if image else '链接'}指向的文件不存在：{target}",
                        f"The file of this {'image' if image else 'link'} does not exist: {target}",
                    ),
                    ("改正路径，或把文件放到那里。", "Correct the path, or put the file there."),
                    0.95,
                )


def _exists(folder: Path, target: str) -> bool:
    """Whether the file is there; what does not look like a file (a formula's `f[i](x)`) counts as there."""
    for name in dict.fromkeys((target, unquote(target))):
        path = re.split(r"[?#]", name)[0]
        if not path or not _FILE.search(path):
            return True
        try:
            # A leading slash means the root of a site, which is no place on this disk.
            if path.startswith("/") or (folder / path).exists() or (folder / name).exists():
                return True
        except (OSError, ValueError):
            continue
    return False
