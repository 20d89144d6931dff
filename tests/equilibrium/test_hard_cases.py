"""Ways that are lost, limits that bind, numbers beyond reason: the answer is right or says it is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from entrepot.equilibrium.coupled import CoupledWorld, Scenario
from entrepot.equilibrium.loop import OUT_OF_REACH, Equilibrium, solve
from entrepot.equilibrium.objectives import pair_trade, welfare
from entrepot.equilibrium.sensitivity import gradient
from entrepot.network.graph import ArcKind
from tests.equilibrium.coupled_worlds import arcs_of, closed, couple, dearer, facts, small, spot
from tests.equilibrium.test_laws import full, is_sound

CCC_LINKS = ("post_e-post_f:rail", "post_e-post_f:road", "alpha-delta:sea")


def log_kappa(found: Equilibrium, sector: int, importer: str, exporter: str) -> float:
    facts = found.world.facts
    at = (sector, facts.position(importer), facts.position(exporter))
    return float(found.point.trade._shock.log_cost[at])


def test_a_pair_that_is_cut_off_keeps_what_goes_by_pipe() -> None:
    """All of food by surface: 1e8 times less at given prices. A fifth of machines is not."""
    world = small()
    found = solve(world, closed(world, *CCC_LINKS))
    is_sound(found)
    theta = world.baseline.elasticity
    b, c = world.facts.position("BBB"), world.facts.position("CCC")
    x, y = (list(world.at).index(k) for k in (b, c))
    assert np.isposinf(found.point.change[:, [x, y], [y, x]]).all()
    assert log_kappa(found, 1, "CCC", "BBB") == pytest.approx(-np.log(0.2) / theta[1])
    assert log_kappa(found, 0, "CCC", "BBB") == pytest.approx(8 * np.log(10) / theta[0])
    ratio = found.point.trade.trade_hat
    assert ratio[0, c, b] < 1e-7
    assert 0.1 < ratio[1, c, b] < 0.5
    # The rest of the world has no hub here; its trade cost stays.
    assert log_kappa(found, 0, "CCC", "ROW") == log_kappa(found, 1, "ROW", "CCC") == 0.0
    assert found.point.trade.welfare_hat[c] < 0.9
    spots = [spot(world, n) for n in ("post_e-post_f:rail", "alpha-delta:sea")]
    np.testing.assert_array_equal(found.point.answer[spots], 0.0)
    np.testing.assert_allclose(found.point.traffic[spots], 0.0, atol=1e-2)
    made = gradient(found, welfare(found))
    assert made.status == "converged"
    assert np.isfinite(made.by_usd).all()


def test_one_of_two_hubs_is_cut_off() -> None:
    """Goods of acity go by alpha; freight costs change by what alpha's do, here little."""
    world = small()
    found = solve(world, closed(world, "acity-alpha:rail", "acity-alpha:road"))
    is_sound(found)
    assert np.isfinite(found.point.change[world.routes_exist]).all()
    response, pairs = world.response, world.response.model.routes.pairs
    by_hub = response.demand(found.point.choice, world.inner(found.point.tonnes))
    lost = np.array([pairs.nodes[k] == "acity" for k in pairs.origin])
    lost |= np.array([pairs.nodes[k] == "acity" for k in pairs.destination])
    assert (by_hub[:, lost] == 0).all()
    loaded = response.by_zones(by_hub)
    np.testing.assert_allclose(loaded, world.inner(found.point.tonnes) * world.routes_exist)
    assert np.abs(found.point.change[world.routes_exist]).max() < 10.0


def test_everything_is_closed() -> None:
    """Nothing moves: an answer without traffic, not the traffic of the baseline."""
    world = small()
    found = solve(world, closed(world, *world.response.model.session.network.link_id))
    is_sound(found)
    assert (found.point.traffic == 0).all()
    assert (found.point.answer == 0).all()
    assert np.nanmax(found.saturation) < 1
    made = gradient(found, pair_trade(found, "AAA", "BBB"))
    assert (made.by_usd == 0).all()
    assert made.traffic_share.sum() == 0


