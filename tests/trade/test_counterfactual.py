"""Closed forms of the trade equilibrium, no change, starts, and what is said of failures."""

from __future__ import annotations

import numpy as np
import pytest

from entrepot.errors import InfeasibleError, UsageError
from entrepot.trade.exact.baseline import Baseline, start_of
from entrepot.trade.exact.counterfactual import counterfactual
from entrepot.trade.exact.fees import Fees
from entrepot.trade.exact.markets import State
from tests.trade.trade_worlds import (
    REAL,
    RULES,
    Arrays,
    assert_same,
    cost_shock,
    made_up,
    tariff_shock,
    tightly,
)

LAW = 1e-10
CLOSED_FORM = 1e-9
FAR = 1e12  # a factor on costs that ends trade


def abroad(n: int, factor: float) -> np.ndarray:
    """(N, N) the factor off the diagonal."""
    cost = np.full((n, n), factor)
    np.fill_diagonal(cost, 1.0)
    return cost


# ---- closed forms


@pytest.mark.parametrize(
    ("tau", "own", "gain"),
    [(1.0, 0.5, 18.9207), (1.5, 0.8350515464, 4.6096), (2.0, 0.9411764706, 1.5272)],
)
def test_two_like_countries_by_hand(tau: float, own: float, gain: float) -> None:
    """A == tau == B, theta = 4: own share 1 / (1 + tau^-4); gains from trade own^(-1/4) - 1."""
    free = Baseline.from_flows(np.full((2, 2), 50.0), elasticity=4.0)
    world = tightly(free, cost_hat=abroad(2, tau))
    shares = world.flows[0] / world.spending[0][:, None]
    np.testing.assert_allclose(np.diagonal(shares), own, rtol=CLOSED_FORM)
    closed = tightly(Baseline.from_flows(world.flows, elasticity=4.0), cost_hat=abroad(2, FAR))
    np.testing.assert_allclose(100 / closed.welfare_hat - 100, gain, atol=5e-5)
    np.testing.assert_allclose(1 / closed.welfare_hat, own**-0.25, rtol=CLOSED_FORM)


def test_two_countries_of_unlike_technology() -> None:
    """Eaton and Kortum with T = (1, 2.5), d = 1.5, theta = 4: w_2 / w_1 = 1.2204752213."""
    own = 1 / (1 + 1.5**-4)
    flows = np.array([[own, 1 - own], [1 - own, own]])
    better = np.array([[1.0, 2.5**-0.25], [1.0, 2.5**-0.25]])
    found = tightly(Baseline.from_flows(flows, elasticity=4.0), cost_hat=better)
    assert found.wage_hat[1] / found.wage_hat[0] == pytest.approx(1.2204752213, rel=CLOSED_FORM)


@pytest.mark.parametrize("seed", range(3))
def test_own_share_tells_welfare_without_inputs(seed: int) -> None:
    """Arkolakis, Costinot and Rodriguez-Clare (2012), one sector: (own share)^(-1 / theta)."""
    world = made_up(seed, 7, 1, inputs=False, tariff=0.0, imbalance=0.0, empty=0.3)
    cost = cost_shock(seed, world)
    cost[:, np.arange(7), np.arange(7)] = 1.0
    found = tightly(world.baseline("zero"), cost_hat=cost)
    own = np.diagonal(found.flows[0]) / found.spending[0]
    before = np.diagonal(found.baseline.share[0])
    expected = (own / before) ** (-1 / world.elasticity[0])
    np.testing.assert_allclose(found.welfare_hat, expected, rtol=CLOSED_FORM)
    assert np.abs(expected - 1).max() > 1e-3, "the test should bite"


@pytest.mark.parametrize("seed", range(3))
def test_own_shares_tell_welfare_with_inputs(seed: int) -> None:
    """ln W = - alpha (I - inputs')^-1 (ln own share / theta), by country, without tariffs."""
    world = made_up(seed, 6, 4, tariff=0.0, imbalance=0.0, empty=0.0)
    cost = cost_shock(seed, world)
    cost[:, np.arange(6), np.arange(6)] = 1.0
    found = tightly(world.baseline("zero"), cost_hat=cost)
    base = found.baseline
    assert base.input_share is not None
    own = np.einsum("jnn->jn", found.flows) / found.spending / np.einsum("jnn->jn", base.share)
    for n in range(6):
        passed_on = np.linalg.inv(np.eye(4) - base.input_share[n].T)
        log_real = -base.final_share[:, n] @ passed_on @ (np.log(own[:, n]) / base.elasticity)
        assert np.log(found.welfare_hat[n]) == pytest.approx(log_real, abs=CLOSED_FORM)
        assert abs(log_real) > 1e-4, "the test should bite"


