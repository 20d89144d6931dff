"""A coupled world of facts, and what changes of the facts make of it.

    facts = CoupledFacts.of(session, "2024-06-30", {("IRN", "KAZ"): 340.0})
    found = solve(facts.world, facts.scenario(changes))

Everything is exact to the facts: changes are applied to the tables, and the tables priced again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from entrepot.equilibrium.coupled import CoupledWorld, Scenario
from entrepot.errors import UsageError
from entrepot.facts.change import Change, apply
from entrepot.facts.world import World
from entrepot.flows.arc_changes import along_routes, arc_changes, only_arcs
from entrepot.flows.flow_model import FlowModel
from entrepot.kernels.arrays import FloatArray
from entrepot.kernels.short_repr import short_repr
from entrepot.routes.session import Session
from entrepot.trade.world.trade_world import TradeWorld, day_of

TRADE_TABLES = ("tariffs", "payment_friction", "zone_groups")
# Trade, values, elasticities and habits are the world before; a change of them is another baseline.
BASE_TABLES = (
    "trade_totals",
    "trade_by_commodity",
    "internal_trade",
    "elasticity_estimates",
    "value_densities",
    "pipeline_shares",
    "commodities",
    "zones",
    "zone_hubs",
    "congestion",
    "corridor_constants",
)


@short_repr
@dataclass(frozen=True, eq=False)
class CoupledFacts:
    """Flows and trade of the facts on a day.

    on          : day of the rules of passage and duties
    pair_values : turnover (million USD a year) by pair in place of the facts'
    """

    session: Session
    on: str
    pair_values: Mapping[tuple[str, str], float]
    trade: TradeWorld
    model: FlowModel
    world: CoupledWorld

    @classmethod
    def of(
        cls,
        session: Session,
        on: str,
        pair_values: Mapping[tuple[str, str], float] | None = None,
        *,
        opening: Sequence[Change] = (),
        jobs: int = 1,
    ) -> CoupledFacts:
        """The baseline of a day.

        opening : changes on whose facts ways open that are shut on the day; scenarios with them
                  need these ways in the route sets
        jobs    : processes; they change the time it takes and nothing else
        Raises UsageError where `on` is no single day.
        """
        day_of(on)
        values = dict(pair_values or {})
        beside = session.on_facts(apply(session.world, opening)) if opening else None
        model = FlowModel.of(session, on, jobs=jobs, beside=beside)
        trade = _trade(session.world, on, values)
        return cls(session, on, values, trade, model, CoupledWorld.of(model, trade))

    def scenario(self, changes: Sequence[Change]) -> Scenario:
        """The scenario that changes of the facts make.

        Raises BadInputError for changes that cannot be made, UsageError for those of the baseline.
        """
        return self.changed(changes)[0]

    def changed(self, changes: Sequence[Change]) -> tuple[Scenario, Session]:
        """The scenario, and the session of the changed facts."""
        if not changes:
            return Scenario(), self.session
        base = [c.table for c in changes if c.table in BASE_TABLES]
        if base:
            raise UsageError(
                f"A change of {base[0]} is another world to start from, not a change of this one."
            )
        world = apply(self.session.world, changes)
        tables = {c.table for c in changes}
        session = self.session
        cost = capacity = None
        if tables - set(TRADE_TABLES):
            session = session.on_facts(world)
            cost = self._cost(session)
            capacity = self._capacity(world)
        tariff = wedge = None
        if tables & set(TRADE_TABLES):
            tariff, wedge = self._wedges(world)
        return Scenario(cost, wedge, tariff, capacity), session

    def _cost(self, session: Session) -> FloatArray:
        """(C, R) costs of routes on other facts, from the arcs that differ where that is all."""
        changes = arc_changes(self.model, self.session, session)
        if only_arcs(self.model, self.session, session, changes):
            return np.asarray(self.model.baseline.total + along_routes(self.model, changes))
        return self.model.priced(session, self.on).total

    def _capacity(self, world: World) -> FloatArray | None:
        """(F,) capacities of bottlenecks over those before; None where none changed."""
        spots = self.world.bottlenecks
        new = spots.capacity_in(world)
        ratio = np.where(np.isnan(new / spots.capacity), 1.0, new / spots.capacity)
        return None if (ratio == 1.0).all() else ratio

    def _wedges(self, world: World) -> tuple[FloatArray | None, FloatArray | None]:
        """(J, N, N) duties afterwards, and other trade costs over those before."""
        after = _trade(world, self.on, self.pair_values)
        wedge = (1.0 + after.friction.mid) / (1.0 + self.trade.friction.mid)
        same = np.array_equal(after.tariff.mid, self.trade.tariff.mid)
        return None if same else after.tariff.mid, None if (wedge == 1.0).all() else wedge


def _trade(world: World, on: str, values: Mapping[tuple[str, str], float]) -> TradeWorld:
    return TradeWorld.of_world(world, detail="commodity", on=day_of(on), pair_values=values)
