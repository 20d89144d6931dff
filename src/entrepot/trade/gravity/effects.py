"""What the effects of a gravity estimate say: values by level, and multilateral resistances.

    X_ij = exp(e_i + m_j) t_ij,    Y_i = sum_j X_ij,    E_j = sum_i X_ij

PPML fits the totals exactly, so its effects are the structural terms (Fally 2015): with P_j and
Pi_i for inward and outward resistance and theta = sigma - 1,

    P_j^-theta = E_j exp(-m_j) c,    Pi_i^-theta = Y_i exp(-e_i) / c

where c, one for every period, sets the inward resistance of a reference importer to one. With an
effect for every pair the level of each country's term is not identified, only its change: terms
are then relative to the first period of the country. Totals are those of the observations used;
without domestic sales among them, resistances are those of foreign trade only.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from entrepot.errors import UnknownNameError
from entrepot.kernels.arrays import FloatArray
from entrepot.trade.gravity.design import Grouping
from entrepot.trade.gravity.roles import Roles


def effects_table(
    groups: Sequence[Grouping], values: Sequence[FloatArray], y: FloatArray, fitted: FloatArray
) -> pd.DataFrame:
    """One row by level of every effect: effect, level, value, observed and fitted total."""
    parts = []
    for group, value in zip(groups, values, strict=True):
        count = len(group.levels)
        parts.append(
            pd.DataFrame(
                {
                    "effect": group.name,
                    "level": group.labels().to_numpy(),
                    "value": value,
                    "observed_total": np.bincount(group.code, y, count),
                    "fitted_total": np.bincount(group.code, fitted, count),
                }
            )
        )
    names = ["effect", "level", "value", "observed_total", "fitted_total"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=names)


def resistances(
    groups: Sequence[Grouping],
    values: Sequence[FloatArray],
    y: FloatArray,
    roles: Roles,
    *,
    theta: float | None = None,
    reference: str | None = None,
) -> pd.DataFrame:
    """Multilateral resistances: side, zone, time, total, term and, given theta, resistance.

    y         : (n,) trade of the observations used
    term      : resistance to the power of -theta
    reference : importer whose inward term is one in every period; the first that buys in all
                periods if left out
    """
    sides = []
    for side, place, columns in (
        ("outward", roles.exporter_effect, roles.exporter),
        ("inward", roles.importer_effect, roles.importer),
    ):
        group = groups[place]
        total = np.bincount(group.code, y, len(group.levels))
        zone, period = group.labels(columns), group.labels(roles.time)
        own = pd.DataFrame(
            {"side": side, "zone": zone, "time": period, "total": total, "effect": values[place]}
        )
        sides.append(own)
    outward, inward = sides
    chosen = _reference(inward, reference)
    at = inward[inward["zone"] == chosen].set_index("time")
    scale = np.log(at["total"]) - at["effect"]
    inward["log_term"] = np.log(inward["total"]) - inward["effect"] - inward["time"].map(scale)
    outward["log_term"] = np.log(outward["total"]) - outward["effect"] + outward["time"].map(scale)
    table = pd.concat([outward, inward], ignore_index=True)
    if roles.pair_effect >= 0:
        first = table.dropna(subset="log_term").sort_values("time", key=_in_order)
        base = first.groupby(["side", "zone"])["log_term"].transform("first")
        table["log_term"] -= base.reindex(table.index)
    table["term"] = np.exp(table["log_term"])
    if theta is not None:
        table["resistance"] = np.exp(-table["log_term"] / theta)
    return table.drop(columns=["effect", "log_term"])


def _reference(inward: pd.DataFrame, wanted: str | None) -> str:
    names = sorted(map(str, inward["zone"].unique()))
    if wanted is not None:
        if wanted not in names:
            raise UnknownNameError(wanted, "importer", names)
        return wanted
    periods = inward.groupby("zone")["time"].nunique()
    return min(names, key=lambda z: (-int(periods[z]), z))


def _in_order(periods: pd.Series[str]) -> pd.Series[float] | pd.Series[str]:
    """Periods as numbers where they are numbers."""
    number = pd.to_numeric(periods, errors="coerce")
    return periods if bool(number.isna().any()) else number
