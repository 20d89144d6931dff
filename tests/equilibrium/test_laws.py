"""Laws of the coupled equilibrium: nothing moves by itself, goods are conserved, one answer."""

from __future__ import annotations

from dataclasses import replace

import numba
import numpy as np
import pytest

from entrepot.equilibrium.coupled import CoupledWorld, Scenario, TrafficState
from entrepot.equilibrium.loop import Equilibrium, solve
from entrepot.errors import UsageError
from entrepot.network.graph import ArcKind
from entrepot.trade.world.trade_world import TradeWorld
from tests.equilibrium.coupled_worlds import arcs_of, closed, couple, dearer, facts, small

ZERO = ("hours", "usd")


def full(world: CoupledWorld, factor: float) -> Scenario:
    """All capacities times a factor."""
    return Scenario(capacity=np.full(len(world.bottlenecks), factor))


def ten_hours(world: CoupledWorld) -> Scenario:
    return dearer(world, arcs_of(world, "post_a-post_b:rail", ArcKind.BORDER), hours=10)


def is_sound(found: Equilibrium) -> None:
    """Nothing of a converged answer is missing, and F gives back what it is given."""
    point = found.point
    assert found.converged, (found.status, found.gap)
    for name in ("traffic", "hours", "usd", "tonnes", "answer"):
        assert np.isfinite(getattr(point, name)).all(), name
    assert np.isfinite(point.trade.welfare_hat).all()
    assert (point.trade.welfare_hat > 0).all()
    assert (point.tonnes >= 0).all()
    total = point.answer.sum()
    assert np.abs(point.answer - point.traffic).sum() <= 1e-8 * total
    assert found.gap < 1e-8
    assert found.trade_residual < 1e-10


@pytest.mark.parametrize("detail", ["broad_group", "commodity"])
@pytest.mark.parametrize("same", [Scenario(), None, "costs", "all"])
def test_no_change_is_no_change_to_the_bit(detail: str, same: object) -> None:
    """Also where the scenario says in full what is already so."""
    world = small(detail=detail)
    if same == "costs":
        same = Scenario(cost=world.cost.copy())
    elif same == "all":
        same = Scenario(
            world.cost.copy(),
            np.ones_like(world.baseline.flows),
            world.baseline.tariff.copy(),
            np.ones(len(world.bottlenecks)),
            ~np.isnan(world.bottlenecks.capacity),
        )
    assert same is None or isinstance(same, Scenario)
    found = solve(world, same)
    is_sound(found)
    assert found.iterations == 1
    assert found.gap == 0.0
    assert (found.point.trade.welfare_hat == 1.0).all()
    assert (found.point.trade.trade_hat == 1.0).all()
    for name, value in (("traffic", world.traffic), ("answer", world.traffic), ("hours", 0.0)):
        assert (getattr(found.point, name) == value).all(), name
    assert (found.point.tonnes == world.cargo.tonnes).all()
    assert (found.shadow_usd_per_t == 0).all()


def test_the_world_has_all_that_is_to_be_tested() -> None:
    world = small()
    whole = world.traffic + world.background
    assert {"border", "port", "gauge", "sailing", "line"} == set(world.bottlenecks.place)
    assert set(world.delays.form.tolist()) == {0, 1}
    assert (world.delays.slope(whole) > 0).all()
    assert world.traffic.min() > 5000
    assert ((world.cargo.surface > 0) & (world.cargo.surface < 1)).any()
    assert (world.baseline.tariff > 0).any()
    assert len(world.facts.sectors) == 2
    assert len(world.cargo.folding.commodities) == 3
    assert world.choice.skim.shape[1] > world.response.n_zone**2 - world.response.n_zone


def test_the_baseline_has_the_hours_and_tonnes_of_the_facts() -> None:
    world = small()
    hours = world.delays.hours(world.traffic + world.background)
    np.testing.assert_allclose(hours, world.bottlenecks.hours, rtol=1e-12)
    # Tonnes between zones that have hubs are on the way somewhere; each pair once.
    inner = world.inner(world.cargo.tonnes)
    assert world.response.route_loads(world.choice, inner).sum() == pytest.approx(inner.sum())
    sent = np.divide(
        1e6 * world.facts.value * world.cargo.surface,
        world.cargo.usd_per_t,
    )
    np.testing.assert_allclose(world.cargo.tonnes, sent, rtol=1e-12)


