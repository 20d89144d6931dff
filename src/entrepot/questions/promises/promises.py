"""What promises do: each alone, several together, and in draws where they come late or not at all.

A measure alone is solved exactly on the changed facts at its low, middle and high size. Sets of
measures are sums of their parts (`measure_parts`). In a draw a measure is kept or not and comes in
some year, and its size lies between low and high.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from entrepot.dossier import Measure, Prospect
from entrepot.engine.coupled_facts import CoupledFacts
from entrepot.engine.decompose import (
    MeasureParts,
    add_up,
    take_apart,
)
from entrepot.engine.drawn_world import DrawnWorld
from entrepot.engine.lower import lower
from entrepot.engine.packages import changes_at
from entrepot.equilibrium.loop import Equilibrium, solve
from entrepot.equilibrium.objectives import pair_trade, welfare
from entrepot.facts.change import Change
from entrepot.kernels.arrays import FloatArray
from entrepot.questions.promises.individual_effects import log_slopes
from entrepot.uncertainty.draws import Draws
from entrepot.uncertainty.ranges import Z90

SETBACKS = "setbacks"
SIZES = {"low": -Z90, "mid": 0.0, "high": Z90}
# A size is at most so many times the middle one.
LARGEST = 6.0
# Gains of measures are small beside the world's traffic.
ALONE_GAP = 1e-6
# Draws need not be solved as closely as what is printed to the last digit.
DRAWN_GAP = 1e-5
# Ranges of gains alone need no more draws than this; each takes a slope by every arc.
ALONE_DRAWS = 48


@dataclass(frozen=True, slots=True, eq=False)
class Alone:
    """One measure alone.

    gain   : (3,) of the pair's trade at low, middle and high size, million USD a year
    income : (2,) real income of the pair at the middle size
    parts  : of the middle size; None where it changes nothing on the day
    steps  : (3,) how far the facts move at the three sizes, over the middle one; None for one
    """

    id: str
    gain: FloatArray
    income: FloatArray
    parts: MeasureParts | None
    status: str
    steps: FloatArray | None = None

    def gains(self, z: FloatArray) -> FloatArray:
        """(D,) gain of the pair's trade at normal scores of the size."""
        return np.asarray(np.interp(z, list(SIZES.values()), self.gain))

    def size(self, z: float) -> float:
        """Size of the parts at a normal score, over the middle one."""
        return float(self.sizes(np.array([z]))[0])

    def sizes(self, z: FloatArray) -> FloatArray:
        """(D,) sizes at normal scores.

        By the gain, which knows how effects level off; where that changes its sign from size to
        size, by how far the facts move.
        """
        middle = float(self.gain[1])
        if abs(middle) < 1e-9:
            return np.ones(len(z))
        scores = list(SIZES.values())
        if self.gain.min() < 0 < self.gain.max():
            return np.asarray(
                np.interp(z, scores, np.ones(3) if self.steps is None else self.steps)
            )
        return np.clip(np.interp(z, scores, self.gain) / middle, 0.0, LARGEST)


def measure_alone(
    facts: CoupledFacts, measure: Measure, pair: tuple[str, str], base: Equilibrium
) -> Alone:
    """Solve a measure alone at its three sizes."""
    before = pair_trade(base, *pair).value
    gain, income, status, parts = np.zeros(3), np.zeros(2), "converged", None
    start = base
    done: dict[tuple[Change, ...], float] = {}
    scores = tuple(SIZES.values())
    for k in (1, 0, 2):  # the middle one first: it is the one that is taken apart
        z = scores[k]
        changes = changes_at([measure], {measure.id: z}, facts.on)
        if not changes:
            break
        # A measure of one size is solved once.
        if changes in done:
            gain[k] = done[changes]
            continue
        lowered = lower(facts, changes)
        found = solve(
            facts.world, lowered.scenario, start=start, gap=ALONE_GAP if k == 1 else DRAWN_GAP
        )
        gain[k] = done[changes] = pair_trade(found, *pair).value - before
        start = found
        if not found.converged:
            status = found.status
        if k == 1:
            income = np.array([welfare(found, [zone]).value for zone in pair])
            parts = take_apart(facts, lowered)
    return Alone(measure.id, gain, income, parts, status, _steps(measure))


def _steps(measure: Measure) -> FloatArray:
    """(3,) mean over the changes that scale of how far each size moves them, over the middle one."""
    moved = [
        [float(c.value(side)) - 1.0 for side in SIZES]
        for c in measure.change
        if c.operation == "scale" and float(c.mid) != 1.0
    ]
    if not moved:
        return np.ones(3)
    return np.asarray(np.mean([np.array(m) / m[1] for m in moved], axis=0))


