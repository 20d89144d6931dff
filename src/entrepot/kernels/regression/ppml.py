"""Poisson pseudo-maximum likelihood with absorbed effects.

    E[y_r] = mu_r = exp(x_r' beta + sum_f alpha_f(r))

Santos Silva and Tenreyro (2006). First come some sweeps of iterative proportional fitting, which
is what the estimator amounts to while beta is zero; then Newton steps in beta and all effects
together, which are iteratively reweighted least squares written as increments: the working
residual (y - mu) / mu is regressed on regressors and effects with weights mu. As increments they
mend their own inexactness, so that inner solves may be rough until the last.

Regressors have their effects taken out once, with the weights of the first step. That only turns
the coordinates of the effects, and leaves small numbers to work with in all later steps.

The answer is checked, not assumed: the score of every effect says that fitted and observed totals
of the level are equal (Fally 2015), and `imbalance` is the worst of these gaps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from entrepot.kernels.arrays import BoolArray, FloatArray
from entrepot.kernels.regression import ppml_rows as rows
from entrepot.kernels.regression.absorb import (
    Structure,
    Sums,
    Weighted,
    arrange,
    residuals,
    solve,
    sums,
    weigh,
)
from entrepot.kernels.regression.absorb_rows import scale_to_totals
from entrepot.kernels.regression.collinear import independent
from entrepot.kernels.short_repr import short_repr
from entrepot.kernels.status import Status

SWEEPS = 6
HALVINGS = 30
# Steps after which solves are checked on the rows even with a factor at hand.
PATIENCE = 15
# Steps of conjugate gradients after which the last factor is too old to go on with.
STALE = 6
# Linear indices this far below the log of mean trade are no trade flow any more.
LOST = 40.0
# Share of its variation below which a regressor counts as one of the effects.
ABSORBED = 1e-12
ROUGH = 1e-6
SHARP = 1e-12


@dataclass(frozen=True, slots=True)
class PpmlOptions:
    """How to iterate.

    tolerance  : largest move of a linear index in the last Newton step; what is left then is
                 about its square
    iterations : at most
    threads    : at most; the result does not depend on it
    direct     : as in `arrange`
    """

    tolerance: float = 1e-6
    iterations: int = 100
    threads: int = 2
    direct: bool | None = None


@short_repr
@dataclass(frozen=True, slots=True)
class Ppml:
    """What the iteration found; rows in the caller's order, k of the regressors kept.

    beta        : (k,) coefficients
    kept        : (regressors,) which were kept
    absorbed    : (regressors,) which vary no more than the effects do
    index       : (n,) linear index, log of the fitted values
    fitted      : (n,) fitted values
    residual_x  : (n, k) regressors with the effects taken out, weights the fitted values
    bread       : (k, k) inverse of residual_x' diag(fitted) residual_x
    effects     : for each factor (levels,) effects; levels that others determine have some share
    deviance    : at the end
    history     : deviance at the start and after each step
    status      : why it stopped
    move        : largest change of a linear index in the last step
    imbalance   : largest |fitted - observed| / observed over the totals of all levels
    score       : largest |sum x (y - mu)| / (standard deviation of x * sum y)
    inner_steps : steps of conjugate gradients in all solves
    """

    beta: FloatArray
    kept: BoolArray
    absorbed: BoolArray
    index: FloatArray
    fitted: FloatArray
    residual_x: FloatArray
    bread: FloatArray
    effects: tuple[FloatArray, ...]
    deviance: float
    history: tuple[float, ...]
    status: Status
    move: float
    imbalance: float
    score: float
    inner_steps: int

    @property
    def iterations(self) -> int:
        """Newton steps taken."""
        return len(self.history) - 1


def ppml(
    y: FloatArray,
    x: FloatArray,
    codes: Sequence[NDArray[np.integer]],
    options: PpmlOptions | None = None,
) -> Ppml:
    """Estimate.

    y     : (n,) zero or more, no level all zero, no separated observations (`separation`)
    x     : (n, regressors)
    codes : for each factor (n,) levels numbered from 0, all present; none for a plain regression
    """
    o = options or PpmlOptions()
    structure = arrange(codes, len(y), direct=o.direct)
    target = np.ascontiguousarray(y[structure.order], dtype=np.float64)
    scale = _scale(x)
    k = x.shape[1]
    columns = np.empty((len(y), k + 1))
    columns[:, :k] = x[structure.order] / scale
    mu, index = _start(structure, target)
    # Regressors that the effects span, and those that earlier ones span, go before the first step.
    weighted = weigh(structure, mu, threads=o.threads)
    kept, absorbed, steps = _take_out_effects(weighted, columns, k)
    columns = np.ascontiguousarray(columns[:, np.append(kept, True)])
    k = int(kept.sum())
    beta = np.zeros(k)
    if structure.main < 0:
        beta, index, mu = _start_without_effects(weighted, columns, target)
    history = [_deviance(target, index, mu)]
    move, status, doubtful = np.inf, Status.EXHAUSTED, False
    warm: FloatArray | None = None
    for iteration in range(o.iterations):
        if iteration or structure.main < 0:
            weighted = weigh(structure, mu, threads=o.threads)
        columns[:, k] = target / mu - 1.0
        found = sums(weighted, columns)
        tolerance = ROUGH
        if weighted.factor is None:
            tolerance = float(np.clip(0.01 * move, 1e-9, 1e-3))
        elif iteration >= PATIENCE or doubtful:
            tolerance = 1e-11
        a, inner = solve(weighted, found, tolerance=tolerance, warm=warm)
        warm = None if weighted.factor is not None else _without_last(a)
        steps += inner
        delta, direction = _direction(weighted, columns, found, a)
        done = _search(target, index, direction, history[-1])
        if done is None:
            if not doubtful and weighted.factor is not None:
                # Perhaps rounding led astray: once more with a fresh factor and checked solves.
                doubtful, move = True, np.inf
                continue
            status = Status.STALLED
            break
        length, index, mu, deviance = done
        beta += length * delta
        move = float(np.max(np.abs(direction)))
        history.append(deviance)
        if move <= o.tolerance:
            status = Status.CONVERGED
            break
    if status is not Status.CONVERGED and float(index.min()) < np.log(target.mean()) - LOST:
        status = Status.DIVERGING
    return _finish(
        weighted, target, x, scale, kept, absorbed, beta, index, mu, history, status, move, steps
    )


def _scale(x: FloatArray) -> FloatArray:
    """Standard deviation of each regressor, or its size where it does not vary."""
    deviation = x.std(axis=0)
    size = np.abs(x).max(axis=0, initial=0.0)
    scale = np.where(deviation > 1e-12 * size, deviation, size)
    return np.where(scale > 0.0, scale, 1.0)


def _start(s: Structure, target: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Fitted values and linear indices after some sweeps over the effects."""
    if s.main < 0:
        mu = (target + target.mean()) / 2.0
        return mu, np.log(mu)
    mu = np.full(len(target), float(target.mean()))
    index = np.log(mu)
    goal_main = np.add.reduceat(target, s.start[:-1])
    goal = np.zeros(s.size)
    rows.add_values(s.place, target, goal)
    main, stack = np.zeros(len(goal_main)), np.zeros(s.size)
    scale_to_totals(s.start, s.place, goal_main, goal, mu, main, stack, SWEEPS)
    index += np.repeat(main, np.diff(s.start)) + stack[s.place].sum(axis=1)
    return np.exp(index), index


