"""Closing something costs at least as much as any price on it, as long as goods have another route."""

from __future__ import annotations

import numpy as np
import pytest

from entrepot.engine.engine import Engine
from entrepot.engine.lower import lower
from entrepot.engine.spec import Turnover
from entrepot.equilibrium.objectives import pair_trade
from entrepot.facts.change import Change
from entrepot.flows.route_cache import OFF, VARIABLE
from entrepot.questions.what_if.closures import closure
from tests.questions.promised_worlds import DAY, PAIR, TURNOVER, promised_world

PRICES = (10.0, 100.0, 1e3, 1e4, 1e6)
PLACES = {
    "post_a,post_b,rail": ("border_crossings", "post_a,post_b,rail"),
    "post_a,post_b,road": ("border_crossings", "post_a,post_b,road"),
    "post_e,post_f,rail": ("border_crossings", "post_e,post_f,rail"),
}


@pytest.fixture(scope="module")
def engine() -> Engine:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, OFF)
        made = Engine.open(promised_world(), DAY, turnover=[Turnover(PAIR, TURNOVER)])
        made.facts  # noqa: B018
        return made


def skim(engine: Engine, change: Change) -> np.ndarray:
    """(C, P) freight cost of every pair of hubs at the hours of the baseline."""
    world, scenario = engine.facts.world, lower(engine.facts, (change,)).scenario
    free = np.zeros(len(world.bottlenecks))
    return world.response.choose(scenario.cost, free, like=world.choice).skim


@pytest.mark.parametrize("place", PLACES)
def test_closing_costs_every_pair_at_least_any_price(engine: Engine, place: str) -> None:
    shut = skim(engine, closure(engine.world, place))
    before = skim(engine, Change(*PLACES[place], "usd_per_t", "add", "0"))
    last = before
    for usd in PRICES:
        table, row = PLACES[place]
        now = np.maximum(skim(engine, Change(table, row, "hours", "add", str(usd))), before)
        assert (now >= last - 1e-9).all()
        assert (shut >= now - 1e-6 * np.maximum(1.0, np.abs(now)))[np.isfinite(shut)].all()
        last = now
    assert (shut > before + 1e-6).any()


@pytest.mark.parametrize("place", ["post_a,post_b,rail", "post_a,post_b,road"])
def test_closing_takes_at_least_as_much_trade_as_any_price(engine: Engine, place: str) -> None:
    """No pair loses its last route here, so the limit of a high price is the closure."""
    shut = pair_trade(engine.solve((closure(engine.world, place),)), *PAIR).value
    table, row = PLACES[place]
    dear = [
        pair_trade(engine.solve((Change(table, row, "hours", "add", str(h)),)), *PAIR).value
        for h in PRICES
    ]
    assert (np.diff(dear) <= 1e-6 * TURNOVER).all()
    assert shut <= dear[-1] + 1e-6 * TURNOVER
    assert shut == pytest.approx(dear[-1], rel=1e-4)


def test_closing_to_transit_spares_the_trade_of_the_country(engine: Engine) -> None:
    """Goods from AAA to CCC cross BBB; those from AAA to BBB end there."""
    place = "post_a,post_b,rail"
    full = lower(engine.facts, (closure(engine.world, place),)).scenario.cost
    transit = lower(engine.facts, (closure(engine.world, place, transit_only=True),)).scenario.cost
    model = engine.facts.model
    pairs, route = model.routes.pairs, model.routes.sets.pair
    ends = zip(pairs.exporter, pairs.importer, strict=True)
    zones = [{pairs.zones[e], pairs.zones[i]} for e, i in ends]
    own = np.array([bool({"AAA", "BBB"} & z) for z in zones])[route]
    assert np.isinf(full).sum() > np.isinf(engine.facts.world.cost).sum()
    base = engine.facts.world.cost
    assert np.array_equal(transit[:, own], base[:, own])
    there = closure(engine.world, "gamma", transit_only=True)
    cost = lower(engine.facts, (there,)).scenario.cost
    through = np.array([z == {"AAA", "CCC"} for z in zones])[route]
    assert np.isinf(cost[:, through]).sum() > np.isinf(base[:, through]).sum()
    assert np.array_equal(cost[:, ~through], base[:, ~through])
