"""Cross-entropy and squared error of a sigmoid neuron, and cross-entropy of class probabilities. Knows no demo.

Sources: Nielsen 2015, Neural Networks and Deep Learning, chapter 3 (eq. 57 and 60-62); Bishop 2006, PRML 4.108-109.
The squared error is Nielsen's ½(a − y)².
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Cost = Literal["mse", "ce"]

#: Probabilities are kept this far from 0 and 1 before their logarithm is taken.
CLIP = 1e-12


def sigmoid(z: Array) -> Array:
    """Return 1 / (1 + exp(-z)), without overflow for |z| up to 700."""
    return 1 / (1 + np.exp(-z))


def slopes(z: Array, y: float) -> Mapping[Cost, Array]:
    """Return dC/dz of both costs; 1 − a is computed as sigmoid(−z), exact where a is nearly 1."""
    a, rest = sigmoid(z), sigmoid(-z)
    error = (1 - y) * a - y * rest
    return {"mse": error * a * rest, "ce": error}


def outputs(w: float, b: float, x: float, y: float, lr: float, epochs: int, cost: Cost) -> Array:
    """Return the output of a sigmoid neuron before training and after each epoch of gradient descent.

    One sample, so one step per epoch: w ← w − lr x dC/dz, b ← b − lr dC/dz.
    """
    seen = []
    for _ in range(epochs + 1):
        # Beyond ±500 the sigmoid is 0 or 1 in double precision anyway.
        z = np.clip(np.asarray(w * x + b), -500, 500)
        seen.append(float(sigmoid(z)))
        step = lr * float(slopes(z, y)[cost])
        w, b = w - step * x, b - step
    return np.asarray(seen)


def softmax(logits: Array) -> Array:
    """Return the class probabilities of each row."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True), float)


def softmax_cross_entropy(logits: Array, target: NDArray[np.int_]) -> Array:
    """Return −log softmax(z)[target] of each row, by the log-sum-exp of shifted logits."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    chosen = shifted[np.arange(len(target)), target]
    return np.asarray(np.log(np.exp(shifted).sum(axis=1)) - chosen, float)


def binary_cross_entropy(p: Array, y: Array) -> Array:
    """Return −y log p − (1 − y) log(1 − p) of each element; both probabilities are clipped at `CLIP`."""
    return -(y * np.log(np.maximum(p, CLIP)) + (1 - y) * np.log(np.maximum(1 - p, CLIP)))
