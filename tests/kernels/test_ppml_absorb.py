"""Least squares on overlapping effects: against dense algebra, and certificates."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entrepot.kernels.regression.absorb import (
    arrange,
    residuals,
    solve,
    sums,
    weigh,
)
from entrepot.kernels.regression.cholesky import (
    TILE,
    factorise,
    pattern_of,
)
from entrepot.kernels.regression.collinear import independent
from entrepot.kernels.regression.ppml_plain import residuals_plain
from entrepot.kernels.regression.separation import compact

# Weights range over six powers of ten, which costs dense algebra about as many digits.
CLOSE = 1e-8


def taken_out(columns, codes, weight, *, direct=None, threads=1, tolerance=1e-12):
    """Residuals in the caller's order."""
    s = arrange(codes, len(columns), direct=direct)
    w = weigh(s, weight[s.order], threads=threads)
    left = columns[s.order].copy()
    found = sums(w, left)
    a, _ = solve(w, found, tolerance=tolerance)
    residuals(w, left, found.mean, a)
    out = np.empty_like(left)
    out[s.order] = left
    return out


@st.composite
def problems(draw: st.DrawFn):
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    n = draw(st.integers(2, 120))
    factors = draw(st.integers(1, 4))
    codes = [compact(rng.integers(0, draw(st.integers(1, 30)), n)) for _ in range(factors)]
    weight = 10.0 ** rng.uniform(-3, 3, n)
    return rng.normal(size=(n, draw(st.integers(1, 3)))), codes, weight


@given(problems(), st.booleans())
def test_residuals_equal_those_of_dense_algebra(problem, direct: bool) -> None:
    columns, codes, weight = problem
    mine = taken_out(columns, codes, weight, direct=direct)
    plain = residuals_plain(columns, codes, weight)
    root = np.sqrt(weight)[:, None]
    scale = np.abs(columns * root).max() + 1.0
    assert np.abs((mine - plain) * root).max() <= CLOSE * scale


@given(problems())
def test_residuals_sum_to_zero_in_every_level(problem) -> None:
    columns, codes, weight = problem
    left = taken_out(columns, codes, weight)
    for code in codes:
        for k in range(columns.shape[1]):
            total = np.bincount(code, weight * left[:, k])
            size = np.bincount(code, weight * np.abs(columns[:, k]))
            assert (np.abs(total) <= 1e-9 * (size + size.max())).all()


def test_threads_change_no_bit() -> None:
    rng = np.random.default_rng(5)
    n = 6000
    i, j = rng.integers(0, 150, n), rng.integers(0, 150, n)
    codes = [compact(i), compact(j), compact(i * 150 + j)]
    columns, weight = rng.normal(size=(n, 4)), rng.gamma(1.0, 1.0, n) + 1e-3
    one = taken_out(columns, codes, weight, threads=1)
    for threads in (2, 3, 7):
        assert (taken_out(columns, codes, weight, threads=threads) == one).all()


def test_two_effects_in_years_leave_tiles_empty() -> None:
    """Exporter-year and importer-year: the Schur complement has a block for each year."""
    years, countries = 6, TILE
    i, j, t = (
        a.ravel()
        for a in np.meshgrid(range(countries), range(countries), range(years), indexing="ij")
    )
    s = arrange([i * years + t, j * years + t], len(i))
    assert s.pattern is not None
    assert s.pattern.count == years


def test_no_factor_leaves_columns_alone() -> None:
    columns = np.arange(12.0).reshape(6, 2)
    assert (taken_out(columns, [], np.ones(6)) == columns).all()


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.integers(1, 3 * TILE), st.integers(1, 40))
def test_a_singular_matrix_is_solved_where_it_can_be(seed: int, rank: int, columns: int) -> None:
    """S x = S v is met though S has not full rank."""
    rng = np.random.default_rng(seed)
    n = 3 * TILE
    low = rng.normal(size=(n, rank))
    s = low @ low.T
    pattern = pattern_of(np.ones((3, 3), dtype=bool))
    tiles = np.zeros((pattern.count, TILE, TILE))
    for i in range(3):
        for j in range(i, 3):
            block = s[i * TILE : (i + 1) * TILE, j * TILE : (j + 1) * TILE]
            tiles[pattern.number[i, j]] = block
    factor = factorise(pattern, tiles.copy())
    assert int((~factor.redundant).sum()) == rank
    right = s @ rng.normal(size=(n, columns))
    assert np.abs(s @ factor.solve(right) - right).max() <= 1e-5 * np.abs(right).max()
    other = factorise(pattern, tiles.copy(), threads=2)
    assert (other.tiles == factor.tiles).all()


def test_empty_tiles_stay_empty() -> None:
    filled = np.eye(5, dtype=bool)
    filled[0, 4] = filled[1, 4] = filled[0, 2] = True
    pattern = pattern_of(filled)
    stands = {(int(i), int(j)) for i, j in np.argwhere(pattern.number >= 0)}
    assert stands == {(k, k) for k in range(5)} | {(0, 4), (1, 4), (0, 2), (2, 4)}


def test_later_columns_yield_to_earlier_ones() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(2, 50))
    x = np.column_stack([a, b, a - 2 * b, np.zeros(50), a + 1e-3 * rng.normal(size=50)])
    kept = independent(x.T @ x, (x**2).sum(axis=0) > 0)
    assert kept.tolist() == [True, True, False, False, True]


def test_conjugate_gradients_mend_an_old_factor() -> None:
    rng = np.random.default_rng(2)
    n = 400
    codes = [compact(rng.integers(0, 20, n)) for _ in range(3)]
    s = arrange(codes, n, direct=True)
    old = weigh(s, np.ones(n))
    weight = rng.uniform(0.8, 1.25, n)
    w = weigh(s, weight, reuse=old.factor)
    columns = rng.normal(size=(n, 2))
    found = sums(w, columns)
    a, steps = solve(w, found, tolerance=1e-12)
    assert 1 < steps < 30
    left = columns.copy()
    residuals(w, left, found.mean, a)
    back = [c[s.order] for c in codes]
    assert np.abs(left - residuals_plain(columns, back, weight)).max() < 1e-9


@pytest.mark.parametrize("direct", [True, False])
def test_equal_factors_are_one(direct: bool) -> None:
    """A factor given twice changes nothing."""
    rng = np.random.default_rng(3)
    code = compact(rng.integers(0, 10, 80))
    columns, weight = rng.normal(size=(80, 2)), rng.uniform(0.5, 2.0, 80)
    once = taken_out(columns, [code], weight)
    twice = taken_out(columns, [code, code.copy()], weight, direct=direct)
    assert np.abs(once - twice).max() < 1e-10
