"""Other facts on a session that is open already: the same prices as one opened on them."""

from __future__ import annotations

import numpy as np
import pytest

from entrepot.facts.change import Change, apply
from entrepot.facts.world import World
from entrepot.flows.route_sets import find_route_sets
from entrepot.routes.cargo_class import all_classes
from entrepot.routes.session import Pricing, Session
from tests.equilibrium.coupled_worlds import facts
from tests.questions.promised_worlds import DAY, DUTIES, MORE, NEW_LINE, PAYMENT, SETS, change

LONGER = (change("links", "alpha-post_a:rail", "length_km", "scale", 1.2),)
RAILWAY = (change("nodes", "beta", "rail_road", "set", "no"),)
PARTS = ("hours", "money", "co2e", "usable")


@pytest.fixture(scope="module")
def world() -> World:
    return facts(**MORE)


@pytest.fixture(scope="module")
def opened(world: World) -> Session:
    """A session that has been asked already, so that it has something to keep."""
    session = Session.open(world)
    for one in all_classes(world):
        session.pricing(one.commodity, one.unit, DAY)
        session.pricing(one.commodity, one.unit, DAY, planned=True)
    assert session.kinds is not None
    assert session.reverse is not None
    return session


def rules(pricing: Pricing) -> list[tuple[object, ...]]:
    return [
        (r.row, r.rule_id, r.acts, r.quantity, r.value, r.arcs.tolist(), r.origins, r.destinations)
        for r in pricing.rulebook.rules
    ]


def assert_alike(one: Session, other: Session) -> None:
    """Every price and rule, bit for bit."""
    for cargo in all_classes(one.world):
        for planned in (False, True):
            a, b = (s.pricing(cargo.commodity, cargo.unit, DAY, planned) for s in (one, other))
            assert a.cargo == b.cargo
            for part in PARTS:
                assert np.array_equal(getattr(a.costs, part), getattr(b.costs, part)), part
            assert np.array_equal(a.overall, b.overall)
            assert np.array_equal(a.costs.hours_spread(), b.costs.hours_spread())
            assert rules(a) == rules(b)
    for name in ("indptr", "head", "km", "operating", "planned", "opened_year", "parameter"):
        assert np.array_equal(getattr(one.network, name), getattr(other.network, name)), name


@pytest.mark.parametrize("name", SETS)
def test_prices_are_those_of_a_session_opened_on_the_changed_facts(opened: Session, name: str):
    changed = apply(opened.world, SETS[name])
    quick = opened.on_facts(changed)
    assert_alike(quick, Session.open(changed))
    # A second change on top of the first, and back again.
    assert_alike(quick.on_facts(opened.world), opened)


@pytest.mark.parametrize("name", SETS)
def test_what_a_change_does_not_touch_is_kept(opened: Session, name: str):
    quick = opened.on_facts(apply(opened.world, SETS[name]))
    tables = {c.table for c in SETS[name]}
    assert quick.network.head is opened.network.head
    assert quick._arcs is opened._arcs
    if "parameters" not in tables:
        assert quick.kinds is opened.kinds
        assert quick.reverse is opened.reverse
        assert quick.closures is opened.closures
    states = {"status", "opened_year"} & {c.column for c in SETS[name]}
    assert (quick.network is opened.network) == (not states)
    kept = not tables & {"passage_rules", "parameters"}
    assert (quick._rulebooks is opened._rulebooks) == kept
    # What was priced before is not taken for the new facts.
    assert quick._pricing is not opened._pricing
    assert quick._carriage is not opened._carriage


@pytest.mark.parametrize("changes", [DUTIES, PAYMENT])
def test_tables_of_trade_touch_nothing_of_a_session(opened: Session, changes: tuple[Change, ...]):
    quick = opened.on_facts(apply(opened.world, changes))
    assert quick.network is opened.network
    assert quick._rulebooks is opened._rulebooks
    assert_alike(quick, opened)


def test_what_only_people_read_touches_nothing(opened: Session):
    raw = {n: dict(t) for n, t in opened.world.raw.items()}
    for name in ("nodes", "links", "transfers", "border_crossings", "services"):
        raw[name]["note"] = ["read again"] * len(next(iter(raw[name].values())))
    quick = opened.on_facts(World(raw, opened.world.meta))
    assert quick.network is opened.network
    assert quick.closures is opened.closures
    assert quick._rulebooks is opened._rulebooks


