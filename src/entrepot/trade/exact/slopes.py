"""How excess demand for labour answers to each country's wage: the exact N x N Jacobian.

The equations of `exact_hat` differentiated at one point. Every quantity below is (J, N, N) with
the last axis for the wage that moves:

    C = gamma I + inputs' A          d ln c / d ln w
    A = share C                      d ln P / d ln w
    dR = kept' dX + E                E = -theta (R C - flows' A)
    dX = inputs dR + alpha dI        dI from wages, tariffs, fees and the rule for deficits

Both pairs are solved by sweeps that contract like those of `markets`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from entrepot.kernels.arrays import FloatArray
from entrepot.kernels.short_repr import short_repr
from entrepot.trade.exact.markets import Frame, MarketPoint, State

# A slope need not be better than the step that is taken along it.
CLOSE = 1e-9
MOST_SWEEPS = 500


@short_repr
@dataclass(frozen=True, slots=True)
class _Shares:
    """Parts of spending at the point, (J, N, N): all, what reaches exporters, what is untaxed."""

    all: FloatArray
    kept: FloatArray
    untaxed: FloatArray | None
    fees: list[FloatArray]


def wage_slopes(frame: Frame, state: State, point: MarketPoint) -> FloatArray:
    """(N, N) derivative of excess demand for labour [country] by ln wage [country]."""
    problem = frame.problem
    shares = _shares(frame, point)
    theta = problem.theta[:, None, None]
    price, cost = _prices(frame, shares.all)
    flows = shares.kept * state.spending[:, :, None]
    moved = -theta * (point.output[:, :, None] * cost - flows.transpose(0, 2, 1) @ price)
    wages = np.exp(state.log_wage) * problem.labour

    def answer(part: FloatArray) -> FloatArray:
        """Sum over sectors of spending times the change of its part, (N, N)."""
        change = -theta * (part @ cost - part.sum(axis=2)[:, :, None] * price)
        return np.asarray(np.sum(state.spending[:, :, None] * change, axis=0))

    earned = np.diag(wages)
    if shares.untaxed is not None:
        earned = earned - answer(shares.untaxed)
    for part, owner in zip(shares.fees, _owners(frame), strict=True):
        earned[owner] += answer(part).sum(axis=0)
    spending = np.zeros_like(moved)
    for _ in range(MOST_SWEEPS):
        output = shares.kept.transpose(0, 2, 1) @ spending + moved
        income = _income(frame, point, wages, _public(frame, shares, spending) + earned)
        new = problem.final[:, :, None] * income
        if problem.inputs is not None:
            new = new + np.einsum("nkj,jnm->knm", problem.inputs, output, optimize=True)
        change = float(np.max(np.abs(new - spending)) / max(float(np.max(np.abs(new))), 1e-300))
        spending = new
        if change < CLOSE or not np.isfinite(change):
            break
    output = shares.kept.transpose(0, 2, 1) @ spending + moved
    demand = np.sum(problem.value_added[:, :, None] * output, axis=0)
    supply = np.sum(problem.value_added * point.output, axis=0)
    slopes: FloatArray = demand / supply[:, None] - np.eye(wages.size)
    return slopes


def _shares(frame: Frame, point: MarketPoint) -> _Shares:
    scale = point.strength[:, None, :] / point.reach[:, :, None]
    share = frame.weight * scale
    kept = share if frame.kept is None else frame.kept * scale
    untaxed = None
    if frame.kept is not None:
        untaxed = kept if frame.untaxed is None else frame.untaxed * scale
    fees = [] if frame.fee_part is None else [part * scale for part in frame.fee_part]
    return _Shares(share, kept, untaxed, fees)


def _owners(frame: Frame) -> list[int]:
    owner = frame.problem.fee_owner
    return [] if frame.fee_part is None or owner is None else [int(o) for o in owner]


def _prices(frame: Frame, share: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Slopes of ln P and ln c by ln w."""
    problem = frame.problem
    direct = problem.value_added[:, :, None] * np.eye(problem.labour.size)
    price, cost = share @ direct, direct
    if problem.inputs is None:
        return price, cost
    for _ in range(MOST_SWEEPS):
        cost = direct + np.einsum("nkj,knm->jnm", problem.inputs, price, optimize=True)
        new = share @ cost
        change = float(np.max(np.abs(new - price)))
        price = new
        if change < CLOSE or not np.isfinite(change):
            break
    return price, cost


def _public(frame: Frame, shares: _Shares, spending: FloatArray) -> FloatArray:
    """(N, N) tariff and fee income from a change of spending at constant shares."""
    public = np.zeros(spending.shape[1:])
    if shares.untaxed is not None:
        public += np.sum((1.0 - shares.untaxed.sum(axis=2))[:, :, None] * spending, axis=0)
    for part, owner in zip(shares.fees, _owners(frame), strict=True):
        public[owner] += np.sum(part.sum(axis=2)[:, :, None] * spending, axis=(0, 1))
    return public


def _income(frame: Frame, point: MarketPoint, wages: FloatArray, earned: FloatArray) -> FloatArray:
    """(N, N) change of final income under the rule for deficits."""
    absorbs = frame.problem.absorption
    if absorbs is None:
        return earned
    level = wages + point.tariff + point.fees
    growth = earned.sum(axis=0) / level.sum() - (absorbs @ earned) / (absorbs @ level)
    scaled = absorbs[:, None] * earned + np.outer(absorbs * level, growth)
    income: FloatArray = point.factor * scaled
    return income
