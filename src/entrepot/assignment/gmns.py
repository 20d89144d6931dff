"""Road networks in GMNS (General Modeling Network Specification): node.csv and link.csv.

Taken from node.csv: node_id, zone_id, node_type. Nodes with a zone_id are zones, and no path
passes through those of node_type `centroid`; without zone_id every node is a zone.

Taken from link.csv: from_node_id, to_node_id, directed, length, lanes, capacity (vehicles per
hour and lane), free_speed, toll, and, where there are such columns, vdf_fftt or free_flow_time in
minutes, vdf_alpha or b, vdf_beta or power. Free-flow time else is length over free speed, in
minutes; b and power are 0.15 and 4 where nobody says otherwise. A link with directed of 0 or
false serves both directions.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from entrepot.assignment.road import Road
from entrepot.errors import BadInputError, Finding, format_findings, nearest
from entrepot.facts.files import MB
from entrepot.facts.gmns import BOTH_WAYS, LINK_FILE, NODE_FILE
from entrepot.facts.read import read_csv
from entrepot.kernels.arrays import FloatArray
from entrepot.schema.check import NUMBER, Raw

# Values by name in GMNS, the first that is there, and what stands in for an empty cell.
COLUMNS: dict[str, tuple[tuple[str, ...], float]] = {
    "capacity": (("capacity",), 0.0),
    "lanes": (("lanes",), 1.0),
    "length": (("length",), 0.0),
    "time": (("vdf_fftt", "free_flow_time"), np.nan),
    "speed": (("free_speed",), np.nan),
    "b": (("vdf_alpha", "b"), 0.15),
    "power": (("vdf_beta", "power"), 4.0),
    "toll": (("toll",), 0.0),
}
MOST_NETWORK = 512 * MB
MINUTES = 60.0


def read_gmns_road(folder: Path) -> Road:
    """A network; raises with all faults of both files."""
    findings: list[Finding] = []
    nodes = _table(folder / NODE_FILE, ("node_id",), findings)
    links = _table(folder / LINK_FILE, ("from_node_id", "to_node_id"), findings)
    ids = [cell.strip() for cell in nodes.get("node_id", [])]
    where: dict[str, int] = {}
    for i, node in enumerate(ids):
        if not node or node in where:
            expected = "an id" if not node else "an id that occurs once"
            findings.append(Finding(NODE_FILE, i + 2, node, "node_id", node, expected))
        where.setdefault(node, i)
    size = len(next(iter(links.values()), []))
    ends = np.zeros((2, size), dtype=np.int32)
    for k, column in enumerate(("from_node_id", "to_node_id")):
        for i, cell in enumerate(links.get(column, [])):
            node = cell.strip()
            if node in where:
                ends[k, i] = where[node]
            elif ids:
                near = nearest(node, ids, 1)
                tip = f"Nearest: '{near[0]}'." if near else ""
                expected = "a node of node.csv"
                findings.append(Finding(LINK_FILE, i + 2, "", column, node, expected, tip))
    values = {name: _numbers(links, size, name, findings) for name in COLUMNS}
    time = values["time"]
    with np.errstate(divide="ignore", invalid="ignore"):
        time = np.where(np.isnan(time), MINUTES * values["length"] / values["speed"], time)
    for i in np.flatnonzero(~np.isfinite(time)).tolist():
        found = f"length {values['length'][i]:g}, speed {values['speed'][i]:g}"
        expected = "a free_speed above zero, or vdf_fftt"
        findings.append(Finding(LINK_FILE, i + 2, "", "free_speed", found, expected))
    if findings:
        raise BadInputError(format_findings(findings), findings)
    directed = links.get("directed", [""] * size)
    back = np.array([cell.strip() in BOTH_WAYS for cell in directed], dtype=bool)
    take = np.concatenate([np.arange(size), np.flatnonzero(back)]).astype(np.int64)
    zone = [cell.strip() for cell in nodes.get("zone_id", ids)]
    kinds = [cell.strip().lower() for cell in nodes.get("node_type", [""] * len(ids))]
    return Road(
        tuple(ids),
        np.array([bool(z) and k == "centroid" for z, k in zip(zone, kinds, strict=True)], bool),
        tuple(node for node, z in zip(ids, zone, strict=True) if z),
        np.concatenate([ends[0], ends[1][back]]),
        np.concatenate([ends[1], ends[0][back]]),
        (values["capacity"] * values["lanes"])[take],
        values["length"][take],
        time[take],
        values["b"][take],
        values["power"][take],
        values["toll"][take],
    )


def _table(path: Path, needed: tuple[str, ...], findings: list[Finding]) -> Raw:
    if not path.exists():
        findings.append(Finding(path.name, 0, "", "", "no such file", "both node.csv and link.csv"))
        return {}
    raw, faults = read_csv(path, MOST_NETWORK)
    findings += faults
    for column in needed:
        if raw and column not in raw:
            findings.append(Finding(path.name, 1, "", column, "no such column", "the column"))
    return raw


def _numbers(links: Raw, size: int, name: str, findings: list[Finding]) -> FloatArray:
    columns, default = COLUMNS[name]
    out = np.full(size, default)
    column = next((c for c in columns if c in links), None)
    for i, cell in enumerate(links[column] if column else []):
        text = cell.strip()
        if not text:
            continue
        if NUMBER.fullmatch(text) and 0.0 <= float(text) < np.inf:
            out[i] = float(text)
        else:
            expected = "a number, zero or more"
            findings.append(Finding(LINK_FILE, i + 2, "", column or name, cell, expected))
    return out
