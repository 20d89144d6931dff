"""Graphs to test kernels on: drawn, random, and as other libraries want them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray


@dataclass(frozen=True)
class Graph:
    """Compressed rows.

    indptr : (n + 1,)
    tail   : (m,), sorted
    head   : (m,)
    weight : (m,)
    """

    indptr: NDArray[np.int32]
    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    weight: NDArray[np.float64]

    @property
    def n(self) -> int:
        return len(self.indptr) - 1

    @property
    def arrays(self) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
        return self.indptr, self.head, self.weight


def graph(n: int, arcs: list[tuple[int, int, float]]) -> Graph:
    """Rows by tail; arcs of one tail keep their order."""
    tail = np.array([a[0] for a in arcs], dtype=np.int32)
    order = np.argsort(tail, kind="stable")
    indptr = np.concatenate(([0], np.cumsum(np.bincount(tail, minlength=n)))).astype(np.int32)
    head = np.array([a[1] for a in arcs], dtype=np.int32)[order]
    weight = np.array([a[2] for a in arcs], dtype=np.float64)[order]
    return Graph(indptr, tail[order], head, weight)


def graphs(weights: st.SearchStrategy[float]) -> st.SearchStrategy[Graph]:
    """Small graphs with loops, parallel arcs and islands."""

    def of_size(n: int) -> st.SearchStrategy[Graph]:
        vertex = st.integers(0, n - 1)
        arcs = st.lists(st.tuples(vertex, vertex, weights), max_size=4 * n)
        return arcs.map(lambda a: graph(n, a))

    return st.integers(1, 14).flatmap(of_size)


# Whole numbers make ties, zeros make cycles of no cost, infinity closes an arc.
ANY_WEIGHT = st.one_of(
    st.integers(0, 4).map(float),
    st.floats(0.0, 1e6, allow_subnormal=False),
    st.just(np.inf),
)
TIED_WEIGHT = st.integers(1, 3).map(float)
POSITIVE_WEIGHT = st.one_of(st.integers(1, 4).map(float), st.floats(1e-3, 1e6), st.just(np.inf))


def grid(side: int, seed: int) -> Graph:
    """A square of side x side crossings, roads both routes with costs of their own."""
    cell = np.arange(side * side).reshape(side, side)
    tail = np.concatenate([cell[:, :-1], cell[:, 1:], cell[:-1].T, cell[1:].T], axis=None)
    head = np.concatenate([cell[:, 1:], cell[:, :-1], cell[1:].T, cell[:-1].T], axis=None)
    cost = np.random.default_rng(seed).lognormal(0.0, 0.7, len(tail))
    arcs = zip(tail.tolist(), head.tolist(), cost.tolist(), strict=True)
    return graph(side * side, list(arcs))
