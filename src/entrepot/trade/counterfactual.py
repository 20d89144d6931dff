"""What a change of costs, tariffs or fees does to trade, prices and real income, exactly.

    baseline = Baseline.from_flows(flows, tariff, elasticity)
    result = counterfactual(baseline, cost_hat=cost_hat)
    result.welfare_hat, result.trade_hat, result.status
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from entrepot.errors import BadInputError
from entrepot.trade.baseline import (
    SCALED_RULES,
    Baseline,
    Fees,
    check_rule,
    new_shares,
    problem_of,
    start_of,
)
from entrepot.trade.decomposition import STEPS, Decomposition, decompose
from entrepot.trade.exact_hat import CONVERGED, Problem, Solution, State, solve

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Counterfactual:
    """The world after the shock over the world before it. J sectors, N countries.

    trade_hat        : (J, N, N) flows new over old; one where there was no flow
    flows            : (J, N, N) new flows net of tariffs and fees, million USD a year
    welfare_hat      : (N,) real final income I'/I over the consumer price index: exact
    real_wage_hat    : (N,) wage over the consumer price index
    wage_hat         : (N,) nominal wage; the world's labour income is the numeraire
    price_hat        : (N,) consumer price index, product of sector prices to final shares
    sector_price_hat : (J, N) price index of each sector, purchaser prices
    income           : (N,) new final income; tariff_revenue, fee_income (N,) are in it
    spending, output : (J, N) at purchaser and at producer prices
    equivalent_variation : (N,) baseline income times (welfare_hat - 1), million USD a year
    deficit_rule     : what was assumed of deficits; results of open countries hang on it
    world_factor     : what incomes were multiplied by so that the world spends what it earns
    status           : `converged`, or why not
    residual         : largest excess demand for labour, log points
    balance_residual : largest gap in a country's trade balance over its income
    iterations, history : number of steps, residual by step
    notes            : what the baseline had to change in the data, and flows that cannot grow
    """

    trade_hat: FloatArray
    flows: FloatArray
    welfare_hat: FloatArray
    real_wage_hat: FloatArray
    wage_hat: FloatArray
    price_hat: FloatArray
    sector_price_hat: FloatArray
    income: FloatArray
    spending: FloatArray
    output: FloatArray
    tariff_revenue: FloatArray
    fee_income: FloatArray
    equivalent_variation: FloatArray
    deficit_rule: str
    world_factor: float
    status: str
    residual: float
    balance_residual: float
    history: tuple[float, ...]
    notes: tuple[str, ...]
    baseline: Baseline = field(repr=False)
    state: State = field(repr=False)
    _shock: Shock = field(repr=False)

    @property
    def iterations(self) -> int:
        return len(self.history)

    @property
    def converged(self) -> bool:
        return self.status == CONVERGED

    @cached_property
    def decomposition(self) -> Decomposition:
        """Terms of trade, volume of trade and the rest, first order and along a path."""
        return self.decompose()

    def decompose(self, steps: int = STEPS) -> Decomposition:
        """The change of real income by source, integrated along `steps` steps of the shock."""

        def along(part: float) -> tuple[Problem, Solution, FloatArray, Fees | None]:
            shock = self._shock.part(self.baseline, part)
            problem = _problem(self.baseline, shock)
            start = start_of(self.baseline)
            return problem, solve(problem, start, tol=1e-11), *shock.wedges(self.baseline)

        log_cost = self._shock.log_cost
        return decompose(self.baseline, along, log_cost, np.log(self._solved_welfare()), steps)

    def _solved_welfare(self) -> FloatArray:
        """Real income as solved, before a rule's common factor is left out."""
        if self.deficit_rule == "multiplicative":
            return self.welfare_hat * self.world_factor
        return self.welfare_hat


