"""A change moves the figure in use by exactly its factor, on the shipped world."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from entrepot.dossier import load_dossier
from entrepot.engine.coupled_facts import CoupledFacts
from entrepot.engine.lower import lower
from entrepot.engine.packages import changes_at
from entrepot.equilibrium.coupled import Scenario
from entrepot.equilibrium.loop import Equilibrium, solve
from entrepot.equilibrium.objectives import pair_trade
from entrepot.facts.change import Change
from entrepot.facts.load import load_world
from entrepot.flows.arc_changes import arc_changes
from entrepot.network.graph import ArcKind
from entrepot.questions.between.cost_components import _Draw
from entrepot.questions.between.pair_costs import (
    PARTS,
    PairCosts,
    pair_costs,
)
from entrepot.routes.session import Session
from entrepot.trade.exact.counterfactual import counterfactual
from entrepot.trade.world.wedges import payment_friction, payment_owners
from entrepot.uncertainty.ranges import Range
from entrepot.uncertainty.sampler import Sampler
from tests.questions.promised_worlds import change

PAIR = ("IRN", "KAZ")
DAY = "2024-06-30"
TURNOVER = 340.0
FOOD, OTHER = "IRN,KAZ,cereals;perishables;food_other", "IRN,KAZ,*"
SHARES = ("share", "share_low", "share_high")
HOURS = ("hours_p10", "hours_p50", "hours_p90")
CHARGES = ("usd_per_teu", "usd_per_t")
ROAD = "akyayla,incheh_borun,road"
RAIL = "bolashak,serhetyaka,rail"
FACTORS = (0.3, 0.5, 0.9, 1.25, 2.0)
# Table, rows and columns of what the two may change between themselves.
COSTS = {
    "border hours": ("border_crossings", (RAIL, ROAD), HOURS),
    "border fees": ("border_crossings", (ROAD,), CHARGES),
    "terminals": ("transfers", ("terminal_rail,*",), HOURS),
    "waiting for ships": (
        "services",
        ("aktau_port,anzali,sea,caspian",),
        ("waiting_hours_p10", "waiting_hours_p50", "waiting_hours_p90"),
    ),
    "change of gauge": ("transfers", ("gauge_break,incheh_borun",), (*HOURS, *CHARGES)),
    "haulage": ("modes", ("rail,IRN,container", "rail,TKM,container"), ("usd_per_teu_km", "usd_per_tkm")),
}  # fmt: skip
OTHERS = {
    "papers": ("passage_rules", ("RL_02",), ("effect_value",)),
    "payment": ("payment_friction", (FOOD, OTHER), SHARES),
    "duties": ("tariffs", ("IRN,EAEU,*,2019-10-27", "EAEU,IRN,*,2019-10-27"), ("rate",)),
    "border capacity": ("border_crossings", (RAIL,), ("capacity_mt_per_year",)),
    "line capacity": ("links", ("uzen-bolashak:rail",), ("capacity_mt_per_year",)),
}
# More capacity is better, more of anything else is worse.
BETTER = ("border capacity", "line capacity")


@cache
def facts() -> CoupledFacts:
    return CoupledFacts.of(Session.open(load_world()), DAY, {PAIR: TURNOVER})


@cache
def base() -> Equilibrium:
    return solve(facts().world)


def scaled(name: str, factor: float) -> tuple[Change, ...]:
    table, rows, columns = {**COSTS, **OTHERS}[name]
    return tuple(change(table, row, c, "scale", factor) for row in rows for c in columns)


def payment(row: str, operation: str, value: float) -> tuple[Change, ...]:
    return tuple(change("payment_friction", row, c, operation, value) for c in SHARES)


def traded(changes: tuple[Change, ...]) -> float:
    found = solve(facts().world, lower(facts(), changes).scenario, start=base(), gap=1e-7)
    assert found.converged
    return pair_trade(found, *PAIR).value


def cells(*rows: str) -> np.ndarray:
    """(C, N, N) what rows of payment_friction.csv are about, told from the names in them."""
    trade = facts().trade
    out = np.zeros(trade.friction.mid.shape, dtype=bool)
    for row in rows:
        a, b, goods = row.split(",")
        chosen = trade.sectors if goods == "*" else goods.split(";")
        at = [trade.sectors.index(g) for g in chosen]
        i, j = trade.position(a), trade.position(b)
        out[at, i, j] = out[at, j, i] = True
    return out


@pytest.mark.parametrize("factor", [*FACTORS, 1.0, 0.0])
@pytest.mark.parametrize(
    "rows", [(FOOD, OTHER), ("IRN,RUS,*",), ("KAZ,RUS,*",)], ids=["IRN-KAZ", "IRN-RUS", "KAZ-RUS"]
)
def test_every_factor_moves_payment_by_that_factor(rows: tuple[str, ...], factor: float):
    friction = facts().trade.friction.mid
    scenario = lower(
        facts(), tuple(c for row in rows for c in payment(row, "scale", factor))
    ).scenario
    own = cells(*rows)
    assert (friction[own] > 0).all()
    wedge = np.ones_like(friction) if scenario.wedge is None else scenario.wedge
    wanted = (1 + factor * friction[own]) / (1 + friction[own])
    assert wedge[own] == pytest.approx(wanted, rel=1e-14)
    assert (wedge[~own] == 1.0).all()
    assert scenario.tariff is None
    assert (scenario.wedge is None) == (factor == 1.0)


@pytest.mark.parametrize(("row", "goods"), [(FOOD, True), (OTHER, False)])
def test_a_row_moves_only_the_goods_it_rules(row: str, goods: bool):
    wedge = lower(facts(), payment(row, "scale", 0.5)).scenario.wedge
    assert wedge is not None
    food = cells(FOOD)
    own = food if goods else cells(OTHER) & ~food
    assert np.array_equal(wedge != 1.0, own)


def test_a_general_row_leaves_what_another_row_rules():
    wedge = lower(facts(), payment("AFG,*,*", "scale", 0.5)).scenario.wedge
    assert wedge is not None
    a = facts().trade.position("AFG")
    own = np.zeros_like(wedge, dtype=bool)
    own[:, a, :] = own[:, :, a] = True
    own[:, a, a] = False
    assert np.array_equal(wedge != 1.0, own)


def test_set_replaces_and_add_adds_to_the_friction_in_use():
    friction, own = facts().trade.friction.mid, cells(OTHER) & ~cells(FOOD)
    put = lower(facts(), payment(OTHER, "set", 0.07)).scenario.wedge
    assert put[own] == pytest.approx(1.07 / (1 + friction[own]), rel=1e-14)
    more = lower(facts(), payment(OTHER, "add", 0.02)).scenario.wedge
    assert more[own] == pytest.approx((1.02 + friction[own]) / (1 + friction[own]), rel=1e-14)
    twice = (*payment(OTHER, "add", 0.02), *payment(OTHER, "scale", 0.5))
    both = lower(facts(), twice).scenario.wedge
    assert both[own] == pytest.approx((1 + (0.02 + friction[own]) / 2) / (1 + friction[own]))


@pytest.mark.parametrize("column", ["share_low", "share_high"])
def test_published_bounds_alone_move_nothing(column: str):
    rows = tuple(change("payment_friction", r, column, "scale", 0.9) for r in (FOOD, OTHER))
    assert lower(facts(), rows).scenario.wedge is None


def test_a_row_that_rules_others_afterwards_brings_its_published_share():
    moved = (change("payment_friction", "IRN,RUS,*", "zone_b", "set", "GEO"),)
    wedge, friction = lower(facts(), moved).scenario.wedge, facts().trade.friction.mid
    i, r, g = (facts().trade.position(z) for z in ("IRN", "RUS", "GEO"))
    assert wedge[:, i, g] == pytest.approx(1.05)
    assert wedge[:, r, i] == pytest.approx(1 / (1 + friction[:, r, i]))
    wedge[:, [i, g, i, r], [g, i, r, i]] = 1.0
    assert (wedge == 1.0).all()


def test_owners_are_those_that_the_bounds_come_from():
    trade, world = facts().trade, load_world()
    owner = payment_owners(world, trade.places, trade.folding.commodities)
    share = world.table("payment_friction")["share"].to_numpy(dtype=float)
    wanted = payment_friction(world, trade.places, trade.folding.commodities).mid
    assert np.array_equal(np.where(owner < 0, 0.0, share[owner]), wanted)


@pytest.mark.parametrize("factor", FACTORS)
@pytest.mark.parametrize("name", COSTS)
def test_every_factor_moves_hours_and_charges_by_that_factor(name: str, factor: float):
    """What a factor of two adds is all that a row puts on an arc."""
    session, model = facts().session, facts().model
    found, whole = (
        arc_changes(model, session, lower(facts(), scaled(name, f)).session) for f in (factor, 2.0)
    )
    for unit, change_of in whole.items():
        assert np.array_equal(found[unit].arcs, change_of.arcs)
        assert found[unit].hours == pytest.approx((factor - 1) * change_of.hours, abs=1e-9)
        assert found[unit].money == pytest.approx((factor - 1) * change_of.money, abs=1e-9)
    assert any(len(c.arcs) for c in whole.values())


@pytest.mark.parametrize("factor", FACTORS)
@pytest.mark.parametrize("name", ["papers", "border hours", "waiting for ships"])
def test_every_factor_moves_costs_of_routes_by_that_factor(name: str, factor: float):
    cost = facts().world.cost
    open_ = np.isfinite(cost)
    found, whole = (lower(facts(), scaled(name, f)).scenario.cost for f in (factor, 2.0))
    assert np.array_equal(np.isfinite(found), open_)
    more, all_ = found[open_] - cost[open_], whole[open_] - cost[open_]
    assert all_.max() > 1
    assert all_.min() > -1e-6
    assert more == pytest.approx((factor - 1) * all_, abs=1e-6)


@pytest.mark.parametrize("factor", FACTORS)
def test_every_factor_on_speed_divides_the_hours_of_movement(factor: float):
    rail = ("rail,TKM,container", "rail,IRN,container")
    faster = tuple(change("modes", r, "speed_kmh", "scale", factor) for r in rail)
    after = lower(facts(), faster).session
    moved = arc_changes(facts().model, facts().session, after)["teu"]
    network = facts().session.network
    assert len(moved.arcs)
    assert (network.kind[moved.arcs] == ArcKind.HAUL).all()
    # Hours go with one over the speed, and so does all else that comes with them.
    slow = lower(
        facts(), tuple(change("modes", r, "speed_kmh", "scale", 0.5) for r in rail)
    ).session
    whole = arc_changes(facts().model, facts().session, slow)["teu"]
    assert np.array_equal(moved.arcs, whole.arcs)
    assert moved.hours == pytest.approx((1 / factor - 1) * whole.hours, rel=1e-9)


def test_what_a_crossing_takes_is_all_that_its_hours_are():
    session, model = facts().session, facts().model
    whole = arc_changes(model, session, lower(facts(), scaled("border hours", 2.0)).session)
    for one in model.classes:
        priced = session.pricing(one.commodity, one.unit, DAY)
        now = (
            priced.costs.mean_hours() + priced.cargo.reliability_ratio * priced.costs.hours_spread()
        )
        assert whole[one.unit].hours == pytest.approx(now[whole[one.unit].arcs])


@pytest.mark.parametrize("factor", FACTORS)
def test_every_factor_moves_duties_by_that_factor(factor: float):
    trade = facts().trade
    scenario = lower(facts(), scaled("duties", factor)).scenario
    a, b = (trade.position(z) for z in PAIR)
    for n, i in ((a, b), (b, a)):
        assert (trade.tariff.mid[:, n, i] > 0).all()
        assert scenario.tariff[:, n, i] == pytest.approx(factor * trade.tariff.mid[:, n, i])
    assert scenario.wedge is None
    assert scenario.cost is None


@pytest.mark.parametrize("factor", FACTORS)
@pytest.mark.parametrize("name", BETTER)
def test_every_factor_moves_capacity_by_that_factor(name: str, factor: float):
    scenario = lower(facts(), scaled(name, factor)).scenario
    moved = scenario.capacity[scenario.capacity != 1]
    assert len(moved) > 0
    assert moved == pytest.approx(factor)
    assert np.array_equal(scenario.cost, facts().world.cost)


def test_duties_leave_payment_and_payment_leaves_duties():
    both = lower(facts(), (*scaled("duties", 0.5), *scaled("payment", 0.5))).scenario
    assert np.array_equal(both.tariff, lower(facts(), scaled("duties", 0.5)).scenario.tariff)
    assert np.array_equal(both.wedge, lower(facts(), scaled("payment", 0.5)).scenario.wedge)
    assert both.cost is None


@pytest.mark.slow
@pytest.mark.parametrize("name", [*COSTS, *OTHERS])
def test_the_trade_of_the_pair_goes_one_way_with_size(name: str):
    before = pair_trade(base(), *PAIR).value
    found = np.array([traded(scaled(name, f)) for f in (0.3, 0.5, 0.9, 1.0, 1.25, 2.0)])
    assert found[3] == pytest.approx(before, rel=1e-9)
    # What the pair does not feel moves by less than the solution is told to.
    near = 1e-6 * before
    steps = np.diff(found) * (1 if name in BETTER else -1)
    assert (steps > -near).all(), found - before
    assert abs(found[-1] - found[0]) > near, found - before


@pytest.mark.parametrize("name", [*COSTS, *OTHERS])
def test_a_factor_of_one_is_the_baseline_bit_for_bit(name: str):
    found = solve(facts().world, lower(facts(), scaled(name, 1.0)).scenario)
    assert np.array_equal(found.point.trade.flows, base().point.trade.flows)
    assert np.array_equal(found.point.traffic, base().point.traffic)


def test_measures_on_payment_have_the_sign_of_what_they_do():
    dossier = load_dossier("iran-kazakhstan", load_world())
    touching = [m for m in dossier.measures if any(c.table == "payment_friction" for c in m.change)]
    assert {m.theme for m in touching} == {"payment", "setbacks"}
    before = pair_trade(base(), *PAIR).value
    for m in touching:
        changes = tuple(c for c in changes_at([m], {}, DAY) if c.table == "payment_friction")
        moved = traded(changes) - before
        assert moved < -10 if m.theme == "setbacks" else moved > 10, m.id


@cache
def middle_costs() -> PairCosts:
    """What separates the pair, good by good, with every source of doubt at its middle."""
    trade = facts().trade
    costs = pair_costs(facts().session, trade, PAIR, DAY, Sampler(1, 4))
    directions = []
    for one in costs.directions:
        n, i = trade.position(one.importer), trade.position(one.exporter)
        parts = {p: np.median(one.parts[p], axis=0)[None] for p in PARTS[:-1]}
        parts["duty"] = trade.tariff.mid[trade.folding.of, n, i][None]
        parts["payment"] = trade.friction.mid[trade.folding.of, n, i][None]
        directions.append(replace(one, parts=parts))
    return replace(costs, directions=tuple(directions), theta=trade.elasticity.mid[None])


def test_clearing_is_the_lever_of_half_the_payment():
    """On the same elasticities, duties, goods and transport costs; draws are left at their middle."""
    dossier = load_dossier("iran-kazakhstan", load_world())
    clearing = next(m for m in dossier.measures if m.theme == "payment" and m.change)
    wedge = lower(facts(), changes_at([clearing], {}, DAY)).scenario.wedge
    assert wedge is not None
    trade, costs = facts().trade, middle_costs()
    zero = Range.filled(trade.tariff.mid.shape)
    draw = _Draw(costs, 0, zero)
    lever = draw.gained(draw.solve("payment", 0.5))[0]
    only = np.ones_like(wedge)
    for one, moved in zip(costs.directions, draw.moved, strict=True):
        at = (trade.position(one.importer), trade.position(one.exporter))
        only[:, *at] = np.where(moved, wedge[:, *at], 1.0)
    told = draw.gained(counterfactual(draw.baseline, cost_hat=only, tol=1e-9))[0]
    assert lever > 50
    assert told == pytest.approx(lever, rel=1e-6)
    # All goods, and transport that answers: small beside what paying does.
    answered = solve(facts().world, Scenario(wedge=wedge), start=base(), gap=1e-7)
    full = pair_trade(answered, *PAIR).value - TURNOVER
    assert full == pytest.approx(lever, rel=0.05)
