"""Draws of what the trade block is not sure of, from standard normals by name.

Positive quantities that are multiplied (elasticities, values per tonne) spread in logs, shares
that may be zero (duties, payment) in levels; P10, P50 and P90 are met either way.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from entrepot.trade.ranges import FloatArray, Range

Z90 = 1.2815515655446004  # P90 of a standard normal
Normal = Callable[[str, str, float], FloatArray]


def in_levels(z: float, given: Range) -> FloatArray:
    """One draw of shares, zero at least; z standard normal, the same for all cells."""
    side = given.high - given.mid if z > 0 else given.mid - given.low
    return np.asarray(np.maximum(given.mid + z / Z90 * side, 0.0))


def in_logs(z: FloatArray, given: Range) -> FloatArray:
    """One draw of positive values; z of the shape of the range."""
    side = np.where(z > 0, np.log(given.high / given.mid), np.log(given.mid / given.low))
    return np.asarray(given.mid * np.exp(z / Z90 * side))
