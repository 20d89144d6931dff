"""What pairs alike trade: a gravity equation over all pairs of the world, and one pair in it.

By Poisson pseudo-maximum likelihood (Santos Silva and Tenreyro 2006) on the features of pairs:

    own openness   with an effect of each exporter and each importer, so that the pair is compared
                   with what both trade with everybody else; a country cut off from all is cut
                   off in this figure too
    openness of economies alike   without effects, by size, income and place

The range is that of the 50 pairs with the nearest expected trade: what they trade over what is
expected of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from entrepot.errors import InfeasibleError
from entrepot.kernels.ppml import Status, ppml
from entrepot.trade.inverse_gravity import Pairs
from entrepot.trade.ranges import FloatArray, Range

NEAR = 50
SIZE = ("ln_gdp", "ln_income")


@dataclass(frozen=True, slots=True)
class Potential:
    """Turnover of a pair, both directions, million USD a year.

    actual       : in the world at hand
    expected     : of pairs alike, P10, P50, P90
    own_effects  : whether each economy's own openness was kept
    coefficients : of the features
    pairs        : number of flows in the estimate
    """

    actual: float
    expected: Range
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
    ratios = _ratios(total, fitted, expected, (a, b))
    return Potential(
        actual=float(total[a, b] + total[b, a]),
        expected=Range(*(np.asarray(expected * q) for q in np.percentile(ratios, (10, 50, 90)))),
        own_effects=own_effects,
        coefficients=dict(zip(names, (float(v) for v in beta[-len(names) :]), strict=True)),
        pairs=int(used.sum()),
    )


def _numbered(places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Codes without gaps, and the place each stands for."""
    level, code = np.unique(places, return_inverse=True)
    return code, level


def _ratios(
    total: FloatArray, fitted: FloatArray, expected: float, pair: tuple[int, int]
) -> FloatArray:
    """Turnover over the expected one for the pairs nearest in what is expected of them."""
    rows, columns = np.triu_indices(len(total), 1)
    both = (total + total.T)[rows, columns]
    model = (fitted + fitted.T)[rows, columns]
    other = np.isfinite(model) & ~((rows == min(pair)) & (columns == max(pair)))
    both, model = both[other], model[other]
    near = np.argsort(np.abs(np.log(model / expected)), kind="stable")[:NEAR]
    return np.asarray(both[near] / model[near])
