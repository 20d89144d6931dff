"""Constants of corridors and dispersions that bring modelled tonnes near what was counted.

Penalised least squares on log ratios:

    sum_i (ln(modelled_i / observed_i) / s_i)^2 + sum_g (ln(mu_g / mu) / SPREAD_MU)^2 + sum_k (k / SPREAD)^2

s_i is ALLOWED, wider where sources conflict. The second and third sums hold parameters that no
count speaks of where they were: mu at its assumed value, constants at zero. Demand, route sets, costs
and rules are those of the base year and stay. The same facts give the same estimate to the bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import least_squares

from entrepot.errors import UsageError
from entrepot.flows.counts import Counters
from entrepot.kernels.arrays import FloatArray
from entrepot.kernels.choice.route_choice import Base, choose
from entrepot.routes.passing import Passing, vehicles

if TYPE_CHECKING:
    from entrepot.flows.flow_model import FlowModel


ALLOWED = 0.4  # log error of a count and of what it is compared with: a factor 1.5
SPREAD = 3.0  # prior of a constant: odds of one to twenty are one standard deviation
SPREAD_MU = 0.35  # prior of ln mu: half to double is two standard deviations
NOTHING = (
    1.0  # t a year: what is modelled on a corridor that nobody takes, so that its log is known
)
STEP = 1e-3
MOST_ODDS = 12.0
STEPS = 60
LOOSE = 1e-3


@dataclass(frozen=True, slots=True)
class Estimate:
    """What was estimated. G groups of classes, J constants, K counts.

    groups   : (G,) classes of vehicles
    mu       : (G,)
    log_odds : (J,)
    error_mu : (G,) standard errors of ln mu
    error    : (J,) standard errors
    modelled : (K,) t a year
    fit      : sum of squares, priors in
    """

    groups: tuple[str, ...]
    mu: FloatArray
    log_odds: FloatArray
    error_mu: FloatArray
    error: FloatArray
    modelled: FloatArray
    fit: float


class Calibration:
    """A model, its demand, constants to estimate and counts to meet."""

    def __init__(
        self,
        model: FlowModel,
        tonnes: FloatArray,
        counts: Sequence[Any],
        constants: Sequence[Any],
        *,
        by_group: bool = True,
    ) -> None:
        """Tonnes (C, N, N); counts and constants: rows of their tables.

        by_group : mu of each class of vehicles apart; otherwise the general one, which stays
        """
        if not counts:
            raise UsageError("Nothing to calibrate on: no count has the use 'calibration'.")
        session, routes = model.session, model.routes
        by_vehicle = vehicles(session.world)
        kinds = [by_vehicle[c.unit] for c in model.classes]
        self.groups = tuple(dict.fromkeys(kinds)) if by_group else ()
        self.group = np.array([self.groups.index(k) if by_group else -1 for k in kinds])
        self.model, self.sets, self.start = model, routes.sets, session.dispersion
        self.demand = model.load(tonnes).by_pair
        self.counters = Counters.of(model, counts)
        self.observed = np.array([float(c.value_mt) for c in counts]) * 1e6
        self.allowed = np.array([_allowed(c) for c in counts])
        passing = [Passing.of_row(session.world, r) for r in constants]
        self.routes = [p.routes(session.network, routes.sets, routes.pairs) for p in passing]
        self.meant = [p.classes(model.classes, by_vehicle) for p in passing]
        pair = routes.sets.pair
        self.rules, self.scale = [], []
        for parts, kept, base in zip(model.parts, model.kept_off, model.bases, strict=True):
            self.rules.append(parts.habit - kept)
            least = base.least.copy()
            now = np.full(len(least), np.inf)
            np.minimum.at(now, pair, parts.without_habit)
            least = np.where(np.isfinite(least), least, np.where(np.isfinite(now), now, 1.0))
            self.scale.append(least[pair])

    @property
    def n_group(self) -> int:
        return len(self.groups)

    def modelled(self, log_mu: FloatArray, log_odds: FloatArray) -> FloatArray:
        """(K,) t a year at ln(mu / general mu) by group (G,) and constants (J,)."""
        out = np.empty((len(self.model.classes), self.sets.n_route))
        for c, (parts, base) in enumerate(zip(self.model.parts, self.model.bases, strict=True)):
            mu = self.start * (float(np.exp(log_mu[self.group[c]])) if self.n_group else 1.0)
            habit = self.rules[c].copy()
            for k, value in enumerate(log_odds.tolist()):
                if self.meant[k][c]:
                    habit[self.routes[k]] += value
            total = parts.without_habit + habit * self.scale[c] / mu
            share = choose(self.sets, Base(base.least, base.size, mu), total).share
            out[c] = share * self.demand[c][self.sets.pair]
        return self.counters.read(out)

    def fit(
        self,
        without: int | None = None,
        start: FloatArray | None = None,
        tolerance: float = 1e-5,
    ) -> Estimate:
        """Estimate on all counts, or on all but one; start: ln mu and constants to begin at."""
        n = self.n_group
        used = np.arange(len(self.observed)) != (-1 if without is None else without)
        limits = np.concatenate([np.full(n, np.log(4.0)), np.full(len(self.routes), MOST_ODDS)])
        prior = np.concatenate([np.full(n, SPREAD_MU), np.full(len(self.routes), SPREAD)])

        def residuals(x: FloatArray) -> FloatArray:
            ratio = np.maximum(self.modelled(x[:n], x[n:]), NOTHING) / self.observed
            return np.concatenate([(np.log(ratio) / self.allowed)[used], x / prior])

        first = np.zeros(n + len(self.routes)) if start is None else start
        found = least_squares(
            residuals, first, bounds=(-limits, limits), diff_step=STEP, x_scale=prior,
            ftol=tolerance, xtol=tolerance, max_nfev=STEPS,
        )  # fmt: skip
        error = np.sqrt(np.diag(np.linalg.inv(found.jac.T @ found.jac)))
        return Estimate(
            self.groups,
            self.start * np.exp(found.x[:n]),
            found.x[n:],
            error[:n],
            error[n:],
            self.modelled(found.x[:n], found.x[n:]),
            2 * float(found.cost),
        )

    def left_out(self, whole: Estimate) -> FloatArray:
        """(K,) t a year of each count, estimated without it."""
        start = np.concatenate([np.log(whole.mu / self.start), whole.log_odds])
        return np.array(
            [self.fit(k, start, LOOSE).modelled[k] for k in range(len(self.observed))], dtype=float
        )


def mean_log_error(modelled: FloatArray, observed: FloatArray) -> float:
    """Mean absolute log of modelled over observed, as a factor; 1 is exact."""
    ratio = np.maximum(modelled, NOTHING) / observed
    return float(np.exp(np.abs(np.log(ratio)).mean()))


def _allowed(count: Any) -> float:
    """Log error of a count: sources that conflict count as two standard deviations each way."""
    low, high = float(count.low_mt), float(count.high_mt)
    known = np.isfinite(low) and np.isfinite(high) and low > 0
    return float(np.hypot(ALLOWED, np.log(high / low) / 4 if known else 0.0))
