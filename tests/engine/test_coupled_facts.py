"""What changes of the facts make of a coupled world."""

from __future__ import annotations

import numpy as np
import pytest

from entrepot.engine.coupled_facts import CoupledFacts
from entrepot.engine.lower import lower
from entrepot.equilibrium.coupled import Scenario
from entrepot.equilibrium.loop import solve
from entrepot.equilibrium.objectives import pair_trade
from entrepot.errors import BadInputError, UsageError
from entrepot.facts.change import Change, apply
from entrepot.flows.route_cache import OFF, VARIABLE
from entrepot.network.graph import ArcKind
from entrepot.routes.session import Session
from entrepot.trade.world.trade_world import TradeWorld
from tests.questions.promised_worlds import (
    DAY,
    DUTIES,
    NEW_LINE,
    OPENED,
    PAIR,
    PAYMENT,
    SETS,
    TURNOVER,
    base,
    change,
    coupled,
    session,
)

COSTLY = [n for n in SETS if "capacity" not in n]
KEYS = {
    "trade_totals": ("AAA,BBB", "value_musd"),
    "trade_by_commodity": ("AAA,BBB,cereals", "value_musd"),
    "internal_trade": ("AAA", "from_goods_output_musd"),
    "zones": ("AAA", "gdp_musd"),
    "commodities": ("cereals", "usd_per_t"),
    "pipeline_shares": ("AAA,BBB,cereals", "share"),
    "elasticity_estimates": ("cereals,one", "theta"),
}


def parts(scenario: Scenario) -> set[str]:
    return {
        n
        for n in ("cost", "wedge", "tariff", "capacity", "limit")
        if getattr(scenario, n) is not None
    }


def trade(found) -> float:  # type: ignore[no-untyped-def]
    return pair_trade(found, *PAIR).value


def test_the_turnover_is_the_one_asked_for():
    assert trade(base()) == pytest.approx(TURNOVER, rel=1e-12)
    assert base().converged
    assert base().iterations == 1


def test_no_change_moves_nothing():
    lowered = lower(coupled(), ())
    scenario, after = lowered.scenario, lowered.session
    assert parts(scenario) == set()
    assert after is session()
    found = solve(coupled().world, scenario)
    assert np.array_equal(found.point.traffic, base().point.traffic)
    assert np.array_equal(found.point.trade.flows, base().point.trade.flows)


@pytest.mark.parametrize("value", ["set", "add", "scale"])
def test_changes_that_change_nothing_move_nothing_bit_for_bit(value: str):
    row = session().world.raw["border_crossings"]
    now = row["hours_p50"][row["node_a_id"].index("post_a")]
    given = {"set": now, "add": "0", "scale": "1"}[value]
    idle = (
        change("border_crossings", "post_a,post_b,rail", "hours_p50", value, given),
        change("tariffs", "AAA,*,*,2020-01-01", "rate", "scale", 1),
        change("payment_friction", "AAA,BBB,*", "share", "scale", 1),
        change("border_crossings", "post_a,post_b,rail", "capacity_mt_per_year", "scale", 1),
    )
    scenario = lower(coupled(), idle).scenario
    assert parts(scenario) <= {"cost"}
    if parts(scenario):
        assert np.array_equal(scenario.cost, coupled().world.cost)
    else:  # the same texts in the same cells: nothing is priced again
        assert value in ("set", "scale")
    found = solve(coupled().world, scenario)
    assert np.array_equal(found.point.trade.flows, base().point.trade.flows)
    assert np.array_equal(found.point.traffic, base().point.traffic)


def test_duties_are_those_of_the_changed_facts():
    scenario = lower(coupled(), DUTIES).scenario
    assert parts(scenario) == {"tariff"}
    a, b = (coupled().trade.position(z) for z in PAIR)
    # Duties of AAA are halved; what BBB takes from AAA falls by ten points where no other row rules.
    assert scenario.tariff[:, a, b] == pytest.approx(0.05)
    goods = coupled().trade.sectors
    left = dict(zip(goods, scenario.tariff[:, b, a], strict=True))
    assert left["cereals"] == pytest.approx(0.05)
    assert left["perishables"] == pytest.approx(0.15)
    assert trade(solve(coupled().world, scenario)) > TURNOVER


