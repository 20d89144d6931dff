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

All of c, w, P, kappa are changes (new over old) and are carried as logs. Because
(kappa c)^-theta = kappa^-theta c^-theta, the big array share * kappa^-theta is made once and
every later step is a product of a matrix and a vector.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from entrepot.kernels.anderson import Anderson

FloatArray = NDArray[np.float64]

CONVERGED = "converged"
NOT_CONVERGED = "not converged"
NEGATIVE_INCOME = "negative income"
TIGHTEST = 1e-13
# A tariff or an input cycle that swallows nearly everything would make a sweep contract so
# slowly that "slow" and "never" look alike.
MOST_SWEEPS = 2000


@dataclass(frozen=True, slots=True)
class Problem:
    """One equilibrium to be found. Arrays are [sector, importer, exporter].

    weight      : (J, N, N) baseline share times kappa^-theta
    theta       : (J,) trade elasticity
    value_added : (J, N) share of value added in output
    inputs      : (N, J, J) input k per unit of output j as [n, k, j]; None without inputs
    final       : (J, N) share of each sector in final spending
    labour      : (N,) baseline labour income
    keep        : (J, N, N) weight times the part of a unit spent that reaches the exporter;
                  None where all of it does
    before_tax  : (J, N, N) weight times the part left after the tariff; None where that is keep
    fee_owner   : (O,) who collects each fee
    fee_part    : (O, J, N, N) weight times the part of a unit spent that the owner collects
    transfer    : (N,) money received from abroad, or None
    absorption  : (N,) income over what is earned at home, or None; one of the two is given
    """

    weight: FloatArray
    theta: FloatArray
    value_added: FloatArray
    inputs: FloatArray | None
    final: FloatArray
    labour: FloatArray
    keep: FloatArray | None = None
    before_tax: FloatArray | None = None
    fee_owner: NDArray[np.intp] | None = None
    fee_part: FloatArray | None = None
    transfer: FloatArray | None = None
    absorption: FloatArray | None = None


@dataclass(slots=True)
class State:
    """What the iteration carries from step to step; also a warm start.

    log_wage (N,), log_price (J, N), spending (J, N)
    """

    log_wage: FloatArray
    log_price: FloatArray
    spending: FloatArray

    def copy(self) -> State:
        return State(self.log_wage.copy(), self.log_price.copy(), self.spending.copy())


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
    balance    : largest gap of a country's trade balance over its income
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


@dataclass(slots=True)
class _Point:
    """Everything at one vector of wages."""

    log_cost: FloatArray
    reach: FloatArray
    strength: FloatArray
    output: FloatArray
    income: FloatArray
    tariff: FloatArray
    fees: FloatArray
    factor: float
    excess: FloatArray = field(default_factory=lambda: np.zeros(0))
    positive: bool = True


def solve(
    problem: Problem,
    start: State,
    *,
    tol: float = 1e-10,
    max_iterations: int = 300,
    memory: int = 6,
) -> Solution:
    """Find the wages that clear all labour markets; never raises for want of convergence.

    The map ln w <- ln w + excess / (1 + mean theta) is accelerated by Anderson mixing; where
    the excess grows twice running the memory is dropped. If that ends without an answer,
    a Newton-Krylov method (Knoll and Keyes 2004) takes over from the best point seen.
    """
    state = start.copy()
    damping = 1.0 / (1.0 + _mean_theta(problem, state))
    mixing = Anderson(memory=memory, cap=0.5)
    history: list[float] = []
    best, best_wage, grown = np.inf, state.log_wage.copy(), 0
    inner = 1e-3
    for _ in range(max_iterations):
        point = _evaluate(problem, state, inner)
        error = float(np.max(np.abs(point.excess)))
        if error < tol and inner > TIGHTEST:
            # Proved on prices and spending that are themselves exact.
            inner = TIGHTEST
            point = _evaluate(problem, state, inner)
            error = float(np.max(np.abs(point.excess)))
        history.append(error)
        if not np.isfinite(error):
            break
        if error < tol and inner <= TIGHTEST:
            return _finish(problem, state, point, history, tol)
        grown = grown + 1 if len(history) > 1 and error > history[-2] else 0
        if grown >= 2:
            mixing.forget()
            grown = 0
        if error < best:
            best, best_wage = error, state.log_wage.copy()
        if _stalled(history):
            break
        state.log_wage = _numeraire(
            problem, mixing.step(state.log_wage, damping * point.excess)
        )
        inner = max(TIGHTEST, min(inner, 1e-2 * error))
    return _newton(problem, state, best_wage, history, tol)


