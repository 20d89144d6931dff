"""All markets of the trade equilibrium at one vector of wages; equations in `exact_hat`.

Prices and spending are found by sweeps, each a contraction: a sweep of prices passes on the
part of costs that is inputs, a sweep of spending the part of output that is inputs and the
part of spending that is tariffs. What remains is the excess demand for labour.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from entrepot.kernels.arrays import FloatArray
from entrepot.kernels.short_repr import short_repr

TIGHTEST = 1e-13
# A tariff or an input cycle that swallows nearly everything would make a sweep contract so
# slowly that "slow" and "never" look alike.
MOST_SWEEPS = 2000
# Sweeps that no longer gain have met rounding; before that, chains of inputs without value
# added can hold them up for a few.
IDLE_SWEEPS = 10
ROUNDING = 1e-9
# exp(300) is far from the ends of what a double holds, on both sides.
MOST_SPREAD = 300.0
# Excess demand below this share of supply counts as this share, so that logs exist.
LEAST_DEMAND = 1e-3


@short_repr
@dataclass(frozen=True, slots=True)
class MarketProblem:
    """One equilibrium to be found. Arrays are [sector, importer, exporter].

    share       : (J, N, N) baseline shares of spending
    theta       : (J,) trade elasticity
    value_added : (J, N) share of value added in output
    inputs      : (N, J, J) input k per unit of output j as [n, k, j]; None without inputs
    final       : (J, N) share of each sector in final spending
    labour      : (N,) baseline labour income
    log_kappa   : (J, N, N) change of all that stands between producer and buyer, or None
    kept        : (J, N, N) part of a unit spent that reaches the exporter; None where all does
    untaxed     : (J, N, N) part of a unit spent left after the tariff; None where that is kept
    fee_owner   : (O,) who collects each fee
    fee_part    : (O, J, N, N) part of a unit spent that the owner collects
    transfer    : (N,) money received from abroad, or None
    absorption  : (N,) income over what is earned at home, or None; at most one of the two
    """

    share: FloatArray
    theta: FloatArray
    value_added: FloatArray
    inputs: FloatArray | None
    final: FloatArray
    labour: FloatArray
    log_kappa: FloatArray | None = None
    kept: FloatArray | None = None
    untaxed: FloatArray | None = None
    fee_owner: NDArray[np.intp] | None = None
    fee_part: FloatArray | None = None
    transfer: FloatArray | None = None
    absorption: FloatArray | None = None


@short_repr
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

    def finite(self) -> bool:
        return all(np.all(np.isfinite(x)) for x in (self.log_wage, self.log_price, self.spending))


@short_repr
@dataclass(frozen=True, slots=True)
class MarketPoint:
    """Everything at one vector of wages.

    log_cost, output     : (J, N)
    reach, strength      : (J, N) with weights of the frame, share' = weight strength / reach
    income, tariff, fees : (N,) final income, tariff revenue, fee income
    factor               : what all incomes were multiplied by
    excess               : (N,) log of demand for labour over supply
    settled              : prices and spending were found as closely as asked
    """

    log_cost: FloatArray
    reach: FloatArray
    strength: FloatArray
    output: FloatArray
    income: FloatArray
    tariff: FloatArray
    fees: FloatArray
    factor: float
    excess: FloatArray
    settled: bool

    @property
    def error(self) -> float:
        """Largest excess demand; infinite where something is not a number."""
        largest = float(np.max(np.abs(self.excess)))
        return largest if np.isfinite(largest) else np.inf


@short_repr
@dataclass(slots=True)
class Frame:
    """Weights on which sums over sellers are products of a matrix and a vector.

    (kappa c)^-theta = kappa^-theta c^-theta, so share * kappa^-theta is made once. Where costs
    of sellers run so far apart that powers leave the range of numbers, the frame moves to them.

    weight : (J, N, N) share (kappa c)^-theta at log c = centre, over exp(level)
    kept, untaxed, fee_part : weight times the like of the problem, or None
    """

    problem: MarketProblem
    makes: NDArray[np.bool_]
    centre: FloatArray
    level: FloatArray
    weight: FloatArray
    kept: FloatArray | None
    untaxed: FloatArray | None
    fee_part: FloatArray | None

    @classmethod
    def of(cls, problem: MarketProblem) -> Frame:
        centre = np.zeros_like(problem.final)
        makes = np.any(problem.share > 0, axis=1)
        frame = cls(problem, makes, centre, centre, problem.share, None, None, None)
        frame.move(centre)
        return frame

    def move(self, log_cost: FloatArray) -> None:
        """Centre the weights on these unit costs, (J, N)."""
        problem = self.problem
        self.centre = log_cost
        self.weight, self.level = weights(problem, log_cost)
        optional = (problem.kept, problem.untaxed, problem.fee_part)
        self.kept, self.untaxed, self.fee_part = (
            None if part is None else self.weight * part for part in optional
        )

    def strengths(self, log_cost: FloatArray) -> tuple[FloatArray, FloatArray, bool]:
        """c^-theta over one factor by sector, the log of it, and whether the frame moved."""
        theta = self.problem.theta[:, None]
        exponent = -theta * (log_cost - self.centre)
        low = np.min(exponent, axis=1, where=self.makes, initial=np.inf)
        high = np.max(exponent, axis=1, where=self.makes, initial=-np.inf)
        moved = bool(np.any(high - low > MOST_SPREAD))
        if moved:
            self.move(log_cost)
            return self.makes.astype(np.float64), np.zeros_like(self.level[:, :1]), True
        scale = np.where(np.isfinite(high), high, 0.0)[:, None]
        return np.exp(np.where(self.makes, exponent - scale, -np.inf)), scale, False


def weights(problem: MarketProblem, log_cost: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Weights share (kappa c)^-theta, (J, N, N), over a factor by row, and the log of that factor."""
    if problem.log_kappa is None and not np.any(log_cost):
        return problem.share, np.zeros_like(log_cost)
    shape = problem.share.shape
    exponent = np.broadcast_to(log_cost[:, None, :], shape)
    exponent = exponent.copy() if problem.log_kappa is None else exponent + problem.log_kappa
    # In place from here on: at full size every pass over memory counts.
    exponent *= -problem.theta[:, None, None]
    np.copyto(exponent, -np.inf, where=problem.share <= 0)
    level = np.max(exponent, axis=2)
    level = np.where(np.isfinite(level), level, 0.0)
    exponent -= level[:, :, None]
    np.exp(exponent, out=exponent)
    exponent *= problem.share
    return exponent, level


