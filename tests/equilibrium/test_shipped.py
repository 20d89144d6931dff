"""The coupled equilibrium on the shipped facts."""

from __future__ import annotations

import numpy as np
import pytest

from entrepot.equilibrium import loop
from entrepot.equilibrium.coupled import CoupledWorld, Scenario
from entrepot.equilibrium.loop import solve
from entrepot.equilibrium.objectives import pair_trade, welfare
from entrepot.equilibrium.sensitivity import gradient
from entrepot.facts.world import World
from entrepot.flows.flow_model import Costs, FlowModel
from entrepot.routes.session import Session
from entrepot.trade.world.trade_world import TradeWorld
from tests.equilibrium.test_laws import is_sound

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def default(shipped: World, session: Session) -> CoupledWorld:
    return CoupledWorld.of(FlowModel.of(session), TradeWorld.of_world(shipped, detail="commodity"))


def busiest(world: CoupledWorld) -> int:
    borders = [f for f, place in enumerate(world.bottlenecks.place) if place == "border"]
    return max(borders, key=lambda f: float(world.traffic[f]))


def ten_hours(world: CoupledWorld) -> Scenario:
    on = (world.bottlenecks.of_arc == busiest(world)).astype(float)
    return Scenario(cost=world.response.model.dearer(hours=10 * on).total)


def test_nothing_moves_by_itself(default: CoupledWorld) -> None:
    found = solve(default)
    assert found.iterations == 1
    assert (found.point.trade.welfare_hat == 1).all()


def test_ten_hours_at_a_border_from_five_starts(default: CoupledWorld) -> None:
    scenario = ten_hours(default)
    found = solve(default, scenario)
    is_sound(found)
    assert found.iterations <= 30
    draw = np.random.default_rng(5)
    for _ in range(5):
        start = default.traffic * draw.lognormal(0, 0.5, len(default.traffic))
        other = solve(default, scenario, traffic=start)
        is_sound(other)
        assert other.iterations <= 30
        np.testing.assert_allclose(
            other.point.trade.welfare_hat, found.point.trade.welfare_hat, atol=1e-7, rtol=0
        )


def test_half_of_all_capacity(default: CoupledWorld) -> None:
    known = ~np.isnan(default.bottlenecks.capacity)
    found = solve(default, Scenario(capacity=np.where(known, 0.5, 1.0)))
    is_sound(found)
    assert found.iterations <= 60


def test_slopes_against_differences(default: CoupledWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "TIGHT", 1e-12)
    model, spots = default.response.model, default.bottlenecks
    base = ten_hours(default)
    assert base.cost is not None
    found = solve(default, base, gap=1e-12)
    aims = [lambda f: pair_trade(f, "IRN", "KAZ"), welfare]
    made = [gradient(found, aim(found)) for aim in aims]
    assert all(g.status == "converged" for g in made)
    largest = np.argsort(-np.abs(made[0].by_hour))[:60:25]
    arcs = [*largest[:2].tolist(), int(np.flatnonzero(spots.of_arc == busiest(default))[0])]
    for a in arcs:
        on = (np.arange(len(spots.of_arc)) == a).astype(float)
        values = []
        for s in (1, -1, 2, -2):
            cost = model.dearer(Costs(base.cost), hours=0.5 * s * on).total
            moved = solve(default, Scenario(cost=cost), start=found, gap=1e-12)
            values.append([aim(moved).value for aim in aims])
        up, down, far_up, far_down = np.array(values)
        wanted = (8 * (up - down) - (far_up - far_down)) / 6
        for g, w in zip(made, wanted, strict=True):
            assert g.by_hour[a] == pytest.approx(w, rel=1e-4), (g.objective.name, a)
