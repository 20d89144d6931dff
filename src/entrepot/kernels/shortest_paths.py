"""Shortest-path trees on a compressed sparse graph (Dijkstra 1959).

A graph is two vectors: the arcs of vertex v are indptr[v] .. indptr[v + 1] - 1 and lead to
head[arc]. An arc's number is its position. Weights are a third vector beside them: at least zero,
infinite where an arc is closed. Loops, parallel arcs, zero weights and islands are fine.

The heap has four children per node and holds (label, vertex) pairs with lazy deletion. Ties are
broken the same way in every run and for any number of threads: among equal labels the vertex
with the smaller number is settled first, and the arc that gave a label first keeps it.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numba
import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

IntArray = NDArray[np.int32]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Tree:
    """Least labels from a set of sources.

    dist     : (n_vertex,) label, infinite where unreached; with a target, labels beyond the
               target's are upper bounds
    pred_arc : (n_vertex,) arc by which the label was reached, -1 at sources and unreached vertices
    """

    dist: FloatArray
    pred_arc: IntArray


def shortest_path_tree(
    indptr: IntArray,
    head: IntArray,
    weight: FloatArray,
    source: int | IntArray,
    *,
    initial: FloatArray | None = None,
    target: int = -1,
) -> Tree:
    """Tree from one vertex, or from several with labels of their own.

    source  : vertex, or (k,) vertices
    initial : (k,) labels of the sources, zero when left out
    target  : stop once this vertex is settled; -1 grows the whole tree
    """
    sources = np.atleast_1d(np.asarray(source, dtype=np.int32))
    labels = np.zeros(len(sources)) if initial is None else np.asarray(initial, dtype=np.float64)
    n = len(indptr) - 1
    dist, pred = np.full(n, np.inf), np.full(n, -1, dtype=np.int32)
    _grow(indptr, head, weight, sources, labels, target, dist, pred)
    return Tree(dist, pred)


def shortest_path_trees(
    indptr: IntArray, head: IntArray, weight: FloatArray, sources: IntArray
) -> tuple[FloatArray, IntArray]:
    """Trees from each source: labels and arcs, both (n_source, n_vertex)."""
    sources = np.asarray(sources, dtype=np.int32)
    n = len(indptr) - 1
    dist = np.full((len(sources), n), np.inf)
    pred = np.full((len(sources), n), -1, dtype=np.int32)
    _grow_many(indptr, head, weight, sources, dist, pred)
    return dist, pred


def least_cost_matrix(
    indptr: IntArray,
    head: IntArray,
    weight: FloatArray,
    sources: IntArray,
    targets: IntArray,
    *,
    threads: int | None = None,
) -> FloatArray:
    """Least cost from each source to each target, (n_source, n_target).

    Sources run in parallel, each with memory of its own; results are the same to the bit for any
    number of threads.
    """
    sources = np.asarray(sources, dtype=np.int32)
    targets = np.asarray(targets, dtype=np.int32)
    out = np.empty((len(sources), len(targets)))
    before = numba.get_num_threads()
    numba.set_num_threads(min(threads or before, before))
    try:
        _matrix(indptr, head, weight, sources, targets, out)
    finally:
        numba.set_num_threads(before)
    return out


def trace(pred_arc: IntArray, tail: IntArray, target: int) -> IntArray:
    """Arcs from the source of a tree to a vertex, in the order of travel."""
    return np.asarray(_trace(pred_arc, tail, target))


def reverse_csr(indptr: IntArray, head: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """The graph with every arc turned round: (indptr, head, number of the arc it came from)."""
    n = len(indptr) - 1
    tail = np.repeat(np.arange(n, dtype=np.int32), np.diff(indptr))
    order = np.argsort(head, kind="stable").astype(np.int32)
    counts = np.bincount(head, minlength=n)
    return np.concatenate(([0], np.cumsum(counts))).astype(np.int32), tail[order], order


def shortest_path_tree_plain(
    indptr: IntArray, head: IntArray, weight: FloatArray, source: int
) -> Tree:
    """The same tree in plain Python, to test the compiled one against."""
    n = len(indptr) - 1
    dist, pred = np.full(n, np.inf), np.full(n, -1, dtype=np.int32)
    dist[source] = 0.0
    heap, done = [(0.0, source)], np.zeros(n, dtype=bool)
    while heap:
        label, v = heapq.heappop(heap)
        if done[v]:
            continue
        done[v] = True
        for arc in range(indptr[v], indptr[v + 1]):
            reached = label + weight[arc]
            if reached < dist[head[arc]]:
                dist[head[arc]] = reached
                pred[head[arc]] = arc
                heapq.heappush(heap, (float(reached), int(head[arc])))
    return Tree(dist, pred)


@njit(cache=True, nogil=True, inline="always")
def _before(keys, items, i, key, item):  # type: ignore[no-untyped-def]
    return keys[i] < key or (keys[i] == key and items[i] < item)


@njit(cache=True, nogil=True)
def _push(keys, items, size, key, item):  # type: ignore[no-untyped-def]
    i = size
    while i > 0:
        parent = (i - 1) >> 2
        if _before(keys, items, parent, key, item):
            break
        keys[i], items[i] = keys[parent], items[parent]
        i = parent
    keys[i], items[i] = key, item


@njit(cache=True, nogil=True)
def _pop(keys, items, size):  # type: ignore[no-untyped-def]
    """Take the first entry away; size counts it still."""
    last = size - 1
    key, item = keys[last], items[last]
    i = 0
    while True:
        child = (i << 2) + 1
        if child >= last:
            break
        best = child
        for c in range(child + 1, min(child + 4, last)):
            if _before(keys, items, c, keys[best], items[best]):
                best = c
        if not _before(keys, items, best, key, item):
            break
        keys[i], items[i] = keys[best], items[best]
        i = best
    keys[i], items[i] = key, item


@njit(cache=True, nogil=True)
def _grow(indptr, head, weight, sources, labels, target, dist, pred):  # type: ignore[no-untyped-def]
    capacity = len(head) + len(sources) + 1
    keys, items = np.empty(capacity), np.empty(capacity, dtype=np.int32)
    size = 0
    for k in range(len(sources)):
        if labels[k] < dist[sources[k]]:
            dist[sources[k]] = labels[k]
            _push(keys, items, size, labels[k], sources[k])
            size += 1
    while size > 0:
        label, v = keys[0], items[0]
        _pop(keys, items, size)
        size -= 1
        if label > dist[v]:
            continue
        if v == target:
            break
        for arc in range(indptr[v], indptr[v + 1]):
            u = head[arc]
            reached = label + weight[arc]
            if reached < dist[u]:
                dist[u] = reached
                pred[u] = arc
                _push(keys, items, size, reached, u)
                size += 1


@njit(cache=True, parallel=True)
def _grow_many(indptr, head, weight, sources, dist, pred):  # type: ignore[no-untyped-def]
    for k in prange(len(sources)):
        _grow(indptr, head, weight, sources[k : k + 1], np.zeros(1), -1, dist[k], pred[k])


@njit(cache=True, parallel=True)
def _matrix(indptr, head, weight, sources, targets, out):  # type: ignore[no-untyped-def]
    n = len(indptr) - 1
    for k in prange(len(sources)):
        dist = np.full(n, np.inf)
        pred = np.full(n, -1, dtype=np.int32)
        _grow(indptr, head, weight, sources[k : k + 1], np.zeros(1), -1, dist, pred)
        for t in range(len(targets)):
            out[k, t] = dist[targets[t]]


@njit(cache=True, nogil=True)
def _trace(pred_arc, tail, target):  # type: ignore[no-untyped-def]
    n, v = 0, target
    while pred_arc[v] >= 0:
        n += 1
        v = tail[pred_arc[v]]
    arcs = np.empty(n, dtype=np.int32)
    v = target
    for i in range(n - 1, -1, -1):
        arcs[i] = pred_arc[v]
        v = tail[arcs[i]]
    return arcs
