"""The exponential of numbers up to zero against the library's."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numba import njit
from numpy.typing import NDArray

from entrepot.kernels.choice.exponential import LEAST, exp_down


@njit
def all_of(x: NDArray[np.float64]) -> NDArray[np.float64]:
    out = np.empty_like(x)
    for i in range(len(x)):
        out[i] = exp_down(x[i])
    return out


@given(st.lists(st.floats(LEAST, 0.0), min_size=1, max_size=40))
def test_equal_to_three_units_in_the_last_place(numbers):
    x = np.array(numbers)
    exact = np.array([math.exp(v) for v in numbers])
    assert (np.abs(all_of(x) - exact) <= 3 * np.spacing(exact)).all()


def test_the_ends():
    found = all_of(np.array([0.0, -0.0, -5e-324, -1e-17, LEAST - 1e-9, -1e300, -np.inf]))
    assert found.tolist() == [1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0]


def test_a_number_has_one_value_wherever_it_stands():
    """Vector instructions and what is left over at the end of a row do the same arithmetic."""
    x = -np.random.default_rng(1).exponential(20.0, 1013)
    whole = all_of(x)
    assert np.array_equal(whole, [all_of(x[i : i + 1])[0] for i in range(len(x))])
    assert np.array_equal(whole[3:], all_of(x[3:].copy()))
