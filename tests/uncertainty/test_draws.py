from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.uncertainty.draws import (
    Draws,
    first_order,
    percentiles,
    rank_stability,
    ties,
)

NAMES = st.lists(st.text(min_size=1, max_size=6), min_size=1, max_size=6, unique=True)
MANY = 2000


@given(NAMES, st.integers(1, 60), st.integers(0, 2**31))
def test_every_source_has_one_draw_in_each_stratum(names: list[str], n: int, seed: int):
    draws = Draws.latin(names, n, seed)
    assert len(draws) == n
    assert ((draws.points > 0) & (draws.points < 1)).all()
    strata = np.sort(np.floor(draws.points * n), axis=0)
    assert np.array_equal(strata, np.tile(np.arange(n)[:, None], len(names)))


@given(NAMES, st.data(), st.integers(0, 1000))
def test_a_source_does_not_depend_on_the_others_nor_on_their_order(
    names: list[str], data: st.DataObject, seed: int
):
    whole = Draws.latin(names, 12, seed)
    some = data.draw(st.lists(st.sampled_from(names), min_size=1))
    other = Draws.latin([*some, "one more"], 12, seed)
    for name in some:
        assert np.array_equal(whole.uniform(name), other.uniform(name))
    assert len(other.names) == len(set(some) | {"one more"})


def test_seeds_names_and_numbers_give_other_draws():
    one = Draws.latin(("a", "b"), 50, 0)
    assert not np.array_equal(one.uniform("a"), one.uniform("b"))
    assert not np.array_equal(one.uniform("a"), Draws.latin(("a",), 50, 1).uniform("a"))
    assert abs(np.corrcoef(one.points.T)[0, 1]) < 0.4


def test_normals_are_normal_and_correlated_as_asked():
    draws = Draws.latin(("all", *"abcdef"), MANY, 3)
    z = draws.normal("a")
    assert z.mean() == pytest.approx(0, abs=1e-3)
    assert z.std() == pytest.approx(1, abs=2e-3)
    a, b = (draws.correlated("all", n, 0.6) for n in "ab")
    assert a.std() == pytest.approx(1, abs=0.03)
    assert np.corrcoef(a, b)[0, 1] == pytest.approx(0.6, abs=0.04)
    assert np.array_equal(draws.correlated("all", "a", 0.0), z)
    assert np.array_equal(draws.correlated("all", "a", 1.0), draws.normal("all"))


def test_percentiles_leave_out_draws_without_an_answer():
    values = np.arange(101.0)
    assert percentiles(values) == pytest.approx((10, 50, 90))
    holes = np.insert(values, [0, 50, 101], [np.nan, np.inf, -np.inf])
    assert percentiles(holes) == pytest.approx((10, 50, 90))
    assert np.isnan(percentiles(np.full(3, np.nan))).all()
    assert np.isnan(percentiles(np.zeros(0))).all()
    assert percentiles(np.array([7.0])) == (7, 7, 7)


def test_first_order_of_a_sum_is_the_part_of_its_variance():
    draws = Draws.latin(("a", "b", "none"), MANY, 0)
    a, b, _ = draws.points.T
    found, odds = first_order(draws, 3 * a + 4 * b)
    assert found == pytest.approx([9 / 25, 16 / 25, 0], abs=0.03)
    assert (odds[:2] < 1e-12).all()
    assert odds[2] > 0.001


def test_first_order_of_one_source_and_of_a_product():
    draws = Draws.latin(("a", "b", "c"), MANY, 1)
    a, b, _ = draws.points.T
    found, _ = first_order(draws, np.exp(3 * a))
    assert found[0] == pytest.approx(1.0, abs=0.06)  # what varies inside bins is missing
    assert found[1:] == pytest.approx(0, abs=0.02)
    # Of (a - 1/2)(b - 1/2) neither source alone explains anything; of a * b each 3/7.
    found, _ = first_order(draws, (a - 0.5) * (b - 0.5))
    assert found == pytest.approx(0, abs=0.03)
    found, _ = first_order(draws, a * b)
    assert found[:2] == pytest.approx(3 / 7, abs=0.04)


def test_draws_without_an_answer_do_not_count():
    draws = Draws.latin(("a", "b"), MANY, 2)
    y = draws.uniform("a") + 0.5 * draws.uniform("b")
    y[::7] = np.nan
    y[3] = np.inf
    found, odds = first_order(draws, y)
    assert found == pytest.approx([0.8, 0.2], abs=0.04)
    assert np.isfinite(odds).all()


def test_too_few_draws_or_no_spread_say_nothing():
    few = Draws.latin(("a",), 15, 0)
    assert np.isnan(first_order(few, few.uniform("a"))).all()
    many = Draws.latin(("a",), 100, 0)
    assert np.isnan(first_order(many, np.full(100, 4.0))).all()
    assert np.isnan(first_order(many, np.full(100, np.nan))).all()


def test_indices_do_not_depend_on_the_unit():
    draws = Draws.latin(("a", "b"), 200, 5)
    y = draws.uniform("a") ** 2 + draws.uniform("b")
    for one, other in zip(first_order(draws, y), first_order(draws, 5 - 1e6 * y), strict=True):
        assert one == pytest.approx(other, rel=1e-6)


@pytest.mark.parametrize("n", [48, 400])
def test_odds_are_uniform_where_a_source_has_no_effect(n: int):
    names = [f"s{k}" for k in range(800)]
    draws = Draws.latin(names, n, 11)
    y = np.random.default_rng(4).normal(size=n)
    found, odds = first_order(draws, y)
    # Kolmogorov distance of 800 independent uniforms passes 0.0576 once in a hundred.
    distance = np.abs(np.sort(odds) - (np.arange(800) + 0.5) / 800).max()
    assert distance < 0.0576
    assert np.mean(odds < 0.01) < 0.02
    assert (found >= 0).all()


def test_rank_stability_counts_draws():
    values = np.array([[3.0, 2, 1], [3, 1, 2], [1, 3, 2], [np.nan, 9, 9]])
    assert rank_stability(values, 1) == pytest.approx([2 / 3, 1 / 3, 0])
    assert rank_stability(values, 2).sum() == pytest.approx(2)
    assert rank_stability(values, 5) == pytest.approx([1, 1, 1])
    assert np.isnan(rank_stability(np.full((2, 3), np.nan), 1)).all()
    # Of two alike the first one counts, so the sum stays.
    assert rank_stability(np.ones((4, 3)), 1) == pytest.approx([1, 0, 0])


def test_ties_compare_draws_one_by_one():
    world = np.linspace(1.0, 9.0, 50)
    # The second is always smaller although their ranges overlap almost wholly; the third is near it.
    first, second, third = world, 0.9 * world, 0.9 * world + 0.05 * np.cos(np.arange(50.0))
    assert ties(np.column_stack([first, second, third])) == [0, 1, 1]
    assert ties(np.zeros((0, 3))) == [0, 1, 2]
    # A tie is with the one that leads, not with the one before.
    chain = np.column_stack(
        [np.full(20, 3.0), np.where(np.arange(20) < 4, 4.0, 2.0), np.full(20, 2.5)]
    )
    assert ties(chain) == [0, 0, 2]
    # Any that leads may be the one it is tied to, the first first.
    far = np.column_stack(
        [np.full(20, 10.0), np.full(20, 9.0), np.where(np.arange(20) < 4, 12.0, 8.0)]
    )
    assert ties(far) == [0, 1, 0]
    # A draw without an answer counts for nobody.
    assert ties(np.array([[2.0, 1.0], [np.nan, 5.0]])) == [0, 1]
