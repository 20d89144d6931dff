"""Path sizes over open routes against the plain twin, a law and hand."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from entrepot.kernels.choice.path_size import path_sizes, path_sizes_plain
from tests.kernels.test_route_choice import drawn, sets_of

EXACT = 1e-12


@given(st.integers(0, 10_000), st.floats(0.0, 1.0))
def test_equal_to_the_plain_twin(seed: int, part: float) -> None:
    sets, cost, _, draw = drawn(seed)
    is_open = draw.random(sets.n_route) < part
    np.testing.assert_allclose(
        path_sizes(sets, cost, is_open), path_sizes_plain(sets, cost, is_open), rtol=EXACT
    )


@given(st.integers(0, 10_000))
def test_a_pair_that_is_closed_counts_as_if_it_were_open(seed: int) -> None:
    """And no path size passes one."""
    sets, cost, _, _ = drawn(seed)
    whole = path_sizes(sets, cost, np.ones(sets.n_route, dtype=bool))
    shut = path_sizes(sets, cost, np.zeros(sets.n_route, dtype=bool))
    np.testing.assert_allclose(shut, whole, rtol=EXACT)
    assert ((whole > 0) & (whole <= 1 + EXACT)).all()


def test_a_closed_copy_leaves_the_open_route_whole() -> None:
    sets = sets_of([[[0, 1], [0, 1], [0, 2]]], 3)
    cost = np.array([2.0, 2.0, 6.0])
    is_open = np.array([True, False, False])
    np.testing.assert_allclose(path_sizes(sets, cost, is_open), [1.0, 0.5, (1 + 6) / 8])


def test_free_arcs_and_many_pairs() -> None:
    sets = sets_of([[[0], [0]], [], [[0]]] * 40, 1)
    found = path_sizes(sets, np.zeros(1), np.array([True, False, True] * 40))
    np.testing.assert_allclose(found.reshape(40, 3), [[1.0, 0.5, 1.0]] * 40)