@dataclass(frozen=True, eq=False)
class PromisePlan:
    """Measures with what is known of them.

    years    : (Y,) years looked at, rising; the last is the horizon
    base_year : of the turnover
    growth   : (low, mid, high) a year of the pair's trade if nothing is promised
    adjust   : (first, years): part of the long-run effect in the first year, and years to all of it
    together : correlation of whether measures of one group are kept
    target, start : trade of the pair aimed at, and started from, million USD a year
    """

    pair: tuple[str, str]
    measures: tuple[Measure, ...]
    prospects: Mapping[str, Prospect]
    alone: Mapping[str, Alone]
    years: FloatArray
    base_year: float
    growth: tuple[float, float, float]
    adjust: tuple[float, float]
    together: float
    target: float | None
    start: float

    @property
    def parts(self) -> list[MeasureParts | None]:
        """Parts of each measure."""
        return [self.alone[m.id].parts for m in self.measures]

    @property
    def promises(self) -> tuple[Measure, ...]:
        return tuple(m for m in self.measures if m.theme != SETBACKS)

    @property
    def setbacks(self) -> tuple[Measure, ...]:
        return tuple(m for m in self.measures if m.theme == SETBACKS)

    def names(self) -> tuple[str, ...]:
        """Sources of error of the promises."""
        groups = {_group(self.prospects[m.id]) for m in self.measures if m.id in self.prospects}
        return (
            "growth",
            *(f"{what}:{m.id}" for m in self.measures for what in ("kept", "odds", "late", "size")),
            *(f"group:{g}" for g in sorted(groups)),
        )


def _group(prospect: Prospect) -> str:
    return prospect.group or prospect.measure


def between(
    z: FloatArray, low: float, mid: float, high: float, *, beyond: bool = False
) -> FloatArray:
    """Values by P10, P50 and P90 at normal scores; `beyond` P90 they go on with the same slope."""
    inside = np.interp(z, (-Z90, 0.0, Z90), (low, mid, high))
    more = np.maximum(z - Z90, 0.0) / Z90 * (high - mid) if beyond else 0.0
    return np.asarray(inside + more)


@dataclass(frozen=True, slots=True, eq=False)
class Fates:
    """Of M measures in D draws: whether each comes, when, when it is due, and how large it is."""

    kept: NDArray[np.bool_]
    arrival: FloatArray
    due: FloatArray
    size: FloatArray


@dataclass(frozen=True, slots=True)
class Fate:
    """Of one measure in one draw."""

    kept: bool
    arrival: float
    due: float
    size: float


def fates_of(plan: PromisePlan, draws: Draws) -> Fates:
    """(D, M) of all measures in all draws."""
    shape = (len(draws), len(plan.measures))
    kept, arrival, due = np.zeros(shape, dtype=bool), np.full(shape, np.inf), np.full(shape, np.inf)
    size = np.ones(shape)
    for k, m in enumerate(plan.measures):
        size[:, k] = plan.alone[m.id].sizes(draws.normal(f"size:{m.id}"))
        prospect = plan.prospects.get(m.id)
        if prospect is None:
            continue
        odds = between(draws.normal(f"odds:{m.id}"), *prospect.probability)
        score = draws.correlated(f"group:{_group(prospect)}", f"kept:{m.id}", plan.together)
        late = between(draws.normal(f"late:{m.id}"), *prospect.delay, beyond=True)
        kept[:, k] = ndtr(score) < odds
        arrival[:, k], due[:, k] = prospect.due + np.maximum(late, 0.0), prospect.due
    return Fates(kept, arrival, due, size)


def fates(plan: PromisePlan, draws: Draws, d: int) -> dict[str, Fate]:
    """Of all measures in draw d."""
    every = fates_of(plan, draws)
    return {
        m.id: Fate(
            bool(every.kept[d, k]),
            float(every.arrival[d, k]),
            float(every.due[d, k]),
            float(every.size[d, k]),
        )
        for k, m in enumerate(plan.measures)
    }


@dataclass(frozen=True, slots=True, eq=False)
class DrawnPromises:
    """Of one draw. Y years, N economies, C commodities; million USD a year.

    base, none, likely, all : trade of the pair: at the start, with setbacks only, with promises as
                              they are kept by the horizon, with all of them; long run, no growth
    path_none, path_likely, path_all : (Y,) by year, growth and adjustment in
    income       : (N,) real income that all promises together bring
    exports      : (N,) the same for exports of an economy
    goods, goods_all : (2, C) trade of the pair by direction and commodity with none and with all
    score        : (M,) normal score of the size of each measure
    slope        : (M,) of the log of the pair's trade along each measure (`individual_effects.log_slopes`);
                   None in draws beyond the first that gains alone are told from
    converged    : whether all was solved
    """

    base: float
    none: float
    likely: float
    all: float
    path_none: FloatArray
    path_likely: FloatArray
    path_all: FloatArray
    income: FloatArray
    exports: FloatArray
    goods: FloatArray
    goods_all: FloatArray
    score: FloatArray
    slope: FloatArray | None
    converged: bool


