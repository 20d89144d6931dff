"""What a change of costs, tariffs or fees does to trade, prices and real income, exactly.

baseline = Baseline.from_flows(flows, tariff, elasticity)
result = counterfactual(baseline, cost_hat=cost_hat)
result.welfare_hat, result.trade_hat, result.status
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from entrepot.errors import UsageError
from entrepot.kernels.arrays import FloatArray
from entrepot.kernels.short_repr import short_repr
from entrepot.trade.exact.baseline import (
    Baseline,
    check_rule,
    start_of,
)
from entrepot.trade.exact.decomposition import (
    STEPS,
    Decomposition,
    decompose,
)
from entrepot.trade.exact.fees import Fees, public_income
from entrepot.trade.exact.markets import MarketProblem, State, new_shares
from entrepot.trade.exact.shock import Shock, read_shock
from entrepot.trade.exact.solve import (
    CONVERGED,
    NEGATIVE_INCOME,
    NOT_CONVERGED,
    Solution,
    solve,
)

# Places on the way to the shock only lend their answer to the next as a start.
ROUGH = 1e-6
FIRST_PART, SHORTEST_PART = 0.25, 1 / 256
STEPS_BETWEEN = 100
MOST_PLACES = 16


@short_repr
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
    world_factor     : what incomes were multiplied by so that the world spends what it earns;
                       under `multiplicative` it is left out of all values but wages and output
    status           : `converged`, or why not
    residual         : largest excess demand for labour, log points
    balance_residual : largest gap in a country's trade balance over its income or wages
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
    _solution: Solution = field(repr=False)
    _shock: Shock = field(repr=False)

    @property
    def iterations(self) -> int:
        return len(self.history)

    @property
    def converged(self) -> bool:
        return self.status == CONVERGED

    @property
    def log_cost(self) -> FloatArray:
        """(J, N) log of the change of unit costs."""
        return self._solution.log_cost

    @property
    def state(self) -> State:
        """Wages, prices and spending, from which a like counterfactual can start."""
        return self._solution.state.copy()

    @cached_property
    def decomposition(self) -> Decomposition:
        """Terms of trade, volume of trade and the rest, first order and along a path."""
        return self.decompose()

    def decompose(self, steps: int = STEPS) -> Decomposition:
        """The change of real income by source, integrated along `steps` steps of the shock."""
        if steps < 1:
            raise UsageError(f"A path has at least one step, not {steps}.")
        last = start_of(self.baseline)

        def along(part: float) -> tuple[MarketProblem, Solution, FloatArray, Fees | None]:
            nonlocal last
            shock = self._shock.part(self.baseline, part) if part < 1.0 else self._shock
            problem = shock.problem(self.baseline)
            found = self._solution
            if part < 1.0:
                found = solve(problem, last, tol=1e-11)
                last = found.state
            return problem, found, *shock.wedges(self.baseline)

        with np.errstate(divide="ignore"):
            exact = np.log(self.welfare_hat)
        return decompose(self.baseline, along, self._shock.log_cost, exact, steps)


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
    if not tol > 0 or max_iterations < 1:
        raise UsageError(f"tol must be above zero and steps at least 1: {tol}, {max_iterations}.")
    if deficit is not None:
        check_rule(deficit)
        if deficit == "zero" and baseline.deficit_rule != "zero":
            baseline = baseline.without_deficits()
        elif deficit != baseline.deficit_rule:
            baseline = replace(baseline, deficit_rule=deficit)
    shock, notes = read_shock(baseline, cost_hat, tariff_new, fees_new)
    problem = shock.problem(baseline)
    begin = start_of(baseline) if start is None else _fitting(baseline, start)
    if shock.empty:
        solution = _unchanged(baseline)
    else:
        solution = solve(problem, begin, tol=tol, max_iterations=max_iterations)
        if solution.status == NOT_CONVERGED:
            solution = _by_steps(baseline, shock, problem, solution, tol, max_iterations)
    return _result(baseline, shock, problem, solution, notes)


def _fitting(baseline: Baseline, start: State) -> State:
    own = start_of(baseline)
    shapes = [(getattr(s, k)).shape for s in (start, own) for k in ("log_wage", "spending")]
    if shapes[:2] != shapes[2:] or start.log_price.shape != shapes[3] or not start.finite():
        raise UsageError(
            f"start is the state of another world: {shapes[1]} sectors and countries, "
            f"here {shapes[3]}, or not finite."
        )
    return start


def _unchanged(baseline: Baseline) -> Solution:
    """No shock: the baseline itself is the answer, bit for bit."""
    revenue, collected = public_income(baseline.flows, baseline.tariff, baseline.fees)
    output = baseline.output
    excess = np.log(np.sum(baseline.value_added_share * output, axis=0) / baseline.labour_income)
    earned = baseline.labour_income + revenue + collected + baseline.deficit
    return Solution(
        state=start_of(baseline),
        log_cost=np.zeros_like(baseline.spending),
        output=output,
        income=baseline.income,
        tariff=revenue,
        fees=collected,
        factor=1.0,
        status=CONVERGED,
        residual=float(np.max(np.abs(excess))),
        balance=float(np.max(np.abs(earned / baseline.income - 1.0))),
        history=(),
    )


def _by_steps(
    baseline: Baseline,
    shock: Shock,
    problem: MarketProblem,
    direct: Solution,
    tol: float,
    max_iterations: int,
) -> Solution:
    """Along the path from no shock to all of it; the direct solution where that fails too."""
    state, place, length = start_of(baseline), 0.0, FIRST_PART
    for _ in range(MOST_PLACES):
        if length < SHORTEST_PART:
            break
        ahead = min(1.0, place + length)
        if ahead == 1.0:
            found = solve(problem, state, tol=tol, max_iterations=max_iterations)
        else:
            part = shock.part(baseline, ahead).problem(baseline)
            found = solve(part, state, tol=ROUGH, max_iterations=STEPS_BETWEEN)
        if found.status == NEGATIVE_INCOME:
            break
        if found.status != CONVERGED:
            length /= 2
        elif ahead == 1.0:
            return replace(found, history=direct.history + found.history)
        else:
            state, place, length = found.state, ahead, 2 * length
    return direct


def _result(
    baseline: Baseline,
    shock: Shock,
    problem: MarketProblem,
    solution: Solution,
    notes: tuple[str, ...],
) -> Counterfactual:
    # The published one-sector rule leaves the world's factor out of values and welfare.
    left_out = solution.factor if baseline.deficit_rule == "multiplicative" else 1.0
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        spending = solution.state.spending / left_out
        flows = _flows(baseline, shock, problem, solution) / left_out
        traded = baseline.flows > 0
        trade_hat = np.divide(flows, baseline.flows, out=np.ones_like(flows), where=traded)
        log_price = np.sum(baseline.final_share * solution.state.log_price, axis=0)
        price_hat = np.exp(log_price)
        wage_hat = np.exp(solution.state.log_wage)
        income = solution.income / left_out
        welfare_hat = income / baseline.income / price_hat
        real_wage_hat = wage_hat / price_hat
        sector_price_hat = np.exp(solution.state.log_price)
    return Counterfactual(
        trade_hat=trade_hat,
        flows=flows,
        welfare_hat=welfare_hat,
        real_wage_hat=real_wage_hat,
        wage_hat=wage_hat,
        price_hat=price_hat,
        sector_price_hat=sector_price_hat,
        income=income,
        spending=spending,
        output=solution.output,
        tariff_revenue=solution.tariff / left_out,
        fee_income=solution.fees / left_out,
        equivalent_variation=baseline.income * (welfare_hat - 1.0),
        deficit_rule=baseline.deficit_rule,
        world_factor=solution.factor,
        status=solution.status,
        residual=solution.residual,
        balance_residual=solution.balance,
        history=solution.history,
        notes=(*baseline.notes, *notes, *_poor(baseline, solution)),
        baseline=baseline,
        _solution=solution,
        _shock=shock,
    )


def _poor(baseline: Baseline, solution: Solution) -> list[str]:
    """Where no equilibrium has income above zero: the deficit is too large for what is earned."""
    if solution.status != NEGATIVE_INCOME:
        return []
    names = [baseline.zones[n] for n in np.flatnonzero(solution.income <= 0)]
    return [f"Final income is not above zero: {', '.join(names)}; try another rule for deficits."]


def _flows(
    baseline: Baseline, shock: Shock, problem: MarketProblem, solution: Solution
) -> FloatArray:
    """(J, N, N) net of tariffs and fees."""
    if shock.empty:
        return baseline.flows.copy()
    flows = new_shares(problem, solution.log_cost)
    flows *= solution.state.spending[:, :, None]
    if problem.kept is not None:
        flows *= problem.kept
    return flows
