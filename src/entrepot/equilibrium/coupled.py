"""A world in which transport answers trade and trade answers transport.

    world = CoupledWorld.of(FlowModel.of(session), TradeWorld.of_world(facts, detail="commodity"))
    found = solve(world, Scenario(cost=world.dearer(hours=...)))       # loop.py

At the baseline nothing moves: bottlenecks have the hours of the facts at the traffic of the
baseline, and freight costs are those of the skim there. With V the skim, f what the goods pay for
freight, v the value of a tonne, and s the part of the value that trains, trucks and ships carry,

    kappa = 1 + s (V' - V) / (v + f)                            trade cost, new over old
    Q'    = Q (M' / M) / c                                      tonnes, c the change of unit cost

A pair of zones that loses all its routes keeps what pipelines, wires and aircraft carry:
kappa = max(1 - s, 1e-8) ** (-1 / theta). One that never had any keeps its trade cost.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from entrepot.errors import UsageError
from entrepot.facts.world import World
from entrepot.flows.congestion import Bottlenecks
from entrepot.flows.flow_model import FlowModel
from entrepot.flows.response import Response, RouteChoice
from entrepot.kernels.arrays import BoolArray, FloatArray
from entrepot.kernels.choice.class_choice import pair_means
from entrepot.kernels.delay import Delays
from entrepot.kernels.short_repr import short_repr
from entrepot.trade.exact.baseline import Baseline
from entrepot.trade.exact.counterfactual import Counterfactual, counterfactual
from entrepot.trade.exact.markets import State
from entrepot.trade.world.commodities import Folding
from entrepot.trade.world.shipments import shipments
from entrepot.trade.world.trade_world import TradeWorld

LEAST_LEFT = 1e-8


@short_repr
@dataclass(frozen=True, slots=True, eq=False)
class Scenario:
    """What differs from the baseline; None for what stays.

    cost     : (C, R) USD/t of routes without what traffic changes; from FlowModel.priced or dearer
    wedge    : (J, N, N) other trade costs, new over old (payment, standards)
    tariff   : (J, N, N) duties afterwards
    capacity : (F,) factors on the capacity of bottlenecks
    limit    : (F,) bottlenecks that must not carry more than their capacity
    """

    cost: FloatArray | None = None
    wedge: FloatArray | None = None
    tariff: FloatArray | None = None
    capacity: FloatArray | None = None
    limit: BoolArray | None = None


@short_repr
@dataclass(frozen=True, slots=True, eq=False)
class TradedGoods:
    """What of the trade moves, by commodity. C commodities, N zones of the trade world.

    usd_per_t, surface, tonnes : (C, N, N) as in trade/world/shipments.py
    part : (C, N, N) of a commodity in the value of its sector; sums to one by sector
    """

    folding: Folding
    usd_per_t: FloatArray
    surface: FloatArray
    tonnes: FloatArray
    part: FloatArray

    @classmethod
    def of(cls, facts: TradeWorld, world: World) -> TradedGoods:
        """Middle values of the facts."""
        sent = shipments(world, facts.zones, facts.folding.commodities, facts.value)
        whole = facts.folding.total(facts.value)[facts.folding.of]
        part = np.divide(facts.value, whole, out=np.zeros_like(whole), where=whole > 0)
        return cls(facts.folding, sent.usd_per_t.mid, sent.surface.mid, sent.tonnes.mid, part)


@short_repr
@dataclass(frozen=True, slots=True, eq=False)
class TrafficState:
    """Everything at one traffic. F bottlenecks, C commodities, J sectors, N zones.

    hours   : (F,) that bottlenecks add to the baseline
    usd     : (F,) USD/t of shadow prices
    change  : (C, N, N) USD/t of freight costs over the baseline; infinite where the last route is
              lost, minus infinite where a first is found, NaN where there is none
    tonnes  : (C, N, N) a year, of all that trains, trucks and ships would carry
    answer  : (F,) traffic that follows
    """

    traffic: FloatArray
    hours: FloatArray
    usd: FloatArray
    choice: RouteChoice
    change: FloatArray
    trade: Counterfactual
    tonnes: FloatArray
    answer: FloatArray


@short_repr
@dataclass(frozen=True, eq=False)
class CoupledWorld:
    """Flows and trade of one world at its baseline.

    at     : (N_flow,) position in the trade world of the zones of the flows
    cost   : (C, R) USD/t of routes at the baseline
    choice : of routes at the baseline
    traffic, delays : (F,) of the baseline
    background : (F,) traffic beside the model's
    """

    response: Response
    bottlenecks: Bottlenecks
    facts: TradeWorld
    baseline: Baseline
    cargo: TradedGoods
    at: NDArray[np.intp]
    cost: FloatArray
    choice: RouteChoice
    traffic: FloatArray
    background: FloatArray
    delays: Delays

    @classmethod
    def of(
        cls,
        model: FlowModel,
        facts: TradeWorld,
        *,
        deficit: str = "proportional",
        baseline: Baseline | None = None,
        cargo: TradedGoods | None = None,
    ) -> CoupledWorld:
        """Couple a model of flows with a trade world on the same facts.

        baseline, cargo : others than the middle values of the facts
        """
        commodities = facts.folding.commodities
        names = tuple(c.name for c in model.classes)
        if names != commodities:
            raise UsageError(
                "Flows and trade need the same commodities in the same order: "
                f"{', '.join(names[:4])} … and {', '.join(commodities[:4])} …"
            )
        at = np.array([facts.position(z) for z in model.zones], dtype=np.intp)
        spots = Bottlenecks.of(model)
        response = Response.of(model, spots.of_arc, len(spots))
        cargo = cargo or TradedGoods.of(facts, model.session.world)
        cost = model.baseline.total
        moves = response.by_pairs(_inner(cargo.tonnes, at)) > 0
        response = replace(response, needed=moves)
        choice = response.choose(cost, np.zeros(len(spots)))
        traffic = response.traffic(choice, _inner(cargo.tonnes, at))
        return cls(
            response,
            spots,
            facts,
            baseline or facts.baseline(deficit),
            cargo,
            at,
            cost,
            choice,
            traffic,
            spots.background(traffic),
            spots.delays(traffic),
        )

    @cached_property
    def freight(self) -> FloatArray:
        """(C, N_flow, N_flow) USD/t that the goods of a pair pay at the baseline, mean over their routes.

        The skim counts the choice among routes as worth something and can be far below it.
        """
        paid = np.where(np.isfinite(self.cost), self.cost, 0.0)
        mean = pair_means(self.response.sets.first, self.choice.share, paid)
        return self.response.by_zones(self.choice.weight * mean)

    @cached_property
    def by_cost(self) -> FloatArray:
        """(C, N_flow, N_flow) change of the trade cost for a USD/t, s / (v + freight)."""
        worth = self.inner(self.cargo.usd_per_t) + self.freight
        moved = self.routes_exist & (worth > 0)
        surface = self.inner(self.cargo.surface)
        return np.divide(surface, worth, out=np.zeros_like(worth), where=moved)

    @cached_property
    def routes_exist(self) -> BoolArray:
        """(C, N_flow, N_flow) whether any route is open at the baseline."""
        return np.asarray(self.response.by_zones(self.choice.weight) > 0)

    @cached_property
    def theta(self) -> FloatArray:
        """(C,) trade elasticity of the sector of each commodity."""
        return np.asarray(self.baseline.elasticity[self.cargo.folding.of])

    def tonnes_of(self, trade: Counterfactual) -> FloatArray:
        """(C, N, N) tonnes at a trade equilibrium."""
        grown = trade.trade_hat / np.exp(trade.log_cost)[:, None, :]
        return np.asarray(self.cargo.tonnes * grown[self.cargo.folding.of])

    def point(
        self,
        scenario: Scenario,
        traffic: FloatArray,
        *,
        usd: FloatArray | None = None,
        start: State | None = None,
        tol: float = 1e-10,
    ) -> TrafficState:
        """One turn: traffic, hours, freight costs, trade, tonnes, and the traffic that follows."""
        delays = self.delays
        if scenario.capacity is not None:
            delays = delays.scaled(scenario.capacity)
        hours = delays.hours(traffic + self.background) - self.delays.hours(
            self.traffic + self.background
        )
        money = np.zeros_like(hours) if usd is None else usd
        cost = self.cost if scenario.cost is None else scenario.cost
        choice = self.response.choose(cost, hours, money, self.choice)
        change = self.change(choice)
        trade = counterfactual(
            self.baseline,
            cost_hat=self._trade_cost(scenario, change),
            tariff_new=scenario.tariff,
            start=start,
            tol=tol,
        )
        tonnes = self.tonnes_of(trade)
        answer = self.response.traffic(choice, self.inner(tonnes))
        return TrafficState(traffic, hours, money, choice, change, trade, tonnes, answer)

    def change(self, choice: RouteChoice) -> FloatArray:
        """(C, N_flow, N_flow) USD/t over the baseline, over the hubs joined both times."""
        weight = self.common(choice)
        same = weight is self.choice.weight
        moved = np.zeros_like(weight)
        np.subtract(choice.skim, self.choice.skim, out=moved, where=weight > 0)
        out = self.response.by_zones(weight * moved)
        now = self.routes_exist if same else self.response.by_zones(choice.weight) > 0
        if not same:
            kept = self.response.by_zones(weight) > 0
            out[self.routes_exist & ~kept] = np.inf
        out[~self.routes_exist & now] = -np.inf
        out[~self.routes_exist & ~now] = np.nan
        return out

    def common(self, choice: RouteChoice) -> FloatArray:
        """(C, P) weights over the hubs joined both at the baseline and now."""
        before, after = self.choice.weight > 0, choice.weight > 0
        if np.array_equal(before, after):
            return self.choice.weight
        return self.response.normal(before & after)

    def inner(self, value: FloatArray) -> FloatArray:
        """(C, N_flow, N_flow) the part of (C, N, N) between zones that the flows know."""
        return _inner(value, self.at)

    def outer(self, value: FloatArray) -> FloatArray:
        """(C, N, N) of the trade world with (C, N_flow, N_flow) in it and zero elsewhere."""
        out = np.zeros((len(value), *self.cargo.tonnes.shape[1:]))
        out[:, self.at[:, None], self.at] = value
        return out

    def commodity_slopes(self, point: TrafficState) -> FloatArray:
        """(C, N_flow, N_flow) d ln kappa of a commodity for a USD/t more of its freight cost."""
        moved = np.isfinite(point.change)
        rise = self.by_cost * np.where(moved, point.change, 0.0)
        return np.where(moved, self.by_cost / (1.0 + rise), 0.0)

    def cost_slopes(self, point: TrafficState) -> FloatArray:
        """(C, N_flow, N_flow) d ln kappa of the sector for a USD/t more for a commodity."""
        whole = self._freight_factor(point.change)[self.cargo.folding.of]
        moved = np.isfinite(point.change)
        part = self.inner(self.cargo.part / whole)
        return np.where(moved, self.by_cost * part, 0.0)

    def own_slopes(self, point: TrafficState) -> tuple[FloatArray, FloatArray]:
        """(F,) t a year that a bottleneck loses for an hour, and for a USD/t, more at it alone.

        To other routes, and by trade that shrinks with nothing else answering.
        """
        tonnes = self.inner(point.tonnes)
        less = tonnes * (self.theta[:, None, None] * self.by_cost)
        response, per_hour = self.response, self.response.usd_per_hour
        by_hour, by_usd = (
            response.own_slopes(point.choice, tonnes, price)
            + response.traffic(point.choice, less * price[:, None, None])
            for price in (per_hour, np.ones_like(per_hour))
        )
        return by_hour, by_usd

    def lost(
        self, point: TrafficState, hours: FloatArray, usd: FloatArray | None = None
    ) -> FloatArray:
        """(F,) t a year that bottlenecks lose for hours and USD/t (F,) more at them; as `own_slopes`.

        The loss at one for a price at another is symmetric, so this is its own transpose.
        """
        response, tonnes = self.response, self.inner(point.tonnes)
        less = tonnes * (self.theta[:, None, None] * self.by_cost)
        out = np.zeros(len(hours))
        for which, price in enumerate((hours, usd)):
            if price is not None:
                value = response.along(price)[None]
                by_tonnes, slope, mean = response.transposed_load(point.choice, tonnes, value)
                both = response.transposed_costs(
                    point.choice, slope, value, mean, -less * by_tonnes
                )
                out -= response.at_spots(both[which])
        return out

    def trade_cost(self, scenario: Scenario) -> FloatArray:
        """(J, N, N) trade costs of a scenario, new over old, at the hours of the baseline."""
        cost = self.cost if scenario.cost is None else scenario.cost
        choice = self.response.choose(cost, np.zeros(len(self.bottlenecks)), like=self.choice)
        return self._trade_cost(scenario, self.change(choice))

    def _trade_cost(self, scenario: Scenario, change: FloatArray) -> FloatArray:
        """(J, N, N) trade costs, new over old."""
        total = self._freight_factor(change)
        return total if scenario.wedge is None else total * scenario.wedge

    def _freight_factor(self, change: FloatArray) -> FloatArray:
        """(J, N, N) what changes of freight costs do to trade costs, new over old."""
        surface = self.inner(self.cargo.surface)
        moved = np.isfinite(change)
        factor = 1.0 + np.where(moved, self.by_cost * np.where(moved, change, 0.0), 0.0)
        lost = np.isposinf(change)
        left = np.maximum(1.0 - surface, LEAST_LEFT)
        np.power(left, -1.0 / self.theta[:, None, None], out=factor, where=lost)
        if (factor <= 0).any():
            raise UsageError(
                "A freight cost falls by more than the value and freight of its goods."
            )
        rise = self.outer(factor - 1.0)
        return np.asarray(1.0 + self.cargo.folding.total(self.cargo.part * rise))

    def redrawn(
        self, response: Response, cost: FloatArray, baseline: Baseline, cargo: TradedGoods
    ) -> CoupledWorld:
        """The same routes under other costs (C, R), habits, trade and values, at their baseline."""
        choice = response.choose(cost, np.zeros(len(self.bottlenecks)), like=self.choice)
        traffic = response.traffic(choice, self.inner(cargo.tonnes))
        return replace(
            self,
            response=response,
            baseline=baseline,
            cargo=cargo,
            cost=cost,
            choice=choice,
            traffic=traffic,
            background=self.bottlenecks.background(traffic),
            delays=self.bottlenecks.delays(traffic),
        )


def _inner(value: FloatArray, at: NDArray[np.intp]) -> FloatArray:
    """(C, N_flow, N_flow) the part of (C, N, N) between zones that the flows know."""
    return np.ascontiguousarray(value[:, at[:, None], at])
