"""Counts on corridors, and constants that keep goods off them, on drawn worlds."""

from __future__ import annotations

import numpy as np
import pytest

from entrepot.facts.world import World
from entrepot.flows.counts import Counters, route_flows
from entrepot.flows.flow_model import FlowModel
from entrepot.flows.route_sets import find_route_sets
from entrepot.routes.cargo_class import CargoClass
from entrepot.routes.passing import Passing, arcs_of
from entrepot.routes.session import Session
from tests.flows.flow_worlds import zone_world

CLASSES = (CargoClass(None, "teu"), CargoClass("cereals", "t"))
A, B = range(2)
HEAD = "count_id,name,year,value_mt,scope,through,ends_a,ends_b,one_way,transit_of,cargo,use,why,value_kind,source_id\n"
CONSTANTS = (
    "constant_id,name,through,transit_of,cargo,log_odds,why,value_kind,source_id\n"
    "rail,Rail,post_a-post_b@rail,{transit},{cargo},{value},drawn,assumed,ASSUMED"
)


def count(name: str, through: str, more: str = ",,,,") -> str:
    return f"{name},{name},2023,1,all,{through},{more},test,drawn,assumed,ASSUMED\n"


def built(world: World) -> FlowModel:
    session = Session.open(world)
    return FlowModel.on_sets(session, find_route_sets(session, classes=CLASSES), CLASSES)


def constant(value: str, transit: str = "", cargo: str = "") -> FlowModel:
    text = CONSTANTS.format(value=value, transit=transit, cargo=cargo)
    return built(zone_world(corridor_constants=text))


@pytest.fixture(scope="module")
def drawn() -> FlowModel:
    rows = (
        count("border", "post_a-post_b@rail")
        + count("line", "post_a-post_b@rail|post_b-beta@rail|alpha-post_a")
        + count("both", "alpha-post_a@rail;beta-gamma@rail")
        + count("sea", "caspian")
        + count("land_of_b", "BBB@rail")
        + count("out", "post_a-post_b", "AAA,BBB,yes,,")
        + count("between", "post_a-post_b", "BBB,AAA,,,")
        + count("transit", "post_a-post_b", ",,,BBB,")
        + count("boxes", "post_a-post_b", ",,,,container")
        + count("cereals", "post_a-post_b", ",,,,cereals")
    )
    return built(zone_world(corridor_counts=HEAD + rows))


@pytest.fixture(scope="module")
def tonnes(drawn: FlowModel) -> np.ndarray:
    out = np.zeros((2, 3, 3))
    out[0, B, A], out[0, A, B], out[1, B, A] = 700.0, 300.0, 90.0
    return out


def read(model: FlowModel, tonnes: np.ndarray) -> dict[str, float]:
    rows = list(model.session.world.table("corridor_counts").itertuples(index=False))
    counters = Counters.of(model, rows)
    return dict(zip(counters.names, counters.read(route_flows(model, tonnes)), strict=True))


def test_a_shipment_counts_once_however_many_arcs_it_passes(
    drawn: FlowModel, tonnes: np.ndarray
) -> None:
    found, loads = read(drawn, tonnes), drawn.load(tonnes)
    at_border = loads.by_crossing.sum()
    assert at_border > 100
    assert found["border"] == pytest.approx(at_border, rel=1e-12)
    assert found["line"] == pytest.approx(at_border, rel=1e-12)
    arcs = arcs_of(drawn.session.network, ("post_a-post_b@rail",))
    assert loads.total[arcs].sum() > 2 * at_border


def test_ways_add_up_to_what_is_carried(drawn: FlowModel, tonnes: np.ndarray) -> None:
    found = read(drawn, tonnes)
    assert found["border"] + found["sea"] == pytest.approx(tonnes.sum(), rel=1e-12)


def test_all_places_are_needed(drawn: FlowModel, tonnes: np.ndarray) -> None:
    by_hub = read(drawn, tonnes)
    assert 0 < by_hub["both"] < by_hub["border"]
    # by sea to beta and on by rail to gamma passes land of B too
    assert by_hub["border"] < by_hub["land_of_b"] < tonnes.sum()


def test_ends_transit_and_cargo(drawn: FlowModel, tonnes: np.ndarray) -> None:
    found, flows = read(drawn, tonnes), route_flows(drawn, tonnes)
    assert found["between"] == pytest.approx(found["border"], rel=1e-12)
    assert 0 < found["out"] < found["between"]
    assert found["transit"] == 0
    assert found["boxes"] + found["cereals"] == pytest.approx(found["border"], rel=1e-12)
    assert found["cereals"] < flows[1].sum() + 1e-9


def test_flows_of_routes_are_the_loads(drawn: FlowModel, tonnes: np.ndarray) -> None:
    flows, loads = route_flows(drawn, tonnes), drawn.load(tonnes)
    assert flows.sum(axis=1) == pytest.approx(loads.carried, rel=1e-12)


def test_a_constant_of_zero_changes_no_bit(drawn: FlowModel) -> None:
    none = constant("0")
    assert np.array_equal(none.baseline.total, drawn.baseline.total)
    assert not none.kept_off[0].any()


def test_a_constant_moves_odds_as_the_logit_says(drawn: FlowModel, tonnes: np.ndarray) -> None:
    held = constant("1.7")
    before, after = route_flows(drawn, tonnes), route_flows(held, tonnes)
    rail = Passing((("post_a-post_b",),)).routes(
        drawn.session.network, drawn.routes.sets, drawn.routes.pairs
    )
    pair = drawn.routes.sets.pair
    checked = 0
    for c in range(2):
        for p in np.unique(pair):
            own = pair == p
            on, off = before[c][own & rail].sum(), before[c][own & ~rail].sum()
            if on > 0 and off > 0:
                now = after[c][own & rail].sum() / after[c][own & ~rail].sum()
                assert np.log(on / off) - np.log(now) == pytest.approx(1.7, abs=1e-9)
                checked += 1
    assert checked >= 4


def test_a_constant_is_about_its_goods_only(drawn: FlowModel) -> None:
    bulk = constant("1.7", cargo="bulk")
    assert np.array_equal(bulk.baseline.total[0], drawn.baseline.total[0])
    assert not np.array_equal(bulk.baseline.total[1], drawn.baseline.total[1])
    nobody = constant("1.7", transit="AAA")
    assert np.array_equal(nobody.baseline.total, drawn.baseline.total)


def test_constants_stay_in_counterfactuals() -> None:
    held = constant("1.7")
    assert np.array_equal(held.priced(held.session).total, held.baseline.total)
    free = Session.open(zone_world())
    assert np.array_equal(held.priced(free).total, held.baseline.total)


def test_dispersion_of_a_kind_of_vehicle(drawn: FlowModel) -> None:
    world = zone_world()
    table = {c: list(v) for c, v in world.raw["parameters"].items()}
    at = table["parameter"].index("route_dispersion")
    for column, cells in table.items():
        cells.append({"parameter": "route_dispersion_bulk", "value": "11"}.get(column, cells[at]))
    other = built(World({**dict(world.raw.items()), "parameters": table}, world.meta))
    assert [b.mu for b in other.bases] == [drawn.bases[0].mu, 11.0]
