"""Choice and loads where the answer can be written down: T8, T9 and T16 of the model."""

from __future__ import annotations

import numpy as np
import pytest

from entrepot.kernels.choice.path_size import make_base
from entrepot.kernels.choice.route_choice import (
    Base,
    RouteSets,
    choose,
    load,
    load_change,
    route_cost,
    skim_change,
)
from tests.kernels.test_route_choice import sets_of

EXACT = 1e-10
SIDE = 5


def all_paths(tail: np.ndarray, head: np.ndarray, a: int, b: int) -> list[list[int]]:
    """Every way from a to b of a graph without circles, as arcs."""
    if a == b:
        return [[]]
    out = np.flatnonzero(tail == a)
    return [[int(k), *rest] for k in out for rest in all_paths(tail, head, int(head[k]), b)]


def one_way_grid() -> tuple[np.ndarray, np.ndarray]:
    """5 x 5 places, arcs to the right and down: 40 arcs, 70 ways from corner to corner."""
    cell = np.arange(SIDE * SIDE).reshape(SIDE, SIDE)
    tail = np.concatenate([cell[:, :-1].ravel(), cell[:-1].ravel()])
    head = np.concatenate([cell[:, 1:].ravel(), cell[1:].ravel()])
    return tail, head


@pytest.mark.parametrize("mu", [0.5, 8.0, 1e6])
def test_one_way_costs_what_it_costs(mu: float) -> None:
    sets = sets_of([[[0, 1]]], 2)
    base = make_base(sets, np.array([2.0, 3.0]), mu)
    for cost in (5.0, 7.5, 5e6):
        found = choose(sets, base, np.array([cost]))
        assert found.skim[0] == pytest.approx(cost, rel=EXACT)
        assert found.share[0] == 1.0


