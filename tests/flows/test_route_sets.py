"""Sets of all pairs: by hand, against the one-pair path, and their laws."""

from __future__ import annotations

import numpy as np
import pytest

from entrepot.errors import UsageError
from entrepot.facts.world import World
from entrepot.flows import route_sets
from entrepot.flows.flow_model import FlowModel
from entrepot.flows.route_sets import NetworkRoutes, find_route_sets
from entrepot.kernels.choice.route_choice import choose
from entrepot.routes.cargo_class import all_classes
from entrepot.routes.choice import shares_of
from entrepot.routes.evaluate import (
    generalised_cost,
    penalty,
    rule_effect,
)
from entrepot.routes.find import find_routes
from entrepot.routes.hubs import HubPairs
from entrepot.routes.query import Candidate, RouteQuery, RouteSet
from entrepot.routes.session import Session
from tests.flows.flow_worlds import BOX, RULE_COLUMNS, only, without_constants, zone_world

ZONES = ("KAZ", "IRN", "RUS", "POL", "PAK", "IND", "AFG", "ROW", "ESP")


@pytest.fixture(scope="module")
def few(shipped: World) -> Session:
    return Session.open(without_constants(only(shipped, ZONES)))


@pytest.fixture(scope="module")
def found(few: Session) -> NetworkRoutes:
    return find_route_sets(few)


@pytest.fixture(scope="module")
def model(few: Session, found: NetworkRoutes) -> FlowModel:
    return FlowModel.on_sets(few, found, all_classes(few.world))


def paths_of(routes: NetworkRoutes, pair: int) -> list[tuple[int, ...]]:
    sets = routes.sets
    return [
        tuple(sets.arcs[sets.start[r] : sets.start[r + 1]].tolist())
        for r in range(sets.first[pair], sets.first[pair + 1])
    ]


def by_name(routes: NetworkRoutes) -> dict[tuple[str, str, str, str], list[tuple[int, ...]]]:
    pairs = routes.pairs
    return {
        (
            pairs.zones[pairs.exporter[p]],
            pairs.nodes[pairs.origin[p]],
            pairs.zones[pairs.importer[p]],
            pairs.nodes[pairs.destination[p]],
        ): paths_of(routes, p)
        for p in range(pairs.n_pair)
    }


def test_pairs_and_sets_by_hand() -> None:
    session = Session.open(zone_world())
    routes = find_route_sets(session, classes=BOX)
    named = {(a, b): paths for (_, a, _, b), paths in by_name(routes).items()}
    assert list(named)[:3] == [("alpha", "beta"), ("alpha", "gamma"), ("alpha", "isle")]
    assert ("beta", "gamma") not in named  # inside a zone
    assert len(named) == 10
    assert {k for k, v in named.items() if not v} == {
        *(("isle", b) for b in ("alpha", "beta", "gamma")),
        *((a, "isle") for a in ("alpha", "beta", "gamma")),
    }
    unreached = [(routes.pairs.origin[p], routes.pairs.destination[p]) for p in routes.unreached]
    assert len(unreached) == 6
    modes = session.network.mode
    choice = {frozenset(modes[list(p)].tolist()) - {-1} for p in named["alpha", "beta"]}
    assert choice == {frozenset({0}), frozenset({2})}  # rail and sea
    np.testing.assert_allclose(routes.pairs.weight, [1, 0.75, 0.25, 1])


def test_one_class_has_the_sets_and_shares_of_the_one_pair_path() -> None:
    session = Session.open(zone_world())
    routes = find_route_sets(session, classes=BOX)
    own = FlowModel.on_sets(session, routes, BOX)
    share = choose(routes.sets, own.bases[0], own.baseline.total[0]).share
    for p in range(routes.pairs.n_pair):
        ends = (
            routes.pairs.nodes[routes.pairs.origin[p]],
            routes.pairs.nodes[routes.pairs.destination[p]],
        )
        asked = find_routes(session.world, RouteQuery(*ends, unit="teu"), session=session)
        assert sorted(c.path for c in asked.candidates) == sorted(paths_of(routes, p))
        wanted = {c.path: s for c, s in zip(asked.candidates, shares_of(asked)[0], strict=True)}
        first = routes.sets.first[p]
        for i, path in enumerate(paths_of(routes, p)):
            assert share[first + i] == pytest.approx(wanted[path], rel=1e-12)


