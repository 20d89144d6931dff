"""Figures of a pair before and after: trade, main routes, real income."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from entrepot.engine.engine import Engine
from entrepot.equilibrium.loop import Equilibrium
from entrepot.equilibrium.objectives import welfare
from entrepot.facts.change import Change
from entrepot.routes.query import RouteQuery
from entrepot.routes.tables import route_tables

# (quantity, where, value)
Figures = tuple[tuple[str, str, float], ...]
UNITS = {
    "trade": "million USD/year",
    "days": "days",
    "usd_per_t": "USD/t",
    "real_income": "million USD/year",
}
NAMES = {
    "trade": "Trade",
    "days": "Days of the main route",
    "usd_per_t": "Price of the main route",
    "real_income": "Real income",
}
COLUMNS = (
    "quantity", "where", "name", "unit", "before", "after", "change", "change_p10", "change_p50",
    "change_p90",
)  # fmt: skip


def figures(found: Equilibrium, pair: tuple[str, str]) -> Figures:
    """Trade each way and both, and real income of both against the baseline, million USD a year."""
    flows, position = found.point.trade.flows, found.world.facts.position
    a, b = pair
    there, back = (float(flows[:, position(n), position(i)].sum()) for i, n in ((a, b), (b, a)))
    return (
        ("trade", f"{a}>{b}", there),
        ("trade", f"{b}>{a}", back),
        ("trade", f"{a}-{b}", there + back),
        *(("real_income", zone, welfare(found, [zone]).value) for zone in pair),
    )


def routes_between(engine: Engine, pair: tuple[str, str], changes: Sequence[Change]) -> Figures:
    """Days and price of the main route each way, on the facts as changed; NaN where none is left."""
    out: list[tuple[str, str, float]] = []
    for origin, destination in (pair, pair[::-1]):
        query = RouteQuery(origin, destination, on=engine.on)
        table = route_tables(engine.routes(query, changes))["routes"]
        first = table.iloc[0] if len(table) else {}
        where = f"{origin}>{destination}"
        out.append(("days", where, float(first.get("days_p50", np.nan))))
        out.append(("usd_per_t", where, float(first.get("usd_per_t_p50", np.nan))))
    return tuple(out)


def moved(before: Figures, after: Figures) -> Figures:
    """After less before."""
    return tuple((q, w, y - x) for (q, w, x), (_, _, y) in zip(before, after, strict=True))


def what_if_table(before: Figures, after: Figures, draws: Sequence[Figures]) -> pd.DataFrame:
    """The table what_if."""
    drawn: dict[tuple[str, str], list[float]] = {}
    for one in draws:
        for quantity, where, value in one:
            drawn.setdefault((quantity, where), []).append(value)
    rows = []
    for (quantity, where, old), (_, _, new) in zip(before, after, strict=True):
        own = drawn.get((quantity, where), [])
        spread = np.percentile(own, (10, 50, 90)) if own else [np.nan] * 3
        change = new - old
        if quantity == "real_income":
            old, new = np.nan, np.nan
        name = f"{NAMES[quantity]}, {where.replace('>', ' to ').replace('-', ' and ')}"
        rows.append((quantity, where, name, UNITS[quantity], old, new, change, *spread))
    return pd.DataFrame(rows, columns=list(COLUMNS))
