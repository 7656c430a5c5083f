"""How Chinese characters sound and look, as far as the slip of a hand or an input method confuses them.

Tones do not count, and neither do the pairs of sounds that many speakers do not tell apart: zh/z, ch/c, sh/s,
-ing/-in, -eng/-en. The readings are data (`sounds.txt`, made by `python -m index.training.slips`). What a slip
was meant to be is decided in `index.spelling`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

# Characters taken for one another by eye, by a scanner or in a shape-based input method; one group a word.
_LOOK_ALIKE = (
    "嫡熵墒 末未 己已巳 敛剑 岐歧 池地 梯涕 泛乏 券卷 拟似 积枳 损捐 函涵 链键 稀希 阀阈 范苑 残践 层屉 激缴 项顶 "
    "征证 振震 失矢 括活 盆盘 像象 衰哀 干千 问间 询洵 刻核 传转 经径 密蜜 晚挽 优忧 桂挂 准淮 治冶 枝技 栓检 拴检"
)


@cache
def readings() -> Mapping[str, frozenset[str]]:
    """Return how each character of GB 2312 may be taken: its blurred syllables, and the group it looks like.

    Two characters with one of these in common are typed for each other.
    """
    found: dict[str, frozenset[str]] = {}
    groups = ((group, group) for group in _LOOK_ALIKE.split())
    for reading, characters in (*_table(), *groups):
        own = frozenset([blurred(reading)])
        for character in characters:
            found[character] = found[character] | own if character in found else own
    return found


def blurred(syllable: str) -> str:
    """Return a syllable without what many speakers do not tell apart."""
    if syllable.startswith(("zh", "ch", "sh")):
        syllable = syllable[0] + syllable[2:]
    return syllable[:-1] if syllable.endswith(("ing", "eng")) else syllable


def syllables(typed: str) -> Iterator[tuple[str, ...]]:
    """Yield every way to read `typed`, lower-case letters with v for ü, as blurred syllables."""
    if not typed:
        yield ()
    for length in range(1, min(len("zhuang"), len(typed)) + 1):
        if typed[:length] in _known():
            for rest in syllables(typed[length:]):
                yield (blurred(typed[:length]), *rest)


@cache
def _table() -> tuple[tuple[str, str], ...]:
    lines = (files("corpus") / "sounds.txt").read_text("utf-8").splitlines()
    return tuple((line.split()[0], line.split()[1]) for line in lines)


@cache
def _known() -> frozenset[str]:
    return frozenset(syllable for syllable, _ in _table() if set(syllable) & set("aeiouv"))  # not ng, of 嗯
