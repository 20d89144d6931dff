"""GMNS files (General Modeling Network Specification): node.csv and link.csv, in and out.

GMNS knows neither countries nor gauges nor sea basins. On the way in they come from the extra
columns `country`, `gauge_mm` and `basin`, which GMNS allows, and their absence is a fault like
any other. GMNS links have one direction unless `directed` is 0 or false; here a link serves both.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

from entrepot.facts.read import read_csv
from entrepot.facts.world import World
from entrepot.schema.check import Finding, Raw, check_table
from entrepot.schema.table import load_schema

NODE_COLUMNS = {
    "node_id": "node_id",
    "name": "name",
    "x_coord": "lon",
    "y_coord": "lat",
    "country": "country",
    "node_type": "kind",
    "unlocode": "unlocode",
    "rail_road": "rail_road",
    "value_kind": "value_kind",
    "source_id": "source_id",
    "note": "note",
}
LINK_COLUMNS = {
    "link_id": "link_id",
    "from_node_id": "from_node_id",
    "to_node_id": "to_node_id",
    "length": "length_km",
    "allowed_uses": "mode",
    "gauge_mm": "gauge_mm",
    "basin": "basin",
    "status": "status",
    "opened_year": "opened_year",
    "capacity_mt_per_year": "capacity_mt_per_year",
    "value_kind": "value_kind",
    "source_id": "source_id",
    "note": "note",
}
DEFAULTS = {"value_kind": "estimated", "source_id": "COMPILED"}


def read_gmns(folder: Path) -> tuple[dict[str, Raw], list[Finding]]:
    """Tables nodes and links from node.csv and link.csv, with their faults.

    Lengths are kilometres, as the unit of the network, not of the row, is what GMNS fixes. Two
    links of opposite direction between the same nodes become one.
    """
    tables: dict[str, Raw] = {}
    findings: list[Finding] = []
    schema = load_schema()
    for file, table, names in (
        ("node.csv", "nodes", NODE_COLUMNS),
        ("link.csv", "links", LINK_COLUMNS),
    ):
        path = folder / file
        if not path.exists():
            findings.append(Finding(file, 0, "", "", "no such file", "both node.csv and link.csv"))
            continue
        raw, faults = read_csv(path)
        findings += faults
        rows = len(next(iter(raw.values()), []))
        renamed = {names[c]: cells for c, cells in raw.items() if c in names}
        for column, value in DEFAULTS.items():
            renamed.setdefault(column, [value] * rows)
        if table == "nodes":
            renamed.setdefault("name", list(renamed.get("node_id", [])))
            renamed.setdefault("kind", ["city"] * rows)
        else:
            renamed = _both_ways(renamed)
        findings += check_table(schema[table], renamed, file)
        tables[table] = renamed
    return tables, findings


def _both_ways(raw: Raw) -> Raw:
    """Drop the second of two links that differ in direction only."""
    seen: set[tuple[frozenset[str], str]] = set()
    keep = []
    modes = raw.get("mode", [""] * len(raw.get("from_node_id", [])))
    pairs = zip(raw.get("from_node_id", []), raw.get("to_node_id", []), modes, strict=False)
    for i, (a, b, mode) in enumerate(pairs):
        key = (frozenset((a, b)), mode)
        if key not in seen:
            keep.append(i)
            seen.add(key)
    return {c: [cells[i] for i in keep] for c, cells in raw.items()}


def write_gmns(world: World, folder: Path) -> None:
    """node.csv and link.csv of a world; what GMNS has no word for goes into extra columns."""
    folder.mkdir(parents=True, exist_ok=True)
    for file, table, names in (
        ("node.csv", "nodes", NODE_COLUMNS),
        ("link.csv", "links", LINK_COLUMNS),
    ):
        raw = world.raw[table]
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator="\n")
        columns = [(g, own) for g, own in names.items() if own in raw]
        extra = ["directed"] if table == "links" else []
        writer.writerow([g for g, _ in columns] + extra)
        for row in zip(*(raw[own] for _, own in columns), strict=True):
            writer.writerow([*row, *("0" for _ in extra)])
        (folder / file).write_text(out.getvalue(), encoding="utf-8")
