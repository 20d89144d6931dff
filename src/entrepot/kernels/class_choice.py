"""Choice, skims and loads of all classes of cargo at once, and their transposes.

The equations of `route_choice` for C classes that share their route sets, written for use in a
loop: one pass over the routes a call. Each transpose is the exact one, so that
<y, forward(x)> = <transpose(y), x>.
"""

from __future__ import annotations

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


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


def cost_cotangents(
    first: IntArray,
    share: FloatArray,
    slope: FloatArray,
    value: FloatArray,
    mean: FloatArray,
    skim: FloatArray,
    usd_per_hour: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """(R,) cotangents of the hours and of the USD/t of routes.

    slope : (C, P) demand * mu / C0, what a difference in cost moves
    value : (1, R) or (C, R) cotangent of the tonnes on a route
    mean  : (C, P) its means over routes
    skim  : (C, P) cotangent of the skims
    """
    one = np.zeros(len(share), dtype=np.int64)
    hours, usd = group_cotangents(first, share, slope, value, mean, skim, usd_per_hour, one)
    return hours[0], usd[0]


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
    """(G, R) the same by groups of classes; group : (C,) from 0 to G - 1."""
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


@njit(cache=True, parallel=True)
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
    for k in prange(len(least) * n_pair):
        c, p = k // n_pair, k % n_pair
        a, b = first[p], first[p + 1]
        if not needed[c, p]:
            share[c, a:b] = 0.0
            skim[c, p] = np.inf
            continue
        low = np.inf
        for r in range(a, b):
            # The place of the total, before it becomes a share.
            share[c, r] = cost[c, r] + usd_per_hour[c] * hours[r] + usd[r]
            low = min(low, share[c, r])
        if not np.isfinite(low):
            share[c, a:b] = 0.0
            skim[c, p] = np.inf
            continue
        scale = least[c, p]
        if not np.isfinite(scale):
            # A pair closed at the baseline is priced by the least of its routes now.
            scale = low
        odds, steep = 0.0, mu[c] / scale
        for r in range(a, b):
            if np.isfinite(share[c, r]):
                share[c, r] = size[c, r] * np.exp(-steep * (share[c, r] - low))
                odds += share[c, r]
            else:
                share[c, r] = 0.0
        for r in range(a, b):
            share[c, r] /= odds
        skim[c, p] = low - scale / mu[c] * np.log(odds)


@njit(cache=True, parallel=True)
def _tonnes(pair: IntArray, share: FloatArray, demand: FloatArray, out: FloatArray) -> None:
    for r in prange(len(pair)):
        total = 0.0
        for c in range(len(share)):
            total += share[c, r] * demand[c, pair[r]]
        out[r] = total


@njit(cache=True, parallel=True)
def _means(first: IntArray, share: FloatArray, value: FloatArray, out: FloatArray) -> None:
    n_pair, last = len(first) - 1, len(value) - 1
    for k in prange(len(share) * n_pair):
        c, p = k // n_pair, k % n_pair
        total = 0.0
        for r in range(first[p], first[p + 1]):
            total += share[c, r] * value[min(c, last), r]
        out[c, p] = total


@njit(cache=True, parallel=True)
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


@njit(cache=True, parallel=True)
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
