"""Other routes than the least-cost one: by closing what it passes, and over plateaus.

Exclusions. Close each thing that the best path passes, then a second thing on the path found so;
each closing is one run of Dijkstra's algorithm to the target.

Plateaus (Abraham, Delling, Goldberg & Werneck 2013). Arcs that lie in the tree from the origin and
in the tree to the destination form plateaus; the path over a long plateau is a locally optimal
detour.

Paths come back flat: arcs of path i are arcs[start[i]] .. arcs[start[i + 1] - 1].
"""

from __future__ import annotations

import numpy as np
from numba import njit

from entrepot.kernels.arrays import BoolArray, FloatArray, Int32Array
from entrepot.kernels.paths.shortest_paths import _grow


@njit(cache=True, nogil=True)
def exclusion_paths(
    indptr: Int32Array,
    head: Int32Array,
    tail: Int32Array,
    weight: FloatArray,
    masks: BoolArray,
    lone: BoolArray,
    best: Int32Array,
    source: int,
    target: int,
) -> tuple[Int32Array, Int32Array]:
    """(arcs, start) of least-cost paths with one thing closed and with two, in order of discovery.

    weight : (A,) zero or more, infinite where closed
    masks  : (K, A) arcs that each thing takes away
    lone   : (K,) things that are closed only one at a time
    best   : arcs of the path of which things are closed
    """
    n_thing = len(masks)
    arcs = np.empty(256, dtype=np.int32)
    start = np.zeros(64, dtype=np.int32)
    n_arc, n_path = 0, 0
    done = np.zeros((n_thing, n_thing), dtype=np.bool_)
    for first in range(n_thing):
        if not _meets(masks[first], best, 0, len(best)):
            continue
        n_before = n_path
        arcs, start, n_arc, n_path = _closed_path(
            indptr, head, tail, weight, masks, first, first, source, target,
            arcs, start, n_arc, n_path,
        )  # fmt: skip
        if n_path == n_before or lone[first]:
            continue
        begin, end = start[n_path - 1], start[n_path]
        for second in range(n_thing):
            if lone[second] or not _meets(masks[second], arcs, begin, end):
                continue
            a, b = min(first, second), max(first, second)
            if done[a, b]:
                continue
            done[a, b] = True
            arcs, start, n_arc, n_path = _closed_path(
                indptr, head, tail, weight, masks, a, b, source, target,
                arcs, start, n_arc, n_path,
            )  # fmt: skip
    return arcs[:n_arc], start[: n_path + 1]


@njit(cache=True, nogil=True)
def _meets(mask: BoolArray, arcs: Int32Array, begin: int, end: int) -> bool:
    hit = False
    for k in range(begin, end):
        hit |= mask[arcs[k]]
    return hit


@njit(cache=True, nogil=True)
def _closed_path(
    indptr: Int32Array,
    head: Int32Array,
    tail: Int32Array,
    weight: FloatArray,
    masks: BoolArray,
    one: int,
    other: int,
    source: int,
    target: int,
    arcs: Int32Array,
    start: Int32Array,
    n_arc: int,
    n_path: int,
) -> tuple[Int32Array, Int32Array, int, int]:
    """Append the least-cost path with two things closed, if there is one."""
    n = len(indptr) - 1
    left = weight.copy()
    for k in range(len(left)):
        if masks[one, k] or masks[other, k]:
            left[k] = np.inf
    dist, pred = np.full(n, np.inf), np.full(n, -1, dtype=np.int32)
    keys, items, place = np.empty(n), np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int32)
    sources, labels = np.empty(1, dtype=np.int32), np.zeros(1)
    sources[0] = source
    _grow(indptr, head, left, sources, labels, target, dist, pred, keys, items, place)
    if not np.isfinite(dist[target]):
        return arcs, start, n_arc, n_path
    length, v = 0, target
    while pred[v] >= 0:
        length += 1
        v = tail[pred[v]]
    arcs = _roomier(arcs, n_arc + length)
    start = _roomier(start, n_path + 2)
    v = target
    for k in range(n_arc + length - 1, n_arc - 1, -1):
        arcs[k] = pred[v]
        v = tail[arcs[k]]
    start[n_path + 1] = n_arc + length
    return arcs, start, n_arc + length, n_path + 1


