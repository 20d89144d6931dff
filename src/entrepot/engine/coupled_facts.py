"""A coupled world of facts, and what changes of the facts make of it.

    facts = CoupledFacts.of(session, "2024-06-30", {("IRN", "KAZ"): 340.0})
    found = solve(facts.world, facts.scenario(changes))

Everything is exact to the facts: changes are applied to the tables, and the tables priced again. What
was estimated on the baseline is not estimated again: changes act on the figure that is in use.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from entrepot.equilibrium.coupled import CoupledWorld, Scenario
from entrepot.errors import UsageError
from entrepot.facts.change import Change, apply, is_of_baseline
from entrepot.facts.world import World
from entrepot.flows.arc_changes import along_routes, arc_changes, only_arcs
from entrepot.flows.flow_model import FlowModel
from entrepot.kernels.arrays import FloatArray
from entrepot.kernels.short_repr import short_repr
from entrepot.routes.session import Session
from entrepot.trade.world.payment_changes import changed_friction
from entrepot.trade.world.trade_world import TradeWorld, day_of

# Readers that carriage rests on: routes, what they cost, and which are found.
CARRIAGE = ("topology", "price", "rule", "name")


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
        trade = TradeWorld.of_world(
            session.world, detail="commodity", on=day_of(on), pair_values=values
        )
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
        base = [c.table for c in changes if is_of_baseline(c)]
        if base:
            raise UsageError(
                f"A change of {base[0]} is another world to start from, not a change of this one."
            )
        world = apply(self.session.world, changes)
        session = self.session
        cost = capacity = None
        if world.key(*CARRIAGE) != session.world.key(*CARRIAGE):
            session = session.on_facts(world)
            cost = self._cost(session)
            capacity = self._capacity(world)
        tariff = wedge = None
        if world.key("trade") != self.session.world.key("trade"):
            tariff, wedge = self._duties(world), self._wedge(world, changes)
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

    def _duties(self, world: World) -> FloatArray | None:
        """(J, N, N) duties afterwards; None where none changed."""
        after = self.trade.duties_in(world).mid
        return None if np.array_equal(after, self.trade.tariff.mid) else after

    def _wedge(self, world: World, changes: Sequence[Change]) -> FloatArray | None:
        """(J, N, N) what paying makes of trade costs, new over old; None where nothing changed."""
        before = self.trade.friction.mid
        after = changed_friction(self.trade, self.session.world, world, changes)
        return None if np.array_equal(after, before) else (1.0 + after) / (1.0 + before)
