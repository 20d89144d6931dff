"""Anderson mixing against linear algebra, plain steps and its own limits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.kernels.anderson import Anderson


def contraction(seed: int, n: int, factor: float) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    matrix = draw.normal(size=(n, n))
    return factor * matrix / np.linalg.norm(matrix, 2), draw.normal(size=n)


def run(matrix: np.ndarray, shift: np.ndarray, mixing: Anderson | None, steps: int) -> list[float]:
    """Largest residual of x = matrix x + shift by step."""
    point, errors = np.zeros_like(shift), []
    for _ in range(steps):
        residual = matrix @ point + shift - point
        errors.append(float(np.abs(residual).max()))
        point = point + residual if mixing is None else mixing.step(point, residual)
    return errors


@given(st.integers(0, 200), st.integers(1, 6), st.floats(0.1, 0.95))
def test_a_linear_map_is_solved_in_as_many_steps_as_unknowns(
    seed: int, n: int, factor: float
) -> None:
    """With full memory it is GMRES (Walker and Ni 2011): n + 1 residuals, then rounding."""
    matrix, shift = contraction(seed, n, factor)
    errors = run(matrix, shift, Anderson(memory=n), n + 3)
    assert min(errors) < 1e-7 * max(errors[0], 1.0)


@pytest.mark.parametrize("memory", [2, 6])
def test_it_beats_plain_steps(memory: int) -> None:
    matrix, shift = contraction(1, 40, 0.98)
    matrix = (matrix + matrix.T) / 2
    plain = run(matrix, shift, None, 60)
    mixed = run(matrix, shift, Anderson(memory=memory), 60)
    assert mixed[-1] < plain[-1] / 10


def test_it_solves_where_plain_steps_run_away() -> None:
    matrix = -3.0 * np.eye(3) + np.diag([0.5, 0.0, -0.5])
    shift = np.ones(3)
    assert run(matrix, shift, None, 20)[-1] > 1e6
    assert min(run(matrix, shift, Anderson(), 20)) < 1e-10


def test_the_first_step_and_the_first_after_forgetting_are_plain() -> None:
    mixing = Anderson()
    point, residual = np.array([1.0, 2.0]), np.array([0.5, -0.25])
    np.testing.assert_array_equal(mixing.step(point, residual), point + residual)
    mixed = mixing.step(point + 1.0, residual / 2 + 0.1)
    assert np.abs(mixed - (point + 1.0 + residual / 2 + 0.1)).max() > 1e-3
    mixing.forget()
    np.testing.assert_array_equal(mixing.step(point, residual), point + residual)


def test_the_secant_by_hand() -> None:
    """f(x) = 3 - 2 x at 0 and 1: 3 and 1, so the root is 1.5 whatever the steps."""
    mixing = Anderson()
    mixing.step(np.array([0.0]), np.array([3.0]))
    np.testing.assert_allclose(mixing.step(np.array([1.0]), np.array([1.0])), [1.5])


def test_a_long_step_is_shortened_as_a_whole() -> None:
    mixing = Anderson(cap=0.5)
    found = mixing.step(np.zeros(3), np.array([4.0, -2.0, 1.0]))
    np.testing.assert_allclose(found, [0.5, -0.25, 0.125])


def test_memory_is_bounded_and_arguments_are_left_alone() -> None:
    """What was forgotten by length has no say: the same tail gives the same step."""
    draw = np.random.default_rng(0)
    points, residuals = draw.normal(size=(9, 4)), draw.normal(size=(9, 4))
    kept = points.copy(), residuals.copy()
    long, short = Anderson(memory=2), Anderson(memory=2)
    for k in range(9):
        last = long.step(points[k], residuals[k])
    for k in range(6, 9):
        same = short.step(points[k], residuals[k])
    np.testing.assert_array_equal(last, same)
    np.testing.assert_array_equal(points, kept[0])
    np.testing.assert_array_equal(residuals, kept[1])


def test_repeated_points_do_no_harm() -> None:
    """The same point again gives differences of zero; the step stays finite."""
    mixing = Anderson()
    point, residual = np.ones(3), np.full(3, 0.1)
    for _ in range(4):
        found = mixing.step(point, residual)
        np.testing.assert_allclose(found, point + residual)
