"""Inverse gravity, pairs alike and the potential, on worlds whose answer is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from entrepot.trade.world.friction import estimated_friction
from entrepot.trade.world.inverse_gravity import (
    Pairs,
    compare,
    separation,
)
from entrepot.trade.world.potential import potential
from entrepot.uncertainty.ranges import Range
from tests.trade.test_world import three

N = 40


def features(seed: int = 0) -> Pairs:
    """40 places on a plane; features named as in the facts."""
    draw = np.random.default_rng(seed)
    place = draw.uniform(0, 5000, (N, 2))
    km = np.hypot(*(place[:, None] - place[None]).transpose(2, 0, 1))
    np.fill_diagonal(km, 1.0)
    touching = np.triu(draw.random((N, N)) < 0.1, 1)
    shut = (draw.random(N) < 0.3).astype(float)
    gdp, income = draw.normal(11, 1.5, N), draw.normal(-4, 1, N)
    value = np.stack(
        [
            np.log(km), (touching | touching.T).astype(float), np.add.outer(shut, shut),
            np.triu(draw.random((N, N)) < 0.05, 1).astype(float),
            np.zeros((N, N)), np.add.outer(gdp, gdp), np.add.outer(income, income),
        ],
        axis=-1,
    )  # fmt: skip
    value[:, :, 3] = np.maximum(value[:, :, 3], value[:, :, 3].T)
    names = (
        "ln_distance",
        "contiguity",
        "landlocked",
        "common_union",
        "same_region",
        "ln_gdp",
        "ln_income",
    )
    return Pairs(names, value, km)


def test_separation_reads_back_the_trade_cost() -> None:
    """X_ni = s_n e_i t_ni^-theta, t_ii = 1: phi is theta times the mean of both log costs."""
    draw = np.random.default_rng(1)
    theta = 4.0
    cost = np.exp(draw.uniform(0, 1, (6, 6)))
    np.fill_diagonal(cost, 1.0)
    total = np.outer(draw.uniform(1, 9, 6), draw.uniform(1, 9, 6)) * cost**-theta
    phi = separation(total)
    np.testing.assert_allclose(phi, theta * 0.5 * (np.log(cost) + np.log(cost.T)), atol=1e-12)
    total[2, 3] = 0.0
    assert np.isnan(separation(total)[2, 3])
    assert np.isnan(separation(total)[3, 2])


@pytest.mark.parametrize("own_effects", [False, True])
def test_features_that_explain_all_are_found(own_effects: bool) -> None:
    pairs = features()
    beta = {"ln_distance": 0.8, "contiguity": -0.5, "landlocked": 0.3, "common_union": -1.0}
    phi = 2.0 + sum(b * pairs.value[:, :, pairs.names.index(n)] for n, b in beta.items())
    level = np.random.default_rng(2).normal(0, 1, N) * own_effects
    phi = phi + np.add.outer(level, level)
    found = compare(phi, pairs, own_effects=own_effects)
    off = ~np.eye(N, dtype=bool)
    np.testing.assert_allclose(found.expected[off], phi[off], atol=1e-8)
    assert found.r2 == pytest.approx(1.0)
    # What belongs to an economy cannot be told from its own level.
    for name in ("ln_distance", "contiguity", "common_union"):
        assert found.coefficient[name] == pytest.approx(beta[name], abs=1e-8)
    phi[3, 4] += 0.7
    phi[4, 3] += 0.7
    again = compare(phi, pairs, own_effects=own_effects)
    assert 0.55 < again.excess[3, 4] < 0.7
    assert again.rank(3, 4) > 0.99


def test_friction_is_the_excess_within_published_bounds() -> None:
    """Excess of 8 % inside 3 to 10; of 30 % cut to 10; below zero raised to 3; no bounds, none.

    The range stays that of the bounds in every case.
    """
    pairs = features()
    phi = 1.0 + 0.5 * pairs.value[:, :, 0]
    theta = 5.0
    for pair, share in (((0, 1), 0.08), ((2, 3), 0.30), ((4, 5), -0.2)):
        for a, b in (pair, pair[::-1]):
            phi[a, b] += theta * np.log1p(share)
    low, mid, high = np.zeros((3, 1, N, N))
    for a, b in ((0, 1), (1, 0), (2, 3), (3, 2), (4, 5), (5, 4)):
        low[0, a, b], mid[0, a, b], high[0, a, b] = 0.03, 0.06, 0.10
    found = estimated_friction(Range(low, mid, high), compare(phi, pairs), theta)
    assert found.mid[0, 0, 1] == pytest.approx(0.08, abs=3e-3)
    assert found.mid[0, 2, 3] == pytest.approx(0.10)
    assert found.mid[0, 4, 5] == pytest.approx(0.03)
    assert not found.mid[0, 6, 7]
    for pair in ((0, 1), (2, 3), (4, 5)):
        assert (found.low[0][pair], found.high[0][pair]) == (0.03, 0.10)
    phi[0, 1] = phi[1, 0] = np.nan
    assert (
        estimated_friction(Range(low, mid, high), compare(phi, pairs), theta).mid[0, 0, 1] == 0.06
    )


@pytest.mark.parametrize("own_effects", [False, True])
def test_potential_of_a_world_that_is_gravity(own_effects: bool) -> None:
    """Trade is exactly what the features say: expected is actual, and the range is a point."""
    pairs = features()
    at = pairs.names.index
    ln = (
        0.8 * pairs.value[:, :, at("ln_gdp")]
        - 0.9 * pairs.value[:, :, 0]
        + 0.5 * pairs.value[:, :, 1]
    )
    total = np.exp(ln - 15)
    total[7, 8] *= 3.0
    total[8, 7] *= 3.0
    found = potential(total, pairs, 7, 8, own_effects=own_effects)
    honest = (np.exp(ln - 15)[7, 8]) * 2
    assert found.actual == pytest.approx(3 * honest)
    for side in (found.expected, found.spread.low, found.spread.mid, found.spread.high):
        assert side == pytest.approx(honest, rel=1e-6)
    assert found.coefficients["ln_distance"] == pytest.approx(-0.9, abs=1e-6)
    assert found.pairs == N * (N - 1) - 2
    mirrored = potential(total, pairs, 8, 7, own_effects=own_effects)
    assert mirrored.expected == pytest.approx(found.expected, rel=1e-12)


def test_potential_of_a_country_cut_off_from_all() -> None:
    """It sells a tenth of what is expected to everybody: its own openness says so, size does not."""
    pairs = features()
    ln = 0.8 * pairs.value[:, :, pairs.names.index("ln_gdp")] - 0.9 * pairs.value[:, :, 0]
    total = np.exp(ln - 15)
    total[5, :] /= 10
    total[:, 5] /= 10
    own = potential(total, pairs, 5, 6, own_effects=True)
    alike = potential(total, pairs, 5, 6, own_effects=False)
    assert own.expected == pytest.approx(own.actual, rel=1e-5)
    assert alike.expected > 5 * own.expected


def test_the_spread_is_that_of_pairs_alike() -> None:
    """Noise of log 0.1 on near pairs and of log 0.6 on far ones: a near pair sees the small one."""
    pairs = features()
    ln = 0.8 * pairs.value[:, :, pairs.names.index("ln_gdp")] - 0.9 * pairs.value[:, :, 0]
    far = pairs.value[:, :, 0] > np.median(pairs.value[:, :, 0])
    noise = np.triu(np.random.default_rng(5).normal(0, 1, (N, N)), 1)
    noise = (noise + noise.T) * np.where(far, 0.6, 0.1)
    total = np.exp(ln - 15 + noise)
    near_pair = np.unravel_index(
        np.argsort(pairs.value[:, :, 0] + 99 * np.eye(N), axis=None)[20], (N, N)
    )
    far_pair = np.unravel_index(np.argsort(-pairs.value[:, :, 0], axis=None)[20], (N, N))
    width = []
    for pair in (near_pair, far_pair):
        spread = potential(total, pairs, *(int(v) for v in pair), own_effects=False).spread
        assert spread.low < spread.mid < spread.high
        width.append(float(np.log(spread.high / spread.low)))
    # P10 to P90 of a normal is 2.56 standard deviations.
    assert 0.5 < width[0] / (2.56 * 0.1) < 4
    assert 0.7 < width[1] / (2.56 * 0.6) < 1.4
    assert width[0] < 0.6 * width[1]


def test_rank_counts_the_pairs_that_are_nearer() -> None:
    pairs = features()
    draw = np.random.default_rng(6).normal(0, 1, (N, N))
    phi = 1.0 + 0.5 * pairs.value[:, :, 0] + draw + draw.T
    found = compare(phi, pairs)
    order = np.argsort(found.excess[np.triu_indices(N, 1)])
    for part in (0.1, 0.5, 0.9):
        at = order[int(part * len(order))]
        n, i = (int(v[at]) for v in np.triu_indices(N, 1))
        assert found.rank(n, i) == pytest.approx(part, abs=1e-3)


@pytest.mark.parametrize("own_effects", [False, True])
def test_rounding_decides_no_rank(own_effects: bool) -> None:
    """No pair is nearer than itself, and pairs as near as rounding can tell count alike."""
    pairs = features()
    draw = np.random.default_rng(7).normal(0, 1, (N, N))
    found = compare(draw + draw.T, pairs, own_effects=own_effects)
    count = len(found.residuals)
    rows, columns = np.triu_indices(N, 1)
    ranks = [found.rank(n, i) * count for n, i in zip(rows, columns, strict=True)]
    np.testing.assert_allclose(sorted(ranks), np.arange(count), atol=1e-6)
    for rounded in (1e-13, -1e-13):
        other = replace(found, residuals=found.residuals + rounded)
        assert [other.rank(n, i) * count for n, i in zip(rows, columns, strict=True)] == ranks


def test_features_of_the_facts() -> None:
    """A and B touch, B has no coast, C lies 20 degrees north of A."""
    pairs = Pairs.of_world(three())
    at = {name: k for k, name in enumerate(pairs.names)}
    assert pairs.value[0, 1, at["contiguity"]] == pairs.value[1, 0, at["contiguity"]] == 1
    assert pairs.value[0, 2, at["contiguity"]] == 0
    assert pairs.value[0, 1, at["landlocked"]] == 1
    assert pairs.km[0, 2] == pytest.approx(20 * 111.195, rel=1e-3)
    assert pairs.value[0, 1, at["same_region"]] == 1
    assert pairs.value[0, 1, at["ln_gdp"]] == pytest.approx(np.log(2000) + np.log(900))
