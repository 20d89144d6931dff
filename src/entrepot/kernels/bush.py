"""Bushes: acyclic sets of arcs, one for each origin, that carry its flow (Dial 2006; Nie 2010).

A bush is kept as flat rows in topological order, so that labels are found in one pass through
memory without a heap. Node k of a bush has the entries start[k] .. start[k + 1] - 1, each an arc
that enters it: its number, the place of its tail in the order, and the origin's flow on it.

Nodes from which a destination can be reached come first. Only they can carry flow, so passes that
shift flow end there; every other node keeps the single arc by which it is reached.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

IntArray = NDArray[np.int32]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bushes:
    """Bushes of all origins, with room for any. Memory is touched only as far as it is used.

    size  : (n_origin, 2) nodes on the way to a destination, and nodes in all
    node  : (n_origin, n_node) nodes in topological order, the origin first
    start : (n_origin, n_node + 1) first entry of each node
    arc   : (n_origin, n_arc) arc of each entry
    tail  : (n_origin, n_arc) place of the arc's tail in the order
    flow  : (n_origin, n_arc) flow of the origin on it
    """

    size: IntArray
    node: IntArray
    start: IntArray
    arc: IntArray
    tail: IntArray
    flow: FloatArray

    @property
    def arrays(self) -> tuple[IntArray, IntArray, IntArray, IntArray, IntArray, FloatArray]:
        return self.size, self.node, self.start, self.arc, self.tail, self.flow


def empty_bushes(n_origin: int, n_node: int, n_arc: int) -> Bushes:
    return Bushes(
        np.zeros((n_origin, 2), dtype=np.int32),
        np.empty((n_origin, n_node), dtype=np.int32),
        np.empty((n_origin, n_node + 1), dtype=np.int32),
        np.empty((n_origin, n_arc), dtype=np.int32),
        np.empty((n_origin, n_arc), dtype=np.int32),
        np.empty((n_origin, n_arc), dtype=np.float64),
    )


@njit(cache=True, nogil=True)
def rebuild(
    origin: int,
    demand_start: int,
    demand_end: int,
    destination: IntArray,
    is_kept: NDArray[np.bool_],
    only: IntArray,
    in_start: IntArray,
    in_arc: IntArray,
    tail_of: IntArray,
    arc_flow: FloatArray,
    place: IntArray,
    stack: IntArray,
    cursor: IntArray,
    size: IntArray,
    node: IntArray,
    start: IntArray,
    arc: IntArray,
    tail: IntArray,
    flow: FloatArray,
) -> None:
    """Lay out one bush from the arcs kept for it.

    is_kept  : (n_arc,) arcs of the bush, without a cycle; the first of them are walked backwards
               from the destinations
    only     : (n_node,) the arc by which a node on no way to a destination is reached, -1 where
               it is not reached
    arc_flow : (n_arc,) flows of the origin
    place, stack, cursor : (n_node,) scratch
    """
    place[:] = -1
    place[origin] = 0
    node[0] = origin
    start[0] = 0
    start[1] = 0
    count, entry = 1, 0
    for d in range(demand_start, demand_end):
        v = destination[d]
        if place[v] >= 0 or only[v] < 0:
            continue
        depth = 0
        stack[0] = v
        cursor[v] = in_start[v]
        while depth >= 0:
            v = stack[depth]
            deeper = False
            at = cursor[v]
            while at < in_start[v + 1]:
                a = in_arc[at]
                at += 1
                if is_kept[a] and place[tail_of[a]] < 0:
                    cursor[v] = at
                    depth += 1
                    stack[depth] = tail_of[a]
                    cursor[tail_of[a]] = in_start[tail_of[a]]
                    deeper = True
                    break
            if deeper:
                continue
            for at in range(in_start[v], in_start[v + 1]):
                a = in_arc[at]
                if is_kept[a]:
                    arc[entry] = a
                    tail[entry] = place[tail_of[a]]
                    flow[entry] = arc_flow[a]
                    entry += 1
            place[v] = count
            node[count] = v
            count += 1
            start[count] = entry
            depth -= 1
    size[0] = count
    for end in range(len(only)):
        if place[end] >= 0 or only[end] < 0:
            continue
        depth = 0
        v = end
        while place[v] < 0:
            stack[depth] = v
            depth += 1
            v = tail_of[only[v]]
        while depth > 0:
            depth -= 1
            v = stack[depth]
            arc[entry] = only[v]
            tail[entry] = place[tail_of[only[v]]]
            flow[entry] = 0.0
            entry += 1
            place[v] = count
            node[count] = v
            count += 1
            start[count] = entry
    size[1] = count


@njit(cache=True, nogil=True)
def label(
    count: int,
    start: IntArray,
    arc: IntArray,
    tail: IntArray,
    flow: FloatArray,
    cost: FloatArray,
    least: FloatArray,
    most: FloatArray,
    by_least: IntArray,
    by_most: IntArray,
) -> float:
    """Least labels and most labels over arcs with flow of the first nodes; excess cost.

    by_least, by_most : entries that give the labels; by_most is -1 where a node has no flow
    """
    excess = 0.0
    least[0] = 0.0
    most[0] = 0.0
    by_most[0] = -1
    for k in range(1, count):
        low, high = np.inf, -1.0
        low_entry, high_entry = -1, -1
        total, paid = 0.0, 0.0
        for e in range(start[k], start[k + 1]):
            c = cost[arc[e]]
            t = tail[e]
            reached = least[t] + c
            if reached < low:
                low = reached
                low_entry = e
            f = flow[e]
            if f > 0.0:
                total += f
                paid += f * reached
                reached = most[t] + c
                if reached > high:
                    high = reached
                    high_entry = e
        least[k] = low
        most[k] = high
        by_least[k] = low_entry
        by_most[k] = high_entry
        excess += paid - total * low
    return excess
