"""Rows of changes that name trade flows in place of rows of a table.

    tariffs            IRN,KAZ,cereals     importer, exporter, goods: the duty in force
    payment_friction   IRN,KAZ             two economies, both ways; IRN,KAZ,cereals for some goods
    trade_costs        KAZ,IRN,*           exporter, importer, goods: all trade costs of the flow

Economies are those of the world, groups of zone_groups.csv, or * for all. Goods are commodities or
broad groups of them, several joined by a semicolon, or * for all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from entrepot.errors import nearest
from entrepot.facts.world import World

ALL = "*"
# Parts of the key of a row, and the column with the figure.
PARTS = {"tariffs": 4, "payment_friction": 3, "trade_costs": 3}
FIGURE = {"tariffs": "rate", "payment_friction": "share", "trade_costs": "factor"}


class Flows(NamedTuple):
    """Trade flows by name. buyers, sellers : economies, groups or *; goods : commodities, or * alone."""

    buyer: str
    seller: str
    goods: tuple[str, ...]
    both_ways: bool


def names_flows(table: str, row: str) -> bool:
    """Whether the row of a change of a table names flows and not a row of the table."""
    if table not in PARTS:
        return False
    return table == "trade_costs" or len(row.split(",")) < PARTS[table]


def flows_of(world: World, table: str, row: str) -> Flows:
    """The flows that a row names."""
    parts = [p.strip() for p in row.split(",")]
    goods = _goods(world, parts[2] if len(parts) > 2 else ALL)
    first, second = parts[:2]
    if table == "trade_costs":
        first, second = second, first
    return Flows(first, second, goods, table == "payment_friction")


def _goods(world: World, text: str) -> tuple[str, ...]:
    out: dict[str, None] = {}
    table = world.table("commodities")
    for name in (p.strip() for p in text.split(";")):
        if name == ALL:
            return (ALL,)
        members = table["commodity"][table["broad_group"] == name].tolist()
        out |= dict.fromkeys([name] if name in set(table["commodity"]) else members or [name])
    return tuple(out)


def flow_faults(
    world: World, table: str, row: str, value: str
) -> Iterator[tuple[str, str, str, str]]:
    """(column, found, expected, suggestion) of what is wrong with a change of flows."""
    parts = row.split(",")
    if not 2 <= len(parts) <= 3:
        yield "row", row, "two economies, and goods where they matter", ""
        return
    flows = flows_of(world, table, row)
    zones = set(world.table("zones")["zone_id"])
    known = [*sorted(zones), *(str(g) for g in world.table("zone_groups")["group"])]
    for name in (flows.buyer, flows.seller):
        if name != ALL and name not in known:
            yield "row", name, "an economy, a group of economies, or *", _tip(name, known)
    if flows.buyer == flows.seller and flows.buyer in zones:
        yield "row", row, "two economies", ""
    goods = [str(c) for c in world.table("commodities")["commodity"]]
    for name in flows.goods:
        if name != ALL and name not in goods:
            yield "row", name, "a commodity, a broad group, or *", _tip(name, goods)
    try:
        float(value)
    except ValueError:
        yield "value", value, "a number", ""


def _tip(name: str, known: list[str]) -> str:
    near = nearest(name, known, 1)
    return f"Did you mean '{near[0]}'?" if near else ""