@pytest.mark.parametrize("mu", [1.0, 8.0, 200.0])
def test_grid_with_all_ways_alike(mu: float) -> None:
    """Path sizes sum to arcs over steps, 40 / 8, so V = 8 - (8 / mu) ln 5 and shares are S / 5."""
    tail, head = one_way_grid()
    paths = all_paths(tail, head, 0, 24)
    assert len(paths) == 70
    sets, cost = sets_of([paths], 40), np.ones(40)
    base = make_base(sets, cost, mu)
    found = choose(sets, base, route_cost(sets, cost))
    assert base.size.sum() == pytest.approx(5.0, rel=EXACT)
    assert found.skim[0] == pytest.approx(8 - 8 / mu * np.log(5), rel=EXACT)
    np.testing.assert_allclose(found.share, base.size / 5, rtol=EXACT)
    x = load(sets, found.share, np.ones(1))
    # Each step further from the corner is a cut that all goods pass once.
    level = tail // SIDE + tail % SIDE
    np.testing.assert_allclose(np.bincount(level, x), 1.0, rtol=EXACT)
    # The grid is its own mirror image.
    mirror = {(int(t), int(h)): k for k, (t, h) in enumerate(zip(tail, head, strict=True))}
    turned = [
        mirror[(t % SIDE) * SIDE + t // SIDE, (h % SIDE) * SIDE + h // SIDE]
        for t, h in zip(tail.tolist(), head.tolist(), strict=True)
    ]
    np.testing.assert_allclose(x, x[turned], rtol=EXACT)


@pytest.mark.parametrize("mu", [1.0, 8.0, 60.0])
@pytest.mark.parametrize("dearer", [0.0, 0.07, 0.5])
def test_two_ways_beside_one_another(mu: float, dearer: float) -> None:
    """Odds exp(-mu d), cost 1 - ln(1 + exp(-mu d)) / mu; a dear one takes the others' load."""
    sets = sets_of([[[0], [1]]], 2)
    base = make_base(sets, np.ones(2), mu)
    found = choose(sets, base, np.array([1.0, 1.0 + dearer]))
    odds = np.exp(-mu * dearer)
    np.testing.assert_allclose(found.share, np.array([1.0, odds]) / (1 + odds), rtol=EXACT)
    assert found.skim[0] == pytest.approx(1 - np.log1p(odds) / mu, rel=EXACT)


def test_without_dispersion_the_least_cost_takes_all() -> None:
    """mu to infinity: V is the least cost, equal ways share by their sizes."""
    sets = sets_of([[[0, 1], [0, 2], [3]]], 4)
    cost = np.array([1.0, 1.0, 1.0, 2.0])
    base = make_base(sets, cost, 1e13)
    found = choose(sets, base, route_cost(sets, cost))
    np.testing.assert_allclose(base.size, [0.75, 0.75, 1.0], rtol=EXACT)
    np.testing.assert_allclose(found.share, base.size / 2.5, rtol=EXACT)
    assert found.skim[0] == pytest.approx(2.0, rel=EXACT)
    found = choose(sets, base, np.array([2.1, 2.0, 2.1]))
    np.testing.assert_array_equal(found.share, [0, 1, 0])
    assert found.skim[0] == pytest.approx(2.0, rel=EXACT)


DAG = (np.array([0, 0, 1, 1, 1, 2, 2, 3, 4, 0]), np.array([1, 2, 2, 3, 4, 3, 4, 5, 5, 3]))


def dag() -> tuple[RouteSets, list[list[list[int]]], np.ndarray, np.ndarray, Base]:
    """All ways from 0, 1, 2 to 5 and from 0 to 4 of a graph of six places."""
    tail, head = DAG
    paths = [all_paths(tail, head, a, b) for a, b in ((0, 5), (1, 5), (2, 5), (0, 4))]
    sets = sets_of(paths, len(tail))
    cost = np.random.default_rng(4).uniform(1, 3, len(tail))
    return sets, paths, cost, np.array([90.0, 20.0, 5.0, 11.0]), make_base(sets, cost, 6.0)


def test_loads_are_probabilities_times_demand() -> None:
    """Every way of six places written out, with no kernel in sight; what enters leaves."""
    sets, paths, cost, demand, base = dag()
    now = cost * np.linspace(0.9, 1.2, len(cost))
    found = choose(sets, base, route_cost(sets, now))
    x, wanted, skims = load(sets, found.share, demand), np.zeros(len(cost)), []
    for ways, q in zip(paths, demand, strict=True):
        flat = [k for way in ways for k in way]
        base_cost = [sum(cost[k] for k in way) for way in ways]
        odds = [
            sum(cost[k] / flat.count(k) for k in way)
            / c
            * np.exp(-6.0 * sum(now[k] for k in way) / min(base_cost))
            for way, c in zip(ways, base_cost, strict=True)
        ]
        skims.append(-min(base_cost) / 6.0 * np.log(sum(odds)))
        for way, o in zip(ways, odds, strict=True):
            for k in way:
                wanted[k] += q * o / sum(odds)
    np.testing.assert_allclose(x, wanted, rtol=EXACT)
    np.testing.assert_allclose(found.skim, skims, rtol=EXACT)
    tail, head = DAG
    balance = np.bincount(head, x, 6) - np.bincount(tail, x, 6)
    np.testing.assert_allclose(balance, [-101, -20, -5, 0, 11, 115], atol=EXACT)


def test_slopes_of_skims_and_loads_written_out() -> None:
    """dV/dc = P; dx/dc = - sum Q mu / C0 [sum P d d' - p p'], symmetric, never positive."""
    sets, _, cost, demand, base = dag()
    share = choose(sets, base, route_cost(sets, cost)).share
    n, route = sets.n_arc, np.repeat(np.arange(sets.n_route), np.diff(sets.start))
    uses = np.zeros((sets.n_route, n))
    uses[route, sets.arcs] = 1.0
    exact, by_skim = np.zeros((n, n)), np.zeros((sets.n_pair, n))
    for p in range(sets.n_pair):
        own = slice(sets.first[p], sets.first[p + 1])
        by_skim[p] = share[own] @ uses[own]
        spread = uses[own].T @ (share[own, None] * uses[own]) - np.outer(by_skim[p], by_skim[p])
        exact -= demand[p] * base.mu / base.least[p] * spread
    units = np.eye(n)
    found = np.array([load_change(sets, base, share, demand, unit) for unit in units])
    np.testing.assert_allclose(found, exact, atol=EXACT * np.abs(exact).max())
    np.testing.assert_allclose(found, found.T, atol=EXACT * np.abs(exact).max())
    assert np.linalg.eigvalsh(found).max() < EXACT * np.abs(exact).max()
    np.testing.assert_allclose([skim_change(sets, share, u) for u in units], by_skim.T, atol=EXACT)


def traffic_gravity(strength: np.ndarray, theta: float) -> tuple[np.ndarray, ...]:
    """Trade over a network by the recursive logit of Allen and Arkolakis (2022).

    strength : (N, N) t ** -theta, zero where there is no link; B = inverse(1 - strength)
    Value by pair X = b (Y Pi^theta) (E P^theta) with every market clearing, value by link summed
    over all pairs, and the two market accesses.
    """
    n = len(strength)
    b = np.linalg.inv(np.eye(n) - strength)
    draw = np.random.default_rng(1)
    supply, demand = draw.uniform(1, 2, (2, n))
    demand *= supply.sum() / demand.sum()
    seller, buyer = np.ones(n), np.ones(n)
    for _ in range(2000):
        seller = supply / (b @ buyer)
        buyer = demand / (b.T @ seller)
    value = seller[:, None] * b * buyer
    link = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            # Chance that goods from i to j use the link from k to l: b_ik a_kl b_lj / b_ij.
            if b[i, j] > 0:
                link += value[i, j] * np.outer(b[i], b[:, j]) * strength / b[i, j]
    # (P_k ^ -theta), (Pi_l ^ -theta)
    inward, outward = b.T @ seller, b @ buyer
    assert theta > 0
    return value, link, inward, outward, b


def test_traffic_gravity_on_a_grid_with_circles() -> None:
    """A link's value is t ** -theta times the accesses of its ends; nothing absorbs on the way."""
    theta = 8.0
    cell = np.arange(SIDE * SIDE).reshape(SIDE, SIDE)
    strength = np.zeros((25, 25))
    draw = np.random.default_rng(2)
    for a, b in (
        (cell[:, :-1].ravel(), cell[:, 1:].ravel()),
        (cell[:-1].ravel(), cell[1:].ravel()),
    ):
        strength[a, b] = draw.uniform(1.25, 1.6, len(a)) ** -theta
        strength[b, a] = draw.uniform(1.25, 1.6, len(a)) ** -theta
    assert np.abs(np.linalg.eigvals(strength)).max() < 1
    value, link, inward, outward, _ = traffic_gravity(strength, theta)
    np.testing.assert_allclose(link, strength * np.outer(inward, outward), rtol=EXACT)
    # What a place sends and passes on is what it makes and what comes in: circles keep balance.
    own = value.sum(axis=1) - value.sum(axis=0)
    np.testing.assert_allclose(link.sum(axis=1) - link.sum(axis=0), own, atol=1e-9)


def test_kernels_on_all_ways_agree_with_the_recursive_logit() -> None:
    """One way only, every path of every pair in the sets: V = ln tau, loads the traffic of links."""
    theta = 8.0
    tail, head = one_way_grid()
    log_cost = np.log(np.random.default_rng(5).uniform(1.05, 1.6, 40))
    strength = np.zeros((25, 25))
    strength[tail, head] = np.exp(-theta * log_cost)
    value, link, inward, outward, b = traffic_gravity(strength, theta)
    pairs = [(i, j) for i in range(25) for j in range(25) if i != j and b[i, j] > 0]
    sets = sets_of([all_paths(tail, head, i, j) for i, j in pairs], 40)
    base = Base(np.ones(sets.n_pair), np.ones(sets.n_route), theta)
    found = choose(sets, base, route_cost(sets, log_cost))
    at = tuple(np.array(pairs).T)
    np.testing.assert_allclose(found.skim, -np.log(b[at]) / theta, rtol=EXACT)
    x = load(sets, found.share, value[at])
    np.testing.assert_allclose(x, link[tail, head], rtol=EXACT)
    np.testing.assert_allclose(
        x, np.exp(-theta * log_cost) * inward[tail] * outward[head], rtol=EXACT
    )