def test_a_tariff_against_a_twin_pays_up_to_a_point() -> None:
    """The best tariff of one of two countries is 1 / (theta times the other's own share)."""
    own = 0.7
    flows = np.array([[own, 1 - own], [1 - own, own]])
    base = Baseline.from_flows(flows, elasticity=3.0)

    def welfare(rate: float) -> tuple[float, float]:
        found = tightly(base, tariff_new=np.array([[0.0, rate], [0.0, 0.0]]))
        share = found.flows[0, 1, 1] / found.spending[0, 1]
        return float(found.welfare_hat[0]), float(share)

    rates = np.linspace(0.3, 0.7, 401)
    values = [welfare(rate) for rate in rates]
    best = int(np.argmax([value for value, _ in values]))
    assert rates[best] == pytest.approx(1 / (3.0 * values[best][1]), abs=2e-3)


# ---- nothing changes


def worlds() -> dict[str, Arrays]:
    return {
        "bare": made_up(1, 5, 1, inputs=False, tariff=0.0),
        "tariffs": made_up(2, 5, 3, inputs=False),
        "inputs": made_up(3, 5, 3, tariff=0.0),
        "fees": made_up(4, 5, 3, fee=0.2),
    }


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("kind", ["bare", "tariffs", "inputs", "fees"])
def test_no_change_is_no_effect_to_the_bit(kind: str, rule: str) -> None:
    world = worlds()[kind]
    base = world.baseline(rule)
    shape = world.flows.shape
    shocks: list[dict[str, object]] = [
        {},
        {"cost_hat": np.ones(shape)},
        {"cost_hat": np.ones(shape[1:])},
        {"tariff_new": base.tariff.copy()},
        {"fees_new": base.fees},
        {"cost_hat": np.where(base.flows > 0, 1.0, 0.5)},
        {"tariff_new": np.where(base.flows > 0, base.tariff, 0.7)},
        {"deficit": rule},
    ]
    for shock in shocks:
        found = counterfactual(base, **shock)  # type: ignore[arg-type]
        assert found.status == "converged"
        assert found.iterations == 0
        for name in (*REAL, "wage_hat", "price_hat", "sector_price_hat"):
            assert (getattr(found, name) == 1.0).all(), name
        assert (found.equivalent_variation == 0.0).all()
        np.testing.assert_array_equal(found.flows, base.flows)
        np.testing.assert_array_equal(found.income, base.income)
        assert found.world_factor == 1.0
        assert found.residual < 1e-11
        assert found.balance_residual < 1e-11
        parts = found.decomposition
        for part in (parts.total, parts.exact, parts.remainder, parts.first_order.total):
            np.testing.assert_allclose(part, 0.0, atol=1e-10)


def test_costs_that_offset_tariffs_still_move_revenue() -> None:
    """kappa stays at one everywhere, yet what was a tariff is now a loss."""
    world = made_up(5, 5, 2)
    base = world.baseline()
    found = tightly(base, cost_hat=1 + base.tariff, tariff_new=np.zeros_like(base.tariff))
    assert found.iterations > 0
    assert (found.tariff_revenue == 0).all()
    assert (found.welfare_hat < 1).all()


def test_fees_that_change_hands_move_income() -> None:
    world = made_up(6, 5, 2, fee=0.2)
    base = world.baseline()
    assert base.fees is not None
    swapped = Fees(base.fees.owner, base.fees.rate[::-1].copy())
    found = tightly(base, fees_new=swapped)
    assert found.iterations > 0
    assert np.abs(found.fee_income - counterfactual(base).fee_income).max() > 1e-3


def test_a_flow_of_zero_stays_zero_and_is_named() -> None:
    world = made_up(7, 6, 2, empty=0.6)
    base = world.baseline()
    none = base.flows == 0
    assert none.any()
    found = tightly(base, cost_hat=np.full(base.flows.shape, 0.9))
    assert (found.flows[none] == 0).all()
    assert (found.trade_hat[none] == 1).all()
    assert f"{int(none.sum())} flows are zero and stay zero" in found.notes[-1]


# ---- starts, statuses, doors


