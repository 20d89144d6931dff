"""Laws of the trade equilibrium: what may not matter does not, and accounts add up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entrepot.trade.exact.counterfactual import Counterfactual, counterfactual
from entrepot.trade.exact.fees import Fees
from tests.trade.trade_worlds import (
    REAL,
    RULES,
    Arrays,
    assert_same,
    cost_shock,
    made_up,
    scaled_fees,
    tariff_shock,
    tightly,
)

LAW = 1e-10


@pytest.mark.parametrize("rule", RULES)
def test_unit_of_money_does_not_matter(rule: str) -> None:
    world = made_up(8, 6, 3, fee=0.1)
    cost, tariff = cost_shock(8, world), tariff_shock(8, world)
    one = tightly(world.baseline(rule), cost_hat=cost, tariff_new=tariff)
    dear = replace(world, flows=world.flows * 1e7)
    two = tightly(dear.baseline(rule), cost_hat=cost, tariff_new=tariff)
    assert_same(one, two, LAW, (*REAL, "price_hat", "wage_hat"))
    np.testing.assert_allclose(two.flows, one.flows * 1e7, rtol=LAW)


@pytest.mark.parametrize("rule", RULES)
def test_all_costs_by_one_factor_without_inputs(rule: str) -> None:
    world = made_up(9, 6, 3, inputs=False, fee=0.1)
    found = tightly(world.baseline(rule), cost_hat=np.full(world.flows.shape, 1.25))
    np.testing.assert_allclose(found.welfare_hat, 1 / 1.25, rtol=LAW)
    np.testing.assert_allclose(found.trade_hat, 1.0, rtol=LAW)


@pytest.mark.parametrize("rule", RULES)
def test_all_costs_by_one_factor_with_inputs(rule: str) -> None:
    """Value added is 0.4 of output everywhere, so each factor on costs is paid 1 / 0.4 times."""
    world = made_up(10, 6, 3, common=True, fee=0.1)
    found = tightly(world.baseline(rule), cost_hat=np.full(world.flows.shape, 1.25))
    np.testing.assert_allclose(found.welfare_hat, 1.25 ** (-1 / 0.4), rtol=LAW)
    np.testing.assert_allclose(found.trade_hat, 1.0, rtol=LAW)


@pytest.mark.parametrize("rule", RULES)
def test_order_of_countries_and_sectors_does_not_matter(rule: str) -> None:
    world = made_up(11, 6, 4, fee=0.1)
    cost, tariff = cost_shock(11, world), tariff_shock(11, world)
    fees = scaled_fees(world.fees, 0.5)
    draw = np.random.default_rng(0)
    n, j = draw.permutation(6), draw.permutation(4)
    cells = np.ix_(j, n, n)
    assert world.fees is not None
    assert fees is not None
    owner = np.argsort(n)[world.fees.owner]
    moved = Arrays(
        world.flows[cells],
        world.tariff[cells],
        world.elasticity[j],
        world.value_added_share[np.ix_(j, n)],  # type: ignore[index]
        world.input_share[np.ix_(n, j, j)],  # type: ignore[index]
        Fees(owner, world.fees.rate[np.ix_([0, 1], j, n, n)]),
    )
    one = tightly(world.baseline(rule), cost_hat=cost, tariff_new=tariff, fees_new=fees)
    two = tightly(
        moved.baseline(rule),
        cost_hat=cost[cells],
        tariff_new=tariff[cells],
        fees_new=Fees(owner, fees.rate[np.ix_([0, 1], j, n, n)]),
    )
    np.testing.assert_allclose(two.welfare_hat, one.welfare_hat[n], rtol=LAW)
    np.testing.assert_allclose(two.flows, one.flows[cells], rtol=LAW)
    np.testing.assert_allclose(two.fee_income, one.fee_income[n], rtol=LAW, atol=1e-14)


@pytest.mark.parametrize("rule", RULES)
def test_a_country_cut_in_two_changes_nothing(rule: str) -> None:
    world = made_up(12, 5, 3, empty=0.1)
    cost, tariff = cost_shock(12, world), tariff_shock(12, world)
    twice, part = [0, 1, 2, 3, 4, 4], np.array([1, 1, 1, 1, 0.3, 0.7])
    cells = np.ix_(range(3), twice, twice)
    cut = Arrays(
        world.flows[cells] * part[:, None] * part,
        world.tariff[cells],
        world.elasticity,
        world.value_added_share[:, twice],  # type: ignore[index]
        world.input_share[twice],  # type: ignore[index]
    )
    one = tightly(world.baseline(rule), cost_hat=cost, tariff_new=tariff)
    two = tightly(cut.baseline(rule), cost_hat=cost[cells], tariff_new=tariff[cells])
    for name in ("welfare_hat", "real_wage_hat", "wage_hat", "price_hat"):
        np.testing.assert_allclose(getattr(two, name), getattr(one, name)[twice], rtol=LAW)
    np.testing.assert_allclose(two.trade_hat, one.trade_hat[cells], rtol=LAW)


@pytest.mark.parametrize("rule", RULES)
def test_a_sector_cut_in_two_changes_nothing(rule: str) -> None:
    world = made_up(13, 5, 3, fee=0.1)
    cost, tariff = cost_shock(13, world), tariff_shock(13, world)
    twice, part = [0, 1, 2, 2], np.array([1, 1, 0.3, 0.7])
    inputs, fees = world.input_share, world.fees
    assert inputs is not None
    assert fees is not None
    cut = Arrays(
        world.flows[twice] * part[:, None, None],
        world.tariff[twice],
        world.elasticity[twice],
        world.value_added_share[twice],  # type: ignore[index]
        inputs[:, twice][:, :, twice] * part[None, :, None],
        Fees(fees.owner, fees.rate[:, twice]),
    )
    one = tightly(world.baseline(rule), cost_hat=cost, tariff_new=tariff)
    two = tightly(cut.baseline(rule), cost_hat=cost[twice], tariff_new=tariff[twice])
    assert_same(one, two, LAW, ("welfare_hat", "real_wage_hat", "wage_hat", "price_hat"))
    np.testing.assert_allclose(two.trade_hat, one.trade_hat[twice], rtol=LAW)


def test_the_envelope_at_free_trade() -> None:
    """Cheaper carriage gains the world, in money, what was carried: sum I dln W = - sum X dln d."""
    world = made_up(14, 6, 3, tariff=0.0, imbalance=0.0)
    base = world.baseline("zero")
    way = np.random.default_rng(0).uniform(-1.0, 1.0, base.flows.shape)
    step = 1e-4
    up, down = (tightly(base, cost_hat=np.exp(s * way)) for s in (step, -step))
    gain = base.income @ (np.log(up.welfare_hat) - np.log(down.welfare_hat)) / (2 * step)
    assert gain == pytest.approx(-np.sum(base.flows * way), rel=1e-7)


@pytest.mark.parametrize("rule", ["zero", "nominal", "proportional"])
def test_a_shock_undone_leads_back(rule: str) -> None:
    """The new world taken as observed, and everything put back."""
    world = made_up(15, 6, 3, fee=0.1)
    cost, tariff = cost_shock(15, world), tariff_shock(15, world)
    fees = scaled_fees(world.fees, 2.0)
    base = world.baseline(rule)
    there = tightly(base, cost_hat=cost, tariff_new=tariff, fees_new=fees)
    seen = replace(world, flows=there.flows, tariff=tariff, fees=fees).baseline(rule)
    np.testing.assert_allclose(seen.income, there.income, rtol=LAW)
    back = tightly(seen, cost_hat=1 / cost, tariff_new=base.tariff, fees_new=base.fees)
    np.testing.assert_allclose(back.flows, base.flows, rtol=LAW)
    np.testing.assert_allclose(back.welfare_hat * there.welfare_hat, 1.0, rtol=LAW)


def test_an_owner_named_twice_collects_both() -> None:
    world = made_up(18, 5, 2, fee=0.1)
    assert world.fees is not None
    cost, twice = cost_shock(18, world), np.array([3, 3])
    both = Fees(twice, world.fees.rate)
    one = Fees(np.array([3]), world.fees.rate.sum(axis=0)[None])
    found = [
        tightly(
            replace(world, fees=fees).baseline(),
            cost_hat=cost,
            fees_new=scaled_fees(fees, 2.0),
        )
        for fees in (both, one)
    ]
    assert_same(*found, LAW)
    np.testing.assert_allclose(found[0].fee_income, found[1].fee_income, rtol=LAW)
    np.testing.assert_allclose(found[0].baseline.income, found[1].baseline.income, rtol=LAW)


@pytest.mark.parametrize("rule", RULES)
def test_accounts_add_up(rule: str) -> None:
    """Spending, output, revenue, income and balances, from the flows alone."""
    world = made_up(16, 6, 3, fee=0.1)
    cost, tariff = cost_shock(16, world), tariff_shock(16, world)
    found = tightly(world.baseline(rule), cost_hat=cost, tariff_new=tariff)
    base, fees = found.baseline, world.fees
    assert fees is not None
    out = found.world_factor if rule == "multiplicative" else 1.0
    flows, charged = found.flows * out, fees.rate.sum(axis=0)
    paid = flows * (1 + tariff) * (1 + charged)
    revenue = np.sum(tariff * (1 + charged) * flows, axis=(0, 2))
    collected = np.zeros(6)
    np.add.at(collected, fees.owner, np.sum(fees.rate * flows, axis=(1, 2, 3)))
    wages = found.wage_hat * base.labour_income
    np.testing.assert_allclose(paid.sum(axis=2), found.spending * out, rtol=LAW)
    np.testing.assert_allclose(flows.sum(axis=1), found.output, rtol=LAW, atol=1e-12)
    np.testing.assert_allclose(revenue, found.tariff_revenue * out, rtol=LAW)
    np.testing.assert_allclose(collected, found.fee_income * out, rtol=LAW, atol=1e-14)
    np.testing.assert_allclose(np.sum(base.value_added_share * found.output, 0), wages, rtol=LAW)
    assert wages.sum() == pytest.approx(base.labour_income.sum(), rel=1e-13)
    gap = found.income * out - wages - revenue - collected
    assert abs(gap.sum()) < 1e-9 * found.income.sum()
    if rule == "zero":
        np.testing.assert_allclose(gap, 0.0, atol=1e-9)
    elif rule in ("nominal", "additive"):
        np.testing.assert_allclose(gap, base.deficit, rtol=1e-8)
    else:
        constant = found.income / (found.income * out - gap) * out
        before = base.income / (base.income - base.deficit)
        np.testing.assert_allclose(constant, before * found.world_factor, rtol=1e-9)
    np.testing.assert_allclose(found.welfare_hat, found.income / base.income / found.price_hat)
    np.testing.assert_allclose(found.real_wage_hat, found.wage_hat / found.price_hat)


@given(
    st.integers(0, 1000),
    st.integers(2, 7),
    st.integers(1, 4),
    st.sampled_from(RULES),
    st.booleans(),
    st.floats(0.0, 0.6),
)
@settings(max_examples=40)
def test_any_world_keeps_the_laws(
    seed: int, n: int, j: int, rule: str, inputs: bool, size: float
) -> None:
    world = made_up(seed, n, j, inputs=inputs, fee=0.1 * (seed % 2), tariff=0.3 * (seed % 3))
    base = world.baseline(rule)
    found: Counterfactual = counterfactual(
        base, cost_hat=cost_shock(seed, world, size), tariff_new=tariff_shock(seed, world)
    )
    assert found.status in ("converged", "negative income")
    base = found.baseline
    assert (found.flows >= 0).all() or found.status == "negative income"
    assert (found.flows[base.flows == 0] == 0).all()
    world_wages = np.sum(found.wage_hat * base.labour_income)
    assert world_wages == pytest.approx(base.labour_income.sum(), rel=1e-12)
    if found.status == "converged":
        assert found.residual < 1e-10
        assert found.balance_residual < 1e-9
        assert (found.welfare_hat > 0).all()
