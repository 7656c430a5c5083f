"""Which of the two languages a passage is in, and which one somebody asks in.

Chinese writing about machines is full of English terms and code, English has no Chinese in it: a passage is
Chinese from a modest share of Chinese characters on, a question from the first one.
"""

from __future__ import annotations

import re

#: Chinese characters: the unified block and its first extension, as `index.terms` has them.
HAN = "一-鿿㐀-䶿々〇"

_HAN = re.compile(f"[{HAN}]")
_CHINESE_SHARE = 0.15


def is_chinese(text: str) -> bool:
    """Return whether a good part of `text` is Chinese; a sentence with a few English terms is."""
    return len(_HAN.findall(text)) > _CHINESE_SHARE * max(len(text), 1)


def asks_in_chinese(question: str) -> bool:
    """Return whether `question` has any Chinese character: 「BN 和 LN 区别」 is a Chinese question."""
    return _HAN.search(question) is not None
