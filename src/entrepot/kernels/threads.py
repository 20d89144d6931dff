"""Kernels whose loops are shared among threads, one at a time in a process.

Several Python threads may ask one engine at once. The simplest threading layer of Numba, `workqueue`,
ends the process where two of them enter a parallel loop together; the others run more threads than
there are cores. A parallel loop takes all cores anyway, so those who ask wait for each other.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from threading import Lock
from typing import ParamSpec, TypeVar

from numba import njit

P = ParamSpec("P")
R = TypeVar("R")

_ONE_AT_A_TIME = Lock()


def parallel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a kernel with `prange` loops; it is called from Python and by no other kernel."""
    compiled: Callable[P, R] = njit(cache=True, parallel=True)(function)

    @wraps(function)
    def run(*given: P.args, **named: P.kwargs) -> R:
        with _ONE_AT_A_TIME:
            return compiled(*given, **named)

    return run
