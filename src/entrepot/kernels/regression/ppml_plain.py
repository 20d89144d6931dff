"""The same estimates with a column for every level, to test `absorb` and `ppml` against.

Dense and slow; for some hundred rows.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from entrepot.kernels.arrays import FloatArray


def dummies(codes: Sequence[NDArray[np.integer]], n: int) -> FloatArray:
    """(n, levels of all factors) zeros and ones."""
    parts = [np.eye(int(c.max()) + 1)[c] for c in codes]
    return np.column_stack(parts) if parts else np.empty((n, 0))


def residuals_plain(
    columns: FloatArray, codes: Sequence[NDArray[np.integer]], weight: FloatArray
) -> FloatArray:
    """What weighted least squares on all levels leaves of (n, k) columns."""
    levels = dummies(codes, len(columns))
    root = np.sqrt(weight)[:, None]
    found = np.linalg.lstsq(levels * root, columns * root, rcond=None)[0]
    left: FloatArray = columns - levels @ found
    return left


def ppml_plain(
    y: FloatArray,
    x: FloatArray,
    codes: Sequence[NDArray[np.integer]],
    *,
    tolerance: float = 1e-12,
    iterations: int = 500,
) -> tuple[FloatArray, FloatArray]:
    """Coefficients (k,) and fitted values (n,) by iteratively reweighted least squares."""
    whole = np.column_stack([x, dummies(codes, len(y))])
    mu = (y + y.mean()) / 2.0
    index = np.log(mu)
    found = np.zeros(whole.shape[1])
    for _ in range(iterations):
        root = np.sqrt(mu)
        response = index + y / mu - 1.0
        found = np.linalg.lstsq(whole * root[:, None], response * root, rcond=1e-13)[0]
        new = whole @ found
        # From far away a full step can overshoot; the likelihood is concave, so a part will do.
        move = np.clip(new - index, -5.0, 5.0)
        index = index + move
        mu = np.exp(index)
        if np.max(np.abs(move)) < tolerance:
            break
    return found[: x.shape[1]], mu
