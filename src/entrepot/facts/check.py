"""Check the tables of a world against each other. All faults in one pass."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from itertools import product

from entrepot.errors import Finding, nearest
from entrepot.facts.check_trade import trade_words
from entrepot.facts.check_words import (
    country_codes,
    flow_words,
    named_lines,
    passage_words,
    route_words,
    season_words,
)
from entrepot.facts.countries import is_country
from entrepot.facts.plausible import check_units
from entrepot.facts.read import split_list
from entrepot.facts.view import View, length_bounds
from entrepot.facts.world import World
from entrepot.schema.table import Column

LAND = ("rail", "road")
WATER = ("sea", "ferry_rail", "ferry_roro", "inland_waterway")
# One name that is missing may stand in thousands of rows; it is one fault.
SHOWN = 3


def check_world(world: World) -> list[Finding]:
    """Faults of the tables together. Cells that are not numbers are passed over here.

    A file that could not be taken apart hides what the others rest on; then this check waits.
    """
    if not all(world.raw.values()):
        return []
    view = View(world)
    rules: tuple[Callable[[View], Iterator[Finding]], ...] = (
        references,
        _links,
        _gauges,
        _gauge_breaks,
        _borders,
        _hubs,
        _services,
        _modes,
        passage_words,
        season_words,
        route_words,
        flow_words,
        country_codes,
        named_lines,
        trade_words,
        check_units,
    )
    return [finding for rule in rules for finding in rule(view)]


def references(view: View, only: Collection[tuple[str, str]] | None = None) -> Iterator[Finding]:
    """Every name must exist where it points to. only: the (table, column) to look at."""
    for table, declared in view.schema.items():
        for column in declared.columns:
            if column.reference is None or (only and (table, column.name) not in only):
                continue
            target, name = column.reference
            known = {cell for _, cell in view.cells(target, name)}
            for item, rows in _unknown(view, table, column, known).items():
                near = nearest(item, known, 1)
                tip = f"nearest known: '{near[0]}'" if near else ""
                more = len(rows) - SHOWN
                for at in rows[:SHOWN]:
                    if more > 0 and at == rows[SHOWN - 1]:
                        tip = f"{tip}{'; ' if tip else ''}the same in {more:,} more rows"
                    expected = f"a {name} of {target}.csv"
                    yield view.fault(table, at, column.name, expected, tip, found=item)


def _unknown(view: View, table: str, column: Column, known: set[str]) -> dict[str, list[int]]:
    """Names that are not known, with the rows they stand in."""
    out: dict[str, list[int]] = {}
    good = {"", "*", *known}
    for at, cell in view.cells(table, column.name):
        if cell in good:
            continue
        items = split_list(cell) if column.type == "list" else [cell]
        unknown = {part for i in items for part in i.split("|")} - good
        for item in sorted(unknown):
            out.setdefault(item, []).append(at)
        if not unknown:
            good.add(cell)
    return out


def _links(view: View) -> Iterator[Finding]:
    """Ends differ, no link twice, gauge and basin where they belong, length near the map's."""
    seen: dict[tuple[frozenset[str], str], int] = {}
    for at, row in view.rows("links"):
        a, b, mode = row["from_node_id"], row["to_node_id"], row["mode"]
        if a == b:
            yield view.fault("links", at, "to_node_id", "another node than from_node_id")
        key = (frozenset((a, b)), mode)
        if key in seen:
            tip = f"First in row {seen[key]}; a link serves both directions."
            yield view.fault("links", at, "link_id", "one link between two nodes by a mode", tip)
        seen.setdefault(key, at)
        if mode == "rail" and not row["gauge_mm"]:
            yield view.fault("links", at, "gauge_mm", "a gauge, because the link is by rail")
        if mode != "rail" and row["gauge_mm"]:
            yield view.fault("links", at, "gauge_mm", "no gauge, because the link is not by rail")
        if mode == "sea" and not row["basin"]:
            yield view.fault("links", at, "basin", "a basin, because the link is by sea")
        if mode != "sea" and row["basin"]:
            yield view.fault("links", at, "basin", "no basin, because the link is not by sea")
        yield from _length(view, at, row)


