"""Shortest-path trees on a compressed sparse graph (Dijkstra 1959).

    dist[s] = 0,    dist[head(a)] = min over arcs a of dist[tail(a)] + weight[a]

A graph is two vectors: the arcs of vertex v are indptr[v] .. indptr[v + 1] - 1 and lead to
head[arc]. An arc's number is its position. Weights are a third vector beside them, at least zero
and infinite where an arc is closed, so that new costs never touch the graph. Loops, parallel
arcs, zero weights and islands are fine.

Ties: of several arcs that give a vertex the same label, the one with the smallest position keeps
it. An arc of zero weight yields to one that raises the label; among arcs of zero weight the first
to be scanned stays, or two of them could point at each other. No answer depends on the number of
threads.
"""

from __future__ import annotations

import heapq
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numba import get_num_threads, njit, set_num_threads
from numpy.typing import ArrayLike

from entrepot.kernels.arrays import FloatArray, Int32Array
from entrepot.kernels.short_repr import short_repr

# Blocks of sources per thread: enough that a slow block does not hold up the end, few enough that
# the working memory of a block is used many times.
BLOCKS_PER_THREAD = 4


@short_repr
@dataclass(frozen=True, slots=True)
class Tree:
    """Least labels from a set of sources.

    dist     : (n_vertex,) label, infinite where unreached; with a target, labels beyond the
               target's are upper bounds
    pred_arc : (n_vertex,) arc by which the label was reached, -1 at sources and unreached vertices
    """

    dist: FloatArray
    pred_arc: Int32Array


def shortest_path_tree(
    indptr: Int32Array,
    head: Int32Array,
    weight: FloatArray,
    source: ArrayLike,
    *,
    initial: ArrayLike | None = None,
    target: int = -1,
) -> Tree:
    """Tree from one vertex, or from several with labels of their own.

    source  : vertex, or (k,) vertices
    initial : (k,) labels of the sources, zero when left out
    target  : stop once this vertex is settled; -1 grows the whole tree
    """
    indptr, head, weight = _graph(indptr, head, weight)
    sources = np.atleast_1d(np.asarray(source, dtype=np.int32))
    labels = np.zeros(len(sources))
    if initial is not None:
        labels[:] = initial
    n = len(indptr) - 1
    dist, pred = np.full(n, np.inf), np.full(n, -1, dtype=np.int32)
    heap = np.empty(n), np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int32)
    _grow(indptr, head, weight, sources, labels, target, dist, pred, *heap)
    return Tree(dist, pred)


def shortest_path_trees(
    indptr: Int32Array,
    head: Int32Array,
    weight: FloatArray,
    sources: ArrayLike,
    *,
    threads: int | None = None,
) -> tuple[FloatArray, Int32Array]:
    """Trees from each source: labels and arcs, both (n_source, n_vertex).

    threads : at most this many; None takes the cores this process may use
    """
    graph = _graph(indptr, head, weight)
    starts = np.asarray(sources, dtype=np.int32)
    n = len(indptr) - 1
    dist = np.full((len(starts), n), np.inf)
    pred = np.full((len(starts), n), -1, dtype=np.int32)

    def block(rows: slice) -> None:
        _grow_rows(*graph, starts[rows], dist[rows], pred[rows])

    _in_blocks(block, len(starts), threads)
    return dist, pred


def least_cost_matrix(
    indptr: Int32Array,
    head: Int32Array,
    weight: FloatArray,
    sources: ArrayLike,
    targets: ArrayLike,
    *,
    threads: int | None = None,
) -> FloatArray:
    """Least cost from each source to each target, (n_source, n_target).

    Keeps one tree per thread, whatever the number of sources.
    """
    graph = _graph(indptr, head, weight)
    starts = np.asarray(sources, dtype=np.int32)
    ends = np.asarray(targets, dtype=np.int32)
    out = np.empty((len(starts), len(ends)))

    def block(rows: slice) -> None:
        _cost_rows(*graph, starts[rows], ends, out[rows])

    _in_blocks(block, len(starts), threads)
    return out


def trace(pred_arc: Int32Array, tail: Int32Array, target: int) -> Int32Array:
    """Arcs from the source of a tree to a vertex, in the order of travel."""
    return np.asarray(_trace(pred_arc, tail, target), dtype=np.int32)


def reverse_csr(indptr: Int32Array, head: Int32Array) -> tuple[Int32Array, Int32Array, Int32Array]:
    """The graph with every arc turned round: (indptr, head, number of the arc it came from)."""
    n = len(indptr) - 1
    tail = np.repeat(np.arange(n, dtype=np.int32), np.diff(indptr))
    order = np.argsort(head, kind="stable").astype(np.int32)
    counts = np.bincount(head, minlength=n)
    return np.concatenate(([0], np.cumsum(counts))).astype(np.int32), tail[order], order


def shortest_path_tree_plain(
    indptr: Int32Array, head: Int32Array, weight: FloatArray, source: int
) -> Tree:
    """The same tree in plain Python, to test the compiled one against."""
    n = len(indptr) - 1
    dist, pred = np.full(n, np.inf), np.full(n, -1, dtype=np.int32)
    dist[source] = 0.0
    heap, settled = [(0.0, source)], np.zeros(n, dtype=bool)
    while heap:
        label, v = heapq.heappop(heap)
        if settled[v]:
            continue
        settled[v] = True
        for arc in range(indptr[v], indptr[v + 1]):
            u, reached = int(head[arc]), label + float(weight[arc])
            if reached < dist[u]:
                dist[u], pred[u] = reached, arc
                heapq.heappush(heap, (reached, u))
            elif reached == dist[u] and arc < pred[u] and reached > label:
                pred[u] = arc
    return Tree(dist, pred)


