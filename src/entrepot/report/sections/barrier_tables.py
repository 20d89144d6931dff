"""Tables behind what stands between a pair: goods, and the parts of each good."""

from __future__ import annotations

from typing import Any

import pandas as pd

from entrepot.report.charts.svg import number
from entrepot.report.ranges import ranged
from entrepot.report.tables import value

PART_NAMES = {
    "duty": "customs duties",
    "freight": "freight",
    "time": "time under way",
    "border": "borders: fees and waiting",
    "payment": "payment",
    "unexplained": "all else, not explained",
    "known": "all named parts",
    "total": "everything together",
}
ORDER = tuple(PART_NAMES)
NAMED_PARTS = ORDER[:5]


def span_of(row: Any, column: str, digits: int = 0, scale: float = 1.0) -> str:
    low, mid, high = (scale * float(row[f"{column}_{p}"]) for p in ("p10", "p50", "p90"))
    return ranged(low, mid, high, digits)


def direction(names: dict[str, str], seller: str, buyer: str) -> str:
    """One economy to the other, in words."""
    return f"{names.get(seller, seller)} to {names.get(buyer, buyer)}"


def goods_rows(goods: pd.DataFrame, names: dict[str, str]) -> list[dict[str, object]]:
    """The trade that the reckoning starts from, by direction and good."""
    rows: list[dict[str, object]] = []
    for r in goods.itertuples(index=False):
        key = f"trade_goods/{r.exporter},{r.importer},{r.commodity}"
        ends = f"({number(r.theta_low, 1)}–{number(r.theta_high, 1)})"
        rows.append(
            {
                "direction": direction(names, r.exporter, r.importer),
                "name": r.name,
                "all_goods": r.commodity == "*",
                "musd": value(f"{key}/value_musd", number(r.value_musd)),
                "tonnes": value(f"{key}/tonnes_p50", _kt(r.tonnes_p10, r.tonnes_p50, r.tonnes_p90)),
                "usd_per_t": number(r.usd_per_t, 0),
                "elasticity": f"{number(r.theta, 1)} {ends}" if r.theta == r.theta else "",
                "value_kind": r.value_kind,
                "source_id": r.source_id,
                "note": r.note,
            }
        )
    return rows


def _kt(low: float, mid: float, high: float) -> str:
    return f"{number(mid / 1e3)} ({number(low / 1e3)}–{number(high / 1e3)}) kt"


def good_part_rows(parts: pd.DataFrame, names: dict[str, str]) -> list[list[str]]:
    """The named parts of each good in each direction."""
    own = parts[parts["commodity"] != "*"]
    rows = []
    for (a, b, _), group in own.groupby(["exporter", "importer", "commodity"], sort=False):
        by = group.set_index("part")
        shares = [span_of(by.loc[p], "share", 0, 100) if p in by.index else "" for p in NAMED_PARTS]
        rows.append([direction(names, a, b), group["name"].iloc[0], *shares])
    return rows
