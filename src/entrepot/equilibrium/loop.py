"""The loop that joins flows and trade: traffic that brings about itself.

    F : traffic -> hours at bottlenecks -> routes and freight costs -> trade -> tonnes -> traffic

A fixed point of F is found by Newton steps

    (I + K D) dx = F(x) - x        D hours for a tonne, K tonnes lost for an hour

in which trade shrinks with its own freight cost and prices and incomes stay; Anderson mixing near
the answer makes up for these. While it gains fast the diagonal of K D does for all of it, at a
fraction of the cost; where bottlenecks are full such steps swing between near-equal routes for good,
and the whole matrix takes over. Then a step that does not bring F(x) and x closer is shortened.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator, gmres

from entrepot.equilibrium.coupled import CoupledWorld, Scenario, TrafficState
from entrepot.errors import UsageError
from entrepot.kernels.anderson import Anderson
from entrepot.kernels.arrays import FloatArray
from entrepot.kernels.delay import Delays
from entrepot.kernels.short_repr import short_repr
from entrepot.trade.exact.markets import State

CONVERGED, NOT_CONVERGED = "converged", "not converged"
OUT_OF_REACH = "limits below other traffic"
MEMORY, RCOND = 10, 1e-8
# The gap from which on steps are mixed.
NEAR = 1e-2
# A Newton step is solved this closely, in at most so many products.
INEXACT, MOST_PRODUCTS = 1e-3, 60
# A step is shortened to this part, at most so often.
SHORTER, MOST_CUTS = 0.4, 6
# Steps scaled by the diagonal of K D cost a fraction of Newton's; they are taken until so many running
# leave more than this part of the distance.
SLOW, PATIENCE = 0.7, 2
# A step takes at most four fifths of a traffic away, but for what F itself takes.
FLOOR = 0.2
# Trade is solved this much closer than the gap, and to this in the end.
CLOSER, ROUGH, TIGHT = 1e-3, 1e-6, 1e-10
LIMIT_ROUNDS, LIMIT_GAP, LIMIT_FORCE = 60, 1e-7, 2000.0


@short_repr
@dataclass(frozen=True, slots=True, eq=False)
class Equilibrium:
    """A coupled equilibrium and how well it holds.

    point    : hours, choice of routes, trade and tonnes there
    status   : `converged`, or what did not
    gap      : sum |F(x) - x| / sum F(x) over bottlenecks
    trade_residual : largest excess demand for labour, log points
    history  : gap by iteration
    worst    : (up to 5,) bottlenecks with the largest |F(x) - x|
    shadow_usd_per_t : (F,) prices that keep traffic within hard limits; zero without
    """

    world: CoupledWorld
    scenario: Scenario
    point: TrafficState
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
    if scenario.capacity is not None and not (scenario.capacity > 0).all():
        raise UsageError("Capacities are multiplied by factors above zero; close arcs for nothing.")
    if scenario.limit is not None and scenario.limit.any():
        return _with_limits(world, scenario, start, gap, traffic, most)
    return _solve(world, scenario, start, gap, traffic, most, None, None)


def solve_held(world: CoupledWorld, scenario: Scenario) -> Equilibrium:
    """The answer of trade to a scenario where the traffic that makes hours stays the baseline's."""
    if scenario.limit is not None and scenario.limit.any():
        raise UsageError("A hard limit needs traffic that answers; it cannot be held.")
    point = world.point(scenario, world.traffic, tol=TIGHT)
    none = np.zeros(len(world.bottlenecks))
    worst = np.zeros(0, dtype=np.intp)
    return Equilibrium(world, scenario, point, point.trade.status, 0.0, (0.0,), worst, none)


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
    search = _TrafficSearch.begin(world, scenario, start, traffic, shadow, force)
    mixing = Anderson(memory=MEMORY, rcond=RCOND)
    cheap, slow = True, 0
    search.look(gap)
    while not search.done(gap):
        if len(search.history) >= most or not search.sound():
            status = search.point.trade.status
            return search.result(NOT_CONVERGED if status == CONVERGED else status)
        if search.gap > NEAR:
            mixing.forget()
        step = search.scaled() if cheap else search.newton()
        place, before = search.traffic, search.distance
        aim = mixing.step(place, step)
        search.go(place, aim, gap)
        if cheap:
            slow = slow + 1 if search.distance > SLOW * before else 0
            cheap = slow < PATIENCE
            if not cheap:
                mixing.forget()
            continue
        if search.distance >= before and not np.array_equal(aim, place + step):
            # The memory misleads.
            mixing.forget()
            search.go(place, place + step, gap)
        length = 1.0
        for _ in range(MOST_CUTS):
            if search.distance < before or search.done(gap) or len(search.history) >= most:
                break
            length *= SHORTER
            search.go(place, place + length * step, gap)
    return search.result(CONVERGED)