def new_shares(problem: MarketProblem, log_cost: FloatArray) -> FloatArray:
    """(J, N, N) part of spending by source at these unit costs; sums to one or to zero."""
    share = weights(problem, log_cost)[0]
    total = share.sum(axis=2, keepdims=True)
    divided: FloatArray = share / np.where(total > 0, total, 1.0)
    return divided


def evaluate(frame: Frame, state: State, tolerance: float) -> MarketPoint:
    """Prices, spending and excess demand for labour at the state's wages.

    Updates the state's prices and spending in place.
    """
    log_cost, reach, strength, settled = _prices(frame, state, tolerance)
    return _spending(frame, state, log_cost, reach, strength, settled, tolerance)


def _times(matrix: FloatArray, vector: FloatArray) -> FloatArray:
    """(J, N, N) times (J, N) along the last axis."""
    product: FloatArray = np.matmul(matrix, vector[:, :, None])[:, :, 0]
    return product


class _Sweeps:
    """Counts sweeps and says when to stop: close enough, at the rounding, or lost."""

    def __init__(self, tolerance: float) -> None:
        self.tolerance, self.least, self.idle, self.settled = tolerance, np.inf, 0, False

    def over(self, change: float) -> bool:
        self.idle = 0 if change < self.least else self.idle + 1
        self.least = min(change, self.least)
        at_rounding = self.idle >= IDLE_SWEEPS and change < ROUNDING
        self.settled = change < self.tolerance or at_rounding
        return self.settled or not np.isfinite(change)


def _prices(
    frame: Frame, state: State, tolerance: float
) -> tuple[FloatArray, FloatArray, FloatArray, bool]:
    """Unit costs, market reach sum_i weight * strength, strength, and whether settled."""
    problem = frame.problem
    theta = problem.theta[:, None]
    from_wages = problem.value_added * state.log_wage
    log_price, sweeps = state.log_price, _Sweeps(tolerance)
    log_cost, reach, strength = from_wages, from_wages, from_wages
    for _ in range(MOST_SWEEPS):
        log_cost = from_wages
        if problem.inputs is not None:
            log_cost = from_wages + np.matmul(log_price.T[:, None, :], problem.inputs)[:, 0, :].T
        strength, scale, _ = frame.strengths(log_cost)
        reach = _times(frame.weight, strength)
        sold = reach > 0
        reach = np.where(sold, reach, 1.0)
        new_price = np.where(sold, -(np.log(reach) + scale + frame.level) / theta, 0.0)
        change = float(np.max(np.abs(new_price - log_price)))
        log_price = new_price
        if problem.inputs is None:
            sweeps.settled = bool(np.isfinite(change))
            break
        if sweeps.over(change):
            break
    state.log_price = log_price
    return log_cost, reach, strength, sweeps.settled


