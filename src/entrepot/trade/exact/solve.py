"""The trade equilibrium in exact changes: wages that clear every labour market.

Dekle, Eaton and Kortum (2008), Caliendo and Parro (2015, equations 10 to 14), with
ad valorem fees beside tariffs. Symbols as there: n imports, i exports, j and k are sectors.

    c_i     = w_i^gamma_i prod_k P_ik^input_ikj                     unit cost
    P_n     = [sum_i share_ni (kappa_ni c_i)^-theta]^(-1/theta)      price index
    share'  = share (kappa c / P)^-theta                            new spending shares
    R_i     = sum_n share'_ni X_n / ((1 + tariff)(1 + fee))          output
    X_n     = inputs bought by producers + alpha_n I_n               spending
    I_n     = w_n L_n + tariff revenue + fee income + transfer       income
    0       = ln(sum_j gamma R) - ln(w L)                            labour market, the residual

All of c, w, P, kappa are changes (new over old) and are carried as logs. `markets` finds prices
and spending at given wages; here the wages are found.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from entrepot.kernels.anderson import Anderson
from entrepot.kernels.arrays import FloatArray
from entrepot.kernels.short_repr import short_repr
from entrepot.trade.exact.markets import (
    TIGHTEST,
    Frame,
    MarketPoint,
    MarketProblem,
    State,
    balance,
    evaluate,
)
from entrepot.trade.exact.slopes import wage_slopes

CONVERGED = "converged"
NOT_CONVERGED = "not converged"
NEGATIVE_INCOME = "negative income"
# Prices and spending are found this much closer than wages; the first time roughly.
CLOSER, ROUGH = 1e-2, 1e-3
# Log points by which one step may move a wage.
LONGEST_STEP = 0.5
# The balance of trade is held to this many times the tolerance for labour markets.
BALANCE = 10.0
# Steps without a tenth gained after which another method takes over.
PATIENCE = 60
# Evaluations running whose sweeps lead nowhere, after which there is no point in more.
MOST_UNSETTLED = 5
NEWTON_STEPS = 40
LONGEST_NEWTON = 2.0
HALVINGS = 0.5 ** np.arange(8)


@short_repr
@dataclass(frozen=True, slots=True)
class Solution:
    """An equilibrium and how well it holds.

    state      : wages, prices, spending
    log_cost   : (J, N) change of unit cost
    output     : (J, N) at producer prices
    income     : (N,) final income
    tariff     : (N,) tariff revenue
    fees       : (N,) fee income
    factor     : what all incomes were multiplied by so that the world spends what it earns
    status     : why the iteration stopped
    residual   : largest excess demand for labour, in log points
    balance    : largest gap of a country's trade balance over its income or wages
    history    : residual by iteration
    """

    state: State
    log_cost: FloatArray
    output: FloatArray
    income: FloatArray
    tariff: FloatArray
    fees: FloatArray
    factor: float
    status: str
    residual: float
    balance: float
    history: tuple[float, ...]


@short_repr
@dataclass(slots=True)
class _MarketSearch:
    """A search under way: where it is, the best place so far, and the residuals."""

    frame: Frame
    state: State
    tol: float
    best: State
    best_error: float = np.inf
    history: list[float] = field(default_factory=list)

    def look(self, tolerance: float) -> MarketPoint:
        """Evaluate at the present wages; back to the best place where numbers are lost."""
        point = evaluate(self.frame, self.state, tolerance)
        if not self.state.finite():
            self.state = self.best.copy()
            self.frame.move(np.zeros_like(self.frame.centre))
        elif point.error < self.best_error:
            self.best, self.best_error = self.state.copy(), point.error
        return point

    def solved(self, point: MarketPoint) -> bool:
        """Labour markets clear and trade balances; only to be asked of exact prices."""
        if not (point.settled and point.error < self.tol):
            return False
        return balance(self.frame, self.state, point) < BALANCE * self.tol


def solve(
    problem: MarketProblem,
    start: State,
    *,
    tol: float = 1e-10,
    max_iterations: int = 300,
    memory: int = 6,
) -> Solution:
    """Find the wages that clear all labour markets; never raises for want of convergence.

    The map ln w <- ln w + excess / (1 + mean theta) is accelerated by Anderson mixing; where
    the excess grows twice running the memory is dropped. If that ends without an answer,
    Newton's method with the exact slopes takes over from the best point seen.
    """
    # Trial points may lie anywhere; what is lost there is seen by its not being a number.
    with np.errstate(all="ignore"):
        search = _MarketSearch(Frame.of(problem), start.copy(), tol, start.copy())
        found = _mix(problem, search, max_iterations, memory)
        if found is None:
            found = _newton(problem, search)
        return _finish(problem, search, found)


def _mix(
    problem: MarketProblem, search: _MarketSearch, most: int, memory: int
) -> MarketPoint | None:
    """Anderson mixing; None where it does not get there."""
    damping = 1.0 / (1.0 + _mean_theta(problem, search.state))
    mixing = Anderson(memory=memory, cap=LONGEST_STEP)
    grown, unsettled, inner = 0, 0, ROUGH
    for _ in range(most):
        point = search.look(inner)
        if point.error < search.tol and inner > TIGHTEST:
            # Proved on prices and spending that are themselves exact.
            inner = TIGHTEST
            point = search.look(inner)
        history = search.history
        history.append(point.error)
        unsettled = 0 if point.settled else unsettled + 1
        if not np.isfinite(point.error) or unsettled >= MOST_UNSETTLED:
            return None
        if inner <= TIGHTEST and search.solved(point):
            return point
        grown = grown + 1 if len(history) > 1 and point.error > history[-2] else 0
        if grown >= 2:
            mixing.forget()
            grown = 0
        if _stalled(history):
            return None
        moved = mixing.step(search.state.log_wage, damping * point.excess)
        search.state.log_wage = numeraire(problem, moved)
        inner = max(TIGHTEST, min(inner, CLOSER * point.error))
    return None


def _stalled(history: list[float]) -> bool:
    """No tenth gained on the best in the last steps."""
    if len(history) <= PATIENCE:
        return False
    return min(history[-PATIENCE:]) > 0.9 * min(history[:-PATIENCE])


def _newton(problem: MarketProblem, search: _MarketSearch) -> MarketPoint:
    """Newton's method with halved steps from the best wages; the point says how far it got."""
    search.state = search.best.copy()
    point = search.look(TIGHTEST)
    part = problem.labour / np.sum(problem.labour)
    for _ in range(NEWTON_STEPS):
        if point.error < search.tol:
            point = search.look(TIGHTEST)
        lost = not (np.isfinite(point.error) and point.settled)
        if lost or search.solved(point):
            break
        inner = max(TIGHTEST, CLOSER * min(point.error, ROUGH) ** 2)
        # The level of wages is free; the numeraire says which of the solutions is meant.
        slopes = np.vstack((wage_slopes(search.frame, search.state, point), part))
        try:
            step = np.linalg.lstsq(slopes, np.append(-point.excess, 0.0), rcond=None)[0]
        except np.linalg.LinAlgError:
            break
        step *= min(1.0, LONGEST_NEWTON / max(float(np.max(np.abs(step))), 1e-300))
        here, found = search.state.copy(), None
        for length in HALVINGS:
            search.state = here.copy()
            search.state.log_wage = numeraire(problem, here.log_wage + length * step)
            tried = search.look(inner)
            if tried.error < (1.0 - 0.1 * length) * point.error:
                found = tried
                break
        if found is None:
            break
        point = found
        search.history.append(point.error)
    search.state = search.best.copy()
    return search.look(TIGHTEST)


def _finish(problem: MarketProblem, search: _MarketSearch, point: MarketPoint) -> Solution:
    status = CONVERGED if search.solved(point) else NOT_CONVERGED
    if status == CONVERGED and np.any(point.income <= 0):
        status = NEGATIVE_INCOME
    return Solution(
        state=search.state,
        log_cost=point.log_cost,
        output=point.output,
        income=point.income,
        tariff=point.tariff,
        fees=point.fees,
        factor=point.factor,
        status=status,
        residual=point.error,
        balance=balance(search.frame, search.state, point),
        history=tuple(search.history),
    )


def _mean_theta(problem: MarketProblem, state: State) -> float:
    weight = np.abs(state.spending).sum(axis=1)
    return float(np.sum(problem.theta * weight) / np.sum(weight))


def numeraire(problem: MarketProblem, log_wage: FloatArray) -> FloatArray:
    """Wages scaled so that the world's labour income is what it was."""
    top = float(np.max(log_wage))
    world = float(np.sum(np.exp(log_wage - top) * problem.labour))
    scaled: FloatArray = log_wage - top - np.log(world / np.sum(problem.labour))
    return scaled