@pytest.mark.parametrize("rule", RULES)
def test_random_starts_agree(rule: str) -> None:
    world = made_up(17, 8, 3, fee=0.1)
    base = world.baseline(rule)
    cost, tariff = cost_shock(17, world, 0.4), tariff_shock(17, world)
    first = counterfactual(base, cost_hat=cost, tariff_new=tariff)
    draw = np.random.default_rng(5)
    for _ in range(5):
        begin = start_of(base)
        begin.log_wage = draw.normal(0.0, 0.3, 8)
        begin.log_price = draw.normal(0.0, 0.3, begin.log_price.shape)
        again = counterfactual(base, cost_hat=cost, tariff_new=tariff, start=begin)
        assert again.status == "converged"
        np.testing.assert_allclose(again.welfare_hat, first.welfare_hat, rtol=1e-7)


def test_a_warm_start_saves_steps_and_leaves_the_result() -> None:
    world = made_up(18, 20, 5)
    base, cost = world.baseline(), cost_shock(18, made_up(18, 20, 5))
    cold = tightly(base, cost_hat=cost)
    near = tightly(base, cost_hat=cost**1.01, start=cold.state)
    plain = tightly(base, cost_hat=cost**1.01)
    assert near.iterations < plain.iterations
    assert_same(near, plain, LAW)
    with pytest.raises(UsageError, match="another world"):
        counterfactual(made_up(1).baseline(), cost_hat=np.full((5, 5), 1.1), start=cold.state)
    lost = State(np.full(20, np.nan), cold.state.log_price, cold.state.spending)
    with pytest.raises(UsageError, match="not finite"):
        counterfactual(base, cost_hat=cost, start=lost)


def test_deficit_given_later_is_as_given_first() -> None:
    world = made_up(19, 6, 2)
    cost = cost_shock(19, world)
    for rule in RULES:
        now = tightly(world.baseline("proportional"), cost_hat=cost, deficit=rule)
        first = tightly(world.baseline(rule), cost_hat=cost)
        assert now.deficit_rule == rule
        assert_same(now, first, LAW)
    with pytest.raises(UsageError, match="Nearest: nominal"):
        counterfactual(world.baseline(), deficit="nominale")


def test_status_is_honest() -> None:
    world = made_up(20, 8, 3)
    base, cost = world.baseline(), cost_shock(20, made_up(20, 8, 3))
    impossible = counterfactual(base, cost_hat=cost, tol=1e-18)
    assert impossible.status == "not converged"
    assert 0 < impossible.residual < 1e-10
    assert not impossible.converged
    for wrong in ({"tol": 0.0}, {"tol": np.nan}, {"max_iterations": 0}):
        with pytest.raises(UsageError, match="tol must be"):
            counterfactual(base, cost_hat=cost, **wrong)


def test_a_deficit_beyond_income_is_said() -> None:
    """Country 0 sends half its output abroad for nothing; when its wage falls it cannot."""
    flows = np.array([[4.0, 1.0], [6.0, 9.0]])
    base = Baseline.from_flows(flows, elasticity=4.0, deficit="nominal")
    found = counterfactual(base, cost_hat=np.array([[1.0, 1.0], [30.0, 1.0]]))
    assert found.status == "negative income"
    assert found.income[0] <= 0
    assert "not above zero: 0;" in found.notes[-1]
    fine = counterfactual(base, cost_hat=np.array([[1.0, 1.0], [1.05, 1.0]]))
    assert fine.status == "converged"


def test_a_world_that_cannot_balance_says_so() -> None:
    """Country 1 buys from 0 and sells it nothing, unless 0 pays it a fee."""
    flows = np.array([[5.0, 0.0], [2.0, 4.0]])
    with pytest.raises(InfeasibleError, match=r"(?s)balanced: .* largest group: 1\."):
        Baseline.from_flows(flows, elasticity=4.0, deficit="zero")
    toll = Fees(np.array([1]), np.array([[[[0.1, 0.0], [0.0, 0.0]]]]))
    paid = Baseline.from_flows(flows, elasticity=4.0, deficit="zero", fees=toll)
    assert paid.flows[0, 1, 0] == pytest.approx(0.1 * paid.flows[0, 0, 0], rel=1e-9)
    kept = Baseline.from_flows(flows, elasticity=4.0, deficit="proportional")
    assert tightly(kept, cost_hat=abroad(2, 1.1)).welfare_hat[1] < 1
