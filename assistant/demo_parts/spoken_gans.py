"""How a question says what the two players of a GAN do: 生成器每轮更新 1000 步; 5 discriminator steps; lr_g=0.5."""

from __future__ import annotations

import re
from typing import Any

from assistant.demo_kit.question import Facts

_PLAYERS = {"g": ("生成器", "generator"), "d": ("判别器", "discriminator")}


def read_players(facts: Facts) -> dict[str, Any]:
    """Return g_steps, d_steps, lr_g and lr_d as far as they are said of one player."""
    found: dict[str, Any] = {}
    for key, names in _PLAYERS.items():
        player = rf"(?:{'|'.join(names)})"
        said = re.search(
            rf"{key}_steps?\s?[=:]?\s?(\d+)|{player}[^，,。.;?？\d]{{0,16}}(\d+)\s*(?:步|次|steps?|updates?|times)"
            rf"|(\d+)\s*{player}\s*(?:steps?|updates?)|(\d+)\s*(?:步|次)\s*{player}",
            facts.text,
        )
        if said:
            found[f"{key}_steps"] = int(next(n for n in said.groups() if n))
        rates = ("lr", "learning rate", "学习率", "的学习率")
        names_of_rate = [f"{name} {rate}" for name in names for rate in rates]
        rate = facts.number(f"lr_{key}", *names_of_rate, f"learning rate of the {names[1]}")
        if rate is not None:
            found[f"lr_{key}"] = rate
    return found
