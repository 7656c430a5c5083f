"""Binary floating-point formats of training: their limits, and rounding a number into one.

Rounding is to nearest, ties to even, in float64 arithmetic, which is exact here. Knows no demo.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

FormatName = Literal["fp32", "fp16", "bf16", "fp8_e4m3"]


@dataclass(frozen=True, slots=True)
class Format:
    """A format by its `mantissa` bits behind the point, least normal exponent, largest number and widths."""

    exponent_bits: int
    mantissa: int
    least_exponent: int
    largest: float

    @property
    def least_normal(self) -> float:
        """Return the smallest positive number of full precision."""
        return math.ldexp(1.0, self.least_exponent)

    @property
    def least_subnormal(self) -> float:
        """Return the smallest positive number."""
        return math.ldexp(1.0, self.least_exponent - self.mantissa)

    @property
    def epsilon(self) -> float:
        """Return the gap between 1 and the next number."""
        return math.ldexp(1.0, -self.mantissa)

    def spacing(self, x: float) -> float:
        """Return the gap between the numbers around `x`, on the side away from 0."""
        _, exponent = math.frexp(x)  # x = m · 2^exponent with ½ ≤ m < 1
        return math.ldexp(
            1.0, max(exponent - 1 if x else self.least_exponent, self.least_exponent) - self.mantissa
        )

    def rounded(self, x: float) -> float:
        """Return the nearest number of the format, infinite where it would be beyond the largest.

        fp8 e4m3 has no infinity: conversions give NaN or saturate. Here its overflow is infinite, too.
        """
        if not math.isfinite(x):
            return x
        gap = self.spacing(x)
        # Python's round is to even, and x / gap is exact, a power of two being divided by.
        nearest = round(x / gap) * gap
        return math.copysign(math.inf, x) if abs(nearest) > self.largest else math.copysign(nearest, x)


FORMATS: Mapping[FormatName, Format] = {
    "fp32": Format(8, 23, -126, math.ldexp(2 - 2**-23, 127)),
    "fp16": Format(5, 10, -14, 65504.0),
    "bf16": Format(8, 7, -126, math.ldexp(2 - 2**-7, 127)),
    "fp8_e4m3": Format(4, 3, -6, 448.0),
}