def test_a_way_that_is_dear_beyond_reason_is_as_good_as_closed() -> None:
    """Other routes are open, so a million dollars a tonne and a wall are one."""
    world = small()
    arcs = arcs_of(world, "post_a-post_b:rail", ArcKind.BORDER)
    dear = solve(world, dearer(world, arcs, usd=1e6))
    shut = solve(world, closed(world, "post_a-post_b:rail"))
    is_sound(dear)
    is_sound(shut)
    np.testing.assert_allclose(
        dear.point.trade.welfare_hat, shut.point.trade.welfare_hat, atol=1e-9
    )
    late = solve(world, dearer(world, arcs, hours=1e5))
    np.testing.assert_allclose(
        late.point.trade.welfare_hat, shut.point.trade.welfare_hat, atol=1e-6
    )


@pytest.mark.parametrize("usd", [1e2, 1e4, 1e6, 1e9])
def test_all_arcs_dearer(usd: float) -> None:
    world = small()
    found = solve(world, dearer(world, np.ones(world.response.sets.n_arc, dtype=bool), usd=usd))
    is_sound(found)
    assert (found.point.trade.welfare_hat[1:] < 1).all()


def test_freight_for_nothing() -> None:
    """All costs nine tenths off: more of everything, and never a price below zero."""
    world = small()
    found = solve(world, Scenario(cost=0.1 * world.cost))
    is_sound(found)
    assert (found.point.trade.welfare_hat[1:] > 1).all()


@pytest.mark.parametrize("factor", [0.9, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1])
def test_less_and_less_capacity(factor: float) -> None:
    world = small()
    found = solve(world, full(world, factor))
    is_sound(found)
    assert found.iterations <= 60
    assert (found.point.trade.welfare_hat[1:] < 1).all()


@pytest.mark.parametrize("factor", [1e-2, 1e-4, 1e-6])
def test_hardly_any_capacity(factor: float) -> None:
    """Right, or said not to be."""
    world = small()
    found = solve(world, full(world, factor))
    if found.converged:
        is_sound(found)
    else:
        assert found.status == "not converged"
        assert found.gap >= 1e-8
    assert np.isfinite(found.point.trade.welfare_hat).all()


@pytest.mark.parametrize("factor", [1e2, 1e6])
def test_capacity_without_end(factor: float) -> None:
    world = small()
    found = solve(world, full(world, factor))
    is_sound(found)
    assert (found.point.hours <= 1e-9).all()


def test_ten_times_the_trade() -> None:
    """A baseline far over capacity is still one, and still answers."""
    world = small(scale=10.0)
    assert np.nanmax((world.traffic + world.background) / world.bottlenecks.capacity) > 5
    assert solve(world).iterations == 1
    found = solve(world, full(world, 0.7))
    is_sound(found)


def test_bottlenecks_nobody_passes() -> None:
    """A border that is far too dear to be used: it has the hours of the facts and no slope to speak of."""
    rows = facts().raw["border_crossings"]
    text = "\n".join(
        [",".join(rows), *(",".join(cells) for cells in zip(*rows.values(), strict=True))]
    ).replace("80,4,0.25", "80000,40000,0.25")
    world = couple(facts(border_crossings=text))
    at = spot(world, "post_c-post_d:rail")
    assert world.traffic[at] < 1e-3
    found = solve(world, full(world, 0.6))
    is_sound(found)
    assert solve(world).iterations == 1


def test_no_background_and_no_traffic() -> None:
    """A queue that was never seen: nothing to fit it to, so its hours stay."""
    parameters = facts().raw["parameters"]
    row = parameters["parameter"].index("background_share")
    values = {c: list(v) for c, v in parameters.items()}
    values["value"][row] = "0"
    rows = facts().raw["border_crossings"]
    text = "\n".join(
        [",".join(rows), *(",".join(cells) for cells in zip(*rows.values(), strict=True))]
    ).replace("80,4,0.25", "8000000,4000000,0.25")
    made = facts(border_crossings=text)
    made = type(made)({**made.raw, "parameters": values}, made.meta)
    world = couple(made)
    assert world.traffic[spot(world, "post_c-post_d:rail")] == 0
    assert np.isfinite(world.delays.size).all()
    is_sound(solve(world, full(world, 0.8)))


