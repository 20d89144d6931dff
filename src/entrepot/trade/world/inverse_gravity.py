"""What separates two economies, read back from how little they trade.

Head and Ries (2001), Novy (2013, equation 5): with domestic sales X_nn and trade both ways,

    phi_ni = theta * ln t_ni = 1/2 ln (X_nn X_ii / X_ni X_in)

t is the trade cost of the pair over that at home, the geometric mean of both directions. It holds
all that hinders: carriage, time, duties, payment, language, risk. Compared with pairs alike (same
distance, border, access to the sea, history) it tells what is peculiar to one pair.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from entrepot.facts.view import great_circle
from entrepot.facts.world import World
from entrepot.kernels.arrays import FloatArray
from entrepot.kernels.short_repr import short_repr

# Pairs that a comparison must rest on to say anything.
FEWEST = 50
# Pairs whose excess differs by less are equally near: rounding, as the number of threads that sum
# makes it, is about 1e-14.
TIE = 1e-9
PAIRWISE = (
    "ln_distance",
    "contiguity",
    "landlocked",
    "common_union",
    "same_region",
    "ln_gdp",
    "ln_income",
)


@short_repr
@dataclass(frozen=True, slots=True)
class Pairs:
    """What pairs have in common, for comparisons.

    names : (K,) of the features
    value : (N, N, K) [importer, exporter, feature]; NaN for an economy without a place
    km    : (N, N) great circle between main cities
    """

    names: tuple[str, ...]
    value: FloatArray
    km: FloatArray

    @classmethod
    def of_world(cls, world: World, chosen: tuple[str, ...] | None = None) -> Pairs:
        """Distance of main cities, common border, how many have no coast, once one state, region,
        and the sums of ln GDP and ln GDP per head. chosen: economies in their order; None for all
        """
        zones = world.table("zones")
        if chosen is not None:
            zones = zones.set_index("zone_id", drop=False).loc[list(chosen)]
        n = len(zones)
        lat, lon = (zones[c].to_numpy(dtype=float) for c in ("latitude", "longitude"))
        km = np.array([[great_circle(*a, *b) for b in zip(lat, lon, strict=True)]
                       for a in zip(lat, lon, strict=True)])  # fmt: skip
        codes, borders = list(zones["zone_id"]), list(zones["borders"])
        contiguity = np.array([[float(b in borders[a]) for b in codes] for a in range(n)])
        shut = (zones["landlocked"] == "yes").to_numpy(dtype=float)
        union = np.zeros((n, n))
        for row in world.table("zone_groups").itertuples(index=False):
            if row.kind == "former_state":
                member = np.array([c in row.members for c in codes], dtype=float)
                union = np.maximum(union, np.outer(member, member))
        region = zones["region"].to_numpy()
        same = (region[:, None] == region[None, :]).astype(float)
        with np.errstate(divide="ignore"):
            distance = np.where(km > 0, np.log(km), 0.0)
        gdp = np.log(zones["gdp_musd"].to_numpy(dtype=float))
        income = gdp - np.log(zones["population"].to_numpy(dtype=float))
        touching = np.maximum(contiguity, contiguity.T)
        sums = (np.add.outer(v, v) for v in (shut, gdp, income))
        coastless, size, wealth = sums
        value = np.stack((distance, touching, coastless, union, same, size, wealth), axis=-1)
        value[np.isnan(km)] = np.nan
        return cls(PAIRWISE, value, km)


def separation(total: FloatArray) -> FloatArray:
    """Separation phi = theta ln t, (N, N) symmetric; NaN where one direction is not traded.

    total : (N, N) trade of all sectors, domestic sales on the diagonal
    """
    home = np.diagonal(total)
    both = total * total.T
    with np.errstate(divide="ignore", invalid="ignore"):
        phi = 0.5 * np.log(np.outer(home, home) / both)
    return np.where(both > 0, phi, np.nan)


@short_repr
@dataclass(frozen=True, slots=True)
class Comparison:
    """Pairs against pairs alike, by least squares of phi on the features.

    expected    : (N, N) phi of a pair with these features; NaN where they are not known
    excess      : (N, N) phi less expected
    residuals   : (P,) excess of the P pairs that were compared
    coefficient : by feature, constant first
    r2          : part of the variance that the features explain
    own_effects : whether each economy's own level was taken out first
    """

    expected: FloatArray
    excess: FloatArray
    residuals: FloatArray
    coefficient: dict[str, float]
    r2: float
    own_effects: bool

    def rank(self, n: int, i: int) -> float:
        """Share of the compared pairs that are nearer to each other than this one, features apart.

        Pairs within TIE of this one, and so the pair itself, are not nearer.
        """
        return float(np.mean(self.residuals < self.excess[n, i] - TIE))


def compare(phi: FloatArray, pairs: Pairs, *, own_effects: bool = False) -> Comparison:
    """Fit phi on the features of pairs; with own_effects, on a level of each economy as well."""
    n = len(phi)
    rows, columns = np.triu_indices(n, 1)
    known = np.isfinite(phi[rows, columns]) & np.isfinite(pairs.value[rows, columns]).all(axis=1)
    rows, columns = rows[known], columns[known]
    names = ["constant", *pairs.names]
    x_all = np.concatenate((np.ones((n, n, 1)), pairs.value), axis=2)
    x = x_all[rows, columns]
    if own_effects:
        level = np.zeros((len(rows), n))
        np.add.at(level, (np.arange(len(rows)), rows), 1.0)
        np.add.at(level, (np.arange(len(rows)), columns), 1.0)
        x = np.concatenate((x, level), axis=1)
    y = phi[rows, columns]
    beta = np.linalg.lstsq(x, y, rcond=1e-10)[0]
    residual = y - x @ beta
    expected = x_all @ beta[: len(names)]
    if own_effects:
        expected = expected + beta[len(names) :, None] + beta[None, len(names) :]
    expected[np.arange(n), np.arange(n)] = np.nan
    spread = y - (y.mean() if len(y) else 0.0)
    return Comparison(
        expected=expected,
        excess=phi - expected,
        residuals=residual,
        coefficient=dict(zip(names, (float(b) for b in beta), strict=False)),
        r2=float(1.0 - residual @ residual / total)
        if (total := float(spread @ spread))
        else np.nan,
        own_effects=own_effects,
    )
