"""Where a change of real income comes from: terms of trade, volume of trade, technology.

Caliendo and Parro (2015, equation 17) and its extension to fees. With M the flows net of
tariff t and fee f, I final income and c unit costs, along any path of the shock

    I_n dln W_n =   sum M_mn dln c_n - sum M_ni dln c_i                    terms of trade
                  + sum t (1 + f) M_ni (dln M_ni - dln c_i)                volume of trade
                  - sum (1 + t)(1 + f) M_ni dln d_ni                       technical
                  + d(fee income) - sum M_ni df - sum f M_ni dln c_i       fees
                  + d(transfer from abroad)                                transfers

where M dln M is dM and d(transfer) less the log of a factor that a rule for deficits leaves out
of all values. `first_order` applies this once with the flows of the baseline and logs of hats, as
published tables do. It can be far off for a small open country; `terms_of_trade` and the others
are the integral along the path (trapezoid rule), and `remainder` is what is left of the exact
change.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from entrepot.kernels.arrays import FloatArray
from entrepot.kernels.short_repr import short_repr
from entrepot.trade.exact.baseline import Baseline, start_of
from entrepot.trade.exact.fees import Fees, public_income
from entrepot.trade.exact.markets import MarketProblem, new_shares
from entrepot.trade.exact.solve import CONVERGED, Solution

Along = Callable[[float], tuple[MarketProblem, Solution, FloatArray, Fees | None]]
STEPS = 8


@short_repr
@dataclass(frozen=True, slots=True)
class Parts:
    """Log points of real income by country, (N,) each; `total` is their sum."""

    terms_of_trade: FloatArray
    volume_of_trade: FloatArray
    technical: FloatArray
    fees: FloatArray
    transfers: FloatArray

    @property
    def total(self) -> FloatArray:
        return (
            self.terms_of_trade + self.volume_of_trade + self.technical + self.fees + self.transfers
        )


@short_repr
@dataclass(frozen=True, slots=True)
class Decomposition(Parts):
    """The parts integrated along the path of the shock.

    exact       : (N,) ln of the exact change of real income
    remainder   : (N,) exact less the sum of the parts; falls with the square of `steps`
    first_order : the formula applied once at the baseline, as in published tables
    steps       : number of steps along the path
    status      : `converged`, or why one of the points on the path is not
    """

    exact: FloatArray
    remainder: FloatArray
    first_order: Parts
    steps: int
    status: str


@short_repr
@dataclass(frozen=True, slots=True)
class _Point:
    """The world at one point of the path; arrays as in `Baseline`, log_cost (J, N).

    left_out : log of the factor that the rule for deficits leaves out of all values
    """

    flows: FloatArray
    log_cost: FloatArray
    tariff: FloatArray
    fee: FloatArray
    income: FloatArray
    fee_income: FloatArray
    transfer: FloatArray
    left_out: float
    status: str


def decompose(
    baseline: Baseline, along: Along, log_cost: FloatArray | None, exact: FloatArray, steps: int
) -> Decomposition:
    """Integrate the parts from the baseline (0) to the full shock (1).

    along(part) solves the world at that part of the shock; log_cost (J, N, N) is the whole
    change of resource costs.
    """
    points = [_base(baseline)]
    points += [_at(baseline, *along(step / steps)) for step in range(1, steps + 1)]
    whole = np.zeros(1) if log_cost is None else log_cost
    steps_taken = [_between(left, right, whole / steps) for left, right in pairwise(points)]
    sums = np.sum(steps_taken, axis=0)
    once = _first_order(points[0], points[-1], whole)
    failed = [point.status for point in points if point.status != CONVERGED]
    return Decomposition(
        terms_of_trade=sums[0],
        volume_of_trade=sums[1],
        technical=sums[2],
        fees=sums[3],
        transfers=sums[4],
        exact=exact,
        remainder=exact - np.sum(sums, axis=0),
        first_order=Parts(*once),
        steps=steps,
        status=failed[0] if failed else CONVERGED,
    )


def _base(baseline: Baseline) -> _Point:
    collected = public_income(baseline.flows, baseline.tariff, baseline.fees)[1]
    return _Point(
        flows=baseline.flows,
        log_cost=np.zeros_like(start_of(baseline).log_price),
        tariff=baseline.tariff,
        fee=_total(baseline.fees),
        income=baseline.income,
        fee_income=collected,
        transfer=baseline.deficit,
        left_out=0.0,
        status=CONVERGED,
    )


def _at(
    baseline: Baseline,
    problem: MarketProblem,
    solution: Solution,
    tariff: FloatArray,
    fees: Fees | None,
) -> _Point:
    paid = (1.0 + tariff) * (1.0 + _total(fees))
    with np.errstate(all="ignore"):
        share = new_shares(problem, solution.log_cost)
        wages = np.exp(solution.state.log_wage) * baseline.labour_income
    left_out = np.log(solution.factor) if baseline.deficit_rule == "multiplicative" else 0.0
    return _Point(
        flows=share * solution.state.spending[:, :, None] / paid,
        log_cost=solution.log_cost,
        tariff=tariff,
        fee=_total(fees),
        income=solution.income,
        fee_income=solution.fees,
        transfer=solution.income - wages - solution.tariff - solution.fees,
        left_out=float(left_out),
        status=solution.status,
    )


def _total(fees: Fees | None) -> FloatArray:
    return np.zeros(1) if fees is None else fees.total


def _parts(
    here: _Point, left: _Point, right: _Point, growth: FloatArray, technical: FloatArray
) -> FloatArray:
    """(5, N) the parts with the levels at one point and the changes between two.

    growth : (J, N, N) M dln M
    """
    m, t, f = here.flows, here.tariff, here.fee
    cost, fee = right.log_cost - left.log_cost, right.fee - left.fee
    dearer = m * cost[:, None, :]
    terms = np.sum(m.sum(axis=1) * cost, axis=0) - np.sum(dearer, axis=(0, 2))
    volume = np.sum(t * (1.0 + f) * (growth - dearer), axis=(0, 2))
    tech = -np.sum((1.0 + t) * (1.0 + f) * m * technical, axis=(0, 2))
    charged = right.fee_income - left.fee_income
    charged = charged - np.sum(m * fee, axis=(0, 2)) - np.sum(f * dearer, axis=(0, 2))
    transfer = right.transfer - left.transfer
    parts = np.stack((terms, volume, tech, charged, transfer)) / here.income
    parts[4] -= right.left_out - left.left_out
    return np.asarray(parts, dtype=np.float64)


def _between(left: _Point, right: _Point, technical: FloatArray) -> FloatArray:
    """One step by the trapezoid rule."""
    growth = right.flows - left.flows
    ends = [_parts(here, left, right, growth, technical) for here in (left, right)]
    return 0.5 * (ends[0] + ends[1])


def _first_order(start: _Point, end: _Point, technical: FloatArray) -> FloatArray:
    least = np.finfo(np.float64).tiny
    flows = np.maximum(start.flows, least)
    # A flow that is gone has fallen by more than numbers can say.
    growth = start.flows * np.log(np.maximum(end.flows, least) / flows)
    return _parts(start, start, end, growth, technical)
