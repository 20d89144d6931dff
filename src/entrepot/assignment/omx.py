"""Matrices in OMX files (Open Matrix): HDF5 with groups `data` and `lookup`.

h5py reads them; it comes with the extra `omx`.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from entrepot.assignment.road import Road, TripTable
from entrepot.errors import BadInputError, Finding, UnknownNameError, UsageError, format_findings

MISSING = (
    "OMX files need the package h5py, which is not installed: install entrepot with its extra "
    "`omx`, as in `pip install 'entrepot[omx]'`."
)


def read_omx(path: Path, road: Road, matrix: str | None = None) -> TripTable:
    """Trips between zones of a network.

    matrix : its name in the file; may be left out where there is one only

    Rows and columns are the zones that the file's lookup names. Without a lookup they are the
    zones of the network in their order.
    """
    try:
        # By name, because type checkers know nothing of it where it is not installed.
        h5py: Any = import_module("h5py")
    except ImportError:
        raise UsageError(MISSING) from None
    findings: list[Finding] = []

    def fault(column: str, found: str, expected: str, tip: str = "") -> None:
        findings.append(Finding(path.name, 0, "", column, found, expected, tip))

    if path.exists() and not path.is_file():  # a pipe would be waited for
        fault("", "no regular file", "an OMX file")
        raise BadInputError(format_findings(findings), findings)
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        found = "no such file" if not path.exists() else str(error).split("(")[0].strip()
        fault("", found, "an OMX file")
        raise BadInputError(format_findings(findings), findings) from None
    with file:
        names = sorted(file["data"]) if "data" in file else []
        if not names:
            fault("data", "no matrices", "a group `data` that holds matrices")
            raise BadInputError(format_findings(findings), findings)
        if matrix is None and len(names) > 1:
            raise UsageError(f"{path.name} holds {', '.join(names)}: choose one with --matrix.")
        name = names[0] if matrix is None else matrix
        if name not in names:
            raise UnknownNameError(name, "matrix", names)
        values = np.asarray(file["data"][name][()], dtype=np.float64)
        lookups = sorted(file["lookup"]) if "lookup" in file else []
        ids = [_text(v) for v in file["lookup"][lookups[0]][()].tolist()] if lookups else None
    zones = list(road.zone) if ids is None else ids
    if values.shape != (len(zones), len(zones)):
        shape = " x ".join(map(str, values.shape))
        fault(name, shape, f"{len(zones)} x {len(zones)}, one row and column by zone")
    where = {zone: i for i, zone in enumerate(road.node)}
    known = set(road.zone)
    for zone in dict.fromkeys(zones):
        if zone not in known:
            fault("lookup", zone, "a zone of the network")
    if len(set(zones)) < len(zones):
        twice = next(z for z in zones if zones.count(z) > 1)
        fault("lookup", twice, "a zone that occurs once")
    if not findings:
        for i, j in np.argwhere(~((values >= 0.0) & np.isfinite(values)))[:100]:
            fault(f"{name} from {zones[i]} to {zones[j]}", f"{values[i, j]:g}", "zero or more")
    if findings:
        raise BadInputError(format_findings(findings), findings)
    at = np.array([where[zone] for zone in zones], dtype=np.int32)
    i, j = np.nonzero(values > 0.0)
    return TripTable(at[i], at[j], values[i, j])


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
