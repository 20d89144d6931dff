"""Skims and loads of all zones: by hand, conservation, laws of counterfactuals, what is left over."""

from __future__ import annotations

import numpy as np
import pytest

from entrepot.errors import UnknownNameError, UsageError
from entrepot.facts.change import Change, apply
from entrepot.facts.world import World
from entrepot.flows.carriage import carriage
from entrepot.flows.flow_model import FlowModel
from entrepot.flows.flow_results import Loads
from entrepot.flows.route_sets import find_route_sets
from entrepot.network.graph import ArcKind
from entrepot.routes.cargo_class import all_classes
from entrepot.routes.route_kinds import OTHER
from entrepot.routes.session import Session
from tests.flows.flow_worlds import BOX, RULE_COLUMNS, only, zone_world

ZONES = ("KAZ", "IRN", "CHN", "POL", "ARM", "IND", "TJK")
A, B, C = range(3)  # zones of the drawn world


def built(world: World, classes=None) -> FlowModel:
    session = Session.open(world)
    chosen = classes or all_classes(world)
    return FlowModel.on_sets(session, find_route_sets(session, classes=chosen), chosen)


@pytest.fixture(scope="module")
def drawn() -> FlowModel:
    return built(zone_world(), BOX)


@pytest.fixture(scope="module")
def model(shipped: World) -> FlowModel:
    return built(only(shipped, ZONES))


@pytest.fixture(scope="module")
def tonnes(model: FlowModel) -> np.ndarray:
    n = len(model.zones)
    return np.random.default_rng(3).uniform(0, 1e6, (len(model.classes), n, n))


def border_arcs(model: FlowModel) -> np.ndarray:
    return np.flatnonzero(model.session.network.kind == ArcKind.BORDER)


def balance(model: FlowModel, load: np.ndarray, by_pair: np.ndarray) -> np.ndarray:
    """What enters a vertex less what leaves it and what ends there."""
    net, pairs = model.session.network, model.routes.pairs
    out = np.bincount(net.head, load, net.n_vertex) - np.bincount(net.tail, load, net.n_vertex)
    starts = np.array([net.origin(n) for n in pairs.nodes])
    ends = np.array([net.destination(n) for n in pairs.nodes])
    np.add.at(out, starts[pairs.origin], by_pair)
    np.add.at(out, ends[pairs.destination], -by_pair)
    return out


def demand(model: FlowModel, importer: int, exporter: int, t: float) -> np.ndarray:
    out = np.zeros((len(model.classes), len(model.zones), len(model.zones)))
    out[:, importer, exporter] = t
    return out


def test_skim_is_the_mean_over_hubs_by_hand(drawn: FlowModel) -> None:
    skim, pairs = drawn.skim(), drawn.routes.pairs
    by_hubs = {
        (pairs.nodes[a], pairs.nodes[b]): v
        for a, b, v in zip(pairs.origin, pairs.destination, skim.by_pair[0], strict=True)
    }
    wanted = 0.75 * by_hubs["alpha", "beta"] + 0.25 * by_hubs["alpha", "gamma"]
    assert skim.cost[0, B, A] == pytest.approx(wanted, rel=1e-12)
    assert skim.reached[0, B, A] == 1
    assert np.isinf(skim.cost[0, C, A])
    assert skim.reached[0, C, A] == 0
    assert np.isnan(np.diagonal(skim.cost[0])).all()


def test_loads_by_hand(drawn: FlowModel) -> None:
    """100 t from A to B: 75 to beta and 25 on to gamma; all leave alpha once."""
    loads = drawn.load(demand(drawn, B, A, 100.0))
    net = drawn.session.network
    onward = [
        a
        for a in np.flatnonzero(net.kind == ArcKind.HAUL)
        if net.link_id[net.link[a]] == "beta-gamma:rail" and loads.by_arc[0, a] > 0
    ]
    assert len(onward) == 1
    assert loads.by_arc[0, onward[0]] == pytest.approx(25)
    assert loads.total[net.tail == net.origin("alpha")].sum() == pytest.approx(100)
    by_rail = loads.by_crossing[0].sum()
    assert 0 < by_rail < 100
    (way,) = [x for x, t in zip(loads.crossings, loads.by_crossing[0], strict=True) if t > 0]
    assert (way.from_node, way.to_node, way.mode) == ("post_a", "post_b", "rail")
    assert loads.carried.tolist() == pytest.approx([100])
    assert loads.diverted.tolist() == [0]
    assert not len(loads.uncarried)


def test_demand_that_no_route_carries_is_listed(drawn: FlowModel) -> None:
    loads = drawn.load(np.arange(1.0, 10.0).reshape(1, 3, 3))
    left = loads.uncarried
    named = {
        (drawn.zones[m], drawn.zones[x]): t
        for m, x, t in zip(left.importer, left.exporter, left.tonnes, strict=True)
    }
    inside = {("AAA", "AAA"): 1, ("BBB", "BBB"): 5, ("CCC", "CCC"): 9}
    isles = {("AAA", "CCC"): 3, ("BBB", "CCC"): 6, ("CCC", "AAA"): 7, ("CCC", "BBB"): 8}
    assert named == inside | isles
    assert loads.carried.sum() + left.tonnes.sum() == pytest.approx(45)


