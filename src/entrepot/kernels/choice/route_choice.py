"""Choice among the routes of a pair, skims and loads: path-size logit on fixed route sets.

Ben-Akiva and Bierlaire (1999) with costs relative to the least of the pair (Fosgerau and Bierlaire
2009). With C_r the cost of route r, C0 the least baseline cost of the pair, and

    S_r = sum_{a in r} (c0_a / C_r at baseline) / #{routes of the pair that use a}        path size
    V   = -(C0 / mu) ln sum_r S_r exp(-mu C_r / C0)                                        skim
    P_r = S_r exp(-mu C_r / C0) / sum_r' S_r' exp(-mu C_r' / C0)                           share
    x_a = sum_pairs Q sum_{r uses a} P_r                                                   load

C0 and S are those of the baseline and stay; `path_size` makes them. Two identities follow and carry all sensitivities:

    dV / dc_a = sum_{r uses a} P_r
    dx / dc   = - sum_pairs Q mu / C0 [ sum_r P_r d_r d_r' - p p' ],  symmetric, negative semidefinite

with d_r the arcs of a route as zeros and ones and p their mean. Classes share the sets and differ
in cost and choice. A route that a class cannot take has infinite cost; a pair of which every route is
closed has an infinite skim and carries nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit, prange

from entrepot.kernels.arrays import FloatArray, IntArray
from entrepot.kernels.choice.class_choice import choose_classes
from entrepot.kernels.short_repr import short_repr
from entrepot.kernels.threads import parallel


@short_repr
@dataclass(frozen=True, slots=True)
class RouteSets:
    """Routes of P pairs over A arcs, R in all; fixed once.

    first  : (P + 1,) routes of pair p are first[p] .. first[p + 1] - 1
    start  : (R + 1,) arcs of route r are arcs[start[r]] .. arcs[start[r + 1] - 1]
    arcs   : (E,) arcs in the order of travel; an arc that a route passes twice stands twice
    pair   : (R,) pair of each route
    users  : (E,) routes by arc; those of arc a are users[begin[a]] .. users[begin[a + 1] - 1], rising
    begin  : (A + 1,)
    """

    first: IntArray
    start: IntArray
    arcs: IntArray
    pair: IntArray
    users: IntArray
    begin: IntArray

    @classmethod
    def of(cls, first: IntArray, start: IntArray, arcs: IntArray, n_arc: int) -> RouteSets:
        """Sets from routes by pair and arcs by route."""
        first, start, arcs = (np.ascontiguousarray(v, dtype=np.int64) for v in (first, start, arcs))
        if first[0] != 0 or start[0] != 0 or start[-1] != len(arcs) or first[-1] != len(start) - 1:
            raise ValueError("routes by pair and arcs by route do not fit together")
        if (np.diff(first) < 0).any() or (np.diff(start) < 0).any():
            raise ValueError("positions must not fall")
        if len(arcs) and not (arcs.min() >= 0 and arcs.max() < n_arc):
            raise ValueError(f"an arc lies outside 0 .. {n_arc - 1}")
        pair = np.repeat(np.arange(len(first) - 1), np.diff(first))
        route = np.repeat(np.arange(len(start) - 1), np.diff(start))
        # Sixteen bits are sorted by radix, many times faster, into the same stable order.
        order = np.argsort(arcs.astype(np.uint16) if n_arc < 1 << 16 else arcs, kind="stable")
        begin = np.zeros(n_arc + 1, dtype=np.int64)
        np.cumsum(np.bincount(arcs, minlength=n_arc), out=begin[1:])
        return cls(first, start, arcs, pair, route[order], begin)

    @property
    def n_pair(self) -> int:
        return len(self.first) - 1

    @property
    def n_route(self) -> int:
        return len(self.start) - 1

    @property
    def n_arc(self) -> int:
        return len(self.begin) - 1


@short_repr
@dataclass(frozen=True, slots=True)
class Base:
    """What a baseline fixes for one class.

    least : (P,) least baseline cost of the pair; infinite where no route is open
    size  : (R,) path size at baseline costs; of routes closed at the baseline, at their open costs
    mu    : dispersion; a route one per cent dearer loses about mu per cent of its odds
    """

    least: FloatArray
    size: FloatArray
    mu: float


@short_repr
@dataclass(frozen=True, slots=True)
class Choice:
    """Shares (R,) that sum to one over the open routes of a pair, and skims (P,)."""

    share: FloatArray
    skim: FloatArray


def route_cost(sets: RouteSets, cost: FloatArray, extra: FloatArray | None = None) -> FloatArray:
    """(R,) cost of each route: arc costs (A,) along it, and what belongs to the route as a whole."""
    out = np.empty(sets.n_route)
    _route_cost(sets.start, sets.arcs, cost, out)
    return out if extra is None else out + extra


def route_cost_of(sets: RouteSets, arcs: IntArray, cost: FloatArray) -> FloatArray:
    """(R,) `route_cost` where only some arcs (K,) cost something, cost (K,): quick where they are few."""
    out = np.zeros(sets.n_route)
    _add_along(sets.begin, sets.users, arcs, cost, out)
    return out


def choose(sets: RouteSets, base: Base, total: FloatArray) -> Choice:
    """Shares and skims at route costs (R,), infinite for closed routes."""
    none, mu = np.zeros(sets.n_route), np.array([base.mu])
    share, skim = choose_classes(
        sets.first, base.least[None], base.size[None], mu, total[None], none, none, np.zeros(1)
    )
    return Choice(share[0], skim[0])


def load(sets: RouteSets, share: FloatArray, demand: FloatArray) -> FloatArray:
    """(A,) loads of demand (P,) by shares (R,). Demand of a pair without an open route is not loaded."""
    return sums_by_arc(sets, share * demand[sets.pair])


def sums_by_arc(sets: RouteSets, by_route: FloatArray) -> FloatArray:
    """(A,) sums of values of routes (R,) over those that use an arc."""
    out = np.empty(sets.n_arc)
    _by_arc(sets.begin, sets.users, by_route, out)
    return out


def skim_change(sets: RouteSets, share: FloatArray, change: FloatArray) -> FloatArray:
    """(P,) first-order change of skims for changes of arc cost (A,): the mean over routes."""
    out = np.empty(sets.n_pair)
    _mean(sets.first, share, route_cost(sets, change), out)
    return out


def load_change(
    sets: RouteSets, base: Base, share: FloatArray, demand: FloatArray, change: FloatArray
) -> FloatArray:
    """(A,) first-order change of loads for changes of arc cost (A,), demand (P,) fixed."""
    along = route_cost(sets, change)
    mean = np.empty(sets.n_pair)
    _mean(sets.first, share, along, mean)
    with np.errstate(invalid="ignore", divide="ignore"):
        scale = np.where(np.isfinite(base.least), demand * base.mu / base.least, 0.0)
    return sums_by_arc(sets, -share * scale[sets.pair] * (along - mean[sets.pair]))


@parallel
def _route_cost(start: IntArray, arcs: IntArray, cost: FloatArray, out: FloatArray) -> None:
    for r in prange(len(start) - 1):
        total = 0.0
        for k in range(start[r], start[r + 1]):
            total += cost[arcs[k]]
        out[r] = total


@njit(cache=True)
def _add_along(
    begin: IntArray, users: IntArray, arcs: IntArray, cost: FloatArray, out: FloatArray
) -> None:
    for k in range(len(arcs)):
        for u in range(begin[arcs[k]], begin[arcs[k] + 1]):
            out[users[u]] += cost[k]


@parallel
def _by_arc(begin: IntArray, users: IntArray, value: FloatArray, out: FloatArray) -> None:
    """Each arc adds its own routes in their order, so that threads do not change the sum."""
    for a in prange(len(begin) - 1):
        total = 0.0
        for k in range(begin[a], begin[a + 1]):
            total += value[users[k]]
        out[a] = total


@parallel
def _mean(first: IntArray, share: FloatArray, value: FloatArray, out: FloatArray) -> None:
    for p in prange(len(first) - 1):
        total = 0.0
        for r in range(first[p], first[p + 1]):
            if share[r] > 0.0:
                total += share[r] * value[r]
        out[p] = total