def drawn_promises(plan: PromisePlan, world: DrawnWorld, draws: Draws, d: int) -> DrawnPromises:
    """Solve a draw with no promise, with those kept, and with all."""
    fate = fates(plan, draws, d)
    horizon = float(plan.years[-1])
    against = [m.id for m in plan.setbacks if fate[m.id].kept and fate[m.id].due <= horizon]
    kept = [m.id for m in plan.promises if fate[m.id].kept and fate[m.id].arrival <= horizon]
    every = [m.id for m in plan.promises]
    bare = solve_set(plan, world, (), fate, None)
    none = solve_set(plan, world, against, fate, bare) if against else bare
    likely = solve_set(plan, world, against + kept, fate, none)
    all_kept = solve_set(plan, world, against + every, fate, likely)
    nothing, some, everything = (pair_trade(e, *plan.pair).value for e in (none, likely, all_kept))
    base = _start(world, plan.pair)
    growth = float(between(draws.normal("growth"), *plan.growth)[d])
    grown = np.exp(growth * (plan.years - plan.base_year))
    came = _share_by_year(plan, {m: fate[m].arrival for m in kept}, fate)
    by_due = _share_by_year(plan, {m: fate[m].due for m in every}, fate)
    return DrawnPromises(
        base,
        nothing,
        some,
        everything,
        nothing * grown,
        (nothing + came * (some - nothing)) * grown,
        (nothing + by_due * (everything - nothing)) * grown,
        all_kept.point.trade.equivalent_variation - none.point.trade.equivalent_variation,
        exports(all_kept) - exports(none),
        goods_of(none, plan.pair),
        goods_of(all_kept, plan.pair),
        np.array([float(draws.normal(f"size:{m.id}")[d]) for m in plan.measures]),
        log_slopes(plan.parts, world, bare, plan.pair) if d < ALONE_DRAWS else None,
        all(e.converged for e in (none, likely, all_kept)),
    )


def solve_set(
    plan: PromisePlan,
    world: DrawnWorld,
    ids: Iterable[str],
    fate: Mapping[str, Fate] | None,
    start: Equilibrium | None,
    gap: float = DRAWN_GAP,
) -> Equilibrium:
    """Measures together at the sizes of a draw, or at the middle sizes."""
    parts = []
    for name in ids:
        own = plan.alone[name].parts
        if own is not None:
            parts.append((own, 1.0 if fate is None else fate[name].size))
    return solve(world.world, world.scenario(add_up(parts)), start=start, gap=gap)


def _start(world: DrawnWorld, pair: tuple[str, str]) -> float:
    base = world.world.baseline
    a, b = (world.facts.trade.position(p) for p in pair)
    return float(base.flows[:, [a, b], [b, a]].sum())


def _share_by_year(
    plan: PromisePlan, arrival: Mapping[str, float], fate: Mapping[str, Fate]
) -> FloatArray:
    """(Y,) part of the long-run gain of a set that is there by the end of each year.

    Each measure weighs by its gain alone; from the year it comes its effect grows to the long-run one.
    """
    weight = {m: abs(plan.alone[m].gain[1]) * fate[m].size for m in arrival}
    whole = sum(weight.values())
    if whole <= 0:
        return np.zeros(len(plan.years))
    total = np.zeros(len(plan.years))
    for m, year in arrival.items():
        total += weight[m] * arrived(plan.years + 1.0 - year, plan.adjust)
    return np.asarray(total / whole)


def arrived(since: FloatArray, adjust: tuple[float, float]) -> FloatArray:
    """Part of the long-run effect of a measure that is there so many years after it came."""
    first, years = adjust
    grown = first + (1.0 - first) * np.clip((since - 1.0) / years, 0.0, 1.0)
    return np.where(since > 0, grown * np.clip(since, 0.0, 1.0), 0.0)


def exports(found: Equilibrium) -> FloatArray:
    """(N,) exports of each economy, million USD a year."""
    flows = found.point.trade.flows
    n = flows.shape[1]
    return np.asarray(flows.sum(axis=(0, 1)) - flows[:, np.arange(n), np.arange(n)].sum(axis=0))


def goods_of(found: Equilibrium, pair: tuple[str, str]) -> FloatArray:
    """(2, J) trade of the pair by direction (first sells, second sells) and sector."""
    flows = found.point.trade.flows
    a, b = (found.world.facts.position(p) for p in pair)
    return np.array([flows[:, b, a], flows[:, a, b]])


def shapley(groups: Sequence[str], value: Mapping[frozenset[str], float]) -> dict[str, float]:
    """Shapley values of groups from the value of every set of them (Shapley 1953)."""
    n = len(groups)
    out = dict.fromkeys(groups, 0.0)
    fact = [1.0]
    for k in range(1, n + 1):
        fact.append(fact[-1] * k)
    for some, own in value.items():
        for g in groups:
            if g not in some:
                weight = fact[len(some)] * fact[n - len(some) - 1] / fact[n]
                out[g] += weight * (value[some | {g}] - own)
    return out
