"""The same text in two places shown once: a hit whose passage repeats that of a better one is folded into it.

Notes are copied from file to file, and both copies rank side by side. Two passages are the same where nine tenths of
the character shingles (Broder 1997) of the shorter one stand in the other. Whole topics are not compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from index.types import Copy, Hit

#: So many hits more than are wanted are enough to choose from.
SPARE = 15
# Only among so many of the best: further down nobody minds.
_AMONG = 20
# Characters in a shingle, and the share of the shorter text's shingles that makes two texts the same.
_SHINGLE, _SAME = 5, 0.9
# A shorter text, a title or a link, is the same only word for word under the same title.
_SHORT = 40
_BESIDE_WORDS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class _Text:
    """A passage's letters and digits, and the title it stands under."""

    title: str
    letters: str


def fold(hits: Iterable[Hit], k: int) -> tuple[Hit, ...]:
    """Return the first `k` of `hits` that say different things, ranked anew, each with its copies among those before.

    No more of `hits` is taken than that needs, and what comes after as good as the last.
    """
    kept: list[Hit] = []
    texts: list[_Text] = []
    for hit in hits:
        text = _Text(hit.topic.title, _BESIDE_WORDS.sub("", hit.passage.text).casefold())
        at = next((at for at, other in enumerate(texts) if _is_same(text, other)), None)
        if at is not None:
            kept[at] = replace(kept[at], also=(*kept[at].also, Copy(hit.topic, hit.passage)))
        elif len(kept) < k:
            kept.append(replace(hit, rank=len(kept) + 1))
            texts += [text] * (len(texts) < _AMONG)
        if len(kept) == k and hit.score < kept[-1].score:
            break
    return tuple(kept)


def _is_same(one: _Text, other: _Text) -> bool:
    shorter, longer = sorted((one.letters, other.letters), key=len)
    if len(shorter) < _SHORT:
        return one == other
    if not any(probe in longer for probe in _probes(shorter)):
        return False  # as nearly all pairs are, found out without making shingles
    shingles, others = _shingles(shorter), _shingles(longer)
    return len(shingles & others) >= _SAME * len(shingles)


def _probes(text: str) -> list[str]:
    """Return some pieces of a text: where nine tenths of it stand elsewhere, one of them does."""
    return [text[at : at + 2 * _SHINGLE] for at in range(0, len(text) - 2 * _SHINGLE + 1, len(text) // 4)]


def _shingles(text: str) -> set[str]:
    return {text[at : at + _SHINGLE] for at in range(len(text) - _SHINGLE + 1)}