@njit(cache=True, nogil=True)
def _roomier(array: Int32Array, wanted: int) -> Int32Array:
    """The array, or a copy of it with room for as many entries."""
    if wanted <= len(array):
        return array
    out = np.zeros(max(wanted, 2 * len(array)), dtype=np.int32)
    out[: len(array)] = array
    return out


@njit(cache=True, nogil=True)
def plateau_paths(
    head: Int32Array,
    tail: Int32Array,
    weight: FloatArray,
    forward: FloatArray,
    towards: Int32Array,
    back: FloatArray,
    onwards: Int32Array,
    target: int,
    longest: float,
    least_plateau: float,
    most: int,
) -> tuple[Int32Array, Int32Array]:
    """(arcs, start) of the detours over plateaus, shortest first, at most `most` tried.

    forward, towards : (V,) labels from the origin, and arc by which each vertex is reached
    back, onwards    : (V,) labels to the target, and arc by which each vertex goes on
    longest          : longest path over a plateau
    least_plateau    : shortest plateau
    """
    n = len(forward)
    count = 0
    for a in range(len(head)):
        if towards[head[a]] == a and onwards[tail[a]] == a:
            length = forward[tail[a]] + weight[a] + back[head[a]]
            count += np.isfinite(length) and length <= longest
    shared = np.empty(count, dtype=np.int32)
    label = np.empty(count)
    count = 0
    for a in range(len(head)):
        if towards[head[a]] == a and onwards[tail[a]] == a:
            length = forward[tail[a]] + weight[a] + back[head[a]]
            if np.isfinite(length) and length <= longest:
                shared[count], label[count] = a, forward[tail[a]]
                count += 1
    # A plateau is named by its first arc, its root.
    root_at = np.full(n, -1, dtype=np.int32)
    plateau = np.zeros(len(head))
    for k in np.argsort(label, kind="mergesort"):
        a = shared[k]
        root = root_at[tail[a]] if root_at[tail[a]] >= 0 else a
        root_at[head[a]] = root
        plateau[root] += weight[a]
    roots = np.array([a for a in shared if plateau[a] >= least_plateau and plateau[a] > 0])
    through = np.array([forward[tail[a]] + weight[a] + back[head[a]] for a in roots])
    arcs = np.empty(256, dtype=np.int32)
    start = np.zeros(64, dtype=np.int32)
    n_arc, n_path = 0, 0
    seen = np.full(n, -1, dtype=np.int32)
    for i in np.argsort(through, kind="mergesort")[:most]:
        arc = roots[i]
        before, v = 0, tail[arc]
        while towards[v] >= 0:
            before += 1
            v = tail[towards[v]]
        after, v = 0, head[arc]
        while v != target:
            after += 1
            v = head[onwards[v]]
        arcs = _roomier(arcs, n_arc + before + 1 + after)
        start = _roomier(start, n_path + 2)
        v = tail[arc]
        for k in range(n_arc + before - 1, n_arc - 1, -1):
            arcs[k] = towards[v]
            v = tail[arcs[k]]
        arcs[n_arc + before] = arc
        v = head[arc]
        for k in range(n_arc + before + 1, n_arc + before + 1 + after):
            arcs[k] = onwards[v]
            v = head[arcs[k]]
        simple = True
        for k in range(n_arc, n_arc + before + 1 + after):
            if seen[head[arcs[k]]] == i:
                simple = False
            seen[head[arcs[k]]] = i
        if simple:
            n_arc += before + 1 + after
            n_path += 1
            start[n_path] = n_arc
    return arcs[:n_arc], start[: n_path + 1]
