"""Which arcs are bottlenecks, and how the facts become their delay functions: by hand."""

from __future__ import annotations

import numpy as np
import pytest

from entrepot.flows.congestion import Bottlenecks
from entrepot.flows.flow_model import FlowModel
from entrepot.flows.route_sets import find_route_sets
from entrepot.kernels.delay import POWER, QUEUE
from entrepot.network.graph import ArcKind
from entrepot.routes.session import Session
from tests.flows.flow_worlds import BOX, zone_world

HEAD = "place,capacity_known,shape,exponent,rise_at_capacity,value_kind,source_id"
ROWS = f"""{HEAD}
border,no,power,0.1,0,assumed,ASSUMED
border,yes,queue,,0,assumed,ASSUMED
port,no,power,0.1,0,assumed,ASSUMED
gauge,no,power,0.1,0,assumed,ASSUMED
sailing,no,power,0.2,0,assumed,ASSUMED
line,yes,power,4,0.15,assumed,ASSUMED"""
LINKS = """link_id,from_node_id,to_node_id,mode,basin,length_km,gauge_mm,status,capacity_mt_per_year,value_kind,source_id
    alpha-post_a:rail,alpha,post_a,rail,,1000,1520,operating,,published,ASSUMED
    post_a-post_b:rail,post_a,post_b,rail,,20,1520,operating,3,published,ASSUMED
    post_b-beta:rail,post_b,beta,rail,,500,1435,operating,4,published,ASSUMED
    beta-gamma:rail,beta,gamma,rail,,300,1435,operating,,published,ASSUMED
    alpha-beta:sea,alpha,beta,sea,caspian,1600,,operating,,published,ASSUMED
    isle-sandbank:sea,isle,sandbank,sea,caspian,50,,operating,,published,ASSUMED"""
BORDER = """node_a_id,node_b_id,mode,hours_p10,hours_p50,hours_p90,usd_per_teu,usd_per_t,{c}value_kind,source_id
    post_a,post_b,rail,5,10,30,100,5,{n}measured,ASSUMED"""
WITHOUT = BORDER.format(c="", n="")
WITH = BORDER.format(c="capacity_mt_per_year,", n="2,")


def built(border: str = WITH, rows: str = ROWS) -> tuple[FlowModel, Bottlenecks]:
    world = zone_world(congestion=rows, links=LINKS, border_crossings=border)
    session = Session.open(world)
    model = FlowModel.on_sets(session, find_route_sets(session, classes=BOX), BOX)
    return model, Bottlenecks.of(model)


def at(spots: Bottlenecks, place: str, name: str) -> int:
    return [*zip(spots.place, spots.name, strict=True)].index((place, name))


def test_bottlenecks_of_a_drawn_world() -> None:
    model, spots = built()
    assert set(zip(spots.place, spots.name, strict=True)) == {
        ("border", "post_a-post_b:rail"),
        ("gauge", "post_b"),
        ("line", "post_a-post_b:rail"),
        ("line", "post_b-beta:rail"),
        ("port", "alpha"),
        ("port", "beta"),
        ("sailing", "alpha-beta:sea"),
        ("sailing", "isle-sandbank:sea"),
    }
    assert spots.capacity[at(spots, "border", "post_a-post_b:rail")] == 2e6
    assert spots.capacity[at(spots, "line", "post_b-beta:rail")] == 4e6
    assert np.isnan(spots.capacity[at(spots, "port", "alpha")])
    # Both directions of a border are one; a line over it is two arcs each way, passed once.
    network = model.session.network
    border = spots.of_arc == at(spots, "border", "post_a-post_b:rail")
    assert (network.kind[border] == ArcKind.BORDER).all()
    assert border.sum() == 2
    line = spots.of_arc == at(spots, "line", "post_a-post_b:rail")
    assert line.sum() == 2
    link = network.link == network.link_id.index("post_a-post_b:rail")
    assert (link & (network.kind == ArcKind.HAUL)).sum() == 4


