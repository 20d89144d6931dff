"""Hours of bottlenecks: by hand, slopes against differences, smooth at the joints."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.kernels.delay import LOW, POWER, QUEUE, SATURATED, Delays, queue_size

JOINTS = (LOW, SATURATED)


def one(form: int, exponent: float = 4.0, size: float = 3.0, capacity: float = 2e6) -> Delays:
    """size : hours for POWER, hours at a half of the capacity for QUEUE."""
    size = size * capacity if form == QUEUE else size
    made = (np.array([v]) for v in (5.0, size, capacity, exponent))
    return Delays(np.array([form]), *made)


def at(delays: Delays, rho: float) -> float:
    return float(delays.hours(delays.capacity * rho)[0])


BOTH = st.one_of(
    st.builds(one, st.just(QUEUE)),
    st.builds(one, st.just(POWER), st.sampled_from([0.05, 0.1, 1.0, 4.0])),
)
SHARES = st.floats(0.0, 3.0)


def test_the_two_shapes_by_hand() -> None:
    """5 + 3 * 0.5 ** 4 at half the capacity; a queue of 3 h there, of 9 h at three quarters."""
    assert at(one(POWER), 0.5) == pytest.approx(5 + 3 / 16, rel=1e-14)
    assert at(one(QUEUE), 0.5) == pytest.approx(5 + 3, rel=1e-14)
    assert at(one(QUEUE), 0.75) == pytest.approx(5 + 9, rel=1e-14)
    # 19 at 0.95, and 400 a unit of rho beyond.
    assert at(one(QUEUE), 1.05) == pytest.approx(5 + 3 * (19 + 40), rel=1e-13)


def test_without_traffic_there_are_the_free_hours() -> None:
    assert at(one(QUEUE), 0.0) == 5.0
    # A constant elasticity has no slope to give at zero; the joint does it from a hundredth on.
    for exponent in (0.1, 4.0):
        low = LOW**exponent
        wanted = 5 + 3 * low * (1 - exponent)
        assert at(one(POWER, exponent), 0.0) == pytest.approx(wanted, rel=1e-12)


@given(BOTH, SHARES)
def test_slopes_against_differences(delays: Delays, rho: float) -> None:
    x = delays.capacity * max(rho, 1e-5)
    step = 1e-6 * delays.capacity
    if min(abs(x[0] / delays.capacity[0] - j) for j in JOINTS) < 2e-6:
        return
    wanted = (delays.hours(x + step) - delays.hours(x - step)) / (2 * step)
    np.testing.assert_allclose(delays.slope(x), wanted, rtol=1e-5, atol=1e-15)
    for factor in (0.5, 2.0):
        scaled = delays.scaled(np.array([factor]))
        wanted = (scaled.hours(x + step) - scaled.hours(x - step)) / (2 * step)
        near = min(abs(x[0] / scaled.capacity[0] - j) for j in JOINTS) < 1e-5
        np.testing.assert_allclose(scaled.slope(x), wanted, rtol=1 if near else 1e-5, atol=1e-15)


@given(BOTH, SHARES)
def test_capacity_against_differences(delays: Delays, rho: float) -> None:
    x, step = delays.capacity * rho, 1e-6
    if min(abs(rho - j) for j in JOINTS) < 1e-5:
        return
    up, down = (delays.scaled(np.array([1 + s * step])).hours(x) for s in (1, -1))
    wanted = (up - down) / (2 * step * delays.capacity)
    np.testing.assert_allclose(delays.by_capacity(x), wanted, rtol=1e-5, atol=1e-14)


@given(BOTH, SHARES, SHARES)
def test_more_traffic_is_never_faster(delays: Delays, one_rho: float, other: float) -> None:
    low, high = sorted((one_rho, other))
    assert at(delays, low) <= at(delays, high)
    assert delays.slope(delays.capacity * low)[0] > 0
    assert delays.by_capacity(delays.capacity * low)[0] <= 0


@pytest.mark.parametrize("delays", [one(QUEUE), one(POWER, 0.1), one(POWER, 4.0)])
@pytest.mark.parametrize("joint", JOINTS)
def test_smooth_at_the_joints(delays: Delays, joint: float) -> None:
    """Value and slope from both sides; a kink of a tenth of a per cent would be seen."""
    near = 1e-9
    below, above = (delays.capacity * (joint + s * near) for s in (-1, 1))
    rise = delays.slope(below) * (above - below)
    jump = delays.hours(above) - delays.hours(below)
    np.testing.assert_allclose(jump, rise, rtol=1e-4, atol=1e-14)
    np.testing.assert_allclose(delays.slope(below), delays.slope(above), rtol=1e-5)


def test_less_than_no_traffic_counts_as_none() -> None:
    for form in (POWER, QUEUE):
        delays = one(form)
        assert delays.hours(np.array([-7.0])) == delays.hours(np.zeros(1))


@given(st.floats(0.001, 100.0), st.floats(0.001, 1.5))
def test_queue_size_makes_the_hours_it_is_given(hours: float, rho: float) -> None:
    capacity = np.array([3e6])
    size = queue_size(np.array([hours]), rho * capacity, capacity)
    delays = Delays(np.array([QUEUE]), np.zeros(1), size, capacity, np.ones(1))
    assert at(delays, rho) == pytest.approx(hours, rel=1e-12)


def test_each_bottleneck_by_its_own_shape() -> None:
    both = Delays(
        np.array([POWER, QUEUE]), np.full(2, 5.0), np.array([3.0, 6e6]), np.full(2, 2e6),
        np.array([4.0, 1.0]),
    )  # fmt: skip
    np.testing.assert_allclose(both.hours(np.full(2, 1e6)), [5 + 3 / 16, 8.0], rtol=1e-14)
    assert len(both) == 2
