"""Slopes of the trade equilibrium by every trade cost against central differences."""

from __future__ import annotations

import numpy as np
import pytest

from entrepot.trade.exact.adjoint import Cotangent, TradeAdjoint
from entrepot.trade.exact.baseline import Baseline
from entrepot.trade.exact.counterfactual import Counterfactual, counterfactual

STEP = 1e-4


def small_world(seed: int, *, inputs: bool, tariffs: bool, deficit: str) -> Baseline:
    rng = np.random.default_rng(seed)
    j, n = 3, 4
    flows = rng.lognormal(2.0, 0.8, (j, n, n))
    flows[:, np.arange(n), np.arange(n)] *= 6
    flows[0, 1, 2] = 0.0
    tariff = rng.uniform(0.0, 0.3, flows.shape) if tariffs else np.zeros(flows.shape)
    tariff[:, np.arange(n), np.arange(n)] = 0.0
    more = {}
    if inputs:
        value_added = rng.uniform(0.5, 0.8, (j, n))
        split = rng.dirichlet(np.ones(j), (n, j)).transpose(0, 2, 1)
        more = {
            "value_added_share": value_added,
            "input_share": split * (1 - value_added.T)[:, None, :],
        }
    return Baseline.from_flows(flows, tariff, np.array([3.0, 5.0, 7.0]), deficit=deficit, **more)


def random_cotangent(rng: np.random.Generator, shape: tuple[int, ...]) -> Cotangent:
    j, n, _ = shape
    return Cotangent(
        flows=rng.normal(size=shape),
        log_cost=10 * rng.normal(size=(j, n)),
        log_price=10 * rng.normal(size=(j, n)),
        income=rng.normal(size=n),
    )


def value(found: Counterfactual, given: Cotangent) -> float:
    """The number whose slopes `given` holds."""
    assert found.converged
    total = 0.0
    if given.flows is not None:
        total += float(np.sum(given.flows * found.flows))
    if given.log_cost is not None:
        total += float(np.sum(given.log_cost * found._solution.log_cost))
    if given.log_price is not None:
        total += float(np.sum(given.log_price * np.log(found.sector_price_hat)))
    if given.income is not None:
        total += float(given.income @ found.income)
    return total


@pytest.mark.parametrize("deficit", ["nominal", "proportional", "zero"])
@pytest.mark.parametrize("inputs", [False, True])
@pytest.mark.parametrize("tariffs", [False, True])
def test_central_differences_on_every_cell(inputs: bool, tariffs: bool, deficit: str) -> None:
    base = small_world(3, inputs=inputs, tariffs=tariffs, deficit=deficit)
    rng = np.random.default_rng(5)
    log_cost = rng.normal(0, 0.1, base.flows.shape)
    found = counterfactual(base, cost_hat=np.exp(log_cost), tol=1e-12)
    given = random_cotangent(rng, base.flows.shape)
    slopes = TradeAdjoint.of(found).slopes(given)
    for cell in np.ndindex(*base.flows.shape):
        moved = np.zeros(base.flows.shape)
        moved[cell] = STEP
        up, down = (
            value(counterfactual(base, cost_hat=np.exp(log_cost + s * moved), tol=1e-12), given)
            for s in (1, -1)
        )
        numeric = (up - down) / (2 * STEP)
        assert slopes[cell] == pytest.approx(numeric, rel=1e-5, abs=1e-5 * np.abs(slopes).max())


def test_a_flow_that_does_not_exist_has_no_slope() -> None:
    base = small_world(3, inputs=False, tariffs=True, deficit="nominal")
    slopes = TradeAdjoint.of(counterfactual(base)).slopes(Cotangent(income=np.ones(4)))
    assert slopes[0, 1, 2] == 0.0


def test_world_welfare_answers_with_the_value_carried() -> None:
    """Without tariffs and deficits: sum_n I_n dln W_n / dln kappa = - the value of the flow."""
    base = small_world(8, inputs=False, tariffs=False, deficit="zero")
    found = counterfactual(base)
    given = Cotangent(income=np.ones(4), log_price=-base.final_share * base.income)
    assert TradeAdjoint.of(found).slopes(given) == pytest.approx(-found.flows, rel=1e-9)
