"""Weighted least squares on overlapping group effects, many columns at once.

Rows r belong to one level of every factor. For weights w > 0 and a column z the effects solve

    min_a  sum_r w_r (z_r - a_main(r) - sum_f a_f(r))^2

The factor with most levels (pairs, in a three-way panel) has a diagonal block and is eliminated:
rows are sorted by it, so it is a segment. What is left is the Schur complement over the levels of
the other factors, S = D - C' W^-1 C, stacked in one vector. Levels of the first of them that share
no segment fall into components (the years of one exporter); placed side by side they leave most of
S empty, and a Cholesky factor in tiles needs a fraction of the time. Where even that would be too
large, conjugate gradients with the diagonal as preconditioner take its place. Either way the
equations are checked on the rows themselves, and conjugate gradients with the factor as
preconditioner mend what rounding, or a factor of slightly older weights, leaves.

Sums run over blocks of segments that do not depend on the number of threads, and are added in
order, so that no result does either.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from entrepot.kernels.arrays import FloatArray, Int32Array, IntArray
from entrepot.kernels.regression import absorb_rows as rows
from entrepot.kernels.regression.cholesky import (
    TILE,
    Factor,
    Pattern,
    factorise,
    pattern_of,
)
from entrepot.kernels.short_repr import short_repr

BLOCKS = 8
MOST_BYTES = 1.5e9
MOST_FLOPS = 4e11
MOST_STEPS = 5000
MOST_MENDING = 20  # steps after which a factor has mended what it can
ROUNDING = 4e-15  # of the columns
NEARLY = 1e-11  # of the right-hand side, where the goal is below what rounding allows


@short_repr
@dataclass(frozen=True, slots=True)
class Structure:
    """How rows and levels are arranged; no weights, no values.

    order   : (n,) the caller's row at each place
    start   : (segments + 1,) where each level of the main factor begins
    place   : (n, factors - 1) position of a row's other levels in the stacked vector
    main    : which of the caller's factors is the main one, -1 where there is no factor at all
    others  : the other factors, in the order of the columns of place
    spots   : for each of the others, (levels,) positions of its levels
    size    : length of the stacked vector, padding included
    pattern : tiles of the Schur complement, None where conjugate gradients are to work alone
    cuts    : (blocks + 1,) segments that bound the blocks of the threads
    """

    order: IntArray
    start: IntArray
    place: Int32Array
    main: int
    others: tuple[int, ...]
    spots: tuple[IntArray, ...]
    size: int
    pattern: Pattern | None
    cuts: IntArray

    @property
    def levels(self) -> int:
        """Levels of all factors."""
        return (len(self.start) - 1) * (self.main >= 0) + sum(map(len, self.spots))


@short_repr
@dataclass(frozen=True, slots=True)
class Weighted:
    """A structure with weights.

    weight : (n,) in sorted order, above zero
    total  : (size,) sum of weights of each stacked level, one in the padding
    factor : of the Schur complement, perhaps of slightly older weights
    fresh  : whether the factor is of these weights
    """

    structure: Structure
    weight: FloatArray
    total: FloatArray
    factor: Factor | None
    fresh: bool
    threads: int


@short_repr
@dataclass(frozen=True, slots=True)
class Sums:
    """Columns with the main factor taken out.

    mean  : (segments, columns) weighted means
    stack : (size, columns) right-hand sides of the Schur complement
    cross : (columns, columns) weighted products
    """

    mean: FloatArray
    stack: FloatArray
    cross: FloatArray


def arrange(
    codes: Sequence[NDArray[np.integer]], n: int, *, direct: bool | None = None
) -> Structure:
    """Sort rows and place levels.

    codes  : for each factor (n,) levels numbered from 0, all of them present
    direct : True for the Cholesky factor, False for conjugate gradients, None for what is cheaper
    """
    given = [np.asarray(c, dtype=np.int64) for c in codes]
    if not given:
        cuts = np.linspace(0, n, min(BLOCKS, n) + 1).astype(np.int64)
        none = np.empty((n, 0), dtype=np.int32)
        blocks = np.arange(len(cuts), dtype=np.int64)
        return Structure(np.arange(n), cuts, none, -1, (), (), 0, None, blocks)
    counts = [int(c.max()) + 1 for c in given]
    main = int(np.argmax(counts))
    linked = [
        (f, *_components(given[f], counts[f], given[main], counts[main]))
        for f in range(len(given))
        if f != main
    ]
    linked.sort(key=lambda item: -item[1])
    spots, size = [], 0
    for f, _, component in linked:
        spot, size = _spots(component, counts[f], size)
        spots.append(spot)
    size = -(-size // TILE) * TILE
    stacked = [spot[given[f]] for (f, _, _), spot in zip(linked, spots, strict=True)]
    order = np.arange(n)
    for key, most in [*((c, size) for c in reversed(stacked)), (given[main], counts[main])]:
        order = rows.stable_order(key, order, most)
    start = np.searchsorted(given[main][order], np.arange(counts[main] + 1))
    place = np.empty((n, len(stacked)), dtype=np.int32)
    for k, column in enumerate(stacked):
        place[:, k] = column[order]
    pattern = _pattern(start, place, size, direct) if stacked else None
    cuts = np.searchsorted(start, np.linspace(0, n, BLOCKS + 1)).astype(np.int64)
    others = tuple(f for f, _, _ in linked)
    return Structure(order, start, place, main, others, tuple(spots), size, pattern, cuts)


def _components(
    code: IntArray, count: int, main: IntArray, main_count: int
) -> tuple[int, NDArray[np.int32]]:
    """Groups of levels tied to each other by shared levels of the main factor."""
    graph = coo_array(
        (np.ones(len(code), dtype=np.int8), (code, main + count)), shape=(count + main_count,) * 2
    )
    _, label = connected_components(graph, directed=False)
    own: NDArray[np.int32] = label[:count]
    return len(np.unique(own)), own


def _spots(component: NDArray[np.int32], count: int, begin: int) -> tuple[IntArray, int]:
    """Positions of levels, components side by side and, where they fit, not across tiles."""
    order = np.argsort(component, kind="stable")
    _, sizes = np.unique(component, return_counts=True)
    spot = np.empty(count, dtype=np.int64)
    at, done = begin, 0
    for size in sizes.tolist():
        room = TILE - at % TILE
        if size > room and size <= TILE:
            at += room
        spot[order[done : done + size]] = np.arange(at, at + size)
        at, done = at + size, done + size
    return spot, at


def _pattern(start: IntArray, place: Int32Array, size: int, direct: bool | None) -> Pattern | None:
    if direct is False:
        return None
    tiles = size // TILE
    if direct is None and tiles > 700:
        return None
    filled = np.zeros((tiles, tiles), dtype=np.bool_)
    rows.mark_tiles(start, place, filled)
    pattern = pattern_of(filled)
    small = pattern.count * TILE**2 * 8 <= MOST_BYTES and pattern.flops <= MOST_FLOPS
    return pattern if direct or small else None


def weigh(
    structure: Structure,
    weight: FloatArray,
    *,
    threads: int = 1,
    reuse: Factor | None = None,
) -> Weighted:
    """Weights for a structure; reuse: a factor of weights not far away, instead of a new one."""
    total = np.zeros(structure.size)
    rows.add_up(structure.place, weight, total)
    total[total <= 0.0] = 1.0
    factor = reuse
    if factor is None and structure.pattern is not None:
        tiles = np.zeros((structure.pattern.count, TILE, TILE))
        rows.schur(structure.start, structure.place, weight, structure.pattern.number, tiles)
        factor = factorise(structure.pattern, tiles, threads=threads)
    return Weighted(structure, weight, total, factor, reuse is None, threads)


def sums(w: Weighted, columns: FloatArray) -> Sums:
    """Means by segment, right-hand sides and products of (n, columns) in sorted order."""
    s = w.structure
    count = columns.shape[1]
    mean = np.zeros((len(s.start) - 1, count))
    stack = np.zeros((BLOCKS, s.size, count))
    cross = np.zeros((BLOCKS, count, count))

    def block(b: int) -> None:
        lo, hi = s.cuts[b], s.cuts[b + 1]
        rows.take_means(
            lo, hi, s.start, s.place, s.main < 0, w.weight, columns, mean, stack[b], cross[b]
        )

    _each(block, len(s.cuts) - 1, w.threads)
    whole = _add(cross)
    return Sums(mean, _add(stack), np.triu(whole) + np.triu(whole, 1).T)


def solve(
    w: Weighted,
    found: Sums,
    *,
    tolerance: float,
    warm: FloatArray | None = None,
) -> tuple[FloatArray, int]:
    """Stacked effects a with S a = stack, (size, columns), and steps of conjugate gradients.

    tolerance : of the residual relative to the right-hand side, in the norm of 1 / total;
                with a fresh factor anything above 1e-6 is met by one solve without a check
    """
    s, right = w.structure, found.stack
    if s.size == 0 or right.shape[1] == 0:
        return np.zeros_like(right), 0
    if w.factor is not None and w.fresh and tolerance >= 1e-6:
        return w.factor.solve(right), 0
    scale = 1.0 / w.total[:, None]
    goal = tolerance * np.sqrt(np.sum(right * right * scale, axis=0))
    # Columns that the main factor spans leave rounding only; to chase that would amplify it.
    goal = np.maximum(goal, ROUNDING * np.sqrt(found.cross.diagonal()))
    if w.factor is not None and w.fresh:
        warm, met = _refine(w, w.factor, right, scale, goal)
        if met:
            return warm, 0
    a = np.zeros_like(right) if warm is None else warm.copy()
    r = right.copy() if warm is None else right - apply_schur(w, a)
    p = np.zeros_like(r)
    rz = np.ones(r.shape[1])
    for step in range(MOST_STEPS):
        active = np.sqrt(np.sum(r * r * scale, axis=0)) > goal
        if not active.any():
            return a, step
        z = w.factor.solve(r) if w.factor is not None else r * scale
        new = np.sum(r * z, axis=0)
        ratio = np.divide(new, rz, out=np.zeros_like(new), where=active & (rz > 0))
        p = z + (ratio if step else 0.0) * p
        rz = new
        q = apply_schur(w, p)
        curve = np.sum(p * q, axis=0)
        length = np.divide(rz, curve, out=np.zeros_like(rz), where=active & (curve > 0))
        a += length * p
        r -= length * q
        if w.factor is not None and step == MOST_MENDING:
            return a, step
    return a, MOST_STEPS


def _refine(
    w: Weighted, factor: Factor, right: FloatArray, scale: FloatArray, goal: FloatArray
) -> tuple[FloatArray, bool]:
    """Solve by the factor and mend with what the rows say is left, as long as that halves it.

    Also whether that was enough: the goal or, where rounding is above it, nearly nothing.
    """
    a = factor.solve(right)
    best, last = a, np.full(right.shape[1], np.inf)
    for _ in range(MOST_MENDING):
        r = right - apply_schur(w, a)
        size = np.sqrt(np.sum(r * r * scale, axis=0))
        halved = size <= 0.5 * last
        better = size < last
        best, last = np.where(better, a, best), np.where(better, size, last)
        if (last <= goal).all() or not halved.any():
            break
        a = a + factor.solve(r)
    enough = np.maximum(goal, NEARLY * np.sqrt(np.sum(right * right * scale, axis=0)))
    return best, bool((last <= enough).all())


def residuals(w: Weighted, columns: FloatArray, mean: FloatArray, a: FloatArray) -> FloatArray:
    """Take effects out of columns, in place; returns (segments, columns) main effects."""
    s = w.structure
    main = mean.copy()

    def block(b: int) -> None:
        rows.take_out(
            s.cuts[b], s.cuts[b + 1], s.start, s.place, s.main < 0, w.weight, a, main, columns
        )

    _each(block, len(s.cuts) - 1, w.threads)
    return main


def apply_schur(w: Weighted, a: FloatArray) -> FloatArray:
    """S a, by the rows."""
    s = w.structure
    out = np.zeros((BLOCKS, *a.shape))

    def block(b: int) -> None:
        rows.apply_schur(s.cuts[b], s.cuts[b + 1], s.start, s.place, w.weight, a, out[b])

    _each(block, len(s.cuts) - 1, w.threads)
    return _add(out)


def _add(parts: FloatArray) -> FloatArray:
    """Sum over the first axis, in order."""
    whole: FloatArray = parts[0].copy()
    for part in parts[1:]:
        whole += part
    return whole


def _each(work: Callable[[int], None], count: int, threads: int) -> None:
    """Run work on every block; the compiled code lets go of the interpreter."""
    if threads <= 1:
        for b in range(count):
            work(b)
        return
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, range(count)))
