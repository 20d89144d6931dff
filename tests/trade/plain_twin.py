"""The same equilibrium written down plainly a second time, and solved in other routes.

Nothing here is shared with the solver: loops and levels in place of products and logs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import root

from entrepot.trade.exact.baseline import Baseline
from entrepot.trade.exact.fees import Fees


@dataclass(frozen=True)
class Shocked:
    """A baseline and what is in force afterwards; kappa (J, N, N) without tariffs and fees."""

    base: Baseline
    cost: np.ndarray
    tariff: np.ndarray
    fees: Fees | None

    @property
    def rule(self) -> str:
        return self.base.deficit_rule


@dataclass(frozen=True)
class Plain:
    """Levels after the shock. prices (J, N), spending (J, N), flows (J, N, N), income (N,)."""

    wage: np.ndarray
    prices: np.ndarray
    spending: np.ndarray
    output: np.ndarray
    flows: np.ndarray
    income: np.ndarray
    factor: float
    excess: np.ndarray


def kappa(shocked: Shocked) -> np.ndarray:
    base, wedge = shocked.base, shocked.cost * (1 + shocked.tariff) / (1 + shocked.base.tariff)
    before = 1.0 if base.fees is None else 1 + base.fees.rate.sum(axis=0)
    after = 1.0 if shocked.fees is None else 1 + shocked.fees.rate.sum(axis=0)
    return wedge * after / before


def unit_costs(base: Baseline, wage: np.ndarray, prices: np.ndarray) -> np.ndarray:
    cost = wage**base.value_added_share
    if base.input_share is not None:
        for n in range(len(wage)):
            for j in range(len(prices)):
                cost[j, n] *= np.prod(prices[:, n] ** base.input_share[n, :, j])
    return cost


def shares_and_prices(
    shocked: Shocked, wage: np.ndarray, prices: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """New shares (J, N, N) and price indices (J, N) for given wages and prices of inputs."""
    base = shocked.base
    cost, wedge = unit_costs(base, wage, prices), kappa(shocked)
    share, index = np.zeros_like(base.share), np.ones_like(prices)
    for j, theta in enumerate(base.elasticity):
        for n in range(len(wage)):
            terms = base.share[j, n] * (wedge[j, n] * cost[j]) ** -theta
            if terms.sum() > 0:
                share[j, n] = terms / terms.sum()
                index[j, n] = terms.sum() ** (-1 / theta)
    return share, index


def incomes(
    shocked: Shocked, wage: np.ndarray, flows: np.ndarray
) -> tuple[np.ndarray, np.ndarray, float]:
    """Final income, what is earned, and the world's factor."""
    base, fees = shocked.base, shocked.fees
    charged = 0.0 if fees is None else fees.rate.sum(axis=0)
    earned = wage * base.labour_income + np.sum(shocked.tariff * (1 + charged) * flows, (0, 2))
    if fees is not None:
        for place, owner in enumerate(fees.owner):
            earned[owner] += np.sum(fees.rate[place] * flows)
    if shocked.rule in ("proportional", "multiplicative"):
        wanted = earned * base.income / (base.income - base.deficit)
        return wanted * earned.sum() / wanted.sum(), earned, earned.sum() / wanted.sum()
    given = base.deficit if shocked.rule in ("nominal", "additive") else 0.0
    return earned + given, earned, 1.0


def received(shocked: Shocked, share: np.ndarray, spending: np.ndarray) -> np.ndarray:
    paid = 1 + shocked.tariff
    if shocked.fees is not None:
        paid = paid * (1 + shocked.fees.rate.sum(axis=0))
    return share * spending[:, :, None] / paid


def bought(shocked: Shocked, output: np.ndarray, income: np.ndarray) -> np.ndarray:
    spending = shocked.base.final_share * income
    if shocked.base.input_share is not None:
        spending = spending + np.einsum("nkj,jn->kn", shocked.base.input_share, output)
    return spending


def at_wages(shocked: Shocked, wage: np.ndarray) -> Plain:
    """The map of the solver at these wages, by a thousand plain sweeps."""
    base = shocked.base
    prices = np.ones_like(base.spending)
    share = base.share
    for _ in range(1000):
        share, new = shares_and_prices(shocked, wage, prices)
        done = np.abs(new / prices - 1).max() < 1e-15
        prices = new
        if done:
            break
    spending, income, factor = base.spending, base.income, 1.0
    flows = base.flows
    for _ in range(1000):
        flows = received(shocked, share, spending)
        income, _, factor = incomes(shocked, wage, flows)
        new = bought(shocked, flows.sum(axis=1), income)
        done = np.abs(new - spending).max() < 1e-15 * new.max()
        spending = new
        if done:
            break
    output = flows.sum(axis=1)
    demand = np.sum(base.value_added_share * output, axis=0)
    return Plain(
        wage, prices, spending, output, flows, income, factor,
        np.log(demand / (wage * base.labour_income)),
    )  # fmt: skip