def test_costs_are_those_of_each_route_alone(few: Session, model: FlowModel) -> None:
    """Rules, generalised cost and penalty of random pairs and classes, route by route."""
    draw = np.random.default_rng(4)
    pairs, sets = model.routes.pairs, model.routes.sets
    touched = {"closed": 0, "habit": 0, "extra": 0}
    for p in draw.permutation(pairs.n_pair)[:60]:
        origin, destination = pairs.zones[pairs.exporter[p]], pairs.zones[pairs.importer[p]]
        paths = paths_of(model.routes, p)
        for c in draw.choice(len(model.classes), 6, replace=False):
            one = model.classes[c]
            pricing = few.pricing(one.commodity, one.unit, None)
            passage = pricing.rulebook.passage(origin, destination)
            shut = passage.closed | ~pricing.costs.usable
            is_open = [not shut[list(path)].any() for path in paths]
            effects = [rule_effect(few.network, pricing.costs, passage, path) for path in paths]
            cost = np.array(
                [
                    generalised_cost(pricing.costs, pricing.overall, path, e) if ok else np.inf
                    for path, e, ok in zip(paths, effects, is_open, strict=True)
                ]
            )
            own = slice(sets.first[p], sets.first[p + 1])
            np.testing.assert_allclose(model.parts[c].without_habit[own], cost, rtol=1e-9)
            least = cost.min(initial=np.inf)
            assert model.bases[c].least[p] == pytest.approx(least, rel=1e-9)
            if not np.isfinite(least):
                continue
            whole = cost + penalty(effects, float(least), few.dispersion)
            np.testing.assert_allclose(model.baseline.total[c][own], whole, rtol=1e-9)
            touched["closed"] += is_open.count(False)
            touched["habit"] += sum(e.weight < 1 for e in effects)
            touched["extra"] += sum(bool(e.hours or e.charges or e.load) for e in effects)
    assert min(touched.values()) > 20  # the sample meets every kind of rule


def test_shares_are_those_of_the_open_routes_alone(few: Session, model: FlowModel) -> None:
    """The logit of `choice.shares_of` on the routes of a class, routes of others left out."""
    pairs, sets = model.routes.pairs, model.routes.sets
    for c in (0, 1, 2, 17):
        one = model.classes[c]
        share = choose(sets, model.bases[c], model.baseline.total[c]).share
        for p in range(0, pairs.n_pair, 17):
            ends = (pairs.nodes[pairs.origin[p]], pairs.nodes[pairs.destination[p]])
            codes = (pairs.zones[pairs.exporter[p]], pairs.zones[pairs.importer[p]])
            own = np.arange(sets.first[p], sets.first[p + 1])
            goes = np.isfinite(model.baseline.total[c][own])
            if pairs.same[p] or not goes.any():
                assert not share[own].any()
                continue
            asked = find_routes(few.world, RouteQuery(*ends, one.commodity, one.unit), session=few)
            pricing = asked.pricing
            passage = pricing.rulebook.passage(*codes)
            kept = []
            for r, path in zip(own, paths_of(model.routes, p), strict=True):
                effect = rule_effect(few.network, pricing.costs, passage, path)
                kept.append(Candidate(path, float(model.parts[c].without_habit[r]), effect))
            some = RouteSet(
                asked.query, few, pricing, passage, asked.origin, asked.destination,
                tuple(k for k, ok in zip(kept, goes, strict=True) if ok), "found", "", (),
            )  # fmt: skip
            np.testing.assert_allclose(share[own][goes], shares_of(some)[0], rtol=1e-9)
            assert not share[own][~goes].any()


def test_what_one_pair_can_reach_all_pairs_reach(few: Session, model: FlowModel) -> None:
    """Open to a class here exactly where the one-pair path finds a way, and as cheap."""
    draw, pairs = np.random.default_rng(8), model.routes.pairs
    closed = 0
    for p in draw.permutation(np.flatnonzero(~pairs.same))[:40]:
        a, b = pairs.nodes[pairs.origin[p]], pairs.nodes[pairs.destination[p]]
        if "ROW" in (pairs.zones[pairs.exporter[p]], pairs.zones[pairs.importer[p]]):
            continue  # its gateways lie in other countries, to which other rules apply
        for c in draw.choice(len(model.classes), 4, replace=False):
            one = model.classes[c]
            asked = find_routes(few.world, RouteQuery(a, b, one.commodity, one.unit), session=few)
            least = min((k.cost for k in asked.candidates), default=np.inf)
            assert np.isfinite(model.bases[c].least[p]) == np.isfinite(least)
            closed += not np.isfinite(least)
            if np.isfinite(least):
                assert model.bases[c].least[p] <= 1.001 * least
    assert closed


