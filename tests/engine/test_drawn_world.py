"""Draws of a coupled world: the middle is the facts, and scenarios share their errors."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from entrepot.engine.decompose import MeasureParts, take_apart
from entrepot.engine.drawn_world import (
    HOURS,
    MONEY,
    DrawnWorld,
    Uncertain,
    parts_of,
)
from entrepot.engine.lower import lower
from entrepot.equilibrium.loop import solve
from entrepot.equilibrium.objectives import pair_trade
from entrepot.kernels.choice.route_choice import route_cost
from entrepot.uncertainty.draws import Draws
from tests.questions.promised_worlds import (
    DUTIES,
    PAIR,
    PAYMENT,
    SETS,
    TURNOVER,
    coupled,
    uncertain,
)

N = 16
ALL = {**SETS, "duties": DUTIES, "payment": PAYMENT}


@cache
def points() -> Draws:
    return Draws.latin(uncertain().names, N, 7)


@cache
def drawn(d: int) -> DrawnWorld:
    return uncertain().draw(points(), d)


@cache
def taken(name: str) -> MeasureParts:
    lowered = lower(coupled(), ALL[name])
    return take_apart(coupled(), lowered)


def middle_points(**other: float) -> Draws:
    """One draw at the middle of everything but some."""
    names = uncertain().names
    row = [other.get(n.replace(":", "_"), 0.5) for n in names]
    return Draws(names, np.array([row]))


def test_every_source_has_a_name_of_its_own():
    names = uncertain().names
    assert len(set(names)) == len(names)
    assert set(uncertain().spread) <= set(names)


def test_the_draw_in_the_middle_is_the_facts():
    facts = coupled()
    one = uncertain().draw(middle_points(), 0)
    assert one.errors == pytest.approx(0, abs=1e-9)
    open_ = np.isfinite(facts.world.cost)
    assert one.world.cost[open_] == pytest.approx(facts.world.cost[open_], rel=1e-12)
    assert one.world.traffic == pytest.approx(facts.world.traffic, rel=1e-9)
    assert one.world.cargo.tonnes == pytest.approx(facts.world.cargo.tonnes, rel=1e-12)
    assert one.world.baseline.flows == pytest.approx(facts.world.baseline.flows, rel=1e-9)
    assert one.tariff == pytest.approx(facts.trade.tariff.mid)
    assert one.paid == pytest.approx(facts.trade.friction.mid)
    found = solve(one.world)
    assert pair_trade(found, *PAIR).value == pytest.approx(TURNOVER, rel=1e-9)
    assert uncertain().middle().world is facts.world


@pytest.mark.parametrize("name", ["border hours", "line opens", "duties", "payment", "rule weight"])
def test_a_measure_on_the_middle_draw_does_what_it_does_on_the_facts(name: str):
    one, two = uncertain().draw(middle_points(), 0), uncertain().middle()
    gains = []
    for world in (one, two):
        found = solve(world.world, world.scenario(taken(name)))
        gains.append(pair_trade(found, *PAIR).value)
    assert gains[0] == pytest.approx(gains[1], rel=1e-8)


@pytest.mark.parametrize("d", range(4))
def test_a_draw_is_a_baseline_of_its_own(d: int):
    found = solve(drawn(d).world)
    assert found.converged
    assert found.iterations == 1
    a, b = (coupled().trade.position(z) for z in PAIR)
    start = drawn(d).world.baseline.flows[:, [a, b], [b, a]].sum()
    assert pair_trade(found, *PAIR).value == pytest.approx(start, rel=1e-9)
    assert np.array_equal(np.isinf(drawn(d).world.cost), np.isinf(coupled().world.cost))


def test_the_turnover_has_the_range_it_was_given():
    over = np.array([uncertain().factor(points(), d, "turnover") for d in range(N)])
    assert 0.9 < np.median(over) < 1.1
    low, high = (uncertain().draw(middle_points(turnover=p), 0) for p in (0.1, 0.9))
    for world, factor in ((low, 0.9), (high, 1.1)):
        value = pair_trade(solve(world.world), *PAIR).value
        assert value == pytest.approx(factor * TURNOVER, rel=1e-6)
        # Only the pair's trade and tonnes move.
        tonnes, usual = world.world.cargo.tonnes, coupled().world.cargo.tonnes
        a, b = (coupled().trade.position(z) for z in PAIR)
        assert tonnes[:, [a, b], [b, a]] == pytest.approx(factor * usual[:, [a, b], [b, a]])
        moved = ~np.isclose(tonnes, usual)
        moved[:, [a, b], [b, a]] = False
        assert not moved.any()


def test_scenarios_share_the_errors_of_a_draw():
    """What a draw adds to routes is the same with and without a measure that opens nothing."""
    world = drawn(2)
    plain = world.scenario(None)
    assert plain.cost is None
    capacity = world.scenario(taken("border capacity"))
    assert np.array_equal(capacity.cost, world.world.cost)
    weight = world.scenario(taken("rule weight"))
    middle = uncertain().middle()
    open_ = np.isfinite(world.world.cost)
    told = weight.cost[open_] - world.world.cost[open_]
    usual = middle.scenario(taken("rule weight")).cost[open_] - middle.world.cost[open_]
    assert told == pytest.approx(usual, abs=1e-9)


def test_one_more_source_or_draw_order_changes_no_draw():
    more = Draws.latin((*uncertain().names, "kept:M1"), N, 7)
    again = uncertain().draw(more, 3)
    assert np.array_equal(again.world.cost, drawn(3).world.cost)
    assert np.array_equal(again.world.baseline.flows, drawn(3).world.baseline.flows)
    other = Uncertain(coupled(), PAIR, (0.9, 1.1)).draw(points(), 3)
    assert np.array_equal(other.world.cost, drawn(3).world.cost)


def test_common_draws_make_differences_surer():
    """A gain varies less between draws than trade does, since a draw's errors fall out."""
    gains, trade = [], []
    for d in range(N):
        before = pair_trade(solve(drawn(d).world), *PAIR).value
        after = solve(drawn(d).world, drawn(d).scenario(taken("payment")))
        gains.append(pair_trade(after, *PAIR).value - before)
        trade.append(before)
    assert min(gains) > 0
    unpaired = np.sqrt(2) * np.std(trade)
    assert np.std(gains) < unpaired


