"""Newton shifts within bushes, one row after the other (Algorithm B: Dial 2006; Nie 2010).

At every node that flow enters by more than one arc, the dearest used route from the origin and the
cheapest route are followed back to where they part. The shift that makes the two segments equally
dear is found by Newton's method, within what the segments carry; other origins see the new costs
at once.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from entrepot.kernels.arrays import FloatArray, Int32Array
from entrepot.kernels.assignment.bush import Bushes, Demand, Roads
from entrepot.kernels.assignment.link_costs import LinkCosts, cost_and_slope

MOST_STEPS = 4  # of Newton's method in one shift
ENOUGH = 0.1  # of the difference in cost may be left by them


@njit(cache=True, nogil=True)
def sweep(bushes: Bushes, demand: Demand, costs: LinkCosts, roads: Roads) -> None:
    """One shift at every node of every bush."""
    n = bushes.node.shape[1]
    least, most = np.empty(n), np.empty(n)
    by_least, by_most = np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int32)
    dearest = np.empty(n, dtype=np.int32)
    dear, cheap = np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int32)
    for r in range(len(demand.origin)):
        count, price = bushes.size[r, 0], roads.price[demand.kind[r]]
        _label(bushes, r, price, least, most, by_least, by_most, dearest)
        for k in range(count - 1, 0, -1):
            if dearest[k] >= 0:
                _shift(
                    bushes, r, k, dearest[k], by_least, by_most, price, costs, roads, dear, cheap
                )


@njit(cache=True, nogil=True)
def _label(
    bushes: Bushes,
    r: int,
    cost: FloatArray,
    least: FloatArray,
    most: FloatArray,
    by_least: Int32Array,
    by_most: Int32Array,
    dearest: Int32Array,
) -> None:
    """Labels of nodes on the way to a destination.

    by_least, by_most : entries by which the least label, and the most over used arcs, come about
    dearest           : the dearest used entry that is not by_least, -1 where there is none
    """
    start, arc, tail, flow = bushes.start[r], bushes.arc[r], bushes.tail[r], bushes.flow[r]
    least[0], most[0] = 0.0, 0.0
    for k in range(1, bushes.size[r, 0]):
        first, end = start[k], start[k + 1]
        dearest[k] = -1
        if end == first + 1:
            c, t = cost[arc[first]], tail[first]
            least[k], most[k] = least[t] + c, most[t] + c
            by_least[k], by_most[k] = first, first
            continue
        low, high, second = np.inf, -1.0, -1.0
        cheapest, highest, next_highest = first, -1, -1
        for e in range(first, end):
            c, t = cost[arc[e]], tail[e]
            reached = least[t] + c
            if reached < low:
                low, cheapest = reached, e
            if flow[e] > 0.0:
                reached = most[t] + c
                if reached > high:
                    second, next_highest = high, highest
                    high, highest = reached, e
                elif reached > second:
                    second, next_highest = reached, e
        if highest < 0:
            high, highest = low, cheapest
        else:
            dearest[k] = next_highest if highest == cheapest else highest
        least[k], most[k] = low, high
        by_least[k], by_most[k] = cheapest, highest


@njit(cache=True, nogil=True)
def _shift(
    bushes: Bushes,
    r: int,
    k: int,
    e: int,
    by_least: Int32Array,
    by_most: Int32Array,
    price: FloatArray,
    costs: LinkCosts,
    roads: Roads,
    dear: Int32Array,
    cheap: Int32Array,
) -> None:
    """Shift between entry e of node k and the cheapest. dear, cheap: scratch for the segments."""
    arc, tail, flow = bushes.arc[r], bushes.tail[r], bushes.flow[r]
    slope, volume = roads.slope, roads.volume
    c = by_least[k]
    dear[0], cheap[0] = e, c
    n_dear, n_cheap = 1, 1
    gap, bend = price[arc[e]] - price[arc[c]], slope[arc[e]] + slope[arc[c]]
    most, least = flow[e], -flow[c]
    from_dear, from_cheap = tail[e], tail[c]
    while from_dear != from_cheap:
        # The later of the two in the order cannot come before the other.
        if from_dear > from_cheap:
            e = by_most[from_dear]
            dear[n_dear] = e
            n_dear += 1
            gap += price[arc[e]]
            bend += slope[arc[e]]
            most = min(most, flow[e])
            from_dear = tail[e]
        else:
            c = by_least[from_cheap]
            cheap[n_cheap] = c
            n_cheap += 1
            gap -= price[arc[c]]
            bend += slope[arc[c]]
            least = max(least, -flow[c])
            from_cheap = tail[c]
    shifted = 0.0
    for _ in range(MOST_STEPS):
        if gap == 0.0:
            return
        step = gap / bend if bend > 0.0 else np.copysign(np.inf, gap)
        goal = min(max(shifted + step, least), most)
        step = goal - shifted
        if step == 0.0:
            return
        before, gap, bend = gap, 0.0, 0.0
        for i in range(n_dear):
            a = arc[dear[i]]
            flow[dear[i]] -= step
            volume[a] -= step
            _set_price(costs, roads, a)
            gap += price[a]
            bend += slope[a]
        for i in range(n_cheap):
            a = arc[cheap[i]]
            flow[cheap[i]] += step
            volume[a] += step
            _set_price(costs, roads, a)
            gap -= price[a]
            bend += slope[a]
        shifted = goal
        if abs(gap) < ENOUGH * abs(before):
            return
        # The shift sought lies between these two.
        if gap > 0.0:
            least = goal
        else:
            most = goal


@njit(cache=True, nogil=True, inline="always")
def _set_price(costs: LinkCosts, roads: Roads, a: int) -> None:
    c, roads.slope[a] = cost_and_slope(costs, a, roads.volume[a])
    for q in range(len(roads.price)):
        roads.price[q, a] = c + roads.extra[q, a]