def _stalled(history: list[float], window: int = 60) -> bool:
    """No tenth gained on the best in the last `window` steps."""
    if len(history) <= window:
        return False
    return min(history[-window:]) > 0.9 * min(history[:-window])


def _newton(
    problem: Problem, state: State, wage: FloatArray, history: list[float], tol: float
) -> Solution:
    """From the best wages on with Newton-Krylov; the answer says whether it got there."""

    def gap(log_wage: FloatArray) -> FloatArray:
        state.log_wage = log_wage
        # The level of wages is free; adding its log makes the Jacobian regular.
        level = np.log(np.sum(np.exp(log_wage) * problem.labour) / np.sum(problem.labour))
        excess: FloatArray = _evaluate(problem, state, TIGHTEST).excess + level
        return excess

    def note(_: FloatArray, residual: FloatArray) -> None:
        history.append(float(np.max(np.abs(residual))))

    if not np.all(np.isfinite(state.log_price)) or not np.all(np.isfinite(state.spending)):
        state.log_price = np.zeros_like(state.log_price)
    try:
        found = optimize.root(
            gap,
            wage,
            method="krylov",
            callback=note,
            options={"fatol": tol / 10, "maxiter": 60, "disp": False},
        ).x
    except (ValueError, FloatingPointError, optimize.NoConvergence):
        found = wage
    state.log_wage = _numeraire(problem, np.asarray(found, dtype=np.float64))
    point = _evaluate(problem, state, TIGHTEST)
    return _finish(problem, state, point, history, tol)


def _finish(
    problem: Problem, state: State, point: _Point, history: list[float], tol: float
) -> Solution:
    error = float(np.max(np.abs(point.excess)))
    balance = _balance(problem, state, point)
    status = CONVERGED if error < tol and balance < 10 * tol else NOT_CONVERGED
    if not point.positive:
        status = NEGATIVE_INCOME
    return Solution(
        state=state,
        log_cost=point.log_cost,
        output=point.output,
        income=point.income,
        tariff=point.tariff,
        fees=point.fees,
        factor=point.factor,
        status=status,
        residual=error,
        balance=balance,
        history=tuple(history),
    )


def _mean_theta(problem: Problem, state: State) -> float:
    weight = state.spending.sum(axis=1)
    return float(np.sum(problem.theta * weight) / np.sum(weight))


def _numeraire(problem: Problem, log_wage: FloatArray) -> FloatArray:
    """Wages scaled so that the world's labour income is what it was."""
    top = float(np.max(log_wage))
    world = float(np.sum(np.exp(log_wage - top) * problem.labour))
    scaled: FloatArray = log_wage - top - np.log(world / np.sum(problem.labour))
    return scaled


def _times(matrix: FloatArray, vector: FloatArray) -> FloatArray:
    """(J, N, N) times (J, N) along the last axis."""
    product: FloatArray = np.matmul(matrix, vector[:, :, None])[:, :, 0]
    return product


def _evaluate(problem: Problem, state: State, tolerance: float) -> _Point:
    """Prices, spending and excess demand for labour at the state's wages.

    Updates the state's prices and spending in place.
    """
    log_cost, reach, strength = _prices(problem, state, tolerance)
    return _spending(problem, state, log_cost, reach, strength, tolerance)


