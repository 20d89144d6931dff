"""Which trade costs a number of the trade equilibrium hangs on: all slopes from one transposed solve.

The equations of `exact_hat` differentiated at an equilibrium and transposed. A number G of the
equilibrium is given by its own slopes by flows, unit costs, prices and incomes; what comes out is
dG / d ln kappa for every cell, wages, prices, spending and tariff revenue having adjusted.

    lambda' dg/d ln w = - dG/d ln w       one N x N system (wage_slopes), with the numeraire
    dG/d ln kappa     = dG|w + lambda' dg|w

Each of the two terms is a transposed sweep over spending, then over prices.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from entrepot.errors import UsageError
from entrepot.kernels.arrays import FloatArray
from entrepot.kernels.short_repr import short_repr
from entrepot.trade.exact.counterfactual import Counterfactual
from entrepot.trade.exact.markets import TIGHTEST, Frame, MarketPoint, MarketProblem, evaluate
from entrepot.trade.exact.slopes import wage_slopes

CLOSE = 1e-14
MOST_SWEEPS = 2000


@short_repr
@dataclass(frozen=True, slots=True)
class Cotangent:
    """Slopes of a number by what the equilibrium gives; None for zero.

    flows     : (J, N, N) by flows net of tariffs, million USD a year
    log_cost  : (J, N) by the log of unit costs
    log_price : (J, N) by the log of sector price indices
    income    : (N,) by final income, million USD a year
    """

    flows: FloatArray | None = None
    log_cost: FloatArray | None = None
    log_price: FloatArray | None = None
    income: FloatArray | None = None


@short_repr
@dataclass(frozen=True, slots=True, eq=False)
class TradeAdjoint:
    """The transposed equations at one equilibrium; made once, asked often.

    share : (J, N, N) parts of spending; kept : what reaches the exporter; taxed : what is tariff
    flows : (J, N, N) net of tariffs
    back  : (N, N) from slopes by wages to multipliers of the labour markets
    """

    problem: MarketProblem
    spending: FloatArray
    share: FloatArray
    kept: FloatArray
    taxed: FloatArray | None
    flows: FloatArray
    output: FloatArray
    income: FloatArray
    earned: FloatArray
    wages: FloatArray
    factor: float
    back: FloatArray

    @classmethod
    def of(cls, found: Counterfactual) -> TradeAdjoint:
        """At a counterfactual, or at the baseline where nothing changed."""
        problem = found._shock.problem(found.baseline)
        if problem.fee_part is not None:
            raise UsageError("Slopes of a trade equilibrium with transit fees are not available.")
        frame, state = Frame.of(problem), found.state
        point = evaluate(frame, state, TIGHTEST)
        scale = point.strength[:, None, :] / point.reach[:, :, None]
        share = frame.weight * scale
        kept = share if frame.kept is None else frame.kept * scale
        taxed = None if frame.kept is None else share - kept
        wages = np.exp(state.log_wage) * problem.labour
        slopes = np.vstack((wage_slopes(frame, state, point), wages / wages.sum()))
        return cls(
            problem,
            state.spending,
            share,
            kept,
            taxed,
            kept * state.spending[:, :, None],
            point.output,
            point.income,
            _earned(point, wages),
            wages,
            point.factor,
            np.linalg.pinv(slopes)[:, :-1].T,
        )

    def slopes(self, given: Cotangent) -> FloatArray:
        """(J, N, N) derivative of the number by ln kappa, [sector, importer, exporter]."""
        by_wage, direct = self._held(given, np.zeros(len(self.wages)))
        multiplier = -self.back @ by_wage
        _, through = self._held(Cotangent(), multiplier)
        return direct + through

    def _held(self, given: Cotangent, labour: FloatArray) -> tuple[FloatArray, FloatArray]:
        """(N,) slopes by ln w and (J, N, N) by ln kappa, with wages held in the latter.

        labour : (N,) slopes by excess demand for labour
        """
        problem = self.problem
        supply = np.sum(problem.value_added * self.output, axis=0)
        by_output = problem.value_added * (labour / supply)
        by_flow = np.zeros_like(self.flows) if given.flows is None else given.flows
        by_income = np.zeros_like(self.wages) if given.income is None else given.income
        spending, by_earned = self._spending(by_flow, by_output, by_income)
        by_flow = by_flow + self._all_output(by_output, spending)[:, None, :]
        by_share = self.flows * by_flow
        if self.taxed is not None:
            by_share = by_share + self.taxed * self.spending[:, :, None] * by_earned[:, None]
        theta = problem.theta[:, None, None]
        by_cost = -(theta * by_share).sum(axis=1)
        by_price = (theta * by_share).sum(axis=2)
        if given.log_cost is not None:
            by_cost = by_cost + given.log_cost
        if given.log_price is not None:
            by_price = by_price + given.log_price
        by_price, by_cost = self._prices(by_price, by_cost)
        by_wage = -labour + self.wages * by_earned + np.sum(problem.value_added * by_cost, axis=0)
        return by_wage, self.share * by_price[:, :, None] - theta * by_share

    def _all_output(self, by_output: FloatArray, spending: FloatArray) -> FloatArray:
        """(J, N) slopes by output, what producers buy included."""
        inputs = self.problem.inputs
        if inputs is None:
            return by_output
        return np.asarray(by_output + np.einsum("nkj,kn->jn", inputs, spending, optimize=True))

    def _spending(
        self, by_flow: FloatArray, by_output: FloatArray, by_income: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """(J, N) slopes by spending and (N,) by what is earned at home, at constant shares."""
        spending = np.zeros_like(self.spending)
        by_earned = np.zeros_like(self.wages)
        for _ in range(MOST_SWEEPS):
            all_income = by_income + np.sum(self.problem.final * spending, axis=0)
            by_earned = self._to_earned(all_income)
            flow = by_flow + self._all_output(by_output, spending)[:, None, :]
            new = np.sum(self.kept * flow, axis=2)
            if self.taxed is not None:
                new = new + self.taxed.sum(axis=2) * by_earned
            change = float(np.max(np.abs(new - spending)))
            spending = new
            if not change > CLOSE * float(np.max(np.abs(new))):
                break
        all_income = by_income + np.sum(self.problem.final * spending, axis=0)
        return spending, self._to_earned(all_income)

    def _to_earned(self, by_income: FloatArray) -> FloatArray:
        """(N,) slopes by what is earned from slopes by income: the rule for deficits transposed."""
        absorbs = self.problem.absorption
        if absorbs is None:
            return by_income
        level = self.earned
        weight = float(by_income @ (absorbs * level))
        growth = weight / level.sum() - weight * absorbs / float(absorbs @ level)
        return np.asarray(self.factor * (absorbs * by_income + growth))

    def _prices(self, by_price: FloatArray, by_cost: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Slopes by ln P and ln c with all that hangs on them, (J, N) each."""
        inputs = self.problem.inputs
        price = by_price
        for _ in range(MOST_SWEEPS):
            cost = by_cost + np.einsum("jni,jn->ji", self.share, price, optimize=True)
            if inputs is None:
                return price, cost
            new = by_price + np.einsum("nkj,jn->kn", inputs, cost, optimize=True)
            change = float(np.max(np.abs(new - price)))
            price = new
            if not change > CLOSE * float(np.max(np.abs(new))):
                break
        return price, by_cost + np.einsum("jni,jn->ji", self.share, price, optimize=True)


def _earned(point: MarketPoint, wages: FloatArray) -> FloatArray:
    return np.asarray(wages + point.tariff + point.fees)
