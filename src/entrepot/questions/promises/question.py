"""What promises do: each alone, in sets, and in draws where they come late or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from entrepot.engine.decompose import MeasureParts
from entrepot.engine.engine import Engine
from entrepot.engine.lower import lower
from entrepot.engine.packages import changes_at
from entrepot.engine.question import Job, Question, Records, Tables
from entrepot.equilibrium.loop import solve
from entrepot.equilibrium.objectives import pair_trade
from entrepot.errors import EntrepotError, nearest
from entrepot.facts.world import World
from entrepot.flows.arc_changes import ArcChange
from entrepot.questions.promises import assumptions as one_at_a_time
from entrepot.questions.promises.attribution import attribution, groups_of, subsets, value_of
from entrepot.questions.promises.drivers import drivers
from entrepot.questions.promises.individual_effects import log_slopes
from entrepot.questions.promises.options import PromiseOptions, dossier_of, modelled, needs
from entrepot.questions.promises.promise_tables import (
    drawn_gains,
    measure_effects,
    partner_effects,
    sector_effects,
    target_paths,
    with_ranges,
)
from entrepot.questions.promises.promises import (
    Alone,
    DrawnPromises,
    PromisePlan,
    drawn_promises,
    measure_alone,
)
from entrepot.questions.promises.quick_draws import N_QUICK, WORLD, follows, quick_draws
from entrepot.questions.promises.target import Reach, reach, target_needs
from entrepot.uncertainty.draws import Draws

ALONE, SETS, LEVELS, REACH, DRAWS = (
    f"promises.{stage}" for stage in ("alone", "sets", "levels", "reach", "draws")
)
TABLES = (
    "measure_effects", "attribution", "target_paths", "target_needs", "drivers", "partner_effects",
    "sector_effects", "assumptions",
)  # fmt: skip


def check(world: World, options: PromiseOptions) -> Sequence[str]:
    """What is asked that the facts cannot answer."""
    faults = []
    if options.draws < 1:
        faults.append(f"'draws': found {options.draws}, expected 1 at least.")
    first, last = options.first_year, options.last_year
    if first > last:
        faults.append(f"'first_year': found {first}, after last_year ({last}).")
    if list(options.growth) != sorted(options.growth):
        shown = ", ".join(f"{g:g}" for g in options.growth)
        faults.append(f"'growth_low', 'growth_mid', 'growth_high': {shown} do not rise.")
    known = list(world.table("zones")["zone_id"])
    for zone in options.partners:
        if zone not in known:
            near = nearest(zone, known, 1)
            hint = f" Nearest: {near[0]}." if near else ""
            faults.append(f"'partners': Unknown economy '{zone}'.{hint}")
    try:
        dossier_of(world, options.dossier)
    except EntrepotError as error:
        faults.append(str(error))
    return faults


def make_plan(engine: Engine, options: PromiseOptions, done: Records) -> PromisePlan:
    """Measures with what is known of them."""
    dossier = dossier_of(engine.world, options.dossier)
    parameter = engine.world.parameter
    return PromisePlan(
        options.pair,
        modelled(dossier),
        dossier.prospects,
        {own.id: own for own in done[ALONE].values()},
        np.arange(options.first_year, options.last_year + 1.0),
        float(options.on[:4]) + 0.5,
        options.growth,
        (parameter("short_run_share"), parameter("adjustment_years")),
        parameter("promise_correlation"),
        options.target_musd,
        pair_trade(engine.baseline, *options.pair).value,
    )


def alone_jobs(engine: Engine, options: PromiseOptions, done: Records) -> Sequence[Job]:
    """Each measure alone."""
    measures = modelled(dossier_of(engine.world, options.dossier))
    return [Job(m.id, alone, (k,)) for k, m in enumerate(measures)]


def alone(engine: Engine, options: PromiseOptions, done: Records, k: int) -> Alone:
    """Measure k alone."""
    measure = modelled(dossier_of(engine.world, options.dossier))[k]
    return measure_alone(engine.facts, measure, options.pair, engine.baseline)


def set_jobs(engine: Engine, options: PromiseOptions, done: Records) -> Sequence[Job]:
    """Every set of kinds of promises."""
    dossier = dossier_of(engine.world, options.dossier)
    some = subsets(groups_of(modelled(dossier), done[ALONE]))
    return [Job(_name(kinds), set_value, (tuple(sorted(kinds)),)) for kinds in some]


def set_value(
    engine: Engine, options: PromiseOptions, done: Records, kinds: tuple[str, ...]
) -> float:
    """Trade of the pair with all promises of some kinds."""
    plan = make_plan(engine, options, done)
    return value_of(plan, engine.middle, frozenset(kinds), engine.baseline)


def _name(kinds: frozenset[str]) -> str:
    return "-".join(sorted(kinds)) or "none"


def level_jobs(engine: Engine, options: PromiseOptions, done: Records) -> Sequence[Job]:
    """One job: sources of doubt one at a time."""
    return [Job("all", levels)]


def levels(
    engine: Engine, options: PromiseOptions, done: Records
) -> dict[tuple[str, float], one_at_a_time.LongRun]:
    """Trade with no promise and with all where one source is at its P10 or P90."""
    return one_at_a_time.levels(make_plan(engine, options, done), engine.uncertain)


def reach_jobs(engine: Engine, options: PromiseOptions, done: Records) -> Sequence[Job]:
    """One job: how far promises reach."""
    return [Job("all", long_run)]


def long_run(engine: Engine, options: PromiseOptions, done: Records) -> Reach:
    """How far promises reach in the long run."""
    plan, facts = make_plan(engine, options, done), engine.facts
    every = lower(facts, changes_at(plan.promises, {}, options.on)).scenario
    base = engine.baseline
    return reach(plan, engine.middle, base, solve(facts.world, every, start=base))


def draw_jobs(engine: Engine, options: PromiseOptions, done: Records) -> Sequence[Job]:
    """Each draw."""
    return [Job(str(d), draw, (d,)) for d in range(options.draws)]


def draw(engine: Engine, options: PromiseOptions, done: Records, d: int) -> DrawnPromises | None:
    """Draw d of the promises; None where it has no answer."""
    plan = make_plan(engine, options, done)
    points = engine.points(options.draws, plan.names())
    try:
        found = drawn_promises(plan, engine.uncertain.draw(points, d), points, d)
    except EntrepotError:
        return None  # a draw beyond what the model can answer; it is counted as failed
    return found if found.converged and np.isfinite(found.all) else None


def tables(engine: Engine, options: PromiseOptions, done: Records) -> Tables:
    """The tables of promises."""
    plan, facts = make_plan(engine, options, done), engine.facts
    drawn: list[DrawnPromises | None] = list(done[DRAWS].values())
    valid = [d for d in drawn if d is not None]
    points = engine.points(options.draws, plan.names())
    solved = np.array([d is not None for d in drawn], dtype=bool)
    points = Draws(points.names, points.points[solved])
    sloped = [d for d in valid if d.slope is not None]
    middle = log_slopes(plan.parts, engine.middle, engine.baseline, plan.pair)
    over = drawn_gains(plan, sloped, middle)
    far: Reach = done[REACH]["all"]
    found: dict[tuple[str, float], Any] = done[LEVELS]["all"]
    turnover, sizes = engine.uncertain.spread["turnover"], (far.all["low"], far.all["high"])
    many = Draws.latin((*WORLD, *plan.names()), N_QUICK, engine.spec.seed)
    quick, same = (quick_draws(plan, found, turnover, d) for d in (many, points))
    worth = {
        some: done[SETS][_name(some)] for some in subsets(groups_of(plan.measures, plan.alone))
    }
    kinds = with_ranges(attribution(plan, worth), plan, sloped, over)
    dossier = dossier_of(engine.world, options.dossier)
    return {
        "measure_effects": measure_effects(facts, dossier, plan, over),
        "attribution": kinds,
        "target_paths": target_paths(plan, valid),
        "target_needs": target_needs(plan, far, valid, quick, follows(same.likely, valid)),
        "drivers": drivers(many, quick, plan),
        "partner_effects": partner_effects(facts, plan, valid, options.partners),
        "sector_effects": sector_effects(facts, plan, valid),
        "assumptions": one_at_a_time.assumptions(plan, found, turnover, "assumed", sizes),
    }


QUESTIONS = (
    Question(
        ALONE,
        PromiseOptions,
        lambda options: "promises: measures alone",
        flows=True,
        records=(
            Alone,
            MeasureParts,
            ArcChange,
        ),
        engine=needs,
        jobs=alone_jobs,
    ),
    Question(
        SETS,
        PromiseOptions,
        lambda options: "promises: sets of kinds",
        needs=(ALONE,),
        flows=True,
        engine=needs,
        jobs=set_jobs,
    ),
    Question(
        LEVELS,
        PromiseOptions,
        lambda options: "promises: assumptions one at a time",
        needs=(ALONE,),
        flows=True,
        records=(one_at_a_time.LongRun,),
        engine=needs,
        jobs=level_jobs,
    ),
    Question(
        REACH,
        PromiseOptions,
        lambda options: "promises: how far they reach",
        needs=(ALONE,),
        flows=True,
        records=(Reach,),
        engine=needs,
        jobs=reach_jobs,
    ),
    Question(
        DRAWS,
        PromiseOptions,
        lambda options: f"promises: {options.draws} draws",
        needs=(ALONE,),
        flows=True,
        records=(DrawnPromises,),
        engine=needs,
        jobs=draw_jobs,
    ),
    Question(
        "promises",
        PromiseOptions,
        lambda options: "promises: tables",
        TABLES,
        needs=(ALONE, SETS, LEVELS, REACH, DRAWS),
        inherits=("places", "between"),
        flows=True,
        engine=needs,
        check=check,
        tables=tables,
    ),
)
