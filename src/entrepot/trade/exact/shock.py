"""What a counterfactual changes: resource costs, tariffs, fees; the whole and any part of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from entrepot.kernels.arrays import FloatArray
from entrepot.kernels.short_repr import short_repr
from entrepot.trade.exact.baseline import (
    SCALED_RULES,
    Baseline,
    problem_of,
)
from entrepot.trade.exact.baseline_checks import (
    Data,
    Faults,
    check_tariff,
    numbers,
)
from entrepot.trade.exact.fees import (
    Fees,
    check_fees,
    rates_like,
)
from entrepot.trade.exact.markets import MarketProblem

# New rates so many times the old ones on the same flows are in per cent.
PERCENT = (50.0, 200.0)


@short_repr
@dataclass(frozen=True, slots=True)
class Shock:
    """What changes; None for what stays. Arrays are [sector, importer, exporter].

    log_cost : (J, N, N) log of the change of resource costs
    tariff   : (J, N, N) rates afterwards
    fees     : fees afterwards
    """

    log_cost: FloatArray | None
    tariff: FloatArray | None
    fees: Fees | None

    @property
    def empty(self) -> bool:
        return self.log_cost is None and self.tariff is None and self.fees is None

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
            old_rate = rates_like(self.fees, baseline.fees)
            fees = replace(self.fees, rate=old_rate + share * (self.fees.rate - old_rate))
        return Shock(None if self.log_cost is None else share * self.log_cost, tariff, fees)

    def problem(self, baseline: Baseline) -> MarketProblem:
        """The equations under the shock and the baseline's rule for deficits."""
        transfer = absorption = None
        if baseline.deficit_rule in SCALED_RULES:
            absorption = baseline.income / (baseline.income - baseline.deficit)
        elif baseline.deficit_rule != "zero":
            transfer = baseline.deficit
        return problem_of(
            baseline,
            log_kappa=self.log_kappa(baseline),
            tariff=self.tariff,
            fees=self.fees,
            transfer=transfer,
            absorption=absorption,
        )


def read_shock(
    baseline: Baseline,
    cost_hat: ArrayLike | None,
    tariff_new: ArrayLike | None,
    fees_new: Fees | None,
) -> tuple[Shock, tuple[str, ...]]:
    """What changes on flows that exist, and notes; raises BadInputError with every fault."""
    faults = Faults(baseline.zones, baseline.sectors)
    traded = baseline.flows > 0
    log_cost = None if cost_hat is None else _log_cost(baseline, cost_hat, faults)
    tariff = None
    if tariff_new is not None:
        tariff = check_tariff(tariff_new, baseline.flows.shape, faults, "tariff_new")
        _same_units(baseline, tariff, faults)
    data = Data(
        baseline.flows, baseline.tariff, baseline.elasticity, baseline.zones, baseline.sectors
    )
    fees = check_fees(data, fees_new, faults, "fees_new")
    faults.raise_if_any("The shock")
    kappa = Shock(log_cost, tariff, fees).log_kappa(baseline)
    if kappa is not None:
        stuck = int(np.sum(~traded & (kappa < 0)))
        if stuck:
            faults.notes.append(
                f"{stuck} flows are zero and stay zero although their trade cost falls."
            )
    # Where nothing is traded a change of cost has no effect, not even one of rounding.
    if log_cost is not None and not np.any(log_cost[traded]):
        log_cost = None
    if tariff is not None and np.array_equal(tariff[traded], baseline.tariff[traded]):
        tariff = None
    if fees is not None and not np.any((fees.rate - rates_like(fees, baseline.fees))[:, traded]):
        fees = None
    return Shock(log_cost, tariff, fees), tuple(faults.notes)


def _log_cost(baseline: Baseline, cost_hat: ArrayLike, faults: Faults) -> FloatArray | None:
    cost = numbers(cost_hat, "cost_hat", faults)
    if cost is None:
        return None
    shape = baseline.flows.shape
    if cost.shape == shape[1:]:
        cost = np.broadcast_to(cost, shape)
    if cost.shape != shape:
        faults.add(f"cost_hat has shape {cost.shape}; expected {shape} or {shape[1:]}")
        return None
    bad = ~np.isfinite(cost) | (cost <= 0)
    if bad.any():
        faults.add(
            f"cost_hat must be a finite number above zero, which {int(bad.sum())} cells are not, "
            f"the first {cost[bad][0]:g}: {faults.cells(bad)}. An embargo is a large finite cost"
        )
        return None
    return np.asarray(np.log(cost), dtype=np.float64)


def _same_units(baseline: Baseline, tariff: FloatArray, faults: Faults) -> None:
    both = (baseline.tariff > 0) & (tariff > 0)
    if not both.any():
        return
    ratios = tariff[both] / baseline.tariff[both]
    low, ratio, high = (float(q) for q in np.percentile(ratios, (10, 50, 90)))
    # Another unit multiplies all rates alike; a high duty on everybody does not.
    alike = high < 1.5 * low
    if alike and PERCENT[0] < ratio < PERCENT[1] and float(np.median(tariff[both])) > 1.0:
        faults.add(
            f"tariff_new is about {ratio:.0f} times the baseline's tariff; rates are fractions, "
            "0.05 for 5 percent: divide by 100"
        )
