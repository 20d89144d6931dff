"""One draw of a coupled world: other elasticities, duties, values, speeds, rates and habits.

A draw is another baseline, settled again on the same routes, and the same scenarios on it; what is
reported are differences between the two, so what they share falls out.

    speed, rate  by mode     hours and haulage charges of movement
    border       hours at land borders;   dwell  hours of terminals, transfers, waits
    time_value   what an hour costs;      mu     how closely goods follow costs
    theta, duty, payment, value of a tonne, turnover of the pair     the trade block
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from entrepot.cost.arcs import BORDER, HANDLING, HAULAGE
from entrepot.engine.coupled_facts import CoupledFacts
from entrepot.engine.decompose import MeasureParts
from entrepot.equilibrium.coupled import CoupledWorld, Scenario, TradedGoods
from entrepot.flows.arc_changes import along_routes
from entrepot.kernels.arrays import FloatArray
from entrepot.kernels.choice.route_choice import route_cost
from entrepot.kernels.short_repr import short_repr
from entrepot.network.graph import MODE_CODE, ArcKind, Network
from entrepot.routes.session import Session
from entrepot.trade.exact.baseline import Baseline
from entrepot.trade.world.shipments import shipments
from entrepot.uncertainty.draw_values import in_levels, in_logs
from entrepot.uncertainty.draws import Draws
from entrepot.uncertainty.ranges import Range
from entrepot.uncertainty.spread import factor, log_sides

# Sources of error of hours and of charges, by what an arc is.
HOURS = ("speed:rail", "speed:road", "speed:water", "border", "dwell")
MONEY = ("rate:rail", "rate:road", "rate:water", "handling", "border_fee")
OTHER = ("time_value", "mu", "duty", "payment", "surface", "turnover", "theta:all")


@short_repr
@dataclass(frozen=True, eq=False)
class Uncertain:
    """What of a coupled world is drawn, with the ranges of the facts.

    pair     : economies whose turnover is uncertain
    turnover : its P10 and P90 over the value in use; None for those of the facts
    """

    facts: CoupledFacts
    pair: tuple[str, str]
    turnover: tuple[float, float] | None = None

    @cached_property
    def names(self) -> tuple[str, ...]:
        """All sources of error."""
        trade = self.facts.trade
        return (
            *HOURS,
            *MONEY,
            *OTHER,
            *(f"theta:{s}" for s in trade.sectors),
            *(f"usd_per_t:{c}" for c in trade.folding.commodities),
        )

    @cached_property
    def spread(self) -> dict[str, tuple[float, float]]:
        """P10 and P90 over the median of what is multiplied."""
        world = self.facts.session.world
        rows = {
            (r.quantity, r.applies_to): (float(r.p10_ratio), float(r.p90_ratio))
            for r in world.table("uncertainty").itertuples(index=False)
        }
        parameter = world.table("parameters").set_index("parameter")

        def given(name: str) -> tuple[float, float]:
            row = parameter.loc[name]
            return float(row["low"]) / float(row["value"]), float(row["high"]) / float(row["value"])

        def of(quantity: str, where: str = "*") -> tuple[float, float]:
            return rows.get((quantity, where), rows.get((quantity, "*"), (1.0, 1.0)))

        slow = {m: tuple(1 / x for x in of("speed", m)[::-1]) for m in ("rail", "road", "water")}
        return {
            **{f"speed:{m}": (s[0], s[1]) for m, s in slow.items()},
            "border": given("dwell_factor"),
            "dwell": given("dwell_factor"),
            **{f"rate:{m}": of("rate", "estimated") for m in ("rail", "road", "water")},
            "handling": of("handling"),
            "border_fee": of("border"),
            "time_value": of("time_value"),
            "mu": given("route_dispersion"),
            "turnover": of("turnover") if self.turnover is None else self.turnover,
        }

    def factor(self, draws: Draws, d: int, name: str) -> float:
        """A draw over its median."""
        low, high = self.spread[name]
        sides = log_sides(np.array(low), np.array(1.0), np.array(high))
        return float(factor(draws.normal(name)[d : d + 1], float(sides[0]), float(sides[1]))[0])

    def draw(self, draws: Draws, d: int) -> DrawnWorld:
        """The world of a draw, at its own baseline."""
        facts, trade = self.facts, self.facts.trade
        hours = np.array([self.factor(draws, d, n) for n in HOURS])
        money = np.array([self.factor(draws, d, n) for n in MONEY])
        worth = self.factor(draws, d, "time_value")
        alike = facts.session.world.parameter("elasticity_correlation")
        z = [draws.correlated("theta:all", f"theta:{s}", alike)[d] for s in trade.sectors]
        theta = in_logs(np.array(z), trade.elasticity)
        tariff = in_levels(float(draws.normal("duty")[d]), trade.tariff)
        scale = self.factor(draws, d, "turnover")
        flows = trade.flows.copy()
        a, b = (trade.position(p) for p in self.pair)
        flows[:, [a, b], [b, a]] *= scale
        baseline = Baseline.from_flows(
            flows,
            tariff,
            theta,
            deficit=facts.world.baseline.deficit_rule,
            zones=trade.zones,
            sectors=trade.sectors,
        )
        cargo = self._cargo(draws, d, scale)
        base = facts.world
        response = replace(
            base.response,
            mu=base.response.mu * self.factor(draws, d, "mu"),
            usd_per_hour=base.response.usd_per_hour * worth,
        )
        priced = _Priced(facts, hours, money, worth)
        errors = priced.errors(facts.session)
        cost = base.cost + errors
        world = base.redrawn(response, cost, baseline, cargo)
        paid = in_levels(float(draws.normal("payment")[d]), trade.friction, bounded=True)
        return DrawnWorld(facts, world, priced, errors, tariff, paid)

    def middle(self) -> DrawnWorld:
        """The world at the middle of everything."""
        facts = self.facts
        priced = _Priced(facts, np.ones(len(HOURS)), np.ones(len(MONEY)), 1.0)
        none = np.zeros(facts.world.cost.shape)
        return DrawnWorld(
            facts, facts.world, priced, none, facts.trade.tariff.mid, facts.trade.friction.mid
        )

    @cached_property
    def _sent(self) -> tuple[Range[FloatArray], Range[FloatArray], FloatArray]:
        trade = self.facts.trade
        world = self.facts.session.world
        found = shipments(world, trade.zones, trade.folding.commodities, trade.value)
        return found.usd_per_t, found.surface, trade.value

    def _cargo(self, draws: Draws, d: int, scale: float) -> TradedGoods:
        """Values and surface shares of the draw; the pair's tonnes follow its turnover."""
        density, surface, value = self._sent
        trade = self.facts.trade
        usd = np.empty_like(density.mid)
        for c, name in enumerate(trade.folding.commodities):
            z = np.full(density.mid[c].shape, draws.normal(f"usd_per_t:{name}")[d])
            usd[c] = in_logs(z, Range(density.low[c], density.mid[c], density.high[c]))
        part = np.clip(in_levels(float(draws.normal("surface")[d]), surface, bounded=True), 0, 1)
        tonnes = 1e6 * value * part / usd
        a, b = (trade.position(p) for p in self.pair)
        tonnes[:, [a, b], [b, a]] *= scale
        return TradedGoods(trade.folding, usd, part, tonnes, self.facts.world.cargo.part)