def test_payment_alone_is_a_wedge():
    lowered = lower(coupled(), PAYMENT)
    scenario, after = lowered.scenario, lowered.session
    assert parts(scenario) == {"wedge"}
    assert after is session()
    a, b = (coupled().trade.position(z) for z in PAIR)
    assert scenario.wedge[:, a, b] == pytest.approx(1.06 / 1.1)
    moved = scenario.wedge != 1.0
    moved[:, [a, b], [b, a]] = False
    assert not moved.any()
    assert trade(solve(coupled().world, scenario)) > TURNOVER


@pytest.mark.parametrize("name", ["border capacity", "line capacity"])
def test_capacity_alone_moves_no_cost(name: str):
    scenario = lower(coupled(), SETS[name]).scenario
    assert np.array_equal(scenario.cost, coupled().world.cost)
    assert np.sort(np.unique(scenario.capacity)) == pytest.approx(
        sorted({1.0, float(SETS[name][0].value)})
    )
    assert np.count_nonzero(scenario.capacity != 1) == 1
    assert trade(solve(coupled().world, scenario)) > TURNOVER


@pytest.mark.parametrize("name", COSTLY)
def test_costs_are_those_of_a_session_opened_on_the_changed_facts(name: str):
    lowered = lower(coupled(), SETS[name])
    scenario, after = lowered.scenario, lowered.session
    assert parts(scenario) == {"cost"}
    fresh = Session.open(apply(session().world, SETS[name]))
    full = coupled().model.priced(fresh, DAY).total
    assert np.array_equal(np.isinf(scenario.cost), np.isinf(full))
    open_ = np.isfinite(full)
    assert scenario.cost[open_] == pytest.approx(full[open_], rel=1e-12)
    assert not np.array_equal(scenario.cost, coupled().world.cost)
    assert after.world.hash == fresh.world.hash


def test_all_kinds_at_once_are_each_kind():
    every = (*DUTIES, *PAYMENT, *SETS["border hours"], *SETS["border capacity"])
    scenario = lower(coupled(), every).scenario
    assert parts(scenario) == {"cost", "wedge", "tariff", "capacity"}
    assert np.array_equal(scenario.tariff, lower(coupled(), DUTIES).scenario.tariff)
    assert np.array_equal(scenario.wedge, lower(coupled(), PAYMENT).scenario.wedge)
    assert np.array_equal(scenario.cost, lower(coupled(), SETS["border hours"]).scenario.cost)
    assert np.array_equal(
        scenario.capacity, lower(coupled(), SETS["border capacity"]).scenario.capacity
    )


@pytest.mark.parametrize("table", KEYS)
def test_a_change_of_the_baseline_is_refused(table: str):
    row, column = KEYS[table]
    with pytest.raises(UsageError, match=f"change of {table}"):
        lower(coupled(), (*DUTIES, change(table, row, column, "scale", 2)))


def test_what_only_prices_rest_on_may_change_in_any_table():
    """A commodity's loss of value is a price; its value is what trade starts from."""
    changes = (change("commodities", "perishables", "time_value_pct_per_day", "scale", 2),)
    lowered = lower(coupled(), changes)
    scenario, after = lowered.scenario, lowered.session
    assert parts(scenario) == {"cost"}
    fresh = Session.open(apply(session().world, changes))
    full = coupled().model.priced(fresh, DAY).total
    assert np.array_equal(scenario.cost, full)
    assert after.network is session().network
    dearer = [c.commodity == "perishables" for c in coupled().model.classes]
    moved = (scenario.cost > coupled().world.cost).any(axis=1)
    assert moved.tolist() == dearer


def test_legal_flags_and_notes_make_no_scenario():
    with pytest.raises(BadInputError, match="a change of this one changes nothing"):
        lower(coupled(), (change("links", NEW_LINE, "note", "set", "x"),))
    with pytest.raises(UsageError, match="which nobody changes"):
        lower(coupled(), (change("legal_flags", "AAA", "scope", "set", "none"),))


