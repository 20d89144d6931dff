"""The passes over rows behind `absorb`; names of arrays as there."""

from __future__ import annotations

import numpy as np
from numba import njit

from entrepot.kernels.arrays import BoolArray, FloatArray, Int32Array, IntArray
from entrepot.kernels.regression.cholesky import TILE

BATCH = 4  # rows whose products are added together


@njit(cache=True, nogil=True)
def stable_order(key: IntArray, order: IntArray, most: int) -> IntArray:
    """Rows sorted by a key below most; rows of one key stay in the order given."""
    begin = np.zeros(most + 1, dtype=np.int64)
    for r in range(len(key)):
        begin[key[r] + 1] += 1
    for k in range(most):
        begin[k + 1] += begin[k]
    out = np.empty_like(order)
    for at in range(len(order)):
        r = order[at]
        out[begin[key[r]]] = r
        begin[key[r]] += 1
    return out


@njit(cache=True, nogil=True)
def mark_tiles(start: IntArray, place: Int32Array, filled: BoolArray) -> None:
    """Tiles of the Schur complement that a segment touches."""
    factors = place.shape[1]
    t = len(filled)
    seen = np.full(t, -1, dtype=np.int64)
    touched = np.empty(t, dtype=np.int64)
    for g in range(len(start) - 1):
        count = 0
        for r in range(start[g], start[g + 1]):
            for f in range(factors):
                tile = place[r, f] // TILE
                if seen[tile] != g:
                    seen[tile] = g
                    touched[count] = tile
                    count += 1
        for i in range(count):
            for j in range(count):
                if touched[i] <= touched[j]:
                    filled[touched[i], touched[j]] = True


@njit(cache=True, nogil=True)
def add_up(place: Int32Array, weight: FloatArray, total: FloatArray) -> None:
    """Sum of weights by stacked level."""
    for r in range(len(weight)):
        for f in range(place.shape[1]):
            total[place[r, f]] += weight[r]


