"""Choice, skims and loads of all classes of cargo at once, and their transposes.

The equations of `route_choice` for C classes that share their route sets, written for use in a
loop: one pass over the routes a call. Each transpose is the exact one, so that
<y, forward(x)> = <transpose(y), x>.
"""

from __future__ import annotations

import numpy as np
from numba import njit, prange

from entrepot.kernels.arrays import BoolArray, FloatArray, IntArray
from entrepot.kernels.choice.exponential import exp_down
from entrepot.kernels.threads import parallel

# Pairs that are worked on at a time, so that their routes stay near.
BLOCK = 64


def choose_classes(
    first: IntArray,
    least: FloatArray,
    size: FloatArray,
    mu: FloatArray,
    cost: FloatArray,
    hours: FloatArray,
    usd: FloatArray,
    usd_per_hour: FloatArray,
    needed: BoolArray | None = None,
) -> tuple[FloatArray, FloatArray]:
    """Shares (C, R) and skims (C, P) at cost + usd_per_hour * hours + usd.

    needed : (C, P) pairs to be answered; the others count as closed
    first : (P + 1,); least : (C, P); size, cost : (C, R); mu, usd_per_hour : (C,); hours, usd : (R,)
    A route of infinite cost is closed; a pair of which all are has an infinite skim.
    """
    share, skim = np.empty(cost.shape), np.empty(least.shape)
    asked = np.ones(least.shape, dtype=np.bool_) if needed is None else needed
    _choose(first, least, size, mu, cost, hours, usd, usd_per_hour, asked, share, skim)
    return share, skim


def route_tonnes(pair: IntArray, share: FloatArray, demand: FloatArray) -> FloatArray:
    """(R,) tonnes of all classes on each route; share (C, R), demand (C, P)."""
    out = np.empty(len(pair))
    _tonnes(pair, share, demand, out)
    return out


def pair_means(first: IntArray, share: FloatArray, value: FloatArray) -> FloatArray:
    """(C, P) means over routes of value (1, R) or (C, R): the transpose of loading demand."""
    out = np.empty((len(share), len(first) - 1))
    _means(first, share, value, out)
    return out


def group_cotangents(
    first: IntArray,
    share: FloatArray,
    slope: FloatArray,
    value: FloatArray,
    mean: FloatArray,
    skim: FloatArray,
    usd_per_hour: FloatArray,
    group: IntArray,
) -> tuple[FloatArray, FloatArray]:
    """(G, R) cotangents of the hours and of the USD/t of routes, by groups of classes.

    slope : (C, P) demand * mu / C0, what a difference in cost moves
    value : (1, R) or (C, R) cotangent of the tonnes on a route
    mean  : (C, P) its means over routes
    skim  : (C, P) cotangent of the skims
    group : (C,) from 0 to G - 1
    """
    shape = (int(group.max()) + 1, share.shape[1])
    hours, usd = np.zeros(shape), np.zeros(shape)
    _cotangents(first, share, slope, value, mean, skim, usd_per_hour, group, hours, usd)
    return hours, usd


def own_slopes(
    first: IntArray, share: FloatArray, slope: FloatArray, usd_per_hour: FloatArray
) -> FloatArray:
    """(R,) tonnes that a route loses for an hour more on it alone."""
    out = np.empty(share.shape[1])
    _own(first, share, slope, usd_per_hour, out)
    return out


@parallel
def _choose(
    first: IntArray,
    least: FloatArray,
    size: FloatArray,
    mu: FloatArray,
    cost: FloatArray,
    hours: FloatArray,
    usd: FloatArray,
    usd_per_hour: FloatArray,
    needed: BoolArray,
    share: FloatArray,
    skim: FloatArray,
) -> None:
    n_pair = len(first) - 1
    n_block = (n_pair + BLOCK - 1) // BLOCK
    for k in prange(len(least) * n_block):
        c, p = k // n_block, (k % n_block) * BLOCK
        end = min(p + BLOCK, n_pair)
        while p < end:
            q = p + 1
            while q < end and needed[c, q] == needed[c, p]:
                q += 1
            # Pairs p to q are needed, or none of them is.
            a, b = first[p], first[q]
            place, low = share[c, a:b], skim[c, p:q]
            if needed[c, p]:
                begin = first[p : q + 1] - a
                _totals(cost[c, a:b], usd_per_hour[c], hours[a:b], usd[a:b], place)
                _exponents(begin, mu[c], least[c, p:q], place, low)
                _weigh(size[c, a:b], place)
                _to_shares(begin, mu[c], least[c, p:q], place, low)
            else:
                place[:] = 0.0
                low[:] = np.inf
            p = q


