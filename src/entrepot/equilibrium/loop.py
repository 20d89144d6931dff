"""The loop that joins flows and trade: traffic that brings about itself.

    F : traffic -> hours at bottlenecks -> routes and freight costs -> trade -> tonnes -> traffic

A fixed point of F is found by Anderson mixing (memory 20) of residuals divided by the slope of
what a bottleneck loses through its own delay: plain iteration swings between near-equal routes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from entrepot.equilibrium.coupled import CoupledWorld, Point, Scenario
from entrepot.kernels.anderson import Anderson
from entrepot.trade.markets import State

FloatArray = NDArray[np.float64]

CONVERGED, NOT_CONVERGED = "converged", "not converged"
MEMORY, RCOND, PLAIN_STEPS = 20, 1e-8, 2
# A step takes at most four fifths of a traffic away.
FLOOR = 0.2
# The gap over its best that shows the memory misleads, and the averaged steps after it.
WORSE, AVERAGED_STEPS = 10.0, 3
# Trade is solved this much closer than the gap, and to this in the end.
CLOSER, ROUGH, TIGHT = 1e-3, 1e-6, 1e-10
LIMIT_ROUNDS, LIMIT_GAP, LIMIT_FORCE = 60, 1e-6, 20.0


@dataclass(frozen=True, slots=True, eq=False)
class Equilibrium:
    """A coupled equilibrium and how well it holds.

    point    : hours, ways, trade and tonnes there
    status   : `converged`, or what did not
    gap      : sum |F(x) - x| / sum F(x) over bottlenecks
    trade_residual : largest excess demand for labour, log points
    history  : gap by iteration
    worst    : (up to 5,) bottlenecks with the largest |F(x) - x|
    shadow_usd_per_t : (F,) prices that keep traffic within hard limits; zero without
    """

    world: CoupledWorld
    scenario: Scenario
    point: Point
    status: str
    gap: float
    history: tuple[float, ...]
    worst: NDArray[np.intp]
    shadow_usd_per_t: FloatArray

    @property
    def converged(self) -> bool:
        return self.status == CONVERGED

    @property
    def iterations(self) -> int:
        return len(self.history)

    @property
    def trade_residual(self) -> float:
        return self.point.trade.residual

    @property
    def saturation(self) -> FloatArray:
        """(F,) traffic over capacity; NaN where the facts have no capacity."""
        factor = 1.0 if self.scenario.capacity is None else self.scenario.capacity
        whole = self.point.traffic + self.world.background
        return np.asarray(whole / (self.world.bottlenecks.capacity * factor))


def solve(
    world: CoupledWorld,
    scenario: Scenario | None = None,
    *,
    start: Equilibrium | None = None,
    gap: float = 1e-8,
    traffic: FloatArray | None = None,
    most: int = 200,
) -> Equilibrium:
    """The coupled equilibrium of a scenario; never raises for want of convergence.

    start   : an equilibrium to start from, such as that of a like scenario
    gap     : relative gap to reach
    traffic : (F,) to start from in place of the baseline's
    """
    scenario = scenario or Scenario()
    if scenario.limit is not None and scenario.limit.any():
        return _with_limits(world, scenario, start, gap, most)
    return _solve(world, scenario, start, gap, traffic, most, None, None)


def _solve(
    world: CoupledWorld,
    scenario: Scenario,
    start: Equilibrium | None,
    gap: float,
    traffic: FloatArray | None,
    most: int,
    shadow: FloatArray | None,
    force: FloatArray | None,
) -> Equilibrium:
    """shadow, force : (F,) USD/t, the price max(0, shadow + force * (rho - 1)) of hard limits."""
    search = _Search.begin(world, scenario, start, traffic, shadow, force)
    mixing, slope = Anderson(memory=MEMORY, rcond=RCOND), None
    best, averaged = np.inf, 0
    for k in range(most):
        error = search.look(gap)
        if search.done(gap):
            return search.result(CONVERGED)
        if not np.isfinite(error).all() or not search.point.trade.converged:
            break
        if search.gap > WORSE * best:
            mixing.forget()
            averaged = AVERAGED_STEPS
        best = min(best, search.gap)
        if slope is None:
            slope = search.own_slope()
        if averaged:
            averaged -= 1
            moved = search.traffic + error / (k + 1)
        elif k < PLAIN_STEPS:
            moved = search.traffic + error / (1.0 + slope)
            mixing.step(search.traffic, error / (1.0 + slope))
        else:
            moved = mixing.step(search.traffic, error / (1.0 + slope))
        search.traffic = np.maximum(moved, FLOOR * search.traffic)
    status = search.point.trade.status if not search.point.trade.converged else NOT_CONVERGED
    return search.result(status if status != CONVERGED else NOT_CONVERGED)


@dataclass(slots=True)
class _Search:
    world: CoupledWorld
    scenario: Scenario
    traffic: FloatArray
    state: State | None
    shadow: FloatArray | None
    force: FloatArray | None
    point: Point
    history: list[float]
    gap: float

    @classmethod
    def begin(
        cls,
        world: CoupledWorld,
        scenario: Scenario,
        start: Equilibrium | None,
        traffic: FloatArray | None,
        shadow: FloatArray | None,
        force: FloatArray | None,
    ) -> _Search:
        state = None if start is None else start.point.trade.state
        if traffic is None:
            traffic = world.traffic if start is None else start.point.traffic
        empty: Point = None  # type: ignore[assignment]
        return cls(world, scenario, traffic, state, shadow, force, empty, [], np.inf)

    def look(self, gap: float) -> FloatArray:
        """Evaluate F at the present traffic, trade as closely as the gap asks; (F,) residual."""
        first = not self.history
        tol = ROUGH if first else max(TIGHT, min(ROUGH, CLOSER * self.gap))
        error = self._at(tol)
        if self.gap < gap and tol > TIGHT:
            error = self._at(TIGHT)
        self.history.append(self.gap)
        return error

    def _at(self, tol: float) -> FloatArray:
        self.point = self.world.point(
            self.scenario, self.traffic, usd=self.price(), start=self.state, tol=tol
        )
        self.state = self.point.trade.state
        error = self.point.answer - self.traffic
        total = float(np.sum(self.point.answer))
        self.gap = float(np.sum(np.abs(error))) / total if total > 0 else 0.0
        return error

    def price(self) -> FloatArray | None:
        """(F,) USD/t of hard limits at the present traffic."""
        if self.shadow is None or self.force is None:
            return None
        return np.maximum(self.shadow + self.force * (self.rho() - 1.0), 0.0)

    def rho(self) -> FloatArray:
        most = self.world.bottlenecks.capacity
        if self.scenario.capacity is not None:
            most = most * self.scenario.capacity
        return np.nan_to_num((self.traffic + self.world.background) / most)

    def done(self, gap: float) -> bool:
        return self.gap < gap and self.point.trade.converged and self.point.trade.residual < TIGHT

    def own_slope(self) -> FloatArray:
        """(F,) traffic lost at a bottleneck per traffic more, through its own delay."""
        world, point = self.world, self.point
        delays = world.delays
        if self.scenario.capacity is not None:
            delays = delays.scaled(self.scenario.capacity)
        per_hour = delays.slope(self.traffic + world.background)
        lost = world.own_slopes(point)
        out = per_hour * lost[0]
        price = self.price()
        if price is not None and self.force is not None:
            most = np.where(self.force > 0, world.bottlenecks.capacity, 1.0)
            out = out + np.where(price > 0, self.force / most, 0.0) * lost[1]
        return np.asarray(out)

    def result(self, status: str) -> Equilibrium:
        error = np.abs(self.point.answer - self.traffic)
        price = self.price()
        return Equilibrium(
            self.world,
            self.scenario,
            self.point,
            status,
            self.gap,
            tuple(self.history),
            np.argsort(-error, kind="stable")[:5],
            np.zeros_like(error) if price is None else price,
        )


def _with_limits(
    world: CoupledWorld, scenario: Scenario, start: Equilibrium | None, gap: float, most: int
) -> Equilibrium:
    """Hard limits by the method of multipliers: prices rise until no limit is passed."""
    limit = scenario.limit
    if limit is None or np.isnan(world.bottlenecks.capacity[limit]).any():
        raise ValueError("a hard limit needs a bottleneck with a capacity")
    shadow, force = np.zeros(len(limit)), np.where(limit, LIMIT_FORCE, 0.0)
    excess = np.inf
    history: list[float] = []
    for _ in range(LIMIT_ROUNDS):
        found = _solve(world, scenario, start, gap, None, most, shadow, force)
        history += found.history
        if not found.converged:
            break
        start, shadow = found, found.shadow_usd_per_t
        over = np.where(limit, found.saturation - 1.0, 0.0)
        # A limit that is not reached has no price; one with a price is met exactly.
        before, excess = excess, float(np.max(np.where(shadow > 0, np.abs(over), over), initial=0))
        if excess < LIMIT_GAP:
            return replace(found, status=CONVERGED, history=tuple(history))
        if excess > 0.3 * before:
            force = 3.0 * force
    return replace(found, status=NOT_CONVERGED, history=tuple(history))
