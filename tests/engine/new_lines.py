"""A line from the small coupled world's far city over a border of its own, as rows put in."""

from __future__ import annotations

from entrepot.facts.change import Change


def row(table: str, **cells: object) -> Change:
    return Change(table, operation="insert", value={k: str(v) for k, v in cells.items()})


NEW_LINE = (
    row(
        "links", link_id="acity-gamma:rail", from_node_id="acity", to_node_id="gamma", mode="rail",
        length_km=1500, gauge_mm=1435,
    ),
    row(
        "gauge_breaks", node_id="acity", from_gauge_mm=1520, to_gauge_mm=1435,
        technique="transshipment",
    ),
)  # fmt: skip
NEW_BORDER = (
    row(
        "border_crossings", node_a_id="acity", node_b_id="gamma", mode="rail", hours_p10=2,
        hours_p50=6, hours_p90=15, usd_per_teu=40, usd_per_t=2,
    ),
)  # fmt: skip