def _length(view: View, at: int, row: dict[str, str]) -> Iterator[Finding]:
    length = view.number(row["length_km"])
    straight = view.km(row["from_node_id"], row["to_node_id"])
    if not (length > 0 and straight > 0):
        return
    low, high = length_bounds(straight)
    if low <= length <= high:
        return
    expected = f"between the great circle, {straight:.0f} km, and 2.5 times it"
    tips = [("metres", 0.001), ("miles", 1.609), ("nautical miles", 1.852)]
    if row["mode"] in WATER:
        tips.reverse()
    tip = next(
        (f"The value looks like {unit}." for unit, f in tips if low <= length * f <= high), ""
    )
    yield view.fault(
        "links", at, "length_km", expected, tip or "Check length, ends and coordinates."
    )


def _gauges(view: View) -> Iterator[Finding]:
    """Where operating tracks of two gauges meet there must be a gauge break."""
    at_node: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for at, row in view.rows("links"):
        if row["mode"] == "rail" and row["status"] == "operating" and row["gauge_mm"]:
            for node in (row["from_node_id"], row["to_node_id"]):
                at_node[node][row["gauge_mm"]].append(at)
    breaks = {
        (row["node_id"], frozenset((row["from_gauge_mm"], row["to_gauge_mm"])))
        for _, row in view.rows("gauge_breaks")
    }
    for node, gauges in at_node.items():
        joined = {next(iter(gauges))}
        for _ in gauges:  # a chain of breaks joins three gauges as well as three breaks do
            joined |= {g for g in gauges for j in joined if (node, frozenset((g, j))) in breaks}
        if len(joined) < len(gauges):
            at = min(gauges.values(), key=len)[0]  # the odd one out
            expected = f"a row for {node} in gauge_breaks.csv, where {' and '.join(gauges)} mm meet"
            yield view.fault("links", at, "gauge_mm", expected)


def _gauge_breaks(view: View) -> Iterator[Finding]:
    """A gauge break joins two gauges, and tracks of both reach the place."""
    gauges: dict[str, set[str]] = defaultdict(set)
    ferries: set[str] = set()
    for _, row in view.rows("links"):
        for node in (row["from_node_id"], row["to_node_id"]):
            if row["mode"] == "rail":
                gauges[node].add(row["gauge_mm"])
            elif row["mode"] == "ferry_rail":
                ferries.add(node)
    for at, row in view.rows("gauge_breaks"):
        if row["from_gauge_mm"] == row["to_gauge_mm"]:
            yield view.fault("gauge_breaks", at, "to_gauge_mm", "another gauge than from_gauge_mm")
        for column in ("from_gauge_mm", "to_gauge_mm"):
            missing = row[column] not in gauges[row["node_id"]]
            if missing and row["node_id"] in view.nodes and row["node_id"] not in ferries:
                found = ", ".join(sorted(gauges[row["node_id"]])) or "no rail at all"
                tip = f"Rail links at {row['node_id']}: {found}."
                yield view.fault(
                    "gauge_breaks", at, column, "the gauge of a rail link at the node", tip
                )


def _borders(view: View) -> Iterator[Finding]:
    """A crossing joins two countries on a link; a land link across a border has a crossing."""
    links = {
        (frozenset((r["from_node_id"], r["to_node_id"])), r["mode"]) for _, r in view.rows("links")
    }
    crossings = set()
    for at, row in view.rows("border_crossings"):
        a, b = row["node_a_id"], row["node_b_id"]
        key = (frozenset((a, b)), row["mode"])
        crossings.add(key)
        if not _known_countries(view, a, b):
            continue
        if view.nodes[a]["country"] == view.nodes[b]["country"]:
            country = view.nodes[a]["country"]
            expected = "a post in another country than node_a_id"
            yield view.fault(
                "border_crossings", at, "node_b_id", expected, f"Both lie in {country}."
            )
        if key not in links:
            expected = f"two nodes joined by a link by {row['mode']}"
            yield view.fault("border_crossings", at, "node_b_id", expected)
    for at, row in view.rows("links"):
        a, b = row["from_node_id"], row["to_node_id"]
        if row["mode"] not in LAND or not _known_countries(view, a, b):
            continue
        if view.nodes[a]["country"] == view.nodes[b]["country"]:
            continue
        if (frozenset((a, b)), row["mode"]) not in crossings:
            expected = "a row in border_crossings.csv, because the link crosses a border"
            found = f"{view.nodes[a]['country']}-{view.nodes[b]['country']}"
            yield view.fault("links", at, "link_id", expected, found=found)


