"""Route sets kept on disk by the hash of what they were found from.

They lie in the user's cache folder (XDG_CACHE_HOME, or ~/.cache), in `entrepot`. The environment
variable ENTREPOT_CACHE names another folder, or is `off`. A file that was cut short or changed is
found out by its checksum and made anew; a folder that cannot be written to only costs time.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import numpy as np
from numpy.lib.npyio import NpzFile
from numpy.typing import NDArray

from entrepot.cost.when import When
from entrepot.flows.route_sets import NetworkRoutes, find_route_sets
from entrepot.kernels.choice.route_choice import RouteSets
from entrepot.routes.cargo_class import CargoClass, all_classes
from entrepot.routes.hubs import HubPairs

if TYPE_CHECKING:
    from entrepot.routes.session import Session

VARIABLE = "ENTREPOT_CACHE"
OFF = "off"
# Goes up with every change of code that changes the sets of an unchanged world.
VERSION = 1
PARTS = ("routes", "lengths", "arcs")
# Tables that say nothing of ways; any other may.
NOT_OF_WAYS = (
    "back_test_events", "back_tests", "bilateral_series", "commitments", "congestion",
    "corridor_constants", "corridor_counts", "corridor_volumes", "delivery_base_rates",
    "elasticity_estimates", "internal_trade", "land_outline", "legal_flags", "named_lines",
    "payment_friction", "pipeline_shares", "projects", "route_benchmark_paths", "route_benchmarks",
    "sources", "tariffs", "trade_alternatives", "trade_by_commodity", "trade_costs", "trade_totals",
    "value_densities",
)  # fmt: skip


def cached_route_sets(
    session: Session,
    on: str | None = None,
    classes: tuple[CargoClass, ...] | None = None,
    jobs: int = 1,
    beside: Session | None = None,
) -> NetworkRoutes:
    """`find_route_sets`, from the cache where it has them."""
    path = cache_path(session, on, classes, beside)
    if path is None:
        return find_route_sets(session, on, classes, jobs, beside)
    sets = read_sets(path, session.network.n_arc)
    if sets is not None:
        return NetworkRoutes(HubPairs.of_world(session.world), sets, _date(session, on))
    found = find_route_sets(session, on, classes, jobs, beside)
    write_sets(path, found.sets)
    return found


def cache_path(
    session: Session,
    on: str | None = None,
    classes: tuple[CargoClass, ...] | None = None,
    beside: Session | None = None,
) -> Path | None:
    """File of the sets of a date and classes; None where nothing is kept."""
    folder = cache_folder()
    if folder is None:
        return None
    key = cache_key(session, _date(session, on), classes or all_classes(session.world), beside)
    return folder / f"routes-{key}.npz"


def _date(session: Session, on: str | None) -> str:
    return When.parse(on or session.world.meta["default_date"]).text


def cache_folder() -> Path | None:
    """Where sets are kept; None for nowhere."""
    own = os.environ.get(VARIABLE, "")
    if own:
        return None if own == OFF else Path(own).expanduser()
    home = os.environ.get("XDG_CACHE_HOME", "")
    try:
        return (Path(home) if home else Path.home() / ".cache") / "entrepot"
    except RuntimeError:  # no home folder is known
        return None


def cache_key(
    session: Session, when: str, classes: tuple[CargoClass, ...], beside: Session | None = None
) -> str:
    """Hash of the facts, the network built from them, the date, the classes and the code's version."""
    network = session.network
    own, other = (
        "" if one is None else one.world.hash_without(*NOT_OF_WAYS) for one in (session, beside)
    )
    digest = hashlib.sha256(f"{VERSION}/{own}/{other}/{when}/{classes}".encode())
    for array in (network.indptr, network.head, network.kind, network.mode, network.link):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:32]


def write_sets(path: Path, sets: RouteSets) -> None:
    """Write beside the place and move there in one step; without success nothing is left."""
    small = np.uint16 if sets.n_arc <= np.iinfo(np.uint16).max else np.uint32
    parts: dict[str, NDArray[np.generic]] = {
        "routes": np.diff(sets.first).astype(np.uint16),
        "lengths": np.diff(sets.start).astype(np.uint16),
        "arcs": sets.arcs.astype(small),
    }
    temporary: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            dir=path.parent, prefix=".routes-", suffix=".tmp", delete=False
        ) as file:
            temporary = file.name
            np.savez_compressed(file, allow_pickle=False, checksum=_checksum(parts), **parts)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)


def read_sets(path: Path, n_arc: int) -> RouteSets | None:
    """Sets of a file, or None where there is none or not a whole one."""
    try:
        with path.open("rb") as opened:
            file = np.load(opened, allow_pickle=False)
            if not isinstance(file, NpzFile):
                return None
            parts = {name: file[name] for name in PARTS}
            if not np.array_equal(file["checksum"], _checksum(parts)):
                return None
        first = np.concatenate(
            (np.zeros(1, dtype=np.int64), parts["routes"].cumsum(dtype=np.int64))
        )
        start = np.concatenate(
            (np.zeros(1, dtype=np.int64), parts["lengths"].cumsum(dtype=np.int64))
        )
        return RouteSets.of(first, start, parts["arcs"], n_arc)
    except (OSError, EOFError, ValueError, KeyError, BadZipFile, zlib.error):
        return None


def _checksum(parts: dict[str, NDArray[np.generic]]) -> NDArray[np.uint8]:
    digest = hashlib.sha256()
    for name in PARTS:
        digest.update(f"{name}/{parts[name].dtype}/{parts[name].shape}".encode())
        digest.update(np.ascontiguousarray(parts[name]).tobytes())
    return np.frombuffer(digest.digest(), dtype=np.uint8)
