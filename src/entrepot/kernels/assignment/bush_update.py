"""New arcs for bushes, and exact least labels (Dial 2006; Nie 2010).

Unused arcs leave a bush unless they are the cheapest route to a node. With the most labels U of
what is left, arc (i, j) may enter where U_i + cost < U_j: labels rise along old arcs and rise
strictly along new ones, so no cycle can close.

The least labels of the bush are upper bounds of the least cost. They are lowered until no arc of
the whole network can lower any, which proves them to be the least cost; from a bush that is
nearly right this takes little more than one look at every arc.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from entrepot.kernels.arrays import BoolArray, FloatArray, Int32Array
from entrepot.kernels.assignment.bush import Bushes, BushNetwork, Demand, lay_out


@njit(cache=True, nogil=True)
def update(
    bushes: Bushes,
    net: BushNetwork,
    demand: Demand,
    price: FloatArray,
    first: int,
    end: int,
    least_total: FloatArray,
) -> None:
    """Update the bushes of rows first .. end - 1.

    price       : (n_kind, n_arc)
    least_total : (n_row,) demand times least cost, written
    """
    n, m = len(net.in_start) - 1, len(net.tail)
    least, most = np.empty(n), np.empty(n)
    only, place = np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int32)
    stack, cursor = np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int32)
    is_kept, arc_flow = np.zeros(m, dtype=np.bool_), np.zeros(m)
    for r in range(first, end):
        cost = price[demand.kind[r]]
        _label(bushes, r, cost, least, most, only, place, is_kept, arc_flow)
        _widen(bushes, r, net, cost, least, most, only, place, is_kept, stack, cursor)
        total, lost = 0.0, 0.0
        for d in range(demand.start[r], demand.start[r + 1]):
            # Compensated, because the gap is the difference of two sums that hardly differ.
            term = demand.amount[d] * least[demand.destination[d]] - lost
            new = total + term
            lost = (new - total) - term
            total = new
        least_total[r] = total
        lay_out(bushes, r, net, demand, is_kept, only, arc_flow, place, stack, cursor)
        is_kept[:] = False
        for e in range(bushes.start[r, bushes.size[r, 0]]):
            arc_flow[bushes.arc[r, e]] = 0.0


@njit(cache=True, nogil=True)
def _label(
    bushes: Bushes,
    r: int,
    cost: FloatArray,
    least: FloatArray,
    most: FloatArray,
    only: Int32Array,
    place: Int32Array,
    is_kept: BoolArray,
    arc_flow: FloatArray,
) -> None:
    """Labels by node over what stays of a bush, which is marked as kept."""
    node, start, arc, tail = bushes.node[r], bushes.start[r], bushes.arc[r], bushes.tail[r]
    flow = bushes.flow[r]
    least[:] = np.inf
    most[:] = np.inf
    only[:] = -1
    place[:] = -1
    least[node[0]], most[node[0]], place[node[0]] = 0.0, 0.0, 0
    active, count = bushes.size[r, 0], bushes.size[r, 1]
    for k in range(1, active):
        low, high, best = np.inf, -1.0, start[k]
        for e in range(start[k], start[k + 1]):
            a, t = arc[e], node[tail[e]]
            if least[t] + cost[a] < low:
                low = least[t] + cost[a]
                best = e
            if flow[e] > 0.0:
                high = max(high, most[t] + cost[a])
                is_kept[a] = True
                arc_flow[a] = flow[e]
        v, a = node[k], arc[best]
        is_kept[a] = True
        least[v], most[v] = low, max(high, most[node[tail[best]]] + cost[a])
        only[v], place[v] = a, k
    for k in range(active, count):
        e = start[k]
        v, a, t = node[k], arc[e], node[tail[e]]
        is_kept[a] = True
        least[v], most[v] = least[t] + cost[a], most[t] + cost[a]
        only[v], place[v] = a, k


@njit(cache=True, nogil=True)
def _widen(
    bushes: Bushes,
    r: int,
    net: BushNetwork,
    cost: FloatArray,
    least: FloatArray,
    most: FloatArray,
    only: Int32Array,
    place: Int32Array,
    is_kept: BoolArray,
    queue: Int32Array,
    is_queued: Int32Array,
) -> None:
    """Keep arcs that may enter, and lower the least labels to the least cost."""
    n = len(queue)
    is_queued[:] = 0
    first, last, waiting = 0, 0, 0
    for k in range(bushes.size[r, 1]):
        v = bushes.node[r, k]
        low, high = least[v], most[v]
        for i in range(net.out_start[v], net.out_start[v + 1]):
            a, u = net.out_arc[i], net.out_head[i]
            c = cost[a]
            may_enter = high + c < most[u]
            if may_enter:
                is_kept[a] = True
            if low + c < least[u]:
                least[u] = low + c
                if may_enter:
                    only[u] = a
                # Those later in the order have their turn anyway.
                if place[u] < k and is_queued[u] == 0:
                    is_queued[u] = 1
                    queue[last] = u
                    last = last + 1 if last + 1 < n else 0
                    waiting += 1
    while waiting > 0:
        v = queue[first]
        first = first + 1 if first + 1 < n else 0
        waiting -= 1
        is_queued[v] = 0
        low = least[v]
        for i in range(net.out_start[v], net.out_start[v + 1]):
            u = net.out_head[i]
            reached = low + cost[net.out_arc[i]]
            if reached < least[u]:
                least[u] = reached
                if is_queued[u] == 0:
                    is_queued[u] = 1
                    queue[last] = u
                    last = last + 1 if last + 1 < n else 0
                    waiting += 1
