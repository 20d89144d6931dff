"""Draws of what the trade block is not sure of, from standard normals by the name of their source.

Positive quantities that are multiplied (elasticities, values per tonne) spread in logs, shares
that may be zero (duties, payment) in levels; P10, P50 and P90 are met either way.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from entrepot.kernels.arrays import FloatArray
from entrepot.uncertainty.ranges import Z90, Range
from entrepot.uncertainty.sampler import Sampler, joined


def in_levels(z: float, given: Range[FloatArray], *, bounded: bool = False) -> FloatArray:
    """One draw of shares, zero at least; z standard normal, the same for all cells.

    bounded : low and high are the least and the most there can be, and no percentiles
    """
    side = given.high - given.mid if z > 0 else given.mid - given.low
    drawn = np.maximum(given.mid + z / Z90 * side, 0.0)
    return np.asarray(np.clip(drawn, given.low, given.high) if bounded else drawn)


def in_logs(z: FloatArray, given: Range[FloatArray]) -> FloatArray:
    """One draw of positive values; z of the shape of the range."""
    side = np.where(z > 0, np.log(given.high / given.mid), np.log(given.mid / given.low))
    return np.asarray(given.mid * np.exp(z / Z90 * side))


def theta_draws(
    sampler: Sampler, sectors: Sequence[str], given: Range[FloatArray], correlation: float
) -> FloatArray:
    """(D, J) trade elasticities; the errors of different sectors have a common cause."""
    own = sampler.normals([f"theta:{s}" for s in sectors])
    z = joined(sampler.normal("theta:all"), own, correlation).T
    return np.stack([in_logs(row, given) for row in z])
