"""Hours that traffic costs at bottlenecks, and the slope of those hours by traffic.

Two shapes, with rho the traffic over the capacity of a year:

    power : T = free + size * rho ** exponent
    queue : T = free + size / capacity * rho / (1 - rho)

The power form is the constant elasticity of Allen and Arkolakis (2022) where `free` is zero and
`capacity` the traffic at which `size` was observed, and the curve of the Bureau of Public Roads
(1964) where `size` is b times the free time. The queue is continued with its slope from 0.95 of
the capacity on, the power form below a hundredth of it, so that both are smooth everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from entrepot.kernels.arrays import FloatArray
from entrepot.kernels.short_repr import short_repr

POWER, QUEUE = 0, 1
SATURATED = 0.95
LOW = 0.01


@short_repr
@dataclass(frozen=True, slots=True)
class Delays:
    """Delay functions of F bottlenecks.

    form     : (F,) POWER or QUEUE
    free     : (F,) hours without traffic
    size     : (F,) hours at rho = 1 for POWER; hours times tonnes a year for QUEUE
    capacity : (F,) tonnes a year, above zero
    exponent : (F,) of rho, above zero; read for POWER only
    """

    form: NDArray[np.int64]
    free: FloatArray
    size: FloatArray
    capacity: FloatArray
    exponent: FloatArray

    def __len__(self) -> int:
        return len(self.form)

    def hours(self, traffic: FloatArray) -> FloatArray:
        """(F,) hours at a traffic of (F,) tonnes a year."""
        return self._at(traffic)[0]

    def slope(self, traffic: FloatArray) -> FloatArray:
        """(F,) hours per tonne a year."""
        return self._at(traffic)[1]

    def by_capacity(self, traffic: FloatArray) -> FloatArray:
        """(F,) change of hours per tonne a year of capacity, traffic held."""
        hours, slope = self._at(traffic)
        rho = traffic / self.capacity
        queued = np.where(self.form == QUEUE, (hours - self.free) / self.capacity, 0.0)
        return np.asarray(-slope * rho - queued)

    def scaled(self, capacity: FloatArray) -> Delays:
        """The same bottlenecks with their capacity times (F,) factors."""
        return replace(self, capacity=self.capacity * capacity)

    def _at(self, traffic: FloatArray) -> tuple[FloatArray, FloatArray]:
        rho = np.maximum(traffic, 0.0) / self.capacity
        inside = np.maximum(rho, LOW)
        power = inside**self.exponent
        rise = self.exponent * power / inside
        power = self.size * (power + rise * (rho - inside))
        held = np.minimum(rho, SATURATED)
        steep = 1.0 / (1.0 - held) ** 2
        waiting = held / (1.0 - held) + steep * (rho - held)
        lot = self.size / self.capacity
        queues = self.form == QUEUE
        hours = self.free + np.where(queues, lot * waiting, power)
        slope = np.where(queues, lot * steep, self.size * rise) / self.capacity
        return hours, slope


def queue_size(hours: FloatArray, traffic: FloatArray, capacity: FloatArray) -> FloatArray:
    """(F,) size of queues that make `hours` of waiting at a traffic above zero."""
    one = np.ones_like(capacity)
    unit = Delays(np.full(len(one), QUEUE), 0 * one, capacity, capacity, one)
    return np.asarray(hours / unit.hours(traffic) * capacity)
