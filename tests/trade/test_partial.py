"""Closed forms and laws for the partial equilibrium of tariffs."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from entrepot.errors import BadInputError
from entrepot.trade.one_sector.partial import Effects, tariff_change

EXACT = 1e-12  # sums of a few terms
MONEY = ("imports", "creation", "diversion", "revenue", "consumer_surplus", "welfare")


def drawn(seed: int, shape: tuple[int, ...] = (3, 4, 5)) -> dict[str, np.ndarray]:
    draw = np.random.default_rng(seed)
    return {
        "imports": draw.exponential(100.0, shape) * (draw.random(shape) > 0.2),
        "old_tariff": draw.uniform(0.0, 0.3, shape),
        "new_tariff": draw.uniform(0.0, 0.3, shape),
        "import_demand": -draw.uniform(0.2, 2.0, (shape[0], 1, 1)),
        "substitution": draw.uniform(0.5, 2.0, (shape[0], 1, 1)),
    }


def test_a_preference_by_hand() -> None:
    """100 from the partner and 300 from others under 20 %, the partner now free.

    x = 1 / 1.2 - 1 = -1/6; creation 100 * 1.2 / 6 = 20; z = 1.5 / 6 = 1/4,
    diversion 100 * 300 / 4 / (400 + 25) = 7500 / 425.
    """
    found = tariff_change([[100.0, 300.0]], 0.2, [[0.0, 0.2]], import_demand=-1.2, substitution=1.5)
    moved = 7500 / 425
    np.testing.assert_allclose(found.creation, [[20.0, 0.0]], rtol=EXACT)
    np.testing.assert_allclose(found.diversion, [[moved, -moved]], rtol=EXACT)
    np.testing.assert_allclose(found.imports, [[120 + moved, 300 - moved]], rtol=EXACT)
    np.testing.assert_allclose(found.revenue, 0.2 * (300 - moved) - 80, rtol=EXACT)
    surplus = 0.2 * (100 + 120 + moved) / 2
    np.testing.assert_allclose(found.consumer_surplus, surplus, rtol=EXACT)
    # Laird and Yeats: welfare is the mean tariff on what is traded more, less on what is less.
    np.testing.assert_allclose(found.welfare, 0.1 * (20 + moved) - 0.2 * moved, rtol=EXACT)
    assert found.capped == 0
    np.testing.assert_array_equal(found.export_price, 1.0)


def test_surplus_is_the_area_left_of_linear_demand() -> None:
    """One exporter, M(p) = 50 (1 - 0.8 (p / 1.25 - 1)), p from 1.25 to 1.10."""
    found = tariff_change([[50.0]], 0.25, 0.10, import_demand=-0.8, substitution=1.5)
    area, _ = quad(lambda p: 50 * (1 - 0.8 * (p / 1.25 - 1)), 1.10, 1.25)
    assert found.consumer_surplus[0] == pytest.approx(area, rel=1e-9)
    assert found.diversion[0, 0] == pytest.approx(0.0, abs=1e-12)


@given(st.integers(0, 200))
def test_what_adds_up(seed: int) -> None:
    """Diversion is zero in sum, imports are their parts, welfare is Harberger's trapezoid."""
    given_values = drawn(seed)
    found = tariff_change(**given_values)
    bought = given_values["imports"]
    np.testing.assert_allclose(found.diversion.sum(axis=-1), 0.0, atol=1e-9)
    np.testing.assert_allclose(
        found.imports, bought + found.creation + found.diversion, rtol=1e-12, atol=1e-9
    )
    assert (found.imports >= 0).all()
    assert (found.imports[bought == 0] == 0).all()
    mean = (given_values["old_tariff"] + given_values["new_tariff"]) / 2
    trapezoid = (mean * (found.imports - bought)).sum(axis=-1)
    np.testing.assert_allclose(found.welfare, trapezoid, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(found.welfare, found.revenue + found.consumer_surplus, rtol=EXACT)


def test_no_change_is_no_effect_to_the_bit() -> None:
    values = drawn(1)
    values["new_tariff"] = values["old_tariff"]
    for supply in (np.inf, 3.0):
        found = tariff_change(**values, export_supply=supply)
        np.testing.assert_array_equal(found.imports, values["imports"])
        for name in ("creation", "diversion", "revenue", "consumer_surplus", "welfare"):
            np.testing.assert_array_equal(getattr(found, name), 0.0)
        np.testing.assert_array_equal(found.export_price, 1.0)


def test_money_of_another_unit_and_another_order_change_nothing() -> None:
    values, order = drawn(2), np.random.default_rng(0).permutation(5)
    found = tariff_change(**values)
    scaled = tariff_change(**{**values, "imports": values["imports"] * 1e6})
    flows = ("imports", "old_tariff", "new_tariff")
    moved = tariff_change(**{**values, **{k: values[k][..., order] for k in flows}})
    for name in MONEY:
        one, two = getattr(found, name), getattr(moved, name)
        np.testing.assert_allclose(getattr(scaled, name), one * 1e6, rtol=1e-9, atol=1e-3)
        two_expected = one[..., order] if one.ndim == 3 else one
        np.testing.assert_allclose(two, two_expected, rtol=1e-9, atol=1e-9)


def test_goods_and_importers_stand_alone() -> None:
    values = drawn(3)
    together = tariff_change(**values)
    flows = {k: values[k][1, 2:3] for k in ("imports", "old_tariff", "new_tariff")}
    alone = tariff_change(
        **flows,
        import_demand=values["import_demand"][1],
        substitution=values["substitution"][1],
    )
    np.testing.assert_array_equal(alone.imports, together.imports[1, 2:3])
    np.testing.assert_array_equal(alone.welfare, together.welfare[1, 2:3])


def test_finite_supply_shares_the_gain_with_the_exporter() -> None:
    """Both curves hold to first order: M'/M - 1 = epsilon r = mu e, and prices multiply."""
    cut, epsilon, mu = 1e-5, -1.5, 2.0
    found = tariff_change(
        [[100.0]], cut, 0.0, import_demand=epsilon, substitution=1.5, export_supply=mu
    )
    growth, gain = found.imports[0, 0] / 100 - 1, found.export_price[0, 0] - 1
    assert growth == pytest.approx(mu * gain, rel=1e-4)
    assert growth == pytest.approx(epsilon * -cut / (1 - epsilon / mu), rel=1e-4)
    assert gain > 0
    fixed = tariff_change([[100.0]], 0.2, 0.0, import_demand=epsilon, substitution=1.5)
    shared = tariff_change(
        [[100.0]], 0.2, 0.0, import_demand=epsilon, substitution=1.5, export_supply=mu
    )
    assert shared.imports[0, 0] < fixed.imports[0, 0]
    assert shared.consumer_surplus[0] < fixed.consumer_surplus[0]
    near = tariff_change(
        [[100.0]], 0.2, 0.0, import_demand=epsilon, substitution=1.5, export_supply=1e12
    )
    for field in fields(Effects):
        one, two = getattr(near, field.name), getattr(fixed, field.name)
        np.testing.assert_allclose(one, two, rtol=1e-9, atol=1e-9)


def test_a_tariff_that_chokes_trade_is_counted() -> None:
    found = tariff_change([[10.0, 90.0]], 0.0, [[2.0, 0.0]], import_demand=-1.0, substitution=1.5)
    assert found.imports[0, 0] == 0.0
    assert found.imports[0, 1] == pytest.approx(100.0)
    assert found.capped == 1
    alone = tariff_change([[10.0]], 0.0, 2.0, import_demand=-1.0, substitution=1.5)
    assert alone.imports[0, 0] == 0.0
    assert alone.diversion[0, 0] == 0.0
    assert alone.capped == 1


def test_all_faults_of_the_input_in_one_message() -> None:
    with pytest.raises(BadInputError) as caught:
        tariff_change(
            [[1.0, -2.0]],
            [[0.0, -1.0]],
            np.zeros((3, 3)),
            import_demand=1.2,
            substitution=-1.0,
            export_supply=0.0,
        )
    for part in (
        "imports: -2 at [0, 1]",
        "old_tariff: -1 at [0, 1]",
        "new_tariff: shape (3, 3)",
        "import_demand: 1.2; expected zero or below",
        "substitution: -1",
        "export_supply: 0",
    ):
        assert part in str(caught.value)
    with pytest.raises(BadInputError, match="importer, exporter"):
        tariff_change([1.0], 0.0, 0.0, import_demand=-1.0, substitution=1.0)
