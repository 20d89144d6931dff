"""Many worlds drawn at random, and shocks near the ends of what numbers hold."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

from entrepot.trade.exact.baseline import Baseline
from entrepot.trade.exact.counterfactual import Counterfactual, counterfactual
from tests.trade.trade_worlds import RULES, Arrays, made_up

# The wages of a country that hardly trades are known no better than its markets are.
CLEARED = 1e-8


def drawn(seed: int) -> tuple[str, Arrays, dict[str, Any]]:
    """5 to 80 countries, 1 to 30 sectors, sizes over five orders of magnitude, large shocks."""
    draw = np.random.default_rng(seed + 10_000)
    n, j = int(draw.integers(5, 81)), int(draw.integers(1, 31))
    world = made_up(
        seed,
        n,
        j,
        inputs=bool(draw.random() < 0.7),
        tariff=float(draw.choice([0.0, 0.3, 1.0])),
        fee=float(draw.choice([0.0, 0.0, 0.1])) if n * j < 600 else 0.0,
        imbalance=float(draw.choice([0.02, 0.15])),
        empty=float(draw.choice([0.0, 0.3, 0.7])),
        spread=float(draw.choice([1.0, 2.5])),
        home=float(draw.choice([0.05, 0.3, 0.6, 0.9])),
        theta=((2.0, 9.0), (0.4, 60.0))[int(draw.random() < 0.3)],
    )
    size = float(draw.choice([0.1, 0.4, 1.0]))
    cost = np.exp(draw.normal(0.0, size, world.flows.shape))
    rate = draw.uniform(0.0, 1.0, world.flows.shape) * (draw.random(world.flows.shape) < 0.5)
    rate[:, np.arange(n), np.arange(n)] = 0.0
    shock: dict[str, Any] = {"cost_hat": cost}
    if draw.random() < 0.7:
        shock["tariff_new"] = rate
    return RULES[seed % 5], world, shock


def check(rule: str, base: Baseline, found: Counterfactual) -> None:
    """What is said is so, from the flows alone: labour markets, incomes, signs."""
    base = found.baseline
    wages = found.wage_hat * base.labour_income
    if found.status == "converged":
        out = found.world_factor if rule == "multiplicative" else 1.0
        demand = np.sum(base.value_added_share * found.flows.sum(axis=1) * out, axis=0)
        np.testing.assert_allclose(demand, wages, rtol=CLEARED)
        assert found.residual < 1e-10
        assert (found.welfare_hat > 0).all()
        assert np.isfinite(found.trade_hat).all()
    elif found.status == "not converged":
        assert found.residual > 1e-10
    else:
        assert found.status == "negative income"
        assert rule in ("nominal", "additive"), "other rules cannot run out of income"
        assert (found.income <= 0).any()
        assert "try another rule" in found.notes[-1]


def run(seeds: range) -> tuple[Counter[str], list[int]]:
    statuses, iterations = Counter[str](), []
    for seed in seeds:
        rule, world, shock = drawn(seed)
        base = world.baseline(rule)
        found = counterfactual(base, **shock)
        check(rule, base, found)
        statuses[found.status] += 1
        iterations.append(found.iterations)
    return statuses, iterations


def test_some_random_worlds_are_solved() -> None:
    statuses, iterations = run(range(25))
    assert statuses["converged"] == 25
    assert np.median(iterations) < 60


@pytest.mark.slow
def test_two_hundred_random_worlds_are_solved(record_property: Any) -> None:
    """All but one; that one says so. To print the counts: pytest -s."""
    statuses, iterations = run(range(200))
    quantiles = np.percentile(iterations, [5, 50, 95, 100])
    record_property("statuses", dict(statuses))
    record_property("iterations", quantiles.tolist())
    print(dict(statuses), "iterations 5, 50, 95, 100 %:", quantiles)
    assert statuses["converged"] >= 199
    assert sum(statuses.values()) == 200


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("inputs", [False, True])
@pytest.mark.parametrize("power", [-12, -3, 3, 12, 100, 300])
def test_extreme_costs_leak_nothing(power: int, inputs: bool, rule: str) -> None:
    """Costs times 10 ** power on some flows: an answer or an honest status, never a warning."""
    world = made_up(1, 6, 3, inputs=inputs, theta=(0.5, 40.0))
    base = world.baseline(rule)
    draw = np.random.default_rng(0)
    some = draw.random(base.flows.shape) < 0.3
    found = counterfactual(base, cost_hat=np.where(some, 10.0**power, 1.0))
    assert found.status in ("converged", "not converged", "negative income")
    if found.status == "converged":
        assert found.residual < 1e-10
        assert np.isfinite(found.wage_hat).all()
        check(rule, base, found)
    assert found.decomposition.status
    if abs(power) <= 3:
        assert found.status in ("converged", "negative income")


@pytest.mark.parametrize("inputs", [False, True])
def test_a_country_cut_off_lives_on_its_own(inputs: bool) -> None:
    """All ways to and from 2 closed: its own sectors remain, at own shares of one."""
    world = made_up(3, 6, 3, inputs=inputs, tariff=0.0, empty=0.0, imbalance=0.0)
    cost = np.ones(world.flows.shape)
    cost[:, 2, :] = cost[:, :, 2] = 1e9
    cost[:, 2, 2] = 1.0
    base = world.baseline("zero")
    found = counterfactual(base, cost_hat=cost)
    assert found.status == "converged"
    log_own = np.log(base.share[:, 2, 2])
    passed_on = np.eye(3)
    if base.input_share is not None:
        passed_on = np.linalg.inv(np.eye(3) - base.input_share[2].T)
    expected = base.final_share[:, 2] @ passed_on @ (log_own / base.elasticity)
    assert np.log(found.welfare_hat[2]) == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize("rate", [1e3, 1e8, -0.5, -0.99])
def test_extreme_tariffs_leak_nothing(rate: float) -> None:
    world = made_up(4, 6, 3, imbalance=0.0, tariff=0.0)
    tariff = np.full(world.flows.shape, rate)
    tariff[:, np.arange(6), np.arange(6)] = 0.0
    found = counterfactual(world.baseline(), tariff_new=tariff)
    assert found.status in ("converged", "negative income", "not converged")
    if rate > 0:
        assert found.status == "converged"
        assert (found.tariff_revenue >= 0).all()
        assert any("read as a fraction" in note for note in found.notes)


def test_elasticities_far_apart() -> None:
    """From below one half to over fifty, as published tables have them."""
    world = made_up(5, 10, 6, theta=(0.3, 70.0))
    cost = np.exp(np.random.default_rng(1).normal(0.0, 0.5, world.flows.shape))
    found = counterfactual(world.baseline(), cost_hat=cost)
    check("proportional", world.baseline(), found)


def test_a_giant_beside_dwarfs() -> None:
    """Six orders of magnitude: the smallest country's accounts hold as well as the largest's."""
    small = made_up(6, 6, 3, tariff=0.2)
    part = np.array([1.0, 1.0, 1e-3, 1e-6, 1.0, 1.0])
    flows = small.flows * np.minimum(part[:, None], part)
    world = Arrays(
        flows, small.tariff, small.elasticity, small.value_added_share, small.input_share
    )
    base = world.baseline("proportional")
    cost = np.exp(np.random.default_rng(2).normal(0.0, 0.3, flows.shape))
    found = counterfactual(base, cost_hat=cost)
    check("proportional", base, found)
    paid = found.flows * (1 + base.tariff)
    np.testing.assert_allclose(paid.sum(axis=2), found.spending, rtol=1e-9)
    spent = found.income * base.final_share
    assert base.input_share is not None
    bought = np.einsum("nkj,jn->kn", base.input_share, found.output)
    np.testing.assert_allclose(found.spending, spent + bought, rtol=1e-9)


def test_unanimous_value_added_of_nearly_nothing() -> None:
    """Inputs are 97 % of output: slow sweeps, the same answer."""
    world = made_up(7, 5, 2, tariff=0.1, imbalance=0.0)
    added = np.full((2, 5), 0.03)
    inputs = np.full((5, 2, 2), 0.485)
    output = world.flows.sum(axis=1)
    flows = world.flows + 60 * np.einsum("jn,nm->jnm", output, np.eye(5))
    thin = Arrays(flows, world.tariff, world.elasticity, added, inputs)
    found = counterfactual(thin.baseline(), cost_hat=np.full((5, 5), 1.02))
    assert found.status == "converged"
    np.testing.assert_allclose(found.welfare_hat, 1.02 ** (-1 / 0.03), rtol=1e-9)
