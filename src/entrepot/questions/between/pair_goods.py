"""Where the trade of a pair comes from: each good, each source, what other sources say."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from entrepot.errors import UsageError
from entrepot.facts.world import World
from entrepot.schema.table import load_schema
from entrepot.trade.world.shipments import Shipments, shipments
from entrepot.trade.world.trade_world import TradeWorld


def total_sources(world: World, exporter: str, importer: str) -> tuple[str, tuple[str, ...]]:
    """Kind and sources of what one economy sells another in the base year."""
    totals = world.table("trade_totals")
    own = totals[(totals["exporter"] == exporter) & (totals["importer"] == importer)]
    if not len(own):
        return "estimated", ()
    return str(own["value_kind"].iloc[0]), tuple(own["source_id"].iloc[0])


def goods_of(
    world: World,
    trade: TradeWorld,
    sent: Shipments,
    exporter: str,
    importer: str,
    turnover_source_id: tuple[str, ...] = (),
    closed: tuple[str, ...] = (),
) -> Iterable[dict[str, Any]]:
    """Rows of trade_goods for one direction: all goods first, then each by value.

    turnover_source_id : of the turnover that the pair was set to, if it was
    closed             : goods that nothing carries under the rules of the day
    Errors of the tonnes of different goods are taken to be independent.
    """
    rebased = frozenset((exporter, importer)) in trade.rebased
    n, i = trade.position(importer), trade.position(exporter)
    value, folding = trade.value[:, n, i], trade.folding
    names = dict(
        zip(
            world.table("commodities")["commodity"], world.table("commodities")["name"], strict=True
        )
    )
    tonnes = [t[:, n, i] for t in (sent.tonnes.low, sent.tonnes.mid, sent.tonnes.high)]
    columns = ("tonnes_p10", "tonnes_p50", "tonnes_p90")
    head: dict[str, Any] = {"exporter": exporter, "importer": importer}
    kind, sources = total_sources(world, exporter, importer)
    low, mid, high = tonnes
    spread = (np.sqrt(np.sum((mid - low) ** 2)), 0.0, -np.sqrt(np.sum((high - mid) ** 2)))
    yield (
        head
        | {
            "commodity": "*",
            "name": "All goods",
            "value_musd": float(value.sum()),
            "value_kind": "estimated" if rebased else kind,
            "source_id": tuple(dict.fromkeys((*sources, *turnover_source_id))),
        }
        | {c: float(mid.sum() - s) for c, s in zip(columns, spread, strict=True)}
    )
    cells = world.table("trade_by_commodity")
    cells = cells[(cells["exporter"] == exporter) & (cells["importer"] == importer)]
    cells = cells.set_index("commodity")
    for c in np.argsort(-value, kind="stable"):
        if value[c] <= 0:
            continue
        j, commodity = folding.of[c], folding.commodities[c]
        known = cells.loc[commodity] if commodity in cells.index else None
        yield (
            head
            | {
                "commodity": commodity,
                "name": names[commodity],
                "value_musd": float(value[c]),
                "usd_per_t": float(sent.usd_per_t.mid[c, n, i]),
                "theta_low": float(trade.elasticity.low[j]),
                "theta": float(trade.elasticity.mid[j]),
                "theta_high": float(trade.elasticity.high[j]),
                "value_kind": "estimated" if known is None else known["value_kind"],
                "source_id": tuple(
                    dict.fromkeys(
                        (*(sources if known is None else known["source_id"]), *turnover_source_id)
                    )
                ),
                "note": "no route under the rules of the day" if commodity in closed else "",
            }
            | {name: float(t[c]) for name, t in zip(columns, tonnes, strict=True)}
        )


def explain_trade(world: World, exporter: str, importer: str) -> dict[str, pd.DataFrame]:
    """Everything the facts say of one direction of trade.

    goods        : trade_goods rows, value and tonnes as the model uses them
    total        : the row of trade_totals
    alternatives : what other sources say and what was done with it
    series       : published values of the pair over time
    duties, payment, densities, pipelines : rows that touch the pair
    elasticities : publications by good traded
    """
    trade = TradeWorld.of_world(world)
    for zone in (exporter, importer):
        trade.position(zone)
    if exporter == importer:
        raise UsageError(f"{exporter} with itself is domestic sales; give two economies.")
    sent = shipments(world, trade.zones, trade.folding.commodities, trade.value)
    columns = [c.name for c in load_schema("results")["trade_goods"].columns]
    rows = list(goods_of(world, trade, sent, exporter, importer))
    goods = pd.DataFrame(rows, columns=columns)
    groups = {
        r.group: (*r.members, r.group) for r in world.table("zone_groups").itertuples(index=False)
    }
    sells = {exporter, "*", *(g for g, m in groups.items() if exporter in m)}
    buys = {importer, "*", *(g for g, m in groups.items() if importer in m)}

    def both(table: str) -> pd.DataFrame:
        rows = world.table(table)
        own = rows["exporter"].isin(sells) & rows["importer"].isin(buys)
        return rows[own & ((rows["exporter"] != "*") | (rows["importer"] != "*"))].reset_index(
            drop=True
        )

    series = world.table("bilateral_series")
    pair = {exporter, importer}
    between = [{a, b} == pair for a, b in zip(series["zone_a"], series["zone_b"], strict=True)]
    friction = world.table("payment_friction")
    paid = [
        {a, b} == pair or (b == "*" and a in pair)
        for a, b in zip(friction["zone_a"], friction["zone_b"], strict=True)
    ]
    traded = set(goods["commodity"])
    elasticity = world.table("elasticity_estimates")
    totals = world.table("trade_totals")
    return {
        "goods": goods,
        "total": totals[(totals["exporter"] == exporter) & (totals["importer"] == importer)],
        "alternatives": both("trade_alternatives"),
        "series": series[between].reset_index(drop=True),
        "duties": both("tariffs"),
        "payment": friction[paid].reset_index(drop=True),
        "densities": both("value_densities"),
        "pipelines": both("pipeline_shares"),
        "elasticities": elasticity[elasticity["commodity"].isin(traded)].reset_index(drop=True),
    }
