"""Standard errors of PPML, with the small-sample factor of one program or another.

    ppmlhdfe   clusters G / (G - 1) with the smallest G of several clusterings; robust N / (N - 1);
               the covariance of several clusterings made positive semi-definite
    fixest     (N - 1) / (N - K) G / (G - 1), or N / (N - K) for robust, where K counts regressors
               and the levels of effects that lie in no cluster (as R fixest and pyfixest do)
    none       1

The factors of two programs can differ by several per cent, so a result names its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from entrepot.errors import InfeasibleError, UsageError, nearest
from entrepot.kernels.arrays import FloatArray, IntArray
from entrepot.kernels.regression.sandwich import (
    clustered_meat,
    nested,
    robust_meat,
    to_positive,
)
from entrepot.kernels.short_repr import short_repr

CONVENTIONS = ("ppmlhdfe", "fixest", "none")


@short_repr
@dataclass(frozen=True, slots=True)
class Covariance:
    """matrix (k, k); factor: the small-sample factor and how it came about, in words.

    clusters : number of clusters of each way, empty for robust
    repaired : whether negative eigenvalues were set to zero
    """

    matrix: FloatArray
    factor: float
    words: str
    clusters: tuple[int, ...]
    repaired: bool


def check_convention(name: str) -> str:
    """The name, if it is known."""
    if name not in CONVENTIONS:
        near = nearest(name, CONVENTIONS, 1)
        tip = f" Did you mean '{near[0]}'?" if near else ""
        raise UsageError(f"'{name}' is not a small-sample factor: {', '.join(CONVENTIONS)}.{tip}")
    return name


def covariance(
    bread: FloatArray,
    scores: FloatArray,
    clusterings: Sequence[IntArray],
    effects: Sequence[IntArray],
    convention: str,
) -> Covariance:
    """Covariance of coefficients.

    bread  : (k, k)
    scores : (n, k) of the regressors with the effects taken out
    clusterings : each (n,) from 0; none for heteroskedasticity-robust
    effects : codes of the absorbed effects, each (n,) from 0
    """
    n, k = scores.shape
    if not clusterings:
        factor, words = _robust_factor(n, k, effects, convention)
        matrix = factor * bread @ robust_meat(scores) @ bread
        return Covariance(matrix, factor, words, (), False)
    parts = clustered_meat(scores, clusterings)
    clusters = tuple(p.clusters for p in parts[: len(clusterings)])
    least = min(clusters)
    if least < 2:
        raise InfeasibleError("Standard errors cannot be clustered: there is only one cluster.")
    meat = np.zeros((k, k))
    for part in parts:
        meat += part.sign * part.meat
    factor, words = _cluster_factor(n, k, least, clusterings, effects, convention)
    matrix, repaired = factor * bread @ meat @ bread, False
    if len(clusterings) > 1 and convention == "ppmlhdfe":
        matrix, repaired = to_positive(matrix)
    return Covariance(matrix, factor, words, clusters, repaired)


def _robust_factor(
    n: int, k: int, effects: Sequence[IntArray], convention: str
) -> tuple[float, str]:
    if convention == "ppmlhdfe":
        return n / (n - 1), f"N / (N - 1), N = {n:,}"
    if convention == "fixest":
        used = k + _levels(effects, [])
        return _ratio(n, n, used), f"N / (N - K), N = {n:,}, K = {used:,}"
    return 1.0, "1"


def _cluster_factor(
    n: int,
    k: int,
    least: int,
    clusterings: Sequence[IntArray],
    effects: Sequence[IntArray],
    convention: str,
) -> tuple[float, str]:
    smallest = "smallest " if len(clusterings) > 1 else ""
    if convention == "ppmlhdfe":
        return least / (least - 1), f"G / (G - 1), {smallest}G = {least:,}"
    if convention == "fixest":
        used = k + _levels(effects, clusterings)
        words = f"(N - 1) / (N - K) * G / (G - 1), N = {n:,}, K = {used:,}, {smallest}G = {least:,}"
        return _ratio(n - 1, n, used) * least / (least - 1), words
    return 1.0, "1"


def _ratio(above: int, n: int, used: int) -> float:
    if n <= used:
        raise InfeasibleError(
            f"{n:,} observations for {used:,} parameters leave no degree of freedom for the "
            "small-sample factor of fixest; choose another."
        )
    return above / (n - used)


def _levels(effects: Sequence[IntArray], clusterings: Sequence[IntArray]) -> int:
    """Levels of effects as fixest counts them: one less from the second effect on; an effect whose
    levels each lie in one cluster counts as one parameter.
    """
    counts = [int(e.max()) + 1 for e in effects]
    # An effect with one level is not counted as one of several.
    many = sum(c > 1 for c in counts)
    total = sum(counts) - (many - 1) if many > 1 else sum(counts)
    inside = [
        c
        for c, e in zip(counts, effects, strict=True)
        if any(nested(e, clustering) for clustering in clusterings)
    ]
    return total - sum(inside) + len(inside)
