"""What each part of a pair's trade cost would bring if less of it stood in the way.

Each lever is solved exactly, in general equilibrium, for every draw of elasticities, duties,
carriage, payment and values per tonne; baseline and counterfactual share the draw. A lever says
what the model gives in the long run if the cost fell, not that it will. Goods of less than half a per
cent of a direction's trade, and goods that nothing carries under the rules of the day, stay as they
are: their costs are not known well enough to move.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq

from entrepot.facts.world import World
from entrepot.kernels.arrays import FloatArray
from entrepot.questions.between.pair_costs import (
    PARTS,
    Direction,
    PairCosts,
)
from entrepot.trade.exact.baseline import Baseline
from entrepot.trade.exact.counterfactual import Counterfactual, counterfactual
from entrepot.uncertainty.draw_values import in_levels
from entrepot.uncertainty.ranges import Range

DUTY, AGREEMENT = "duty", "agreement"
# Halves of what can be named only, and the end of what an agreement can end: nobody ends freight,
# and half of what nobody can name is not a lever.
ASKED = (
    *((name, 0.1) for name in (*PARTS, "named")),
    *((name, 0.5) for name in (*PARTS[:-1], "named")),
    *((name, 1.0) for name in (DUTY, "payment", AGREEMENT)),
)
TITLES = {
    "duty": "Customs duties",
    "freight": "Freight: haulage, handling, tolls, insurance",
    "time": "Time under way and its spread",
    "border": "Borders: fees and waiting",
    "payment": "Payment: intermediaries, premia, delays",
    "unexplained": "All else: law, risk, language, trust, and errors of the above",
    "named": "All named parts together",
    AGREEMENT: "Duties of the later day, for all economies",
}


@dataclass(frozen=True, slots=True)
class Lever:
    """One lever over all draws.

    gain    : (D,) million USD a year of trade of the pair, both ways; NaN where a draw failed
    forward : (D,) the part of it from the first economy of the pair to the second
    real    : (D, 2) change of real income of the two, million USD a year
    """

    name: str
    cut: float
    gain: FloatArray
    forward: FloatArray
    real: FloatArray

    @property
    def failed(self) -> int:
        return int(np.isnan(self.gain).sum())


def levers(
    world: World, costs: PairCosts, later: date, told: Callable[[int], None] = lambda _: None
) -> list[Lever]:
    """All levers: each part cut by a tenth and by half, what can be ended ended, later duties.

    later : day of the duties of the last lever, such as after an agreement
    told  : called after each draw with its number
    """
    asked = [(name, cut) for name, cut in ASKED if costs.known(DUTY if name == AGREEMENT else name)]
    n = costs.n_draw
    gain = np.full((len(asked), n), np.nan)
    forward = np.full((len(asked), n), np.nan)
    real = np.full((len(asked), n, 2), np.nan)
    after = costs.trade.duties_in(world, later)
    for d in range(n):
        draw = _Draw(costs, d, after)
        for k, (name, cut) in enumerate(asked):
            found = draw.solve(name, cut)
            if found.converged:
                gain[k, d], forward[k, d] = draw.gained(found)
                real[k, d] = found.equivalent_variation[list(draw.ends)]
        told(d)
    return [Lever(name, cut, gain[k], forward[k], real[k]) for k, (name, cut) in enumerate(asked)]


def _moved(direction: Direction) -> NDArray[np.bool_]:
    """(C,) goods that levers move: those whose carriage was priced."""
    out = np.zeros(len(direction.value), dtype=bool)
    out[list(direction.carried)] = True
    return out


class _Draw:
    """The world under one draw, and the pair's cost of every good in it."""

    def __init__(self, costs: PairCosts, d: int, later: Range[FloatArray]) -> None:
        trade = costs.trade
        self.costs, self.d, self.later = costs, d, later
        self.ends = (trade.position(costs.pair[0]), trade.position(costs.pair[1]))
        tariff = trade.tariff.mid.copy()
        for direction in costs.directions:
            tariff[:, *self._at(direction)] = self._sector(direction, direction.parts[DUTY][d])
        self.tariff = tariff
        self.baseline: Baseline = trade.baseline(elasticity=costs.theta[d], tariff=tariff)
        self.other = max(float(costs.unexplained[d]), 0.0)
        self.moved = [_moved(direction) for direction in costs.directions]

    def _at(self, direction: Direction) -> tuple[int, int]:
        position = self.costs.trade.position
        return position(direction.importer), position(direction.exporter)

    def _sector(self, direction: Direction, by_good: FloatArray) -> FloatArray:
        """(J,) mean over the goods of each sector by value, by number where nothing is traded."""
        folding = self.costs.trade.folding
        weight = np.maximum(direction.value, 1e-9)
        return np.asarray(folding.total(weight * by_good) / folding.total(weight))

    def solve(self, name: str, cut: float) -> Counterfactual:
        """The world with a part of the pair's costs cut by a share."""
        cost = np.ones_like(self.baseline.flows)
        tariff = self.tariff.copy()
        names = PARTS[:-1] if name == "named" else (name,)
        if name == AGREEMENT:
            tariff = self._all_later()
        for direction, moved in zip(self.costs.directions, self.moved, strict=True):
            at = self._at(direction)
            parts = {p: direction.parts[p][self.d] for p in PARTS[:-1]}
            whole = 1.0 + parts["freight"] + parts["time"] + parts["border"]
            less = sum((parts[p] for p in ("freight", "time", "border") if p in names), np.zeros(1))
            factor = (whole - cut * less) / whole
            if "payment" in names:
                factor = factor * (1.0 + (1.0 - cut) * parts["payment"]) / (1.0 + parts["payment"])
            if "unexplained" in names:
                factor = factor * (1.0 + (1.0 - cut) * self.other) / (1.0 + self.other)
            cost[:, *at] = self._sector(direction, np.where(moved, factor, 1.0))
            if DUTY in names:
                kept = np.where(moved, 1.0 - cut, 1.0) * parts[DUTY]
                tariff[:, *at] = self._sector(direction, kept)
        return counterfactual(self.baseline, cost_hat=cost, tariff_new=tariff, tol=1e-9)

    def _all_later(self) -> FloatArray:
        """(J, N, N) duties of the later day; the pair's at the place in their range of the draw."""
        tariff = self.later.mid.copy()
        for direction in self.costs.directions:
            at = self._at(direction)
            z = float(self.costs.sampler.normal("duty")[self.d])
            tariff[:, *at] = in_levels(
                z, Range(*(v[:, *at] for v in (self.later.low, self.later.mid, self.later.high)))
            )
        return tariff

    def gained(self, found: Counterfactual) -> tuple[float, float]:
        """Growth of the pair's trade in both directions, and from the first to the second."""
        first, second = self.costs.directions
        forward, back = (
            float((found.flows - self.baseline.flows)[:, *self._at(d)].sum())
            for d in (first, second)
        )
        return forward + back, forward