def _graph(
    indptr: Int32Array, head: Int32Array, weight: FloatArray
) -> tuple[Int32Array, Int32Array, FloatArray]:
    """The arrays as the compiled code wants them; no copy where they are so already."""
    weight = np.ascontiguousarray(weight, dtype=np.float64)
    if len(weight) != len(head) or len(head) != indptr[-1]:
        raise ValueError(
            f"{len(head)} heads, {len(weight)} weights and room for {indptr[-1]} arcs do not match."
        )
    if not (weight >= 0.0).all():
        bad = int(np.flatnonzero(~(weight >= 0.0))[0])
        raise ValueError(f"Weight {weight[bad]} of arc {bad}: weights must be zero or more.")
    return (
        np.ascontiguousarray(indptr, dtype=np.int32),
        np.ascontiguousarray(head, dtype=np.int32),
        weight,
    )


def _in_blocks(work: Callable[[slice], None], n: int, threads: int | None) -> None:
    """Run work on slices that cover 0 .. n - 1; the compiled code lets go of the interpreter."""
    threads = max(1, min(threads or cores(), n))
    if threads == 1:
        work(slice(0, n))
        return
    cuts = np.linspace(0, n, min(n, threads * BLOCKS_PER_THREAD) + 1).astype(int).tolist()
    with ThreadPoolExecutor(threads) as pool:
        # Going through the results raises what a block may have raised.
        list(pool.map(work, map(slice, cuts[:-1], cuts[1:])))


def cores() -> int:
    """Cores this process may use, where the system tells; else all of them."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def share_cores(processes: int) -> None:
    """Let this process use its part of the cores, of so many processes at work."""
    set_num_threads(max(1, min(cores() // processes, get_num_threads())))


# The heap has four children per node and holds every vertex at most once; place[v] is where v
# stands in it. Its two halves are inlined because they run once for every arc and vertex.
@njit(cache=True, nogil=True, inline="always")
def _rise(
    keys: FloatArray, items: Int32Array, place: Int32Array, i: int, key: float, item: int
) -> None:
    """Put an entry at hole i or above it."""
    while i > 0:
        parent = (i - 1) >> 2
        if keys[parent] <= key:
            break
        keys[i] = keys[parent]
        items[i] = items[parent]
        place[items[i]] = i
        i = parent
    keys[i] = key
    items[i] = item
    place[item] = i


@njit(cache=True, nogil=True, inline="always")
def _sink(keys: FloatArray, items: Int32Array, place: Int32Array, size: int) -> None:
    """Drop the first of size + 1 entries and close the hole with the last."""
    key, item = keys[size], items[size]
    i = 0
    while True:
        child = (i << 2) + 1
        if child >= size:
            break
        best, least = child, keys[child]
        for c in range(child + 1, min(child + 4, size)):
            if keys[c] < least:
                best, least = c, keys[c]
        if least >= key:
            break
        keys[i] = least
        items[i] = items[best]
        place[items[i]] = i
        i = best
    keys[i] = key
    items[i] = item
    place[item] = i


@njit(cache=True, nogil=True)
def _grow(
    indptr: Int32Array,
    head: Int32Array,
    weight: FloatArray,
    sources: Int32Array,
    labels: FloatArray,
    target: int,
    dist: FloatArray,
    pred: Int32Array,
    keys: FloatArray,
    items: Int32Array,
    place: Int32Array,
) -> None:
    """Grow a tree into dist (all infinite) and pred (all -1); keys, items, place are scratch."""
    size = 0
    for k in range(len(sources)):
        u, reached = sources[k], labels[k]
        if reached < dist[u]:
            if dist[u] == np.inf:
                i = size
                size += 1
            else:
                i = place[u]
            dist[u] = reached
            _rise(keys, items, place, i, reached, u)
    while size > 0:
        label, v = keys[0], items[0]
        if v == target:
            break
        size -= 1
        if size > 0:
            _sink(keys, items, place, size)
        for arc in range(indptr[v], indptr[v + 1]):
            u = head[arc]
            reached = label + weight[arc]
            old = dist[u]
            if reached > old:
                continue
            if reached < old:
                if old == np.inf:
                    i = size
                    size += 1
                else:
                    i = place[u]
                dist[u] = reached
                pred[u] = arc
                _rise(keys, items, place, i, reached, u)
            elif arc < pred[u] and reached > label:
                pred[u] = arc


@njit(cache=True, nogil=True)
def _grow_rows(
    indptr: Int32Array,
    head: Int32Array,
    weight: FloatArray,
    sources: Int32Array,
    dist: FloatArray,
    pred: Int32Array,
) -> None:
    n = len(indptr) - 1
    keys, items, place = np.empty(n), np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int32)
    zero = np.zeros(1)
    for k in range(len(sources)):
        start = sources[k : k + 1]
        _grow(indptr, head, weight, start, zero, -1, dist[k], pred[k], keys, items, place)


@njit(cache=True, nogil=True)
def _cost_rows(
    indptr: Int32Array,
    head: Int32Array,
    weight: FloatArray,
    sources: Int32Array,
    targets: Int32Array,
    out: FloatArray,
) -> None:
    n = len(indptr) - 1
    keys, items, place = np.empty(n), np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int32)
    dist, pred, zero = np.empty(n), np.empty(n, dtype=np.int32), np.zeros(1)
    for k in range(len(sources)):
        dist[:] = np.inf
        pred[:] = -1
        start = sources[k : k + 1]
        _grow(indptr, head, weight, start, zero, -1, dist, pred, keys, items, place)
        for t in range(len(targets)):
            out[k, t] = dist[targets[t]]


@njit(cache=True, nogil=True)
def _trace(pred_arc: Int32Array, tail: Int32Array, target: int) -> Int32Array:
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
