"""Congestion with tonnes held: closed forms and the minimum of a convex function; T8 and T10."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy.optimize import brentq, minimize

from entrepot.equilibrium.coupled import CoupledWorld, Scenario
from entrepot.equilibrium.loop import solve
from entrepot.kernels.choice.route_choice import RouteSets
from entrepot.kernels.delay import POWER, QUEUE, Delays
from tests.equilibrium.coupled_worlds import small
from tests.equilibrium.test_laws import inert


@cache
def two_ways(mu: float) -> CoupledWorld:
    """Two ways of one bottleneck each, 10 USD/t both; of AAA to BBB, cereals only.

    Hours of the first rise by 1 for 100,000 t, of the second by 1 for 50,000 t and start 2 higher.
    """
    whole = inert(small())
    response = whole.response
    pairs = response.model.routes.pairs
    n_pair = pairs.n_pair
    first = np.arange(0, 2 * n_pair + 1, 2)
    start = np.arange(2 * n_pair + 1)
    sets = RouteSets.of(first, start, np.arange(2 * n_pair) % 2, 2)
    shape = (len(response.mu), sets.n_route)
    cost = np.full(shape, 10.0)
    response = replace(
        response,
        sets=sets,
        spots=sets,
        least=np.full((shape[0], n_pair), 10.0),
        size=np.ones(shape),
        mu=np.full(shape[0], mu),
        usd_per_hour=np.full(shape[0], 0.5),
    )
    spots = replace(
        whole.bottlenecks, place=("border",) * 2, name=("one", "other"), capacity=np.full(2, 3e5)
    )
    tonnes = np.zeros_like(whole.cargo.tonnes)
    a, b = (whole.facts.position(z) for z in ("AAA", "BBB"))
    tonnes[0, b, a] = 4e5
    cargo = replace(whole.cargo, tonnes=tonnes)
    delays = Delays(
        np.full(2, POWER), np.array([0.0, 2.0]), np.array([1.0, 1.0]), np.array([1e5, 5e4]), np.ones(2)
    )  # fmt: skip
    choice = response.choose(cost, np.zeros(2))
    zero = np.zeros(2)
    made = CoupledWorld(
        response, spots, whole.facts, whole.baseline, cargo, whole.at, cost, choice, zero, zero, delays
    )  # fmt: skip
    # Hours are counted from those without traffic, those of the free ways included.
    return replace(made, cost=cost + 0.5 * delays.hours(zero)[np.arange(2 * n_pair) % 2])


@pytest.mark.parametrize("mu", [1.0, 8.0, 100.0, 1e4, 1e6])
def test_two_ways_by_their_own_equation(mu: float) -> None:
    """0.5 (T1 - T2) = (C0 / mu) ln (x2 / x1), found by bisection."""
    world = two_ways(mu)
    # Costs carry sixteen digits, shares mu times fewer.
    found = solve(world, gap=max(1e-12, 1e-16 * mu))
    assert found.converged

    def unequal(x: float) -> float:
        hours = x / 1e5 - 2 - (4e5 - x) / 5e4
        return 0.5 * hours - 10 / mu * np.log((4e5 - x) / x)

    wanted = brentq(unequal, 1.0, 4e5 - 1.0, xtol=1e-9, rtol=1e-15)
    np.testing.assert_allclose(found.point.traffic, [wanted, 4e5 - wanted], rtol=1e-10)
    # Shares follow the logit of the costs they bring about.
    share = found.point.choice.share[0, :2]
    np.testing.assert_allclose(share * 4e5, found.point.traffic, rtol=1e-9)


def test_without_dispersion_both_ways_cost_the_same() -> None:
    """Wardrop: x / 1e5 = 2 + (Q - x) / 5e4 gives two thirds of Q + 1e5."""
    found = solve(two_ways(1e6), gap=1e-10)
    assert found.converged
    one = (2 + 4e5 / 5e4) / (1 / 1e5 + 1 / 5e4)
    np.testing.assert_allclose(found.point.traffic, [one, 4e5 - one], rtol=2e-5)
    hours = found.world.delays.hours(found.point.traffic)
    assert hours[0] == pytest.approx(hours[1], rel=1e-5)


@pytest.mark.parametrize("most", [0.25, 0.4, 0.6])
def test_hard_limit_has_its_price_in_closed_form(most: float) -> None:
    """The first route takes no more than its limit: what it is better by there is its price."""
    world = two_ways(8.0)
    limit, factor = np.array([True, False]), np.array([most, 1.0])
    free = solve(world, gap=1e-12)
    # Capacity of the limit alone: what the delay knows as capacity stays.
    world = replace(world, bottlenecks=replace(world.bottlenecks, capacity=3e5 * factor))
    found = solve(world, Scenario(limit=limit), gap=1e-12)
    assert found.converged
    x = min(most * 3e5, free.point.traffic[0])
    assert found.point.traffic[0] == pytest.approx(x, rel=1e-6)
    assert found.saturation[0] < 1 + 1e-6
    hours = x / 1e5 - 2 - (4e5 - x) / 5e4
    price = max(10 / 8 * np.log((4e5 - x) / x) - 0.5 * hours, 0.0)
    assert found.shadow_usd_per_t[0] == pytest.approx(price, rel=1e-5, abs=1e-6)
    assert found.shadow_usd_per_t[1] == 0


def traffic_of(delays: Delays, hours: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Traffic at which there are these hours, by formula, and its integral over the hours from 0.

    Queue: rho = w / (1 + w) with w the wait in units of its size, straight from 19 on.
    Power: rho = w ** (1 / exponent), straight below a hundredth.
    """
    c, e = delays.capacity, delays.exponent
    queue = delays.form == QUEUE
    unit = np.where(queue, delays.size / c, delays.size)
    w = (hours - delays.free) / unit
    held = np.clip(w, 0, 19.0)
    rho_q = held / (1 + held) + (w - held) / 400
    area_q = held - np.log1p(held) + 0.95 * (w - held) + np.maximum(w - held, 0) ** 2 / 800
    area_q = np.where(w < 0, w**2 / 800, area_q)
    joint = 0.01**e
    slope = e * joint / 0.01
    above = np.maximum(w, joint)
    rho_p = above ** (1 / e) + np.minimum(w - joint, 0) / slope
    area_p = above ** (1 / e + 1) / (1 / e + 1)
    below = np.minimum(w - joint, 0)
    area_p = area_p + 0.01 * below + below**2 / (2 * slope)
    rho, area = np.where(queue, rho_q, rho_p), np.where(queue, area_q, area_p)
    return rho * c, area * unit * c


