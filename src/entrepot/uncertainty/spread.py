"""A positive quantity known by P10, P50 and P90: a log-normal with a side of its own each way.

ln x = ln p50 + z * ln(p50 / p10) / 1.2816 for z < 0 and ln p50 + z * ln(p90 / p50) / 1.2816 for
z > 0, with z standard normal. The three percentiles are met exactly, the long right tail of
border and port waits is kept, and a draw is one exponential.
"""

from __future__ import annotations

import hashlib

import numpy as np
from scipy.special import ndtr, ndtri

from entrepot.kernels.arrays import FloatArray

Z90 = 1.2815515655446004


def log_sides(p10: FloatArray, p50: FloatArray, p90: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Scale of ln x below and above the median; zero where the median is zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        low = np.where((p50 > 0) & (p10 > 0), np.log(p50 / p10) / Z90, 0.0)
        high = np.where(p50 > 0, np.log(np.maximum(p90, p50) / p50) / Z90, 0.0)
    return np.nan_to_num(low), np.nan_to_num(high)


def mean_ratio(low: FloatArray, high: FloatArray) -> FloatArray:
    """Mean over the median."""
    return np.asarray(np.exp(low**2 / 2) * ndtr(-low) + np.exp(high**2 / 2) * ndtr(high))


def factor(z: FloatArray, low: float, high: float) -> FloatArray:
    """Draws over the median. z: (n_draw,) standard normals; low, high: the two scales."""
    return np.exp(z * np.where(z < 0, low, high))


class Normals:
    """Standard normals by name: the draws of a source of error depend on its name and the seed.

    So they do not depend on the order of rows, on what else is in the network, or on the cargo: what
    differs between two answers is never the sample. Draws come in antithetic pairs, and the common
    factor is stratified, so that percentiles settle with a thousand draws.
    """

    def __init__(self, seed: int, n_draw: int) -> None:
        self.n_draw = n_draw
        self._seed, self._half = seed, n_draw // 2
        self._own: dict[str, FloatArray] = {}
        self._common: dict[str, FloatArray] = {}

    def correlated(self, stream: str, name: str, correlation: float) -> FloatArray:
        """(n_draw,) normals of a source; all sources of a stream share one common factor."""
        key = f"{stream}:{name}"
        if key not in self._own:
            self._own[key] = self._generator(key).standard_normal(self._half)
        if stream not in self._common:
            rng = self._generator(stream)
            strata = (np.arange(self._half) + rng.random(self._half)) / self._half
            self._common[stream] = np.asarray(ndtri(rng.permutation(strata)))
        z = np.sqrt(correlation) * self._common[stream] + np.sqrt(1 - correlation) * self._own[key]
        return np.concatenate((z, -z))

    def _generator(self, key: str) -> np.random.Generator:
        digest = hashlib.blake2b(f"{self._seed}/{key}".encode(), digest_size=16).digest()
        return np.random.Generator(np.random.Philox(key=int.from_bytes(digest)))
