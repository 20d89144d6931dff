"""TNTP files, as the Transportation Networks for Research use them: network, trips, flows.

Metadata come as <NAME> value up to <END OF METADATA>. After `~` a line is comment; `;` ends a
record. Nodes are numbered from 1 to NUMBER OF NODES, zones from 1 to NUMBER OF ZONES, and no path
passes through a node below FIRST THRU NODE. Fields of a link by position: init_node, term_node,
capacity, length, free_flow_time, b, power, speed, toll, link_type; what follows power may be left
out. Trips come as blocks `Origin o` of records `destination : amount`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from entrepot.assignment.road import Road, TripTable
from entrepot.errors import BadInputError, Finding, format_findings
from entrepot.facts.files import MB, read_bytes
from entrepot.kernels.arrays import FloatArray, Int32Array
from entrepot.kernels.short_repr import short_repr
from entrepot.schema.check import NOT_FINITE, NUMBER

META = re.compile(r"\s*<\s*([^<>]*?)\s*>(.*)")
END = "END OF METADATA"
ZONES, NODES, LINKS = "NUMBER OF ZONES", "NUMBER OF NODES", "NUMBER OF LINKS"
FIRST, TOTAL = "FIRST THRU NODE", "TOTAL OD FLOW"
FIELDS = (
    "init_node",
    "term_node",
    "capacity",
    "length",
    "free_flow_time",
    "b",
    "power",
    "speed",
    "toll",
)
MUST_HAVE = 7
ORIGIN = re.compile(r"\s*origin\b[\s:]*(.*)", re.IGNORECASE)
MOST_TNTP = 512 * MB
MOST_NODES = 2**31 - 1


@short_repr
@dataclass(slots=True)
class _Text:
    """A file taken apart: metadata with their lines, and the rest as numbered lines."""

    name: str
    meta: dict[str, tuple[int, str]]
    lines: list[tuple[int, str]]
    findings: list[Finding]

    def fault(self, line: int, column: str, found: str, expected: str, tip: str = "") -> None:
        self.findings.append(Finding(self.name, line, "", column, found, expected, tip))

    def whole(self, name: str, default: int | None = None) -> int | None:
        """A whole number of the metadata, at least one."""
        if name not in self.meta:
            if default is None:
                self.fault(0, "", f"no <{name}>", f"<{name}> before <{END}>")
            return default
        line, text = self.meta[name]
        if re.fullmatch("[0-9]+", text) and 1 <= int(text) <= MOST_NODES:
            return int(text)
        self.fault(line, f"<{name}>", text, "a whole number from 1 on")
        return None

    def number(self, line: int, column: str, text: str, expected: str = "zero or more") -> float:
        """A number that is not negative; zero stands in for a faulty one."""
        text = text.strip()
        if NOT_FINITE.fullmatch(text) or not NUMBER.fullmatch(text):
            tip = "Use a point for decimals." if "," in text else ""
            self.fault(line, column, text, "a number", tip)
        elif not 0.0 <= float(text) < np.inf:
            self.fault(line, column, text, f"a number, {expected}")
        else:
            return float(text)
        return 0.0

    def node(self, line: int, column: str, text: str, most: int | None) -> int:
        """Position of a node or zone given by its number, -1 for a faulty one."""
        text = text.strip()
        if re.fullmatch("[0-9]+", text) and 1 <= int(text) <= (most or MOST_NODES):
            return int(text) - 1
        self.fault(line, column, text, f"a whole number from 1 to {most or 'the last node'}")
        return -1


def read_tntp(network: Path, trips: Path) -> tuple[Road, TripTable]:
    """A network and its trips; raises with all faults of both files."""
    road, found = _network(_take_apart(network))
    table, more = _trips(_take_apart(trips), len(road.zone) if road else None)
    findings = [*found, *more]
    if findings or road is None:
        raise BadInputError(format_findings(findings), findings)
    return road, table


def read_flow(path: Path, road: Road) -> tuple[FloatArray, FloatArray]:
    """Volume and cost of each link of a network from a file of flows."""
    text = _take_apart(path, needs_end=False)
    numbers = {name: i for i, name in enumerate(road.node)}
    waiting: dict[tuple[int, int], list[int]] = {}
    for a, ends in enumerate(zip(road.tail.tolist(), road.head.tolist(), strict=True)):
        waiting.setdefault(ends, []).append(a)
    volume, cost = np.full(len(road.tail), np.nan), np.full(len(road.tail), np.nan)
    for line, content in text.lines:
        fields = content.replace(";", " ").replace(":", " ").split()
        if not fields or not re.match("[0-9]", fields[0]):
            continue
        if len(fields) != 4:
            text.fault(line, "", content.strip(), "from, to, volume and cost")
            continue
        ends = numbers.get(fields[0], -1), numbers.get(fields[1], -1)
        links = waiting.get(ends, [])
        if not links:
            text.fault(line, "", f"{fields[0]} {fields[1]}", "a link of the network, once")
            continue
        a = links.pop(0)
        volume[a] = text.number(line, "volume", fields[2])
        cost[a] = text.number(line, "cost", fields[3])
    missing = int(np.isnan(volume).sum())
    if missing and not text.findings:
        text.fault(0, "", f"no flow for {missing} links", "one for every link of the network")
    if text.findings:
        raise BadInputError(format_findings(text.findings), text.findings)
    return volume, cost


def _take_apart(path: Path, needs_end: bool = True) -> _Text:
    out = _Text(path.name, {}, [], [])
    try:
        content = read_bytes(path, MOST_TNTP)
    except BadInputError as error:
        out.findings.extend(error.findings)
        return out
    # Comments may be in any encoding; a damaged number is a fault of its own.
    rows = content.decode("utf-8-sig", errors="replace").splitlines()
    is_meta = any(row.upper().replace(" ", "").find("<ENDOFMETADATA>") >= 0 for row in rows)
    if needs_end and not is_meta:
        out.fault(0, "", f"no <{END}>", f"metadata that end with <{END}>")
    for line, row in enumerate(rows, 1):
        hit = META.fullmatch(row)
        if hit:
            name = " ".join(hit[1].upper().split())
            if name != END:
                out.meta[name] = line, hit[2].split("~")[0].replace(";", " ").strip()
            continue
        text = row.split("~")[0]
        if text.replace(";", "").strip():
            out.lines.append((line, text))
    return out


def _network(text: _Text) -> tuple[Road | None, list[Finding]]:
    if not text.lines and text.findings:
        return None, text.findings
    if NODES not in text.meta and any(ORIGIN.fullmatch(row) for _, row in text.lines):
        expected = "a network; this looks like trips"
        text.fault(0, "", f"no <{NODES}>", expected, "Name the network first, then the trips.")
        return None, text.findings
    n_zone, n_node = text.whole(ZONES), text.whole(NODES)
    first, n_link = text.whole(FIRST, 1), text.whole(LINKS)
    if n_zone and n_node and n_zone > n_node:
        text.fault(text.meta[ZONES][0], f"<{ZONES}>", str(n_zone), f"at most {n_node}, the nodes")
    if first and n_node and first > n_node + 1:
        text.fault(text.meta[FIRST][0], f"<{FIRST}>", str(first), f"at most {n_node + 1}")
    values = np.zeros((len(text.lines), len(FIELDS)))
    ends = np.zeros((len(text.lines), 2), dtype=np.int32)
    for i, (line, content) in enumerate(text.lines):
        fields = content.split(";")[0].split()
        if len(fields) < MUST_HAVE:
            expected = f"at least {MUST_HAVE} fields: {', '.join(FIELDS[:MUST_HAVE])}"
            text.fault(line, "", f"{len(fields)} fields", expected)
            continue
        for k in (0, 1):
            ends[i, k] = text.node(line, FIELDS[k], fields[k], n_node)
        for k, field in enumerate(fields[2 : len(FIELDS)], 2):
            values[i, k] = text.number(line, FIELDS[k], field)
    if n_link and n_link != len(text.lines):
        line = text.meta[LINKS][0]
        text.fault(line, f"<{LINKS}>", str(n_link), f"{len(text.lines)}, the links that follow")
    if text.findings:
        is_known = n_node is not None and n_zone is not None and n_zone <= n_node
        return (_bare(n_zone) if is_known and n_zone else None), text.findings
    assert n_zone is not None
    assert n_node is not None
    assert first is not None
    nodes = tuple(str(v + 1) for v in range(n_node))
    columns = {name: values[:, k].copy() for k, name in enumerate(FIELDS)}
    return (
        Road(
            nodes,
            np.arange(n_node) < first - 1,
            nodes[:n_zone],
            ends[:, 0].copy(),
            ends[:, 1].copy(),
            *(columns[c] for c in ("capacity", "length", "free_flow_time", "b", "power", "toll")),
        ),
        [],
    )


def _bare(n_zone: int) -> Road:
    """Zones only: enough to go on looking for faults in the trips."""
    nodes = tuple(str(v + 1) for v in range(n_zone))
    none, ends = np.empty(0), np.empty(0, dtype=np.int32)
    return Road(nodes, np.zeros(len(nodes), dtype=bool), nodes, ends, ends, *([none] * 6))


def _trips(text: _Text, n_zone: int | None) -> tuple[TripTable, list[Finding]]:
    if not text.lines and text.findings:
        return _table({}, np.nan), text.findings
    own = text.whole(ZONES, n_zone or MOST_NODES)
    if own and n_zone and own != n_zone and ZONES in text.meta:
        expected = f"{n_zone}, as the network has"
        text.fault(text.meta[ZONES][0], f"<{ZONES}>", str(own), expected)
    most = n_zone or own
    stated = np.nan
    if TOTAL in text.meta:
        line, value = text.meta[TOTAL]
        stated = text.number(line, f"<{TOTAL}>", value)
    amounts: dict[tuple[int, int], float] = {}
    origin: int | None = None
    for line, content in text.lines:
        hit = ORIGIN.fullmatch(content)
        if hit:
            origin = text.node(line, "origin", hit[1].replace(";", " "), most)
            continue
        for record in _records(content):
            parts = record.split(":")
            if len(parts) != 2 or origin is None:
                expected = "destination : amount" if origin is not None else "a line Origin first"
                text.fault(line, "", record, expected)
                continue
            destination = text.node(line, "destination", parts[0], most)
            amount = text.number(line, "amount", parts[1])
            if origin < 0 or destination < 0:
                continue
            if (origin, destination) in amounts:
                pair = f"{origin + 1} to {destination + 1}"
                text.fault(line, "destination", pair, "a pair that occurs once")
            amounts[origin, destination] = amount
    return _table(amounts, stated), text.findings


def _records(content: str) -> Iterator[str]:
    for record in content.split(";"):
        if record.strip():
            yield " ".join(record.split())


def _table(amounts: dict[tuple[int, int], float], stated: float) -> TripTable:
    pairs: Int32Array = np.array(list(amounts), dtype=np.int32).reshape(-1, 2)
    values = np.array(list(amounts.values()), dtype=np.float64)
    return TripTable(pairs[:, 0].copy(), pairs[:, 1].copy(), values, stated)
