"""Worlds: the shipped one, and folders laid over it."""

from __future__ import annotations

from pathlib import Path

import pytest

from entrepot.errors import BadInputError, UsageError
from entrepot.facts.load import (
    check_folder,
    load_world,
    read_world,
)
from entrepot.facts.world import World
from entrepot.schema.table import load_schema
from tests.facts.copies import Copy

NEW_NODE = "node_id,name,country,lat,lon,kind,rail_road,value_kind,source_id\n"
KHIVA = "khiva,Khiva,UZB,41.378,60.364,city,no,assumed,ASSUMED\n"


def write(folder: Path, **texts: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / name.replace("__", ".")).write_text(text, encoding="utf-8")
    return folder


def test_the_shipped_world(shipped: World):
    assert shipped.name == "eurasia"
    assert shipped.title == shipped.meta["title"]
    assert shipped.overridden == ()
    assert len(shipped.table("nodes")) > 350
    assert shipped.table("links") is shipped.table("links")
    assert load_world() is shipped
    with pytest.raises(UsageError, match="no table 'nods'"):
        shipped.table("nods")


def test_the_hash_is_over_all_cells(shipped: World):
    cells = {c: list(v) for c, v in shipped.raw["zones"].items()}
    same = World({**shipped.raw, "zones": cells}, shipped.meta)
    assert same.hash == shipped.hash
    other = {**cells, "note": ["changed", *cells["note"][1:]]}
    assert World({**shipped.raw, "zones": other}, shipped.meta).hash != shipped.hash
    assert World(shipped.raw, {**shipped.meta, "name": "x"}).hash != shipped.hash


def test_an_empty_folder_is_the_shipped_world(tmp_path: Path, shipped: World):
    world = load_world(write(tmp_path / "mine"))
    assert world.raw == shipped.raw
    assert (world.name, world.overridden) == ("mine", ())


def test_a_table_is_replaced_whole(tmp_path: Path, shipped: World):
    copy = Copy.of_shipped(tmp_path / "copy")
    copy.edit("links", "length_km", lambda _: "230", link_id="almaty-kordai:road")
    text = copy.path("links").read_text(encoding="utf-8")
    world = load_world(write(tmp_path / "mine", links__csv=text))
    assert world.overridden == ("links",)
    links = world.table("links").set_index("link_id")
    assert links.loc["almaty-kordai:road", "length_km"] == 230
    assert world.raw["nodes"] == shipped.raw["nodes"]
    assert world.hash != shipped.hash


def test_rows_are_added(tmp_path: Path, shipped: World):
    road = (
        "link_id,from_node_id,to_node_id,mode,length_km,status,opened_year,value_kind,source_id\n"
        "khiva-bukhara:road,khiva,bukhara,road,460,,,assumed,ASSUMED\n"
    )
    folder = write(tmp_path / "mine", nodes__add__csv=NEW_NODE + KHIVA, links__add__csv=road)
    world = load_world(folder)
    assert world.overridden == ("links", "nodes")
    assert len(world.table("nodes")) == len(shipped.table("nodes")) + 1
    last = world.table("links").iloc[-1]
    assert (last["link_id"], last["status"]) == ("khiva-bukhara:road", "operating")


def test_rows_are_added_to_a_table_that_is_replaced_too(tmp_path: Path):
    copy = Copy.of_shipped(tmp_path / "copy")
    text = copy.path("nodes").read_text(encoding="utf-8")
    folder = write(tmp_path / "mine", nodes__csv=text, nodes__add__csv=NEW_NODE + KHIVA)
    assert "khiva" in set(load_world(folder).table("nodes")["node_id"])


def test_faults_of_added_rows_are_placed_in_their_own_file(tmp_path: Path):
    """The cell, the key, and the names the tables check together."""
    rows = (
        "khiva,Khiva,UZB,41.378,60.364,town,no,assumed,ASSUMED\n"
        "almaty,Almaty,KAZ,43.34,76.95,city,no,assumed,ASSUMED\n"
        "nukus_2,Nukus,UZB,41.5,60.6,city,no,assumed,NOBODY\n"
    )
    findings = check_folder(write(tmp_path / "mine", nodes__add__csv=NEW_NODE + rows))
    assert {(f.file, f.row, f.column, f.found) for f in findings} == {
        ("nodes.add.csv", 2, "kind", "town"),
        ("nodes.add.csv", 3, "node_id", "almaty"),
        ("nodes.add.csv", 4, "source_id", "NOBODY"),
    }


def test_an_unreadable_added_file_is_told_alone(tmp_path: Path):
    (finding,) = check_folder(write(tmp_path / "mine", nodes__add__csv=""))
    assert (finding.file, finding.found) == ("nodes.add.csv", "an empty file")


