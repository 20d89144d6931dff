"""Check the tables of a world against each other. All faults in one pass."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

from entrepot.errors import nearest
from entrepot.facts.plausible import check_units
from entrepot.facts.read import read_csv, split_list
from entrepot.facts.world import World, read_plain, read_world
from entrepot.schema.check import Finding, Raw, check_table, key_text
from entrepot.schema.table import load_schema

EARTH_KM = 6371.0088
LAND = ("rail", "road")
Rows = list[tuple[int, dict[str, str]]]


def check_folder(folder: Path) -> list[Finding]:
    """Faults of a user's folder: files, cells, and tables together."""
    world, findings = read_world(folder)
    return findings + check_world(world)


def check_shipped(folder: Path) -> list[Finding]:
    """Faults of a complete world folder, such as a copy of the shipped one."""
    findings: list[Finding] = []
    schema = load_schema()
    for path in sorted(folder.glob("*.csv")):
        cells, faults = read_csv(path)
        findings += faults
        if path.stem not in schema:
            near = nearest(path.stem, schema, 1)
            tip = f"Did you mean '{near[0]}.csv'?" if near else ""
            findings.append(Finding(path.name, 0, "", "", path.name, "the name of a table", tip))
        elif cells:
            findings += check_table(schema[path.stem], cells, path.name)
    return findings + check_world(read_plain(folder))


def check_world(world: World) -> list[Finding]:
    """Faults of the tables together. Cells that are no numbers are passed over here."""
    view = _View(world)
    rules: tuple[Callable[[_View], Iterator[Finding]], ...] = (
        _references, _links, _gauges, _gauge_breaks, _borders, _hubs, _services, _modes,
        _rules, _seasons, _named_lines, check_units,
    )
    return [finding for rule in rules for finding in rule(view)]


class _View:
    """Tables as rows of text with defaults filled in, and what is known of nodes."""

    def __init__(self, world: World) -> None:
        self.schema = load_schema()
        self._raw = world.raw
        self._rows: dict[str, Rows] = {}
        self.nodes = {row["node_id"]: row for _, row in self.rows("nodes")}

    def rows(self, table: str) -> Rows:
        """(row number in a spreadsheet, cells) of a table."""
        if table not in self._rows:
            raw: Raw = self._raw.get(table, {})
            columns = self.schema[table].columns
            size = len(next(iter(raw.values()), []))
            self._rows[table] = [
                (i + 2, {c.name: (raw[c.name][i] if c.name in raw else "") or c.default
                         for c in columns})
                for i in range(size)
            ]
        return self._rows[table]

    def fault(
        self, table: str, at: int, column: str, expected: str, tip: str = "", found: str | None = None
    ) -> Finding:
        """A finding about a cell."""
        raw = self._raw[table]
        cell = raw[column][at - 2] if column in raw and at > 1 else ""
        key = key_text(self.schema[table], raw, at - 2) if at > 1 else ""
        return Finding(f"{table}.csv", at, key, column, cell if found is None else found, expected, tip)

    def number(self, cell: str) -> float:
        try:
            return float(cell)
        except ValueError:
            return math.nan

    def km(self, a: str, b: str) -> float:
        """Great-circle distance of two nodes, NaN when one is unknown."""
        if a not in self.nodes or b not in self.nodes:
            return math.nan
        lat1, lon1, lat2, lon2 = (
            math.radians(self.number(self.nodes[n][c])) for n in (a, b) for c in ("lat", "lon")
        )
        h = math.sin((lat2 - lat1) / 2) ** 2
        h += math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
        return 2 * EARTH_KM * math.asin(math.sqrt(h)) if math.isfinite(h) else math.nan


def _references(view: _View) -> Iterator[Finding]:
    """Every name must exist where it points to."""
    for table, declared in view.schema.items():
        for column in declared.columns:
            if column.reference is None:
                continue
            target, name = column.reference
            known = {row[name] for _, row in view.rows(target)}
            for at, row in view.rows(table):
                items = split_list(row[column.name]) if column.type == "list" else [row[column.name]]
                for item in (part for i in items for part in i.split("|")):
                    if item and item != "*" and item not in known:
                        near = nearest(item, known, 1)
                        tip = f"nearest known: '{near[0]}'" if near else ""
                        expected = f"a {name} of {target}.csv"
                        yield view.fault(table, at, column.name, expected, tip, found=item)


def _links(view: _View) -> Iterator[Finding]:
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


def _length(view: _View, at: int, row: dict[str, str]) -> Iterator[Finding]:
    length = view.number(row["length_km"])
    straight = view.km(row["from_node_id"], row["to_node_id"])
    if not (length > 0 and straight > 0):
        return
    low, high = 0.99 * straight - 2, 2.5 * straight + 10
    if low <= length <= high:
        return
    expected = f"between the great circle, {straight:.0f} km, and 2.5 times it"
    tips = (("metres", 0.001), ("miles", 1.609), ("nautical miles", 1.852))
    tip = next((f"The value looks like {unit}." for unit, f in tips if low <= length * f <= high), "")
    yield view.fault("links", at, "length_km", expected, tip or "Check length, ends and coordinates.")