@short_repr
@dataclass(frozen=True, eq=False)
class DrawnWorld:
    """A draw of a coupled world, and sets of measures on it.

    tariff  : (J, N, N) duties of the draw
    errors  : (C, R) what the draw adds to the cost of routes
    paid    : (J, N, N) what paying costs in the draw, part of the value
    """

    facts: CoupledFacts
    world: CoupledWorld
    priced: _Priced
    errors: FloatArray
    tariff: FloatArray
    paid: FloatArray

    def scenario(self, parts: MeasureParts | None) -> Scenario:
        """Measures, as the sum of their parts, on the draw."""
        if parts is None:
            return Scenario()
        cost = tariff = wedge = capacity = None
        if parts.by_unit or len(parts.routes) or len(parts.opened):
            hours, money = self.priced.factors(self.facts.session.network)
            cost = along_routes(self.facts.model, parts.by_unit, hours, money)
            flat = cost.reshape(-1)
            opened = flat[parts.opened] + parts.open_usd + self.errors.reshape(-1)[parts.opened]
            cost += self.world.cost
            flat[parts.opened] = opened
            np.add.at(flat, parts.routes, parts.usd)
        if parts.tariff is not None:
            tariff = np.maximum(self.tariff + parts.tariff, 0.0)
        if parts.log_wedge is not None:
            wedge = self.wedge(parts.log_wedge)
        if parts.log_factor is not None:
            factor = np.exp(parts.log_factor)
            wedge = factor if wedge is None else wedge * factor
        if parts.log_capacity is not None:
            capacity = np.exp(parts.log_capacity)
        return Scenario(cost, wedge, tariff, capacity)

    def wedge(self, log_wedge: FloatArray) -> FloatArray:
        """(J, N, N) what a change of payment makes of trade costs in the draw.

        log_wedge : of the change at the middle. What paying costs changes there and here by the
                    same factor, and never falls below zero.
        """
        usual = self.facts.trade.friction.mid
        less = -usual / (1.0 + usual)
        return np.asarray(1.0 + self.by_wedge * np.maximum(np.expm1(log_wedge), less))

    @cached_property
    def by_wedge(self) -> FloatArray:
        """(J, N, N) how far payment moves trade costs in the draw, over the middle; first order."""
        usual = self.facts.trade.friction.mid
        over = np.divide(self.paid, usual, out=np.ones_like(usual), where=usual > 0)
        return np.asarray(over * (1.0 + usual) / (1.0 + over * usual))