def test_a_hub_that_is_cut_off_sends_its_goods_to_the_others(drawn: FlowModel) -> None:
    net = drawn.session.network
    branch = np.array([row >= 0 and net.link_id[row] == "beta-gamma:rail" for row in net.link])
    cut = drawn.dearer(closed=branch)
    skim, loads = drawn.skim(cut), drawn.load(demand(drawn, B, A, 100.0), cut)
    assert skim.reached[0, B, A] == pytest.approx(0.75)
    assert loads.carried[0] == pytest.approx(100)
    assert loads.diverted[0] == pytest.approx(25)
    before = drawn.skim()
    # beta is nearer than gamma; that the mean falls without gamma is not gain
    assert skim.cost[0, B, A] < before.cost[0, B, A]
    assert drawn.change(before, skim)[0, B, A] == 0
    shut = drawn.skim(drawn.dearer(closed=np.ones(net.n_arc, dtype=bool)))
    change = drawn.change(before, shut)
    assert np.isposinf(change[0, B, A])
    assert np.isneginf(drawn.change(shut, before)[0, B, A])
    assert np.isnan(change[0, C, A])


def test_a_rule_closes_a_pair_for_one_good() -> None:
    """Grain of AAA may not leave for BBB at all; everything else may, and grain may come back."""
    rules = (
        RULE_COLUMNS
        + "R1,AAA,any,AAA,BBB,cereals,any,closed,x,none,,,,law,published,ASSUMED\n"
        + "R2,post_a-post_b,rail,any,any,cereals,any,slower,x,hours,48,,,practice,published,ASSUMED"
    )
    model = built(zone_world(passage_rules=rules))
    skim = model.skim()
    cereals, coal = model.position("cereals"), model.position("coal")
    assert np.isinf(skim.cost[cereals, B, A])
    assert np.isfinite(skim.cost[[cereals, coal], [A, B], [B, A]]).all()
    loads = model.load(demand(model, B, A, 10.0))
    assert loads.carried[cereals] == 0
    assert loads.carried[coal] == pytest.approx(10)
    assert (loads.uncarried.cargo == cereals).sum() == 1


def test_flow_is_conserved_at_every_vertex(model: FlowModel, tonnes: np.ndarray) -> None:
    loads = model.load(tonnes)
    for c in range(len(model.classes)):
        left = balance(model, loads.by_arc[c], loads.by_pair[c])
        assert np.abs(left).max() <= 1e-10 * loads.by_pair[c].sum()
    total = balance(model, loads.total, loads.by_pair.sum(axis=0))
    assert np.abs(total).max() <= 1e-10 * loads.by_pair.sum()
    left_over = loads.uncarried
    assert len(left_over) > len(model.classes) * len(model.zones)  # by truck few can be reached
    assert loads.carried.sum() + left_over.tonnes.sum() == pytest.approx(tonnes.sum(), rel=1e-12)


def test_corridors_and_crossings_add_up(model: FlowModel, tonnes: np.ndarray) -> None:
    loads = model.load(tonnes)
    np.testing.assert_allclose(loads.by_corridor.sum(axis=1), loads.carried, rtol=1e-10)
    at_borders = loads.by_arc[:, border_arcs(model)].sum(axis=1)
    np.testing.assert_allclose(loads.by_crossing.sum(axis=1), at_borders, rtol=1e-10)
    net = model.session.network
    for crossing in loads.crossings:
        known = {
            f"{crossing.from_node}-{crossing.to_node}",
            f"{crossing.to_node}-{crossing.from_node}",
        }
        assert {f"{k}:{crossing.mode}" for k in known} & set(net.link_id)


def test_kinds_are_those_of_each_path_alone(model: FlowModel) -> None:
    """Corridor, modes that carry and doubling back, against the names of one path."""
    namer, sets = model.session.namer, model.routes.sets
    paths = [
        tuple(sets.arcs[sets.start[r] : sets.start[r + 1]].tolist())
        for r in range(0, sets.n_route, 7)
    ]
    net = model.session.network
    turned = [  # there and back again, which no set holds
        (*p, next(a for a in range(net.n_arc) if net.tail[a] == net.head[p[-2]]), *p[-2:])
        for p in paths[:20]
    ]
    kinds, back = model.session.kinds.kinds(paths + turned)
    traits = [namer.traits(p) for p in paths + turned]
    assert kinds == [namer.kind(t) for t in traits]
    assert back == [t.doubles_back for t in traits]
    assert any(back)
    rows = model.corridor[::7]
    assert [namer.rows[i].corridor_id if i != OTHER else "" for i in rows] == [
        namer.name(t)[0] for t in traits[: len(paths)]
    ]
    assert len(set(rows.tolist())) > 5