def test_a_route_passes_each_bottleneck_once() -> None:
    model, spots = built()
    sets = model.routes.sets
    for r in range(sets.n_route):
        passed = spots.of_arc[sets.arcs[sets.start[r] : sets.start[r + 1]]]
        passed = passed[passed >= 0]
        # But a port of call, which is left again by the way it was come.
        land = [f for f in passed.tolist() if spots.place[f] != "port"]
        assert len(set(land)) == len(land)


def test_hours_are_those_of_the_facts() -> None:
    """Measured hours at the border; a line over it is both its halves, 20 km."""
    model, spots = built()
    border, line = (at(spots, p, "post_a-post_b:rail") for p in ("border", "line"))
    assert spots.hours[border] == pytest.approx(10)
    assert spots.good[border] == pytest.approx(5)
    costs = model.session.pricing(None, "teu", None).costs
    network = model.session.network
    link = network.link == network.link_id.index("post_a-post_b:rail")
    there = link & (network.kind == ArcKind.HAUL)
    assert spots.hours[line] == pytest.approx(costs.hours[there].sum() / 2)


def test_a_queue_by_hand() -> None:
    """1 Mt of 2: the 5 hours between P10 and P50 are a queue of rho / (1 - rho) = 1."""
    _, spots = built()
    border = at(spots, "border", "post_a-post_b:rail")
    traffic = np.full(len(spots), 1e6)
    delays = spots.delays(traffic)
    assert delays.form[border] == QUEUE
    whole = traffic + spots.background(traffic)
    np.testing.assert_allclose(delays.hours(whole), spots.hours)
    assert delays.hours(np.full(len(spots), 1.5e6))[border] == pytest.approx(5 + 5 * 3)
    assert delays.free[border] == pytest.approx(5)


def test_a_line_by_hand() -> None:
    """15 per cent more at capacity; at half of it a sixteenth of that is in the hours."""
    _, spots = built()
    line = at(spots, "line", "post_b-beta:rail")
    traffic = np.full(len(spots), 2e6)
    delays = spots.delays(traffic)
    free = spots.hours[line] / (1 + 0.15 / 16)
    assert delays.form[line] == POWER
    assert delays.hours(np.full(len(spots), 4e6))[line] == pytest.approx(1.15 * free)


def test_without_a_capacity_hours_go_with_the_traffic() -> None:
    _, spots = built(WITHOUT)
    border = at(spots, "border", "post_a-post_b:rail")
    assert np.isnan(spots.capacity[border])
    traffic = np.full(len(spots), 3e5)
    delays = spots.delays(traffic)
    for times in (0.5, 2.0):
        found = delays.hours(times * traffic)[border]
        assert found == pytest.approx(10 * times**0.1)


def test_where_there_was_no_traffic_hours_stay() -> None:
    _, spots = built()
    nothing = np.zeros(len(spots))
    delays = spots.delays(nothing)
    quiet = np.isnan(spots.capacity)
    assert (delays.slope(np.full(len(spots), 1e6))[quiet] == 0).all()
    np.testing.assert_allclose(
        delays.hours(nothing + spots.background(nothing)), spots.hours, rtol=1e-12
    )


def test_background_fills_up_to_its_share() -> None:
    """Three tenths of 2 Mt at least: 500,000 t of the model leave 100,000 t of others."""
    _, spots = built()
    border = at(spots, "border", "post_a-post_b:rail")
    assert spots.background(np.full(len(spots), 5e5))[border] == pytest.approx(1e5)
    assert spots.background(np.full(len(spots), 7e5))[border] == 0
    assert (spots.background(np.zeros(len(spots)))[np.isnan(spots.capacity)] == 0).all()


def test_a_world_without_rows_has_no_bottlenecks() -> None:
    _, spots = built(rows=HEAD)
    assert len(spots) == 0
    assert (spots.of_arc == -1).all()
    assert len(spots.delays(np.zeros(0))) == 0


def test_capacities_of_other_facts() -> None:
    _, spots = built()
    other = zone_world(congestion=ROWS, links=LINKS, border_crossings=WITH.replace(",2,", ",1,"))
    found = spots.capacity_in(other)
    border = at(spots, "border", "post_a-post_b:rail")
    assert found[border] == 1e6
    rest = np.arange(len(spots)) != border
    np.testing.assert_array_equal(found[rest], spots.capacity[rest])
