"""Which observations a Poisson model cannot hold: no finite estimate fits them.

An observation is separated when some combination z of regressors and effects is zero wherever
y > 0, never negative where y = 0, and positive there: moving along -z raises the likelihood
without end. Correia, Guimarães and Zylkin (2020) show that dropping the rows with z > 0 leaves the
estimates of everything else as they are. Two ways find them.

- Levels whose y are all zero; dropped again and again, since others may follow. Levels with a
  single row fit it perfectly and go too, as is the custom, because they carry no information but
  count in the standard errors.
- The iterative rectifier: regress u on regressors and effects, with a weight on rows of y > 0 so
  large that the fit there is zero; where y = 0 set u to the positive part of the fit; repeat until
  no fit is negative. What is positive then is separated.

The rectifier need not run where no z but zero is zero on all rows with y > 0, which one look at the
null space of regressors and effects there tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from entrepot.kernels.arrays import BoolArray, FloatArray, IntArray
from entrepot.kernels.regression.absorb import (
    Structure,
    Weighted,
    apply_schur,
    arrange,
    residuals,
    solve,
    sums,
    weigh,
)
from entrepot.kernels.regression.collinear import independent
from entrepot.kernels.short_repr import short_repr

# Weight of rows with y > 0. Their fit is off by about its inverse; a larger one would cost digits.
HEAVY = 1e7
POSITIVE = 1e-4
NEGATIVE = 1e-6
MOST_ROUNDS = 1000
DEPENDENT = 1e-10
VANISHING = 1e-6  # of the largest element


class Reason(IntEnum):
    """Why an observation is kept or dropped."""

    KEPT = 0
    ALL_ZERO = 1
    SINGLETON = 2
    SEPARATED = 3


@short_repr
@dataclass(frozen=True, slots=True)
class Separation:
    """reason (n,): a Reason for each row; factor (n,): the factor whose level was all zero or had
    one row, -1 otherwise.

    combination : (n,) z, zero for rows the rectifier did not drop
    rounds      : of the rectifier, 0 where it need not run
    settled     : False where the rectifier gave up; then there may be more
    """

    reason: IntArray
    factor: IntArray
    combination: FloatArray
    rounds: int
    settled: bool

    @property
    def kept(self) -> BoolArray:
        """(n,) rows to estimate with."""
        return np.asarray(self.reason == Reason.KEPT)


def separation(
    y: FloatArray,
    x: FloatArray,
    codes: Sequence[NDArray[np.integer]],
    *,
    singletons: bool = True,
    rectifier: bool = True,
    threads: int = 2,
) -> Separation:
    """Find all separated observations and, with singletons, levels of one row.

    y (n,), x (n, regressors), codes: for each factor (n,) levels numbered from 0
    """
    n = len(y)
    reason = np.zeros(n, dtype=np.int64)
    factor = np.full(n, -1, dtype=np.int64)
    combination = np.zeros(n)
    rounds, settled = 0, True
    while True:
        _drop_levels(y, codes, reason, factor, singletons)
        rows = np.flatnonzero(reason == Reason.KEPT)
        if not rectifier or len(rows) == 0 or (y[rows] > 0).all():
            break
        z, taken, settled = _rectify(y[rows], x[rows], [compact(c[rows]) for c in codes], threads)
        rounds += taken
        found = z > 0
        if not found.any():
            break
        reason[rows[found]] = Reason.SEPARATED
        combination[rows[found]] = z[found]
        if not settled:
            break
    return Separation(reason, factor, combination, rounds, settled)


def compact(code: NDArray[np.integer]) -> IntArray:
    """Levels numbered from 0 without gaps, in their order."""
    if len(code) == 0 or int(code.max()) > 100 * len(code) + 1_000_000:
        found: IntArray = np.unique(code, return_inverse=True)[1].astype(np.int64)
        return found
    number = np.cumsum(np.bincount(code) > 0) - 1
    return np.asarray(number[code], dtype=np.int64)


def _drop_levels(
    y: FloatArray,
    codes: Sequence[NDArray[np.integer]],
    reason: IntArray,
    factor: IntArray,
    singletons: bool,
) -> None:
    """Mark rows of levels that are all zero or hold one row, until there is none."""
    counts = [int(c.max(initial=-1)) + 1 for c in codes]
    changed = True
    while changed:
        changed = False
        for wanted in (Reason.ALL_ZERO, Reason.SINGLETON):
            if wanted is Reason.SINGLETON and not singletons:
                continue
            for f, code in enumerate(codes):
                live = reason == Reason.KEPT
                if wanted is Reason.ALL_ZERO:
                    bad = np.bincount(code[live], y[live], counts[f]) <= 0.0
                else:
                    bad = np.bincount(code[live], minlength=counts[f]) == 1
                hit = live & bad[code]
                if hit.any():
                    reason[hit], factor[hit], changed = wanted, f, True


def _rectify(
    y: FloatArray, x: FloatArray, codes: list[IntArray], threads: int
) -> tuple[FloatArray, int, bool]:
    """The combination z (n,), rounds, and whether it settled."""
    positive = y > 0
    n = len(y)
    if _none_possible(positive, x, codes, threads):
        return np.zeros(n), 0, True
    structure = arrange(codes, n)
    order = structure.order
    weighted = weigh(structure, np.where(positive[order], HEAVY, 1.0), threads=threads)
    space = _space(weighted, x[order])
    at = ~positive[order]
    u = at.astype(np.float64)
    fit = u
    for count in range(1, MOST_ROUNDS + 1):
        fit = u - _left_over(weighted, space, u)
        fit[~at] = 0.0
        fit[(fit > -NEGATIVE) & (fit < POSITIVE)] = 0.0
        if fit.min() >= 0.0:
            back = np.empty(n)
            back[order] = fit
            return back, count, True
        u = np.maximum(fit, 0.0)
    return np.zeros(n), MOST_ROUNDS, False


def _none_possible(positive: BoolArray, x: FloatArray, codes: list[IntArray], threads: int) -> bool:
    """Whether every z that is zero where y > 0 is zero elsewhere too, so that none separates.

    Such z have a basis: for each regressor that the others and the effects give on the rows of
    y > 0, what that leaves elsewhere; and combinations of effects alone, one for each pivot the
    Cholesky factor set aside. Of the latter a random one stands for all. False also where it
    cannot be told.
    """
    structure = arrange([c[positive] for c in codes], int(positive.sum()))
    if structure.size and structure.pattern is None:
        return False
    w = weigh(structure, np.ones(int(positive.sum())), threads=threads)
    elsewhere = [c[~positive] for c in codes]
    size = np.abs(x).max(axis=0, initial=0.0)
    scaled = x / np.where(size > 0, size, 1.0)
    columns = np.ascontiguousarray(scaled[positive][structure.order])
    first = sums(w, columns)
    before = np.einsum("rk,rk->k", columns, columns)
    a, _ = solve(w, first, tolerance=1e-11)
    main = residuals(w, columns, first.mean, a)
    cross = sums(w, columns).cross
    kept = independent(cross, cross.diagonal() > DEPENDENT * before)
    if not kept.all():
        left = scaled[~positive] - _at_levels(structure, main, a, elsewhere)
        share = np.linalg.lstsq(cross[np.ix_(kept, kept)], cross[np.ix_(kept, ~kept)], rcond=None)
        alone = left[:, ~kept] - np.einsum("rk,kd->rd", left[:, kept], share[0])
        if np.abs(alone).max(initial=0.0) > VANISHING:
            return False
    if w.factor is None or not w.factor.redundant.any():
        return True
    # A direction that no plain relation between effects has: cosines of a phase that grows in squares.
    spread = np.cos(np.sqrt(2.0) * np.arange(1.0, structure.size + 1.0) ** 2)
    free = np.where(w.factor.redundant, spread, 0.0)
    null = free[:, None] - w.factor.solve(apply_schur(w, free[:, None]))
    rest = np.zeros((len(w.weight), 1))
    own = residuals(w, rest, np.zeros((len(structure.start) - 1, 1)), null)
    z = _at_levels(structure, own, null, elsewhere)
    largest = np.abs(null).max()
    return bool(
        np.abs(rest).max() <= VANISHING * largest and np.abs(z).max() <= VANISHING * largest
    )


def _at_levels(s: Structure, main: FloatArray, a: FloatArray, codes: list[IntArray]) -> FloatArray:
    """Sums of effects at other rows than those of the structure, given by their levels."""
    if s.main < 0:
        return np.zeros((1, a.shape[1]))
    total = main[codes[s.main]]
    for f, spot in zip(s.others, s.spots, strict=True):
        total = total + a[spot[codes[f]]]
    return total


@short_repr
@dataclass(frozen=True, slots=True)
class _Space:
    """Independent regressors without effects (n, k), and the inverse of their products."""

    columns: FloatArray
    inverse: FloatArray


def _left_over(w: Weighted, space: _Space, u: FloatArray) -> FloatArray:
    """Residual of u on regressors and effects."""
    column = u[:, None].copy()
    first = sums(w, column)
    a, _ = solve(w, first, tolerance=1e-9)
    residuals(w, column, first.mean, a)
    left: FloatArray = column[:, 0]
    if len(space.inverse):
        products = np.einsum("rk,r->k", space.columns, w.weight * left)
        left = left - np.einsum("rk,k->r", space.columns, space.inverse @ products)
    return left


def _space(w: Weighted, x: FloatArray) -> _Space:
    """Regressors with the effects taken out; dependent ones left out."""
    size = np.abs(x).max(axis=0, initial=0.0)
    columns = np.ascontiguousarray(x / np.where(size > 0, size, 1.0))
    if columns.shape[1] == 0:
        return _Space(columns, np.empty((0, 0)))
    first = sums(w, columns)
    before = np.einsum("r,rk->k", w.weight, columns**2)
    a, _ = solve(w, first, tolerance=1e-10)
    residuals(w, columns, first.mean, a)
    cross = sums(w, columns).cross
    kept = independent(cross, cross.diagonal() > DEPENDENT * before)
    inverse = np.asarray(np.linalg.inv(cross[np.ix_(kept, kept)]), dtype=np.float64)
    return _Space(columns[:, kept], inverse)
