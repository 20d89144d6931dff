"""Choice, skims and loads against hand, brute force and their identities."""

from __future__ import annotations

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from entrepot.kernels.choice.path_size import make_base
from entrepot.kernels.choice.route_choice import (
    RouteSets,
    choose,
    load,
    load_change,
    route_cost,
    skim_change,
)

EXACT = 1e-10


def sets_of(pairs: list[list[list[int]]], n_arc: int) -> RouteSets:
    """Route sets from arcs by route by pair."""
    routes = [r for pair in pairs for r in pair]
    first = np.cumsum([0, *map(len, pairs)])
    start = np.cumsum([0, *map(len, routes)])
    arcs = np.array([a for r in routes for a in r], dtype=np.int64)
    return RouteSets.of(first, start, arcs, n_arc)


def drawn(seed: int) -> tuple[RouteSets, np.ndarray, np.ndarray, np.random.Generator]:
    """Pairs of one to six random routes over 30 arcs, some pairs without any; costs, demand."""
    draw = np.random.default_rng(seed)
    pairs = [
        [
            list(draw.choice(30, draw.integers(1, 9), replace=False))
            for _ in range(draw.integers(0, 7))
        ]
        for _ in range(draw.integers(1, 12))
    ]
    sets = sets_of(pairs, 30)
    return sets, draw.uniform(0.5, 4.0, 30), draw.uniform(0, 10, sets.n_pair), draw


def plain(
    sets: RouteSets, cost: np.ndarray, mu: float, total: np.ndarray, demand: np.ndarray
) -> tuple[np.ndarray, ...]:
    """The twin: sparse products and loops over pairs."""
    route = np.repeat(np.arange(sets.n_route), np.diff(sets.start))
    use = csr_array((np.ones(len(route)), (route, sets.arcs)), shape=(sets.n_route, sets.n_arc))
    share, skim = np.zeros(sets.n_route), np.full(sets.n_pair, np.inf)
    base_cost = use @ cost
    for p in range(sets.n_pair):
        own = np.arange(sets.first[p], sets.first[p + 1])
        if not len(own) or not np.isfinite(total[own]).any():
            continue
        count = np.asarray(use[own].sum(axis=0)).ravel()
        size = np.array(
            [
                sum(cost[a] / count[a] for a in sets.arcs[sets.start[r] : sets.start[r + 1]])
                for r in own
            ]
        )
        size = size / base_cost[own]
        least = base_cost[own].min()
        odds = size * np.exp(-mu * total[own] / least)
        share[own] = odds / odds.sum()
        skim[p] = -least / mu * np.log(odds.sum())
    return share, skim, use.T @ (share * demand[sets.pair])


def test_two_ways_by_hand() -> None:
    """A ──1── B ──1── C   and   A ────2.2──── C, mu = 10: the odds of the second are exp(-1)."""
    sets = sets_of([[[0, 1], [2]]], 3)
    cost = np.array([1.0, 1.0, 2.2])
    base = make_base(sets, cost, 10.0)
    np.testing.assert_allclose(base.size, 1.0)
    found = choose(sets, base, route_cost(sets, cost))
    np.testing.assert_allclose(found.share, [1 / (1 + np.exp(-1)), 1 / (1 + np.exp(1))], rtol=EXACT)
    assert found.skim[0] == pytest.approx(2.0 - 0.2 * np.log1p(np.exp(-1)), rel=EXACT)
    np.testing.assert_allclose(
        load(sets, found.share, np.array([50.0])), 50 * found.share[[0, 0, 1]], rtol=EXACT
    )


def test_a_route_that_stands_twice_adds_nothing() -> None:
    """Path sizes of copies sum to one, so skim and loads are those of one copy."""
    cost = np.array([1.0, 1.5, 2.2])
    once, twice = sets_of([[[0, 1], [2]]], 3), sets_of([[[0, 1], [2], [2]]], 3)
    results = []
    for sets in (once, twice):
        found = choose(sets, make_base(sets, cost, 8.0), route_cost(sets, cost))
        results.append((found.skim[0], load(sets, found.share, np.ones(1))))
    assert results[0][0] == pytest.approx(results[1][0], rel=EXACT)
    np.testing.assert_allclose(results[0][1], results[1][1], rtol=EXACT)


def test_large_mu_takes_the_least_cost() -> None:
    sets, cost, demand, _ = drawn(3)
    base = make_base(sets, cost, 1e7)
    found = choose(sets, base, route_cost(sets, cost))
    open_pairs = np.isfinite(base.least)
    np.testing.assert_allclose(found.skim[open_pairs], base.least[open_pairs], rtol=1e-6)
    worst = np.maximum.reduceat(found.share, sets.first[:-1][np.diff(sets.first) > 0])
    assert (worst > 0.999).all()
    assert load(sets, found.share, demand) @ cost == pytest.approx(
        (demand * np.where(open_pairs, base.least, 0)).sum(), rel=1e-6
    )


