"""Borders, bottlenecks, flows and places of the coupled world, as tables."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from entrepot.engine.coupled_facts import CoupledFacts
from entrepot.equilibrium.coupled import Scenario
from entrepot.equilibrium.loop import solve
from entrepot.equilibrium.objectives import pair_trade
from entrepot.equilibrium.sensitivity import gradient
from entrepot.flows.route_cache import OFF, VARIABLE
from entrepot.questions.places.feedback import (
    DrawnSlopes,
    drawn_slopes,
    feedback,
)
from entrepot.questions.places.place_effects import (
    gain_of,
    place_effects,
    places_of,
)
from entrepot.routes.session import Session
from entrepot.uncertainty.draws import Draws
from tests.equilibrium.coupled_worlds import facts
from tests.questions.promised_worlds import DAY, MORE, PAIR, TURNOVER, base, coupled, uncertain

N = 5


@cache
def drawn() -> tuple[DrawnSlopes, ...]:
    points = Draws.latin(uncertain().names, N, 0)
    return tuple(drawn_slopes(uncertain(), points, d) for d in range(N))


@cache
def found() -> dict[str, pd.DataFrame]:
    return feedback(coupled(), PAIR, [*drawn(), None])


def test_a_draw_without_an_answer_is_left_out():
    for name, table in feedback(coupled(), PAIR, drawn()).items():
        assert_frame_equal(found()[name], table, check_exact=True)


def test_goods_of_the_corridors_are_all_that_is_carried():
    table = found()["corridor_flows"]
    world = coupled().world
    carried = world.inner(world.cargo.tonnes)[world.routes_exist].sum() / 1e6
    for scope, whole in (("all", carried), ("pair", None)):
        own = table[table["scope"] == scope]
        assert own["share"].sum() == pytest.approx(1)
        assert (own["mt_p10"] <= own["mt_p90"]).all()
        if whole is not None:
            assert own["mt"].sum() == pytest.approx(whole)


def test_loads_of_links_are_those_of_the_pair_within_all():
    table = found()["link_flows"]
    assert (table["mt_pair"] <= table["mt_all"] + 1e-9).all()
    assert table["link_id"].is_unique
    # What crosses from AAA to BBB by land or sea is what the two trade and what AAA trades beyond.
    over = table[table["link_id"].isin(["post_a-post_b:rail", "post_c-post_d:rail",
        "post_a-post_b:road", "alpha-beta:sea", "alpha-beta:roro", "alpha-delta:sea"])]  # fmt: skip
    assert over["mt_pair"].sum() == pytest.approx(
        found()["corridor_flows"].query("scope == 'pair'")["mt"].sum(), rel=1e-6
    )


def test_cuts_are_exact_solutions():
    table = found()["border_cuts"]
    assert table["gain_musd"].is_monotonic_decreasing
    assert (table["status"] == "converged").all()
    assert (table["cut_hours"] <= 10).all()
    assert (table["cut_hours"] <= table["hours"]).all()
    assert (table["gain_musd_p10"] <= table["gain_musd_p90"]).all()
    network = coupled().session.network
    row = table.iloc[0]
    (place,) = (p for p in places_of(network) if p.kind == "border" and p.id == row["place"])
    saved = np.zeros(network.n_arc)
    saved[list(place.arcs)] = -row["cut_hours"]
    after = solve(coupled().world, Scenario(cost=coupled().model.dearer(hours=saved).total))
    assert row["gain_musd"] == pytest.approx(pair_trade(after, *PAIR).value - TURNOVER, abs=1e-3)
    assert row["gain_pct"] == pytest.approx(100 * row["gain_musd"] / TURNOVER)


def test_places_have_the_slopes_of_their_arcs():
    slopes = gradient(base(), pair_trade(base(), *PAIR))
    table = place_effects(base(), slopes, kinds=("border", "port", "gauge", "terminal", "sailing",
                          "line"), most=200)  # fmt: skip
    network = coupled().session.network
    places = places_of(network)
    arcs = sorted(a for p in places for a in p.arcs)
    assert arcs == list(range(network.n_arc))
    gain = {(p.id, p.kind): gain_of(p, slopes.by_hour) for p in places}
    for row in table.itertuples():
        assert row.gain_per_day == pytest.approx(24 * gain[row.place, row.kind])
    # A small cut of hours at a border, solved.
    (border,) = (p for p in places if p.id == "post_a-post_b:road" and p.kind == "border")
    saved = np.zeros(network.n_arc)
    h = 1e-2
    saved[list(border.arcs)] = h
    sides = [
        pair_trade(
            solve(coupled().world, Scenario(cost=coupled().model.dearer(hours=s * saved).total),
                  gap=1e-11), *PAIR).value
        for s in (-1, 1)
    ]  # fmt: skip
    assert gain[border.id, "border"] == pytest.approx((sides[0] - sides[1]) / (2 * h), rel=1e-3)


def test_the_fullest_places_come_first():
    table = found()["bottlenecks"]
    assert (table["saturation"] >= 0.7).all()
    assert table["saturation"].is_monotonic_decreasing
    assert table["traffic_mt"].to_numpy() == pytest.approx(
        (table["saturation"] * table["capacity_mt"]).to_numpy()
    )


def test_no_draws_leave_ranges_empty():
    tables = feedback(coupled(), PAIR)
    for name in ("corridor_flows", "border_cuts", "place_effects"):
        for column in tables[name].columns:
            if column.endswith(("p10", "p90")):
                assert tables[name][column].isna().all()


def test_a_pair_without_waits_at_borders_has_an_empty_table(monkeypatch: pytest.MonkeyPatch):
    crossings = MORE["border_crossings"].splitlines()
    free = [",".join([*r.split(",")[:3], "0", "0", "0", *r.split(",")[6:]]) for r in crossings[1:]]
    monkeypatch.setenv(VARIABLE, OFF)
    own = CoupledFacts.of(
        Session.open(facts(**{**MORE, "border_crossings": "\n".join([crossings[0], *free])})), DAY
    )
    tables = feedback(own, PAIR)
    assert len(tables["border_cuts"]) == 0
    assert list(tables["border_cuts"].columns) == list(found()["border_cuts"].columns)
