"""Hours and money of every arc, for one load unit and commodity on one date.

Money is in USD per tonne of cargo and keeps its parts; the value of time, reliability and
greenhouse gases are added only when a generalised cost is asked for. Hours are kept as P10, P50
and P90 with the *element* they depend on: all rail haulage in one country shares one speed, so
its error is drawn once and not once per link.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from entrepot.cost.cargo import Cargo
from entrepot.kernels.arrays import FloatArray, Int32Array
from entrepot.kernels.short_repr import short_repr
from entrepot.uncertainty.spread import mean_ratio

PARTS = ("haulage", "handling", "border", "fee", "insurance")
HAULAGE, HANDLING, BORDER, FEE, INSURANCE = range(5)


@short_repr
@dataclass(frozen=True, slots=True)
class Elements:
    """Sources of error with a part of their own, shared by the arcs that depend on them.

    of_arc : (n_arc,) element of an arc, -1 where the value is certain or zero
    names  : (n_element,) what the source of error is
    common : (n_element,) source whose common factor it shares
    low    : (n_element,) scale of the log below the median
    high   : (n_element,) above it
    """

    of_arc: Int32Array
    names: tuple[str, ...]
    common: tuple[str, ...]
    low: FloatArray
    high: FloatArray


@short_repr
@dataclass(frozen=True, slots=True)
class ArcCosts:
    """Cost of every arc for one cargo on one date.

    usable   : (n_arc,) whether this cargo can take the arc on the date
    hours    : (n_arc,) median hours
    time     : elements of the hours
    money    : (5, n_arc) USD/t by part, in the order of PARTS
    price    : elements of the money (haulage with its surcharges, handling, border fees)
    co2e     : (n_arc,) kg CO2e per t, well to wheel
    mode_row : (n_arc,) row of modes.csv used on a haul, -1 elsewhere
    season_rows : rows of seasons.csv that changed something
    """

    cargo: Cargo
    usable: NDArray[np.bool_]
    hours: FloatArray
    time: Elements
    money: FloatArray
    price: Elements
    co2e: FloatArray
    mode_row: Int32Array
    season_rows: tuple[int, ...]

    def mean_hours(self) -> FloatArray:
        """(n_arc,) expected hours; they add up along a route, as medians do not."""
        return self.hours * self._by_arc(mean_ratio(self.time.low, self.time.high), 1.0)

    def hours_spread(self) -> FloatArray:
        """(n_arc,) half the range from P16 to P84, the robust standard deviation of the hours."""
        half = (np.exp(self.time.high) - np.exp(-self.time.low)) / 2
        return self.hours * self._by_arc(half, 0.0)

    def generalised(self) -> FloatArray:
        """(n_arc,) USD/t: money, value of time, reliability and greenhouse gases (eq. 12).

        Arcs that cannot be taken are infinite.
        """
        cargo = self.cargo
        hours = self.mean_hours() + cargo.reliability_ratio * self.hours_spread()
        cost = self.money.sum(axis=0) + cargo.usd_per_t_hour * hours
        cost += self.co2e / 1000 * cargo.co2e_price
        return np.where(self.usable, np.maximum(cost, 1e-6), np.inf)

    def _by_arc(self, per_element: FloatArray, otherwise: float) -> FloatArray:
        known = self.time.of_arc >= 0
        out = np.full(len(self.hours), otherwise)
        out[known] = per_element[self.time.of_arc[known]]
        return out