def test_errors_on_arcs_are_those_of_routes():
    """The cost of a route in a draw, added up by hand over its arcs."""
    facts, world = coupled(), drawn(1)
    network, sets = facts.session.network, facts.model.routes.sets
    part = parts_of(network)
    hours, money = (
        np.array([uncertain().factor(points(), 1, n) for n in names]) for names in (HOURS, MONEY)
    )
    worth = uncertain().factor(points(), 1, "time_value")
    c = 2
    one = facts.model.classes[c]
    pricing = facts.session.pricing(one.commodity, one.unit, facts.on)
    costs = pricing.costs
    own = costs.mean_hours() + pricing.cargo.reliability_ratio * costs.hours_spread()
    extra = (worth * hours[part.hours] - 1) * own * pricing.cargo.usd_per_t_hour
    from entrepot.cost.arcs import BORDER, HANDLING, HAULAGE

    extra += (money[part.haul] - 1) * costs.money[HAULAGE]
    extra += (money[3] - 1) * costs.money[HANDLING] + (money[4] - 1) * costs.money[BORDER]
    assert world.errors[c] == pytest.approx(route_cost(sets, extra), rel=1e-9, abs=1e-9)


def test_cut_hours_are_longer_where_hours_are():
    """Ten hours that a draw makes twelve are saved as twelve."""
    world = uncertain().draw(middle_points(border=0.9), 0)
    over = uncertain().spread["border"][1]
    open_ = np.isfinite(coupled().world.cost)
    saved, usual = (
        w.scenario(taken("border hours")).cost[open_] - w.world.cost[open_]
        for w in (world, uncertain().middle())
    )
    assert usual.min() < -1
    assert saved == pytest.approx(over * usual, rel=1e-9, abs=1e-9)


def test_what_payment_costs_scales_what_payment_saves():
    """Six tenths of a friction are six tenths of what it is in the draw."""
    world = uncertain().draw(middle_points(payment=0.9), 0)
    usual = coupled().trade.friction.mid
    a, b = (coupled().trade.position(z) for z in PAIR)
    assert (world.paid[:, a, b] > usual[:, a, b]).all()
    wedge = world.scenario(taken("payment")).wedge
    paid = world.paid[:, a, b]
    assert wedge[:, a, b] == pytest.approx((1 + 0.6 * paid) / (1 + paid), rel=1e-12)
    wedge[:, [a, b], [b, a]] = 1.0
    assert (wedge == 1.0).all()


def test_duties_fall_from_those_of_the_draw():
    world = uncertain().draw(middle_points(duty=0.9), 0)
    assert (world.tariff >= coupled().trade.tariff.mid).all()
    told = world.scenario(taken("duties")).tariff
    cut = taken("duties").tariff
    assert told == pytest.approx(np.maximum(world.tariff + cut, 0))
    assert np.array_equal(world.world.baseline.tariff, world.tariff)