@njit(cache=True, nogil=True)
def schur(
    start: IntArray,
    place: Int32Array,
    weight: FloatArray,
    number: Int32Array,
    tiles: FloatArray,
) -> None:
    """Upper triangle of S = D - C' W^-1 C, by tile.

    On the diagonal c - c^2 / W is taken as c (W - c) / W with W - c added up from the others, or
    a level that holds nearly all of a segment would lose its digits.
    """
    factors = place.shape[1]
    size = len(number) * TILE
    slot = np.full(size, -1, dtype=np.int64)
    spot = np.empty(size, dtype=np.int64)
    owner = np.empty(size, dtype=np.int64)
    share = np.empty(size)
    rest = np.empty(size)
    for g in range(len(start) - 1):
        count, whole = 0, 0.0
        for f in range(factors):
            first = count
            for r in range(start[g], start[g + 1]):
                at = place[r, f]
                if slot[at] < 0:
                    slot[at] = count
                    spot[count] = at
                    owner[count] = f
                    share[count] = 0.0
                    count += 1
                share[slot[at]] += weight[r]
            before = 0.0
            for k in range(first, count):
                rest[k] = before
                before += share[k]
            after = 0.0
            for k in range(count - 1, first - 1, -1):
                rest[k] += after
                after += share[k]
            whole = before
        for i in range(count):
            a = spot[i]
            slot[a] = -1
            own = share[i] / whole
            ti, pi = a // TILE, a % TILE
            tiles[number[ti, ti], pi, pi] += own * rest[i]
            for j in range(i + 1, count):
                b = spot[j]
                if a < b:
                    tiles[number[ti, b // TILE], pi, b % TILE] -= own * share[j]
                else:
                    tiles[number[b // TILE, ti], b % TILE, pi] -= own * share[j]
        for r in range(start[g], start[g + 1]):
            for f in range(factors):
                for h in range(f + 1, factors):
                    a, b = min(place[r, f], place[r, h]), max(place[r, f], place[r, h])
                    tiles[number[a // TILE, b // TILE], a % TILE, b % TILE] += weight[r]


@njit(cache=True, nogil=True, fastmath={"contract"})
def _add_products(batch: FloatArray, cross: FloatArray) -> None:
    """Add batch' batch to cross, upper triangle; batch (BATCH, columns)."""
    count = batch.shape[1]
    for i in range(count):
        a0, a1, a2, a3 = batch[0, i], batch[1, i], batch[2, i], batch[3, i]
        for j in range(i, count):
            cross[i, j] += a0 * batch[0, j] + a1 * batch[1, j] + a2 * batch[2, j] + a3 * batch[3, j]


@njit(cache=True, nogil=True, fastmath={"contract"})
def take_means(
    lo: int,
    hi: int,
    start: IntArray,
    place: Int32Array,
    plain: bool,
    weight: FloatArray,
    columns: FloatArray,
    mean: FloatArray,
    stack: FloatArray,
    cross: FloatArray,
) -> None:
    """Means of segments lo .. hi - 1, and sums of what they leave, by level and in products."""
    count = columns.shape[1]
    z = np.empty(count)
    batch = np.zeros((BATCH, count))
    filled = 0
    for g in range(lo, hi):
        if not plain:
            whole = 0.0
            for r in range(start[g], start[g + 1]):
                whole += weight[r]
                for c in range(count):
                    mean[g, c] += weight[r] * columns[r, c]
            for c in range(count):
                mean[g, c] /= whole
        for r in range(start[g], start[g + 1]):
            root = np.sqrt(weight[r])
            for c in range(count):
                z[c] = columns[r, c] - mean[g, c]
                batch[filled, c] = root * z[c]
            for f in range(place.shape[1]):
                at = place[r, f]
                for c in range(count):
                    stack[at, c] += weight[r] * z[c]
            filled += 1
            if filled == BATCH:
                _add_products(batch, cross)
                filled = 0
    if filled:
        batch[filled:] = 0.0
        _add_products(batch, cross)


@njit(cache=True, nogil=True, fastmath={"contract"})
def take_out(
    lo: int,
    hi: int,
    start: IntArray,
    place: Int32Array,
    plain: bool,
    weight: FloatArray,
    a: FloatArray,
    main: FloatArray,
    columns: FloatArray,
) -> None:
    """Subtract stacked effects a, and main effects, which become main = mean - mean of a."""
    count = columns.shape[1]
    inner = np.empty(count)
    if plain:
        return
    for g in range(lo, hi):
        inner[:] = 0.0
        whole = 0.0
        for r in range(start[g], start[g + 1]):
            whole += weight[r]
            for f in range(place.shape[1]):
                at = place[r, f]
                for c in range(count):
                    inner[c] += weight[r] * a[at, c]
        for c in range(count):
            main[g, c] -= inner[c] / whole
        for r in range(start[g], start[g + 1]):
            for c in range(count):
                columns[r, c] -= main[g, c]
            for f in range(place.shape[1]):
                at = place[r, f]
                for c in range(count):
                    columns[r, c] -= a[at, c]


@njit(cache=True, nogil=True, fastmath={"contract"})
def apply_schur(
    lo: int,
    hi: int,
    start: IntArray,
    place: Int32Array,
    weight: FloatArray,
    a: FloatArray,
    out: FloatArray,
) -> None:
    """Out += S a, from the rows of segments lo .. hi - 1."""
    count = a.shape[1]
    factors = place.shape[1]
    inner = np.empty(count)
    t = np.empty(count)
    for g in range(lo, hi):
        inner[:] = 0.0
        whole = 0.0
        for r in range(start[g], start[g + 1]):
            whole += weight[r]
            for f in range(factors):
                at = place[r, f]
                for c in range(count):
                    inner[c] += weight[r] * a[at, c]
        for c in range(count):
            inner[c] /= whole
        for r in range(start[g], start[g + 1]):
            for c in range(count):
                t[c] = -inner[c]
            for f in range(factors):
                at = place[r, f]
                for c in range(count):
                    t[c] += a[at, c]
            for f in range(factors):
                at = place[r, f]
                for c in range(count):
                    out[at, c] += weight[r] * t[c]


@njit(cache=True, nogil=True)
def scale_to_totals(
    start: IntArray,
    place: Int32Array,
    goal_main: FloatArray,
    goal: FloatArray,
    mu: FloatArray,
    main: FloatArray,
    stack: FloatArray,
    sweeps: int,
) -> None:
    """Multiply mu so that its sums by level meet the goals, one factor after the other.

    Iterative proportional fitting; logs of the multipliers are added to main and stack.
    """
    size = len(goal)
    total = np.empty(size)
    for _ in range(sweeps):
        for f in range(place.shape[1]):
            total[:] = 0.0
            for r in range(len(mu)):
                total[place[r, f]] += mu[r]
            for k in range(size):
                if total[k] > 0.0:
                    total[k] = goal[k] / total[k]
                    stack[k] += np.log(total[k])
            for r in range(len(mu)):
                mu[r] *= total[place[r, f]]
        for g in range(len(start) - 1):
            whole = 0.0
            for r in range(start[g], start[g + 1]):
                whole += mu[r]
            ratio = goal_main[g] / whole
            main[g] += np.log(ratio)
            for r in range(start[g], start[g + 1]):
                mu[r] *= ratio
