"""PPML: closed forms, certificates, laws, and the plain twin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entrepot.kernels.regression.ppml import Ppml, PpmlOptions, ppml
from entrepot.kernels.regression.ppml_plain import ppml_plain, residuals_plain
from entrepot.kernels.status import Status
from tests.kernels.panels import Panel, panel

ADDING_UP = 1e-10
SAME = 1e-8


def estimate(p: Panel, **options) -> Ppml:
    found = ppml(p.y, p.x, p.codes, PpmlOptions(**options))
    assert found.status is Status.CONVERGED
    return found


def certify(p: Panel, found: Ppml) -> None:
    """Scores are zero: totals by level are met, regressors are orthogonal to what is left."""
    gap = p.y - found.fitted
    for code in p.codes:
        total = np.bincount(code, p.y)
        assert (np.abs(np.bincount(code, gap)) <= ADDING_UP * total).all()
    assert (
        np.abs(p.x[:, found.kept].T @ gap) <= ADDING_UP * np.abs(p.x[:, found.kept]).T @ p.y
    ).all()
    assert found.imbalance <= ADDING_UP
    index = p.x[:, found.kept] @ found.beta
    index += sum(e[c] for e, c in zip(found.effects, p.codes, strict=True))
    assert np.abs(index - found.index).max() <= SAME
    assert np.abs(np.exp(found.index) / found.fitted - 1).max() <= 1e-12


@given(st.integers(0, 10**6), st.sampled_from([1, 2, 3]), st.booleans())
def test_estimates_equal_those_of_the_plain_twin(seed: int, factors: int, direct: bool) -> None:
    p = panel(seed, countries=6, years=3, factors=factors)
    found = estimate(p, direct=direct)
    certify(p, found)
    beta, fitted = ppml_plain(p.y, p.x[:, found.kept], p.codes)
    assert np.abs(found.beta - beta).max(initial=0) <= 1e-6
    assert np.abs(found.fitted - fitted).max() <= 1e-6 * fitted.max()
    left = residuals_plain(p.x[:, found.kept], p.codes, found.fitted)
    root = np.sqrt(found.fitted)[:, None]
    assert np.abs((left - found.residual_x) * root).max(initial=0) <= 1e-6 * root.max()
    whole = np.linalg.inv(left.T @ (left * found.fitted[:, None]))
    assert np.allclose(found.bread, whole, rtol=1e-6, atol=1e-9 * np.abs(whole).max(initial=1))


def test_two_groups_have_the_log_ratio_of_their_means() -> None:
    y = np.array([1.0, 3.0, 0.0, 8.0, 4.0, 6.0])
    d = np.array([0.0, 0, 0, 1, 1, 1])
    found = ppml(y, d[:, None], [np.zeros(6, dtype=int)])
    assert found.beta[0] == pytest.approx(np.log(6.0 / (4.0 / 3.0)), abs=1e-12)
    with_constant = ppml(y, np.column_stack([np.ones(6), d]), [])
    assert with_constant.beta == pytest.approx([np.log(4 / 3), np.log(4.5)], abs=1e-12)


def test_a_full_table_without_regressors_is_the_product_of_its_margins() -> None:
    """Two effects and no gaps: fitted = row total times column total over the whole."""
    table = np.array([[4.0, 0, 2], [1, 7, 0], [3, 2, 5], [0, 1, 9]])
    i, j = (a.ravel() for a in np.indices(table.shape))
    found = ppml(table.ravel(), np.empty((12, 0)), [i, j])
    product = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    assert np.abs(found.fitted - product.ravel()).max() < 1e-12


@pytest.mark.parametrize("seed", range(5))
def test_effects_alone_are_iterative_proportional_fitting(seed: int) -> None:
    """With gaps there is no closed form, but sweeps over rows and columns end at the same place."""
    p = panel(seed, countries=7, years=1, regressors=1, factors=2)
    found = ppml(p.y, np.empty((len(p.y), 0)), p.codes)
    mu = np.ones(len(p.y))
    for _ in range(5000):
        for code in p.codes:
            mu *= (np.bincount(code, p.y) / np.bincount(code, mu))[code]
    assert np.abs(found.fitted - mu).max() <= 1e-9 * mu.max()


def test_a_known_share_of_effects_comes_back() -> None:
    """Trade without noise: the coefficients it was made with."""
    p = panel(11, countries=10, years=5)
    made = np.exp(
        p.x @ [0.5, -1.0, 0.25] + np.sin(p.codes[0]) + np.cos(p.codes[1]) + p.codes[2] % 3
    )
    found = ppml(made, p.x, p.codes)
    assert np.abs(found.beta - [0.5, -1.0, 0.25]).max() < 1e-12
    assert np.abs(found.fitted / made - 1).max() < 1e-12
    assert abs(found.deviance) < 1e-9 * made.sum()


@given(st.integers(0, 10**6), st.floats(1e-6, 1e9))
@settings(max_examples=25)
def test_another_currency_moves_no_coefficient(seed: int, rate: float) -> None:
    p = panel(seed)
    one, other = estimate(p), estimate(Panel(p.y * rate, p.x, p.codes))
    assert np.abs(one.beta - other.beta).max() <= SAME
    assert np.abs(other.fitted / (one.fitted * rate) - 1).max() <= SAME


@given(st.integers(0, 10**6))
@settings(max_examples=25)
def test_order_of_rows_levels_and_factors_moves_nothing(seed: int) -> None:
    p = panel(seed)
    draw = np.random.default_rng(seed)
    rows = draw.permutation(len(p.y))
    renamed = []
    for code in p.codes:
        new = draw.permutation(int(code.max()) + 1)
        renamed.append(new[code[rows]])
    one = estimate(p)
    other = estimate(Panel(p.y[rows], p.x[rows], (renamed[2], renamed[0], renamed[1])))
    assert np.abs(one.beta - other.beta).max() <= SAME
    assert np.abs(other.fitted / one.fitted[rows] - 1).max() <= SAME


def test_units_of_a_regressor_move_only_its_coefficient() -> None:
    p = panel(4)
    one = estimate(p)
    other = estimate(Panel(p.y, p.x * [1.0, 1e6, 1e-6] + [0, 3e6, 0], p.codes))
    assert np.abs(other.beta * [1.0, 1e6, 1e-6] - one.beta).max() <= SAME


def test_no_bit_depends_on_threads() -> None:
    p = panel(3, countries=20, years=5)
    one = estimate(p, threads=1)
    for threads in (2, 3):
        other = estimate(p, threads=threads)
        assert (one.beta == other.beta).all()
        assert (one.fitted == other.fitted).all()
        assert (one.residual_x == other.residual_x).all()
        assert one.history == other.history


def test_regressors_that_say_nothing_are_told_apart() -> None:
    p = panel(6)
    by_pair = np.random.default_rng(0).normal(size=int(p.codes[2].max()) + 1)[p.codes[2]]
    x = np.column_stack([p.x, by_pair, p.x[:, 0] - 3 * p.x[:, 1], np.full(len(p.y), 7.0)])
    found = ppml(p.y, x, p.codes)
    assert found.kept.tolist() == [True, True, True, False, False, False]
    assert found.absorbed.tolist() == [False, False, False, True, False, True]
    assert np.abs(found.beta - estimate(p).beta).max() <= SAME


def test_the_deviance_never_rises() -> None:
    found = estimate(panel(8, countries=12))
    assert np.diff(found.history).max() <= 1e-9 * found.history[0]
    assert found.iterations == len(found.history) - 1 >= 2


def test_too_few_iterations_are_told() -> None:
    p = panel(8)
    found = ppml(p.y, p.x, p.codes, PpmlOptions(iterations=1))
    assert found.status is Status.EXHAUSTED
    assert "most iterations" in found.status.value


def test_separated_rows_run_off_and_are_told() -> None:
    """A regressor above zero only where trade is zero has no finite coefficient."""
    rng = np.random.default_rng(0)
    y = rng.poisson(2.0, 60).astype(float)
    x = np.where(y == 0, 1.0, 0.0)[:, None]
    found = ppml(y, x, [np.arange(60) % 3], PpmlOptions(iterations=2000))
    assert found.status in (Status.DIVERGING, Status.EXHAUSTED, Status.STALLED)
    assert found.beta[0] < -20


@pytest.mark.slow
@pytest.mark.parametrize("factors", [2, 3])
def test_a_larger_panel_by_factor_and_by_conjugate_gradients(factors: int) -> None:
    p = panel(9, countries=40, years=8, regressors=8, factors=factors)
    one, other = estimate(p, direct=True), estimate(p, direct=False)
    certify(p, one)
    certify(p, other)
    assert np.abs(one.beta - other.beta).max() <= SAME
    assert np.allclose(one.bread, other.bread, rtol=1e-7)
