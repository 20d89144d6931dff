"""Hours and money of arcs, against sums by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from entrepot.cost.arcs import PARTS
from entrepot.cost.cargo import make_cargo
from entrepot.cost.pricing import PriceCalibration, arc_costs
from entrepot.cost.when import When
from entrepot.errors import UnknownNameError, UsageError
from entrepot.facts.change import Change, apply
from entrepot.network.build import build_network
from entrepot.network.graph import ArcKind
from entrepot.uncertainty.spread import (
    factor,
    log_sides,
    mean_ratio,
)
from tests.worlds import border_world

WHEN = When.parse("2026-06-30")


def costs(commodity: str | None = None, unit: str | None = None, **more: str):
    world = border_world(**more)
    net = build_network(world)
    return world, net, arc_costs(world, net, make_cargo(world, commodity, unit), WHEN)


def test_haulage_by_hand() -> None:
    world, net, c = costs(unit="teu")
    modes = world.table("modes")
    rail = modes[
        (modes["mode"] == "rail") & (modes["area"] == "*") & (modes["vehicle_class"] == "container")
    ].iloc[0]
    factors = PriceCalibration.of(world)
    link = net.link_id.index("alpha-post_a:rail")
    a = next(i for i in range(net.n_arc) if net.link[i] == link)
    assert c.hours[a] == pytest.approx(1000 / (rail["speed_kmh"] * factors.speed))
    assert c.money[0, a] == pytest.approx(rail["usd_per_teu_km"] * 1000 / 12)
    assert c.co2e[a] == pytest.approx(rail["co2e_g_per_tkm"])


def test_calibration_leaves_measured_values_alone() -> None:
    _, net, c = costs(unit="teu")
    border = next(i for i in range(net.n_arc) if net.kind[i] == ArcKind.BORDER)
    assert c.hours[border] == 10
    assert c.money[PARTS.index("border"), border] == pytest.approx(100 / 12)
    assert PriceCalibration.pick(0.5, "measured") == PriceCalibration.pick(0.5, "published") == 1
    assert PriceCalibration.pick(0.5, "estimated") == PriceCalibration.pick(0.5, "assumed") == 0.5


def test_parts_add_up_to_the_money_in_the_generalised_cost() -> None:
    _, _, c = costs(unit="feu")
    spread = c.mean_hours() + c.cargo.reliability_ratio * c.hours_spread()
    whole = c.money.sum(axis=0) + c.cargo.usd_per_t_hour * spread
    open_ = c.usable
    assert np.allclose(c.generalised()[open_], np.maximum(whole[open_], 1e-6))


def test_a_bigger_box_costs_more_but_less_per_tonne() -> None:
    _, _, teu = costs(unit="teu")
    _, _, feu = costs(unit="feu")
    per_box = (teu.money.sum() * 12, feu.money.sum() * 20)
    assert per_box[0] < per_box[1] < 2 * per_box[0]


def test_trucks_use_roads_and_bulk_uses_no_ro_ro() -> None:
    _, net, truck = costs(unit="truck")
    assert not truck.usable[net.mode == 0].any()
    _, net, bulk = costs(unit="t")
    assert bulk.usable[net.mode == 0].all()


def test_no_container_service_closes_a_line_for_boxes_only() -> None:
    services = """from_node_id,to_node_id,mode,basin,sailings_per_week,waiting_hours_p10,waiting_hours_p50,waiting_hours_p90,value_kind,source_id
        *,*,sea,caspian,0,10,40,120,measured,ASSUMED
        *,*,sea,ocean,2,10,40,120,measured,ASSUMED"""
    _, net, box = costs(unit="teu", services=services)
    _, _, bulk = costs(unit="t", services=services)
    sea = net.mode == 2
    assert not box.usable[sea].any()
    assert bulk.usable[sea].all()


def test_planned_links_and_opening_years() -> None:
    world = border_world()
    planned = apply(world, [Change("links", "alpha-post_a:rail", "status", "set", "planned")])
    later = apply(world, [Change("links", "alpha-post_a:rail", "opened_year", "set", "2030")])
    for changed, flag, expected in (
        (planned, False, False),
        (planned, True, True),
        (later, False, False),
    ):
        net = build_network(changed)
        c = arc_costs(changed, net, make_cargo(changed, None, "teu"), WHEN, planned=flag)
        own = net.link == net.link_id.index("alpha-post_a:rail")
        assert c.usable[own].all() == expected
        assert c.usable[own].any() == expected


def test_seasons_add_replace_divide_and_close() -> None:
    head = "place_kind,place_id,mode,month_from,month_to,effect_quantity,effect_value,value_kind,source_id\n"
    rows = {
        "hours_added,12": 22.0,
        "hours_replaced,48": 48.0,
        "open_share,0.5": 20.0,
        "capacity_factor,0.5": 10.0,
    }
    for effect, expected in rows.items():
        seasons = f"{head}link,post_a-post_b,rail,5,7,{effect},published,ASSUMED"
        _, net, c = costs(unit="teu", seasons=seasons)
        border = next(i for i in range(net.n_arc) if net.kind[i] == ArcKind.BORDER)
        assert c.hours[border] == pytest.approx(expected), effect
    closed = f"{head}link,post_a-post_b,rail,5,7,closed,,published,ASSUMED"
    _, net, c = costs(unit="teu", seasons=closed)
    assert not c.usable[net.link == 1].any()
    assert c.season_rows == (0,)
    winter = f"{head}link,post_a-post_b,rail,11,3,closed,,published,ASSUMED"
    _, net, c = costs(unit="teu", seasons=winter)
    assert c.usable[net.link == 1].all()


def test_a_year_takes_the_mean_of_its_months() -> None:
    seasons = (
        "place_kind,place_id,mode,month_from,month_to,effect_quantity,effect_value,value_kind,source_id\n"
        "link,post_a-post_b,rail,11,2,hours_added,12,published,ASSUMED"
    )
    world = border_world(seasons=seasons)
    net = build_network(world)
    c = arc_costs(world, net, make_cargo(world, None, "teu"), When.parse("2026"))
    border = next(i for i in range(net.n_arc) if net.kind[i] == ArcKind.BORDER)
    assert c.hours[border] == pytest.approx(10 + 12 * 4 / 12)


def test_dates() -> None:
    assert When.parse("2026-02").day.isoformat() == "2026-02-15"
    assert When.parse("2026").day.isoformat() == "2026-07-01"
    assert sum(When.parse("2026").months) == pytest.approx(1)
    assert When.parse("2026-12-31").share_of(11, 2) == 1
    for bad in ("soon", "2026-13", "2026-02-30", "26-1-1"):
        with pytest.raises(UsageError):
            When.parse(bad)


def test_unknown_cargo_is_told() -> None:
    world = border_world()
    with pytest.raises(UnknownNameError, match="cereals"):
        make_cargo(world, "cereal", None)
    with pytest.raises(UsageError, match="load unit"):
        make_cargo(world, None, "barrel")


@given(st.floats(0.1, 50), st.floats(1, 20), st.floats(1, 20))
def test_percentiles_are_met(p50: float, down: float, up: float) -> None:
    p10, p90 = p50 / down, p50 * up
    low, high = log_sides(np.array([p10]), np.array([p50]), np.array([p90]))
    z = np.array([-1.2815515655446004, 0.0, 1.2815515655446004])
    drawn = p50 * factor(z, float(low[0]), float(high[0]))
    assert np.allclose(drawn, [p10, p50, p90], rtol=1e-9)


def test_mean_of_the_two_sided_lognormal_against_integration() -> None:
    low, high = np.array([0.4]), np.array([1.1])
    z = np.linspace(-9, 9, 200_001)
    density = stats.norm.pdf(z)
    values = np.exp(np.where(z < 0, low * z, high * z))
    assert mean_ratio(low, high)[0] == pytest.approx(np.trapezoid(values * density, z), rel=1e-6)
