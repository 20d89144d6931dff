"""Trade, duties and payment: groups, names, days and rows that contradict each other."""

from __future__ import annotations

from collections.abc import Iterator

from entrepot.errors import Finding, nearest
from entrepot.facts.read import split_list
from entrepot.facts.view import View

LAST = "9999-12-31"


def trade_words(view: View) -> Iterator[Finding]:
    """All checks of the tables of trade."""
    yield from _groups(view)
    yield from _duties(view)
    yield from _payment(view)
    yield from _flows(view)


def _zones(view: View) -> set[str]:
    return {cell for _, cell in view.cells("zones", "zone_id")}


def _groups(view: View) -> Iterator[Finding]:
    """A group is not an economy and has each member once."""
    zones = _zones(view)
    for at, row in view.rows("zone_groups"):
        if row["group"] in zones:
            yield view.fault("zone_groups", at, "group", "a name that no economy has")
        members = split_list(row["members"])
        twice = sorted({m for m in members if members.count(m) > 1})
        if twice:
            yield view.fault(
                "zone_groups", at, "members", "each member once", found=", ".join(twice)
            )


def _duties(view: View) -> Iterator[Finding]:
    """Names are known, days in order, and one row holds on a day."""
    known = _zones(view) | {row["group"] for _, row in view.rows("zone_groups")}
    seen: dict[tuple[str, str, str], list[tuple[str, str, int]]] = {}
    for at, row in view.rows("tariffs"):
        for column in ("importer", "exporter"):
            if row[column] not in known and row[column] != "*":
                near = nearest(row[column], known, 1)
                tip = f"nearest known: '{near[0]}'" if near else ""
                yield view.fault("tariffs", at, column, "an economy, a group or *", tip)
        if row["importer"] == row["exporter"] and row["importer"] in _zones(view):
            yield view.fault("tariffs", at, "exporter", "another economy than the importer")
        first, last = row["valid_from"], row["valid_to"] or LAST
        if last < first:
            yield view.fault("tariffs", at, "valid_to", f"a day not before {first}")
        others = seen.setdefault((row["importer"], row["exporter"], row["commodity"]), [])
        for start, end, place in others:
            if first <= end and start <= last and start != first:
                expected = f"days that row {place} does not cover ({start} to {end})"
                yield view.fault("tariffs", at, "valid_from", expected)
        others.append((first, last, at))


def _payment(view: View) -> Iterator[Finding]:
    """Two economies once each way, goods that exist."""
    goods = {cell for _, cell in view.cells("commodities", "commodity")}
    seen: dict[tuple[frozenset[str], str], int] = {}
    for at, row in view.rows("payment_friction"):
        pair = frozenset((row["zone_a"], row["zone_b"]))
        if len(pair) == 1:
            yield view.fault("payment_friction", at, "zone_b", "another economy than zone_a")
        for good in split_list(row["commodities"]):
            if good != "*" and good not in goods:
                near = nearest(good, goods, 1)
                tip = f"nearest known: '{near[0]}'" if near else ""
                expected = "a commodity of commodities.csv, or *"
                yield view.fault("payment_friction", at, "commodities", expected, tip, good)
            first = seen.setdefault((pair, good), at)
            if first != at:
                expected = f"a pair and good that row {first} does not have; it holds both ways"
                yield view.fault("payment_friction", at, "zone_a", expected)


def _flows(view: View) -> Iterator[Finding]:
    """What a country sells at home stands in internal_trade.csv and in the totals only."""
    for (at, a), (_, b) in zip(
        view.cells("trade_by_commodity", "exporter"),
        view.cells("trade_by_commodity", "importer"),
        strict=True,
    ):
        if a == b:
            yield view.fault(
                "trade_by_commodity", at, "importer", "another economy than the exporter"
            )
