"""What pairs alike trade: a gravity equation over all pairs of the world, and one pair in it.

By Poisson pseudo-maximum likelihood (Santos Silva and Tenreyro 2006) on the features of pairs:

    own openness   with an effect of each exporter and each importer, so that the pair is compared
                   with what both trade with everybody else; a country cut off from all is cut
                   off in this figure too
    openness of economies alike   without effects, by size, income and place

The spread is that of the fifty pairs most like it in expected trade, distance, border, access to the
sea and history: what they trade over what is expected of them, times what is expected of the pair.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from entrepot.errors import InfeasibleError
from entrepot.kernels.arrays import FloatArray
from entrepot.kernels.regression.ppml import ppml
from entrepot.kernels.short_repr import short_repr
from entrepot.kernels.status import Status
from entrepot.trade.world.inverse_gravity import Pairs
from entrepot.uncertainty.ranges import Range

NEAR = 50
SIZE = ("ln_gdp", "ln_income")
# What makes a pair alike, beside the trade that is expected of it.
LIKE = ("ln_distance", "contiguity", "landlocked", "common_union")


@short_repr
@dataclass(frozen=True, slots=True)
class Potential:
    """Turnover of a pair, both directions, million USD a year.

    actual       : in the world at hand
    expected     : by the gravity equation
    spread       : P10, P50 and P90 among the pairs most like it, scaled to the pair
    own_effects  : whether each economy's own openness was kept
    coefficients : of the features
    pairs        : number of flows in the estimate
    """

    actual: float
    expected: float
    spread: Range[FloatArray]
    own_effects: bool
    coefficients: dict[str, float]
    pairs: int


def potential(total: FloatArray, pairs: Pairs, a: int, b: int, *, own_effects: bool) -> Potential:
    """Expected turnover of the economies at positions a and b.

    total : (N, N) trade of all goods, [importer, exporter]; the diagonal is not used, and the pair
            itself is left out of the estimate
    """
    n = len(total)
    known = np.isfinite(pairs.value).all(axis=2) & ~np.eye(n, dtype=bool)
    buyers, sellers = np.nonzero(known)
    own = ((buyers == a) & (sellers == b)) | ((buyers == b) & (sellers == a))
    names = [name for name in pairs.names if not (own_effects and name in (*SIZE, "landlocked"))]
    columns = [pairs.names.index(name) for name in names]
    x = pairs.value[buyers, sellers][:, columns]
    y = total[buyers, sellers]
    used = ~own & (total.sum(axis=1)[buyers] > 0) & (total.sum(axis=0)[sellers] > 0)
    if own_effects:
        levels = [_numbered(v[used]) for v in (buyers, sellers)]
        found = ppml(y[used], x[used], [code for code, _ in levels])
    else:
        x = np.column_stack((np.ones(len(x)), x))
        found = ppml(y[used], x[used], [])
    if found.status is not Status.CONVERGED:
        raise InfeasibleError(f"The gravity equation did not converge: {found.status.value}.")
    beta = np.zeros(x.shape[1])
    beta[found.kept] = found.beta
    index = x @ beta
    if own_effects:
        for (_, level), effect, place in zip(levels, found.effects, (buyers, sellers), strict=True):
            by_zone = np.full(n, np.nan)
            by_zone[level] = effect
            index = index + by_zone[place]
    fitted = np.full((n, n), np.nan)
    fitted[buyers, sellers] = np.exp(index)
    expected = float(fitted[a, b] + fitted[b, a])
    ratios = _ratios(total, fitted, pairs, (a, b))
    return Potential(
        actual=float(total[a, b] + total[b, a]),
        expected=expected,
        spread=Range(*(np.asarray(expected * q) for q in np.percentile(ratios, (10, 50, 90)))),
        own_effects=own_effects,
        coefficients=dict(zip(names, (float(v) for v in beta[-len(names) :]), strict=True)),
        pairs=int(used.sum()),
    )


def _numbered(places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Codes without gaps, and the place each stands for."""
    level, code = np.unique(places, return_inverse=True)
    return code, level


def _ratios(
    total: FloatArray, fitted: FloatArray, pairs: Pairs, pair: tuple[int, int]
) -> FloatArray:
    """Turnover over the expected one for the pairs most like the pair."""
    rows, columns = np.triu_indices(len(total), 1)
    model = (fitted + fitted.T)[rows, columns]
    other = np.isfinite(model) & ~((rows == min(pair)) & (columns == max(pair)))
    rows, columns, model = rows[other], columns[other], model[other]
    place = [pairs.names.index(name) for name in LIKE]
    features = np.column_stack((np.log(model), pairs.value[rows, columns][:, place]))
    own = np.append(np.log(fitted[pair] + fitted[pair[::-1]]), pairs.value[pair][place])
    scale = features.std(axis=0)
    apart = np.sum(((features - own) / np.where(scale > 0, scale, 1.0)) ** 2, axis=1)
    near = np.argsort(apart, kind="stable")[:NEAR]
    return np.asarray((total + total.T)[rows, columns][near] / model[near])
