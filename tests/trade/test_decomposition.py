"""Parts of real income: they add up, they are right to first order, the rest dies out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from entrepot.errors import UsageError
from entrepot.trade.exact.baseline import Baseline
from entrepot.trade.exact.counterfactual import Counterfactual, counterfactual
from tests.trade.trade_worlds import (
    RULES,
    Arrays,
    cost_shock,
    made_up,
    scaled_fees,
    tariff_shock,
    tightly,
)

PARTS = ("terms_of_trade", "volume_of_trade", "technical", "fees", "transfers")


def solved(rule: str, size: float = 1.0, seed: int = 1) -> tuple[Counterfactual, Arrays]:
    """A shock of costs, tariffs and fees at once; `size` shrinks all of it."""
    world = made_up(seed, 5, 3, fee=0.15)
    base = world.baseline(rule)
    tariff = base.tariff + size * (tariff_shock(seed, world) - base.tariff)
    found = tightly(
        base,
        cost_hat=cost_shock(seed, world) ** size,
        tariff_new=tariff,
        fees_new=scaled_fees(world.fees, 1 + size),
    )
    return found, world


@pytest.mark.parametrize("rule", RULES)
def test_parts_and_remainder_make_the_exact_change(rule: str) -> None:
    found, _ = solved(rule)
    parts = found.decomposition
    assert parts.status == "converged"
    assert parts.steps == 8
    np.testing.assert_allclose(parts.exact, np.log(found.welfare_hat), rtol=1e-13)
    added = sum(getattr(parts, name) for name in PARTS)
    np.testing.assert_allclose(added, parts.total, atol=1e-14)
    np.testing.assert_allclose(parts.total + parts.remainder, parts.exact, atol=1e-14)
    for name in PARTS:
        if name != "transfers" or rule in ("proportional", "multiplicative"):
            assert np.abs(getattr(parts, name)).max() > 1e-4, f"{name}: the test should bite"


@pytest.mark.parametrize("rule", RULES)
def test_the_remainder_falls_with_the_square_of_steps(rule: str) -> None:
    found, _ = solved(rule)
    rest = [np.abs(found.decompose(steps).remainder).max() for steps in (8, 16, 32)]
    assert 3.5 < rest[0] / rest[1] < 4.5
    assert 3.8 < rest[1] / rest[2] < 4.2
    assert rest[2] < 1e-3


def test_the_path_integral_is_exact_in_the_limit() -> None:
    """Richardson: twice the steps against four times takes out the square; almost nothing left."""
    found, _ = solved("proportional")
    few, many = found.decompose(16), found.decompose(32)
    better = (4 * many.total - few.total) / 3
    np.testing.assert_allclose(better, many.exact, atol=2e-6)
    money = found.baseline.income * np.expm1(better)
    scale = found.baseline.income.max()
    np.testing.assert_allclose(money, found.equivalent_variation, atol=1e-5 * scale)


@pytest.mark.parametrize("rule", RULES)
def test_first_order_is_the_derivative(rule: str) -> None:
    """Of a small shock and its half: what is missing falls fourfold."""
    gaps = []
    for size in (1e-3, 5e-4):
        found, _ = solved(rule, size)
        parts = found.decomposition
        gaps.append(np.abs(parts.first_order.total - parts.exact).max())
        np.testing.assert_allclose(parts.first_order.total, parts.exact, atol=100 * size**2)
        assert np.abs(parts.exact).max() > 0.1 * size, "the test should bite"
    assert 3.5 < gaps[0] / gaps[1] < 4.5


def by_hand(found: Counterfactual) -> tuple[np.ndarray, np.ndarray]:
    """Equation 17 of Caliendo and Parro (2015) in loops: terms and volume of trade, in logs."""
    base = found.baseline
    cost = found._solution.log_cost
    n_sector, n_zone = base.spending.shape
    terms, volume = np.zeros(n_zone), np.zeros(n_zone)
    for n in range(n_zone):
        for i in range(n_zone):
            for j in range(n_sector):
                sold, bought = base.flows[j, i, n], base.flows[j, n, i]
                terms[n] += sold * cost[j, n] - bought * cost[j, i]
                if bought > 0:
                    grown = np.log(found.trade_hat[j, n, i]) - cost[j, i]
                    volume[n] += base.tariff[j, n, i] * bought * grown
    return terms / base.income, volume / base.income


def test_published_formula_by_hand() -> None:
    world = made_up(2, 6, 4)
    found = tightly(world.baseline("nominal"), tariff_new=tariff_shock(2, world))
    first = found.decomposition.first_order
    terms, volume = by_hand(found)
    np.testing.assert_allclose(first.terms_of_trade, terms, rtol=1e-10)
    np.testing.assert_allclose(first.volume_of_trade, volume, rtol=1e-9)
    np.testing.assert_array_equal(first.technical, 0.0)
    np.testing.assert_array_equal(first.fees, 0.0)
    np.testing.assert_allclose(first.transfers, 0.0, atol=1e-10)


@pytest.mark.parametrize("rule", ["zero", "nominal"])
def test_world_sums(rule: str) -> None:
    """One country's terms of trade are another's loss; money sent is money received."""
    found, _ = solved(rule)
    base, first = found.baseline, found.decomposition.first_order
    total = base.income.sum()
    assert abs(base.income @ first.terms_of_trade) < 1e-12 * total
    assert abs(base.income @ first.transfers) < 1e-9 * total
    cost = found._solution.log_cost
    sellers = np.sum(base.flows.sum(axis=1) * cost)
    buyers = np.sum(base.flows * cost[:, None, :])
    assert sellers == pytest.approx(buyers, rel=1e-12)


def test_fees_are_a_transfer_between_countries() -> None:
    """To first order the world neither gains nor loses by a fee but through flows it moves."""
    size = 1e-4
    found, _ = solved("zero", size)
    base, parts = found.baseline, found.decomposition
    assert base.fees is not None
    fee = base.fees.total
    cost = found._solution.log_cost[:, None, :]
    moved = np.sum(fee * base.flows * (np.log(found.trade_hat) - cost))
    assert base.income @ parts.first_order.fees == pytest.approx(moved, rel=20 * size)


def test_free_trade_and_only_costs_is_all_technical_for_the_world() -> None:
    world = made_up(3, 5, 3, tariff=0.0, imbalance=0.0)
    found = tightly(world.baseline("zero"), cost_hat=cost_shock(3, world))
    parts = found.decomposition
    np.testing.assert_array_equal(parts.volume_of_trade, 0.0)
    np.testing.assert_array_equal(parts.fees, 0.0)
    np.testing.assert_allclose(parts.transfers, 0.0, atol=1e-10)


def test_an_embargo_has_finite_parts() -> None:
    world = made_up(4, 5, 2, theta=(5.0, 40.0))
    base = world.baseline()
    cost = np.ones(base.flows.shape)
    cost[:, 0, 1:] = 1e30
    found = counterfactual(base, cost_hat=cost)
    assert found.status == "converged"
    assert (found.flows[:, 0, 1:] < 1e-100).all()
    for parts in (found.decomposition, found.decomposition.first_order):
        for name in PARTS:
            assert np.isfinite(getattr(parts, name)).all(), name


def test_first_order_can_be_far_off() -> None:
    """What the page says of it: a small open country, a large tariff cut."""
    world = made_up(5, 6, 2, tariff=1.0, home=0.2, spread=2.0)
    found = tightly(world.baseline("zero"), tariff_new=np.zeros(world.flows.shape))
    parts = found.decompose(64)
    missed = np.abs(parts.first_order.total - parts.exact)
    assert (missed > 50 * np.abs(parts.remainder)).any()


def test_a_path_that_is_not_solved_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from entrepot.trade.exact import counterfactual as module

    found, _ = solved("proportional")
    real = module.solve

    def short(*given: Any, **named: Any) -> Any:
        return real(*given, **(named | {"tol": 1e-30, "max_iterations": 1}))

    monkeypatch.setattr(module, "solve", short)
    assert found.decompose(3).status == "not converged"
    with pytest.raises(UsageError, match="at least one step"):
        found.decompose(0)


def test_decomposition_is_made_once() -> None:
    world = made_up(6, 4, 2)
    found = counterfactual(Baseline.from_flows(world.flows), cost_hat=np.full((4, 4), 1.1))
    assert found.decomposition is found.decomposition
