"""User equilibrium: by hand, by certificate, by another method, by laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from scipy.optimize import LinearConstraint, minimize

from entrepot.kernels.assignment.assign import assign, warm_up
from entrepot.kernels.assignment.link_costs import (
    beckmann,
    costs_at,
    link_costs,
)
from entrepot.kernels.assignment.plain import assign_plain
from entrepot.kernels.assignment.problem import (
    Links,
    Trips,
    links,
    trips,
)
from entrepot.kernels.status import Status
from tests.kernels.road_worlds import (
    affine,
    braess,
    demand,
    random_world,
    two_roads,
    world,
    worlds,
    worst_detour,
)

SEEDS = range(8)


def test_two_roads_by_hand() -> None:
    found = assign(*two_roads(), gap=1e-14)
    assert found.volume == pytest.approx([6.0, 4.0], abs=1e-12)
    assert found.cost == pytest.approx([10.0, 10.0], abs=1e-12)
    # 4 x 6 + 36 / 2 and 8 x 4 + 16 / 4.
    assert found.objective == pytest.approx(24 + 18 + 32 + 4, rel=1e-14)
    assert found.certificate.total_cost == pytest.approx(100.0, rel=1e-14)
    assert found.status is Status.CONVERGED


def test_braess_paradox() -> None:
    without = assign(*braess(shortcut=False), gap=1e-14)
    with_it = assign(*braess(shortcut=True), gap=1e-14)
    assert without.volume == pytest.approx([3, 3, 3, 3], abs=1e-9)
    assert with_it.volume == pytest.approx([4, 4, 2, 2, 2], abs=1e-9)
    assert without.certificate.least_cost / 6 == pytest.approx(83, rel=1e-10)
    assert with_it.certificate.least_cost / 6 == pytest.approx(92, rel=1e-10)


def test_fourth_power_by_hand() -> None:
    """1 + x^4 against a constant 17: two take the first road, the rest the other."""
    there = world(2, [(0, 1, 1, 1, 1, 4), (0, 1, 17, 0, 0, 0)])
    found = assign(there, demand([(0, 1, 5)]), gap=1e-14)
    assert found.volume == pytest.approx([2, 3], rel=1e-12)


def test_a_square_root_has_no_slope_at_nothing_and_is_used_all_the_same() -> None:
    """1 + sqrt(x) against 2 + sqrt(x), 5 trips: x = (1 + sqrt(5 - x))^2, by bisection."""
    there = world(2, [(0, 1, 1, 1, 1, 0.5), (0, 1, 2, 0.5, 1, 0.5)])
    found = assign(there, demand([(0, 1, 5)]), gap=1e-13)
    low, high = 0.0, 5.0
    for _ in range(200):
        x = 0.5 * (low + high)
        low, high = (x, high) if 1 + np.sqrt(x) < 2 + np.sqrt(5 - x) else (low, x)
    assert found.volume == pytest.approx([x, 5 - x], rel=1e-9)


def test_no_path_passes_through_a_closed_node() -> None:
    """The short way leads through node 1, which is a zone."""
    rows = [affine(0, 1, 1, 0.1), affine(1, 2, 1, 0.1), affine(0, 3, 5, 0.1), affine(3, 2, 5, 0.1)]
    wanted = demand([(0, 2, 1), (0, 1, 2), (1, 2, 3)])
    passing = assign(world(4, rows), wanted)
    assert passing.volume == pytest.approx([3, 4, 0, 0])
    kept_out = assign(world(4, rows, closed=[0, 1, 2]), wanted)
    assert kept_out.volume == pytest.approx([2, 3, 1, 1])
    assert kept_out.certificate.loaded == pytest.approx(6)


def test_what_is_not_loaded_is_told() -> None:
    there = world(4, [affine(0, 1, 1, 1), affine(2, 3, 1, 1)])
    found = assign(there, demand([(0, 1, 2), (0, 3, 5), (1, 1, 7), (1, 0, 4), (2, 3, 0)]))
    assert found.cut_off.tolist() == [1, 3]
    assert found.intrazonal.tolist() == [2]
    assert found.asked == 18
    assert found.certificate.loaded == pytest.approx(2)
    assert found.volume == pytest.approx([2, 0])


@pytest.mark.parametrize("wanted", [[], [(0, 0, 3)], [(1, 0, 3)], [(0, 1, 0)]])
def test_nothing_to_assign(wanted: list[tuple[int, int, float]]) -> None:
    found = assign(world(2, [affine(0, 1, 1, 1)]), demand(wanted))
    assert found.status is Status.EMPTY
    assert found.converged
    assert found.volume == pytest.approx([0])


def test_a_link_without_capacity_is_closed_and_one_without_growth_is_not() -> None:
    rows = [(0, 1, 1, 1, 0, 4), (0, 1, 2, 0, 0, 4), (0, 1, 0, 1, 0, 4), (0, 1, 1, 1, 0, 0)]
    found = assign(world(2, rows), demand([(0, 1, 3)]))
    assert found.cost.tolist() == [np.inf, 2, 0, 2]
    assert found.volume == pytest.approx([0, 0, 3, 0])


def test_iterations_run_out_honestly() -> None:
    there, asked = random_world(3)
    found = assign(there, asked, gap=1e-12, iterations=1)
    assert found.status is Status.EXHAUSTED
    assert not found.converged
    assert found.iterations == 1
    assert found.certificate.gap > 1e-12


def test_an_unreachable_gap_is_told() -> None:
    there, asked = random_world(3)
    found = assign(there, asked, gap=0.0)
    assert found.status in (Status.STALLED, Status.CONVERGED)
    assert found.certificate.gap < 1e-13


@pytest.mark.parametrize("seed", SEEDS)
def test_no_used_link_is_a_detour(seed: int) -> None:
    there, asked = random_world(seed)
    found = assign(there, asked, gap=1e-13)
    assert found.converged
    assert found.certificate.node_balance < 1e-12
    scale = found.certificate.total_cost / asked.amount.sum()
    assert worst_detour(there, asked, found) < 1e-4 * scale
    flows = np.zeros(len(there.tail))
    np.add.at(flows, found.uses.link, found.uses.flow)
    assert flows == pytest.approx(found.volume, abs=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_plain_twin(seed: int) -> None:
    there, asked = random_world(seed)
    found = assign(there, asked, gap=1e-12)
    volume, history = assign_plain(there, asked, iterations=400)
    least = beckmann(there.costs, volume)
    # The gap bounds by how much the objective of the twin lies above the least.
    total = volume @ costs_at(there.costs, volume)[0]
    assert history[-1] < 0.02
    assert least - 2 * history[-1] * total <= found.objective <= least + 1e-9 * abs(least)


@pytest.mark.parametrize("seed", SEEDS)
def test_convex_optimum(seed: int) -> None:
    """Link flows by origin from a general solver."""
    there, asked = random_world(seed, n=5, m=8, pairs=4)
    found = assign(there, asked, gap=1e-13)
    n, m = there.n_node, len(there.tail)
    origins = np.unique(asked.origin)
    balance, wanted = [], []
    for k, o in enumerate(origins):
        # The balance at the origin follows from the others.
        for v in set(range(n)) - {int(o)}:
            row = np.zeros((len(origins), m))
            row[k] = (there.head == v).astype(float) - (there.tail == v)
            ends = asked.amount[(asked.origin == o) & (asked.destination == v)].sum()
            balance.append(row.ravel())
            wanted.append(ends)

    def value(x: np.ndarray) -> float:
        return beckmann(there.costs, x.reshape(-1, m).sum(axis=0))

    def slope(x: np.ndarray) -> np.ndarray:
        return np.tile(costs_at(there.costs, x.reshape(-1, m).sum(axis=0))[0], len(origins))

    solved = minimize(
        value,
        np.full(len(origins) * m, 0.1),
        jac=slope,
        method="SLSQP",
        bounds=[(0, None)] * (len(origins) * m),
        constraints=LinearConstraint(np.array(balance), wanted, wanted),
        options={"maxiter": 500, "ftol": 1e-12},
    )
    assert solved.success, solved.message
    assert found.objective <= solved.fun + 1e-7 * abs(solved.fun)
    assert found.objective == pytest.approx(solved.fun, rel=1e-5)


@pytest.mark.parametrize("seed", SEEDS)
def test_nodes_and_links_may_be_relabelled(seed: int) -> None:
    there, asked = random_world(seed)
    draw = np.random.default_rng(seed)
    name, order = draw.permutation(there.n_node), draw.permutation(len(there.tail))
    other = links(
        there.n_node, name[there.tail][order], name[there.head][order], there.costs.take(order)
    )
    renamed = trips(name[asked.origin], name[asked.destination], asked.amount)
    one, two = assign(there, asked, gap=1e-13), assign(other, renamed, gap=1e-13)
    assert two.objective == pytest.approx(one.objective, rel=1e-12)
    grows = there.costs.growth[order] > 0.0
    assert two.volume[grows] == pytest.approx(one.volume[order][grows], abs=1e-3)


@pytest.mark.parametrize("seed", SEEDS)
def test_units_scale(seed: int) -> None:
    there, asked = random_world(seed)
    one = assign(there, asked, gap=1e-13)
    costs = there.costs
    hours = costs._replace(
        fixed=costs.fixed / 60, growth=costs.growth / 60, inverse=costs.inverse / 1000
    )
    other = links(there.n_node, there.tail, there.head, hours)
    two = assign(other, trips(asked.origin, asked.destination, 1000 * asked.amount), gap=1e-13)
    assert two.objective == pytest.approx(one.objective * 1000 / 60, rel=1e-11)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_link_split_in_two(seed: int) -> None:
    """In series each half has half the time; in parallel each half has half the capacity."""
    there, asked = random_world(seed)
    one = assign(there, asked, gap=1e-13)
    a = int(np.argmax(one.volume))
    n, costs = there.n_node, there.costs

    def extended(tail: int, head: int, **half: float) -> Links:
        tails, heads = np.append(there.tail, tail), np.append(there.head, head)
        every = costs.take(np.append(np.arange(len(there.tail)), a))
        for name, factor in half.items():
            getattr(every, name)[[a, -1]] *= factor
        return links(n + 1, tails, heads, every)

    parallel = assign(extended(there.tail[a], there.head[a], inverse=2.0), asked, gap=1e-13)
    assert parallel.objective == pytest.approx(one.objective, rel=1e-11)
    series = extended(n, there.head[a], fixed=0.5, growth=0.5)
    series.head[a] = n
    in_series = assign(series, asked, gap=1e-13)
    assert in_series.objective == pytest.approx(one.objective, rel=1e-11)
    assert in_series.volume[-1] == pytest.approx(one.volume[a], abs=1e-3)


def test_threads_change_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("entrepot.kernels.assignment.assign.SMALL", 0)
    there, asked = random_world(11, n=40, m=160, pairs=300)
    one = assign(there, asked, gap=1e-12, threads=1)
    for threads in (2, 3, 5):
        other = assign(there, asked, gap=1e-12, threads=threads)
        assert other.threads == threads
        assert np.array_equal(other.volume, one.volume)
        assert np.array_equal(other.history, one.history)
        assert np.array_equal(other.uses.flow, one.uses.flow)


@pytest.mark.parametrize("seed", SEEDS)
def test_warm_start(seed: int) -> None:
    there, asked = random_world(seed)
    before = assign(there, asked, gap=1e-12)
    again = assign(there, asked, gap=1e-10, warm=before.uses)
    assert again.iterations == 0
    more = trips(asked.origin, asked.destination, 1.1 * asked.amount)
    cold, warm = assign(there, more, gap=1e-12), assign(there, more, gap=1e-12, warm=before.uses)
    assert warm.objective == pytest.approx(cold.objective, rel=1e-11)
    assert warm.history[0] < cold.history[0]


def test_a_warm_start_with_a_cycle_or_foreign_links_does_no_harm() -> None:
    there, asked = random_world(2)
    before = assign(there, asked, gap=1e-12)
    every = len(there.tail)
    odd = type(before.uses)(
        before.uses.origin[:1],
        before.uses.kind[:1],
        np.array([0, every], dtype=np.int32),
        np.arange(every, dtype=np.int32),
        np.ones(every),
    )
    found = assign(there, asked, gap=1e-12, warm=odd)
    assert found.objective == pytest.approx(before.objective, rel=1e-11)
    foreign = type(odd)(odd.origin, odd.kind, odd.start, odd.link + 1, odd.flow)
    with pytest.raises(ValueError, match="not there"):
        assign(there, asked, warm=foreign)


@settings(max_examples=150, deadline=None)
@given(worlds())
def test_any_world(case: tuple[Links, Trips]) -> None:
    there, asked = case
    found = assign(there, asked, gap=1e-9, iterations=300)
    proof = found.certificate
    wanted = asked.amount.sum()
    told = asked.amount[found.cut_off].sum() + asked.amount[found.intrazonal].sum()
    assert proof.loaded + told == pytest.approx(wanted, abs=1e-9)
    assert proof.node_balance <= 1e-12 * max(wanted, 1.0)
    assert (found.volume >= 0.0).all()
    assert found.converged, (found.status, found.history)
    assert worst_detour(there, asked, found) * min(1.0, wanted) <= 1e-3 * max(proof.total_cost, 1.0)


def test_two_classes_by_hand() -> None:
    """Cars do not mind the toll of 3 on the first road, lorries do.

    Roads cost x and 4 + x. 4 cars and 4 lorries: lorries see 3 + x against 4 + x. At x = 5.5 on
    the first, 2.5 on the second lorries are torn: 8.5 against 6.5, so all go by the second; cars
    see 4 against 8 and stay.
    """
    there = world(2, [affine(0, 1, 0, 1), affine(0, 1, 4, 1)], extra=[[0, 0], [5, 0]])
    asked = trips([0, 0], [1, 1], [4, 4], [0, 1])
    found = assign(there, asked, gap=1e-13)
    assert found.volumes[0] == pytest.approx([4, 0], abs=1e-6)
    assert found.volumes[1] == pytest.approx([0, 4], abs=1e-6)
    same = links(2, there.tail, there.head, there.costs, extra=[[0, 0], [0, 0]])
    mixed = assign(same, asked, gap=1e-13)
    assert mixed.volume == pytest.approx([6, 2], abs=1e-6)


def test_bad_input_is_refused() -> None:
    with pytest.raises(ValueError, match="capacity of link 1"):
        link_costs([1, 1], 1, [1, -1], 4)
    with pytest.raises(ValueError, match="head of link 0 is node 2"):
        world(2, [affine(0, 2, 1, 1)])
    with pytest.raises(ValueError, match="trips of pair 0"):
        demand([(0, 1, -1)])
    with pytest.raises(ValueError, match="destination of pair 0"):
        assign(world(2, [affine(0, 1, 1, 1)]), demand([(0, 5, 1)]))


def test_powers_agree_with_the_general_formula() -> None:
    draw = np.random.default_rng(0)
    power = np.array([0.0, 0.5, 1, 1.5, 2, 3, 4, 5, 16, 17, 20.5])
    t0, b, capacity = draw.uniform(1, 2, (3, len(power)))
    flow = draw.uniform(0, 3, len(power))
    costs = link_costs(t0, b, capacity, power)
    cost, slope = costs_at(costs, flow)
    assert cost == pytest.approx(t0 * (1 + b * (flow / capacity) ** power), rel=1e-13)
    step = 1e-6
    higher, lower = costs_at(costs, flow + step)[0], costs_at(costs, flow - step)[0]
    assert slope == pytest.approx((higher - lower) / (2 * step), rel=1e-6, abs=1e-8)
    area = [
        np.trapezoid(costs_at(costs.take(np.full(20001, i)), x)[0], x)
        for i, f in enumerate(flow)
        for x in [np.linspace(0, f, 20001)]
    ]
    assert beckmann(costs, flow) == pytest.approx(sum(area), rel=1e-6)


def test_warming_up_is_harmless() -> None:
    warm_up()
