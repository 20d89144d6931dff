"""Made-up trade panels for the kernels of PPML."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from entrepot.kernels.regression.separation import compact, separation


@dataclass(frozen=True)
class Panel:
    """y (n,), x (n, k), codes of exporter-time, importer-time and pair; nothing separated."""

    y: np.ndarray
    x: np.ndarray
    codes: tuple[np.ndarray, ...]

    def part(self, rows: np.ndarray) -> Panel:
        return Panel(self.y[rows], self.x[rows], tuple(compact(c[rows]) for c in self.codes))


def panel(
    seed: int,
    countries: int = 8,
    years: int = 4,
    regressors: int = 3,
    factors: int = 3,
    gaps: float = 0.2,
) -> Panel:
    """Trade of some countries over some years with zeros and gaps; separated rows removed."""
    draw = np.random.default_rng(seed)
    i, j, t = (
        a.ravel()
        for a in np.meshgrid(range(countries), range(countries), range(years), indexing="ij")
    )
    rows = draw.random(len(i)) >= gaps
    i, j, t = i[rows], j[rows], t[rows]
    n = len(i)
    x = draw.normal(size=(n, regressors))
    # One regressor that lies mostly in the pairs, as agreements do.
    x[:, 0] = (draw.random(countries**2)[i * countries + j] * years < t) * 1.0
    effect = (
        draw.normal(0, 1, (countries, years))[i, t] + draw.normal(0, 1, (countries, years))[j, t]
    )
    mean = np.exp(effect + draw.normal(0, 1, countries**2)[i * countries + j] + 0.3 * x.sum(axis=1))
    y = mean * draw.gamma(0.7, 1 / 0.7, n)
    y[draw.random(n) < 0.25] = 0.0
    codes = (i * years + t, j * years + t, i * countries + j)[:factors]
    whole = Panel(y, x, tuple(compact(c) for c in codes))
    return whole.part(np.flatnonzero(separation(y, x, whole.codes).kept))