def test_a_kind_of_value_that_scales_hours_is_priced_again(opened: Session):
    crossing = "post_a,post_b,rail"
    known = apply(
        opened.world, (change("border_crossings", crossing, "value_kind", "set", "assumed"),)
    )
    quick = opened.on_facts(known)
    assert quick.network is opened.network
    assert_alike(quick, Session.open(known))
    a, b = (s.pricing("cereals", "t", DAY).costs.hours for s in (quick, opened))
    assert not np.array_equal(a, b)


def test_a_longer_line_is_another_network(opened: Session):
    changed = apply(opened.world, LONGER)
    quick = opened.on_facts(changed)
    assert quick.network is not opened.network
    assert not np.array_equal(quick.network.km, opened.network.km)
    assert_alike(quick, Session.open(changed))


def test_a_column_that_names_a_row_is_another_network(opened: Session):
    # The crossing of the second railway is now that of its road, which has none: back to defaults.
    raw = {n: {c: list(v) for c, v in t.items()} for n, t in opened.world.raw.items()}
    crossing = raw["border_crossings"]
    row = crossing["node_a_id"].index("post_c")
    crossing["mode"][row] = "road"
    changed = World(raw, opened.world.meta)
    quick = opened.on_facts(changed)
    assert quick.network is not opened.network
    assert_alike(quick, Session.open(changed))


def test_routes_of_another_network_are_those_of_a_session_opened_on_it(opened: Session):
    changed = apply(opened.world, RAILWAY)
    quick, fresh = opened.on_facts(changed), Session.open(changed)
    assert quick.network.n_arc != opened.network.n_arc
    one, two = find_route_sets(quick, DAY), find_route_sets(fresh, DAY)
    assert np.array_equal(one.sets.arcs, two.sets.arcs)
    assert np.array_equal(one.sets.first, two.sets.first)
    assert len(quick.kinds.read(one.sets.start, one.sets.arcs).row) == one.sets.n_route
    assert quick.reverse[0][-1] == quick.network.n_arc


def test_habits_and_limits_follow_the_parameters(opened: Session):
    changed = apply(
        opened.world,
        (
            change("parameters", "route_dispersion", "value", "scale", 0.5),
            change("parameters", "max_routes", "value", "set", 2),
        ),
    )
    quick, fresh = opened.on_facts(changed), Session.open(changed)
    assert quick.dispersion == fresh.dispersion
    assert quick.limits == fresh.limits
    one, two = find_route_sets(quick, DAY), find_route_sets(fresh, DAY)
    assert np.array_equal(one.sets.arcs, two.sets.arcs)


def test_the_first_session_stays_as_it_is(world: World):
    session = Session.open(world)
    before = session.pricing("cereals", "t", DAY).overall.copy()
    operating = session.network.operating.copy()
    for changes in SETS.values():
        quick = session.on_facts(apply(world, changes))
        quick.pricing("cereals", "t", DAY)
    assert np.array_equal(session.pricing("cereals", "t", DAY).overall, before)
    assert np.array_equal(session.network.operating, operating)
    fresh = Session.open(world)
    assert np.array_equal(fresh.pricing("cereals", "t", DAY).overall, before)


def test_ways_that_open_beside_are_in_the_sets(opened: Session):
    beside = opened.on_facts(apply(opened.world, SETS["line opens"]))
    network = opened.network
    new = network.link == network.link_id.index(NEW_LINE)
    without = find_route_sets(opened, DAY).sets
    found = find_route_sets(opened, DAY, beside=beside).sets
    assert not new[without.arcs].any()
    assert new[found.arcs].any()
    # Those known without are all among them, pair by pair.
    for p in range(without.n_pair):
        one, two = (
            {_route(s, r) for r in range(s.first[p], s.first[p + 1])} for s in (without, found)
        )
        assert one <= two


def _route(sets, r: int) -> tuple[int, ...]:  # type: ignore[no-untyped-def]
    return tuple(sets.arcs[sets.start[r] : sets.start[r + 1]].tolist())
