"""What paying costs a pair: how much more separates it than pairs alike, within published bounds.

The excess of the inverse-gravity cost over that of pairs alike holds payment, risk, law and all
else that is peculiar to the pair. Published fees and premia bound what of it can be payment: where
the excess lies between them it is the estimate, where it lies outside the nearer bound is.
"""

from __future__ import annotations

import numpy as np

from entrepot.trade.inverse_gravity import FEWEST, Comparison
from entrepot.trade.ranges import FloatArray, Range


def estimated_friction(bounds: Range, comparison: Comparison, theta: float) -> Range:
    """(J, N, N) shares of the value; zero where no bounds are published.

    bounds : (J, N, N) published low, middle and high
    theta  : elasticity that turns the excess of phi into a cost
    Where too few pairs can be compared, the published figures stand.
    Pairs without trade in one direction have no excess and keep the published middle.
    """
    if len(comparison.residuals) < FEWEST:
        return bounds
    low, mid, high = np.percentile(comparison.residuals, (90.0, 50.0, 10.0))

    def within(typical: float, otherwise: FloatArray) -> FloatArray:
        excess = np.expm1((comparison.excess - typical) / theta)
        found = np.clip(excess, bounds.low, bounds.high)
        return np.asarray(np.where(np.isfinite(excess) & (bounds.high > 0), found, otherwise))

    return Range(
        within(float(low), bounds.low),
        within(float(mid), bounds.mid),
        within(float(high), bounds.high),
    )
