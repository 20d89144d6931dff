"""The exponential of numbers up to zero, in a form that compilers turn into vector instructions.

Cody and Waite's reduction: x = n ln 2 + r with |r| <= ln 2 / 2, the power of two by its bits, and
e^r by its Taylor polynomial of degree 13, whose rest is below 5e-18.
"""

from __future__ import annotations

import numpy as np
from numba import njit

LEAST = -700.0
_PER_LN2 = 1.4426950408889634
# ln 2 in two parts, of which the first times a small whole number is exact.
_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
# Adding this rounds to a whole number, which stands in the last bits of the sum.
_ROUND = 6755399441055744.0
_BIAS, _FRACTION_BITS = 1023, 52


@njit(inline="always")
def exp_down(x: float) -> float:
    """e**x for x <= 0 to three units in the last place; zero below -700 and at minus infinity."""
    t = max(x, LEAST) * _PER_LN2 + _ROUND
    n = t - _ROUND
    r = (max(x, LEAST) - n * _LN2_HIGH) - n * _LN2_LOW
    p = 1.0 / 6227020800.0
    p = p * r + 1.0 / 479001600.0
    p = p * r + 1.0 / 39916800.0
    p = p * r + 1.0 / 3628800.0
    p = p * r + 1.0 / 362880.0
    p = p * r + 1.0 / 40320.0
    p = p * r + 1.0 / 5040.0
    p = p * r + 1.0 / 720.0
    p = p * r + 1.0 / 120.0
    p = p * r + 1.0 / 24.0
    p = p * r + 1.0 / 6.0
    p = p * r + 0.5
    p = p * r + 1.0
    p = p * r + 1.0
    bits = np.int64((np.float64(t).view(np.int64) + _BIAS) << _FRACTION_BITS)
    power = bits.view(np.float64)
    return p * power if x >= LEAST else 0.0
