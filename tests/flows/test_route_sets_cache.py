"""The cache of route sets: the same as fresh, found again, and never trusted blindly."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import ClassVar
from zipfile import ZipFile

import numpy as np
import pytest

from entrepot.facts.change import Change, apply
from entrepot.facts.world import World
from entrepot.flows import route_cache
from entrepot.flows.flow_model import FlowModel
from entrepot.flows.route_cache import PARTS, VARIABLE, cache_folder, cached_route_sets, read_sets
from entrepot.flows.route_sets import NetworkRoutes, find_route_sets
from entrepot.routes.cargo_class import CargoClass
from entrepot.routes.session import Session
from tests.flows.flow_worlds import BOX, zone_world


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "kept"))
    return tmp_path / "kept"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was searched for, and not found in the cache."""
    calls: list[str] = []

    def counted(session: Session, on: str | None, *rest: object) -> NetworkRoutes:
        calls.append(str(on))
        return find_route_sets(session, on, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(route_cache, "find_route_sets", counted)
    return calls


def parts(routes: NetworkRoutes) -> list[bytes]:
    sets = routes.sets
    names = ("first", "start", "arcs", "pair", "users", "begin")
    return [getattr(sets, name).tobytes() for name in names]


def test_cached_is_fresh(folder: Path, asked: list[str]) -> None:
    session = Session.open(zone_world())
    fresh = find_route_sets(session, classes=BOX)
    first, again = (cached_route_sets(session, classes=BOX) for _ in range(2))
    assert parts(first) == parts(again) == parts(fresh)
    assert first.on == again.on == fresh.on == "2026-06-30"
    assert asked == ["None"]
    assert [p.suffix for p in folder.iterdir()] == [".npz"]  # nothing half written stays
    skims = [FlowModel.of(session, classes=BOX).skim().cost.tobytes() for _ in range(2)]
    assert skims[0] == skims[1]
    assert len(asked) == 1


def test_another_question_is_another_file(folder: Path, asked: list[str]) -> None:
    session = Session.open(zone_world())
    other = Session.open(
        apply(session.world, [Change("parameters", "max_routes", "value", "set", "8")])
    )
    cached_route_sets(session, classes=BOX)
    cached_route_sets(session, "2026-06-30", classes=BOX)
    assert len(asked) == 1
    cached_route_sets(session, "2025", classes=BOX)
    cached_route_sets(session, classes=(CargoClass("coal", "t"),))
    cached_route_sets(other, classes=BOX)
    assert len(asked) == len(list(folder.iterdir())) == 4


def test_what_routes_do_not_rest_on_is_the_same_question(folder: Path, asked: list[str]) -> None:
    session = Session.open(zone_world())
    cached_route_sets(session, classes=BOX)
    raw = session.world.raw
    notes = {**raw["links"], "note": ["x"] * len(raw["links"]["link_id"])}
    noted = World({**raw, "links": notes, "land_outline": {}}, session.world.meta)
    cached_route_sets(Session.open(noted), classes=BOX)
    assert len(asked) == len(list(folder.iterdir())) == 1


class Mark:
    """Leaves a mark when a pickle of it is read."""

    made: ClassVar[list[int]] = []

    def __reduce__(self) -> tuple[object, ...]:
        return Mark.made.append, (1,)


@pytest.mark.parametrize(
    "harm",
    ["cut", "flipped", "empty", "other", "array", "swapped", "objects", "bomb", "huge", "method"],
)
def test_a_damaged_file_is_made_anew(folder: Path, asked: list[str], harm: str) -> None:
    session = Session.open(zone_world())
    sound = parts(cached_route_sets(session, classes=BOX))
    (path,) = folder.iterdir()
    data = path.read_bytes()
    if harm == "cut":
        path.write_bytes(data[: len(data) // 2])
    elif harm == "flipped":
        middle = len(data) // 2
        path.write_bytes(data[:middle] + bytes([data[middle] ^ 0xFF]) + data[middle + 1 :])
    elif harm == "empty":
        path.write_bytes(b"")
    elif harm == "other":
        np.savez(path, lengths=np.arange(3))
    elif harm == "array":
        with path.open("wb") as file:
            np.save(file, np.arange(3))
    elif harm == "objects":
        np.savez(path, **dict.fromkeys((*PARTS, "checksum"), np.array([Mark()], dtype=object)))
    elif harm == "bomb":
        path.write_bytes(pickle.dumps(Mark()))
    elif harm == "huge":
        head = f"{{'descr': '<u2', 'fortran_order': False, 'shape': ({2**60},), }}"
        member = b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head.encode()
        with ZipFile(path, "w") as archive:
            for name in (*PARTS, "checksum"):
                archive.writestr(f"{name}.npy", member)
    elif harm == "method":  # an archive packed by no known method
        path.write_bytes(data.replace(b"PK\x03\x04\x2d\x00\x00\x00\x08", b"PK\x03\x04\x2d\x00\x00\x00\x63")
                         .replace(b"\x2d\x00\x00\x00\x08\x00", b"\x2d\x00\x00\x00\x63\x00"))  # fmt: skip
        assert path.read_bytes() != data
    else:  # a whole archive of which one array is not the one that was written
        with np.load(path) as archive:
            held = {name: archive[name] for name in archive.files}
        held["arcs"] = held["arcs"][::-1]
        np.savez(path, **held)
    assert read_sets(path, session.network.n_arc) is None
    assert not Mark.made
    assert parts(cached_route_sets(session, classes=BOX)) == sound
    assert len(asked) == 2
    assert path.stat().st_size == len(data)
    cached_route_sets(session, classes=BOX)
    assert len(asked) == 2


def test_where_the_cache_lies(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(VARIABLE, "off")
    assert cache_folder() is None
    monkeypatch.delenv(VARIABLE)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "entrepot"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert cache_folder() == tmp_path / ".cache" / "entrepot"
    monkeypatch.setenv(VARIABLE, str(tmp_path / "own"))
    assert cache_folder() == tmp_path / "own"

    def homeless() -> Path:
        raise RuntimeError

    monkeypatch.delenv(VARIABLE)
    monkeypatch.setattr(Path, "home", homeless)
    assert cache_folder() is None


def test_off_and_a_folder_that_cannot_be_written_cost_time_only(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, asked: list[str]
) -> None:
    session = Session.open(zone_world())
    monkeypatch.setenv(VARIABLE, "off")
    none = [cached_route_sets(session, classes=BOX) for _ in range(2)]
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "file" / "below"))
    none += [cached_route_sets(session, classes=BOX)]
    assert len(asked) == 3
    assert len({tuple(parts(n)) for n in none}) == 1


def test_a_write_that_fails_leaves_nothing(
    folder: Path, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError("no space")

    session = Session.open(zone_world())
    monkeypatch.setattr(np, "savez_compressed", full)
    cached_route_sets(session, classes=BOX)
    assert not list(folder.iterdir())


def test_a_pipe_in_the_cache_is_not_waited_for(folder: Path) -> None:
    folder.mkdir()
    os.mkfifo(folder / "routes.npz")
    assert read_sets(folder / "routes.npz", 1) is None