def _spending(
    frame: Frame,
    state: State,
    log_cost: FloatArray,
    reach: FloatArray,
    strength: FloatArray,
    settled: bool,
    tolerance: float,
) -> MarketPoint:
    """Outputs, incomes and spending that agree with one another at these prices."""
    problem = frame.problem
    wages = np.exp(state.log_wage) * problem.labour
    kept = frame.weight if frame.kept is None else frame.kept
    untaxed = kept if frame.untaxed is None else frame.untaxed
    tax = None if frame.kept is None else 1.0 - _times(untaxed, strength) / reach
    collected = fee_rates(frame, reach, strength)
    circular = problem.inputs is not None or tax is not None or collected is not None
    spending, sweeps = state.spending, _Sweeps(tolerance / 10)
    output, income = spending, wages
    revenue, fees, factor = np.zeros_like(wages), np.zeros_like(wages), 1.0
    if tax is not None and problem.absorption is not None:
        # Near the answer the factor is known from the spending of the evaluation before.
        factor = _factor(problem.absorption, wages + np.sum(tax * spending, axis=0))
    for _ in range(MOST_SWEEPS):
        output = strength * np.matmul((spending / reach)[:, None, :], kept)[:, 0, :]
        bought: FloatArray | float = 0.0
        if problem.inputs is not None:
            bought = np.matmul(problem.inputs, output.T[:, :, None])[:, :, 0].T
        if collected is not None and problem.fee_owner is not None:
            fees = np.zeros_like(wages)
            np.add.at(fees, problem.fee_owner, np.sum(collected * spending, axis=(1, 2)))
        taxed_again = None
        if tax is not None:
            # What income itself pays in tariffs comes back as income within the same sweep.
            revenue = np.sum(tax * bought, axis=0)
            taxed_again = np.sum(tax * problem.final, axis=0)
        income, factor = _income(problem, wages + revenue + fees, taxed_again, factor)
        if taxed_again is not None:
            revenue = revenue + taxed_again * income
        new = problem.final * income + bought
        # By country: beside a large one, all that a small one buys would look like rounding.
        moved, size = np.sum(np.abs(new - spending), axis=0), np.sum(np.abs(new), axis=0)
        change = float(np.max(moved / np.maximum(size, 1e-300)))
        spending = new
        if not circular:
            sweeps.settled = bool(np.isfinite(change))
            break
        if sweeps.over(change):
            break
    state.spending = spending
    output = strength * np.matmul((spending / reach)[:, None, :], kept)[:, 0, :]
    demand = np.sum(problem.value_added * output, axis=0)
    excess = np.log(np.maximum(demand, LEAST_DEMAND * wages) / wages)
    return MarketPoint(
        log_cost, reach, strength, output, income, revenue, fees, factor, excess,
        settled and sweeps.settled,
    )  # fmt: skip


def fee_rates(frame: Frame, reach: FloatArray, strength: FloatArray) -> FloatArray | None:
    """(O, J, N) part of the spending of n on j that each owner collects."""
    if frame.fee_part is None:
        return None
    return np.stack([_times(part, strength) / reach for part in frame.fee_part])


def _income(
    problem: MarketProblem, earned: FloatArray, taxed: FloatArray | None, factor: float
) -> tuple[FloatArray, float]:
    """Final income under the rule for deficits, and the factor that balances the world.

    earned : (N,) before tariffs on what income itself buys; taxed : (N,) their part of income
    factor : of the sweep before
    """
    passed_on = 0.0 if taxed is None else taxed
    if problem.absorption is None:
        given = 0.0 if problem.transfer is None else problem.transfer
        return (earned + given) / (1.0 - passed_on), 1.0
    # income = absorption * factor * (earned + passed_on * income), then the factor from that.
    scaled = problem.absorption * factor
    income = scaled * earned / (1.0 - scaled * passed_on)
    whole = earned + passed_on * income
    factor = _factor(problem.absorption, whole)
    return factor * problem.absorption * whole, factor


def _factor(absorption: FloatArray, earned: FloatArray) -> float:
    """What makes the world spend what it earns."""
    return float(np.sum(earned) / np.sum(absorption * earned))


def balance(frame: Frame, state: State, point: MarketPoint) -> float:
    """Largest |exports - imports + net transfer| over income or wages, all net of tariffs."""
    problem = frame.problem
    kept = frame.weight if frame.kept is None else frame.kept
    bought = np.sum(_times(kept, point.strength) / point.reach * state.spending, axis=0)
    sold = np.sum(point.output, axis=0)
    wages = np.exp(state.log_wage) * problem.labour
    paid_fees = np.zeros_like(wages)
    collected = fee_rates(frame, point.reach, point.strength)
    if collected is not None:
        paid_fees = np.sum(collected * state.spending, axis=(0, 1))
    received = point.income - wages - point.tariff - point.fees
    gap = sold - bought - paid_fees + point.fees + received
    # Where nearly all that is earned goes abroad, income is not a measure of what rounds.
    return float(np.max(np.abs(gap) / np.maximum(np.abs(point.income), wages)))
