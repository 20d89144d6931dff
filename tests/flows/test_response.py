"""The flow model in the form of a loop: equal to `FlowModel`, and its transposes are transposes."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entrepot.flows.congestion import Bottlenecks
from entrepot.flows.flow_model import FlowModel
from entrepot.flows.response import Response
from entrepot.flows.route_sets import find_route_sets
from entrepot.routes.cargo_class import CargoClass
from entrepot.routes.session import Session
from tests.flows.flow_worlds import zone_world
from tests.flows.test_congestion import LINKS, ROWS, WITH

CLASSES = (CargoClass(None, "teu"), CargoClass("cereals", "t"), CargoClass("perishables", "truck"))
SOME = settings(max_examples=25)
SEEDS = st.integers(0, 10_000)


@cache
def ready() -> tuple[FlowModel, Bottlenecks, Response]:
    """Two zones joined, one not; trucks find no way."""
    session = Session.open(zone_world(congestion=ROWS, links=LINKS, border_crossings=WITH))
    model = FlowModel.on_sets(session, find_route_sets(session, classes=CLASSES), CLASSES)
    spots = Bottlenecks.of(model)
    return model, spots, Response.of(model, spots.of_arc, len(spots))


def test_the_baseline_is_that_of_the_flow_model() -> None:
    model, spots, response = ready()
    cost = model.baseline.total
    choice = response.choose(cost, np.zeros(len(spots)))
    tonnes = np.random.default_rng(1).uniform(0, 1e6, (3, 3, 3))
    tonnes[:, np.arange(3), np.arange(3)] = 0
    skim, loads = model.skim(), model.load(tonnes)
    np.testing.assert_allclose(choice.skim, skim.by_pair, rtol=1e-12)
    known = np.isfinite(skim.cost) & (skim.reached > 0)
    moved = np.where(choice.weight > 0, choice.skim, 0.0)
    np.testing.assert_allclose(response.by_zones(choice.weight * moved)[known], skim.cost[known])
    on = response.on_arcs(response.route_loads(choice, tonnes))
    np.testing.assert_allclose(on, loads.by_arc.sum(axis=0), rtol=1e-12)
    np.testing.assert_allclose(response.demand(choice, tonnes), loads.by_pair, rtol=1e-12)
    assert (choice.share[2] == 0).all()


def test_hours_at_bottlenecks_are_hours_on_their_arcs() -> None:
    """Priced by the value of time of each class, as `dearer` does."""
    model, spots, response = ready()
    hours = np.random.default_rng(2).uniform(0, 30, len(spots))
    usd = np.random.default_rng(3).uniform(0, 9, len(spots))
    on = spots.of_arc >= 0
    arc_hours, arc_usd = np.zeros(len(on)), np.zeros(len(on))
    arc_hours[on], arc_usd[on] = hours[spots.of_arc[on]], usd[spots.of_arc[on]]
    cost = model.baseline.total
    by_spot = response.choose(cost, hours, usd)
    dear = model.dearer(hours=arc_hours, usd_per_t=arc_usd).total
    by_arc = response.choose(dear, np.zeros(len(spots)))
    np.testing.assert_allclose(by_spot.skim, by_arc.skim, rtol=1e-12)
    np.testing.assert_allclose(by_spot.share, by_arc.share, rtol=1e-10, atol=1e-15)


def test_weights_of_hubs_that_are_joined_sum_to_one() -> None:
    model, spots, response = ready()
    cost, no_hours = model.baseline.total.copy(), np.zeros(len(spots))
    total = response.by_zones(response.choose(cost, no_hours).weight)
    assert set(np.unique(total.round(12))) <= {0.0, 1.0}
    pairs = model.routes.pairs
    gamma = pairs.nodes.index("gamma")
    gone = (pairs.origin == gamma) | (pairs.destination == gamma)
    cost[:, gone[response.sets.pair]] = np.inf
    weight = response.choose(cost, no_hours).weight
    assert (weight[:, gone] == 0).all()
    np.testing.assert_allclose(response.by_zones(weight), total, rtol=1e-12)


@SOME
@given(SEEDS)
def test_transposes(seed: int) -> None:
    """Of loading, of skims, and of what loads and skims change by."""
    model, spots, response = ready()
    draw = np.random.default_rng(seed)
    cost = model.baseline.total * draw.uniform(0.9, 1.2, model.baseline.total.shape)
    hours, usd = draw.uniform(0, 5, (2, len(spots)))
    choice = response.choose(cost, hours, usd)
    weight = choice.weight
    tonnes = draw.uniform(0, 1e5, (3, 3, 3))
    at_spots = draw.normal(size=len(spots))
    value = response.along(at_spots)[None]
    by_tonnes, slope, mean = response.transposed_load(choice, tonnes, value)
    assert np.sum(by_tonnes * tonnes) == pytest.approx(
        at_spots @ response.traffic(choice, tonnes), rel=1e-10, abs=1e-6
    )
    by_skim = draw.normal(size=(3, 3, 3))
    back = response.transposed_costs(choice, slope, value, mean, by_skim)
    step = 1e-5
    for k, slopes in enumerate(back):
        way = draw.normal(size=len(spots))
        numbers = []
        for sign in (1, -1):
            h, u = hours.copy(), usd.copy()
            (h, u)[k][:] += sign * step * way
            moved = response.choose(cost, h, u)
            mean_skim = response.by_zones(weight * np.where(weight > 0, moved.skim, 0.0))
            number = at_spots @ response.traffic(moved, tonnes) + np.sum(by_skim * mean_skim)
            numbers.append(number)
        wanted = (numbers[0] - numbers[1]) / (2 * step)
        found = response.at_spots(slopes) @ way
        size = np.abs(response.at_spots(slopes) * way).sum()
        assert found == pytest.approx(wanted, abs=1e-5 * (1 + size))


def test_own_slopes_bound_what_a_bottleneck_loses() -> None:
    """Routes that share a bottleneck shift among themselves too: the sum over routes is no less."""
    model, spots, response = ready()
    cost = model.baseline.total
    choice = response.choose(cost, np.zeros(len(spots)))
    tonnes = np.full((3, 3, 3), 1e5)
    bound = response.own_slopes(choice, tonnes, response.usd_per_hour)
    for f in range(len(spots)):
        step = 1e-3 * (np.arange(len(spots)) == f)
        up, down = (response.traffic(response.choose(cost, s * step), tonnes)[f] for s in (1, -1))
        assert 0 <= -(up - down) / 2e-3 <= bound[f] * (1 + 1e-6) + 1e-6