def needed_cut(costs: PairCosts, growth: float) -> FloatArray:
    """(D,) fall of all the pair's trade costs, a share of one, at which trade grows by a factor.

    Partial: prices and wages stay as they are. In general equilibrium the same cut gives a few per
    cent less.
    """
    trade = costs.trade
    a, b = (trade.position(z) for z in costs.pair)
    value = trade.flows[:, a, b] + trade.flows[:, b, a]
    weight = value / value.sum()

    def short(x: float, theta: FloatArray) -> float:
        return float(np.log(np.sum(weight * np.exp(theta * x))) - np.log(growth))

    out = [
        brentq(short, 0.0, 300.0 / theta.max(), args=(theta,), xtol=1e-12) for theta in costs.theta
    ]
    return np.asarray(-np.expm1(-np.array(out)))


def levers_table(found: list[Lever], base: float, target: float | None = None) -> pd.DataFrame:
    """Levers as rows, percentiles over the draws that were solved.

    target : million USD a year; what part of the draws reaches it
    """
    rows = []
    for lever in found:
        good = ~np.isnan(lever.gain)
        if not good.any():
            continue
        p10, p50, p90 = np.percentile(lever.gain[good], (10, 50, 90))
        ahead = np.percentile(lever.forward[good], 50)
        first, second = np.percentile(lever.real[good], 50, axis=0)
        title = TITLES.get(lever.name, "")
        rows.append(
            {
                "lever": lever.name,
                "cut": lever.cut,
                "title": title,
                "gain_musd_p10": p10,
                "gain_musd_p50": p50,
                "gain_musd_p90": p90,
                "gain_pct_p10": 100 * p10 / base,
                "gain_pct_p50": 100 * p50 / base,
                "gain_pct_p90": 100 * p90 / base,
                "reaches_target": np.nan
                if target is None
                else float(np.mean(base + lever.gain[good] >= target)),
                "forward_musd_p50": ahead,
                "real_income_a_musd_p50": first,
                "real_income_b_musd_p50": second,
                "draws": len(good),
                "failed": lever.failed,
            }
        )
    return pd.DataFrame(rows)
