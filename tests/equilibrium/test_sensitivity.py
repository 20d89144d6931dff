"""Slopes by every arc from one adjoint solve against solving again: T11 and T12 of the model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from entrepot.equilibrium import loop
from entrepot.equilibrium.coupled import CoupledWorld, Scenario
from entrepot.equilibrium.loop import Equilibrium, solve
from entrepot.equilibrium.objectives import (
    Objective,
    by_commodity,
    fee_income,
    pair_trade,
    tonnes_on,
    welfare,
)
from entrepot.equilibrium.sensitivity import gradient
from entrepot.flows.flow_model import Costs
from entrepot.network.graph import ArcKind
from tests.equilibrium.coupled_worlds import NO_ROWS, arcs_of, closed, couple, facts, small

RELATIVE = 1e-6
STEP = 0.2
GAP = 1e-13


@pytest.fixture(autouse=True)
def tight(monkeypatch: pytest.MonkeyPatch) -> None:
    """Differences of solutions need more digits than people do."""
    monkeypatch.setattr(loop, "TIGHT", 1e-13)
    monkeypatch.setattr(loop, "CLOSER", 1e-2)


def objectives(found: Equilibrium) -> list[Objective]:
    on = arcs_of(found.world, "post_a-post_b:rail", ArcKind.BORDER)
    return [
        pair_trade(found, "AAA", "BBB"),
        pair_trade(found, "CCC", "ROW"),
        welfare(found),
        welfare(found, ["BBB"]),
        tonnes_on(found, on, "border"),
        fee_income(found, "BBB"),
    ]


def alike(world: CoupledWorld) -> list[np.ndarray]:
    """Arcs in groups that the same routes take, as often; those that none does are left out."""
    sets = world.response.sets
    groups: dict[bytes, list[int]] = {}
    for a in range(sets.n_arc):
        users = sets.users[sets.begin[a] : sets.begin[a + 1]]
        if len(users):
            groups.setdefault(users.tobytes(), []).append(a)
    return [np.array(g) for g in groups.values()]


def shifted(base: Scenario, world: CoupledWorld, **more: np.ndarray) -> Scenario:
    cost = None if base.cost is None else Costs(base.cost)
    return replace(base, cost=world.response.model.dearer(cost, **more).total)


def slopes_by(found: Equilibrium, change: Callable[[float], Scenario], step: float) -> np.ndarray:
    """Central differences of all objectives, of fourth order."""
    values = []
    for times in (1, -1, 2, -2):
        other = solve(found.world, change(times * step), start=found, gap=GAP)
        assert other.gap < 1e-11
        values.append([o.value for o in objectives(other)])
    up, down, far_up, far_down = np.array(values)
    return (8 * (up - down) - (far_up - far_down)) / (12 * step)


def mixed(world: CoupledWorld) -> Scenario:
    """Duties, payment, ways and capacities all other than at the baseline."""
    draw = np.random.default_rng(2)
    shape = world.baseline.flows.shape
    model = world.response.model
    extra = draw.uniform(0, 4, world.response.sets.n_arc)
    return Scenario(
        cost=model.dearer(usd_per_t=extra, hours=2 * extra).total,
        wedge=draw.uniform(0.97, 1.05, shape),
        tariff=world.baseline.tariff * draw.uniform(0.5, 1.5, shape),
        capacity=draw.uniform(0.75, 1.2, len(world.bottlenecks)),
    )


def close(found: float, wanted: float, top: float) -> bool:
    """To a millionth, and to a hundred-millionth of the largest slope."""
    return bool(abs(found - wanted) < RELATIVE * (abs(wanted) + 0.01 * top))


def check_arcs(found: Equilibrium, name: str, by: str, groups: list[np.ndarray]) -> None:
    world, base = found.world, found.scenario
    made = [gradient(found, o) for o in objectives(found)]
    assert all(g.status == "converged" for g in made)
    for group in groups:
        on = np.zeros(world.response.sets.n_arc)
        on[group[0]] = 1.0
        wanted = slopes_by(found, lambda s, on=on: shifted(base, world, **{by: s * on}), STEP)
        for g, w in zip(made, wanted, strict=True):
            slopes = getattr(g, name)
            assert close(slopes[group[0]], w, np.abs(slopes).max()), (g.objective.name, group)
            np.testing.assert_allclose(slopes[group], slopes[group[0]], rtol=1e-12)
    unused = np.diff(world.response.sets.begin) == 0
    assert all((getattr(g, name)[unused] == 0).all() for g in made)


def check_capacity(found: Equilibrium) -> None:
    world, base = found.world, found.scenario
    made = [gradient(found, o) for o in objectives(found)]
    one = np.ones(len(world.bottlenecks))
    factor = one if base.capacity is None else base.capacity
    for f in range(len(one)):
        more = np.arange(len(one)) == f
        wanted = slopes_by(found, lambda s, m=more: replace(base, capacity=factor + s * m), 2e-3)
        for g, w in zip(made, wanted, strict=True):
            slopes = g.by_capacity * world.delays.capacity
            assert close(slopes[f], w, np.abs(slopes).max()), (g.objective.name, f)


def test_every_arc_and_bottleneck_away_from_the_baseline() -> None:
    """Of arcs that the same routes take one is moved, and the others must have its slope."""
    world = small()
    found = solve(world, mixed(world), gap=GAP)
    check_arcs(found, "by_usd", "usd_per_t", alike(world))
    check_arcs(found, "by_hour", "hours", alike(world)[::3])
    check_capacity(found)


@pytest.mark.slow
def test_every_arc_by_hours() -> None:
    world = small(detail="commodity")
    check_arcs(solve(world, gap=GAP), "by_hour", "hours", alike(world))


def test_after_a_way_is_closed() -> None:
    """Of the hubs of AAA one is left without a railway; a border is shut."""
    world = small()
    found = solve(world, closed(world, "acity-alpha:rail", "post_c-post_d:rail"), gap=GAP)
    check_arcs(found, "by_usd", "usd_per_t", alike(world)[::8])
    check_capacity(found)


def test_a_hub_that_opens_carries_goods_but_is_no_part_of_the_change() -> None:
    """acity is cut off at the baseline: its slopes are of the goods on it, not of freight costs."""
    cut = facts()
    open_way = couple(cut)
    model = open_way.response.model
    links = ("acity-alpha:rail", "acity-alpha:road")
    shut = np.logical_or.reduce([arcs_of(open_way, link) for link in links])
    costs = model.dearer(closed=shut)
    world = replace(
        open_way.redrawn(open_way.response, costs.total, open_way.baseline, open_way.cargo)
    )
    choice = world.response.choose(costs.total, np.zeros(len(world.bottlenecks)))
    traffic = world.response.traffic(choice, world.inner(world.cargo.tonnes))
    spots = world.bottlenecks
    world = replace(
        world, choice=choice, traffic=traffic, background=spots.background(traffic), delays=spots.delays(traffic)
    )  # fmt: skip
    assert solve(world).iterations == 1
    extra = np.linspace(0, 2, world.response.sets.n_arc)
    found = solve(world, Scenario(cost=model.dearer(usd_per_t=extra).total), gap=GAP)
    assert found.converged
    made = [gradient(found, o) for o in objectives(found)]
    on = arcs_of(world, links[0]).astype(float)
    first = int(np.flatnonzero(on)[0])
    on = np.arange(len(on)) == first
    cost = model.dearer(usd_per_t=extra)
    wanted = slopes_by(
        found, lambda s: Scenario(cost=model.dearer(cost, usd_per_t=s * on).total), STEP
    )
    for g, w in zip(made, wanted, strict=True):
        assert close(g.by_usd[first], w, np.abs(g.by_usd).max()), g.objective.name


def test_where_a_hard_limit_binds() -> None:
    """The traffic there is given; its price answers, and capacity is worth what it lets through."""
    world = small()
    limit = ~np.isnan(world.bottlenecks.capacity)
    factor = np.where(limit, 0.3, 1.0)
    base = Scenario(capacity=factor, limit=limit)
    found = solve(world, base, gap=1e-12)
    assert found.converged
    binding = np.flatnonzero(found.shadow_usd_per_t > 1)
    # A line, the road border with its queue, and the ferry.
    assert len(binding) == 3
    made = [gradient(found, o) for o in objectives(found)]
    assert all(g.status == "converged" for g in made)
    arc = int(np.flatnonzero(arcs_of(world, "post_c-post_d:rail", ArcKind.BORDER))[0])
    on = np.zeros(world.response.sets.n_arc)
    on[arc] = 1.0

    def slopes(change: Callable[[float], Scenario], step: float) -> np.ndarray:
        up, down = (
            np.array(
                [
                    o.value
                    for o in objectives(solve(world, change(s * step), start=found, gap=1e-12))
                ]
            )
            for s in (1, -1)
        )
        return (up - down) / (2 * step)

    by_usd = slopes(lambda s: shifted(base, world, usd_per_t=s * on), 0.5)
    for k, g in enumerate(made):
        top = 1e-3 * np.abs(g.by_usd).max()
        assert g.by_usd[arc] == pytest.approx(by_usd[k], rel=1e-3, abs=top), g.objective.name
    for at in binding:
        more = np.arange(len(limit)) == at
        by_capacity = slopes(lambda s, m=more: replace(base, capacity=factor + s * m), 0.001)
        for k, g in enumerate(made):
            own = g.by_capacity * np.where(limit, world.bottlenecks.capacity, 0.0)
            assert own[at] == pytest.approx(
                by_capacity[k], rel=1e-3, abs=1e-3 * np.abs(own).max()
            ), (g.objective.name, at)


def free_world() -> CoupledWorld:
    """No duties, deficits or congestion."""
    no_duty = "importer,exporter,commodity,regime,valid_from,valid_to,rate,rate_low,rate_high,value_kind,source_id"
    return couple(facts(tariffs=no_duty, congestion=NO_ROWS), deficit="zero")


def test_envelope() -> None:
    """World welfare falls by the value an arc carries times what a dollar does to its price."""
    world = free_world()
    assert len(world.bottlenecks) == 0
    found = solve(world)
    made = gradient(found, welfare(found))
    response = world.response
    carried = world.inner(by_commodity(found)) * world.by_cost
    by_hand = -response.on_arcs(response.route_loads(found.point.choice, carried))
    top = np.abs(by_hand).max()
    np.testing.assert_allclose(made.by_usd, by_hand, rtol=1e-9, atol=1e-12 * top)
    np.testing.assert_allclose(made.naive_by_usd, by_hand, rtol=1e-9, atol=1e-12 * top)
    hours = -response.on_arcs(
        response.route_loads(found.point.choice, carried * response.usd_per_hour[:, None, None])
    )
    np.testing.assert_allclose(made.by_hour, hours, rtol=1e-9, atol=1e-12 * np.abs(hours).max())


def test_envelope_fails_with_duties_and_queues() -> None:
    """Where the market is not free the value carried misleads; the slopes know."""
    found = solve(small())
    made = gradient(found, welfare(found))
    used = np.abs(made.naive_by_usd) > 1e-3 * np.abs(made.naive_by_usd).max()
    ratio = made.by_usd[used] / made.naive_by_usd[used]
    assert np.abs(ratio - 1).max() > 0.05


def test_traffic_share_of_arcs() -> None:
    """All goods of the pair pass the terminals where they start and end."""
    found = solve(small())
    network = found.world.response.model.session.network
    share = gradient(found, pair_trade(found, "AAA", "BBB")).traffic_share
    ends = network.kind == ArcKind.TERMINAL
    assert share[ends].sum() == pytest.approx(2.0, rel=1e-12)
    assert (share >= 0).all()
    assert share.max() <= 1.0


def test_groups_of_classes_add_up() -> None:
    found = solve(small())
    aim = pair_trade(found, "AAA", "BBB")
    whole, parts = gradient(found, aim), gradient(found, aim, np.array([0, 1, 0]))
    np.testing.assert_allclose(parts.by_usd, whole.by_usd, rtol=1e-9)
    assert parts.group_by_usd.shape == (2, found.world.response.sets.n_arc)
    np.testing.assert_allclose(parts.group_by_hour.sum(axis=0), whole.by_hour, rtol=1e-9)
