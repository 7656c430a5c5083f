"""Which arguments of `optimizer_steps` go together: flags and states of one optimizer, steps by hand.

Types and ranges are the kit's business; here is only what one argument says about another.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assistant.demo_kit.types import DemoError, Fault
from assistant.demo_parts.update_rules import STATE

DEFAULT_STEPS = 50


def with_nesterov(optimizer: str, nesterov: bool) -> str:
    """Return the rule that is meant: SGD or momentum that looks ahead is Nesterov's."""
    if not nesterov or optimizer in ("nesterov", "all"):
        return optimizer
    if optimizer in ("sgd", "momentum"):
        return "nesterov"
    raise _wrong(
        "nesterov", True, "with optimizer sgd, momentum or nesterov", "只用于 sgd、momentum、nesterov"
    )


def check_flags(rule: str, flags: Mapping[str, tuple[str, bool]]) -> None:
    """Refuse a flag that is set for an optimizer it does not belong to."""
    for flag, (owner, value) in flags.items():
        if value and rule not in (owner, "all"):
            raise _wrong(flag, value, f"with optimizer {owner}", f"只用于 {owner}")


def given_gradients(
    w: list[float] | None, grad: list[float] | None, grads: list[list[float]] | None, steps: int
) -> list[list[float]] | None:
    """Return one gradient per step by hand, or None where the surface is to give them."""
    rows = grads or ([grad] if grad else None)
    if grad and grads:
        raise _wrong("grad", grad, "grad or grads, not both", "grad 和 grads 只能给一个")
    if (w is None) != (rows is None):
        name = "grad" if rows is None else "w"
        raise _wrong(name, None, "w together with grad or grads", "w 要和 grad 或 grads 一起给出")
    if w is None or rows is None:
        return None
    for row in rows:
        if len(row) != len(w):
            raise _uneven("grads" if grads else "grad", len(row), len(w))
    if steps not in (DEFAULT_STEPS, len(rows)):
        raise _wrong(
            "steps", steps, f"{len(rows)}, one step per gradient", f"应为 {len(rows)}，每个梯度走一步"
        )
    return rows


def given_state(
    rule: str, w: list[float] | None, state: Mapping[str, list[float] | None], t_before: int
) -> dict[str, list[float]]:
    """Return the state given by hand under the names the rules use."""
    given = {}
    for param, values in state.items():
        if values is None:
            continue
        key = "v" if param == "velocity" else param
        owners = ("momentum", "nesterov") if param == "velocity" else ("adam",) if param == "v" else None
        if rule == "all" or key not in STATE[rule] or (owners and rule not in owners):
            raise _wrong(param, values, "a state this optimizer keeps", f"{rule} 没有这个状态量")
        if len(values) != len(w or ()):
            raise _uneven(param, len(values), len(w or ()))
        given[key] = values
    if t_before and rule != "adam":
        raise _wrong("t_before", t_before, "with optimizer adam", "只用于 adam")
    return given


def _wrong(param: str, got: Any, allowed: str, zh: str) -> DemoError:
    return DemoError(
        Fault.INCONSISTENT,
        param=param,
        got=got,
        allowed=allowed,
        hint_en=f"{param} does not go with the other arguments.",
        hint_zh=f"{param} 与其他参数不一致：{zh}。",
    )


def _uneven(param: str, got: int, wanted: int) -> DemoError:
    return DemoError(
        Fault.SHAPE_MISMATCH,
        param=param,
        got=got,
        allowed=f"{wanted} numbers, as many as w has",
        hint_en=f"{param} and w must have the same length.",
        hint_zh=f"{param} 的长度必须与 w 相同（{wanted}）。",
    )
