"""Gains of measures alone in draws: slopes against differences, factors against exact solutions."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from entrepot.engine.decompose import (
    MeasureParts,
    add_up,
    take_apart,
)
from entrepot.engine.drawn_world import DrawnWorld
from entrepot.engine.engine import Engine
from entrepot.engine.lower import lower
from entrepot.engine.spec import EngineSpec
from entrepot.equilibrium.loop import Equilibrium, solve
from entrepot.equilibrium.objectives import pair_trade
from entrepot.equilibrium.sensitivity import route_slopes
from entrepot.facts.load import load_world
from entrepot.questions.promises import individual_effects as module
from entrepot.questions.promises.individual_effects import log_slopes, own_factors
from entrepot.questions.promises.options import PromiseOptions
from entrepot.questions.promises.promise_tables import drawn_gains, with_ranges
from entrepot.questions.promises.promises import drawn_promises, solve_set
from entrepot.questions.promises.question import ALONE, alone_jobs
from entrepot.questions.promises.question import make_plan as promises_of
from entrepot.studies.definition import find_study
from entrepot.studies.plan import engine_spec, make_plan
from entrepot.uncertainty.draws import Draws
from tests.questions.promised_worlds import (
    OPENED,
    PAIR,
    PAYMENT,
    SETS,
    base,
    coupled,
    plan,
    prospect,
    uncertain,
)

N = 6
SMOOTH = {
    name: changes
    for name, changes in {**SETS, "payment": PAYMENT}.items()
    if name not in ("line opens", "line shut", "rule shuts", "rule opens")
}


@cache
def points() -> Draws:
    return Draws.latin((*uncertain().names, *plan().names()), N, 3)


@cache
def drawn(d: int) -> tuple[DrawnWorld, Equilibrium]:
    world = uncertain().draw(points(), d)
    return world, solve_set(plan(), world, (), None, None, 1e-10)


@cache
def parts(name: str) -> MeasureParts:
    facts = coupled()
    return take_apart(facts, lower(facts, SMOOTH.get(name, OPENED)))


def value(found: Equilibrium) -> float:
    return float(pair_trade(found, *PAIR).value)


@pytest.mark.parametrize("name", SMOOTH)
def test_slopes_against_central_differences(name, monkeypatch):
    monkeypatch.setattr(module, "ROUGH", 1e-9)
    world, none = drawn(0)
    told = log_slopes([parts(name)], world, none, PAIR)[0]
    step = 1e-3
    ends = [
        solve(
            world.world, world.scenario(add_up([(parts(name), side * step)])), start=none, gap=1e-11
        )
        for side in (1.0, -1.0)
    ]
    exact = np.log(value(ends[0]) / value(ends[1])) / (2 * step)
    assert told == pytest.approx(exact, rel=2e-3, abs=1e-9)


@pytest.mark.parametrize("name", ["border hours", "services", "payment", "rule charge"])
def test_the_choice_among_ways_gives_the_slope_of_small_changes(name):
    """The way that measures are told that open or shut routes, on those that do not."""
    world, none = drawn(0)
    small = replace(parts(name), log_capacity=None)
    own = add_up([(small, 1e-4)])
    slopes = route_slopes(
        none,
        pair_trade(none, *PAIR),
        np.zeros(len(world.facts.model.classes), dtype=int),
        own.routes,
        1e-9,
    )
    cost = world.world.trade_cost(world.scenario(own))
    told = float(np.sum(slopes.by_kappa * np.log(cost))) / value(none)
    assert told == pytest.approx(1e-4 * log_slopes([small], world, none, PAIR)[0], rel=0.35)


def test_a_measure_that_changes_nothing_has_no_slope():
    world, none = drawn(1)
    assert np.isnan(log_slopes([None], world, none, PAIR)).all()


@pytest.mark.parametrize("d", range(N))
def test_factors_of_draws_against_exact_solutions(d):
    """Hours at a border, a duty, payment and a line that opens, each alone at its middle size."""
    own, (world, none) = plan(), drawn(d)
    measures = [m for m in own.measures if m.id in ("M1", "M2", "M3", "M4")]
    taken = [own.alone[m.id].parts for m in measures]
    gain = np.array([own.alone[m.id].gain[1] for m in measures])
    start = value(base())
    middle = log_slopes(taken, uncertain().middle(), base(), PAIR)
    here = log_slopes(taken, world, none, PAIR)
    told = own_factors(gain, start, middle, np.array([value(none)]), here[None])[0]
    for k, m in enumerate(measures):
        alone_here = solve_set(own, world, [m.id], None, none, 1e-9)
        exact = (value(alone_here) - value(none)) / gain[k]
        assert told[k] == pytest.approx(exact, rel=0.2, abs=0.03), m.id


def test_factors():
    gain, slope = np.array([10.0, 5.0, -2.0, 1.0]), np.array([0.1, np.nan, -0.01, 0.1])
    trade = 100.0

    def found(there: np.ndarray, then: float = trade) -> list[float]:
        return own_factors(gain, trade, slope, np.array([then]), there[None])[0].tolist()

    # The same slopes give the same gain; the second has no slope, the last slope is far off.
    assert found(slope) == pytest.approx([1.0, 1.0, 1.0, 1.0])
    assert found(np.array([np.nan, 0.1, 0.0, 0.1])) == pytest.approx([1.0, 1.0, 0.0, 1.0])
    assert found(slope, 2 * trade) == pytest.approx([2.0, 2.0, 2.0, 2.0])
    # A measure without a gain has none in any draw.
    still = own_factors(np.zeros(4), trade, slope, np.array([trade]), slope[None])
    assert np.isfinite(still).all()


def test_gains_of_draws_and_parts_of_the_whole():
    own = plan()
    over = [drawn_promises(own, uncertain().draw(points(), d), points(), d) for d in range(N)]
    gains = drawn_gains(own, over, log_slopes(own.parts, uncertain().middle(), base(), PAIR))
    assert gains.shape == (N, len(own.measures))
    assert np.isfinite(gains).all()
    table = pd.DataFrame({"gain_musd": [300.0, 200.0], "measures": [("M1", "M5"), ("M2", "M3")]})
    out = with_ranges(table, own, over, gains)
    assert (out["gain_musd_p10"] < out["gain_musd_p90"]).all()
    # Where gains of a kind cancel, its range is that of their sum and no multiple of it.
    signs = pd.DataFrame({"gain_musd": [5.0, 500.0], "measures": [("M1", "S1"), ("M2",)]})
    odd = with_ranges(signs, own, over, gains)
    ids = [m.id for m in own.measures]
    spread = np.ptp(gains[:, [ids.index("M1"), ids.index("S1")]].sum(axis=1))
    assert np.ptp(odd.loc[0, ["gain_musd_p10", "gain_musd_p90"]].astype(float)) <= 2 * spread + 5.0
    # Parts of one draw add up to what it says of the whole.
    one = with_ranges(table, own, over[:1], gains[:1])
    assert one["gain_musd_p10"].sum() == pytest.approx(over[0].all - over[0].none)


def test_a_setback_alone_does_not_depend_on_whether_it_happens():
    """Its gain is told in a world in which it has not struck."""
    one = Draws(points().names, points().points[:1])
    own = plan()
    found = [
        drawn_promises(replace(own, prospects={"S1": prospect("S1", odds, due=2027.0)}),
                       uncertain().draw(one, 0), one, 0)
        for odds in ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
    ]  # fmt: skip
    assert found[0].none != found[1].none
    np.testing.assert_array_equal(found[0].slope, found[1].slope)
    middle = log_slopes(own.parts, uncertain().middle(), base(), PAIR)
    gains = [drawn_gains(own, [d], middle) for d in found]
    np.testing.assert_array_equal(gains[0], gains[1])


@pytest.mark.slow
def test_factors_on_the_shipped_world_against_exact_solutions():
    """All promises of the default study that bring anything, in draws of its own."""
    study, world = find_study("iran-kazakhstan"), load_world()
    asked = make_plan(study.requests)
    spec = engine_spec(world, asked, EngineSpec(None, study.head.on, study.head.seed))
    engine, options = Engine.of(world, spec), study.options("promises")
    assert isinstance(options, PromiseOptions)
    effects = tuple(
        j.function(engine, options, {}, *j.args) for j in alone_jobs(engine, options, {})
    )
    own = promises_of(engine, options, {ALONE: {a.id: a for a in effects}})
    points = engine.points(24, own.names())
    taken = [a.parts for a in effects]
    gain = np.array([a.gain[1] for a in effects])
    start = pair_trade(engine.baseline, *own.pair).value
    middle = log_slopes(taken, engine.middle, engine.baseline, own.pair)
    compared, exact = [], []
    for d in (0, 9, 17):
        drawn_world = engine.uncertain.draw(points, d)
        none = solve_set(own, drawn_world, (), None, None)
        before = pair_trade(none, *own.pair).value
        here = log_slopes(taken, drawn_world, none, own.pair)
        told = own_factors(gain, start, middle, np.array([before]), here[None])[0]
        for k, m in enumerate(own.measures):
            if np.isfinite(here[k]) and abs(gain[k]) > 0.1:
                found = solve_set(own, drawn_world, [m.id], None, none, 1e-7)
                compared.append(told[k])
                exact.append((pair_trade(found, *own.pair).value - before) / gain[k])
    assert len(compared) > 30
    off = np.abs(np.log(np.array(compared) / exact))
    assert (np.quantile(off, (0.5, 0.9, 1.0)) < [0.02, 0.1, 0.3]).all()
    # Gains do not move together: one factor for all of a draw would be far off.
    assert np.std(np.log(exact)) > 0.3