@dataclass(frozen=True, slots=True)
class Shock:
    """What changes. log_cost (J, N, N) or None; tariff and fees after it, None for as before."""

    log_cost: FloatArray | None
    tariff: FloatArray | None
    fees: Fees | None
    deficit: str

    def wedges(self, baseline: Baseline) -> tuple[FloatArray, Fees | None]:
        """Tariff and fees in force under the shock."""
        return (
            baseline.tariff if self.tariff is None else self.tariff,
            baseline.fees if self.fees is None else self.fees,
        )

    def log_kappa(self, baseline: Baseline) -> FloatArray | None:
        """(J, N, N) change of all that stands between producer and buyer; None for none."""
        total = self.log_cost
        if self.tariff is not None:
            taxed = np.log1p(self.tariff) - np.log1p(baseline.tariff)
            total = taxed if total is None else total + taxed
        if self.fees is not None:
            before = 0.0 if baseline.fees is None else np.log1p(baseline.fees.total)
            charged = np.log1p(self.fees.total) - before
            total = charged if total is None else total + charged
        return total

    def part(self, baseline: Baseline, share: float) -> Shock:
        """The point of a straight line in ln(1 + tariff), ln cost and fee rates."""
        tariff = fees = None
        if self.tariff is not None:
            old, new = np.log1p(baseline.tariff), np.log1p(self.tariff)
            tariff = np.expm1(old + share * (new - old))
        if self.fees is not None:
            old_rate = _rates_like(self.fees, baseline.fees)
            fees = replace(self.fees, rate=old_rate + share * (self.fees.rate - old_rate))
        log_cost = None if self.log_cost is None else share * self.log_cost
        return Shock(log_cost, tariff, fees, self.deficit)


def _rates_like(new: Fees, old: Fees | None) -> FloatArray:
    """The old rates in the order of the new owners; zero for an owner who is new."""
    rate = np.zeros_like(new.rate)
    if old is None:
        return rate
    for place, owner in enumerate(new.owner):
        for at in np.flatnonzero(old.owner == owner):
            rate[place] += old.rate[at]
    if set(old.owner) - set(new.owner):
        raise BadInputError("fees: an owner of the baseline is missing; give it rates of zero")
    return rate


def counterfactual(
    baseline: Baseline,
    cost_hat: ArrayLike | None = None,
    tariff_new: ArrayLike | None = None,
    deficit: str | None = None,
    tol: float = 1e-10,
    *,
    fees_new: Fees | None = None,
    start: State | None = None,
    max_iterations: int = 300,
) -> Counterfactual:
    """Solve the world again with other trade costs; equations in `exact_hat`.

    cost_hat   : (J, N, N) trade cost new over old without tariffs and fees, [sector, importer,
                 exporter]; (N, N) for all sectors alike; None for as before
    tariff_new : (J, N, N) rates after; None for as before
    deficit    : another rule than the baseline's; `zero` balances the baseline first
    tol        : largest excess demand for labour allowed, log points
    fees_new   : transit fees after
    start      : the `state` of an earlier result, to start from

    Zero flows stay zero. An embargo is a large finite cost (a factor 1e8 ** (1/theta) divides
    the share by 1e8). Where nothing changes, every ratio is exactly one. The status says
    whether the answer is one; it is never silent, and nothing is raised for it.
    """
    if deficit is not None:
        check_rule(deficit)
        if deficit == "zero" and baseline.deficit_rule != "zero":
            baseline = baseline.without_deficits()
        elif deficit != baseline.deficit_rule:
            baseline = replace(baseline, deficit_rule=deficit)
    shock = Shock(
        _log_cost(baseline, cost_hat),
        _new_tariff(baseline, tariff_new),
        fees_new,
        baseline.deficit_rule,
    )
    kappa = shock.log_kappa(baseline)
    if kappa is None or not np.any(kappa):
        shock = Shock(None, None, None, baseline.deficit_rule)
    problem = _problem(baseline, shock)
    solution = _unchanged(baseline, problem) if shock.log_kappa(baseline) is None else solve(
        problem, start or start_of(baseline), tol=tol, max_iterations=max_iterations
    )  # fmt: skip
    return _result(baseline, shock, problem, solution)


def _unchanged(baseline: Baseline, problem: Problem) -> Solution:
    """No shock: the baseline itself is the answer, bit for bit."""
    probe = solve(problem, start_of(baseline), tol=np.inf, max_iterations=1)
    revenue, fees = probe.tariff, probe.fees
    return replace(
        probe,
        state=start_of(baseline),
        log_cost=np.zeros_like(baseline.spending),
        output=baseline.output,
        income=baseline.income,
        tariff=revenue,
        fees=fees,
        factor=1.0,
        status=CONVERGED,
    )