@short_repr
@dataclass(frozen=True, eq=False)
class _Priced:
    """Errors of hours and charges as (C, R) USD/t on the routes of some facts.

    hours : (len(HOURS),), money : (len(MONEY),) factors; worth : of the value of an hour
    """

    facts: CoupledFacts
    hours: FloatArray
    money: FloatArray
    worth: float

    def factors(self, network: Network) -> tuple[FloatArray, tuple[FloatArray | float, ...]]:
        """(A,) factor on hours with their worth, and on haulage (A,), handling, border and rest."""
        hours, money = self.of_arcs(network)
        return self.worth * hours, money

    def of_arcs(self, network: Network) -> tuple[FloatArray, tuple[FloatArray | float, ...]]:
        """The same without what an hour is worth."""
        part = parts_of(network)
        money = (self.money[part.haul], float(self.money[3]), float(self.money[4]), 1.0)
        return self.hours[part.hours], money

    def errors(self, session: Session) -> FloatArray:
        """(C, R) what the draw adds to the cost of routes on the facts of a session."""
        model = self.facts.model
        sets, on = model.routes.sets, model.on
        part = parts_of(session.network)
        by_unit: dict[str, tuple[FloatArray, FloatArray]] = {}
        out = np.empty((len(model.classes), sets.n_route))
        for c, one in enumerate(model.classes):
            pricing = session.pricing(one.commodity, one.unit, on)
            unit = pricing.cargo.unit
            if unit not in by_unit:
                costs = pricing.costs
                hours = costs.mean_hours() + pricing.cargo.reliability_ratio * costs.hours_spread()
                more = (self.worth * self.hours[part.hours] - 1.0) * hours
                dearer = (self.money[part.haul] - 1.0) * costs.money[HAULAGE]
                dearer += (self.money[3] - 1.0) * costs.money[HANDLING]
                dearer += (self.money[4] - 1.0) * costs.money[BORDER]
                by_unit[unit] = (route_cost(sets, more), route_cost(sets, dearer))
            longer, dear = by_unit[unit]
            np.multiply(longer, pricing.cargo.usd_per_t_hour, out=out[c])
            out[c] += dear
        return out


@short_repr
@dataclass(frozen=True, slots=True)
class ArcParts:
    """(A,) positions in HOURS, and of haulage in MONEY."""

    hours: NDArray[np.int64]
    haul: NDArray[np.int64]


def parts_of(network: Network) -> ArcParts:
    """Which source of error an arc's hours and haulage have."""
    land = np.where(
        network.mode == MODE_CODE["rail"], 0, np.where(network.mode == MODE_CODE["road"], 1, 2)
    )
    hours = np.where(network.kind == ArcKind.HAUL, land, 4)
    hours = np.where(network.kind == ArcKind.BORDER, 3, hours)
    return ArcParts(hours.astype(np.int64), land.astype(np.int64))
