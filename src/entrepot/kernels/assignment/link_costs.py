"""Link costs that grow with the flow (Bureau of Public Roads 1964) and Beckmann's objective.

    t(x) = fixed + growth (x / capacity)^power
    z(x) = integral of t from 0 to x = fixed x + growth x (x / capacity)^power / (power + 1)

A link with growth or power of zero has a constant cost. A link that grows but has no capacity is
closed: no finite flow on it costs a finite time. Slopes are dt/dx.
"""

from __future__ import annotations

from math import fsum
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from entrepot.kernels.arrays import FloatArray, Int32Array

MOST_WHOLE = 16  # powers above are left to the general function
# A power below one has an infinite slope at no flow; Newton's method takes the one a little on.
LEAST_RATIO = 1e-9


class LinkCosts(NamedTuple):
    """Parameters of t(x), each (n_link,).

    fixed   : cost without flow, infinite on a closed link
    growth  : what is added at a flow of one capacity; zero where the cost is constant
    inverse : 1 / capacity, zero where the cost is constant
    power   : exponent
    whole   : the exponent where it is a small whole number, else -1
    """

    fixed: FloatArray
    growth: FloatArray
    inverse: FloatArray
    power: FloatArray
    whole: Int32Array

    def take(self, links: NDArray[np.integer] | NDArray[np.bool_]) -> LinkCosts:
        """The same for some links, in the order given."""
        return LinkCosts(
            self.fixed[links],
            self.growth[links],
            self.inverse[links],
            self.power[links],
            self.whole[links],
        )


def link_costs(
    free_flow_time: ArrayLike,
    b: ArrayLike,
    capacity: ArrayLike,
    power: ArrayLike,
    extra: ArrayLike = 0.0,
) -> LinkCosts:
    """Costs t0 (1 + b (x / capacity)^power) + extra; extra holds tolls and the like."""
    t0 = np.atleast_1d(np.asarray(free_flow_time, dtype=np.float64))
    b, capacity, power, extra = (
        np.broadcast_to(np.asarray(a, dtype=np.float64), t0.shape)
        for a in (b, capacity, power, extra)
    )
    fixed, growth = t0 + extra, t0 * b
    for name, values in (
        ("free-flow time and extra cost", fixed),
        ("free-flow time times b", growth),
        ("capacity", capacity),
        ("power", power),
    ):
        bad = np.flatnonzero(~((values >= 0.0) & np.isfinite(values)))
        if len(bad):
            raise ValueError(
                f"The {name} of link {bad[0]} is {values[bad[0]]:g}: zero or more and finite "
                "is wanted."
            )
    grows = (growth > 0.0) & (power > 0.0)
    fixed = np.where((growth > 0.0) & (power == 0.0), fixed + growth, fixed)
    fixed = np.where(grows & (capacity == 0.0), np.inf, fixed)
    grows &= capacity > 0.0
    inverse = np.divide(1.0, capacity, out=np.zeros_like(t0), where=grows)
    is_whole = (power == np.round(power)) & (power <= MOST_WHOLE)
    whole = np.where(is_whole, power, -1.0).astype(np.int32)
    return LinkCosts(
        fixed, np.where(grows, growth, 0.0), inverse, np.where(grows, power, 1.0), whole
    )


def costs_at(costs: LinkCosts, flow: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Cost and slope of every link at its flow."""
    cost, slope = np.empty(len(flow)), np.empty(len(flow))
    fill(costs, np.ascontiguousarray(flow, dtype=np.float64), cost, slope)
    return cost, slope


def beckmann(costs: LinkCosts, flow: FloatArray) -> float:
    """Sum of the integrals of the costs from no flow to the flow; the sum is rounded once."""
    flow = np.maximum(flow, 0.0)
    is_used = flow > 0.0
    flow, costs = flow[is_used], costs.take(is_used)
    ratio = flow * costs.inverse
    grown = costs.growth * flow * ratio**costs.power / (costs.power + 1.0)
    return fsum([*(costs.fixed * flow).tolist(), *grown.tolist()])


@njit(cache=True, nogil=True, inline="always")
def cost_and_slope(costs: LinkCosts, a: int, flow: float) -> tuple[float, float]:
    """Cost and slope of link a."""
    fixed, growth = costs.fixed[a], costs.growth[a]
    if growth == 0.0:
        return fixed, 0.0
    ratio = max(flow, 0.0) * costs.inverse[a]
    whole = costs.whole[a]
    if whole == 4:
        below = ratio * ratio * ratio
    elif whole > 0:
        below = 1.0
        for _ in range(whole - 1):
            below *= ratio
    else:
        near = max(ratio, LEAST_RATIO)
        power = costs.power[a]
        raised = near**power
        slope = growth * power * raised / near * costs.inverse[a]
        if ratio < near:
            raised = ratio**power
        return fixed + growth * raised, slope
    return fixed + growth * below * ratio, growth * whole * below * costs.inverse[a]


@njit(cache=True, nogil=True)
def fill(costs: LinkCosts, flow: FloatArray, cost: FloatArray, slope: FloatArray) -> None:
    """Write costs and slopes of all links."""
    for a in range(len(flow)):
        cost[a], slope[a] = cost_and_slope(costs, a, flow[a])