@pytest.mark.parametrize("scenario", ["zero", "delay", "shut", "full"])
def test_goods_are_conserved_at_every_place(scenario: str) -> None:
    world = small()
    found = solve(
        world,
        {
            "zero": Scenario(),
            "delay": ten_hours(world),
            "shut": closed(world, "acity-alpha:rail"),
            "full": full(world, 0.6),
        }[scenario],
    )
    is_sound(found)
    response, choice = world.response, found.point.choice
    net, pairs = response.model.session.network, response.model.routes.pairs
    tonnes = world.inner(found.point.tonnes)
    x = response.on_arcs(response.route_loads(choice, tonnes))
    balance = np.bincount(net.head, x, net.n_vertex) - np.bincount(net.tail, x, net.n_vertex)
    by_pair = response.demand(choice, tonnes).sum(axis=0)
    np.add.at(balance, np.array([net.origin(n) for n in pairs.nodes])[pairs.origin], by_pair)
    ends = np.array([net.destination(n) for n in pairs.nodes])
    np.add.at(balance, ends[pairs.destination], -by_pair)
    assert np.abs(balance).max() < 1e-10 * x.sum()
    # What a bottleneck carries is what enters its arcs.
    spots = world.bottlenecks.of_arc
    on = np.bincount(spots[spots >= 0], x[spots >= 0], len(world.bottlenecks))
    np.testing.assert_allclose(on, found.point.answer, rtol=1e-12)


def test_skims_and_loads_are_slopes_of_one_potential() -> None:
    """(16), (17): dV/dh is the value of time times passages; the loss K is symmetric, never negative."""
    world = small()
    point = solve(world, ten_hours(world)).point
    response, n = world.response, len(world.bottlenecks)
    tonnes, cost = world.inner(point.tonnes), ten_hours(world).cost
    assert cost is not None

    def potential(hours: np.ndarray) -> float:
        """sum over classes of Q V / value of time."""
        choice = response.choose(cost, hours)
        mean = response.by_zones(choice.weight * np.where(choice.weight > 0, choice.skim, 0.0))
        return float(np.sum(tonnes * mean / response.usd_per_hour[:, None, None]))

    traffic = response.traffic(point.choice, tonnes)
    for f in range(n):
        step = 1e-3 * (np.arange(n) == f)
        slope = (potential(point.hours + step) - potential(point.hours - step)) / 2e-3
        assert slope == pytest.approx(traffic[f], rel=1e-6, abs=1e-8 * traffic.sum())
    for units in ((np.eye(n), None), (None, np.eye(n))):
        hours, usd = (np.zeros((n, n)) if u is None else u for u in units)
        lost = np.array([world.lost(point, h, u) for h, u in zip(hours, usd, strict=True)])
        top = np.abs(lost).max()
        np.testing.assert_allclose(lost, lost.T, atol=1e-10 * top)
        assert np.linalg.eigvalsh(lost).min() > -1e-10 * top


def test_what_is_lost_for_hours_is_what_differences_say() -> None:
    """K with trade held by a world that cannot answer: kappa stands still where nothing is surface."""
    world = inert(small())
    point, n = solve(world).point, len(small().bottlenecks)
    tonnes = world.inner(point.tonnes)
    for f in range(n):
        way = (np.arange(n) == f).astype(float)
        for usd in (False, True):
            zero = np.zeros(n)
            up, down = (
                world.response.traffic(
                    world.response.choose(
                        world.cost,
                        zero if usd else s * 1e-3 * way,
                        s * 1e-3 * way if usd else None,
                    ),
                    tonnes,
                )
                for s in (1, -1)
            )
            found = world.lost(point, zero, way) if usd else world.lost(point, way)
            top = np.abs(found).max()
            np.testing.assert_allclose(found, -(up - down) / 2e-3, rtol=1e-5, atol=1e-6 * top)


def inert(world: CoupledWorld) -> CoupledWorld:
    """The same tonnes whatever freight costs."""
    cargo = replace(world.cargo, surface=np.zeros_like(world.cargo.surface))
    return replace(world, cargo=cargo)


@pytest.mark.parametrize("name", ["delay", "full", "bursting", "tariffs"])
def test_five_random_starts_agree(name: str) -> None:
    """T15, also where most bottlenecks are over their capacity."""
    world = small()
    scenario = {
        "delay": ten_hours(world),
        "full": full(world, 0.5),
        "bursting": full(world, 0.2),
        "tariffs": Scenario(tariff=np.zeros_like(world.baseline.tariff)),
    }[name]
    draw = np.random.default_rng(7)
    found = [solve(world, scenario)]
    for _ in range(5):
        start = world.traffic * draw.lognormal(0, 0.5, len(world.traffic))
        found.append(solve(world, scenario, traffic=start))
    for one in found:
        is_sound(one)
        welfare = one.point.trade.welfare_hat
        np.testing.assert_allclose(welfare, found[0].point.trade.welfare_hat, atol=1e-7, rtol=0)
        np.testing.assert_allclose(one.point.traffic, found[0].point.traffic, rtol=1e-5)
    if name == "bursting":
        assert np.nanmax(found[0].saturation) > 2


