"""The slope of a number of the coupled equilibrium by the cost of every arc, from one adjoint solve.

The loop transposed. With x the traffic at bottlenecks, F its map and G the number,

    lambda = dG/dx + (dF/dx)' lambda                 GMRES, one unknown a bottleneck
    dG/dp  = dG/dp|x + (dF/dp|x)' lambda             all arcs at once

The transpose of a skim is a loading and that of a loading a skim; the change of loads by costs is
symmetric (`route_choice`). Where a hard limit binds, the traffic is given and its price the unknown:

    0 = dG/dprice + (dF/dprice)' lambda

First order only: slopes rank places, exact solutions decide.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator, gmres

from entrepot.equilibrium.loop import CONVERGED, NOT_CONVERGED, Equilibrium
from entrepot.equilibrium.objectives import Objective
from entrepot.flows.response import Response, RouteChoice
from entrepot.kernels.arrays import FloatArray, IntArray
from entrepot.kernels.short_repr import short_repr
from entrepot.trade.exact.adjoint import Cotangent, TradeAdjoint

TOLERANCE = 1e-8
MOST_STEPS = 100


@short_repr
@dataclass(frozen=True, slots=True, eq=False)
class Gradient:
    """Slopes of an objective, in its unit. A arcs, F bottlenecks.

    by_usd   : (A,) for a USD a tonne more on an arc, all cargo
    by_hour  : (A,) for an hour more
    by_capacity : (F,) for a tonne a year more of capacity
    by_kappa : (J, N, N) for the log of other trade costs, [sector, importer, exporter]
    group_by_usd, group_by_hour : (G, A) by groups of classes
    naive_by_usd, naive_by_hour : (A,) the same if nothing else answered: no rerouting, no prices
    traffic_share : (A,) part of what the objective is about that passes the arc
    status, residual, iterations : of the adjoint solve
    """

    objective: Objective
    by_usd: FloatArray
    by_hour: FloatArray
    by_capacity: FloatArray
    by_kappa: FloatArray
    group_by_usd: FloatArray
    group_by_hour: FloatArray
    naive_by_usd: FloatArray
    naive_by_hour: FloatArray
    traffic_share: FloatArray
    status: str
    residual: float
    iterations: int


def gradient(found: Equilibrium, objective: Objective, group: IntArray | None = None) -> Gradient:
    """All slopes of an objective at an equilibrium.

    group : (C,) groups of classes whose costs are told apart, from 0 to G - 1; None for one
    """
    back = _Transposed.of(found)
    multiplier, status, residual, steps = _multiplier(back, objective, TOLERANCE)
    chosen = np.zeros(len(found.point.change), dtype=np.int64) if group is None else group
    hours, usd, by_kappa = back.costs(objective.trade, objective.route, multiplier, chosen)
    by_capacity = back.capacity(hours, multiplier)
    naive_hours, naive_usd = back.naive(objective.direct)
    response = back.response
    group_by_usd = np.array([response.on_arcs(row) for row in usd])
    group_by_hour = np.array([response.on_arcs(row) for row in hours])
    return Gradient(
        objective,
        group_by_usd.sum(axis=0),
        group_by_hour.sum(axis=0),
        by_capacity,
        by_kappa,
        group_by_usd,
        group_by_hour,
        response.on_arcs(naive_usd),
        response.on_arcs(naive_hours),
        back.shares(objective.shown),
        status,
        residual,
        steps,
    )


@short_repr
@dataclass(frozen=True, slots=True, eq=False)
class RouteSlopes:
    """Slopes of an objective, in its unit, by what classes pay on each route.

    by_usd, by_hour : (G, R) by groups of classes, for a USD a tonne and for an hour more
    by_cell         : (M,) for a USD a tonne more for one class on one route, at the cells asked for
    by_capacity     : (F,) for a tonne a year more of capacity
    by_kappa        : (J, N, N) for the log of other trade costs
    """

    by_usd: FloatArray
    by_hour: FloatArray
    by_cell: FloatArray
    by_capacity: FloatArray
    by_kappa: FloatArray


def route_slopes(
    found: Equilibrium, objective: Objective, group: IntArray, cells: IntArray, tolerance: float
) -> RouteSlopes | None:
    """Slopes by route; None where the adjoint does not converge to a relative residual.

    group : (C,) from 0 to G - 1; cells : (M,) positions c * R + r
    """
    back = _Transposed.of(found)
    multiplier, status, _, _ = _multiplier(back, objective, tolerance)
    if status != CONVERGED:
        return None
    turned = back.turned(objective.trade, objective.route, multiplier)
    hours, usd = back.by_route(turned, group)
    by_cell = back.response.transposed_cells(
        back.common, turned.slope, turned.value, turned.mean, turned.by_skim, cells
    )
    return RouteSlopes(usd, hours, by_cell, back.capacity(hours, multiplier), turned.by_kappa)


def _multiplier(
    back: _Transposed, objective: Objective, tolerance: float
) -> tuple[FloatArray, str, float, int]:
    """(F,) multipliers of the traffic, status, relative residual and steps."""
    one = np.zeros(len(back.found.point.change), dtype=np.int64)
    right = back.unmet(*back.costs(objective.trade, objective.route, None, one)[:2])
    if not np.any(right):
        return np.zeros(len(right)), CONVERGED, 0.0, 0
    multiplier, residual, steps = _solved(back, right, tolerance)
    status = CONVERGED if residual <= 10 * tolerance else NOT_CONVERGED
    return multiplier, status, residual, steps


def _solved(
    back: _Transposed, right: FloatArray, tolerance: float
) -> tuple[FloatArray, float, int]:
    """Multipliers of the traffic, relative residual, and steps."""
    n, steps = len(right), 0
    one = np.zeros(len(back.found.point.change), dtype=np.int64)

    def apply(x: FloatArray) -> FloatArray:
        nonlocal steps
        steps += 1
        own = np.where(back.binds, 0.0, x)
        return np.asarray(own - back.unmet(*back.costs(None, None, x, one)[:2]))

    operator = LinearOperator((n, n), matvec=apply)
    near = LinearOperator((n, n), matvec=lambda x: x / back.own)
    found, _ = gmres(
        operator, right, rtol=tolerance, atol=0.0, restart=MOST_STEPS, maxiter=1, M=near
    )
    left = float(np.linalg.norm(right - apply(found)) / np.linalg.norm(right))
    return np.asarray(found), left, steps


@short_repr
@dataclass(frozen=True, slots=True, eq=False)
class _Turned:
    """What slopes by costs follow from.

    value : (1, R) or (C, R) of a tonne on a route; mean : (C, P) over routes
    slope : (C, P) tonnes that move for a USD/t; by_skim : (C, N, N) slopes by freight costs
    by_kappa : (J, N, N) slopes by the log of other trade costs
    """

    value: FloatArray
    slope: FloatArray
    mean: FloatArray
    by_skim: FloatArray
    by_kappa: FloatArray


@short_repr
@dataclass(frozen=True, slots=True, eq=False)
class _Transposed:
    """The turn of the loop at an equilibrium, from what comes out back to what goes in.

    tonnes, flow_part, by_cost : (C, N, N) of the flows' zones
    by_traffic  : (F,) hours per tonne a year; by_capacity : (F,) per tonne a year of capacity
    binds : (F,) limits that are reached
    own : (F,) diagonal of the equations without prices and incomes, for the preconditioner
    """

    found: Equilibrium
    trade: TradeAdjoint
    tonnes: FloatArray
    by_cost: FloatArray
    by_traffic: FloatArray
    by_capacity: FloatArray
    binds: NDArray[np.bool_]
    own: FloatArray

    @classmethod
    def of(cls, found: Equilibrium) -> _Transposed:
        world, point = found.world, found.point
        delays, whole = world.delays, point.traffic + world.background
        if found.scenario.capacity is not None:
            delays = delays.scaled(found.scenario.capacity)
        by_traffic = delays.slope(whole)
        by_capacity = delays.by_capacity(whole)
        binds = found.shadow_usd_per_t > 0
        by_hour, by_usd = world.own_slopes(point)
        return cls(
            found,
            TradeAdjoint.of(point.trade),
            world.inner(point.tonnes),
            world.cost_slopes(point),
            by_traffic,
            by_capacity,
            binds,
            np.where(binds, np.where(by_usd > 0, by_usd, 1.0), 1.0 + by_traffic * by_hour),
        )

    @property
    def response(self) -> Response:
        return self.found.world.response

    def costs(
        self,
        given: Cotangent | None,
        route: FloatArray | None,
        multiplier: FloatArray | None,
        group: IntArray,
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """(G, R) slopes by the hours and the USD/t of routes, (J, N, N) by trade costs."""
        turned = self.turned(given, route, multiplier)
        return *self.by_route(turned, group), turned.by_kappa

    def turned(
        self, given: Cotangent | None, route: FloatArray | None, multiplier: FloatArray | None
    ) -> _Turned:
        """One turn back through trade and loading.

        given : own slopes by trade; route : own slopes by tonnes on routes
        multiplier : (F,) slopes by the traffic that follows
        """
        world, point, response = self.found.world, self.found.point, self.response
        value = np.zeros((1, response.sets.n_route)) if route is None else route
        if multiplier is not None:
            value = value + response.along(multiplier)
        by_tonnes, slope, mean = response.transposed_load(point.choice, self.tonnes, value)
        cotangent = self._trade(given or Cotangent(), world.outer(by_tonnes * self.tonnes))
        by_kappa = self.trade.slopes(cotangent)
        by_skim = world.inner(by_kappa[world.cargo.folding.of]) * self.by_cost
        return _Turned(value, slope, mean, by_skim, by_kappa)

    def by_route(self, turned: _Turned, group: IntArray) -> tuple[FloatArray, FloatArray]:
        """(G, R) slopes by the hours and the USD/t of routes."""
        return self.response.transposed_by_group(
            self.common, turned.slope, turned.value, turned.mean, turned.by_skim, group
        )

    def unmet(self, hours: FloatArray, usd: FloatArray) -> FloatArray:
        """(F,) slopes by traffic, or by the price of limits that bind, from those of routes (G, R)."""
        by_hours, by_usd = (self.response.at_spots(v.sum(axis=0)) for v in (hours, usd))
        return np.where(self.binds, by_usd, self.by_traffic * by_hours)

    def capacity(self, hours: FloatArray, multiplier: FloatArray) -> FloatArray:
        """(F,) slopes by capacity, from those by the hours of routes (G, R) and the multipliers."""
        by_hour = self.response.at_spots(hours.sum(axis=0))
        # At a limit that binds, more capacity is as much more traffic.
        bound = by_hour * (self.by_capacity + self.by_traffic) - multiplier
        return np.where(self.binds, bound, by_hour * self.by_capacity)

    @property
    def common(self) -> RouteChoice:
        """The choice, with the weights of hubs that changes of freight costs are means over."""
        world, choice = self.found.world, self.found.point.choice
        return replace(choice, weight=world.common(choice))

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
        return response.transposed_costs(self.common, none, value, none, by_skim)

    def shares(self, shown: FloatArray) -> FloatArray:
        """(A,) part of something between zones (C, N, N) that passes an arc."""
        response, point = self.response, self.found.point
        inner = self.found.world.inner(shown)
        carried = inner * (response.by_zones(point.choice.weight) > 0)
        total = float(carried.sum())
        # As often as a route takes an arc: no route of a set takes one twice.
        on = response.on_arcs(response.route_loads(point.choice, inner))
        return on / total if total > 0 else np.zeros_like(on)
