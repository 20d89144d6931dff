"""A coupled world of facts: flows and trade of a day.

facts = CoupledFacts.of(session, "2024-06-30", {("IRN", "KAZ"): 340.0})
found = solve(facts.world, lower(facts, changes).scenario)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from entrepot.engine.candidates import on_network
from entrepot.equilibrium.coupled import CoupledWorld
from entrepot.facts.change import Change, apply
from entrepot.flows.flow_model import FlowModel
from entrepot.kernels.short_repr import short_repr
from entrepot.routes.session import Session
from entrepot.trade.world.trade_world import TradeWorld, day_of


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
        candidates: Sequence[Change] = (),
        jobs: int = 1,
    ) -> CoupledFacts:
        """The baseline of a day.

        session    : of facts with the rows of candidates in them, see `with_shut`
        candidates : changes that open routes which are shut on the day; scenarios with them need
                     these routes in the route sets
        jobs       : processes; they change the time it takes and nothing else
        Raises UsageError where `on` is not a single day.
        """
        day_of(on)
        values = dict(pair_values or {})
        beside = None
        if candidates:
            opened = on_network(session.world, candidates)
            beside = session.on_facts(apply(session.world, opened))
        model = FlowModel.of(session, on, jobs=jobs, beside=beside)
        trade = TradeWorld.of_world(
            session.world, detail="commodity", on=day_of(on), pair_values=values
        )
        return cls(session, on, values, trade, model, CoupledWorld.of(model, trade))