def _start_without_effects(
    w: Weighted, columns: FloatArray, target: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Coefficients, linear indices and fitted values after one step of least squares."""
    columns[:, -1] = np.log(w.weight) + target / w.weight - 1.0
    cross = sums(w, columns).cross
    beta = np.asarray(np.linalg.solve(cross[:-1, :-1], cross[:-1, -1]), dtype=np.float64)
    index = np.einsum("rk,k->r", columns[:, :-1], beta)
    return beta, index, np.exp(index)


def _deviance(target: FloatArray, index: FloatArray, mu: FloatArray) -> float:
    return float(rows.deviance(target, index, mu))


def _take_out_effects(w: Weighted, columns: FloatArray, k: int) -> tuple[BoolArray, BoolArray, int]:
    """Take effects out of regressors in place; which to keep, which the effects span."""
    columns[:, k] = 0.0
    whole, first_moment, second = rows.moments(w.weight, columns)
    before = second[:k]
    if w.structure.main >= 0:
        before = before - first_moment[:k] ** 2 / whole
    first = sums(w, columns)
    a, steps = solve(w, first, tolerance=1e-11)
    residuals(w, columns, first.mean, a)
    cross = sums(w, columns).cross[:k, :k]
    absorbed = cross.diagonal() <= ABSORBED * before
    kept = independent(cross, ~absorbed)
    return kept, absorbed, steps


def _without_last(a: FloatArray) -> FloatArray:
    """Effects of the regressors as a start for the next solve; the residual's are new each time."""
    out = a.copy()
    out[:, -1] = 0.0
    return out


def _direction(
    w: Weighted, columns: FloatArray, found: Sums, a: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Newton step: (k,) coefficients and (n,) linear indices."""
    k = columns.shape[1] - 1
    # einsum, since the order in which a library multiplies matrices may vary with its threads.
    left = found.cross - np.einsum("mi,mj->ij", found.stack, a)
    delta = np.linalg.solve(left[:k, :k], left[:k, k]) if k else np.empty(0)
    turn = np.append(-delta, 1.0)
    stack = np.einsum("mc,c->m", a, turn)
    main = np.einsum("gc,c->g", found.mean, turn)
    s = w.structure
    direction = np.empty(len(w.weight))
    rows.direction(s.start, s.place, s.main < 0, w.weight, columns, delta, stack, main, direction)
    return delta, direction


def _search(
    target: FloatArray, index: FloatArray, direction: FloatArray, last: float
) -> tuple[float, FloatArray, FloatArray, float] | None:
    """Halve the step until the deviance does not rise: (length, index, mu, deviance)."""
    slack = 1e-12 * (abs(last) + float(target.sum()))
    length = 1.0
    for _ in range(HALVINGS):
        new = index + length * direction
        with np.errstate(over="ignore"):
            fitted = np.exp(new)
        deviance = _deviance(target, new, fitted)
        # Near the end the deviance changes by less than its rounding.
        if np.isfinite(deviance) and deviance <= last + slack:
            return length, new, fitted, deviance
        length /= 2.0
    return None


def _finish(
    w: Weighted,
    target: FloatArray,
    x: FloatArray,
    scale: FloatArray,
    kept: BoolArray,
    absorbed: BoolArray,
    beta: FloatArray,
    index: FloatArray,
    mu: FloatArray,
    history: list[float],
    status: Status,
    move: float,
    steps: int,
) -> Ppml:
    """Sharp residuals of the regressors, effects, certificates, and the caller's order."""
    s = w.structure
    last = weigh(s, mu, threads=w.threads, reuse=w.factor)
    own = x[s.order][:, kept] / scale[kept]
    k = own.shape[1]
    columns = np.column_stack([own, index - np.einsum("rk,k->r", own, beta)])
    gap = target - mu
    score = np.abs(np.einsum("rk,r->k", own, gap))
    first = sums(last, columns)
    a, inner = solve(last, first, tolerance=SHARP)
    if last.factor is not None and inner > STALE:
        last = weigh(s, mu, threads=w.threads)
        a, more = solve(last, first, tolerance=SHARP)
        inner += more
    main = residuals(last, columns, first.mean, a)
    bread = np.linalg.inv(sums(last, columns).cross[:k, :k]) if k else np.empty((0, 0))
    back = np.empty(len(mu), dtype=np.int64)
    back[s.order] = np.arange(len(mu))
    effects: dict[int, FloatArray] = {}
    if s.main >= 0:
        effects[s.main] = main[:, k]
        for f, spot in zip(s.others, s.spots, strict=True):
            effects[f] = a[spot, k]
    return Ppml(
        beta=beta / scale[kept],
        kept=kept,
        absorbed=absorbed,
        index=index[back],
        fitted=mu[back],
        residual_x=columns[back, :k] * scale[kept],
        bread=bread / np.outer(scale[kept], scale[kept]),
        effects=tuple(effects[f] for f in sorted(effects)),
        deviance=history[-1],
        history=tuple(history),
        status=status,
        move=move,
        imbalance=_imbalance(s, target, mu),
        score=float(score.max(initial=0.0) / target.sum()),
        inner_steps=steps + inner,
    )


def _imbalance(s: Structure, target: FloatArray, mu: FloatArray) -> float:
    """Worst relative gap between fitted and observed totals of levels."""
    if s.main < 0:
        return 0.0
    seen, given = np.zeros(s.size), np.zeros(s.size)
    rows.add_values(s.place, target, seen)
    rows.add_values(s.place, mu, given)
    whole = np.add.reduceat(target, s.start[:-1])
    gaps = np.abs(np.add.reduceat(mu, s.start[:-1]) - whole) / whole
    real = seen > 0.0
    stacked = np.abs(given[real] - seen[real]) / seen[real]
    return float(max(gaps.max(initial=0.0), stacked.max(initial=0.0)))
