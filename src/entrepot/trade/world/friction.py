"""What paying costs a pair: how much more separates it than pairs alike, within published bounds.

The excess of the inverse-gravity cost over that of pairs alike holds payment, risk, law, and whatever
else is odd about the pair, its duties and its roads too. So it only chooses the middle value, and the
published fees and premia bound it: the range is theirs and never narrower.
"""

from __future__ import annotations

import numpy as np

from entrepot.kernels.arrays import FloatArray
from entrepot.trade.world.inverse_gravity import FEWEST, Comparison
from entrepot.uncertainty.ranges import Range


def estimated_friction(
    bounds: Range[FloatArray], comparison: Comparison, theta: float
) -> Range[FloatArray]:
    """(J, N, N) shares of the value; zero where no bounds are published.

    bounds : (J, N, N) published low, middle and high
    theta  : elasticity that turns the excess of phi into a cost
    Pairs without trade in one direction have no excess and keep the published middle; so do all where
    too few pairs can be compared.
    """
    if len(comparison.residuals) < FEWEST:
        return bounds
    typical = float(np.median(comparison.residuals))
    excess = np.expm1((comparison.excess - typical) / theta)
    middle = np.clip(excess, bounds.low, bounds.high)
    known = np.isfinite(excess) & (bounds.high > 0)
    return Range(bounds.low, np.where(known, middle, bounds.mid), bounds.high)
