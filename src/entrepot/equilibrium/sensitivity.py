"""The slope of a number of the coupled equilibrium by the cost of every arc, from one adjoint solve.

The loop transposed. With x the traffic at bottlenecks, F its map and G the number,

    lambda = dG/dx + (dF/dx)' lambda                 GMRES, one unknown a bottleneck
    dG/dp  = dG/dp|x + (dF/dp|x)' lambda             all arcs at once

The transpose of a skim is a loading and that of a loading a skim; the change of loads by costs is
symmetric (`route_choice`). First order only: slopes rank places, exact solutions decide.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator, gmres

from entrepot.equilibrium.loop import CONVERGED, NOT_CONVERGED, Equilibrium
from entrepot.equilibrium.objectives import Objective
from entrepot.flows.response import Response
from entrepot.trade.adjoint import Cotangent, TradeAdjoint

FloatArray = NDArray[np.float64]
TOLERANCE = 1e-10
MOST_STEPS = 100


@dataclass(frozen=True, slots=True, eq=False)
class Gradient:
    """Slopes of an objective, in its unit. A arcs, F bottlenecks.

    by_usd   : (A,) for a USD a tonne more on an arc, all cargo
    by_hour  : (A,) for an hour more
    by_capacity : (F,) for a tonne a year more of capacity
    naive_by_usd, naive_by_hour : (A,) the same if nothing else answered: no rerouting, no prices
    traffic_share : (A,) part of what the objective is about that passes the arc
    status, residual, iterations : of the adjoint solve
    """

    objective: Objective
    by_usd: FloatArray
    by_hour: FloatArray
    by_capacity: FloatArray
    naive_by_usd: FloatArray
    naive_by_hour: FloatArray
    traffic_share: FloatArray
    status: str
    residual: float
    iterations: int


def gradient(found: Equilibrium, objective: Objective) -> Gradient:
    """All slopes of an objective at an equilibrium."""
    back = _Transposed.of(found)
    n = len(found.point.traffic)
    hours, _ = back.costs(objective.trade, objective.route, None)
    right = back.by_traffic * back.response.at_spots(hours)
    status, residual, multiplier, steps = CONVERGED, 0.0, np.zeros(n), 0
    if np.any(right):
        multiplier, residual, steps = _solved(back, right)
        status = CONVERGED if residual <= 10 * TOLERANCE else NOT_CONVERGED
    hours, usd = back.costs(objective.trade, objective.route, multiplier)
    by_hour_at_spots = back.response.at_spots(hours)
    naive_hours, naive_usd = back.naive(objective.direct)
    response = back.response
    return Gradient(
        objective,
        response.on_arcs(usd),
        response.on_arcs(hours),
        by_hour_at_spots * back.by_capacity,
        response.on_arcs(naive_usd),
        response.on_arcs(naive_hours),
        back.shares(objective.shown),
        status,
        residual,
        steps,
    )


def _solved(back: _Transposed, right: FloatArray) -> tuple[FloatArray, float, int]:
    """Multipliers of the traffic, relative residual, and steps."""
    n, steps = len(right), 0

    def apply(x: FloatArray) -> FloatArray:
        nonlocal steps
        steps += 1
        hours, _ = back.costs(None, None, x)
        return np.asarray(x - back.by_traffic * back.response.at_spots(hours))

    operator = LinearOperator((n, n), matvec=apply)
    near = LinearOperator((n, n), matvec=lambda x: x / (1.0 + back.own))
    found, _ = gmres(
        operator, right, rtol=TOLERANCE, atol=0.0, restart=MOST_STEPS, maxiter=1, M=near
    )
    left = float(np.linalg.norm(right - apply(found)) / np.linalg.norm(right))
    return np.asarray(found), left, steps


@dataclass(frozen=True, slots=True, eq=False)
class _Transposed:
    """The turn of the loop at an equilibrium, from what comes out back to what goes in.

    tonnes, flow_part, by_cost : (C, N, N) of the flows' zones
    by_traffic  : (F,) hours per tonne a year; by_capacity : (F,) per tonne a year of capacity
    own : (F,) slope of a bottleneck's traffic through its own delay, for the preconditioner
    """

    found: Equilibrium
    trade: TradeAdjoint
    tonnes: FloatArray
    by_cost: FloatArray
    by_traffic: FloatArray
    by_capacity: FloatArray
    own: FloatArray

    @classmethod
    def of(cls, found: Equilibrium) -> _Transposed:
        world, point = found.world, found.point
        delays, whole = world.delays, point.traffic + world.background
        if found.scenario.capacity is not None:
            delays = delays.scaled(found.scenario.capacity)
        by_traffic = delays.slope(whole)
        by_capacity = delays.by_capacity(whole)
        return cls(
            found,
            TradeAdjoint.of(point.trade),
            world.inner(point.tonnes),
            world.cost_slopes(point),
            by_traffic,
            by_capacity,
            by_traffic * world.own_slopes(point)[0],
        )

    @property
    def response(self) -> Response:
        return self.found.world.response

    def costs(
        self, given: Cotangent | None, route: FloatArray | None, multiplier: FloatArray | None
    ) -> tuple[FloatArray, FloatArray]:
        """(R,) slopes by the hours and the USD/t of routes.

        given : own slopes by trade; route : own slopes by tonnes on routes
        multiplier : (F,) slopes by the traffic that follows
        """
        world, point, response = self.found.world, self.found.point, self.response
        value = np.zeros((1, response.sets.n_route)) if route is None else route
        if multiplier is not None:
            value = value + response.along(multiplier)
        by_tonnes, slope, mean = response.transposed_load(point.ways, self.tonnes, value)
        cotangent = self._trade(given or Cotangent(), world.outer(by_tonnes * self.tonnes))
        by_kappa = self.trade.slopes(cotangent)
        by_skim = world.inner(by_kappa[world.cargo.folding.of]) * self.by_cost
        return response.transposed_costs(point.ways, slope, value, mean, by_skim)

    def _trade(self, given: Cotangent, by_log_tonnes: FloatArray) -> Cotangent:
        """Slopes by tonnes added to those by trade: Q' = Q (M' / M) / c."""
        total = self.found.world.cargo.folding.total(by_log_tonnes)
        flows = self.trade.flows
        by_flow = np.divide(total, flows, out=np.zeros_like(total), where=flows > 0)
        by_cost = -total.sum(axis=1)
        return Cotangent(
            by_flow if given.flows is None else by_flow + given.flows,
            by_cost if given.log_cost is None else by_cost + given.log_cost,
            given.log_price,
            given.income,
        )

    def naive(self, direct: FloatArray) -> tuple[FloatArray, FloatArray]:
        """(R,) slopes by hours and USD/t of routes, with nothing answering."""
        world, point, response = self.found.world, self.found.point, self.response
        value = np.zeros((1, response.sets.n_route))
        none = np.zeros_like(response.least)
        by_skim = world.inner(direct) * world.commodity_slopes(point)
        return response.transposed_costs(point.ways, none, value, none, by_skim)

    def shares(self, shown: FloatArray) -> FloatArray:
        """(A,) part of something between zones (C, N, N) that passes an arc."""
        response, point = self.response, self.found.point
        inner = self.found.world.inner(shown)
        carried = inner * (response.by_zones(point.ways.weight) > 0)
        total = float(carried.sum())
        # As often as a route takes an arc: no route of a set takes one twice.
        on = response.on_arcs(response.route_loads(point.ways, inner))
        return on / total if total > 0 else np.zeros_like(on)
