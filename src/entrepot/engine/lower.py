"""Changes of the facts as arrays: what arcs, duties, trade costs and capacities become.

This is the only place that makes them. Everything is exact to the facts: changes are applied to the
tables in the order of the list, and the tables are priced again; what was estimated on the baseline is
not estimated again, so changes act on the figure in use.

    hours, fees            border_crossings, transfers, services, modes      costs of routes
    closure                passage_rules (insert), links (status)            costs of routes
    new line               links, border_crossings, services (insert)        costs of routes
    capacity, hard limit   capacity_mt_per_year, limit                       capacity, limit
    duty                   tariffs                                           tariff
    payment, other costs   payment_friction, trade_costs                     wedge
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from entrepot.engine.candidates import on_network
from entrepot.equilibrium.coupled import Scenario
from entrepot.errors import UsageError
from entrepot.facts.change import Change, apply, is_of_baseline, readers_of
from entrepot.facts.world import World
from entrepot.flows.arc_changes import ArcChange, along_routes, arc_changes, only_arcs
from entrepot.kernels.arrays import BoolArray, FloatArray
from entrepot.kernels.short_repr import short_repr
from entrepot.routes.session import Session
from entrepot.trade.exact.shock import Shock
from entrepot.trade.world.flow_changes import (
    NEUTRAL,
    FlowChange,
    changed_figure,
    flow_changes,
)
from entrepot.trade.world.trade_world import TradeWorld

if TYPE_CHECKING:
    from entrepot.engine.coupled_facts import CoupledFacts

# Tables whose figures act on flows of trade.
FIGURES = ("tariffs", "payment_friction", "trade_costs")
# Readers that carriage rests on: routes, what they cost, and which are found.
CARRIAGE = ("topology", "price", "rule", "name")


@short_repr
@dataclass(frozen=True, slots=True, eq=False)
class TradeChanges:
    """Changes of duties, of payment and of other trade costs, in their order, on figures (J, N, N).

    factor : (J, N, N) trade costs but duties and payment, new over old; None where nothing changes
    """

    duties: tuple[FlowChange, ...] = ()
    payment: tuple[FlowChange, ...] = ()
    factor: FloatArray | None = None

    def tariff(self, before: FloatArray) -> FloatArray | None:
        """(J, N, N) duties afterwards, from those before; None where none changes."""
        after = changed_figure(before, self.duties)
        return None if np.array_equal(after, before) else after

    def wedge(self, friction: FloatArray) -> FloatArray | None:
        """(J, N, N) trade costs but duties, new over old; None where nothing changes.

        friction : (J, N, N) what paying costs before, part of the value
        """
        after = changed_figure(friction, self.payment)
        out = None if np.array_equal(after, friction) else (1.0 + after) / (1.0 + friction)
        if self.factor is None:
            return out
        return self.factor if out is None else out * self.factor

    def shock(self, tariff: FloatArray, friction: FloatArray) -> Shock:
        """The shock on a world of trade in which transport is held."""
        wedge = self.wedge(friction)
        return Shock(None if wedge is None else np.log(wedge), self.tariff(tariff), None)


@short_repr
@dataclass(frozen=True, slots=True, eq=False)
class Lowered:
    """What changes come to.

    scenario : all of it, on the coupled world
    trade    : what of it is about duties, payment and trade costs
    session  : the changed facts, priced
    arcs     : changes of arcs by load unit; only_arcs : whether they are all that changes on routes
    """

    scenario: Scenario
    trade: TradeChanges
    session: Session
    arcs: dict[str, ArcChange]
    only_arcs: bool


def lower(facts: CoupledFacts, changes: Sequence[Change]) -> Lowered:
    """The arrays of changes of the facts.

    Raises BadInputError for changes that cannot be made, UsageError for those of the baseline.
    """
    if not changes:
        return Lowered(Scenario(), TradeChanges(), facts.session, {}, True)
    own = on_network(facts.session.world, changes)
    trade = lower_trade(facts.trade, facts.session.world, own)
    world = apply(facts.session.world, own)
    session, arcs, alone = facts.session, {}, True
    cost = capacity = limit = None
    if world.key(*CARRIAGE) != facts.session.world.key(*CARRIAGE):
        session = session.on_facts(world)
        arcs = arc_changes(facts.model, facts.session, session)
        alone = only_arcs(facts.model, facts.session, session, arcs)
        cost = _cost(facts, session, arcs, alone)
        capacity, limit = _capacity(facts, world), _limit(facts, world)
    tariff, wedge = trade.tariff(facts.trade.tariff.mid), trade.wedge(facts.trade.friction.mid)
    return Lowered(Scenario(cost, wedge, tariff, capacity, limit), trade, session, arcs, alone)


def lower_trade(trade: TradeWorld, world: World, changes: Sequence[Change]) -> TradeChanges:
    """Changes of duties, payment and trade costs alone; they need no routes."""
    base = [c.table for c in changes if is_of_baseline(c)]
    if base:
        raise UsageError(
            f"A change of {base[0]} is another world to start from, not a change of this one."
        )
    if not any("trade" in readers_of(c) for c in changes):
        return TradeChanges()
    apply(world, changes)  # all faults of the list come before any of its parts is looked at
    duties, payment, costs = (flow_changes(trade, world, changes, t) for t in FIGURES)
    factor = changed_figure(np.full_like(trade.friction.mid, NEUTRAL["trade_costs"]), costs)
    if not (factor > 0).all():
        raise UsageError("A factor on trade costs must stay above zero; close arcs for nothing.")
    return TradeChanges(duties, payment, None if (factor == 1.0).all() else factor)


def _cost(
    facts: CoupledFacts, session: Session, arcs: dict[str, ArcChange], alone: bool
) -> FloatArray:
    """(C, R) costs of routes on other facts, from the arcs that differ where that is all."""
    if alone:
        return np.asarray(facts.model.baseline.total + along_routes(facts.model, arcs))
    return facts.model.priced(session, facts.on).total


def _capacity(facts: CoupledFacts, world: World) -> FloatArray | None:
    """(F,) capacities of bottlenecks over those before; None where none changed."""
    spots = facts.world.bottlenecks
    new = spots.capacity_in(world)
    ratio = np.where(np.isnan(new / spots.capacity), 1.0, new / spots.capacity)
    return None if (ratio == 1.0).all() else ratio


def _limit(facts: CoupledFacts, world: World) -> BoolArray | None:
    """(F,) bottlenecks held to their capacity; None where none is."""
    held = facts.world.bottlenecks.limits_in(world)
    return held if held.any() else None
