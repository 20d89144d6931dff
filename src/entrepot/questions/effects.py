"""The places where a day or a dollar saved moves the trade or the income of two economies most."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from entrepot.engine.engine import Engine
from entrepot.engine.question import Job, Options, Question, Records, Tables
from entrepot.engine.spec import EngineNeeds, Turnover
from entrepot.equilibrium.loop import Equilibrium, solve
from entrepot.equilibrium.objectives import Objective, pair_trade, welfare
from entrepot.equilibrium.sensitivity import gradient
from entrepot.errors import EntrepotError
from entrepot.facts.names import find_zone
from entrepot.facts.world import World
from entrepot.kernels.arrays import FloatArray
from entrepot.questions.places.place_effects import STANDING, place_effects
from entrepot.schema.model import PositiveNumber
from entrepot.trade.world.trade_world import day_of

OBJECTIVES = ("trade", "income")


class EffectOptions(Options):
    """Options of the places that move a pair most.

    on            : day of the rules and duties; None is the day of the facts
    objective     : trade of the two, or real income of both together
    turnover_musd : trade of the two to start from, million USD a year; None is that of the facts
    lines         : sections of lines as well
    top           : how many places
    draws         : of all that is not known for sure; 0 for none
    """

    pair: tuple[str, str]
    on: str | None = None
    objective: str = "trade"
    turnover_musd: PositiveNumber | None = None
    lines: bool = False
    top: int = 20
    draws: int = 8


def check(world: World, options: EffectOptions) -> Sequence[str]:
    """What is asked that the facts cannot answer."""
    faults = []
    if options.pair[0] == options.pair[1]:
        faults.append(f"Two economies are needed, found {options.pair[0]} twice.")
    if options.objective not in OBJECTIVES:
        faults.append(
            f"'objective': found '{options.objective}', expected {' or '.join(OBJECTIVES)}."
        )
    if options.draws < 0 or options.top < 1:
        faults.append("'draws' is 0 at least, and 'top' 1.")
    try:
        day_of(options.on or world.meta["default_date"])
        for zone in options.pair:
            find_zone(world, zone)
    except EntrepotError as error:
        faults.append(str(error))
    return faults


def needs(world: World, options: EffectOptions) -> EngineNeeds:
    """The day, and the trade started from."""
    on = options.on or world.meta["default_date"]
    return EngineNeeds(on, (Turnover(options.pair, options.turnover_musd),))


def jobs(engine: Engine, options: EffectOptions, done: Records) -> Sequence[Job]:
    """Slopes in each draw."""
    return [Job(str(d), slopes_by_hour, (d,)) for d in range(options.draws)]


def slopes_by_hour(
    engine: Engine, options: EffectOptions, done: Records, d: int
) -> FloatArray | None:
    """(A,) slopes of the objective by the hours of each arc in draw d; None where it has no answer."""
    drawn = solve(engine.uncertain.draw(engine.points(options.draws), d).world)
    found = gradient(drawn, objective_of(drawn, options))
    return found.by_hour if drawn.converged and np.isfinite(found.by_hour).all() else None


def tables(engine: Engine, options: EffectOptions, done: Records) -> Tables:
    """Tables place_effects and effects_run."""
    base = engine.baseline
    aim = objective_of(base, options)
    slopes = gradient(base, aim)
    drawn: list[FloatArray | None] = list(done.get("effects", {}).values())
    over = [d for d in drawn if d is not None]
    kinds = (*STANDING, "line") if options.lines else STANDING
    places = place_effects(base, slopes, over, most=options.top, kinds=kinds)
    run = {
        "objective": aim.name,
        "value": aim.value if options.objective == "trade" else _income(engine, options.pair),
        "unit": aim.unit,
        "on": engine.on,
        "status": base.status,
        "gap": base.gap,
        "adjoint_residual": slopes.residual,
        "draws": len(over),
        "failed": len(drawn) - len(over),
    }
    return {"place_effects": places, "effects_run": pd.DataFrame([run])}


def objective_of(found: Equilibrium, options: EffectOptions) -> Objective:
    """What is to be raised."""
    if options.objective == "trade":
        return pair_trade(found, *options.pair)
    return welfare(found, options.pair)


def _income(engine: Engine, pair: tuple[str, str]) -> float:
    """Income of both at the baseline of the model, million USD a year."""
    facts = engine.facts
    return float(sum(facts.world.baseline.income[facts.trade.position(z)] for z in pair))


QUESTIONS = (
    Question(
        "effects",
        EffectOptions,
        lambda options: "places where an hour saved brings most",
        ("place_effects", "effects_run"),
        flows=True,
        engine=needs,
        check=check,
        jobs=jobs,
        tables=tables,
    ),
)
