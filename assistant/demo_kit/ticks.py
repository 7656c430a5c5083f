"""Where an axis is labelled and with what. A terminal needs this; matplotlib and web charts have their own.

uniplot's labels are not used: it writes 2.5 as 2 where that is the shortest way to tell labels apart.
"""

from __future__ import annotations

import math
import re

#: Steps that read well, times a power of ten (Heckbert, Graphics Gems I, 1990, "Nice numbers for graph labels").
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


def ticks(low: float, high: float, count: int, *, log: bool = False, whole: bool = False) -> list[float]:
    """Return at most about `count` round values in [low, high]; with `whole` no fractions.

    A logarithmic axis has powers of ten, or 1, 2 and 5 times them where the powers are too few, or the steps
    of a linear axis where those are too few as well. `low` < `high`, and `low` > 0 where `log`.
    """
    count = max(count, 2)
    if log:
        first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
        if last - first >= 1:
            every = math.ceil((last - first + 1) / count)
            return [10.0**e for e in range(first, last + 1) if e % every == 0]
        between = [m * 10.0**e for e in range(first - 1, last + 1) for m in (1, 2, 5)]
        found = [value for value in between if low <= value <= high]
        if len(found) >= 2:
            return found
    rough = (high - low) / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(s * power for s in _STEPS if s * power >= rough * (1 - 1e-9))
    if whole:
        step = max(math.ceil(step), 1)
    first = math.ceil(low / step - 1e-9)
    return [i * step for i in range(first, math.floor(high / step + 1e-9) + 1)]


def tick_label(value: float) -> str:
    """Return a tick's value as short as it is exact: 0.25, 20, 1e-8."""
    return re.sub(r"e(-?)\+?0*", r"e\1", f"{0.0 if abs(value) < 1e-300 else value:.6g}")
