"""The world of trade as observed: shares, spending, incomes and the parameters.

Everything follows from flows, tariffs and technology (Caliendo and Parro 2015, section 3):

    X_jn   = sum_i flows_jni (1 + tariff_jni)(1 + fee_jni)     spending at purchaser prices
    share  = flows (1 + tariff)(1 + fee) / X
    R_ji   = sum_n flows_jni                                   output
    w_n L_n = sum_j value_added_jn R_jn
    I_n    = w_n L_n + tariff revenue + fee income + D_n
    final_jn = (X_jn - inputs bought) / I_n
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from entrepot.errors import InfeasibleError, UsageError, nearest
from entrepot.kernels.arrays import FloatArray
from entrepot.kernels.short_repr import short_repr
from entrepot.trade.exact.baseline_checks import check_flows
from entrepot.trade.exact.fees import (
    Fees,
    check_fees,
    never_paid,
    public_income,
)
from entrepot.trade.exact.markets import MarketProblem, State, new_shares
from entrepot.trade.exact.solve import (
    CONVERGED,
    NEGATIVE_INCOME,
    Solution,
    solve,
)
from entrepot.trade.exact.technology_checks import check_technology, settle_final

DeficitRule = Literal["zero", "nominal", "proportional", "additive", "multiplicative"]
RULES: tuple[str, ...] = get_args(DeficitRule)
# Rules in which deficits move with income; the others keep them in units of the numeraire.
SCALED_RULES = ("proportional", "multiplicative")
# Where value added is a few per cent of output, rounding allows no more than nearly clean.
CLEAN, NEARLY = 1e-12, 1e-10


@short_repr
@dataclass(frozen=True, slots=True)
class Baseline:
    """A consistent world before the shock. J sectors, N countries, million USD a year.

    flows             : (J, N, N) value received by the exporter, [sector, importer, exporter]
    tariff            : (J, N, N) ad valorem rate, 0.05 for 5 percent
    elasticity        : (J,) trade elasticity theta; sigma - 1 for Armington
    value_added_share : (J, N) value added per unit of output
    input_share       : (N, J, J) input k per unit of output j as [n, k, j], or None
    final_share       : (J, N) part of final spending, sums to one by country
    share             : (J, N, N) part of spending by source, sums to one over exporters
    spending          : (J, N) at purchaser prices
    labour_income     : (N,)
    income            : (N,) labour, tariff and fee income plus the deficit
    deficit           : (N,) what is spent beyond what is earned; sums to zero
    deficit_rule      : what becomes of deficits in a counterfactual
    notes             : what was changed in the data on the way, and by how much
    """

    flows: FloatArray
    tariff: FloatArray
    elasticity: FloatArray
    value_added_share: FloatArray
    input_share: FloatArray | None
    final_share: FloatArray
    share: FloatArray
    spending: FloatArray
    labour_income: FloatArray
    income: FloatArray
    deficit: FloatArray
    deficit_rule: str
    fees: Fees | None
    zones: tuple[str, ...]
    sectors: tuple[str, ...]
    notes: tuple[str, ...]

    @classmethod
    def from_flows(
        cls,
        flows: ArrayLike,
        tariff: ArrayLike | None = None,
        elasticity: ArrayLike = 5.03,
        value_added_share: ArrayLike | None = None,
        input_share: ArrayLike | None = None,
        deficit: str = "proportional",
        *,
        fees: Fees | None = None,
        zones: Sequence[str] | None = None,
        sectors: Sequence[str] | None = None,
    ) -> Baseline:
        """Take observed arrays as they are and make them a consistent world.

        flows             : (J, N, N) or, with one sector, (N, N); net of tariff, row the
                            importer, column the exporter, domestic sales on the diagonal
        tariff            : same shape, rates as fractions; None for free trade
        elasticity        : (J,) or one number for all; the default is the median of the
                            meta-analysis of Head and Mayer (2014)
        value_added_share : (J, N); None for output made of labour alone
        input_share       : (N, J, J), input k per unit of output j as [n, k, j]; its sum over
                            k is 1 - value_added_share; rounding is scaled away and noted
        deficit           : `zero` (trade balanced first), `nominal` (kept in the numeraire,
                            world labour income; where a publication fixes world GDP with
                            tariff revenue instead, its constant deficits are other ones in
                            real terms), `proportional` (a constant part of income,
                            then one common factor so that the world spends what it earns).
                            With one sector and no tariffs `additive` is nominal by another
                            name, and `multiplicative` is proportional with the common factor
                            left out of flows and welfare, as in Baier, Yotov and Zylkin (2019)
        fees              : transit fees included in what buyers pay but not in `flows`

        Raises BadInputError with every fault and the countries concerned. Zero flows are fine
        and stay zero. Negative final demand is set to zero and the world solved again; that,
        like any other change of the data, is in `notes`.
        """
        check_rule(deficit)
        data, faults = check_flows(flows, tariff, elasticity, zones, sectors)
        added, inputs = check_technology(data, value_added_share, input_share, faults)
        fees = check_fees(data, fees, faults)
        faults.raise_if_any()
        wedge = 1.0 + data.tariff
        paid = wedge if fees is None else wedge * (1.0 + fees.total)
        bought = data.flows * paid
        spending = bought.sum(axis=2)
        share = np.divide(bought, spending[:, :, None], out=np.zeros_like(bought),
                          where=spending[:, :, None] > 0)  # fmt: skip
        output = data.flows.sum(axis=1)
        labour = np.sum(added * output, axis=0)
        revenue, collected = public_income(data.flows, data.tariff, fees)
        deficit_now = spending.sum(axis=0) - output.sum(axis=0) - revenue - collected
        income = labour + revenue + collected + deficit_now
        final, moved = settle_final(spending, output, inputs, income, deficit_now, faults)
        faults.raise_if_any()
        raw = cls(
            flows=data.flows,
            tariff=data.tariff,
            elasticity=data.elasticity,
            value_added_share=added,
            input_share=inputs,
            final_share=final,
            share=share,
            spending=spending,
            labour_income=labour,
            income=income,
            deficit=deficit_now,
            deficit_rule=deficit,
            fees=fees,
            zones=data.zones,
            sectors=data.sectors,
            notes=tuple(faults.notes),
        )
        if deficit == "zero":
            return raw.without_deficits()
        return raw.clean() if moved else raw

    @property
    def output(self) -> FloatArray:
        """(J, N) at producer prices."""
        return np.asarray(self.flows.sum(axis=1), dtype=np.float64)

    def without_deficits(self) -> Baseline:
        """The same world with every country's trade in balance, solved as a counterfactual.

        Raises InfeasibleError where some countries buy from the rest and sell it nothing.
        """
        apart = never_paid(self.flows, self.fees)
        if apart.any():
            names = ", ".join(zone for zone, out in zip(self.zones, apart, strict=True) if out)
            raise InfeasibleError(
                "The baseline could not be trade balanced: some countries buy from others and sell "
                f"them nothing, or the reverse. Apart from the largest group: {names}."
            )
        balanced = self._solved(np.zeros_like(self.deficit), "trade balanced")
        return replace(balanced, deficit_rule="zero")

    def clean(self) -> Baseline:
        """The same world solved with nothing changed, where the data did not add up."""
        return self._solved(self.deficit, "made consistent")

    def _solved(self, transfer: FloatArray, why: str) -> Baseline:
        # Sums to zero but for rounding; the rest would be income from nowhere.
        transfer = transfer - transfer.sum() * self.labour_income / self.labour_income.sum()
        solution = solve(
            problem_of(self, transfer=transfer), start_of(self), tol=CLEAN, max_iterations=500
        )
        near = solution.residual < NEARLY and solution.balance < NEARLY
        if solution.status == NEGATIVE_INCOME or not (near or solution.status == CONVERGED):
            raise InfeasibleError(
                f"The baseline could not be {why}: {solution.status}, "
                f"residual {solution.residual:.1e}."
            )
        return self._settled(solution, transfer, why)

    def _settled(self, solution: Solution, transfer: FloatArray, why: str) -> Baseline:
        problem = problem_of(self, transfer=transfer)
        share = new_shares(problem, solution.log_cost)
        spending = solution.state.spending
        paid = 1.0 + self.tariff
        if self.fees is not None:
            paid = paid * (1.0 + self.fees.total)
        flows = share * spending[:, :, None] / paid
        labour = np.exp(solution.state.log_wage) * self.labour_income
        change = float(np.abs(flows - self.flows).sum() / self.flows.sum())
        note = f"Flows moved by {change:.3%} of their sum: {why}."
        return replace(
            self,
            flows=flows,
            share=share,
            spending=spending,
            labour_income=labour,
            income=solution.income,
            deficit=transfer,
            notes=(*self.notes, note),
        )


def check_rule(deficit: str) -> None:
    """Raise UsageError for a rule nobody knows."""
    if deficit not in RULES:
        near = nearest(deficit, RULES)
        hint = f" Nearest: {near[0]}." if near else ""
        raise UsageError(f"'{deficit}' is not a rule for deficits: {', '.join(RULES)}.{hint}")


def start_of(baseline: Baseline) -> State:
    """Nothing changed."""
    return State(
        np.zeros_like(baseline.labour_income),
        np.zeros_like(baseline.spending),
        baseline.spending.copy(),
    )


def problem_of(
    baseline: Baseline,
    *,
    log_kappa: FloatArray | None = None,
    tariff: FloatArray | None = None,
    fees: Fees | None = None,
    transfer: FloatArray | None = None,
    absorption: FloatArray | None = None,
) -> MarketProblem:
    """The equations with a cost shock, (J, N, N) in logs, and the wedges after the shock."""
    tariff = baseline.tariff if tariff is None else tariff
    fees = baseline.fees if fees is None else fees
    kept = untaxed = owner = part = None
    charged = fees is not None and bool(np.any(fees.rate))
    if charged or np.any(tariff):
        kept = 1.0 / (1.0 + tariff)
    if fees is not None and charged and kept is not None:
        untaxed = kept
        kept = untaxed / (1.0 + fees.total)
        owner, part = fees.owner, fees.rate * kept
    return MarketProblem(
        share=baseline.share,
        theta=baseline.elasticity,
        value_added=baseline.value_added_share,
        inputs=baseline.input_share,
        final=baseline.final_share,
        labour=baseline.labour_income,
        log_kappa=log_kappa,
        kept=kept,
        untaxed=untaxed,
        fee_owner=owner,
        fee_part=part,
        transfer=transfer,
        absorption=absorption,
    )