@given(st.integers(0, 10_000), st.floats(0.5, 60.0))
def test_equal_to_the_plain_twin(seed: int, mu: float) -> None:
    sets, cost, demand, draw = drawn(seed)
    total = route_cost(sets, cost * draw.uniform(0.8, 1.3, 30))
    total[draw.random(sets.n_route) < 0.2] = np.inf
    found = choose(sets, make_base(sets, cost, mu), total)
    share, skim, loads = plain(sets, cost, mu, total, demand)
    np.testing.assert_allclose(found.share, share, rtol=EXACT, atol=1e-30)
    np.testing.assert_allclose(found.skim, skim, rtol=EXACT)
    np.testing.assert_allclose(load(sets, found.share, demand), loads, rtol=EXACT, atol=1e-12)


@given(st.integers(0, 10_000))
def test_skims_and_loads_are_slopes_of_one_potential(seed: int) -> None:
    """dV/dc is the share of an arc; x is the gradient of sum Q V; dx/dc is symmetric and not positive."""
    sets, cost, demand, draw = drawn(seed)
    base = make_base(sets, cost, 12.0)
    demand = np.where(np.isfinite(base.least), demand, 0.0)

    def potential(c: np.ndarray) -> float:
        skim = choose(sets, base, route_cost(sets, c)).skim
        return float(demand @ np.where(np.isfinite(skim), skim, 0.0))

    share = choose(sets, base, route_cost(sets, cost)).share
    x = load(sets, share, demand)
    one, two = draw.normal(size=30), draw.normal(size=30)
    step = 1e-5
    slope = (potential(cost + step * one) - potential(cost - step * one)) / (2 * step)
    assert slope == pytest.approx(x @ one, rel=1e-6, abs=1e-6 * (1 + abs(x).sum()))
    assert demand @ skim_change(sets, share, one) == pytest.approx(x @ one, rel=EXACT, abs=1e-9)
    moved = load_change(sets, base, share, demand, one)
    up = load(sets, choose(sets, base, route_cost(sets, cost + step * one)).share, demand)
    down = load(sets, choose(sets, base, route_cost(sets, cost - step * one)).share, demand)
    np.testing.assert_allclose(
        moved, (up - down) / (2 * step), rtol=1e-5, atol=1e-5 * (1 + abs(x).max())
    )
    other = load_change(sets, base, share, demand, two)
    assert two @ moved == pytest.approx(one @ other, rel=1e-9, abs=1e-9)
    assert one @ moved <= 1e-9


def test_loads_conserve_demand_at_every_place() -> None:
    """Every route from vertex 0 to vertex 5 of a small DAG: what enters a vertex leaves it."""
    tail = np.array([0, 0, 1, 1, 2, 2, 3, 4, 1])
    head = np.array([1, 2, 3, 4, 3, 4, 5, 5, 2])

    def paths(at: int) -> list[list[int]]:
        if at == 5:
            return [[]]
        return [[a, *rest] for a in np.flatnonzero(tail == at) for rest in paths(int(head[a]))]

    sets = sets_of([paths(0), paths(1)], 9)
    cost = np.random.default_rng(1).uniform(1, 3, 9)
    demand = np.array([100.0, 7.0])
    base = make_base(sets, cost, 5.0)
    share = choose(sets, base, route_cost(sets, cost)).share
    x = load(sets, share, demand)
    balance = np.bincount(head, x, 6) - np.bincount(tail, x, 6)
    np.testing.assert_allclose(balance, [-100, -7, 0, 0, 0, 107], atol=EXACT)
    brute = np.zeros(9)
    for r in range(sets.n_route):
        brute[sets.arcs[sets.start[r] : sets.start[r + 1]]] += share[r] * demand[sets.pair[r]]
    np.testing.assert_allclose(x, brute, rtol=EXACT)


def test_a_closed_pair_carries_nothing_and_says_so() -> None:
    sets = sets_of([[[0], [1]], [], [[2]]], 3)
    cost = np.ones(3)
    base = make_base(sets, cost, 8.0)
    found = choose(sets, base, np.array([np.inf, np.inf, 1.0]))
    assert np.isinf(found.skim[:2]).all()
    np.testing.assert_array_equal(load(sets, found.share, np.array([5.0, 5.0, 5.0])), [0, 0, 5])


def test_no_change_is_no_change_to_the_bit_for_any_number_of_threads() -> None:
    sets, cost, demand, _ = drawn(11)
    base = make_base(sets, cost, 8.0)
    threads, seen = numba.get_num_threads(), []
    try:
        for n in range(1, threads + 1):
            numba.set_num_threads(n)
            found = choose(sets, base, route_cost(sets, cost))
            seen.append((found.skim.tobytes(), load(sets, found.share, demand).tobytes()))
    finally:
        numba.set_num_threads(threads)
    assert len(set(seen)) == 1


def test_positions_that_do_not_fit_are_refused() -> None:
    good = ([0, 1], [0, 2], [0, 1])
    for first, start, arcs in (
        ([0, 2], *good[1:]),
        (good[0], [0, 3], good[2]),
        (good[0], good[1], [0, 9]),
    ):
        with pytest.raises(ValueError, match=r"fit|outside"):
            RouteSets.of(np.array(first), np.array(start), np.array(arcs), 3)
    with pytest.raises(ValueError, match="mu"):
        make_base(sets_of([[[0]]], 1), np.ones(1), 0.0)
