"""All classes at once against one class at a time, and each transpose against what it transposes."""

from __future__ import annotations

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entrepot.kernels.choice.class_choice import (
    choose_classes,
    group_cotangents,
    own_slopes,
    pair_means,
    route_tonnes,
)
from entrepot.kernels.choice.path_size import make_base
from entrepot.kernels.choice.route_choice import (
    Base,
    RouteSets,
    choose,
    load,
    load_change,
    route_cost,
)
from tests.kernels.test_route_choice import EXACT, drawn

SEEDS = st.integers(0, 10_000)
N_CLASS = 3
ONE = np.zeros(N_CLASS, dtype=np.int64)
SOME = settings(max_examples=40)


class Case:
    """Random sets with three classes; some routes closed, some pairs closed to a class for good."""

    def __init__(self, seed: int) -> None:
        self.sets, cost, _, draw = drawn(seed)
        sets = self.sets
        self.draw = draw
        self.arc = np.array([cost * draw.uniform(0.5, 2.0, 30) for _ in range(N_CLASS)])
        self.cost = np.array([route_cost(sets, c) for c in self.arc])
        self.cost[draw.random(self.cost.shape) < 0.2] = np.inf
        self.mu = draw.uniform(2.0, 30.0, N_CLASS)
        self.bases = [
            make_base(sets, a, m, c) for a, m, c in zip(self.arc, self.mu, self.cost, strict=True)
        ]
        self.least = np.array([b.least for b in self.bases])
        self.size = np.array([b.size for b in self.bases])
        self.usd_per_hour = draw.uniform(0.01, 2.0, N_CLASS)
        self.hours, self.usd = draw.uniform(0, 1, (2, sets.n_route))
        self.demand = draw.uniform(0, 9, (N_CLASS, sets.n_pair))

    def chosen(self, hours: np.ndarray, usd: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return choose_classes(
            self.sets.first,
            self.least,
            self.size,
            self.mu,
            self.cost,
            hours,
            usd,
            self.usd_per_hour,
        )

    def slope(self) -> np.ndarray:
        known = np.isfinite(self.least)
        return self.demand * np.where(known, self.mu[:, None] / np.where(known, self.least, 1), 0.0)

    def total(self, c: int) -> np.ndarray:
        return self.cost[c] + self.usd_per_hour[c] * self.hours + self.usd


@SOME
@given(SEEDS)
def test_equal_to_one_class_at_a_time(seed: int) -> None:
    case = Case(seed)
    sets = case.sets
    share, skim = case.chosen(case.hours, case.usd)
    loads = np.zeros(sets.n_arc)
    for c, base in enumerate(case.bases):
        one = choose(sets, base, case.total(c))
        np.testing.assert_allclose(share[c], one.share, rtol=EXACT, atol=1e-300)
        np.testing.assert_allclose(skim[c], one.skim, rtol=EXACT)
        loads += load(sets, one.share, case.demand[c])
    both = load(sets, route_tonnes(sets.pair, share, case.demand), np.ones(sets.n_pair))
    np.testing.assert_allclose(both, loads, rtol=EXACT, atol=1e-12)


@SOME
@given(SEEDS)
def test_closed_routes_carry_nothing_and_shares_of_open_pairs_sum_to_one(seed: int) -> None:
    case = Case(seed)
    share, skim = case.chosen(case.hours, case.usd)
    assert (share[np.isinf(case.cost)] == 0).all()
    for c in range(N_CLASS):
        total = np.bincount(case.sets.pair, share[c], case.sets.n_pair)
        opened = np.bincount(case.sets.pair, np.isfinite(case.cost[c]), case.sets.n_pair) > 0
        np.testing.assert_allclose(total, opened.astype(float), rtol=EXACT)
        assert (np.isfinite(skim[c]) == opened).all()


@SOME
@given(SEEDS)
def test_loading_and_means_are_transposes(seed: int) -> None:
    """<value, tonnes on routes> = <means of value, demand>, for values alike and by class."""
    case = Case(seed)
    share, _ = case.chosen(case.hours, case.usd)
    value = case.draw.normal(size=case.sets.n_route)
    left = value @ route_tonnes(case.sets.pair, share, case.demand)
    right = np.sum(pair_means(case.sets.first, share, value[None]) * case.demand)
    assert left == pytest.approx(right, rel=EXACT, abs=1e-10)
    by_class = case.draw.normal(size=share.shape)
    left = np.sum(by_class * share * case.demand[:, case.sets.pair])
    right = np.sum(pair_means(case.sets.first, share, by_class) * case.demand)
    assert left == pytest.approx(right, rel=EXACT, abs=1e-10)


@SOME
@given(SEEDS)
def test_costs_answer_as_one_class_at_a_time(seed: int) -> None:
    """Slopes along a direction of arcs are those of `load_change` and of skims, class by class."""
    case = Case(seed)
    sets = case.sets
    share, _ = case.chosen(case.hours, case.usd)
    value, skim = case.draw.normal(size=30), case.draw.normal(size=case.demand.shape)
    step = case.draw.normal(size=30)
    along, worth = route_cost(sets, step), route_cost(sets, value)[None]
    mean = pair_means(sets.first, share, worth)
    (hours,), (usd,) = group_cotangents(
        sets.first, share, case.slope(), worth, mean, skim, case.usd_per_hour, ONE
    )
    by_usd = by_hour = 0.0
    for c, base in enumerate(case.bases):
        moved = value @ load_change(sets, base, share[c], case.demand[c], step)
        moved += skim[c] @ np.bincount(sets.pair, share[c] * along, sets.n_pair)
        by_usd += moved
        by_hour += case.usd_per_hour[c] * moved
    assert usd @ along == pytest.approx(by_usd, rel=1e-9, abs=1e-8)
    assert hours @ along == pytest.approx(by_hour, rel=1e-9, abs=1e-8)


@SOME
@given(SEEDS)
def test_transposed_costs_against_differences(seed: int) -> None:
    """What load and skims change by for a little more hours and USD/t."""
    case = Case(seed)
    sets, draw = case.sets, case.draw
    # A pair that was shut to a class at the baseline has no slope of loads; its C0 is not fixed.
    case.demand[np.isinf(case.least)] = 0.0
    value = draw.normal(size=(1, sets.n_route))
    share, skim0 = case.chosen(case.hours, case.usd)
    weight = np.where(np.isfinite(skim0), draw.normal(size=skim0.shape), 0.0)
    mean = pair_means(sets.first, share, value)
    slopes = [
        one
        for (one,) in group_cotangents(
            sets.first, share, case.slope(), value, mean, weight, case.usd_per_hour, ONE
        )
    ]

    def number(hours: np.ndarray, usd: np.ndarray) -> float:
        share, skim = case.chosen(hours, usd)
        loaded = float(value[0] @ route_tonnes(sets.pair, share, case.demand))
        return loaded + float(np.sum(weight * np.where(np.isfinite(skim), skim, 0.0)))

    step, way = 1e-5, draw.normal(size=(2, sets.n_route))
    for k, slope in enumerate(slopes):
        moves = [(s * step * way[0], 0.0) if k == 0 else (0.0, s * step * way[1]) for s in (1, -1)]
        up, down = (number(case.hours + h, case.usd + u) for h, u in moves)
        wanted = (up - down) / (2 * step)
        size = float(np.abs(slope * way[k]).sum())
        assert slope @ way[k] == pytest.approx(wanted, abs=1e-6 * (1 + size))


@SOME
@given(SEEDS)
def test_own_slopes_against_differences(seed: int) -> None:
    case = Case(seed)
    sets = case.sets
    if not sets.n_route:
        return
    case.demand[np.isinf(case.least)] = 0.0
    share, _ = case.chosen(case.hours, case.usd)
    found = own_slopes(sets.first, share, case.slope(), case.usd_per_hour)
    r, step = int(case.draw.integers(sets.n_route)), 1e-5
    tonnes = []
    for sign in (1, -1):
        hours = case.hours.copy()
        hours[r] += sign * step
        tonnes.append(route_tonnes(sets.pair, case.chosen(hours, case.usd)[0], case.demand)[r])
    assert found[r] == pytest.approx(-(tonnes[0] - tonnes[1]) / (2 * step), rel=1e-5, abs=1e-6)


def test_a_pair_without_routes_and_one_all_closed() -> None:
    """Routes 0, 1 of pair 0, none of pair 1, route 2 of pair 2, which is shut."""
    sets = RouteSets.of(np.array([0, 2, 2, 3]), np.arange(4), np.arange(3), 3)
    cost = np.array([[1.0, 2.0, np.inf]])
    least = np.array([[1.0, np.inf, np.inf]])
    zero = np.zeros(3)
    share, skim = choose_classes(
        sets.first, least, np.ones((1, 3)), np.array([8.0]), cost, zero, zero, np.ones(1)
    )
    assert share[0].sum() == pytest.approx(1.0)
    assert share[0, 2] == 0
    assert np.isinf(skim[0, 1:]).all()
    np.testing.assert_array_equal(route_tonnes(sets.pair, share, np.ones((1, 3)))[2], 0.0)


def test_a_pair_shut_at_the_baseline_is_priced_by_the_least_of_its_ways_now() -> None:
    sets = RouteSets.of(np.array([0, 2]), np.arange(3), np.arange(2), 2)
    base = Base(np.array([np.inf]), np.ones(2), 5.0)
    total, zero = np.array([3.0, 3.3]), np.zeros(2)
    share, skim = choose_classes(
        sets.first, base.least[None], base.size[None], np.array([5.0]), total[None], zero, zero,
        np.ones(1),
    )  # fmt: skip
    one = choose(sets, base, total)
    np.testing.assert_allclose(share[0], one.share, rtol=EXACT)
    np.testing.assert_allclose(skim[0], 3 - 3 / 5 * np.log(1 + np.exp(-0.5)), rtol=EXACT)


def test_threads_do_not_change_a_bit() -> None:
    case = Case(11)
    threads, seen = numba.get_num_threads(), []
    try:
        for n in range(1, threads + 1):
            numba.set_num_threads(n)
            share, skim = case.chosen(case.hours, case.usd)
            mean = pair_means(case.sets.first, share, share)
            back = group_cotangents(
                case.sets.first, share, case.slope(), share, mean, mean, case.usd_per_hour, ONE
            )
            tonnes = route_tonnes(case.sets.pair, share, case.demand)
            seen.append(b"".join(v.tobytes() for v in (share, skim, mean, *back, tonnes)))
    finally:
        numba.set_num_threads(threads)
    assert len(set(seen)) == 1


def twin(first, least, size, mu, cost, hours, usd, per_hour, needed):
    """Shares and skims pair by pair, in plain NumPy."""
    share, skim = np.zeros(cost.shape), np.full(least.shape, np.inf)
    total = cost + per_hour[:, None] * hours + usd
    for c, p in np.argwhere(needed):
        at = slice(first[p], first[p + 1])
        low = total[c, at].min(initial=np.inf)
        if np.isfinite(low):
            scale = least[c, p] if np.isfinite(least[c, p]) else low
            odds = size[c, at] * np.exp(-mu[c] * (total[c, at] - low) / scale)
            share[c, at] = odds / odds.sum()
            skim[c, p] = low - scale / mu[c] * np.log(odds.sum())
    return share, skim


@given(SEEDS)
@SOME
def test_many_pairs_equal_those_of_the_plain_twin(seed):
    """More pairs than are worked on at a time, some not needed, some closed now or before."""
    draw = np.random.default_rng(seed)
    first = np.concatenate([[0], np.cumsum(draw.integers(1, 9, draw.integers(1, 150)))])
    shape = (N_CLASS, first[-1])
    cost = draw.uniform(20, 400, shape)
    cost[draw.random(shape) < 0.3] = np.inf
    least = np.minimum.reduceat(cost, first[:-1], axis=1)
    least[draw.random(least.shape) < 0.1] = np.inf
    size, mu = draw.uniform(0.1, 1.0, shape), draw.uniform(2, 30, N_CLASS)
    hours, usd = draw.uniform(0, 9, (2, first[-1]))
    given_ = (first, least, size, mu, cost, hours, usd, draw.uniform(0, 2, N_CLASS))
    needed = draw.random(least.shape) < 0.8
    share, skim = choose_classes(*given_, needed)
    expected = twin(*given_, needed)
    np.testing.assert_allclose(share, expected[0], rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(skim, expected[1], rtol=1e-12)