def limited(world: CoupledWorld, factor: float, **more: np.ndarray) -> Scenario:
    """All capacities of the facts times a factor, none of which may be passed."""
    known = ~np.isnan(world.bottlenecks.capacity)
    return Scenario(capacity=np.where(known, factor, 1.0), limit=known, **more)


@pytest.mark.parametrize("factor", [1.0, 0.7, 0.5, 0.35])
def test_hard_limits_hold_and_only_what_binds_has_a_price(factor: float) -> None:
    world = small()
    found = solve(world, limited(world, factor))
    is_sound(found)
    known = ~np.isnan(world.bottlenecks.capacity)
    over = found.saturation[known] - 1
    assert over.max() < 1e-6
    price = found.shadow_usd_per_t
    assert (price[~known] == 0).all()
    assert (price >= 0).all()
    np.testing.assert_allclose(over[price[known] > 0], 0.0, atol=1e-6)
    assert (price > 0).any() == (factor < 0.6)
    # The same prices as charges of the scenario bring about the same traffic.
    spots, priced = world.bottlenecks.of_arc, np.zeros(world.response.sets.n_arc)
    priced[spots >= 0] = price[spots[spots >= 0]]
    charged = solve(
        world,
        replace(limited(world, factor, cost=dearer_by(world, priced)), limit=None),
    )
    np.testing.assert_allclose(
        charged.point.trade.welfare_hat, found.point.trade.welfare_hat, atol=1e-8
    )


def dearer_by(world: CoupledWorld, usd: np.ndarray) -> np.ndarray:
    return world.response.model.dearer(usd_per_t=usd).total


def test_a_limit_below_what_passes_anyhow_is_out_of_reach() -> None:
    """A line has 79,000 t of others on it; 60,000 in all cannot be kept to."""
    world = small()
    found = solve(world, limited(world, 0.05))
    assert found.status == OUT_OF_REACH
    assert not found.converged


def test_limits_agree_from_other_starts() -> None:
    world = small()
    draw = np.random.default_rng(3)
    scenario = limited(world, 0.4)
    found = solve(world, scenario)
    for _ in range(3):
        start = world.traffic * draw.lognormal(0, 0.5, len(world.traffic))
        other = solve(world, scenario, traffic=start)
        is_sound(other)
        np.testing.assert_allclose(
            other.point.trade.welfare_hat, found.point.trade.welfare_hat, atol=1e-7
        )
        np.testing.assert_allclose(
            other.shadow_usd_per_t, found.shadow_usd_per_t, rtol=1e-3, atol=1e-3
        )
    again = solve(world, scenario, start=found)
    is_sound(again)
    assert again.iterations <= 20


@pytest.mark.parametrize("seed", range(8))
def test_random_scenarios(seed: int) -> None:
    """Costs, duties, wedges, capacities and closures at random."""
    world = small()
    draw = np.random.default_rng(seed)
    cost = world.cost * draw.lognormal(0, 0.3, world.cost.shape)
    cost[:, draw.random(cost.shape[1]) < 0.2] = np.inf
    shape = world.baseline.flows.shape
    scenario = Scenario(
        cost=cost,
        wedge=draw.lognormal(0, 0.1, shape),
        tariff=world.baseline.tariff * draw.uniform(0, 3, shape),
        capacity=draw.lognormal(-0.3, 0.7, len(world.bottlenecks)),
    )
    found = solve(world, scenario)
    is_sound(found)
    made = gradient(found, welfare(found))
    assert made.status == "converged"
    assert np.isfinite(made.by_usd).all()
