"""TNTP, GMNS and OMX files: what is read, and every fault with its place."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from entrepot.assignment import omx
from entrepot.assignment.assign import AssignmentSettings, assign_road, load_uses, save_uses
from entrepot.assignment.gmns import read_gmns_road
from entrepot.assignment.tntp import read_flow, read_tntp
from entrepot.errors import BadInputError, UnknownNameError, UsageError

NET = """<NUMBER OF ZONES> 2
<number of nodes>\t4\t\t
<FIRST THRU NODE> 3
<NUMBER OF LINKS> 4
<ORIGINAL HEADER>~ Init node; Term node ;
<END OF METADATA>


~ \tinit_node\tterm_node\tcapacity\tlength\tfree_flow_time\tb\tpower\tspeed\ttoll\tlink_type\t;
\t1\t3\t100\t1.5\t2\t0.15\t4\t0\t0\t1\t;
 3 4 1e2 1 1.0E+00 0 0 0 5 1;
\t4 2 100 1 1 .15 4 0 0 1   ~ no semicolon
2 4 100 1 1 0.15 4"""
TRIPS = """<NUMBER OF ZONES> 2
<TOTAL OD FLOW> 12.5
<END OF METADATA>

Origin \t1
    1 :   2.5;     2 :    10.0; ~ comment 3 : 4;