def _gauges(view: _View) -> Iterator[Finding]:
    """Where operating tracks of two gauges meet there must be a gauge break."""
    at_node: dict[str, dict[str, int]] = defaultdict(dict)
    for at, row in view.rows("links"):
        if row["mode"] == "rail" and row["status"] == "operating" and row["gauge_mm"]:
            for node in (row["from_node_id"], row["to_node_id"]):
                at_node[node].setdefault(row["gauge_mm"], at)
    breaks = {
        (row["node_id"], frozenset((row["from_gauge_mm"], row["to_gauge_mm"])))
        for _, row in view.rows("gauge_breaks")
    }
    for node, gauges in at_node.items():
        if len(gauges) > 1 and (node, frozenset(list(gauges)[:2])) not in breaks:
            at = max(gauges.values())
            expected = f"a row for {node} in gauge_breaks.csv, where {' and '.join(gauges)} mm meet"
            yield view.fault("links", at, "gauge_mm", expected)


def _gauge_breaks(view: _View) -> Iterator[Finding]:
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
                yield view.fault("gauge_breaks", at, column, "the gauge of a rail link at the node", tip)


def _borders(view: _View) -> Iterator[Finding]:
    """A crossing joins two countries on a link; a land link across a border has a crossing."""
    links = {
        (frozenset((r["from_node_id"], r["to_node_id"])), r["mode"])
        for _, r in view.rows("links")
    }
    crossings = set()
    for at, row in view.rows("border_crossings"):
        a, b = row["node_a_id"], row["node_b_id"]
        key = (frozenset((a, b)), row["mode"])
        crossings.add(key)
        if a not in view.nodes or b not in view.nodes:
            continue
        if view.nodes[a]["country"] == view.nodes[b]["country"]:
            country = view.nodes[a]["country"]
            expected = "a post in another country than node_a_id"
            yield view.fault("border_crossings", at, "node_b_id", expected, f"Both lie in {country}.")
        if key not in links:
            expected = f"two nodes joined by a link by {row['mode']}"
            yield view.fault("border_crossings", at, "node_b_id", expected)
    for at, row in view.rows("links"):
        a, b = row["from_node_id"], row["to_node_id"]
        if row["mode"] not in LAND or a not in view.nodes or b not in view.nodes:
            continue
        if view.nodes[a]["country"] == view.nodes[b]["country"]:
            continue
        if (frozenset((a, b)), row["mode"]) not in crossings:
            expected = "a row in border_crossings.csv, because the link crosses a border"
            found = f"{view.nodes[a]['country']}-{view.nodes[b]['country']}"
            yield view.fault("links", at, "link_id", expected, found=found)


