"""Which part of the shipments takes each route of a set: path-size logit.

Ben-Akiva and Bierlaire (1999), with costs relative to the cheapest route of the pair (Fosgerau and
Bierlaire 2009): with S the path size and C the overall cost, the share of a route goes with
S exp(-mu C / C_least). Choice weights of rules enter as costs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from entrepot.kernels.arrays import FloatArray
from entrepot.routes.evaluate import penalty

if TYPE_CHECKING:
    from entrepot.routes.query import RouteSet


def shares_of(routes: RouteSet) -> tuple[FloatArray, FloatArray]:
    """(R,) shares that sum to one, and (R,) the cost in USD/t that the weights of rules stand for."""
    candidates = routes.candidates
    if not candidates:
        return np.zeros(0), np.zeros(0)
    weight = routes.pricing.overall
    cost = np.array([c.cost for c in candidates])
    least = float(cost.min())
    mu = routes.session.dispersion
    used: dict[int, int] = {}
    for c in candidates:
        for a in c.path:
            used[a] = used.get(a, 0) + 1
    size = np.array(
        [
            sum(weight[a] / used[a] for a in c.path) / sum(weight[a] for a in c.path)
            for c in candidates
        ]
    )
    extra = penalty([c.effect for c in candidates], least, mu)
    utility = np.log(size) - mu * (cost + extra - least) / least
    odds = np.exp(utility - utility.max())
    return np.asarray(odds / odds.sum()), extra