origin 2
"""


def files(folder: Path, net: str = NET, trips: str = TRIPS) -> tuple[Path, Path]:
    (folder / "net.tntp").write_text(net, encoding="utf-8")
    (folder / "trips.tntp").write_text(trips, encoding="utf-8")
    return folder / "net.tntp", folder / "trips.tntp"


def faults(error: BadInputError) -> list[tuple[str, int, str, str]]:
    return [(f.file, f.row, f.column, f.found) for f in error.findings]


def test_a_network_and_its_trips(tmp_path: Path) -> None:
    road, table = read_tntp(*files(tmp_path))
    assert road.node == ("1", "2", "3", "4")
    assert road.zone == ("1", "2")
    assert road.is_closed.tolist() == [True, True, False, False]
    assert road.tail.tolist() == [0, 2, 3, 1]
    assert road.head.tolist() == [2, 3, 1, 3]
    assert road.capacity.tolist() == [100] * 4
    assert road.length.tolist() == [1.5, 1, 1, 1]
    assert road.toll.tolist() == [0, 5, 0, 0]
    assert road.b.tolist() == [0.15, 0, 0.15, 0.15]
    assert table.origin.tolist() == [0, 0]
    assert table.destination.tolist() == [0, 1]
    assert table.amount.tolist() == [2.5, 10]
    assert table.stated == 12.5


def test_byte_order_mark_and_windows_lines(tmp_path: Path) -> None:
    net, trips = files(tmp_path)
    net.write_bytes(b"\xef\xbb\xbf" + NET.replace("\n", "\r\n").encode() + b"\n~ \xff odd comment")
    assert len(read_tntp(net, trips)[0].tail) == 4


def test_all_faults_of_both_files_in_one_pass(tmp_path: Path) -> None:
    net = (
        NET.replace("1e2", "1,5").replace("\t4 2 100", "\t9 2 -100").replace("LINKS> 4", "LINKS> 7")
    )
    net += "\n1 2 3\n1 3 1 1 1 nan 4"
    trips = TRIPS.replace("2 :    10.0", "5 : ten; 1 : 3").replace("12.5", "x")
    with pytest.raises(BadInputError) as caught:
        read_tntp(*files(tmp_path, net, trips))
    assert faults(caught.value) == [
        ("net.tntp", 11, "capacity", "1,5"),
        ("net.tntp", 12, "init_node", "9"),
        ("net.tntp", 12, "capacity", "-100"),
        ("net.tntp", 14, "", "3 fields"),
        ("net.tntp", 15, "b", "nan"),
        ("net.tntp", 4, "<NUMBER OF LINKS>", "7"),
        ("trips.tntp", 2, "<TOTAL OD FLOW>", "x"),
        ("trips.tntp", 6, "destination", "5"),
        ("trips.tntp", 6, "amount", "ten"),
        ("trips.tntp", 6, "destination", "1 to 1"),
    ]
    assert "row 11 capacity: found '1,5', expected a number" in str(caught.value)


@pytest.mark.parametrize(
    ("net", "trips", "said"),
    [
        (NET.replace("<END OF METADATA>", ""), TRIPS, "no <END OF METADATA>"),
        (NET.replace("<NUMBER OF ZONES> 2", ""), TRIPS, "no <NUMBER OF ZONES>"),
        (NET.replace("ZONES> 2", "ZONES> two"), TRIPS, "found 'two'"),
        (NET.replace("ZONES> 2", "ZONES> 9"), TRIPS, "at most 4, the nodes"),
        (NET.replace("NODE> 3", "NODE> 6"), TRIPS, "at most 5"),
        (NET, TRIPS.replace("Origin \t1", ""), "a line Origin first"),
        (NET, TRIPS.replace("1 :   2.5", "1 2.5"), "destination : amount"),
        (NET, TRIPS.replace("ZONES> 2", "ZONES> 3"), "expected 2, as the network has"),
        (NET, TRIPS.replace("origin 2", "origin 3"), "a whole number from 1 to 2"),
        (TRIPS, NET, "this looks like trips"),
        ("", TRIPS, "no <END OF METADATA>"),
    ],
)
def test_faults_say_what_is_wrong(tmp_path: Path, net: str, trips: str, said: str) -> None:
    with pytest.raises(BadInputError, match=said):
        read_tntp(*files(tmp_path, net, trips))


def test_files_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadInputError) as caught:
        read_tntp(tmp_path / "a.tntp", tmp_path / "b.tntp")
    assert [f.file for f in caught.value.findings] == ["a.tntp", "b.tntp"]


def test_flows(tmp_path: Path) -> None:
    road, _ = read_tntp(*files(tmp_path))
    flows = tmp_path / "flow.tntp"
    flows.write_text("From To Volume Cost\n3 4 5 1\n1 3 1e1 2\n4 2 10 1.5 ;\n2 4 0 1")
    volume, cost = read_flow(flows, road)
    assert volume.tolist() == [10, 5, 10, 0]
    assert cost.tolist() == [2, 1, 1.5, 1]
    flows.write_text("3 4 5 1\n3 4 5 1\n1 3 x\n")
    with pytest.raises(BadInputError) as caught:
        read_flow(flows, road)
    assert [f.row for f in caught.value.findings] == [2, 3]
    flows.write_text("3 4 5 1\n")
    with pytest.raises(BadInputError, match="no flow for 3 links"):
        read_flow(flows, road)


def gmns(folder: Path, nodes: str, rows: str) -> Path:
    (folder / "node.csv").write_text(nodes)
    (folder / "link.csv").write_text(rows)
    return folder


GMNS_NODES = "node_id,zone_id,node_type\nA,1,centroid\nB,2,centroid\nX,,\n"
GMNS_LINKS = (
    "from_node_id,to_node_id,directed,length,lanes,capacity,free_speed,toll\n"
    "A,X,0,1,2,900,60,\nX,B,1,2,,1000,40,3\n"
)


def test_a_gmns_network(tmp_path: Path) -> None:
    road = read_gmns_road(gmns(tmp_path, GMNS_NODES, GMNS_LINKS))
    assert road.node == ("A", "B", "X")
    assert road.zone == ("A", "B")
    assert road.is_closed.tolist() == [True, True, False]
    assert road.tail.tolist() == [0, 2, 2]
    assert road.head.tolist() == [2, 1, 0]
    assert road.capacity.tolist() == [1800, 1000, 1800]
    assert road.free_flow_time.tolist() == [1, 3, 1]
    assert road.b.tolist() == [0.15] * 3
    assert road.power.tolist() == [4] * 3
    assert road.toll.tolist() == [0, 3, 0]


def test_faults_of_a_gmns_network(tmp_path: Path) -> None:
    links = GMNS_LINKS.replace("A,X", "AA,X").replace("40", "0").replace("900", "many")
    with pytest.raises(BadInputError) as caught:
        read_gmns_road(gmns(tmp_path, GMNS_NODES + "A,3,\n", links))
    assert [(f.file, f.row, f.column) for f in caught.value.findings] == [
        ("node.csv", 5, "node_id"),
        ("link.csv", 2, "from_node_id"),
        ("link.csv", 2, "capacity"),
        ("link.csv", 3, "free_speed"),
    ]
    with pytest.raises(BadInputError, match="no such file"):
        read_gmns_road(tmp_path / "nowhere")


def write_omx(path: Path, values: Any, lookup: list[int] | None = None, name: str = "cars") -> Path:
    h5py = pytest.importorskip("h5py")
    with h5py.File(path, "w") as file:
        file.attrs["OMX_VERSION"] = np.bytes_("0.2")
        file.attrs["SHAPE"] = np.array(np.shape(values), dtype=np.int32)
        file.create_group("data").create_dataset(name, data=values, compression="gzip")
        group = file.create_group("lookup")
        if lookup is not None:
            group.create_dataset("zone", data=np.array(lookup))
    return path


def test_an_omx_matrix(tmp_path: Path) -> None:
    road, _ = read_tntp(*files(tmp_path))
    path = tmp_path / "trips.omx"
    table = omx.read_omx(write_omx(path, [[0.0, 3.0], [1.0, 0.0]]), road)
    assert list(zip(table.origin, table.destination, table.amount, strict=True)) == [
        (0, 1, 3.0),
        (1, 0, 1.0),
    ]
    table = omx.read_omx(write_omx(path, [[0.0, 3.0], [1.0, 0.0]], [2, 1]), road, "cars")
    assert list(zip(table.origin, table.destination, table.amount, strict=True)) == [
        (1, 0, 3.0),
        (0, 1, 1.0),
    ]


def test_faults_of_an_omx_matrix(tmp_path: Path) -> None:
    road, _ = read_tntp(*files(tmp_path))
    path = write_omx(tmp_path / "trips.omx", [[0.0, -3.0], [np.nan, 0.0]])
    with pytest.raises(BadInputError) as caught:
        omx.read_omx(path, road)
    assert [f.column for f in caught.value.findings] == ["cars from 1 to 2", "cars from 2 to 1"]
    with pytest.raises(UnknownNameError, match="cars"):
        omx.read_omx(path, road, "car")
    with pytest.raises(BadInputError, match="a zone of the network"):
        omx.read_omx(write_omx(path, [[0.0, 1.0], [1.0, 0.0]], [1, 7]), road)
    with pytest.raises(BadInputError, match="2 x 2"):
        omx.read_omx(write_omx(path, [[0.0]]), road)
    path.write_text("no matrix")
    with pytest.raises(BadInputError, match="an OMX file"):
        omx.read_omx(path, road)


def test_omx_without_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        raise ImportError(name)

    road, _ = read_tntp(*files(tmp_path))
    monkeypatch.setattr(omx, "import_module", missing)
    with pytest.raises(UsageError, match=r"entrepot\[omx\]"):
        omx.read_omx(tmp_path / "a.omx", road)


def test_generalised_cost_of_toll_and_distance(tmp_path: Path) -> None:
    road, table = read_tntp(*files(tmp_path))
    plain = assign_road(road, table, AssignmentSettings())
    priced = assign_road(road, table, AssignmentSettings(toll_factor=0.1, distance_factor=2.0))
    assert plain.found.volume.tolist() == [10, 10, 10, 0]
    extra = 0.1 * road.toll + 2.0 * road.length
    assert priced.found.cost == pytest.approx(plain.found.cost + extra)
    assert priced.as_json()["total_travel_time"] == pytest.approx(
        plain.as_json()["total_travel_time"]
    )
    assert priced.found.objective == pytest.approx(plain.found.objective + 10 * extra[:3].sum())


def test_uses_survive_a_change_of_the_network(tmp_path: Path) -> None:
    road, table = read_tntp(*files(tmp_path))
    result = assign_road(road, table, AssignmentSettings())
    path = tmp_path / "uses.npz"
    save_uses(result, path)
    uses = load_uses(path, road)
    assert uses.link.tolist() == result.found.uses.link.tolist()
    assert uses.flow.tolist() == result.found.uses.flow.tolist()
    shorter, _ = read_tntp(*files(tmp_path, NET.replace("LINKS> 4", "LINKS> 3").rsplit("\n", 1)[0]))
    assert len(load_uses(path, shorter).link) == 3
    again = assign_road(shorter, table, AssignmentSettings(warm=path))
    assert again.found.iterations == 0


def _saved(path: Path, **changed: object) -> None:
    sound = {
        "origin": np.array(["1"]), "start": np.array([0, 1]), "tail": np.array(["1"]),
        "head": np.array(["2"]), "rank": np.array([0]), "flow": np.array([1.0]),
    }  # fmt: skip
    np.savez(path, **sound | changed)


@pytest.mark.parametrize(
    "harm",
    [
        lambda p: p.write_text("something else"),
        lambda p: p.write_bytes(b""),
        lambda p: p.mkdir(),
        lambda p: os.mkfifo(p),
        lambda p: p.write_bytes(pickle.dumps(1)),
        lambda p: _saved(p, flow=np.array(["x"])),
        lambda p: _saved(p, flow=np.array([None], dtype=object)),
        lambda p: _saved(p, flow=np.array([-1.0])),
        lambda p: _saved(p, start=np.array([2, 1])),
        lambda p: _saved(p, start=np.array(5)),
        lambda p: _saved(p, tail=np.array([["1"]])),
    ],
)
def test_uses_that_were_not_saved_here_are_refused(
    tmp_path: Path, harm: Callable[[Path], object]
) -> None:
    road, _ = read_tntp(*files(tmp_path))
    path = tmp_path / "uses.npz"
    _saved(path)
    load_uses(path, road)
    path.unlink()
    harm(path)
    with pytest.raises(BadInputError, match="--save"):
        load_uses(path, road)


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
def test_an_omx_file_is_a_file(tmp_path: Path, make: Callable[[Path], object]) -> None:
    pytest.importorskip("h5py")
    road, _ = read_tntp(*files(tmp_path))
    make(tmp_path / "a.omx")
    with pytest.raises(BadInputError, match="no regular file"):
        omx.read_omx(tmp_path / "a.omx", road)


@pytest.mark.parametrize(
    "settings",
    [
        AssignmentSettings(gap=-1),
        AssignmentSettings(toll_factor=float("nan")),
        AssignmentSettings(iterations=-1),
        AssignmentSettings(threads=0),
    ],
)
def test_settings_that_make_no_sense(tmp_path: Path, settings: AssignmentSettings) -> None:
    with pytest.raises(UsageError):
        assign_road(*read_tntp(*files(tmp_path)), settings)