@short_repr
@dataclass(slots=True)
class _TrafficSearch:
    world: CoupledWorld
    scenario: Scenario
    traffic: FloatArray
    state: State | None
    shadow: FloatArray | None
    force: FloatArray | None
    point: TrafficState
    history: list[float]
    gap: float
    distance: float
    left: FloatArray
    own: FloatArray | None = None

    @classmethod
    def begin(
        cls,
        world: CoupledWorld,
        scenario: Scenario,
        start: Equilibrium | None,
        traffic: FloatArray | None,
        shadow: FloatArray | None,
        force: FloatArray | None,
    ) -> _TrafficSearch:
        state = None if start is None else start.point.trade.state
        if traffic is None:
            traffic = world.traffic if start is None else start.point.traffic
        empty: TrafficState = None  # type: ignore[assignment]
        return cls(
            world, scenario, traffic, state, shadow, force, empty, [], np.inf, np.inf, traffic
        )

    def look(self, gap: float) -> None:
        """Evaluate F at the present traffic, trade as closely as the gap asks."""
        first = not self.history
        self._at(ROUGH if first else max(TIGHT, min(ROUGH, CLOSER * self.gap)))
        if self.gap < gap and self.point.trade.residual >= TIGHT:
            self._at(TIGHT)
        self.history.append(self.gap)

    def go(self, place: FloatArray, aim: FloatArray, gap: float) -> None:
        """Move from a traffic F is known at towards another, never below what is left."""
        left = np.minimum(FLOOR * place, self.left)
        self.traffic = np.maximum(aim, left)
        self.look(gap)

    def _at(self, tol: float) -> None:
        self.point = self.world.point(
            self.scenario, self.traffic, usd=self.price(), start=self.state, tol=tol
        )
        self.state = self.point.trade.state
        self.distance = float(np.sum(np.abs(self.point.answer - self.traffic)))
        total = float(np.sum(self.point.answer))
        if total > 0:
            self.gap = self.distance / total
        else:
            self.gap = 0.0 if self.distance == 0 else np.inf

    def scaled(self) -> FloatArray:
        """(F,) step by the diagonal of I + K D alone, worked out once."""
        self.left = self.point.answer
        if self.own is None:
            self.own = self._diagonal()
        return np.asarray((self.point.answer - self.traffic) / self.own)

    def _diagonal(self) -> FloatArray:
        """(F,) of I + K D at the present traffic."""
        own_hour, own_usd = self.world.own_slopes(self.point)
        per_usd = self._price_slope()
        lost = self._per_hour() * own_hour
        return np.asarray(1.0 + (lost if per_usd is None else lost + per_usd * own_usd))

    def _per_hour(self) -> FloatArray:
        """(F,) hours that a tonne a year more adds."""
        return self.delays.slope(self.traffic + self.world.background)

    def newton(self) -> FloatArray:
        """(F,) step to where F meets its argument, to first order."""
        world, point = self.world, self.point
        self.left = point.answer
        error = point.answer - self.traffic
        per_hour, per_usd, own = self._per_hour(), self._price_slope(), self._diagonal()

        def apply(x: FloatArray) -> FloatArray:
            usd = None if per_usd is None else per_usd * x
            return np.asarray(x + world.lost(point, per_hour * x, usd))

        n = len(error)
        found, _ = gmres(
            LinearOperator((n, n), matvec=apply),
            error,
            rtol=INEXACT,
            atol=0.0,
            restart=MOST_PRODUCTS,
            maxiter=1,
            M=LinearOperator((n, n), matvec=lambda x: x / own),
        )
        return np.asarray(found)

    @property
    def delays(self) -> Delays:
        factor, delays = self.scenario.capacity, self.world.delays
        return delays if factor is None else delays.scaled(factor)

    def price(self) -> FloatArray | None:
        """(F,) USD/t of hard limits at the present traffic."""
        if self.shadow is None or self.force is None:
            return None
        return np.maximum(self.shadow + self.force * (self._rho() - 1.0), 0.0)

    def _price_slope(self) -> FloatArray | None:
        """(F,) USD/t of hard limits for a tonne a year."""
        price = self.price()
        if price is None or self.force is None:
            return None
        return np.where(price > 0, self.force / np.where(self.force > 0, self._most(), 1.0), 0.0)

    def _most(self) -> FloatArray:
        factor = 1.0 if self.scenario.capacity is None else self.scenario.capacity
        return np.asarray(self.world.bottlenecks.capacity * factor)

    def _rho(self) -> FloatArray:
        return np.nan_to_num((self.traffic + self.world.background) / self._most())

    def sound(self) -> bool:
        return self.point.trade.converged and bool(np.isfinite(self.point.answer).all())

    def done(self, gap: float) -> bool:
        return self.gap < gap and self.point.trade.converged and self.point.trade.residual < TIGHT

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
    world: CoupledWorld,
    scenario: Scenario,
    start: Equilibrium | None,
    gap: float,
    traffic: FloatArray | None,
    most: int,
) -> Equilibrium:
    """Hard limits by the method of multipliers: prices rise until no limit is passed."""
    limit = scenario.limit
    if limit is None or np.isnan(world.bottlenecks.capacity[limit]).any():
        raise UsageError("A hard limit needs a bottleneck with a capacity in the facts.")
    factor = 1.0 if scenario.capacity is None else scenario.capacity
    if (world.background >= world.bottlenecks.capacity * factor)[limit].any():
        found = _solve(world, scenario, start, gap, traffic, most, None, None)
        return replace(found, status=OUT_OF_REACH if found.converged else found.status)
    shadow, force = np.zeros(len(limit)), np.where(limit, LIMIT_FORCE, 0.0)
    if start is not None and start.scenario.limit is not None:
        shadow = np.where(limit, start.shadow_usd_per_t, 0.0)
    excess = np.inf
    history: list[float] = []
    for _ in range(LIMIT_ROUNDS):
        found = _solve(world, scenario, start, gap, traffic, most, shadow, force)
        history += found.history
        found = replace(found, history=tuple(history))
        if not found.converged:
            return found
        start, shadow, traffic = found, found.shadow_usd_per_t, None
        over = np.where(limit, found.saturation - 1.0, 0.0)
        # A limit that is not reached has no price; one with a price is met exactly.
        before, excess = excess, float(np.max(np.where(shadow > 0, np.abs(over), over), initial=0))
        if excess < LIMIT_GAP:
            return found
        if excess > 0.3 * before:
            force = 3.0 * force
    return replace(found, status=NOT_CONVERGED)
