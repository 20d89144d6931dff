"""Proof of what an assignment is worth, from its flows alone.

    relative gap = (sum of volume x cost - sum of trips x least cost) / sum of volume x cost

The least costs are found anew by Dijkstra's method, and both sums are carried in two words each,
because near the equilibrium they agree in nearly all digits of one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from entrepot.kernels.arrays import FloatArray
from entrepot.kernels.assignment.problem import AssignmentProblem, least_costs

SPLITTER = 134217729.0  # 2^27 + 1 cuts a number into two halves whose products are exact


@dataclass(frozen=True, slots=True)
class Certificate:
    """What the flows are.

    gap          : relative gap
    excess_cost  : average excess cost of a trip over its cheapest route
    total_cost   : sum of volume x cost
    least_cost   : sum of trips x least cost
    node_balance : largest difference at a node between what enters with what begins there and
                   what leaves with what ends there
    loaded       : trips that leave their origins
    """

    gap: float
    excess_cost: float
    total_cost: float
    least_cost: float
    node_balance: float
    loaded: float


def certify(
    problem: AssignmentProblem, volumes: FloatArray, price: FloatArray, threads: int | None = None
) -> Certificate:
    """Certificate of volumes and costs at them, both (n_kind, n_arc)."""
    net, demand = problem.net, problem.demand
    dist, _ = least_costs(net, price, demand.kind, demand.origin, threads)
    row = np.repeat(np.arange(len(demand.origin)), np.diff(demand.start))
    least = dist[row, demand.destination]
    gap, total = relative_gap(volumes.ravel(), price.ravel(), demand.amount, least)
    asked = float(demand.amount.sum())
    head = np.repeat(np.arange(len(net.in_start) - 1), np.diff(net.in_start))
    balance, loaded = 0.0, 0.0
    for q in range(len(volumes)):
        own = demand.kind[row] == q
        start = demand.origin[row[own]]
        left = _summed(
            (head, volumes[q]),
            (net.tail, -volumes[q]),
            (start, demand.amount[own]),
            (demand.destination[own], -demand.amount[own]),
            size=len(net.in_start) - 1,
        )
        balance = max(balance, float(np.abs(left).max(initial=0.0)))
        # What leaves an origin and did not come from elsewhere.
        begins = np.zeros(len(net.in_start) - 1, dtype=bool)
        begins[start] = True
        loaded += float(volumes[q][begins[net.tail]].sum() - volumes[q][begins[head]].sum())
        ends_at_origin = begins[demand.destination[own]]
        loaded += float(demand.amount[own][ends_at_origin].sum())
    return Certificate(
        gap, gap * total / asked if asked else 0.0, total, total * (1.0 - gap), balance, loaded
    )


def relative_gap(
    volume: FloatArray, cost: FloatArray, amount: FloatArray, least: FloatArray
) -> tuple[float, float]:
    """Relative gap, zero where rounding would make it negative, and total cost."""
    total, total_rest = exact_dot(volume, cost)
    low, low_rest = exact_dot(amount, least)
    if total <= 0.0:
        return 0.0, 0.0
    return max(((total - low) + (total_rest - low_rest)) / total, 0.0), total


def _summed(*parts: tuple[np.ndarray, FloatArray], size: int) -> FloatArray:
    """Sums by node of values at nodes, rounded once or nearly so."""
    total, rest = np.zeros(size), np.zeros(size)
    for place, value in parts:
        _add_at(total, rest, place, np.ascontiguousarray(value))
    return total + rest


@njit(cache=True, nogil=True)
def _add_at(total: FloatArray, rest: FloatArray, place: np.ndarray, value: FloatArray) -> None:
    for i in range(len(value)):
        v = place[i]
        new = total[v] + value[i]
        part = new - total[v]
        rest[v] += (total[v] - (new - part)) + (value[i] - part)
        total[v] = new


@njit(cache=True, nogil=True)
def exact_dot(a: FloatArray, b: FloatArray) -> tuple[float, float]:
    """Sum of products in two words (Dekker 1971; Ogita, Rump and Oishi 2005)."""
    total, rest = 0.0, 0.0
    for i in range(len(a)):
        product = a[i] * b[i]
        cut = SPLITTER * a[i]
        a_high = cut - (cut - a[i])
        a_low = a[i] - a_high
        cut = SPLITTER * b[i]
        b_high = cut - (cut - b[i])
        b_low = b[i] - b_high
        lost = a_low * b_low - (((product - a_high * b_high) - a_low * b_high) - a_high * b_low)
        new = total + product
        part = new - total
        rest += (total - (new - part)) + (product - part) + lost
        total = new
    return total, rest
