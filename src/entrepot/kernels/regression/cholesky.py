"""Cholesky factor of a symmetric matrix in tiles, tiles of zeros left out.

    S = U' U,    U_II = chol(S_II - sum_K<I U_KI' U_KI),    U_IJ = U_II^-T (S_IJ - sum U_KI' U_KJ)

S may be singular, as the normal equations of overlapping effects are: a pivot that falls below a
share of its diagonal belongs to a level that others determine. Its row is set aside, so that a
solve is exact for every right-hand side that S can give and harmless beyond.

Rows of tiles follow one another; within a row the tiles are independent and may go to threads.
Each tile is worked on by one thread in a fixed order, so no result depends on their number.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numba import njit

from entrepot.kernels.arrays import BoolArray, FloatArray, Int32Array
from entrepot.kernels.short_repr import short_repr

TILE = 64
# Rounding leaves a redundant pivot near 1e-14 of its diagonal; a true one is far above.
REDUNDANT = 1e-11


@short_repr
@dataclass(frozen=True, slots=True)
class Pattern:
    """Which tiles of the factor may hold anything.

    number : (t, t) place of tile (I, J) in the stack of tiles, I <= J; -1 where there is none
    count  : tiles in all
    flops  : multiplications the factor takes
    """

    number: Int32Array
    count: int
    flops: float

    @property
    def size(self) -> int:
        """Rows of the matrix, padding included."""
        return len(self.number) * TILE


@short_repr
@dataclass(frozen=True, slots=True)
class Factor:
    """tiles (count, TILE, TILE) of U; redundant (size,) marks the pivots set aside."""

    pattern: Pattern
    tiles: FloatArray
    redundant: BoolArray

    def solve(self, right: FloatArray) -> FloatArray:
        """Solve S x = right for (size, columns) right-hand sides."""
        x = np.array(right, dtype=np.float64, order="C")
        _solve(self.pattern.number, self.tiles, x)
        return x


def pattern_of(filled: BoolArray) -> Pattern:
    """Pattern of the factor, given which tiles (I, J), I <= J, of the matrix hold anything."""
    filled = np.array(filled, dtype=np.bool_)
    np.fill_diagonal(filled, True)
    t = len(filled)
    flops = 0.0
    for k in range(t):
        right = np.flatnonzero(filled[k, k:]) + k
        flops += TILE**3 * len(right) ** 2 / 2.0
        inner = right[1:]
        filled[np.ix_(inner, inner)] = True
    upper = np.triu(filled)
    number = np.full((t, t), -1, dtype=np.int32)
    number[upper] = np.arange(int(upper.sum()), dtype=np.int32)
    return Pattern(number, int(upper.sum()), flops)


def factorise(pattern: Pattern, tiles: FloatArray, *, threads: int = 1) -> Factor:
    """Factorise in place. tiles: (count, TILE, TILE), upper triangles of S by tile.

    A diagonal element of zero marks padding.
    """
    number = pattern.number
    t = len(number)
    diagonal = np.concatenate([tiles[number[i, i]].diagonal() for i in range(t)])
    redundant = np.zeros(t * TILE, dtype=np.bool_)
    rows = [np.flatnonzero(number[i, i + 1 :] >= 0).astype(np.int32) + i + 1 for i in range(t)]
    if threads <= 1:
        for i in range(t):
            _pivot_tile(number, tiles, i, diagonal, redundant)
            _row(number, tiles, i, rows[i].astype(np.int32), redundant)
        return Factor(pattern, tiles, redundant)
    with ThreadPoolExecutor(threads) as pool:
        for i in range(t):
            _pivot_tile(number, tiles, i, diagonal, redundant)
            parts = [rows[i][k::threads].astype(np.int32) for k in range(threads)]

            def part(which: Int32Array, i: int = i) -> None:
                _row(number, tiles, i, which, redundant)

            list(pool.map(part, [p for p in parts if len(p)]))
    return Factor(pattern, tiles, redundant)


@njit(cache=True, nogil=True, fastmath={"contract"})
def _subtract(a: FloatArray, b: FloatArray, c: FloatArray) -> None:
    """Take a' b from c, all tiles; four rows by four terms at a time, so that registers are used well."""
    for i in range(0, TILE, 4):
        for k in range(0, TILE, 4):
            a00, a01, a02, a03 = a[k, i], a[k, i + 1], a[k, i + 2], a[k, i + 3]
            a10, a11, a12, a13 = a[k + 1, i], a[k + 1, i + 1], a[k + 1, i + 2], a[k + 1, i + 3]
            a20, a21, a22, a23 = a[k + 2, i], a[k + 2, i + 1], a[k + 2, i + 2], a[k + 2, i + 3]
            a30, a31, a32, a33 = a[k + 3, i], a[k + 3, i + 1], a[k + 3, i + 2], a[k + 3, i + 3]
            for j in range(TILE):
                b0, b1, b2, b3 = b[k, j], b[k + 1, j], b[k + 2, j], b[k + 3, j]
                c[i, j] = c[i, j] - a00 * b0 - a10 * b1 - a20 * b2 - a30 * b3
                c[i + 1, j] = c[i + 1, j] - a01 * b0 - a11 * b1 - a21 * b2 - a31 * b3
                c[i + 2, j] = c[i + 2, j] - a02 * b0 - a12 * b1 - a22 * b2 - a32 * b3
                c[i + 3, j] = c[i + 3, j] - a03 * b0 - a13 * b1 - a23 * b2 - a33 * b3


