"""GMNS files in and out."""

from __future__ import annotations

from pathlib import Path

import pytest

from entrepot.facts.gmns import read_gmns, write_gmns
from entrepot.facts.load import check_folder, load_world
from entrepot.facts.world import World

NODES = "node_id,x_coord,y_coord,country\na,60,45,KAZ\nb,61,45,KAZ\nc,62,45,KAZ\n"
LINKS = (
    "link_id,from_node_id,to_node_id,directed,length,allowed_uses\n"
    "1,a,b,0,90,road\n"
    "2,b,c,1,92,road\n"
    "3,c,b,1,95,road\n"
)


def write(folder: Path, nodes: str = NODES, links: str = LINKS, config: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in (("node.csv", nodes), ("link.csv", links), ("config.csv", config)):
        if text:
            (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_a_folder_of_gmns_files_is_a_world(tmp_path: Path):
    world = load_world(write(tmp_path / "net"))
    nodes, links = world.table("nodes"), world.table("links")
    assert list(nodes["lon"]) == [60, 61, 62]
    assert list(nodes["name"]) == ["a", "b", "c"]
    assert list(nodes["kind"]) == ["city"] * 3
    assert list(links["link_id"]) == ["1", "2"]
    assert list(links["length_km"]) == [90, 92]
    assert set(links["value_kind"]) == {"estimated"}
    assert world.overridden == ("links", "nodes")
    assert len(world.table("modes"))


@pytest.mark.parametrize(("unit", "factor"), [("mi", 1.609344), ("m", 0.001), ("km", 1.0), ("", 1)])
def test_lengths_are_in_the_unit_of_the_network(tmp_path: Path, unit: str, factor: float):
    links = LINKS.replace(",90,", f",{90 / factor},")
    links = links.replace(",92,", f",{92 / factor},").replace(",95,", f",{95 / factor},")
    config = f"dataset_name,long_length\nx,{unit}\n"
    world = load_world(write(tmp_path / "net", links=links, config=config))
    assert list(world.table("links")["length_km"]) == pytest.approx([90, 92], rel=1e-5)


def test_an_unknown_unit_is_a_fault(tmp_path: Path):
    config = "dataset_name,long_length\nx,leagues\n"
    (finding,) = check_folder(write(tmp_path / "net", config=config))
    assert (finding.file, finding.column, finding.found) == ("config.csv", "long_length", "leagues")


def test_traffic_one_way_only_is_a_fault(tmp_path: Path):
    links = LINKS.replace("3,c,b,1,95,road\n", "")
    (finding,) = check_folder(write(tmp_path / "net", links=links))
    assert (finding.file, finding.row, finding.column) == ("link.csv", 3, "directed")
    assert "both directions" in finding.suggestion


def test_faults_are_placed_in_the_files_and_columns_of_gmns(tmp_path: Path):
    """Also behind a twin that was dropped, and with the words of GMNS."""
    links = LINKS + "4,a,d,0,150,road\n5,a,c,0,far,bus\n6,a,b,0,90,rail\n"
    nodes = NODES.replace("c,62,45,KAZ", "c,62,95,KAZ")
    findings = check_folder(write(tmp_path / "net", nodes, links))
    told = {(f.file, f.row, f.column, f.found) for f in findings}
    assert {
        ("node.csv", 4, "y_coord", "95"),
        ("link.csv", 5, "to_node_id", "d"),
        ("link.csv", 6, "length", "far"),
        ("link.csv", 6, "allowed_uses", "bus"),
        ("link.csv", 7, "gauge_mm", ""),
    } <= told


def test_without_a_country_the_fault_says_so(tmp_path: Path):
    nodes = "node_id,x_coord,y_coord\na,60,45\nb,61,45\nc,62,45\n"
    findings = check_folder(write(tmp_path / "net", nodes=nodes))
    assert ("node.csv", 1, "country") in {(f.file, f.row, f.column) for f in findings}


def test_facility_type_stands_in_for_allowed_uses(tmp_path: Path):
    links = LINKS.replace("allowed_uses", "facility_type")
    assert set(load_world(write(tmp_path / "net", links=links)).table("links")["mode"]) == {"road"}


def test_both_files_are_needed_and_must_be_readable(tmp_path: Path):
    folder = write(tmp_path / "net", nodes="")
    assert [(f.file, f.found) for f in check_folder(folder)] == [("node.csv", "no such file")]
    folder = write(tmp_path / "other")
    (folder / "link.csv").write_text("")
    assert [(f.file, f.found) for f in check_folder(folder)] == [("link.csv", "an empty file")]


def test_a_world_written_as_gmns_comes_back(tmp_path: Path, shipped: World):
    folder = tmp_path / "out"
    write_gmns(shipped, folder)
    tables, findings = read_gmns(folder)
    assert not findings
    for name, (cells, origin) in tables.items():
        assert cells == {c: shipped.raw[name][c] for c in cells}
        assert set(cells) == set(shipped.raw[name])
        assert len(origin) == len(shipped.table(name))
    (folder / "world.toml").write_text('base = "eurasia"\n', encoding="utf-8")
    assert load_world(folder).raw == shipped.raw
