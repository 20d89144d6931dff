"""The passes over rows behind `ppml`; names of arrays as there and in `absorb`."""

from __future__ import annotations

import numpy as np
from numba import njit

from entrepot.kernels.arrays import FloatArray, Int32Array, IntArray


@njit(cache=True, nogil=True)
def add_values(place: Int32Array, values: FloatArray, total: FloatArray) -> None:
    """Sum of values by stacked level."""
    for r in range(len(values)):
        for f in range(place.shape[1]):
            total[place[r, f]] += values[r]


@njit(cache=True, nogil=True)
def moments(weight: FloatArray, columns: FloatArray) -> tuple[float, FloatArray, FloatArray]:
    """Sum of weights, weighted sums and weighted sums of squares of (n, k) columns."""
    whole = 0.0
    first, second = np.zeros(columns.shape[1]), np.zeros(columns.shape[1])
    for r in range(len(weight)):
        whole += weight[r]
        for c in range(columns.shape[1]):
            value = weight[r] * columns[r, c]
            first[c] += value
            second[c] += value * columns[r, c]
    return whole, first, second


@njit(cache=True, nogil=True)
def deviance(target: FloatArray, index: FloatArray, mu: FloatArray) -> float:
    """Twice the log likelihood that is missing to a perfect fit."""
    whole, lost = 0.0, 0.0
    for r in range(len(target)):
        y = target[r]
        term = mu[r] - y
        if y > 0.0:
            term += y * (np.log(y) - index[r])
        # Compensated: the deviance is compared between steps that hardly differ.
        term -= lost
        new = whole + term
        lost = (new - whole) - term
        whole = new
    return 2.0 * whole


@njit(cache=True, nogil=True, fastmath={"contract"})
def direction(
    start: IntArray,
    place: Int32Array,
    plain: bool,
    weight: FloatArray,
    columns: FloatArray,
    delta: FloatArray,
    stack: FloatArray,
    main: FloatArray,
    out: FloatArray,
) -> None:
    """Change of the linear index: regressors, stacked effects, and what is left to the main one."""
    k = len(delta)
    for g in range(len(start) - 1):
        whole, inner = 0.0, 0.0
        for r in range(start[g], start[g + 1]):
            value = 0.0
            for f in range(place.shape[1]):
                value += stack[place[r, f]]
            inner += weight[r] * value
            whole += weight[r]
            for c in range(k):
                value += columns[r, c] * delta[c]
            out[r] = value
        if not plain:
            own = main[g] - inner / whole
            for r in range(start[g], start[g + 1]):
                out[r] += own
