"""Labels that a picture's fonts can show: never an empty box. matplotlib only; it is imported when asked."""

from __future__ import annotations

import re
from functools import cache

#: The font that comes with matplotlib, so it is always there.
BASE = "DejaVu Sans"
#: Fonts with Chinese glyphs, as Linux, macOS and Windows name them; the first that is installed is taken.
CHINESE = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "PingFang SC",
    "Hiragino Sans GB", "Microsoft YaHei", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "SimHei",
    "Noto Sans CJK JP", "Noto Serif CJK SC", "Noto Serif CJK JP", "Source Han Serif SC", "SimSun",
    "Arial Unicode MS",
)  # fmt: skip
#: What the files of those fonts are called.
_CHINESE_FILE = r"(?i)CJK|NotoS(ans|erif)SC|SourceHan|PingFang|Hiragino|msyh|wqy|simhei|simsun|Arial Unicode"


@cache
def installed() -> dict[str, str]:
    """Return the fonts that may be used, name -> file: matplotlib's own and one with Chinese, if any."""
    from matplotlib.font_manager import findSystemFonts, fontManager

    # matplotlib lists the fonts once and keeps the list: one that was installed since is not in it.
    known = {font.fname for font in fontManager.ttflist}
    for file in findSystemFonts():
        if file not in known and re.search(_CHINESE_FILE, file):
            fontManager.addfont(file)
    names = {font.name for font in fontManager.ttflist}
    chinese = next((name for name in CHINESE if name in names), None)
    return {name: _file(name) for name in (BASE, chinese) if name}


def _file(name: str) -> str:
    """Return the file of a font in its normal form; a collection knows which of its fonts is meant."""
    from matplotlib.font_manager import FontProperties, findfont

    return findfont(FontProperties(family=[name]), fallback_to_default=False)


@cache
def _glyphs(file: str) -> frozenset[int]:
    from matplotlib.font_manager import get_font

    return frozenset(get_font(file).get_charmap())


def can_show(text: str) -> bool:
    """Return whether every character of `text` has a glyph in one of the fonts."""
    return set(map(ord, text)) - {10} <= frozenset().union(*map(_glyphs, installed().values()))


def showable(text: str, otherwise: str) -> str:
    """Return `text` where the fonts have it, else the part of it that they have, else `otherwise`.

    Labels are often "学习率 (learning rate)": the English is then what is left.
    """
    if not can_show(text):
        kept = "".join(character if can_show(character) else " " for character in text)
        kept = re.sub(r"\s+", " ", re.sub(r"[(（\[]\s*[)）\]]", " ", kept)).strip(" ,;:·/()（）、，：；")
        text = kept if re.search(r"\w", kept) else otherwise
    # A dollar sign would begin a formula.
    return text.replace("$", r"\$")