def potential(world: CoupledWorld, delays: Delays, added: np.ndarray) -> tuple[float, np.ndarray]:
    """The convex function of the hours and its slopes; `added` to those of the baseline."""
    response, tonnes = world.response, world.inner(world.cargo.tonnes)
    base = world.delays.hours(world.traffic + world.background)
    choice = response.choose(world.cost, added)
    mean = response.by_zones(choice.weight * np.where(choice.weight > 0, choice.skim, 0.0))
    x, area = traffic_of(delays, base + added)
    value = np.sum(area - world.background * added)
    value -= np.sum(tonnes * mean / response.usd_per_hour[:, None, None])
    return float(value), x - world.background - response.traffic(choice, tonnes)


@pytest.mark.parametrize("factor", [1.3, 0.7, 0.4])
def test_hours_are_the_minimum_of_a_convex_function(factor: float) -> None:
    """T10: found again by a general minimiser that knows nothing of the loop."""
    world = inert(small())
    n = len(world.bottlenecks)
    scenario = Scenario(capacity=np.full(n, factor))
    found = solve(world, scenario, gap=1e-12)
    assert found.converged
    assert (found.point.trade.trade_hat == 1).all()
    delays = world.delays.scaled(np.full(n, factor))
    scale = 1e-6

    def both(added: np.ndarray) -> tuple[float, np.ndarray]:
        value, slope = potential(world, delays, added)
        return scale * value, scale * slope

    def second(added: np.ndarray) -> np.ndarray:
        step, rows = 1e-5, []
        for unit in np.eye(n):
            rows.append((both(added + step * unit)[1] - both(added - step * unit)[1]) / (2 * step))
        out = np.array(rows)
        return (out + out.T) / 2

    start = found.point.hours + np.random.default_rng(3).normal(0, 1, n)
    best = minimize(
        both, start, jac=True, hess=second, method="trust-exact", options={"gtol": 1e-9, "maxiter": 500}
    )  # fmt: skip
    np.testing.assert_allclose(best.x, found.point.hours, rtol=1e-7, atol=1e-7)
    assert potential(world, delays, found.point.hours)[0] <= best.fun / scale + 1e-6
    at_start = potential(world, delays, start)[0]
    assert potential(world, delays, found.point.hours)[0] < at_start


def test_the_inverse_used_here_is_one() -> None:
    world = small()
    for share in (0.002, 0.3, 0.9, 1.4):
        x = share * world.delays.capacity
        back, _ = traffic_of(world.delays, world.delays.hours(x))
        np.testing.assert_allclose(back, x, rtol=1e-6)
