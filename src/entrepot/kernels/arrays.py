"""Types of arrays, declared once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Int32Array = NDArray[np.int32]
BoolArray = NDArray[np.bool_]


def dot(a: FloatArray, b: FloatArray) -> float:
    """Sum of the products of two vectors, in an order that depends on their length alone.

    BLAS cuts long vectors into as many parts as it has threads, which changes the last digit.
    """
    return float(np.sum(a * b))
