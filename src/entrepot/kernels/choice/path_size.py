"""Path sizes of routes where a class can take some routes of a pair and others not.

    S_r = sum_{a in r} (c_a / C_r) / n_a        n_a = #{open routes of the pair that use a}

(Ben-Akiva and Bierlaire 1999). Routes that a class can never take must not halve the size of those
it does take, so only open routes are counted. A closed route counts itself beside the open ones, as
if it were opened alone; of a pair without an open route all are counted.
"""

from __future__ import annotations

import numpy as np
from numba import prange
from numpy.typing import NDArray

from entrepot.kernels.arrays import FloatArray, IntArray
from entrepot.kernels.choice.route_choice import Base, RouteSets, route_cost
from entrepot.kernels.threads import parallel

# Pairs are cut into this many blocks, each with counters of its own.
BLOCKS = 16


def make_base(
    sets: RouteSets, cost: FloatArray, mu: float, total: FloatArray | None = None
) -> Base:
    """Least costs and path sizes at baseline costs.

    cost  : (A,) above zero, of arcs when open
    total : (R,) cost of routes where they have more than their arcs, infinite for closed ones; None
            for the sum of the arcs
    """
    if not mu > 0:
        raise ValueError("mu must be above zero")
    whole = route_cost(sets, cost) if total is None else total
    least = np.full(sets.n_pair, np.inf)
    np.minimum.at(least, sets.pair, whole)
    return Base(least, path_sizes(sets, cost, np.isfinite(whole)), float(mu))


def path_sizes(sets: RouteSets, cost: FloatArray, is_open: NDArray[np.bool_]) -> FloatArray:
    """(R,) path sizes. cost: (A,) above zero, of arcs when open; is_open: (R,)."""
    out = np.empty(sets.n_route)
    cuts = np.linspace(0, sets.n_pair, BLOCKS + 1).astype(np.int64)
    _sizes(cuts, sets.first, sets.start, sets.arcs, cost, is_open, out)
    return out


def path_sizes_plain(sets: RouteSets, cost: FloatArray, is_open: NDArray[np.bool_]) -> FloatArray:
    """The plain twin."""
    out = np.empty(sets.n_route)
    for p in range(sets.n_pair):
        routes = range(sets.first[p], sets.first[p + 1])
        paths = {r: sets.arcs[sets.start[r] : sets.start[r + 1]].tolist() for r in routes}
        counted = [r for r in routes if is_open[r]] or list(routes)
        for r in routes:
            by = [a for q in {*counted, r} for a in paths[q]]
            whole = sum(float(cost[a]) for a in paths[r])
            shared = sum(float(cost[a]) / by.count(a) for a in paths[r])
            out[r] = shared / whole if whole > 0 else 1.0 / len({*counted, r})
    return out


@parallel
def _sizes(
    cuts: IntArray,
    first: IntArray,
    start: IntArray,
    arcs: IntArray,
    cost: FloatArray,
    is_open: NDArray[np.bool_],
    out: FloatArray,
) -> None:
    for block in prange(len(cuts) - 1):
        count = np.zeros(len(cost), dtype=np.int64)
        for p in range(cuts[block], cuts[block + 1]):
            a, b = first[p], first[p + 1]
            n_open = 0
            for r in range(a, b):
                n_open += is_open[r]
            for r in range(a, b):
                if is_open[r] or n_open == 0:
                    for k in range(start[r], start[r + 1]):
                        count[arcs[k]] += 1
            for r in range(a, b):
                alone = not is_open[r] and n_open > 0
                if alone:
                    for k in range(start[r], start[r + 1]):
                        count[arcs[k]] += 1
                whole, size = 0.0, 0.0
                for k in range(start[r], start[r + 1]):
                    whole += cost[arcs[k]]
                    size += cost[arcs[k]] / count[arcs[k]]
                if alone:
                    for k in range(start[r], start[r + 1]):
                        count[arcs[k]] -= 1
                counted = n_open + 1 if alone else n_open if n_open > 0 else b - a
                out[r] = size / whole if whole > 0 else 1.0 / counted
            for r in range(a, b):
                for k in range(start[r], start[r + 1]):
                    count[arcs[k]] = 0