def _hubs(view: _View) -> Iterator[Finding]:
    """Hub weights of a zone sum to one; hubs reach the network."""
    used = {
        n for _, r in view.rows("links") if r["status"] == "operating"
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
            yield view.fault("zone_hubs", last[zone], "weight",
                             f"weights of {zone} that sum to one", tip, found=f"sum {weight:.6g}")
    for at, row in view.rows("zones"):
        if row["zone_id"] not in total:
            yield view.fault("zones", at, "zone_id", "a hub in zone_hubs.csv")


def _services(view: _View) -> Iterator[Finding]:
    """Every water link has a service of its own or a default; services lie on links."""
    own, default, links = set(), set(), set()
    for _, row in view.rows("services"):
        if row["from_node_id"] == "*":
            default.add((row["mode"], row["basin"]))
        else:
            own.add((frozenset((row["from_node_id"], row["to_node_id"])), row["mode"], row["basin"]))
    for at, row in view.rows("links"):
        if row["mode"] in LAND:
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


def _modes(view: _View) -> Iterator[Finding]:
    """A rate and a speed for every kind of vehicle on every mode in use."""
    have = {(r["mode"], r["area"], r["vehicle_class"]) for _, r in view.rows("modes")}
    needed = {"rail": ("container", "bulk"), "road": ("container", "truck"),
              "sea": ("container", "bulk"), "ferry_rail": ("container", "bulk"),
              "ferry_roro": ("container", "truck"), "inland_waterway": ("container", "bulk")}
    seen = set()
    for at, row in view.rows("links"):
        mode = row["mode"]
        area = row["basin"] if mode == "sea" else view.nodes.get(row["from_node_id"], {}).get("country")
        for vehicle in needed.get(mode, ()):
            if (mode, area, vehicle) in seen:
                continue
            seen.add((mode, area, vehicle))
            if (mode, area, vehicle) not in have and (mode, "*", vehicle) not in have:
                expected = f"a row in modes.csv for {vehicle} by {mode} in {area}, or a default"
                yield view.fault("links", at, "mode", expected)
    for at, row in view.rows("modes"):
        if row["vehicle_class"] == "container" and not row["usd_per_teu_km"]:
            yield view.fault("modes", at, "usd_per_teu_km", "a rate per box, because it is for containers")


def _tokens(view: _View) -> tuple[set[str], set[str], set[str], set[str]]:
    """Known nodes, links (both ways), alpha-3 codes, groups."""
    links = set()
    for _, row in view.rows("links"):
        links.add(f"{row['from_node_id']}-{row['to_node_id']}")
        links.add(f"{row['to_node_id']}-{row['from_node_id']}")
    codes = {r["country"] for r in view.nodes.values()} | {r["zone_id"] for _, r in view.rows("zones")}
    groups = {r["group"] for _, r in view.rows("rule_groups")}
    return set(view.nodes), links, codes, groups


def _rules(view: _View) -> Iterator[Finding]:
    """Words of the rules of passage and of chokepoints are known, dates in order."""
    nodes, links, codes, groups = _tokens(view)
    places = nodes | links | codes | groups
    countries = codes | groups
    cargo = {r["commodity"] for _, r in view.rows("commodities")} | groups
    cargo |= {"all", "container", "truck", "bulk"}
    columns = (("applies_to", places, "a node, link, alpha-3 code or group"),
               ("cargo", cargo, "a commodity, load or group"))
    for at, row in view.rows("passage_rules"):
        for column, known, what in columns:
            yield from _unknown(view, "passage_rules", at, row, column, known, what)
        for column in ("origin_group", "destination_group"):
            for word in split_list(row[column]):
                if word not in countries and not (len(word) == 3 and word.isupper()):
                    near = nearest(word, countries, 1)
                    tip = f"nearest known: '{near[0]}'" if near else ""
                    yield view.fault("passage_rules", at, column, "an alpha-3 code or group", tip, word)
        if row["from_date"] and row["to_date"] and row["to_date"] < row["from_date"]:
            yield view.fault("passage_rules", at, "to_date", f"a day not before {row['from_date']}")
        if row["effect_quantity"] != "none" and not row["effect_value"]:
            yield view.fault("passage_rules", at, "effect_value", f"a value in {row['effect_quantity']}")
        share = row["effect_quantity"] in ("choice_weight", "load_factor", "capacity_factor")
        if share and not 0 < view.number(row["effect_value"] or "1") <= 1:
            tip = "Write a share, not per cent."
            yield view.fault("passage_rules", at, "effect_value", "a share between 0 and 1", tip)
    for at, row in view.rows("chokepoints"):
        yield from _unknown(view, "chokepoints", at, row, "applies_to", nodes | links, "a node or link")


def _unknown(
    view: _View, table: str, at: int, row: dict[str, str], column: str, known: set[str], what: str
) -> Iterator[Finding]:
    for word in split_list(row[column]):
        if word not in known:
            near = nearest(word, known, 1)
            tip = f"nearest known: '{near[0]}'" if near else ""
            yield view.fault(table, at, column, what, tip, found=word)


def _seasons(view: _View) -> Iterator[Finding]:
    """Places of seasons are known, effects have values."""
    nodes, links, _, _ = _tokens(view)
    basins = {r["basin"] for _, r in view.rows("links") if r["basin"]}
    known = {"node": nodes, "link": links, "basin": basins}
    for at, row in view.rows("seasons"):
        kind = row["place_kind"]
        yield from _unknown(view, "seasons", at, row, "place_id", known.get(kind, set()), f"a {kind}")
        if row["effect_quantity"] != "closed" and not row["effect_value"]:
            yield view.fault("seasons", at, "effect_value", f"a value in {row['effect_quantity']}")
        share = row["effect_quantity"] in ("open_share", "capacity_factor")
        if share and not 0 < view.number(row["effect_value"] or "1") <= 1:
            yield view.fault("seasons", at, "effect_value", "a share between 0 and 1")


def _named_lines(view: _View) -> Iterator[Finding]:
    """Lines with a published length run over links and come out within 3 per cent."""
    km = {
        (frozenset((r["from_node_id"], r["to_node_id"])), r["mode"]): view.number(r["length_km"])
        for _, r in view.rows("links")
    }
    for at, row in view.rows("named_lines"):
        nodes = split_list(row["nodes"])
        steps = [(frozenset(p), row["mode"]) for p in zip(nodes, nodes[1:], strict=False)]
        gaps = [s for s in steps if s not in km]
        if gaps:
            found = " - ".join(sorted(gaps[0][0]))
            yield view.fault("named_lines", at, "nodes", f"a link by {row['mode']} at each step", "", found)
            continue
        length, published = sum(km[s] for s in steps), view.number(row["published_km"])
        if abs(length / published - 1) > 0.03:
            expected = f"within 3 % of the links, {length:.0f} km"
            yield view.fault("named_lines", at, "published_km", expected)
