"""Covariance of coefficients from scores: bread, meat, bread.

    V = c A M A,    A = (X' W X)^-1,    M = sum over clusters of s s',  s = sum of scores

With several clusterings, M is the sum over all sets of them, of the clusters in which rows
agree in every clustering of the set, with sign + for an odd number of them and - for an even one
(Cameron, Gelbach and Miller 2011).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from entrepot.kernels.arrays import FloatArray, IntArray
from entrepot.kernels.short_repr import short_repr


@short_repr
@dataclass(frozen=True, slots=True)
class Part:
    """One set of clusterings: sign, number of clusters, and its meat (k, k)."""

    sign: int
    clusters: int
    meat: FloatArray


def robust_meat(scores: FloatArray) -> FloatArray:
    """Every row a cluster of its own. scores: (n, k)."""
    meat: FloatArray = np.einsum("ri,rj->ij", scores, scores)
    return meat


def clustered_meat(
    scores: FloatArray, clusterings: Sequence[NDArray[np.integer]]
) -> tuple[Part, ...]:
    """Parts of the meat; ways: for each way to cluster (n,) numbers of the cluster."""
    parts = []
    for many in range(1, len(clusterings) + 1):
        for chosen in combinations(clusterings, many):
            code = intersection(chosen)
            count = int(code.max()) + 1
            total = np.empty((count, scores.shape[1]))
            for j in range(scores.shape[1]):
                total[:, j] = np.bincount(code, scores[:, j], count)
            parts.append(Part(1 if many % 2 else -1, count, robust_meat(total)))
    return tuple(parts)


def intersection(clusterings: Sequence[NDArray[np.integer]]) -> IntArray:
    """Numbers from 0 of the clusters in which rows agree in every clustering."""
    code = np.zeros(len(clusterings[0]), dtype=np.int64)
    for clustering in clusterings:
        code = code * (int(clustering.max()) + 1) + clustering
        code = np.unique(code, return_inverse=True)[1].reshape(-1).astype(np.int64)
    return code


def nested(inner: NDArray[np.integer], outer: NDArray[np.integer]) -> bool:
    """Whether every level of inner lies in one level of outer. Both (n,)."""
    first = np.full(int(inner.max()) + 1, -1, dtype=np.int64)
    first[inner] = outer
    return bool((first[inner] == outer).all())


def to_positive(covariance: FloatArray) -> tuple[FloatArray, bool]:
    """Negative eigenvalues, which several clusterings can give, set to zero; whether any."""
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2.0)
    if len(values) == 0 or values.min() >= 0.0:
        return covariance, False
    return (vectors * np.maximum(values, 0.0)) @ vectors.T, True
