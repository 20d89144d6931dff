"""A positive quantity known by P10, P50 and P90: a log-normal with a side of its own each way.

ln x = ln p50 + z * ln(p50 / p10) / 1.2816 for z < 0 and ln p50 + z * ln(p90 / p50) / 1.2816 for
z > 0, with z standard normal. The three percentiles are met exactly, the long right tail of
border and port waits is kept, and a draw is one exponential.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from entrepot.kernels.arrays import FloatArray
from entrepot.uncertainty.ranges import Z90


def log_sides(p10: FloatArray, p50: FloatArray, p90: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Scale of ln x below and above the median; zero where the median is zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        low = np.where((p50 > 0) & (p10 > 0), np.log(p50 / p10) / Z90, 0.0)
        high = np.where(p50 > 0, np.log(np.maximum(p90, p50) / p50) / Z90, 0.0)
    return np.nan_to_num(low), np.nan_to_num(high)


def mean_ratio(low: FloatArray, high: FloatArray) -> FloatArray:
    """Mean over the median."""
    return np.asarray(np.exp(low**2 / 2) * ndtr(-low) + np.exp(high**2 / 2) * ndtr(high))


def factor(z: FloatArray, low: float, high: float) -> FloatArray:
    """Draws over the median. z: (n,) standard normals; low, high: the two scales."""
    return np.exp(z * np.where(z < 0, low, high))
