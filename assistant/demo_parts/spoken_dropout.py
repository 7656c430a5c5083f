"""How a question says what dropout keeps: 丢弃率 0.3, keep_prob=0.9, dropout(0.4), 丢弃概率百分之二十."""

from __future__ import annotations

from assistant.demo_kit.question import Facts

_KEPT = (
    "keep", "keep prob", "keep probability", "keep rate", "keep ratio", "p keep", "keeping probability", "保留概率",
    "保留率", "保留比例",
)  # fmt: skip
_DROPPED = (
    "drop rate", "drop prob", "drop probability", "dropout rate", "dropout probability", "dropout prob", "dropout",
    "drop", "丢弃率", "丢弃概率", "丢弃比例", "失活率", "失活概率", "dropout率", "dropout 概率", "p",
)  # fmt: skip


def read_kept_share(facts: Facts) -> float | None:
    """Return the probability of keeping a unit; a dropout of 0.3 is a rate of dropping."""
    if (kept := facts.number(*_KEPT)) is not None:
        return float(kept)
    dropped = facts.number(*_DROPPED)
    # DropBlock 7 is a size.
    return round(1 - float(dropped), 12) if dropped is not None and 0 <= dropped < 1 else None