@njit(cache=True)
def _totals(
    cost: FloatArray, per_hour: float, hours: FloatArray, usd: FloatArray, out: FloatArray
) -> None:
    for r in range(len(out)):
        out[r] = cost[r] + per_hour * hours[r] + usd[r]


@njit(cache=True)
def _exponents(
    begin: IntArray,
    mu: float,
    least: FloatArray,
    place: FloatArray,
    low: FloatArray,
) -> None:
    """Totals become -mu (C - low) / C0, minus infinity where closed."""
    for p in range(len(low)):
        routes, lowest = place[begin[p] : begin[p + 1]], np.inf
        for r in range(len(routes)):
            lowest = min(lowest, routes[r])
        low[p] = lowest
        if np.isfinite(lowest):
            steep = mu / _scale(least[p], lowest)
            for r in range(len(routes)):
                routes[r] = -steep * (routes[r] - lowest)
        else:
            routes[:] = -np.inf


@njit(cache=True)
def _weigh(size: FloatArray, place: FloatArray) -> None:
    """Exponents become odds."""
    for r in range(len(place)):
        place[r] = size[r] * exp_down(place[r])


@njit(cache=True)
def _to_shares(
    begin: IntArray, mu: float, least: FloatArray, place: FloatArray, low: FloatArray
) -> None:
    """Odds become shares, and the least cost becomes the skim."""
    for p in range(len(low)):
        if not np.isfinite(low[p]):
            continue
        routes, odds = place[begin[p] : begin[p + 1]], 0.0
        for r in range(len(routes)):
            odds += routes[r]
        part = 1.0 / odds
        for r in range(len(routes)):
            routes[r] *= part
        low[p] -= _scale(least[p], low[p]) / mu * np.log(odds)


@njit(inline="always")
def _scale(least: float, low: float) -> float:
    """C0; a pair closed at the baseline is priced by the least of its routes now."""
    return least if np.isfinite(least) else low


@parallel
def _tonnes(pair: IntArray, share: FloatArray, demand: FloatArray, out: FloatArray) -> None:
    for r in prange(len(pair)):
        total = 0.0
        for c in range(len(share)):
            total += share[c, r] * demand[c, pair[r]]
        out[r] = total


@parallel
def _means(first: IntArray, share: FloatArray, value: FloatArray, out: FloatArray) -> None:
    n_pair, last = len(first) - 1, len(value) - 1
    for k in prange(len(share) * n_pair):
        c, p = k // n_pair, k % n_pair
        total = 0.0
        for r in range(first[p], first[p + 1]):
            total += share[c, r] * value[min(c, last), r]
        out[c, p] = total


@parallel
def _cotangents(
    first: IntArray,
    share: FloatArray,
    slope: FloatArray,
    value: FloatArray,
    mean: FloatArray,
    skim: FloatArray,
    usd_per_hour: FloatArray,
    group: IntArray,
    hours: FloatArray,
    usd: FloatArray,
) -> None:
    last = len(value) - 1
    for p in prange(len(first) - 1):
        for c in range(len(share)):
            if slope[c, p] == 0.0 and skim[c, p] == 0.0:
                continue
            for r in range(first[p], first[p + 1]):
                moved = slope[c, p] * (value[min(c, last), r] - mean[c, p])
                one = share[c, r] * (skim[c, p] - moved)
                usd[group[c], r] += one
                hours[group[c], r] += usd_per_hour[c] * one


@parallel
def _own(
    first: IntArray,
    share: FloatArray,
    slope: FloatArray,
    usd_per_hour: FloatArray,
    out: FloatArray,
) -> None:
    for p in prange(len(first) - 1):
        for r in range(first[p], first[p + 1]):
            total = 0.0
            for c in range(len(share)):
                total += usd_per_hour[c] * slope[c, p] * share[c, r] * (1.0 - share[c, r])
            out[r] = total
