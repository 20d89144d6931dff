"""Tables behind what stands between a pair: goods, and the parts of each good."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from entrepot.report.charts.svg import esc, number
from entrepot.report.ranges import ranged
from entrepot.report.tables import table, value

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


def span_of(row: Any, column: str, digits: int = 0, scale: float = 1.0) -> str:
    low, mid, high = (scale * float(row[f"{column}_{p}"]) for p in ("p10", "p50", "p90"))
    return ranged(low, mid, high, digits)


def cited(ids: Sequence[str], links: dict[str, str], most: int = 4) -> str:
    shown = " ".join(links.get(i, esc(i)) for i in ids[:most])
    rest = " ".join(links.get(i, esc(i)) for i in ids[most:])
    more = f"<details><summary>{len(ids) - most} more</summary>{rest}</details>" if rest else ""
    return shown + more


def goods_table(goods: pd.DataFrame, names: dict[str, str], links: dict[str, str]) -> str:
    rows = []
    for r in goods.itertuples(index=False):
        way = f"{names.get(r.exporter, r.exporter)} to {names.get(r.importer, r.importer)}"
        key = f"trade_goods/{r.exporter},{r.importer},{r.commodity}"
        tonnes = _kt(r.tonnes_p10, r.tonnes_p50, r.tonnes_p90)
        theta = (
            ""
            if r.theta != r.theta
            else f"{number(r.theta, 1)} ({number(r.theta_low, 1)}–{number(r.theta_high, 1)})"
        )
        bold = r.commodity == "*"
        rows.append(
            [
                esc(way),
                f"<strong>{esc(r.name)}</strong>" if bold else esc(r.name),
                value(f"{key}/value_musd", number(r.value_musd)),
                value(f"{key}/tonnes_p50", tonnes),
                number(r.usd_per_t, 0),
                theta,
                f'<span class="tag">{esc(r.value_kind)}</span>',
                cited(r.source_id, links) + (f" {esc(r.note)}" if r.note else ""),
            ]
        )
    return table(
        (
            "direction",
            "good",
            "million USD",
            "tonnes: P50 (P10–P90)",
            "USD/t",
            "elasticity",
            "kind",
            "sources",
        ),
        rows,
        right=(2, 3, 4, 5),
        caption="The trade the reckoning starts from; its mix is that of the base year, fitted to totals",
    )


def _kt(low: float, mid: float, high: float) -> str:
    return f"{number(mid / 1e3)} ({number(low / 1e3)}–{number(high / 1e3)}) kt"


def parts_by_good(parts: pd.DataFrame, names: dict[str, str]) -> str:
    own = parts[parts["commodity"] != "*"]
    rows = []
    for (a, b, _), group in own.groupby(["exporter", "importer", "commodity"], sort=False):
        by = group.set_index("part")
        rows.append(
            [
                esc(f"{names.get(a, a)} to {names.get(b, b)}"),
                esc(group["name"].iloc[0]),
                *(span_of(by.loc[p], "share", 0, 100) if p in by.index else "" for p in ORDER[:5]),
            ]
        )
    return table(
        ("direction", "good", *(PART_NAMES[p] for p in ORDER[:5])),
        rows,
        right=(2, 3, 4, 5, 6),
        caption="Goods of at least half a per cent of a direction's trade, % of their value",
    )