@njit(cache=True, nogil=True)
def _pivot_tile(
    number: Int32Array, tiles: FloatArray, i: int, diagonal: FloatArray, redundant: BoolArray
) -> None:
    u = tiles[number[i, i]]
    for k in range(i):
        if number[k, i] >= 0:
            _subtract(tiles[number[k, i]], tiles[number[k, i]], u)
    for p in range(TILE):
        scale = diagonal[i * TILE + p]
        pivot = u[p, p]
        if pivot <= REDUNDANT * scale:
            redundant[i * TILE + p] = True
            u[p, p] = np.sqrt(scale) if scale > 0.0 else 1.0
            for j in range(p + 1, TILE):
                u[p, j] = 0.0
            continue
        root = np.sqrt(pivot)
        u[p, p] = root
        for j in range(p + 1, TILE):
            u[p, j] /= root
        for q in range(p + 1, TILE):
            f = u[p, q]
            for j in range(q, TILE):
                u[q, j] -= f * u[p, j]


@njit(cache=True, nogil=True)
def _row(
    number: Int32Array, tiles: FloatArray, i: int, which: Int32Array, redundant: BoolArray
) -> None:
    """Tiles (i, j) for j in which."""
    u = tiles[number[i, i]]
    for at in range(len(which)):
        j = which[at]
        c = tiles[number[i, j]]
        for k in range(i):
            if number[k, i] >= 0 and number[k, j] >= 0:
                _subtract(tiles[number[k, i]], tiles[number[k, j]], c)
        for p in range(TILE):
            if redundant[i * TILE + p]:
                for q in range(TILE):
                    c[p, q] = 0.0
                continue
            inverse = 1.0 / u[p, p]
            for q in range(TILE):
                c[p, q] *= inverse
            for r in range(p + 1, TILE):
                f = u[p, r]
                for q in range(TILE):
                    c[r, q] -= f * c[p, q]


@njit(cache=True, nogil=True)
def _solve(number: Int32Array, tiles: FloatArray, x: FloatArray) -> None:
    """U' y = x, then U x = y, in place; x (size, columns)."""
    t, columns = len(number), x.shape[1]
    for i in range(t):
        u = tiles[number[i, i]]
        for p in range(TILE):
            row = i * TILE + p
            inverse = 1.0 / u[p, p]
            for c in range(columns):
                x[row, c] *= inverse
            for q in range(p + 1, TILE):
                f = u[p, q]
                if f != 0.0:
                    for c in range(columns):
                        x[i * TILE + q, c] -= f * x[row, c]
        for j in range(i + 1, t):
            if number[i, j] >= 0:
                v = tiles[number[i, j]]
                for p in range(TILE):
                    for q in range(TILE):
                        f = v[p, q]
                        for c in range(columns):
                            x[j * TILE + q, c] -= f * x[i * TILE + p, c]
    for i in range(t - 1, -1, -1):
        for j in range(i + 1, t):
            if number[i, j] >= 0:
                v = tiles[number[i, j]]
                for p in range(TILE):
                    for q in range(TILE):
                        f = v[p, q]
                        for c in range(columns):
                            x[i * TILE + p, c] -= f * x[j * TILE + q, c]
        u = tiles[number[i, i]]
        for p in range(TILE - 1, -1, -1):
            row = i * TILE + p
            for q in range(p + 1, TILE):
                f = u[p, q]
                if f != 0.0:
                    for c in range(columns):
                        x[row, c] -= f * x[i * TILE + q, c]
            inverse = 1.0 / u[p, p]
            for c in range(columns):
                x[row, c] *= inverse