def test_gateways_of_the_rest_of_the_world_are_listed(found: NetworkRoutes) -> None:
    pairs = found.pairs
    assert pairs.same.sum() == 2
    assert set(np.flatnonzero(pairs.same)) <= set(found.unreached)
    assert not np.diff(found.sets.first)[pairs.same].any()


def test_order_of_zones_moves_nothing(shipped: World, found: NetworkRoutes) -> None:
    names = ("IND", "KAZ", "POL", "IRN")
    turned = find_route_sets(Session.open(only(shipped, names)))
    assert turned.pairs.zones == names
    whole = by_name(found)
    for key, paths in by_name(turned).items():
        assert paths == whole[key]


def test_no_route_stands_twice_and_all_hang_together(few: Session, found: NetworkRoutes) -> None:
    net, pairs = few.network, found.pairs
    for p in range(pairs.n_pair):
        paths = paths_of(found, p)
        assert len(set(paths)) == len(paths)
        for path in paths:
            arcs = np.array(path)
            assert net.tail[arcs[0]] == net.origin(pairs.nodes[pairs.origin[p]])
            assert net.head[arcs[-1]] == net.destination(pairs.nodes[pairs.destination[p]])
            assert (net.head[arcs[:-1]] == net.tail[arcs[1:]]).all()


def test_any_number_of_processes_gives_the_same(shipped: World) -> None:
    session = Session.open(only(shipped, ("KAZ", "IRN", "ARM")))
    one, two = find_route_sets(session), find_route_sets(session, jobs=2)
    for name in ("first", "start", "arcs"):
        np.testing.assert_array_equal(getattr(one.sets, name), getattr(two.sets, name))


def test_too_many_arcs_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(route_sets, "MOST_ENTRIES", 10)
    with pytest.raises(UsageError, match=r"zone_hubs\.csv"):
        find_route_sets(Session.open(zone_world()), classes=BOX)


def test_a_rule_of_one_class_does_not_take_its_way_from_the_sets() -> None:
    """Cereals may not go by sea, which boxes of other goods prefer: they still find the railway."""
    rules = (
        RULE_COLUMNS
        + "NO_SEA,alpha-beta,sea,any,any,cereals,any,closed,x,none,,,,law,published,ASSUMED"
    )
    session = Session.open(zone_world(passage_rules=rules))
    classes = tuple(c for c in all_classes(session.world) if c.commodity in ("cereals", "coal"))
    own = FlowModel.on_sets(session, find_route_sets(session, classes=classes), classes)
    cereals, coal = own.position("cereals"), own.position("coal")
    total = own.baseline.total[:, : own.routes.sets.first[1]]
    by_sea = np.array([(session.network.mode[list(p)] == 2).any() for p in paths_of(own.routes, 0)])
    assert np.isinf(total[cereals][by_sea]).all()
    assert np.isfinite(total[cereals][~by_sea]).any()
    assert np.isfinite(total[coal]).all()


def test_zones_without_a_hub_are_no_zones() -> None:
    world = zone_world(zone_hubs="zone_id,node_id,weight\nAAA,alpha,1\nBBB,beta,3\nBBB,gamma,1")
    pairs = HubPairs.of_world(world)
    assert pairs.zones == ("AAA", "BBB")
    np.testing.assert_allclose(pairs.weight, [1, 0.75, 0.25])  # weights are shares


@pytest.mark.slow
def test_the_whole_world(session: Session) -> None:
    """All zones: every pair open to some class, or listed; the sets as small as the model says."""
    routes = find_route_sets(session, jobs=2)
    assert len(routes.sets.arcs) < 2e7
    assert routes.pairs.n_pair > 9000
    assert len(routes.unreached) < 50
    whole = FlowModel.on_sets(session, routes, all_classes(session.world))
    skim = whole.skim()
    tonnes = np.random.default_rng(0).uniform(0, 1e4, skim.cost.shape)
    loads = whole.load(tonnes)
    assert loads.carried.sum() + loads.uncarried.tonnes.sum() == pytest.approx(
        tonnes.sum(), rel=1e-12
    )
    named = by_name(routes)
    few_zones = find_route_sets(Session.open(only(session.world, ("KAZ", "IRN", "DEU"))))
    for key, paths in by_name(few_zones).items():
        assert named[key] == paths
