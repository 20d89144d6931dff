"""A table of the draws of everything that is not known for sure, and what they say of an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import fdtrc, ndtri

from entrepot.kernels.arrays import FloatArray
from entrepot.kernels.short_repr import short_repr
from entrepot.uncertainty.sampler import Sampler, joined

PERCENTILES = (10.0, 50.0, 90.0)
# A mean by bins needs this many draws in each.
LEAST_BY_BIN = 8
MOST_BINS = 12
# A spread that is smaller beside the values is one of rounding.
ROUNDING = 1e-12
# Two alternatives are a tie where the smaller one is the larger in more than this part of draws.
TIED = 0.1
# A source is told apart from chance where chance alone would do as much in this part of cases.
CHANCE = 0.01


@short_repr
@dataclass(frozen=True, slots=True)
class Draws:
    """D draws of K named sources of error, uniform on (0, 1)."""

    names: tuple[str, ...]
    points: FloatArray

    @classmethod
    def latin(cls, names: Sequence[str], n_draw: int, seed: int) -> Draws:
        """A Latin hypercube: each source is spread evenly over its range, in an order of its own.

        One more name does not change the draws of the others.
        """
        unique = tuple(dict.fromkeys(names))
        return cls(unique, np.ascontiguousarray(Sampler(seed, n_draw).uniforms(unique).T))

    def __len__(self) -> int:
        return len(self.points)

    def uniform(self, name: str) -> FloatArray:
        """(D,) uniform draws of a source."""
        return self.points[:, self.names.index(name)]

    def normal(self, name: str) -> FloatArray:
        """(D,) standard normals of a source."""
        return np.asarray(ndtri(self.uniform(name)))

    def correlated(self, common: str, name: str, correlation: float) -> FloatArray:
        """(D,) standard normals that share a common factor with others."""
        return joined(self.normal(common), self.normal(name), correlation)


def percentiles(values: FloatArray) -> tuple[float, float, float]:
    """P10, P50 and P90 of the draws that gave an answer; NaN where none did."""
    good = values[np.isfinite(values)]
    if not len(good):
        return (np.nan, np.nan, np.nan)
    low, mid, high = np.percentile(good, PERCENTILES)
    return float(low), float(mid), float(high)


def share_of(true: NDArray[np.bool_]) -> float:
    """Part of the draws in which something is true; NaN without draws."""
    return float(np.mean(true)) if len(true) else float("nan")


def first_order(draws: Draws, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(K,) first-order Sobol indices from the draws themselves, and (K,) the odds of chance.

    The part of the variance of an answer that is the variance of its mean by bins of one source
    (Plischke, Borgonovo and Smith 2013), less what bins of a source without effect would show; zero
    at least. The odds are those of an F test: how often a source without effect would do as much.
    """
    good = np.isfinite(values)
    y, x = values[good], draws.points[good]
    n, whole = len(y), float(np.var(y)) if len(y) else 0.0
    bins = min(MOST_BINS, n // LEAST_BY_BIN)
    if bins < 2 or whole <= (ROUNDING * np.abs(y).max()) ** 2:
        return np.full(len(draws.names), np.nan), np.full(len(draws.names), np.nan)
    out, odds = np.zeros(len(draws.names)), np.ones(len(draws.names))
    for k in range(len(out)):
        order = np.argsort(x[:, k], kind="stable")
        parts = np.array_split(y[order], bins)
        size = np.array([len(p) for p in parts])
        mean = np.array([p.mean() for p in parts])
        between = float(size @ (mean - y.mean()) ** 2) / n
        inside = max(whole - between, 1e-300)
        chance = (bins - 1) / (n - 1) * whole
        out[k] = max((between - chance) / (whole - chance), 0.0)
        odds[k] = float(fdtrc(bins - 1, n - bins, between / (bins - 1) * (n - bins) / inside))
    return out, odds


def ties(values: FloatArray) -> list[int]:
    """For alternatives in the order of their size, values (D, M): the one that leads each one's tie.

    That is the first of those that lead and that it is not smaller than in so many draws. Draws are
    compared one by one, so what moves both leaves their order as it is.
    """
    lead: list[int] = []
    good = values[np.isfinite(values).all(axis=1)]
    for k in range(values.shape[1]):
        tied = (
            j for j in dict.fromkeys(lead) if len(good) and np.mean(good[:, k] >= good[:, j]) > TIED
        )
        lead.append(next(tied, k))
    return lead


def rank_stability(values: FloatArray, most: int) -> FloatArray:
    """(M,) part of draws (D, M) in which each of M alternatives is among the `most` largest."""
    good = values[np.isfinite(values).all(axis=1)]
    if not len(good):
        return np.full(values.shape[1], np.nan)
    order = np.argsort(-good, axis=1, kind="stable")[:, :most]
    count = np.zeros(values.shape[1])
    np.add.at(count, order.ravel(), 1.0)
    return count / len(good)
