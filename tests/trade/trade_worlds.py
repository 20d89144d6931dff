"""Worlds of trade drawn at random, whole and consistent, as arrays that users would give."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

from entrepot.trade.exact.baseline import Baseline
from entrepot.trade.exact.counterfactual import Counterfactual, counterfactual
from entrepot.trade.exact.fees import Fees

RULES = ("zero", "nominal", "proportional", "additive", "multiplicative")
TIGHT = 1e-12


@dataclass(frozen=True)
class Arrays:
    """What `Baseline.from_flows` takes; [sector, importer, exporter]."""

    flows: np.ndarray
    tariff: np.ndarray
    elasticity: np.ndarray
    value_added_share: np.ndarray | None = None
    input_share: np.ndarray | None = None
    fees: Fees | None = field(default=None)

    def baseline(self, deficit: str = "proportional", **changed: Any) -> Baseline:
        given = {f.name: getattr(self, f.name) for f in fields(self)}
        return Baseline.from_flows(**(given | changed), deficit=deficit)


def made_up(
    seed: int,
    n: int = 5,
    j: int = 3,
    *,
    inputs: bool = True,
    tariff: float = 0.3,
    fee: float = 0.0,
    imbalance: float = 0.1,
    empty: float = 0.2,
    spread: float = 1.0,
    home: float = 0.6,
    theta: tuple[float, float] = (2.0, 9.0),
    common: bool = False,
) -> Arrays:
    """A world in which every country spends what it earns, but for imbalances.

    tariff    : highest rate, drawn evenly from zero; imbalance: spread of ln(spent / earned)
    empty     : part of pairs without trade, and a quarter of it of sectors nobody makes at home
    spread    : of ln size; home: part of spending at home, before noise
    common    : value added is the same share everywhere
    """
    draw = np.random.default_rng(seed)
    own = np.arange(n)
    size = np.exp(draw.normal(0.0, spread, n))
    place = draw.uniform(0.0, 1.0, (n, 2))
    away = np.hypot(*(place[:, None] - place[None]).transpose(2, 0, 1)) + 0.05
    weight = size * away**-1.2 * np.exp(draw.normal(0.0, 0.7, (j, n, n)))
    weight = weight * np.exp(draw.normal(0.0, 1.0, (j, 1, n)))
    weight[draw.random((j, n, n)) < empty] = 0.0
    weight[:, own, own] = 0.0
    abroad = weight.sum(axis=2)
    at_home = home / (1.0 - home) * abroad * np.exp(draw.normal(0.0, 0.3, (j, n)))
    absent = (draw.random((j, n)) < empty / 4.0) & (abroad > 0)
    absent[0] = False
    weight[:, own, own] = np.where(abroad > 0, np.where(absent, 0.0, at_home), 1.0)
    # All trade in the first sector, so that no group of countries is apart.
    weight[0] = np.maximum(weight[0], 1e-6 * weight[0].max(axis=1, keepdims=True))
    share = weight / weight.sum(axis=2, keepdims=True)
    rate = draw.uniform(0.0, tariff, (j, n, n)) if tariff else np.zeros((j, n, n))
    rate[:, own, own] = 0.0
    fees = None
    if fee:
        charged = draw.uniform(0.0, fee, (2, j, n, n)) * (draw.random((2, j, n, n)) < 0.5)
        charged[:, :, own, own] = 0.0
        fees = Fees(np.array([0, n - 1]), charged)
    added = buys = None
    if inputs:
        added = np.full((j, n), 0.4) if common else draw.uniform(0.25, 0.7, (j, n))
        bought = draw.dirichlet(np.full(j, 0.5), (n, j)).transpose(0, 2, 1)
        buys = bought * (1.0 - added.T)[:, None, :]
    theta_j = np.exp(draw.uniform(*np.log(theta), j))
    taste = draw.dirichlet(np.full(j, 1.0), n).T
    spent = size * np.exp(draw.normal(0.0, imbalance, n))
    absorbs = np.exp(draw.normal(0.0, imbalance, n)) if imbalance else np.ones(n)
    paid = (1.0 + rate) * (1.0 if fees is None else 1.0 + fees.total)
    flows = share
    for _ in range(4000):
        spending = taste * spent
        for _ in range(400):
            flows = share * spending[:, :, None] / paid
            new = taste * spent
            if buys is not None:
                new = new + np.einsum("nkj,jn->kn", buys, flows.sum(axis=1))
            done = np.abs(new - spending).max() < 1e-15 * new.max()
            spending = new
            if done:
                break
        earned = flows.sum(axis=1) if added is None else added * flows.sum(axis=1)
        earned = earned.sum(axis=0) + np.sum(rate * flows * (paid / (1.0 + rate)), axis=(0, 2))
        if fees is not None:
            np.add.at(earned, fees.owner, np.sum(fees.rate * flows, axis=(1, 2, 3)))
        wanted = absorbs * earned
        wanted = wanted * spent.sum() / wanted.sum()
        gap = np.abs(wanted / spent - 1.0).max()
        spent = wanted
        # A world without imbalances has to be one exactly; for the rest near is enough.
        if gap < (1e-14 if not imbalance else 1e-2):
            break
    return Arrays(flows, rate, theta_j, added, buys, fees)


def cost_shock(seed: int, world: Arrays, size: float = 0.2) -> np.ndarray:
    """(J, N, N) factors on all trade costs, those at home too."""
    draw = np.random.default_rng(seed + 1000)
    return np.exp(draw.normal(0.0, size, world.flows.shape))


def tariff_shock(seed: int, world: Arrays, highest: float = 0.5) -> np.ndarray:
    """(J, N, N) new rates, zero at home."""
    draw = np.random.default_rng(seed + 2000)
    rate = draw.uniform(0.0, highest, world.flows.shape)
    rate[:, np.arange(rate.shape[1]), np.arange(rate.shape[1])] = 0.0
    return rate


def scaled_fees(fees: Fees | None, factor: float) -> Fees | None:
    return None if fees is None else replace(fees, rate=factor * fees.rate)


def tightly(world: Baseline, **shock: Any) -> Counterfactual:
    """Solved as far as numbers go; fails where it is not."""
    found = counterfactual(world, tol=TIGHT, **shock)
    assert found.status == "converged", (found.status, found.residual)
    return found


REAL = ("welfare_hat", "real_wage_hat", "trade_hat")


def assert_same(
    one: Counterfactual,
    other: Counterfactual,
    rtol: float,
    names: tuple[str, ...] = REAL,
) -> None:
    for name in names:
        left, right = getattr(one, name), getattr(other, name)
        np.testing.assert_allclose(left, right, rtol=rtol, atol=0, err_msg=name)
