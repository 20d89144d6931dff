"""Small congested networks to test assignment on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from entrepot.kernels.assignment.assign import Assignment
from entrepot.kernels.assignment.link_costs import costs_at, link_costs
from entrepot.kernels.assignment.problem import (
    Links,
    Trips,
    links,
    trips,
)

# tail, head, free-flow time, b, capacity, power
Link = tuple[int, int, float, float, float, float]
Trip = tuple[int, int, float]


def world(n: int, rows: Sequence[Link], closed: Sequence[int] = (), **more: object) -> Links:
    table = np.array(rows, dtype=float).reshape(-1, 6)
    costs = link_costs(table[:, 2], table[:, 3], table[:, 4], table[:, 5])
    is_closed = np.zeros(n, dtype=bool)
    is_closed[list(closed)] = True
    return links(n, table[:, 0], table[:, 1], costs, is_closed, **more)  # type: ignore[arg-type]


def demand(rows: Sequence[Trip]) -> Trips:
    table = np.array(rows, dtype=float).reshape(-1, 3)
    return trips(table[:, 0], table[:, 1], table[:, 2])


def affine(tail: int, head: int, at_zero: float, slope: float) -> Link:
    """A link of cost at_zero + slope x."""
    if at_zero == 0.0:
        # No free-flow time to grow from: a power of one on a time that hardly counts.
        return (tail, head, 1e-12, 1e12 * slope, 1.0, 1.0)
    return (tail, head, at_zero, slope / at_zero, 1.0, 1.0)


def two_roads() -> tuple[Links, Trips]:
    """0 ──── 4 + x ──── 1     10 from 0 to 1
    └─── 8 + x/2 ───┘     by hand: 6 and 4... 4 + x = 8 + (10 - x) / 2, x = 6, both cost 10"""
    return world(2, [affine(0, 1, 4, 1), affine(0, 1, 8, 0.5)]), demand([(0, 1, 10)])


def braess(shortcut: bool) -> tuple[Links, Trips]:
    """Braess (1968) in the numbers of Sheffi: 6 from 0 to 3.

    0 → 1 and 2 → 3 cost 10 x; 0 → 2 and 1 → 3 cost 50 + x; the shortcut 1 → 2 costs 10 + x.
    Without it 3 go each way at 83; with it 2 go each of three routes at 92.
    """
    rows = [affine(0, 1, 0, 10), affine(2, 3, 0, 10), affine(0, 2, 50, 1), affine(1, 3, 50, 1)]
    if shortcut:
        rows.append(affine(1, 2, 10, 1))
    return world(4, rows), demand([(0, 3, 6)])


def random_world(seed: int, n: int = 12, m: int = 40, pairs: int = 25) -> tuple[Links, Trips]:
    """Congested, with powers whole and broken, constant links, parallel links and loops."""
    draw = np.random.default_rng(seed)
    rows = [
        (
            int(draw.integers(n)),
            int(draw.integers(n)),
            float(draw.uniform(1, 5)),
            float(draw.choice([0.0, 0.15, 1.0], p=[0.1, 0.45, 0.45])),
            float(draw.uniform(1, 4)),
            float(draw.choice([1.0, 2.0, 4.0, 3.5, 1.3])),
        )
        for _ in range(m)
    ]
    # A ring connects everybody.
    rows += [(i, (i + 1) % n, float(draw.uniform(2, 6)), 0.5, 3.0, 4.0) for i in range(n)]
    wanted = [
        (*map(int, draw.integers(n, size=2)), float(draw.uniform(0, 3))) for _ in range(pairs)
    ]
    return world(n, rows), demand(wanted)


def worst_detour(there: Links, asked: Trips, found: Assignment) -> float:
    """By how much a used path is dearer than the least, at most, by enumeration of links.

    A link with flow of an origin must lie on a least-cost way of that origin, link by link.
    """
    cost = costs_at(there.costs, found.volume)[0] + there.extra[0]
    worst, uses = 0.0, found.uses
    for r, origin in enumerate(uses.origin.tolist()):
        label = bellman(there, cost, origin)
        for i in range(uses.start[r], uses.start[r + 1]):
            a = uses.link[i]
            start = 0.0 if there.tail[a] == origin else label[there.tail[a]]
            worst = max(worst, start + cost[a] - label[there.head[a]])
    return worst


def bellman(there: Links, cost: NDArray[np.float64], origin: int) -> NDArray[np.float64]:
    """Least cost from a node by Bellman and Ford; no path passes through a closed node."""
    label = np.full(there.n_node, np.inf)
    label[origin] = 0.0
    for _ in range(there.n_node + 1):
        for a in range(len(cost)):
            v, u = there.tail[a], there.head[a]
            if v == origin or not there.is_closed[v]:
                label[u] = min(label[u], label[v] + cost[a])
    return label


def worlds() -> st.SearchStrategy[tuple[Links, Trips]]:
    """Anything: islands, loops, parallel links, links free of cost, without capacity, closed zones."""

    def of_size(n: int) -> st.SearchStrategy[tuple[Links, Trips]]:
        node = st.integers(0, n - 1)
        link = st.tuples(
            node,
            node,
            st.sampled_from([0.0, 1.0, 2.0, 3.7]),
            st.sampled_from([0.0, 0.15, 1.0, 10.0]),
            st.sampled_from([0.0, 1.0, 2.0, 7.5]),
            st.sampled_from([0.0, 0.5, 1.0, 1.7, 4.0, 6.0]),
        )
        trip = st.tuples(node, node, st.sampled_from([0.0, 0.1, 1.0, 3.0, 12.0]))
        closed = st.lists(node, max_size=2, unique=True)
        return st.builds(
            lambda rows, wanted, shut: (world(n, rows, shut), demand(wanted)),
            st.lists(link, max_size=4 * n),
            st.lists(trip, max_size=8),
            closed,
        )

    return st.integers(1, 7).flatmap(of_size)