@pytest.mark.parametrize(
    ("table", "row", "column"),
    [
        ("congestion", "border,yes", "exponent"),
        ("corridor_constants", "any", "log_odds"),
    ],
)
def test_a_table_that_would_be_ignored_is_refused(table: str, row: str, column: str):
    with pytest.raises(UsageError, match=f"change of {table}"):
        lower(coupled(), (Change(table, row, column, "set", "2"),))


def test_who_belongs_to_a_group_changes_its_duties(monkeypatch: pytest.MonkeyPatch):
    from tests.equilibrium.coupled_worlds import TABLES, facts
    from tests.questions.promised_worlds import MORE

    tables = {
        **MORE,
        "zone_groups": "group,kind,members,value_kind,source_id\nCLUB,region,BBB,assumed,ASSUMED",
        "tariffs": TABLES["tariffs"]
        + "\n        AAA,CLUB,machinery_electrical,club,2020-01-01,,0,0,0,assumed,ASSUMED",
    }
    monkeypatch.setenv(VARIABLE, OFF)
    own = CoupledFacts.of(Session.open(facts(**tables)), DAY)
    scenario = lower(own, (change("zone_groups", "CLUB", "members", "set", "BBB;CCC"),)).scenario
    assert scenario.tariff is not None
    trade = own.trade
    g, a, c = (
        trade.sectors.index("machinery_electrical"),
        trade.position("AAA"),
        trade.position("CCC"),
    )
    assert trade.tariff.mid[g, a, c] == pytest.approx(0.1)
    assert scenario.tariff[g, a, c] == 0.0


def test_what_cannot_be_changed_is_told():
    with pytest.raises(BadInputError, match="post_a,post_x,rail"):
        lower(coupled(), (change("border_crossings", "post_a,post_x,rail", "hours_p50", "set", 1),))


def on_new_line(facts: CoupledFacts) -> np.ndarray:
    network = facts.session.network
    arcs = (network.link == network.link_id.index(NEW_LINE)) & (network.kind == ArcKind.HAUL)
    sets = facts.model.routes.sets
    route = np.repeat(np.arange(sets.n_route), np.diff(sets.start))
    return np.bincount(route, weights=arcs[sets.arcs], minlength=sets.n_route) > 0


def test_a_line_that_opens_gets_routes_and_traffic():
    facts = coupled()
    new = on_new_line(facts)
    assert new.any()
    assert np.isinf(facts.world.cost[:, new]).all()
    assert base().point.choice.share[:, new].max() == 0.0
    found = solve(facts.world, lower(facts, OPENED).scenario, start=base())
    assert found.converged
    assert np.isfinite(found.scenario.cost[:, new]).any()
    loads = facts.world.response.route_loads(
        found.point.choice, facts.world.inner(found.point.tonnes)
    )
    assert loads[new].sum() > 1000
    assert trade(found) > TURNOVER


def test_a_line_that_opens_without_routes_moves_nothing_and_nothing_breaks():
    facts = coupled(opening=False)
    assert not on_new_line(facts).any()
    scenario = lower(facts, OPENED).scenario
    assert np.array_equal(scenario.cost, facts.world.cost)
    found = solve(facts.world, scenario)
    assert trade(found) == pytest.approx(TURNOVER, rel=1e-12)


def test_routes_beside_do_not_move_the_baseline():
    one, two = coupled(), coupled(opening=False)
    assert one.world.cost.shape[1] > two.world.cost.shape[1]
    assert base(True).point.trade.flows == pytest.approx(base(False).point.trade.flows, rel=1e-12)
    # More routes in a set share arcs with others, so path sizes may differ, but not for closed ones.
    assert one.world.traffic == pytest.approx(two.world.traffic, rel=1e-9)


@pytest.mark.parametrize("day", ["2026-06", "2026", "soon", "2026-13-01"])
def test_a_day_is_needed(day: str):
    with pytest.raises(UsageError, match="Expected a day such as"):
        CoupledFacts.of(session(), day)


def test_the_trade_is_that_of_the_day():
    own = TradeWorld.of_world(
        session().world, detail="commodity", on=coupled().trade.on, pair_values={PAIR: TURNOVER}
    )
    assert np.array_equal(own.flows, coupled().trade.flows)
