"""All markets of one-sector structural gravity, and the unknown that clears them.

Symbols as in `structural`. At a vector of strengths u and the outputs and expenditures that go
with it,

    P_n^(1 - sigma) = sum_i T_ni u_i,     demand_i = sum_n E_n T_ni u_i / P_n^(1 - sigma)
    gap_i           = ln demand_i - ln Y_i

The unknown x is the log of u over its start, with Y and E as they are; or ln p, with
u = start * p^(1 - sigma), Y = p Y_start and E = p E_start times one factor for all.

Newton's method with halved steps drives the gap to zero. Where it does not get there at once, it
follows a path from markets that are cleared to those wanted: costs from old to new, or, for the
baseline, outputs from what the start would sell to what is made. Such a path always exists when
the end does: any mean of two outputs that can be sold can be sold too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from entrepot.kernels.arrays import FloatArray
from entrepot.kernels.short_repr import short_repr

STEPS = (1.0, 0.5, 0.25, 0.125)
# Places on the way only lend their answer to the next as a start.
ROUGH = 1e-6
SHORTEST = 1e-4


@short_repr
@dataclass(frozen=True, slots=True)
class Market:
    """What stays while an equilibrium is looked for; arrays at an unknown of zero.

    full : the unknown is ln p, else ln of the change of strength
    """

    term: FloatArray
    strength: FloatArray
    output: FloatArray
    expenditure: FloatArray
    sigma: float
    full: bool


@short_repr
@dataclass(slots=True)
class OneSectorPoint:
    """All markets at one value of the unknown. shares : (N, N) of each importer's spending."""

    strength: FloatArray
    price: FloatArray
    output: FloatArray
    expenditure: FloatArray
    factor: float
    reach: FloatArray
    shares: FloatArray
    demand: FloatArray
    gap: FloatArray
    error: float

    def rescale(self, reach: float, money: float) -> None:
        """Divide strength and P^(1 - sigma) by one number, multiply values by another."""
        self.strength, self.reach = self.strength / reach, self.reach / reach
        self.price, self.output = self.price * money, self.output * money
        self.expenditure = self.expenditure * money


@dataclass(frozen=True, slots=True)
class Course:
    """How a solve went. history : gap after each step, and at each start on the way."""

    steps: int
    history: tuple[float, ...]


def clear(market: Market, unknown: FloatArray) -> OneSectorPoint:
    """Prices, demand and the gap of each market; every ratio is exactly one at zero change."""
    price, factor = np.ones_like(unknown), 1.0
    output, expenditure = market.output, market.expenditure
    if market.full:
        price = np.exp(unknown - np.max(unknown))
        price = price * (output.sum() / (output * price).sum())
        # World output is the numeraire, so what the world earns has not changed.
        factor = float(expenditure.sum() / (expenditure * price).sum())
        strength = market.strength * price ** (1.0 - market.sigma)
        output, expenditure = output * price, expenditure * price * factor
    else:
        strength = market.strength * np.exp(unknown)
    reach = market.term @ strength
    shares = market.term * strength / reach[:, None]
    demand = expenditure @ shares
    gap = np.log(demand / output)
    error = float(np.max(np.abs(gap)))
    return OneSectorPoint(
        strength, price, output, expenditure, factor, reach, shares, demand, gap, error
    )


def _newton_step(market: Market, point: OneSectorPoint) -> FloatArray:
    """Solve J step = -gap, J the derivative of ln demand - ln output by the unknown.

    A common factor on the unknown changes nothing, so J has a null vector of ones; the rank-one
    term takes it out without touching the solution.
    """
    n = len(point.gap)
    sold = (point.shares * point.expenditure[:, None]).T / point.demand[:, None]
    rivals = sold @ point.shares
    weight = point.output / point.output.sum()
    if market.full:
        spent = point.expenditure / point.expenditure.sum()
        jacobian = (market.sigma - 1.0) * rivals + sold - spent
        jacobian[np.arange(n), np.arange(n)] -= market.sigma
    else:
        jacobian = weight - rivals
        jacobian[np.arange(n), np.arange(n)] += 1.0
    step: FloatArray = np.linalg.solve(jacobian, -point.gap)
    return step


def solve(
    path: Callable[[float], Market], target: float, tolerance: float, max_iterations: int
) -> tuple[OneSectorPoint, Course]:
    """Markets cleared at the end of a path that starts cleared; else the last point tried.

    path           : the markets at each place from 0, where an unknown of zero clears them, to 1
    target         : gap to stop at
    tolerance      : gap that is an answer, where rounding allows no better
    max_iterations : Newton steps at most
    """
    end = path(1.0)
    unknown, place, length = np.zeros_like(end.output), 0.0, 1.0
    history: list[float] = []
    steps = 0
    with np.errstate(all="ignore"):
        while length >= SHORTEST and steps < max_iterations:
            ahead = min(1.0, place + length)
            last = ahead == 1.0
            market, goal = (end, target) if last else (path(ahead), ROUGH)
            moved, point, errors = _newton(market, unknown, goal, max_iterations - steps)
            history += errors
            steps += len(errors) - 1
            if last and point.error <= ROUGH:
                return point, Course(steps, tuple(history))
            if point.error <= ROUGH:
                unknown, place, length = moved, ahead, 2.0 * length
            else:
                length = (ahead - place) / 2.0
        point = clear(end, unknown)
        return point, Course(steps, (*history, point.error))


def _newton(
    market: Market, unknown: FloatArray, target: float, most: int
) -> tuple[FloatArray, OneSectorPoint, list[float]]:
    """Newton's method with halved steps, until solved or until no step gains enough."""
    point = clear(market, unknown)
    errors = [point.error]
    while point.error > target and len(errors) <= most:
        try:
            step = _newton_step(market, point)
        except np.linalg.LinAlgError:
            break
        for length in STEPS:
            found = clear(market, unknown + length * step)
            if found.error <= (1.0 - 0.5 * length) * point.error:
                break
        else:
            break
        unknown, point = unknown + length * step, found
        errors.append(point.error)
    return unknown, point, errors
