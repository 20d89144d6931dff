"""A value that is known by a low, a middle and a high figure, for numbers and arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np

from entrepot.kernels.arrays import FloatArray

# P90 of a standard normal.
Z90 = 1.2815515655446004
Values = TypeVar("Values")


class Range(NamedTuple, Generic[Values]):
    """P10, P50 and P90, or the smallest, the middle and the largest; numbers or arrays of one shape."""

    low: Values
    mid: Values
    high: Values

    @staticmethod
    def filled(shape: tuple[int, ...], value: float = 0.0) -> Range[FloatArray]:
        """The same number everywhere, without a range."""
        low, mid, high = (np.full(shape, value) for _ in range(3))
        return Range(low, mid, high)

    def each(self, change: Callable[[Values], Values]) -> Range[Values]:
        """The three figures changed in the same way."""
        return Range(change(self.low), change(self.mid), change(self.high))


def put(
    into: Range[FloatArray], where: tuple[Any, ...], low: float, mid: float, high: float
) -> None:
    """Write three figures into the cells of an index."""
    into.low[where], into.mid[where], into.high[where] = low, mid, high
