"""Separated observations: worked examples, and linear programmes that know the answer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from entrepot.kernels.regression.ppml import ppml
from entrepot.kernels.regression.ppml_plain import dummies
from entrepot.kernels.regression.separation import (
    Reason,
    compact,
    separation,
)
from entrepot.kernels.status import Status

KEPT, ALL_ZERO, SINGLETON, SEPARATED = (int(r) for r in Reason)
NOTHING = np.empty


def reasons(y, x, codes, **options) -> list[int]:
    y = np.asarray(y, dtype=float)
    x = np.asarray(x, dtype=float).reshape(len(y), -1)
    found = separation(y, x, [np.asarray(c) for c in codes], **options)
    assert found.settled
    return found.reason.tolist()


def test_levels_of_zeros_go_and_take_others_along() -> None:
    """Exporter 0 sells nothing; without its rows importer 2 buys nothing.

          imp 0  1  2
    exp 0     0  0  0        all zero
    exp 1     2  1  .
    exp 2     1  3  .
    """
    exporter, importer = [0, 0, 0, 1, 1, 2, 2], [0, 1, 2, 0, 1, 0, 1]
    found = separation(
        np.array([0.0, 0, 0, 2, 1, 1, 3]),
        np.empty((7, 0)),
        [np.array(exporter), np.array(importer)],
    )
    assert found.reason.tolist() == [ALL_ZERO] * 3 + [KEPT] * 4
    assert found.factor.tolist() == [0, 0, 0, -1, -1, -1, -1]


def test_a_singleton_leaves_another_behind() -> None:
    """A chain: 3 is alone in its exporter, then 2 in its importer, and so on."""
    exporter, importer = [0, 0, 0, 0, 1, 1, 2], [0, 0, 1, 1, 1, 2, 2]
    y = [1, 2, 3, 4, 5, 6, 7]
    assert reasons(y, [[]] * 7, [exporter, importer]) == [KEPT] * 4 + [SINGLETON] * 3
    assert reasons(y, [[]] * 7, [exporter, importer], singletons=False) == [KEPT] * 7


def test_a_regressor_seen_only_with_zero_trade_separates() -> None:
    y, x = [0, 0, 0, 1, 2, 3], [1, 2, 0, 0, 0, 0]
    assert reasons(y, x, [[0] * 6]) == [SEPARATED, SEPARATED, KEPT, KEPT, KEPT, KEPT]


def test_overlap_does_not_separate() -> None:
    """The regressor is zero, above and below zero with positive trade too."""
    assert reasons([0, 0, 1, 2, 3], [1, 2, -1, 0, 1], [[0] * 5]) == [KEPT] * 5


def test_both_signs_among_the_zeros_do_not_separate() -> None:
    assert reasons([0, 0, 1, 2], [1, -1, 0, 0], [[0] * 4]) == [KEPT] * 4


def test_a_combination_of_two_regressors_separates() -> None:
    """Neither alone: 2 x1 + x2 is 3 in the first row and zero in all others."""
    y = [0, 0, 0, 1, 2, 3]
    x = [[2, -1], [-1, 2], [0, 0], [0, 0], [5, -10], [6, -12]]
    assert reasons(y, x, [[0] * 6]) == [SEPARATED] + [KEPT] * 5


def test_effects_together_can_separate() -> None:
    """No level is all zero, yet exporter 1 - importer 2 is separated.

          imp 1  2
    exp 1     3  0        z = c where exporter 1's effect falls and importer 2's rises
    exp 2     .  2
    """
    y, exporter, importer = [3, 0, 2], [0, 0, 1], [0, 1, 1]
    assert reasons(y, [[]] * 3, [exporter, importer], singletons=False) == [KEPT, SEPARATED, KEPT]


def test_the_other_corner_prevents_that() -> None:
    y, exporter, importer = [3, 0, 0, 2], [0, 0, 1, 1], [0, 1, 0, 1]
    assert reasons(y, [[]] * 4, [exporter, importer]) == [KEPT] * 4


def test_a_regressor_and_effects_together() -> None:
    """x is one in all of pair 0 but for its zero: it separates that one from the rest of the pair."""
    y = [0, 4, 5, 0, 2, 1]
    x = [0, 1, 1, 0, 0, 0]
    found = reasons(y, x, [[0, 0, 0, 1, 1, 1]])
    assert found == [SEPARATED] + [KEPT] * 5


def test_what_stays_has_an_estimate_and_what_goes_changes_nothing() -> None:
    rng = np.random.default_rng(3)
    n = 200
    code = rng.integers(0, 8, n)
    x = rng.normal(size=(n, 2))
    y = rng.poisson(np.exp(0.4 * x[:, 0])).astype(float)
    flag = (y == 0) & (rng.random(n) < 0.3)
    with_flag = np.column_stack([x, flag])
    found = separation(y, with_flag, [code])
    assert (found.reason == Reason.SEPARATED).sum() == flag.sum()
    kept = found.kept
    one = ppml(y[kept], with_flag[kept], [compact(code[kept])])
    assert one.status is Status.CONVERGED
    assert one.kept.tolist() == [True, True, False]
    # Without dropping, the flag runs off and the others approach the same.
    for_ever = ppml(y, with_flag, [code])
    assert np.abs(for_ever.beta[:2] - one.beta).max() < 1e-6


def known_answer(y: np.ndarray, x: np.ndarray, codes: list[np.ndarray]) -> np.ndarray:
    """Rows for which some z is positive, one linear programme each."""
    whole = np.column_stack([x, dummies(codes, len(y))])
    zero = y == 0
    out = np.zeros(len(y), dtype=bool)
    for r in np.flatnonzero(zero):
        done = linprog(
            -whole[r],
            A_ub=-whole[zero],
            b_ub=np.zeros(zero.sum()),
            A_eq=whole[~zero],
            b_eq=np.zeros((~zero).sum()),
            bounds=[(-1, 1)] * whole.shape[1],
        )
        assert done.status == 0
        out[r] = -done.fun > 1e-7
    return out


@given(st.integers(0, 10**6))
@settings(max_examples=60)
def test_linear_programmes_find_the_same_rows(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(6, 26))
    codes = [compact(rng.integers(0, 4, n)) for _ in range(int(rng.integers(1, 3)))]
    x = rng.integers(-1, 3, (n, int(rng.integers(0, 4)))).astype(float)
    y = np.where(rng.random(n) < 0.45, 0.0, rng.integers(1, 5, n))
    found = separation(y, x, codes, singletons=False)
    assert found.settled
    assert (~found.kept == known_answer(y, x, codes)).all()
    z = found.combination
    assert (z >= 0).all()
    assert (z[y > 0] == 0).all()


def test_nothing_but_zeros_leaves_nothing() -> None:
    found = separation(np.zeros(4), np.empty((4, 0)), [np.array([0, 0, 1, 1])])
    assert not found.kept.any()


@pytest.mark.parametrize("threads", [1, 2])
def test_no_zero_needs_no_search(threads: int) -> None:
    found = separation(np.ones(4), np.ones((4, 1)), [np.array([0, 0, 1, 1])], threads=threads)
    assert found.kept.all()
    assert found.rounds == 0
