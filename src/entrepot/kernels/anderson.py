"""Anderson mixing: a fixed point x = x + f(x) found faster than by stepping along f.

Keeps the last `memory` differences of points and residuals, writes the present residual as
a combination of the past ones (least squares) and steps to where that combination points.
Anderson (1965); type II in the words of Fang and Saad (2009).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from entrepot.kernels.arrays import FloatArray
from entrepot.kernels.short_repr import short_repr


@short_repr
@dataclass(slots=True)
class Anderson:
    """The memory of one fixed-point iteration.

    memory : most differences kept
    rcond  : singular values below this share of the largest are dropped
    cap    : largest step in any component; a longer one is shortened as a whole
    """

    memory: int = 6
    rcond: float = 1e-10
    cap: float = np.inf
    _points: list[FloatArray] = field(default_factory=list)
    _residuals: list[FloatArray] = field(default_factory=list)

    def forget(self) -> None:
        """Start again from plain steps."""
        self._points.clear()
        self._residuals.clear()

    def step(self, point: FloatArray, residual: FloatArray) -> FloatArray:
        """The next point, given the residual f(x) at this one. Shapes: (n,)."""
        self._points.append(point.copy())
        self._residuals.append(residual.copy())
        del self._points[: -(self.memory + 1)], self._residuals[: -(self.memory + 1)]
        move = residual
        if len(self._points) > 1:
            by_residual = np.diff(np.array(self._residuals), axis=0).T
            by_point = np.diff(np.array(self._points), axis=0).T
            weights = np.linalg.lstsq(by_residual, residual, rcond=self.rcond)[0]
            move = residual - (by_point + by_residual) @ weights
        longest = float(np.max(np.abs(move), initial=0.0))
        if longest > self.cap:
            move = move * (self.cap / longest)
        return point + move
