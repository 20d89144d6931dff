"""A Newton step for all bushes at once.

At every node with flow, the arc that carries most of it is basic; the basic arcs make a tree.
Every other arc of the bush that is used, or would be, closes a cycle with the tree. The costs are
taken as linear, the flows around all cycles that minimise the total within what the arcs carry
are found (`cycle_flows`), and flow goes towards them as far as Beckmann's objective falls. Near
the equilibrium the gap falls quadratically, where shifts in one bush after the other undo part of
each other's work.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from entrepot.kernels.arrays import FloatArray, Int32Array, IntArray
from entrepot.kernels.assignment.bush import Bushes, Demand, Roads
from entrepot.kernels.assignment.cycle_flows import Cycles, move_flow
from entrepot.kernels.assignment.link_costs import LinkCosts, cost_and_slope

MOST_TURNS = 20  # of the search along the step
ENOUGH = 0.1  # of the rate at which the objective falls may be left


@njit(cache=True, nogil=True)
def newton_step(
    bushes: Bushes,
    demand: Demand,
    costs: LinkCosts,
    roads: Roads,
    rounds: int,
    gradients: int,
    enough: float,
) -> tuple[int, float]:
    """Make the step; gives the number of cycles and the share of the step that was made."""
    n_row = len(demand.origin)
    first_node = np.zeros(n_row + 1, dtype=np.int64)
    first_entry = np.zeros(n_row + 1, dtype=np.int64)
    for r in range(n_row):
        active = bushes.size[r, 0]
        first_node[r + 1] = first_node[r] + active
        first_entry[r + 1] = first_entry[r] + bushes.start[r, active]
    cycles = _cycles(bushes, demand, roads, first_node, first_entry)
    if len(cycles.gap) == 0:
        return 0, 0.0
    flow = np.empty(first_entry[n_row])
    for r in range(n_row):
        begin, end = first_entry[r], first_entry[r + 1]
        flow[begin:end] = bushes.flow[r, : end - begin]
    change = move_flow(cycles, roads.slope, flow, rounds, gradients, enough)
    own = 0.0
    for r in range(n_row):
        extra = roads.extra[demand.kind[r]]
        for i in range(first_entry[r], first_entry[r + 1]):
            e = i - first_entry[r]
            own += (flow[i] - bushes.flow[r, e]) * extra[bushes.arc[r, e]]
    share = _search(costs, roads, change, own)
    if share > 0.0:
        for r in range(n_row):
            for i in range(first_entry[r], first_entry[r + 1]):
                e = i - first_entry[r]
                old = bushes.flow[r, e]
                bushes.flow[r, e] = flow[i] if share == 1.0 else old + share * (flow[i] - old)
        for a in range(len(change)):
            if change[a] != 0.0:
                roads.volume[a] += share * change[a]
                c, roads.slope[a] = cost_and_slope(costs, a, roads.volume[a])
                for q in range(len(roads.price)):
                    roads.price[q, a] = c + roads.extra[q, a]
    return len(cycles.gap), share


@njit(cache=True, nogil=True)
def _cycles(
    bushes: Bushes, demand: Demand, roads: Roads, first_node: IntArray, first_entry: IntArray
) -> Cycles:
    """Choose basic entries and list the cycles of the others."""
    basic = np.zeros(first_node[-1], dtype=np.int32)
    # Two passes: the first counts, so that no more memory is taken than needed.
    arc, entry = np.empty(0, dtype=np.int32), np.empty(0, dtype=np.int32)
    start, turn = np.zeros(1, dtype=np.int32), np.empty(0, dtype=np.int32)
    gap, bend = np.empty(0), np.empty(0)
    label = np.empty(bushes.node.shape[1])
    for is_counting in (True, False):
        n, steps, peak = 0, 0, 0
        for r in range(len(demand.origin)):
            price, offset = roads.price[demand.kind[r]], first_node[r]
            row_start, row_arc, row_tail = bushes.start[r], bushes.arc[r], bushes.tail[r]
            flow = bushes.flow[r]
            label[0] = 0.0
            for k in range(1, bushes.size[r, 0]):
                first, end = row_start[k], row_start[k + 1]
                if is_counting:
                    basic[offset + k] = _largest(first, end, row_arc, row_tail, flow, price, label)
                b = basic[offset + k]
                label[k] = label[row_tail[b]] + price[row_arc[b]]
                for e in range(first, end):
                    is_open = flow[e] > 0.0 or (
                        flow[b] > 0.0 and label[row_tail[e]] + price[row_arc[e]] < label[k]
                    )
                    if e == b or not is_open:
                        continue
                    dear, cheap = row_tail[e], row_tail[b]
                    while dear != cheap:
                        if dear > cheap:
                            dear = row_tail[basic[offset + dear]]
                        else:
                            cheap = row_tail[basic[offset + cheap]]
                    begin, cost, curve = steps, 0.0, 0.0
                    for side in range(2):
                        at, sign = (e, 1.0) if side == 0 else (b, -1.0)
                        while True:
                            if not is_counting:
                                arc[steps] = row_arc[at]
                                entry[steps] = first_entry[r] + at
                            steps += 1
                            cost += sign * price[row_arc[at]]
                            curve += roads.slope[row_arc[at]]
                            if row_tail[at] == dear:
                                break
                            at = basic[offset + row_tail[at]]
                        if side == 0 and not is_counting:
                            turn[n] = steps
                    peak = max(peak, steps)
                    # Where no cost of a cycle grows there is nothing to model; shifts see to it.
                    if curve <= 0.0:
                        steps = begin
                        continue
                    if not is_counting:
                        gap[n], bend[n], start[n + 1] = cost, curve, steps
                    n += 1
        if is_counting:
            # A cycle that is left out may write beyond those that stay.
            arc, entry = np.empty(peak, dtype=np.int32), np.empty(peak, dtype=np.int32)
            start, turn = np.zeros(n + 1, dtype=np.int32), np.empty(n + 1, dtype=np.int32)
            gap, bend = np.empty(n), np.empty(n)
    return Cycles(arc, entry, start, turn, gap, bend)


@njit(cache=True, nogil=True, inline="always")
def _largest(
    first: int,
    end: int,
    arc: Int32Array,
    tail: Int32Array,
    flow: FloatArray,
    price: FloatArray,
    label: FloatArray,
) -> int:
    """The entry with the most flow; without any, the cheapest."""
    best, most = first, flow[first]
    for e in range(first + 1, end):
        if flow[e] > most:
            best, most = e, flow[e]
    if most <= 0.0:
        low = np.inf
        for e in range(first, end):
            if label[tail[e]] + price[arc[e]] < low:
                best, low = e, label[tail[e]] + price[arc[e]]
    return best


@njit(cache=True, nogil=True)
def _search(costs: LinkCosts, roads: Roads, change: FloatArray, own: float) -> float:
    """Share of a step at which Beckmann's objective stops falling; at most all of it."""
    base = roads.price[0] - roads.extra[0]
    falls = own
    for a in range(len(change)):
        falls += base[a] * change[a]
    if falls >= 0.0:
        return 0.0
    share, low, high = 1.0, 0.0, 1.0
    at_low, at_high = falls, 0.0
    for turn in range(MOST_TURNS):
        rate = own
        for a in range(len(change)):
            if change[a] != 0.0:
                c, _ = cost_and_slope(costs, a, roads.volume[a] + share * change[a])
                rate += c * change[a]
        if (turn == 0 and rate <= 0.0) or abs(rate) <= -ENOUGH * falls:
            break
        if rate > 0.0:
            high, at_high = share, rate
        else:
            low, at_low = share, rate
        # False position, kept off the ends.
        share = low + (high - low) * min(0.9, max(0.1, at_low / (at_low - at_high)))
    return share
