"""Bushes: acyclic sets of arcs, one for each origin, that carry its flow (Dial 2006; Nie 2010).

A bush is kept as flat rows in topological order, so that labels are found in one pass through
memory without a heap. Node k of a bush has the entries start[k] .. start[k + 1] - 1, each an arc
that enters it: its number, the place of its tail in the order, and the flow of the origin on it.

Nodes from which a destination can be reached come first. Only they can carry flow, so passes that
shift flow end there; every other node keeps the single arc by which it is reached.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from entrepot.kernels.arrays import BoolArray, FloatArray, Int32Array

# A share of a node's flow this small is what rounding left of none.
NO_SHARE = 1e-14


class BushNetwork(NamedTuple):
    """A graph from both ends. Arcs are numbered by head, so that those into a node are together.

    in_start  : (n_node + 1,) first arc into each node
    tail      : (n_arc,)
    out_start : (n_node + 1,) first place of each node in the two below
    out_arc   : (n_arc,) arcs by tail
    out_head  : (n_arc,) their heads
    """

    in_start: Int32Array
    tail: Int32Array
    out_start: Int32Array
    out_arc: Int32Array
    out_head: Int32Array


class Demand(NamedTuple):
    """What is to be carried, by rows of one origin and one class. Every pair is connected.

    origin      : (n_row,) node
    kind        : (n_row,) class
    start       : (n_row + 1,) first pair of each row
    destination : (n_pair,) node
    amount      : (n_pair,) above zero
    """

    origin: Int32Array
    kind: Int32Array
    start: Int32Array
    destination: Int32Array
    amount: FloatArray


class Bushes(NamedTuple):
    """Bushes of all rows of the demand, with room for any. Only what is used is ever touched.

    size  : (n_row, 2) nodes on the way to a destination, and nodes in all
    node  : (n_row, n_node) nodes in topological order, the origin first
    start : (n_row, n_node + 1) first entry of each node
    arc   : (n_row, n_arc) arc of each entry
    tail  : (n_row, n_arc) place of the arc's tail in the order
    flow  : (n_row, n_arc) flow on it
    """

    size: Int32Array
    node: Int32Array
    start: Int32Array
    arc: Int32Array
    tail: Int32Array
    flow: FloatArray


class Roads(NamedTuple):
    """The roads as all classes see them now.

    volume : (n_arc,) flow of all classes
    slope  : (n_arc,) growth of the cost with the volume
    price  : (n_kind, n_arc) cost to a class
    extra  : (n_kind, n_arc) part of it that is the class's own
    """

    volume: FloatArray
    slope: FloatArray
    price: FloatArray
    extra: FloatArray


def empty_bushes(n_row: int, n_node: int, n_arc: int) -> Bushes:
    return Bushes(
        np.zeros((n_row, 2), dtype=np.int32),
        np.empty((n_row, n_node), dtype=np.int32),
        np.empty((n_row, n_node + 1), dtype=np.int32),
        np.empty((n_row, n_arc), dtype=np.int32),
        np.empty((n_row, n_arc), dtype=np.int32),
        np.empty((n_row, n_arc), dtype=np.float64),
    )


@njit(cache=True, nogil=True)
def lay_out(
    bushes: Bushes,
    r: int,
    net: BushNetwork,
    demand: Demand,
    is_kept: BoolArray,
    only: Int32Array,
    arc_flow: FloatArray,
    place: Int32Array,
    stack: Int32Array,
    cursor: Int32Array,
) -> None:
    """Write a bush as rows.

    is_kept  : (n_arc,) arcs of the bush, without a cycle
    only     : (n_node,) an arc of the bush into each node, the only one where no destination can
               be reached from it; -1 at the origin and at nodes that cannot be reached
    arc_flow : (n_arc,) flows of the row
    place, stack, cursor : (n_node,) scratch
    """
    node, start, arc, tail = bushes.node[r], bushes.start[r], bushes.arc[r], bushes.tail[r]
    flow = bushes.flow[r]
    place[:] = -1
    place[demand.origin[r]] = 0
    node[0] = demand.origin[r]
    start[0], start[1] = 0, 0
    count, entry = 1, 0
    # Backwards from the destinations, a node is written once all before it are.
    for d in range(demand.start[r], demand.start[r + 1]):
        v = demand.destination[d]
        if place[v] >= 0:
            continue
        depth = 0
        stack[0], cursor[v] = v, net.in_start[v]
        while depth >= 0:
            v = stack[depth]
            at, end = cursor[v], net.in_start[v + 1]
            while at < end and not (is_kept[at] and place[net.tail[at]] < 0):
                at += 1
            if at < end:
                cursor[v] = at + 1
                depth += 1
                v = net.tail[at]
                stack[depth], cursor[v] = v, net.in_start[v]
                continue
            for a in range(net.in_start[v], end):
                if is_kept[a]:
                    arc[entry], tail[entry], flow[entry] = a, place[net.tail[a]], arc_flow[a]
                    entry += 1
            place[v] = count
            node[count] = v
            count += 1
            start[count] = entry
            depth -= 1
    bushes.size[r, 0] = count
    for last in range(len(only)):
        if place[last] >= 0 or only[last] < 0:
            continue
        depth, v = 0, last
        while place[v] < 0:
            stack[depth] = v
            depth += 1
            v = net.tail[only[v]]
        while depth > 0:
            depth -= 1
            v = stack[depth]
            arc[entry], tail[entry], flow[entry] = only[v], place[net.tail[only[v]]], 0.0
            entry += 1
            place[v] = count
            node[count] = v
            count += 1
            start[count] = entry
    bushes.size[r, 1] = count


@njit(cache=True, nogil=True)
def plant(
    bushes: Bushes,
    net: BushNetwork,
    demand: Demand,
    tree: Int32Array,
    used_start: Int32Array,
    used_arc: Int32Array,
    used_flow: FloatArray,
) -> None:
    """Begin with the arcs used before, and with a tree to nodes that none of them reaches.

    tree       : (n_row, n_node) arc into each node
    used_start : (n_row + 1,) first use of each row
    used_arc   : (n_use,) arcs used; such as close a cycle are left out
    used_flow  : (n_use,)
    """
    n, m = len(net.in_start) - 1, len(net.tail)
    head = np.empty(m, dtype=np.int32)
    for v in range(n):
        head[net.in_start[v] : net.in_start[v + 1]] = v
    is_kept, arc_flow = np.zeros(m, dtype=np.bool_), np.zeros(m)
    is_used, only = np.zeros(m, dtype=np.bool_), np.empty(n, dtype=np.int32)
    waits_for, place = np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int32)
    stack, cursor = np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int32)
    for r in range(len(demand.origin)):
        only[:] = tree[r]
        waits_for[:] = 0
        for i in range(used_start[r], used_start[r + 1]):
            a = used_arc[i]
            is_used[a], arc_flow[a] = True, used_flow[i]
            waits_for[head[a]] += 1
        # A node is reached once all its used arcs are: never, if they are in a cycle.
        depth = 0
        if waits_for[demand.origin[r]] == 0:
            depth, stack[0] = 1, demand.origin[r]
        while depth > 0:
            depth -= 1
            v = stack[depth]
            for a in range(net.in_start[v], net.in_start[v + 1]):
                if is_used[a]:
                    is_kept[a] = True
                    only[v] = a
            for i in range(net.out_start[v], net.out_start[v + 1]):
                if is_used[net.out_arc[i]]:
                    u = net.out_head[i]
                    waits_for[u] -= 1
                    if waits_for[u] == 0:
                        stack[depth] = u
                        depth += 1
        for v in range(n):
            if only[v] >= 0 and only[v] == tree[r, v]:
                is_kept[only[v]] = True
        lay_out(bushes, r, net, demand, is_kept, only, arc_flow, place, stack, cursor)
        is_kept[:] = False
        is_used[:] = False
        arc_flow[:] = 0.0


@njit(cache=True, nogil=True)
def load(bushes: Bushes, demand: Demand, volumes: FloatArray) -> None:
    """Load the demand anew by the shares that entries have of the flow into a node.

    Rounding of many shifts is gone afterwards: flow is balanced at every node, and entries that
    carry nothing to speak of carry nothing.

    volumes : (n_kind, n_arc), written
    """
    volumes[:] = 0.0
    n = bushes.node.shape[1]
    through, place = np.empty(n), np.empty(n, dtype=np.int32)
    for r in range(len(demand.origin)):
        start, arc, tail, flow = bushes.start[r], bushes.arc[r], bushes.tail[r], bushes.flow[r]
        volume = volumes[demand.kind[r]]
        fill_through(bushes, demand, r, through, place)
        for k in range(bushes.size[r, 0] - 1, 0, -1):
            first, end = start[k], start[k + 1]
            here = through[k]
            if end > first + 1:
                total, most = 0.0, first
                for e in range(first, end):
                    if flow[e] <= NO_SHARE * here:
                        flow[e] = 0.0
                    total += flow[e]
                    if flow[e] > flow[most]:
                        most = e
                scale = here / total if total > 0.0 else 0.0
                rest = here
                for e in range(first, end):
                    if e != most:
                        flow[e] *= scale
                        rest -= flow[e]
                flow[most] = max(rest, 0.0)
            else:
                flow[first] = here
            for e in range(first, end):
                if flow[e] > 0.0:
                    through[tail[e]] += flow[e]
                    volume[arc[e]] += flow[e]


@njit(cache=True, nogil=True, inline="always")
def fill_through(
    bushes: Bushes, demand: Demand, r: int, through: FloatArray, place: Int32Array
) -> None:
    """Write what ends at each node of a bush; place is scratch."""
    for k in range(bushes.size[r, 0]):
        through[k] = 0.0
        place[bushes.node[r, k]] = k
    for d in range(demand.start[r], demand.start[r + 1]):
        through[place[demand.destination[d]]] += demand.amount[d]