def _log_cost(baseline: Baseline, cost_hat: ArrayLike | None) -> FloatArray | None:
    if cost_hat is None:
        return None
    cost = np.array(cost_hat, dtype=np.float64)
    shape = baseline.flows.shape
    if cost.shape == shape[1:]:
        cost = np.broadcast_to(cost, shape)
    if cost.shape != shape:
        raise BadInputError(f"cost_hat has shape {cost.shape}; expected {shape} or {shape[1:]}")
    bad = ~np.isfinite(cost) | (cost <= 0)
    if bad.any():
        j, n, i = np.argwhere(bad)[0]
        raise BadInputError(
            f"cost_hat must be a finite number above zero; sector {baseline.sectors[j]} importer "
            f"{baseline.zones[n]} exporter {baseline.zones[i]} has {cost[j, n, i]} "
            f"({int(bad.sum())} such cells). An embargo is a large finite cost"
        )
    return np.log(cost)


def _new_tariff(baseline: Baseline, tariff_new: ArrayLike | None) -> FloatArray | None:
    if tariff_new is None:
        return None
    rate = np.array(tariff_new, dtype=np.float64)
    shape = baseline.flows.shape
    if rate.shape == shape[1:] and shape[0] == 1:
        rate = rate[None]
    if rate.shape != shape:
        raise BadInputError(f"tariff_new has shape {rate.shape}; expected {shape}")
    bad = ~np.isfinite(rate) | (rate <= -1)
    if bad.any():
        j, n, i = np.argwhere(bad)[0]
        raise BadInputError(
            f"tariff_new must be a fraction above -1; sector {baseline.sectors[j]} importer "
            f"{baseline.zones[n]} exporter {baseline.zones[i]} has {rate[j, n, i]}"
        )
    return rate


def _problem(baseline: Baseline, shock: Shock) -> Problem:
    transfer = absorption = None
    if shock.deficit in SCALED_RULES:
        absorption = baseline.income / (baseline.income - baseline.deficit)
    elif shock.deficit != "zero":
        transfer = baseline.deficit
    return problem_of(
        baseline,
        log_kappa=shock.log_kappa(baseline),
        tariff=shock.tariff,
        fees=shock.fees,
        transfer=transfer,
        absorption=absorption,
    )


def _result(
    baseline: Baseline, shock: Shock, problem: Problem, solution: Solution
) -> Counterfactual:
    unchanged = shock.log_kappa(baseline) is None
    spending = solution.state.spending
    tariff, fees = shock.wedges(baseline)
    # The published one-sector rule leaves the world's factor out of spending and welfare.
    left_out = solution.factor if shock.deficit == "multiplicative" else 1.0
    if unchanged:
        flows = baseline.flows.copy()
    else:
        paid = 1.0 + tariff
        if fees is not None:
            paid = paid * (1.0 + fees.total)
        flows = new_shares(problem, solution) * (spending / left_out)[:, :, None] / paid
    traded = baseline.flows > 0
    trade_hat = np.divide(flows, baseline.flows, out=np.ones_like(flows), where=traded)
    price_hat = np.exp(np.sum(baseline.final_share * solution.state.log_price, axis=0))
    wage_hat = np.exp(solution.state.log_wage)
    income = solution.income / left_out
    welfare_hat = income / baseline.income / price_hat
    return Counterfactual(
        trade_hat=trade_hat,
        flows=flows,
        welfare_hat=welfare_hat,
        real_wage_hat=wage_hat / price_hat,
        wage_hat=wage_hat,
        price_hat=price_hat,
        sector_price_hat=np.exp(solution.state.log_price),
        income=income,
        spending=spending / left_out,
        output=solution.output,
        tariff_revenue=solution.tariff,
        fee_income=solution.fees,
        equivalent_variation=baseline.income * (welfare_hat - 1.0),
        deficit_rule=shock.deficit,
        world_factor=solution.factor,
        status=solution.status,
        residual=solution.residual,
        balance_residual=solution.balance,
        history=solution.history,
        notes=(*baseline.notes, *_cannot_grow(baseline, shock)),
        baseline=baseline,
        state=solution.state,
        _shock=shock,
    )


def _cannot_grow(baseline: Baseline, shock: Shock) -> list[str]:
    """Pairs without trade whose cost falls: the model cannot show their gain."""
    kappa = shock.log_kappa(baseline)
    if kappa is None:
        return []
    count = int(np.sum((baseline.flows == 0) & (kappa < 0)))
    if not count:
        return []
    return [f"{count} flows are zero and stay zero although their trade cost falls."]