def test_a_start_next_door_gives_the_same() -> None:
    world = small()
    cold, warm = solve(world, full(world, 0.6)), solve(world, ten_hours(world))
    again = solve(world, full(world, 0.6), start=warm)
    is_sound(again)
    np.testing.assert_allclose(
        again.point.trade.welfare_hat, cold.point.trade.welfare_hat, atol=1e-9
    )
    at_once = solve(world, full(world, 0.6), start=cold)
    assert at_once.iterations == 1


def test_threads_do_not_change_a_bit() -> None:
    world, seen = small(), []
    threads = numba.get_num_threads()
    if numba.config.NUMBA_NUM_THREADS < 2:
        pytest.skip("one processor")
    try:
        for n in (1, 2):
            numba.set_num_threads(n)
            found = solve(world, full(world, 0.6))
            seen.append((found.point.trade.welfare_hat.tobytes(), found.point.traffic.tobytes()))
    finally:
        numba.set_num_threads(threads)
    assert seen[0] == seen[1]


def test_more_freight_cost_is_never_more_trade_of_that_pair() -> None:
    """Trade cost by hand: one plus part times surface share times the rise over value and freight."""
    world = small()
    found = solve(world, dearer(world, arcs_of(world, "alpha-beta:sea"), usd=5))
    point, c = found.point, 0
    a, b = world.facts.position("AAA"), world.facts.position("BBB")
    x, y = (list(world.at).index(k) for k in (a, b))
    rise = 0.0
    for c in (0, 1):
        value = world.cargo.usd_per_t[c, b, a] + world.freight[c, y, x]
        rise += (
            world.cargo.part[c, b, a] * world.cargo.surface[c, b, a] * point.change[c, y, x] / value
        )
    assert np.exp(point.trade._shock.log_cost[0, b, a]) == pytest.approx(1 + rise, rel=1e-12)
    assert (point.change[np.isfinite(point.change)] >= -1e-9).sum() > 0
    assert point.change[0, y, x] > 0
    # Tonnes follow values, less what became dearer to make.
    wanted = (
        world.cargo.tonnes[0, b, a]
        * point.trade.trade_hat[0, b, a]
        / np.exp(point.trade.log_cost[0, a])
    )
    assert point.tonnes[0, b, a] == pytest.approx(wanted, rel=1e-12)


def test_a_world_without_bottlenecks_takes_one_look() -> None:
    rows = "place,capacity_known,shape,exponent,rise_at_capacity,value_kind,source_id"
    world = couple(facts(congestion=rows))
    assert len(world.bottlenecks) == 0
    found = solve(world, ten_hours(world))
    is_sound(found)
    assert found.iterations == 1
    assert (found.point.trade.welfare_hat != 1).all()
    assert found.worst.shape == (0,)


def test_worse_of_a_world_that_fits_ill() -> None:
    world = small()
    with pytest.raises(UsageError, match="same commodities"):
        CoupledWorld.of(
            replace(world.response.model, classes=world.response.model.classes[::-1]), world.facts
        )
    with pytest.raises(UsageError, match="above zero"):
        solve(world, full(world, 0.0))
    with pytest.raises(UsageError, match="capacity in the facts"):
        solve(world, Scenario(limit=np.ones(len(world.bottlenecks), dtype=bool)))


def test_too_few_steps_are_said() -> None:
    world = small()
    found = solve(world, full(world, 0.5), most=3)
    assert found.status == "not converged"
    assert not found.converged
    assert found.iterations == 3
    assert found.gap > 1e-8
    assert len(found.worst) == 5


def test_order_of_zones_and_scale_of_money_change_nothing() -> None:
    """The rest of the world last in place of first; twice the trade and twice the capacity."""
    world = small()
    raw = dict(world.response.model.session.world.raw)
    turned = {
        name: {c: [*cells[1:], cells[0]] for c, cells in raw[name].items()} for name in ("zones",)
    }
    other_facts = type(world.response.model.session.world)(
        {**raw, **turned}, world.response.model.session.world.meta
    )
    other = couple(other_facts)
    assert other.facts.zones != world.facts.zones
    found, moved = solve(world, ten_hours(world)), solve(other, ten_hours(other))
    order = [other.facts.position(z) for z in world.facts.zones]
    np.testing.assert_allclose(
        moved.point.trade.welfare_hat[order], found.point.trade.welfare_hat, atol=1e-10
    )
    assert isinstance(found.point, TrafficState)
    assert isinstance(other.facts, TradeWorld)
