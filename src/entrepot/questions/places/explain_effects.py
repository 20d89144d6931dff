"""The places where a day or a dollar saved moves two economies most: one question from end to end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from entrepot.engine.coupled_facts import CoupledFacts
from entrepot.engine.drawn_world import Uncertain
from entrepot.equilibrium.loop import Equilibrium, solve
from entrepot.equilibrium.objectives import Objective, pair_trade, welfare
from entrepot.equilibrium.sensitivity import gradient
from entrepot.errors import UnknownNameError
from entrepot.questions.places.place_effects import STANDING, place_effects
from entrepot.routes.session import Session
from entrepot.trade.world.trade_world import day_of
from entrepot.uncertainty.draws import Draws
from entrepot.uncertainty.sampler import SEED


@dataclass(frozen=True, slots=True)
class Explained:
    """Places, and the equilibrium their slopes were taken at."""

    places: pd.DataFrame
    title: str
    value: float
    unit: str
    status: str
    gap: float
    residual: float
    draws: int
    failed: int


def explain_effects(
    session: Session,
    pair: tuple[str, str],
    on: str,
    *,
    objective: str = "trade",
    turnover: float | None = None,
    kinds: Sequence[str] = STANDING,
    most: int = 20,
    draws: int = 8,
    seed: int = SEED,
    jobs: int = 1,
    told: Callable[[str], None] = lambda _: None,
) -> Explained:
    """Places by what a day saved there brings to the trade or the income of a pair.

    objective : `trade` of the two, or real `income` of both together
    turnover  : trade to start from, million USD a year; None for the facts'
    draws     : of all that is not known for sure; 0 for none
    Raises UnknownNameError for an economy, UsageError for a day, that is none.
    """
    zones = session.world.table("zones")
    for zone in pair:
        if zone not in set(zones["zone_id"]):
            known = [*zones["zone_id"], *zip(zones["zone_id"], zones["name"], strict=True)]
            raise UnknownNameError(zone, "economy (alpha-3 code)", known)
    day_of(on)
    values = {} if turnover is None else {pair: turnover}
    told("Finding the routes of all pairs, or reading them from the cache")
    facts = CoupledFacts.of(session, on, values, jobs=jobs)
    found = solve(facts.world)
    aim = _objective(found, pair, objective)
    slopes = gradient(found, aim)
    over, failed = [], 0
    if draws:
        told(f"Drawing {draws} worlds")
        uncertain = Uncertain(facts, pair)
        points = Draws.latin(uncertain.names, draws, seed)
        for d in range(draws):
            drawn = solve(uncertain.draw(points, d).world)
            one = gradient(drawn, _objective(drawn, pair, objective))
            if drawn.converged and np.isfinite(one.by_hour).all():
                over.append(one.by_hour)
            else:
                failed += 1
    return Explained(
        place_effects(found, slopes, over, most=most, kinds=kinds),
        aim.name,
        aim.value if objective == "trade" else float(_income(facts, pair)),
        aim.unit,
        found.status,
        found.gap,
        slopes.residual,
        len(over),
        failed,
    )


def _objective(found: Equilibrium, pair: tuple[str, str], objective: str) -> Objective:
    return pair_trade(found, *pair) if objective == "trade" else welfare(found, pair)


def _income(facts: CoupledFacts, pair: tuple[str, str]) -> float:
    """Income of both at the baseline of the model, million USD a year."""
    return float(sum(facts.world.baseline.income[facts.trade.position(z)] for z in pair))