def _prices(
    problem: Problem, state: State, tolerance: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Unit costs, market reach sum_i weight * strength, and strength c^-theta (scaled)."""
    theta = problem.theta[:, None]
    from_wages = problem.value_added * state.log_wage
    log_price = state.log_price
    last_change, log_cost, reach, strength = np.inf, from_wages, from_wages, from_wages
    for _ in range(MOST_SWEEPS):
        log_cost = from_wages
        if problem.inputs is not None:
            log_cost = from_wages + np.matmul(log_price.T[:, None, :], problem.inputs)[:, 0, :].T
        exponent = -theta * log_cost
        # One factor by sector keeps the powers in range; it returns in the price.
        scale = np.max(exponent, axis=1, keepdims=True)
        strength = np.exp(exponent - scale)
        reach = _times(problem.weight, strength)
        sold = reach > 0
        reach = np.where(sold, reach, 1.0)
        new_price = np.where(sold, -(np.log(reach) + scale) / theta, 0.0)
        last_change = float(np.max(np.abs(new_price - log_price)))
        log_price = new_price
        if problem.inputs is None or last_change < tolerance or not np.isfinite(last_change):
            break
    state.log_price = log_price
    return log_cost, reach, strength


def _spending(
    problem: Problem,
    state: State,
    log_cost: FloatArray,
    reach: FloatArray,
    strength: FloatArray,
    tolerance: float,
) -> _Point:
    """Outputs, incomes and spending that agree with one another at these prices."""
    wages = np.exp(state.log_wage) * problem.labour
    keep = problem.weight if problem.keep is None else problem.keep
    before = keep if problem.before_tax is None else problem.before_tax
    tax = None
    if problem.keep is not None:
        tax = 1.0 - _times(before, strength) / reach
    collected = _fee_rates(problem, reach, strength)
    circular = problem.inputs is not None or tax is not None or collected is not None
    spending = state.spending
    output, income = spending, wages
    revenue, fees, factor = np.zeros_like(wages), np.zeros_like(wages), 1.0
    for _ in range(MOST_SWEEPS):
        demand = (spending / reach)[:, None, :]
        output = strength * np.matmul(demand, keep)[:, 0, :]
        if tax is not None:
            revenue = np.sum(tax * spending, axis=0)
        if collected is not None:
            fees = np.zeros_like(wages)
            np.add.at(fees, problem.fee_owner, np.sum(collected * spending, axis=(1, 2)))
        income, factor = _income(problem, wages + revenue + fees)
        new = problem.final * income
        if problem.inputs is not None:
            new = new + np.matmul(problem.inputs, output.T[:, :, None])[:, :, 0].T
        change = float(np.max(np.abs(new - spending)) / np.max(new))
        spending = new
        if not circular or change < tolerance / 10 or not np.isfinite(change):
            break
    state.spending = spending
    output = strength * np.matmul((spending / reach)[:, None, :], keep)[:, 0, :]
    excess = np.log(np.maximum(np.sum(problem.value_added * output, axis=0), 1e-300) / wages)
    return _Point(
        log_cost, reach, strength, output, income, revenue, fees, factor, excess,
        bool(np.all(income > 0)),
    )  # fmt: skip


def _fee_rates(
    problem: Problem, reach: FloatArray, strength: FloatArray
) -> FloatArray | None:
    """(O, J, N) part of the spending of n on j that each owner collects."""
    if problem.fee_part is None:
        return None
    return np.stack([_times(part, strength) / reach for part in problem.fee_part])


def _income(problem: Problem, earned: FloatArray) -> tuple[FloatArray, float]:
    """Final income under the rule for deficits, and the factor that balances the world."""
    if problem.absorption is None:
        return earned if problem.transfer is None else earned + problem.transfer, 1.0
    wanted = problem.absorption * earned
    factor = float(np.sum(earned) / np.sum(wanted))
    return factor * wanted, factor


def _balance(problem: Problem, state: State, point: _Point) -> float:
    """Largest |exports - imports + net transfer| over income, all net of tariffs."""
    keep = problem.weight if problem.keep is None else problem.keep
    bought = np.sum(_times(keep, point.strength) / point.reach * state.spending, axis=0)
    sold = np.sum(point.output, axis=0)
    wages = np.exp(state.log_wage) * problem.labour
    paid_fees = np.zeros_like(wages)
    collected = _fee_rates(problem, point.reach, point.strength)
    if collected is not None:
        paid_fees = np.sum(collected * state.spending, axis=(0, 1))
    received = point.income - wages - point.tariff - point.fees
    gap = sold - bought - paid_fees + point.fees + received
    return float(np.max(np.abs(gap) / np.abs(point.income)))

