"""A value that is known by a low, a middle and a high figure, for arrays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from entrepot.kernels.arrays import FloatArray
from entrepot.kernels.short_repr import short_repr


@short_repr
@dataclass(frozen=True, slots=True)
class Range:
    """P10, P50 and P90; arrays of one shape, or one number each."""

    low: FloatArray
    mid: FloatArray
    high: FloatArray

    @classmethod
    def filled(cls, shape: tuple[int, ...], value: float = 0.0) -> Range:
        """The same number everywhere, without a range."""
        return cls(*(np.full(shape, value) for _ in range(3)))

    def each(self, change: Callable[[FloatArray], FloatArray]) -> Range:
        """The three figures changed in the same way."""
        return Range(change(self.low), change(self.mid), change(self.high))

    def put(self, where: tuple[Any, ...], low: float, mid: float, high: float) -> None:
        """Write the three figures into the cells of an index."""
        self.low[where], self.mid[where], self.high[where] = low, mid, high
