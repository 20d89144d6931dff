"""GMNS files (General Modeling Network Specification): node.csv and link.csv, in and out.

GMNS knows neither countries nor gauges nor sea basins. On the way in they come from the extra
columns `country`, `gauge_mm` and `basin`, which GMNS allows, and their absence is a fault like
any other. What else GMNS may leave out gets a value that can do no harm: the id for the name,
`city` for the kind of place, `estimated` and the source COMPILED for where the row comes from.

A GMNS link has one direction unless `directed` is 0 or false; a link here serves both. So a
directed link needs its twin in the other direction, and the twins become one link, with the
length of the first. Lengths are in `long_length` units of config.csv: km, m or mi, km if unsaid.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

from entrepot.errors import Finding
from entrepot.facts.read import read_csv
from entrepot.facts.world import Origin, World
from entrepot.schema.check import NUMBER, Raw, check_table
from entrepot.schema.table import load_schema

NODE_FILE, LINK_FILE, CONFIG = "node.csv", "link.csv", "config.csv"
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
# GMNS has no words for these: its links are those in use, and nothing is said of transfers.
SILENT = {
    "nodes": {"rail_road": "no"},
    "links": {"status": "operating", "opened_year": ""},
}
KM = {"km": 1.0, "m": 0.001, "mi": 1.609344}
BOTH_WAYS = ("0", "false", "False", "FALSE")


def read_gmns(folder: Path) -> tuple[dict[str, tuple[Raw, Origin]], list[Finding]]:
    """Tables nodes and links, each with the file and row its rows come from, and all faults."""
    tables: dict[str, tuple[Raw, Origin]] = {}
    unit, findings = _length_unit(folder)
    for file, table, names in (
        (NODE_FILE, "nodes", NODE_COLUMNS),
        (LINK_FILE, "links", LINK_COLUMNS),
    ):
        if not (folder / file).exists():
            findings.append(Finding(file, 0, "", "", "no such file", "both node.csv and link.csv"))
            tables[table] = {}, ()
            continue
        raw, faults = read_csv(folder / file)
        findings += faults
        if not raw:
            tables[table] = {}, ()
            continue
        if table == "links" and "allowed_uses" not in raw and "facility_type" in raw:
            raw["allowed_uses"] = raw["facility_type"]
        size = len(next(iter(raw.values())))
        renamed = {own: raw[c] for c, own in names.items() if c in raw}
        for column, value in {**DEFAULTS, **SILENT[table]}.items():
            renamed.setdefault(column, [value] * size)
        if table == "nodes":
            renamed.setdefault("name", list(renamed.get("node_id", [""] * size)))
            renamed.setdefault("kind", ["city"] * size)
        shown = {own: c for c, own in names.items()}
        findings += [_as_gmns(f, shown) for f in check_table(load_schema()[table], renamed, file)]
        keep = list(range(size))
        if table == "links":
            renamed["length_km"] = [_in_km(c, unit) for c in renamed.get("length_km", [""] * size)]
            keep, faults = _both_ways(renamed, raw.get("directed", [""] * size))
            findings += faults
        tables[table] = (
            {c: [cells[i] for i in keep] for c, cells in renamed.items()},
            tuple((file, i + 2) for i in keep),
        )
    return tables, findings


def _as_gmns(finding: Finding, shown: dict[str, str]) -> Finding:
    """The finding with the column as GMNS calls it."""
    columns = ", ".join(shown.get(c, c) for c in finding.column.split(", "))
    return Finding(
        finding.file,
        finding.row,
        finding.key,
        columns,
        finding.found,
        finding.expected,
        finding.suggestion,
    )


def _length_unit(folder: Path) -> tuple[str, list[Finding]]:
    if not (folder / CONFIG).exists():
        return "km", []
    raw, findings = read_csv(folder / CONFIG)
    unit = next(iter(raw.get("long_length", [])), "").strip() or "km"
    if unit not in KM:
        expected = "one of " + ", ".join(KM)
        return "km", [*findings, Finding(CONFIG, 2, "", "long_length", unit, expected)]
    return unit, findings


def _in_km(cell: str, unit: str) -> str:
    """A length in km; a cell that is not a number stays, it is a fault already."""
    if unit == "km" or not NUMBER.fullmatch(cell.strip()):
        return cell
    return f"{float(cell) * KM[unit]:.6g}"


def _both_ways(raw: Raw, directed: list[str]) -> tuple[list[int], list[Finding]]:
    """Rows to keep, one of two twins, and directed links without a twin."""
    ends = [raw.get(c, [""] * len(directed)) for c in ("from_node_id", "to_node_id", "mode")]
    links = list(zip(*ends, strict=True))
    have = set(links)
    seen: dict[tuple[str, str, str], int] = {}
    keep, findings = [], []
    for i, (a, b, mode) in enumerate(links):
        if directed[i].strip() in BOTH_WAYS:
            keep.append(i)
            continue
        if (b, a, mode) not in have:
            findings.append(
                Finding(
                    LINK_FILE,
                    i + 2,
                    raw["link_id"][i] if "link_id" in raw else "",
                    "directed",
                    directed[i],
                    "0, or a link in the other direction",
                    "A link serves both directions here; traffic one way only cannot be told.",
                )
            )
        if (b, a, mode) not in seen or a == b:
            keep.append(i)
        seen.setdefault((a, b, mode), i)
    return keep, findings


def write_gmns(world: World, folder: Path) -> None:
    """node.csv and link.csv of a world; what GMNS has no word for goes into extra columns."""
    folder.mkdir(parents=True, exist_ok=True)
    for file, table, names in (
        (NODE_FILE, "nodes", NODE_COLUMNS),
        (LINK_FILE, "links", LINK_COLUMNS),
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
    name = world.name.replace('"', '""')
    text = f'dataset_name,long_length,crs\n"{name}",km,EPSG:4326\n'
    (folder / CONFIG).write_text(text, encoding="utf-8")
