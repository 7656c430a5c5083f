"""What one run of a layer works and moves: FLOPs, and bytes with every value moved once. Knows no machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Operation = Literal["linear", "conv", "depthwise", "maxpool", "relu", "layernorm"]

#: What each operation needs; `batch` goes with all of them.
DEFAULTS: Mapping[Operation, Mapping[str, int]] = {
    "linear": {"in": 1024, "out": 4096},
    "conv": {"kernel": 3, "c_in": 512, "c_out": 512, "out_size": 14, "stride": 1},
    "depthwise": {"kernel": 3, "c_in": 512, "out_size": 14, "stride": 1},
    "maxpool": {"kernel": 3, "c_in": 512, "out_size": 14, "stride": 1},
    "relu": {"c_in": 512, "out_size": 14},
    "layernorm": {"in": 1024},
}
#: Per value: sum up, centre, square, sum up, scale, then gamma and beta.
_LAYERNORM_FLOPS = 7


def counted(op: Operation, sizes: Mapping[str, int], each: int) -> tuple[int, int]:
    """Return FLOPs and bytes moved. A multiply-add is 2 FLOPs, a comparison 1."""
    n = sizes["batch"]
    if op == "linear":
        rows, columns = sizes["in"], sizes["out"]
        return 2 * n * rows * columns, each * (n * rows + rows * columns + n * columns)
    if op == "layernorm":
        return _LAYERNORM_FLOPS * n * sizes["in"], each * (2 * n * sizes["in"] + 2 * sizes["in"])
    channels, area = sizes["c_in"], n * sizes["out_size"] ** 2
    if op == "relu":
        return area * channels, each * 2 * area * channels
    # Where the stride exceeds the kernel, what lies between the windows is not read.
    read = area * min(sizes["stride"], sizes["kernel"]) ** 2 * channels
    taps = sizes["kernel"] ** 2
    if op == "maxpool":
        return area * channels * taps, each * (read + area * channels)
    outputs, weights = (
        (sizes["c_out"], taps * channels * sizes["c_out"]) if op == "conv" else (channels, taps * channels)
    )
    return 2 * area * weights, each * (read + weights + area * outputs)
