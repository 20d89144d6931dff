"""An assignment as tables, and networks and trips from data frames."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from entrepot.assignment.gmns import read_gmns_road
from entrepot.assignment.omx import read_omx
from entrepot.assignment.road import Road, TripTable
from entrepot.assignment.tntp import read_tntp
from entrepot.errors import BadInputError, Finding, UsageError, format_findings
from entrepot.kernels.arrays import FloatArray

if TYPE_CHECKING:
    from entrepot.assignment.assign import AssignmentResult

# Columns of links with their defaults; None where a value is required.
LINK_COLUMNS = {
    "capacity": None, "free_flow_time": None, "b": 0.15, "power": 4.0, "length": 0.0, "toll": 0.0,
}  # fmt: skip


def assignment_tables(result: AssignmentResult) -> dict[str, pd.DataFrame]:
    """Tables of an assignment.

    assignment   : one row: objective, certificate, trips loaded and not, iterations
    volumes      : from, to, volume (trips) and cost at that volume, by link of the network
    disconnected : pairs with trips and no route between them
    history      : relative gap by iteration
    """
    told = result.as_json()
    history = told.pop("history")
    pairs = told.pop("disconnected_pairs")
    del told["status"]
    road, found = result.road, result.found
    node = np.array(road.node, dtype=object)
    volumes = pd.DataFrame(
        {
            "from": node[road.tail],
            "to": node[road.head],
            "volume": np.asarray(found.volume, dtype=np.float64),
            "cost": np.asarray(found.cost, dtype=np.float64),
        }
    )
    return {
        "assignment": pd.DataFrame([told]),
        "volumes": volumes,
        "disconnected": pd.DataFrame(pairs, columns=["origin", "destination", "trips"]),
        "history": pd.DataFrame(history, columns=["iteration", "relative_gap", "seconds"]),
    }


def read_road(
    network: pd.DataFrame | Path | str, trips: pd.DataFrame | Path | str, matrix: str | None = None
) -> tuple[Road, TripTable]:
    """A network and its trips from data frames, TNTP files, or a GMNS folder and an OMX file."""
    if isinstance(network, pd.DataFrame) and isinstance(trips, pd.DataFrame):
        return road_from_frames(network, trips)
    if isinstance(network, pd.DataFrame) or isinstance(trips, pd.DataFrame):
        raise UsageError("Give network and trips both as data frames or both as files.")
    if Path(network).is_dir():
        road = read_gmns_road(Path(network))
        return road, read_omx(Path(trips), road, matrix)
    return read_tntp(Path(network), Path(trips))


def road_from_frames(links: pd.DataFrame, trips: pd.DataFrame) -> tuple[Road, TripTable]:
    """A network and its trips from data frames; raises BadInputError with all faults.

    links : from, to, capacity, free_flow_time; b (0.15), power (4), length (0), toll (0)
    trips : from, to, trips
    """
    findings: list[Finding] = []
    ends = _names("links", links, findings)
    pairs = _names("trips", trips, findings)
    values = {c: _numbers("links", links, c, d, findings) for c, d in LINK_COLUMNS.items()}
    amount = _numbers("trips", trips, "trips", None, findings)
    nodes = tuple(dict.fromkeys(n for pair in zip(*ends, strict=True) for n in pair))
    position = {n: i for i, n in enumerate(nodes)}
    for column, names in zip(("from", "to"), pairs, strict=True):
        for i, name in enumerate(names):
            if name not in position:
                found = Finding("trips", i + 1, "", column, name, "a node of the links")
                findings.append(found)
    if findings:
        raise BadInputError(format_findings(findings), findings)

    def at(names: list[str]) -> np.ndarray:
        return np.array([position[n] for n in names], dtype=np.int32)

    road = Road(
        node=nodes,
        is_closed=np.zeros(len(nodes), dtype=np.bool_),
        zone=nodes,
        tail=at(ends[0]),
        head=at(ends[1]),
        **values,
    )
    return road, TripTable(at(pairs[0]), at(pairs[1]), amount)


def _names(table: str, frame: pd.DataFrame, findings: list[Finding]) -> tuple[list[str], list[str]]:
    out: list[list[str]] = []
    for column in ("from", "to"):
        if column in frame.columns:
            out.append([str(v) for v in frame[column].tolist()])
        else:
            findings.append(Finding(table, 0, "", column, "no such column", "names of nodes"))
            out.append([])
    return out[0], out[1]


def _numbers(
    table: str, frame: pd.DataFrame, column: str, default: float | None, findings: list[Finding]
) -> FloatArray:
    if column not in frame.columns:
        if default is None:
            findings.append(Finding(table, 0, "", column, "no such column", "numbers"))
        return np.full(len(frame), default or 0.0)
    values: FloatArray = np.asarray(pd.to_numeric(frame[column], errors="coerce"), np.float64)
    for i in np.flatnonzero(~np.isfinite(values) | (values < 0.0)):
        cell = str(frame[column].iloc[int(i)])
        findings.append(Finding(table, int(i) + 1, "", column, cell, "a number of zero or more"))
    return values
