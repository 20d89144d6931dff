"""Laws: names, order, units and split links move nothing; dearer is never cheaper."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.facts.change import Change, apply
from entrepot.facts.world import World
from entrepot.routes.tables import route_tables
from tests.routes.test_routes import ask
from tests.worlds import border_world


def relabelled(world: World, seed: int) -> World:
    """The same world with new node ids and rows in another order."""
    rng = random.Random(seed)
    names = {
        n: f"n{i}"
        for i, n in enumerate(
            rng.sample(world.raw["nodes"]["node_id"], len(world.raw["nodes"]["node_id"]))
        )
    }
    names |= {"alpha": "alpha", "beta": "beta", "*": "*"}
    raw = {}
    for table, cells in world.raw.items():
        size = len(next(iter(cells.values()), []))
        order = rng.sample(range(size), size)
        raw[table] = {}
        for column, values in cells.items():
            moved = [values[i] for i in order]
            if column in ("node_id", "from_node_id", "to_node_id", "node_a_id", "node_b_id"):
                moved = [names.get(v, v) for v in moved]
            raw[table][column] = moved
    return World(raw, world.meta)


@given(st.integers(0, 1000))
def test_names_and_order_of_rows_move_nothing(seed: int) -> None:
    world = border_world()
    own, other = ask(world), ask(relabelled(world, seed))
    assert [c.cost for c in own.candidates] == pytest.approx(
        [c.cost for c in other.candidates], rel=1e-12
    )


def test_splitting_a_link_moves_nothing() -> None:
    """alpha ── 1000 km ── post_a against alpha ── 400 ── middle ── 600 ── post_a."""
    world = border_world()
    raw = {t: {c: list(v) for c, v in cells.items()} for t, cells in world.raw.items()}
    for column, value in {
        "node_id": "middle",
        "name": "Middle",
        "country": "AAA",
        "lat": "45",
        "lon": "53",
        "kind": "rail_station",
        "rail_road": "no",
        "value_kind": "published",
        "source_id": "ASSUMED",
    }.items():
        raw["nodes"][column].append(value)
    i = raw["links"]["link_id"].index("alpha-post_a:rail")
    for column in raw["links"]:
        raw["links"][column].append(raw["links"][column][i])
    raw["links"]["to_node_id"][i], raw["links"]["length_km"][i] = "middle", "400"
    raw["links"]["link_id"][-1] = "middle-post_a:rail"
    raw["links"]["from_node_id"][-1], raw["links"]["length_km"][-1] = "middle", "600"
    split = World(raw, world.meta)
    for own, other in zip(ask(world).candidates, ask(split).candidates, strict=True):
        assert own.cost == pytest.approx(other.cost, rel=1e-12)
    a, b = route_tables(ask(world))["routes"], route_tables(ask(split))["routes"]
    assert np.allclose(a["days_p90"], b["days_p90"], rtol=1e-12)


def test_changing_the_unit_of_money_scales_the_price() -> None:
    """All rates and charges times ten, cargo worth ten times: same order, ten times the cost."""
    world = border_world()
    changes = [Change("parameters", "general_cargo_usd_per_t", "value", "scale", "10")]
    for table, columns in (
        ("modes", ("usd_per_teu_km",)),
        ("transfers", ("usd_per_teu",)),
        ("border_crossings", ("usd_per_teu",)),
    ):
        keys = {
            "modes": ("mode", "area", "vehicle_class"),
            "transfers": ("kind", "node_id"),
            "border_crossings": ("node_a_id", "node_b_id", "mode"),
        }[table]
        raw = world.raw[table]
        for i, column in itertools.product(range(len(raw[keys[0]])), columns):
            if raw[column][i]:
                row = ",".join(raw[k][i] for k in keys)
                changes.append(Change(table, row, column, "scale", "10"))
    own, other = ask(world), ask(apply(world, changes))
    assert [10 * c.cost for c in own.candidates] == pytest.approx(
        [c.cost for c in other.candidates]
    )


def test_zero_change_moves_nothing_bit_for_bit() -> None:
    world = border_world()
    noted = {**world.raw["links"], "note": ["read again"] * len(world.raw["links"]["link_id"])}
    same = World({**world.raw, "links": noted}, world.meta)
    a, b = route_tables(ask(world))["routes"], route_tables(ask(same))["routes"]
    assert (a["days_p50"].to_numpy() == b["days_p50"].to_numpy()).all()
    assert (a["overall_usd_per_t"].to_numpy() == b["overall_usd_per_t"].to_numpy()).all()


def test_dearer_never_cheaper() -> None:
    world = border_world()
    dear = apply(
        world,
        [
            Change("border_crossings", "post_a,post_b,rail", "hours_p50", "set", "25"),
            Change("border_crossings", "post_a,post_b,rail", "hours_p90", "set", "80"),
        ],
    )
    rail = ("mode:sea",)
    assert ask(dear, avoid=rail).candidates[0].cost > ask(world, avoid=rail).candidates[0].cost
    assert route_tables(ask(dear))["routes"]["share"].iloc[-1] != pytest.approx(
        route_tables(ask(world))["routes"]["share"].iloc[-1]
    )