def _known_countries(view: View, *nodes: str) -> bool:
    """Whether the nodes exist in countries that do; if not, that is told elsewhere."""
    return all(n in view.nodes and is_country(view.nodes[n]["country"]) for n in nodes)


def _hubs(view: View) -> Iterator[Finding]:
    """Hub weights of a zone sum to one; hubs reach the network."""
    used = {
        n
        for _, r in view.rows("links")
        if r["status"] == "operating"
        for n in (r["from_node_id"], r["to_node_id"])
    }
    total: dict[str, float] = defaultdict(float)
    last: dict[str, int] = {}
    for at, row in view.rows("zone_hubs"):
        total[row["zone_id"]] += view.number(row["weight"])
        last[row["zone_id"]] = at
        if row["node_id"] in view.nodes and row["node_id"] not in used:
            expected = "a node with an operating link"
            yield view.fault("zone_hubs", at, "node_id", expected)
    for zone, weight in total.items():
        if math.isfinite(weight) and abs(weight - 1) > 1e-6:
            tip = "The values look like per cent." if abs(weight - 100) < 1e-3 else ""
            yield view.fault(
                "zone_hubs",
                last[zone],
                "weight",
                f"weights of {zone} that sum to one",
                tip,
                found=f"sum {weight:.6g}",
            )
    for at, row in view.rows("zones"):
        if row["zone_id"] not in total:
            yield view.fault("zones", at, "zone_id", "a hub in zone_hubs.csv")


def _services(view: View) -> Iterator[Finding]:
    """Every water link has a service of its own or a default; services lie on links."""
    own, default, links = set(), set(), set()
    for _, row in view.rows("services"):
        if row["from_node_id"] == "*":
            default.add((row["mode"], row["basin"]))
        else:
            own.add(
                (frozenset((row["from_node_id"], row["to_node_id"])), row["mode"], row["basin"])
            )
    for at, row in view.rows("links"):
        if row["mode"] not in WATER:
            continue
        key = (frozenset((row["from_node_id"], row["to_node_id"])), row["mode"], row["basin"])
        links.add(key)
        if key not in own and (row["mode"], row["basin"]) not in default:
            expected = f"a row in services.csv for {row['mode']} {row['basin']}, or a default"
            yield view.fault("links", at, "mode", expected)
    for at, row in view.rows("services"):
        key = (frozenset((row["from_node_id"], row["to_node_id"])), row["mode"], row["basin"])
        if row["from_node_id"] != "*" and key not in links:
            expected = f"two ports joined by a link by {row['mode']} in the same basin"
            yield view.fault("services", at, "to_node_id", expected)


def _modes(view: View) -> Iterator[Finding]:
    """A rate and a speed for every kind of vehicle on every mode in use."""
    have = {(r["mode"], r["area"], r["vehicle_class"]) for _, r in view.rows("modes")}
    needed = {
        "rail": ("container", "bulk"),
        "road": ("container", "truck"),
        "sea": ("container", "bulk"),
        "ferry_rail": ("container", "bulk"),
        "ferry_roro": ("container", "truck"),
        "inland_waterway": ("container", "bulk"),
    }
    seen = set()
    for at, row in view.rows("links"):
        mode = row["mode"]
        ends = [view.nodes.get(row[c], {}).get("country") for c in ("from_node_id", "to_node_id")]
        areas = [row["basin"]] if mode == "sea" else ends
        for area, vehicle in product(areas, needed.get(mode, ())):
            if (mode, area, vehicle) in seen:
                continue
            seen.add((mode, area, vehicle))
            if (mode, area, vehicle) not in have and (mode, "*", vehicle) not in have:
                expected = f"a row in modes.csv for {vehicle} by {mode} in {area}, or a default"
                yield view.fault("links", at, "mode", expected)
    for at, row in view.rows("modes"):
        if row["vehicle_class"] == "container" and not row["usd_per_teu_km"]:
            yield view.fault(
                "modes", at, "usd_per_teu_km", "a rate per box, because it is for containers"
            )
