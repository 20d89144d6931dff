"""Where a change of real income comes from: terms of trade, volume of trade, technology.

Caliendo and Parro (2015, equation 17) and its extension to fees. With M the flows net of
tariff t and fee f, I final income and c unit costs, along any path of the shock

    I_n dln W_n =   sum M_mn dln c_n - sum M_ni dln c_i                    terms of trade
                  + sum t (1 + f) M_ni (dln M_ni - dln c_i)                volume of trade
                  - sum (1 + t)(1 + f) M_ni dln d_ni                       technical
                  + d(fee income) - sum M_ni df - sum f M_ni dln c_i       fees
                  + d(transfer from abroad)                                transfers

`first_order` applies this once with the flows of the baseline, as published tables do. It can
be far off for a small open country; `terms_of_trade` and the others are the integral along
the path (trapezoid rule), and `remainder` is what is left of the exact change.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from entrepot.trade.baseline import Baseline, Fees, new_shares, public_income, start_of
from entrepot.trade.exact_hat import Problem, Solution, State

FloatArray = NDArray[np.float64]
Along = Callable[[float], tuple[Problem, Solution, FloatArray, Fees | None]]
STEPS = 8


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
            self.terms_of_trade
            + self.volume_of_trade
            + self.technical
            + self.fees
            + self.transfers
        )


@dataclass(frozen=True, slots=True)
class Decomposition(Parts):
    """The parts integrated along the path of the shock.

    exact       : (N,) ln of the exact change of real income
    remainder   : (N,) exact less the sum of the parts; falls with the square of `steps`
    first_order : the formula applied once at the baseline, as in published tables
    steps       : number of steps along the path
    """

    exact: FloatArray
    remainder: FloatArray
    first_order: Parts
    steps: int = field(default=STEPS)


@dataclass(frozen=True, slots=True)
class _Point:
    """The world at one point of the path. Logs of flows are zero where there is none."""

    flows: FloatArray
    log_flows: FloatArray
    log_cost: FloatArray
    tariff: FloatArray
    fee: FloatArray
    income: FloatArray
    fee_income: FloatArray
    transfer: FloatArray


def decompose(
    baseline: Baseline, along: Along, log_cost: FloatArray | None, exact: FloatArray, steps: int
) -> Decomposition:
    """Integrate the parts from the baseline (0) to the full shock (1).

    along(part) solves the world at that part of the shock; log_cost (J, N, N) is the whole
    change of resource costs.
    """
    points = [_base(baseline)]
    points += [_at(baseline, *along(step / steps)) for step in range(1, steps + 1)]
    shift = np.zeros(1) if log_cost is None else log_cost / steps
    sums = [np.zeros_like(baseline.income) for _ in range(5)]
    for left, right in zip(points, points[1:], strict=False):
        for place, value in enumerate(_between(left, right, shift)):
            sums[place] += value
    whole = np.zeros(1) if log_cost is None else log_cost
    once = Parts(*_first_order(points[0], points[-1], whole))
    total = np.sum(sums, axis=0)
    return Decomposition(*sums, exact=exact, remainder=exact - total, first_order=once, steps=steps)


def _base(baseline: Baseline) -> _Point:
    collected = public_income(baseline.flows, baseline.tariff, baseline.fees)[1]
    return _point(
        baseline, baseline.flows, start_of(baseline), np.zeros_like(baseline.spending),
        baseline.tariff, baseline.fees, baseline.income, collected, baseline.deficit,
    )  # fmt: skip


def _at(
    baseline: Baseline,
    problem: Problem,
    solution: Solution,
    tariff: FloatArray,
    fees: Fees | None,
) -> _Point:
    paid = 1.0 + tariff
    if fees is not None:
        paid = paid * (1.0 + fees.total)
    flows = new_shares(problem, solution) * solution.state.spending[:, :, None] / paid
    wages = np.exp(solution.state.log_wage) * baseline.labour_income
    transfer = solution.income - wages - solution.tariff - solution.fees
    return _point(
        baseline, flows, solution.state, solution.log_cost, tariff, fees,
        solution.income, solution.fees, transfer,
    )  # fmt: skip


def _point(
    baseline: Baseline, flows: FloatArray, state: State, log_cost: FloatArray,
    tariff: FloatArray, fees: Fees | None, income: FloatArray, fee_income: FloatArray,
    transfer: FloatArray,
) -> _Point:  # fmt: skip
    log_flows = np.log(flows, out=np.zeros_like(flows), where=flows > 0)
    fee = np.zeros(1) if fees is None else fees.total
    return _Point(flows, log_flows, log_cost, tariff, fee, income, fee_income, transfer)


def _parts(
    here: _Point, cost: FloatArray, flow: FloatArray, technical: FloatArray, fee: FloatArray,
    fee_income: FloatArray, transfer: FloatArray,
) -> tuple[FloatArray, ...]:  # fmt: skip
    """The five parts at one point, for given differentials; each over income, (N,)."""
    m, t, f = here.flows, here.tariff, here.fee
    bought_at = cost[:, None, :]
    terms = np.sum(m.sum(axis=1) * cost, axis=0) - np.sum(m * bought_at, axis=(0, 2))
    volume = np.sum(t * (1.0 + f) * m * (flow - bought_at), axis=(0, 2))
    tech = -np.sum((1.0 + t) * (1.0 + f) * m * technical, axis=(0, 2))
    charged = fee_income - np.sum(m * fee, axis=(0, 2)) - np.sum(f * m * bought_at, axis=(0, 2))
    return tuple(part / here.income for part in (terms, volume, tech, charged, transfer))


def _between(left: _Point, right: _Point, shift: FloatArray) -> tuple[FloatArray, ...]:
    """One step by the trapezoid rule."""
    changes = (
        right.log_cost - left.log_cost,
        right.log_flows - left.log_flows,
        shift,
        right.fee - left.fee,
        right.fee_income - left.fee_income,
        right.transfer - left.transfer,
    )
    first, second = _parts(left, *changes), _parts(right, *changes)
    return tuple(0.5 * (one + two) for one, two in zip(first, second, strict=True))


def _first_order(start: _Point, end: _Point, shift: FloatArray) -> tuple[FloatArray, ...]:
    return _parts(
        start,
        end.log_cost - start.log_cost,
        end.log_flows - start.log_flows,
        shift,
        end.fee - start.fee,
        end.fee_income - start.fee_income,
        end.transfer - start.transfer,
    )