def whole_system(shocked: Shocked) -> Plain:
    """Wages, prices and spending as unknowns of one system, by scipy's Powell hybrid."""
    base = shocked.base
    n_sector, n_zone = base.spending.shape
    cells = n_sector * n_zone
    unit = base.labour_income.sum() / n_zone

    def parts(unknown: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        wage, prices = np.exp(unknown[:n_zone]), np.exp(unknown[n_zone : n_zone + cells])
        spending = unknown[n_zone + cells :] * unit
        return wage, prices.reshape(n_sector, n_zone), spending.reshape(n_sector, n_zone)

    def residual(unknown: np.ndarray) -> np.ndarray:
        wage, prices, spending = parts(unknown)
        share, index = shares_and_prices(shocked, wage, prices)
        flows = received(shocked, share, spending)
        income, _, _ = incomes(shocked, wage, flows)
        output = flows.sum(axis=1)
        market = np.sum(base.value_added_share * output, axis=0) - wage * base.labour_income
        # One market follows from the others; in its place the numeraire.
        market[0] = np.sum(wage * base.labour_income) - base.labour_income.sum()
        goods = spending - bought(shocked, output, income)
        return np.concatenate(
            (market / unit, (np.log(prices) - np.log(index)).ravel(), goods.ravel() / unit)
        )

    start = np.concatenate((np.zeros(n_zone + cells), base.spending.ravel() / unit))
    found = root(residual, start, tol=1e-13)
    assert np.abs(found.fun).max() < 1e-10, found.message
    wage, prices, spending = parts(found.x)
    share, _ = shares_and_prices(shocked, wage, prices)
    flows = received(shocked, share, spending)
    income, _, factor = incomes(shocked, wage, flows)
    excess = residual(found.x)[:n_zone]
    return Plain(wage, prices, spending, flows.sum(axis=1), flows, income, factor, excess)


@dataclass(frozen=True)
class OneSector:
    """What Baier, Yotov and Zylkin (2019) report."""

    trade: np.ndarray
    welfare: np.ndarray
    wage: np.ndarray


def one_sector(
    flows: np.ndarray, cost: np.ndarray, theta: float, multiplicative: bool
) -> OneSector:
    """Their iteration for wages, flows [importer, exporter]; deficits as observed.

    w = [sum_n pi_ni B_ni E'_n / (P_n^-theta Y_i)]^(1 / (1 + theta)), scaled to sum(Y w) = sum(Y)
    """
    made, spent = flows.sum(axis=0), flows.sum(axis=1)
    gap = spent - made
    share, effect = flows / spent[:, None], cost**-theta
    wage, price, spent_new = np.ones_like(made), np.ones_like(made), spent
    for _ in range(20000):
        offers = (share * effect * spent_new[:, None] / price[:, None] ** -theta).sum(axis=0)
        new = (offers / made) ** (1 / (1 + theta))
        new = new * made.sum() / (made * new).sum()
        price = (share * effect * new**-theta).sum(axis=1) ** (-1 / theta)
        spent_new = (made + gap) * new if multiplicative else made * new + gap
        done = np.abs(new / wage - 1).max() < 1e-15
        wage = new
        if done:
            break
    trade = share * effect * wage**-theta / price[:, None] ** -theta * spent_new[:, None]
    welfare = wage / price if multiplicative else spent_new / spent / price
    return OneSector(trade, welfare, wage)


def excess_demand_iteration(
    shocked: Shocked, *, speed: float = 0.5, most: int = 2000, tol: float = 1e-10
) -> tuple[np.ndarray, int, float]:
    """The usual tatonnement on w: wages, iterations, last residual. Slow, for small worlds."""
    base = shocked.base
    wage, error = np.ones_like(base.labour_income), np.inf
    for count in range(most):
        point = at_wages(shocked, wage)
        error = float(np.abs(point.excess).max())
        if error < tol:
            return wage, count, error
        demand = np.exp(point.excess) * wage * base.labour_income
        wage = wage * (1 + speed * (demand / (wage * base.labour_income) - 1))
        wage = wage * base.labour_income.sum() / (wage * base.labour_income).sum()
    return wage, most, error