def test_names_of_files_are_checked(tmp_path: Path):
    folder = write(tmp_path / "mine", node_s__csv="a\n", Links__CSV="a\n", notes__txt="free")
    findings = check_folder(folder)
    assert {(f.file, f.suggestion) for f in findings} == {
        ("node_s.csv", "Did you mean 'nodes.csv'?"),
        ("Links.CSV", "Did you mean 'links.csv'?"),
    }


def test_the_errors_of_a_folder_come_as_one_exception(tmp_path: Path):
    folder = write(tmp_path / "mine", nodes__add__csv=NEW_NODE + KHIVA + KHIVA)
    with pytest.raises(BadInputError, match="1 fault\n") as caught:
        load_world(folder)
    assert caught.value.exit_code == 3
    assert [f.row for f in caught.value.findings] == [3]
    bad = KHIVA.replace("UZB", "uzb").replace("city", "town")
    with pytest.raises(BadInputError, match="2 faults"):
        load_world(write(folder, nodes__add__csv=NEW_NODE + bad))


def test_a_folder_must_be_one(tmp_path: Path):
    with pytest.raises(UsageError, match="Folder not found"):
        load_world(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("text", "column", "told"),
    [
        ('titel = "x"', "titel", "Did you mean 'title'?"),
        ('base = "nome"', "base", "Did you mean 'none'?"),
        ('default_date = "2026-13-01"', "default_date", "a day"),
        ("name = ", "", "TOML"),
    ],
)
def test_world_toml_is_read_strictly(tmp_path: Path, text: str, column: str, told: str):
    (finding,) = check_folder(write(tmp_path / "mine", world__toml=text))
    assert (finding.file, finding.column) == ("world.toml", column)
    assert told in f"{finding.expected} {finding.suggestion}"


def test_world_toml_is_laid_over_that_of_the_base(tmp_path: Path, shipped: World):
    folder = write(tmp_path / "mine", world__toml='name = "m"\ndefault_date = 2025-01-01\n')
    world = load_world(folder)
    assert (world.name, world.meta["default_date"]) == ("m", "2025-01-01")
    assert world.meta["trade_base_year"] == shipped.meta["trade_base_year"]


TWO_NODES = NEW_NODE + (
    "a,A,KAZ,45,60,city,no,assumed,ASSUMED\n"
    "b,B,KAZ,45,61,city,no,assumed,ASSUMED\n"
)  # fmt: skip
ONE_ROAD = (
    "link_id,from_node_id,to_node_id,mode,length_km,status,opened_year,value_kind,source_id\n"
    "a-b:road,a,b,road,90,,,assumed,ASSUMED\n"
)


def test_a_world_of_rates_needs_places_only(tmp_path: Path, shipped: World):
    """What holds for no particular place comes from the shipped world."""
    folder = write(
        tmp_path / "mine", world__toml='base = "rates"', nodes__csv=TWO_NODES, links__csv=ONE_ROAD
    )
    world = load_world(folder)
    assert list(world.table("nodes")["node_id"]) == ["a", "b"]
    assert world.raw["modes"] == shipped.raw["modes"]
    assert set(world.table("transfers")["node_id"]) == {"*"}
    assert set(world.table("services")["from_node_id"]) == {"*"}
    assert len(world.table("zones")) == 0
    assert world.table("border_crossings")["hours_p50"].dtype == "float64"


def test_a_world_that_stands_alone_says_what_it_lacks(tmp_path: Path):
    folder = write(tmp_path / "mine", world__toml='base = "none"', nodes__csv=TWO_NODES)
    lacking = {f.file for f in check_folder(folder) if f.row == 0}
    assert {"links.csv", "modes.csv", "parameters.csv", "world.toml"} <= lacking
    assert "zones.csv" not in lacking


def test_a_world_can_stand_alone(tmp_path: Path, shipped: World):
    copy = Copy.of_shipped(tmp_path / "copy")
    text = (copy.folder / "world.toml").read_text(encoding="utf-8")
    (copy.folder / "world.toml").write_text('base = "none"\n' + text, encoding="utf-8")
    world = load_world(copy.folder)
    assert world.raw == shipped.raw
    assert set(world.overridden) == set(shipped.raw)
    optional = ("bilateral_series", "commitments", "legal_flags", "named_lines", "land_outline")
    for name in optional:
        copy.path(name).unlink()
    world = load_world(copy.folder)
    for name in optional:
        assert len(world.table(name)) == 0
        assert list(world.table(name).columns) == [c.name for c in load_schema()[name].columns]


def test_a_file_that_cannot_be_read_hides_nothing_but_itself(tmp_path: Path):
    """No thousand follow-up faults about nodes that a broken nodes.csv does not give."""
    world, findings = read_world(write(tmp_path / "mine", nodes__csv='node_id,"name\n'))
    assert [f.file for f in findings] == ["nodes.csv"]
    assert world.raw["nodes"] == {}
    assert len(check_folder(tmp_path / "mine")) == 1