def same(a: Loads, b: Loads) -> bool:
    return a.by_arc.tobytes() == b.by_arc.tobytes() and a.by_pair.tobytes() == b.by_pair.tobytes()


def test_no_change_has_no_effect_to_the_bit(model: FlowModel, tonnes: np.ndarray) -> None:
    n_arc = model.session.network.n_arc
    before, loaded = model.skim(), model.load(tonnes)
    for costs in (
        model.dearer(hours=np.zeros(n_arc)),
        model.dearer(usd_per_t=np.zeros((len(model.classes), n_arc))),
        model.dearer(closed=np.zeros(n_arc, dtype=bool)),
        model.priced(model.session),
        model.priced(Session.open(model.session.world), model.on),
    ):
        assert model.skim(costs).cost.tobytes() == before.cost.tobytes()
        assert same(model.load(tonnes, costs), loaded)
        known = np.isfinite(before.cost)
        assert (model.change(before, model.skim(costs))[known] == 0.0).all()


def test_hours_at_a_border_cost_their_value_of_time(model: FlowModel, tonnes: np.ndarray) -> None:
    """Ten hours at every border: loads leave the borders, costs rise by no more than the hours."""
    hours = np.zeros(model.session.network.n_arc)
    hours[border_arcs(model)] = 10.0
    slower = model.dearer(hours=hours)
    before, after = model.load(tonnes), model.load(tonnes, slower)
    assert after.by_crossing.sum() < before.by_crossing.sum()
    assert after.carried.sum() == pytest.approx(before.carried.sum())
    change = model.change(model.skim(), model.skim(slower))
    assert (change[np.isfinite(change)] >= 0).all()
    per_hour = np.array(
        [
            model.session.pricing(k.commodity, k.unit, None).cargo.usd_per_t_hour
            for k in model.classes
        ]
    )
    as_money = model.dearer(usd_per_t=per_hour[:, None] * hours)
    np.testing.assert_allclose(model.skim(as_money).by_pair, model.skim(slower).by_pair, rtol=1e-12)


def test_skims_are_means_of_the_goods_loaded(model: FlowModel, tonnes: np.ndarray) -> None:
    """dV/dc of a pair of zones is the share of its goods on the arc, hubs and all."""
    arc = border_arcs(model)[np.argmax(model.load(tonnes).total[border_arcs(model)])]
    step = np.zeros(model.session.network.n_arc)
    step[arc] = 1e-4
    up, down = model.dearer(usd_per_t=step), model.dearer(usd_per_t=-step)
    slope = model.change(model.skim(down), model.skim(up)) / 2e-4
    predicted = (np.where(np.isfinite(slope), slope, 0.0) * tonnes).sum()
    assert predicted == pytest.approx(model.load(tonnes).total[arc], rel=1e-5)


def test_other_facts_on_the_same_routes(model: FlowModel) -> None:
    world = apply(
        model.session.world, [Change("parameters", "dwell_factor", "value", "set", "1.0")]
    )
    before, after = model.skim(), model.skim(model.priced(Session.open(world)))
    change = model.change(before, after)
    assert (change[np.isfinite(change)] > 0).any()
    earlier = model.skim(model.priced(model.session, "2019-06-15"))
    assert (earlier.reached >= before.reached - 1e-12).all()  # India and Pakistan still traded
    assert (earlier.reached > before.reached).any()
    with pytest.raises(UsageError, match="same network"):
        model.priced(Session.open(zone_world()))


def test_the_mean_over_hubs_is_that_of_carriage(model: FlowModel) -> None:
    """The same weights as the one-pair mean: its reach, and its cost up to the wider sets."""
    session, skim = model.session, model.skim()
    kaz, irn, coal = model.zones.index("KAZ"), model.zones.index("IRN"), model.position("coal")
    known = carriage(session, "KAZ", "IRN", "coal", None)
    assert known is not None
    assert skim.reached[coal, irn, kaz] == pytest.approx(known.reached)
    hours = known.moving_hours.mean() + known.border_hours.mean()
    cost = known.freight_usd.mean() + known.border_usd.mean() + hours * known.cargo.usd_per_t_hour
    assert skim.cost[coal, irn, kaz] == pytest.approx(cost, rel=0.25)


def test_what_does_not_fit_is_refused(drawn: FlowModel) -> None:
    for wrong in (np.ones((1, 2, 3)), np.full((1, 3, 3), -1.0), np.full((1, 3, 3), np.nan)):
        with pytest.raises(UsageError, match="shape"):
            drawn.load(wrong)
    for value in (np.zeros(3), np.full(drawn.session.network.n_arc, np.inf)):
        with pytest.raises(UsageError, match="finite"):
            drawn.dearer(hours=value)
    with pytest.raises(UnknownNameError, match="class of cargo"):
        drawn.position("coal")
    assert drawn.position("general cargo") == 0
