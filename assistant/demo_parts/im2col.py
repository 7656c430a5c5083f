"""A convolution computed twice: laid out as columns for one matrix product, and summed in place."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Array = NDArray[np.float64]


def im2col(x: Array, high: int, wide: int, stride: int, padding: int) -> Array:
    """Return the columns [N, C*kh*kw, H_out*W_out] of x [N, C, H, W]: one column per place of the filter."""
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = sliding_window_view(padded, (high, wide), axis=(2, 3))[:, :, ::stride, ::stride]
    rows = windows.transpose(0, 1, 4, 5, 2, 3)
    return rows.reshape(len(x), x.shape[1] * high * wide, -1)


def direct(x: Array, w: Array, b: Array, stride: int, padding: int) -> Array:
    """Return the convolution [N, C_out, H_out, W_out] summed over each window, without laying anything out."""
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = sliding_window_view(padded, w.shape[2:], axis=(2, 3))[:, :, ::stride, ::stride]
    # Not optimised: that would lay out columns, and the check would compare im2col with itself.
    return np.asarray(np.einsum("nchwij,ocij->nohw", windows, w) + b[:, None, None], dtype=np.float64)
