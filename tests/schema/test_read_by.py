"""Who reads a column: declared once, and nobody reads more than that."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import entrepot.network.build as build
import entrepot.routes.session as sessions
from entrepot.equilibrium.coupled import CoupledWorld
from entrepot.errors import BadInputError, UsageError
from entrepot.facts.change import Change, apply, is_of_baseline
from entrepot.facts.load import load_world
from entrepot.facts.places import describe_place
from entrepot.facts.world import World
from entrepot.flows.flow_model import FlowModel
from entrepot.flows.route_cache import OFF, VARIABLE
from entrepot.network.build import build_network
from entrepot.routes.cargo_class import all_classes
from entrepot.routes.legs import legal_flags
from entrepot.routes.session import Session
from entrepot.schema.check import NO_COLUMN, Raw, check_table
from entrepot.schema.table import MODEL, READERS, SCENARIO, Column, Table, load_schema
from entrepot.trade.world.trade_world import TradeWorld, day_of
from entrepot.uncertainty.sampler import Sampler
from tests.equilibrium.coupled_worlds import facts
from tests.questions.promised_worlds import MORE
from tests.schema.recording import Recorder, recorded

DAY = "2024-06-30"
COLUMNS = [(t, c) for t in load_schema().values() for c in t.columns]
IDS = [f"{t.name}.{c.name}" for t, c in COLUMNS]
# Every day a column of each reader; all of them with the slow tests.
SAMPLED = [
    pytest.param(t, c, id=f"{t.name}.{c.name}", marks=[] if k % 12 == 0 else [pytest.mark.slow])
    for k, (t, c) in enumerate(COLUMNS)
]
SHIPPED = load_world()
# The first rows of every shipped table: enough to change any column in.
FEW = {n: {c: v[:9] for c, v in SHIPPED.raw[n].items()} for n in load_schema()}
# What a room may read: columns with any of these readers.
ROOMS = {
    "network": ("topology",),
    "states of links": ("price",),
    "prices": ("price",),
    "rules": ("rule",),
    "names": ("name",),
    "places": ("name",),
    "trade": ("trade", "base"),
    "flows and trade together": ("price", "trade", "base"),
    "flags": ("law", "name"),
}


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=IDS)
def test_every_column_declares_its_readers(table: Table, column: Column) -> None:
    assert column.read_by
    assert set(column.read_by) <= set(READERS)
    assert len(set(column.read_by)) == len(column.read_by)
    if "text" in column.read_by or "law" in column.read_by:
        assert len(column.read_by) == 1, "who reads it for the model, or nobody does"


def room_of(monkeypatch: pytest.MonkeyPatch, recorder: Recorder) -> None:
    """States of links and rules are rooms of their own inside those that call them."""
    for module, name, room in (
        (build, "_states", "states of links"),
        (sessions, "compile_rules", "rules"),
    ):
        inner = getattr(module, name)

        def outer(*args: object, inner=inner, room=room) -> object:  # type: ignore[no-untyped-def]
            with recorder.room(room):
                return inner(*args)

        monkeypatch.setattr(module, name, outer)


def read_all(world: World, recorder: Recorder) -> tuple[Session, TradeWorld]:
    """Build the network, price, rule and name it, and build the world of trade."""
    with recorder.room("network"):
        network = build_network(world)
    with recorder.room("names"):
        session = Session._on(world, network, Sampler())
    with recorder.room("prices"):
        for one in all_classes(world):
            session.pricing(one.commodity, one.unit, DAY)
        for unit in ("teu", "feu", "truck", "t"):
            session.pricing(None, unit, DAY, planned=True)
    with recorder.room("trade"):
        trade = TradeWorld.of_world(world, detail="commodity", on=day_of(DAY))
        TradeWorld.of_world(world, internal="gdp", on=day_of(DAY))
    with recorder.room("places"):
        describe_place(world, world.raw["zone_hubs"]["zone_id"][0])
        describe_place(world, network.place_id[0])
    with recorder.room("flags"):
        legal_flags(world, network.place_country, network.place_id)
    return session, trade


def undeclared(recorder: Recorder) -> dict[str, list[str]]:
    """Columns that a room reads and that do not say so."""
    schema = load_schema()
    out = {
        room: sorted(
            f"{table}.{column}"
            for table, column in seen
            if not schema[table].column(column).is_read_by(*ROOMS[room])
        )
        for room, seen in recorder.seen.items()
    }
    return {room: columns for room, columns in out.items() if columns}


def test_no_room_reads_an_undeclared_column_of_a_small_world(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(VARIABLE, OFF)  # routes that are read from disk read no facts
    recorder = Recorder()
    room_of(monkeypatch, recorder)
    world = recorded(facts(**MORE), recorder)
    session, trade = read_all(world, recorder)
    with recorder.room("flows and trade together"):
        CoupledWorld.of(FlowModel.of(session, DAY), trade)
    assert set(recorder.seen) == set(ROOMS) - {"flags"}  # a world without legal flags
    assert not undeclared(recorder)


def test_no_room_reads_an_undeclared_column_of_the_shipped_world(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    recorder = Recorder()
    room_of(monkeypatch, recorder)
    read_all(recorded(SHIPPED, recorder), recorder)
    assert set(recorder.seen) == set(ROOMS) - {"flows and trade together"}
    assert not undeclared(recorder)
    # What the model is said to read of the shipped world by itself is read.
    topology = {(t.name, c.name) for t, c in COLUMNS if c.read_by == ("topology",)}
    assert topology == recorder.seen["network"] - {
        (t.name, c.name) for t, c in COLUMNS if c.read_by != ("topology",)
    }


def test_every_way_to_read_a_column_is_seen() -> None:
    recorder = Recorder()
    world = recorded(SHIPPED, recorder)
    ways = {
        "item": lambda: world.table("units")["payload_t"],
        "list": lambda: world.table("units")[["payload_t"]],
        "attribute": lambda: world.table("units").payload_t,
        "tuples": lambda: [r.payload_t for r in world.table("units").itertuples(index=False)],
        "records": lambda: [r.payload_t for r in world.records("units")],
        "loc": lambda: world.table("units").set_index("unit").loc["teu", "payload_t"],
        "row": lambda: world.table("units").set_index("unit").loc["teu"]["payload_t"],
        "at": lambda: world.table("units").set_index("unit").at["teu", "payload_t"],
        "iloc": lambda: world.table("units").iloc[0]["payload_t"],
        "group": lambda: world.table("units").groupby("payload_t"),
        "sorted": lambda: world.table("units").sort_values("payload_t"),
    }
    for name, way in ways.items():
        with recorder.room(name):
            way()
    assert {n for n in ways if ("units", "payload_t") in recorder.seen[n]} == set(ways)


def keys(world: World) -> dict[str, str]:
    return {reader: world.key(reader) for reader in READERS}


def with_cells(table: str, **cells: list[str]) -> World:
    return World({**FEW, table: {**FEW[table], **cells}}, SHIPPED.meta)


@given(st.sampled_from(COLUMNS), st.integers(0, 8), st.text(max_size=4))
def test_a_cell_moves_the_keys_of_its_readers_and_no_other(
    at: tuple[Table, Column], row: int, text: str
) -> None:
    table, column = at
    own = FEW[table.name]
    before = own.get(column.name, [""] * len(next(iter(own.values()))))
    row = row % len(before)
    after = [*before[:row], before[row] + "x" + text, *before[row + 1 :]]
    one, other = World(FEW, SHIPPED.meta), with_cells(table.name, **{column.name: after})
    old, new = keys(one), keys(other)
    assert {r for r in READERS if old[r] != new[r]} == set(column.read_by)
    assert one.hash != other.hash
    assert (one.key("topology", "base") != other.key("topology", "base")) == column.is_read_by(
        "topology", "base"
    )


@given(st.lists(st.text(max_size=3), max_size=4), st.lists(st.text(max_size=3), max_size=4))
def test_cells_cannot_run_together(a: list[str], b: list[str]) -> None:
    one, other = with_cells("nodes", lat=a), with_cells("nodes", lat=b)
    assert (one.key("topology") == other.key("topology")) == (a == b)
    assert (one.hash == other.hash) == (a == b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ({"lat": ["ab", "c"]}, {"lat": ["a", "bc"]}),
        ({"lat": ["a\x02b"]}, {"lat": ["a", "b"]}),
        ({"lat": ["a", "b"], "lon": ["c"]}, {"lat": ["a"], "lon": ["b", "c"]}),
        ({"lat": ["1:a"]}, {"lat": ["a", ""]}),
    ],
)
def test_cells_that_look_alike_side_by_side_differ(
    a: dict[str, list[str]], b: dict[str, list[str]]
) -> None:
    one, other = with_cells("nodes", **a), with_cells("nodes", **b)
    assert one.key("topology") != other.key("topology")
    assert one.hash != other.hash


def test_a_column_that_is_not_there_is_one_of_empty_cells() -> None:
    bare = {c: v for c, v in FEW["links"].items() if c != "opened_year"}
    one = World({**FEW, "links": bare}, SHIPPED.meta)
    empty = with_cells("links", opened_year=[""] * len(bare["link_id"]))
    assert keys(one) == keys(empty)


def test_keys_kept_through_a_change_are_those_of_a_fresh_world() -> None:
    world = World(SHIPPED.raw, SHIPPED.meta)
    before = keys(world)
    link = world.raw["links"]["link_id"][0]
    changed = apply(world, [Change("links", link, "length_km", "scale", "1.5")])
    assert keys(changed) == keys(World(changed.raw, changed.meta))
    assert {r for r in READERS if keys(changed)[r] != before[r]} == {"topology"}


def test_unknown_readers_are_refused() -> None:
    with pytest.raises(ValueError, match="Known: topology"):
        SHIPPED.key("prices")
    with pytest.raises(ValueError, match="Known: topology"):
        SHIPPED.key()


@pytest.mark.parametrize(("table", "column"), SAMPLED)
def test_a_change_may_touch_what_a_scenario_is_made_of(table: Table, column: Column) -> None:
    raw = SHIPPED.raw[table.name]
    if not raw[table.keys[0]]:  # a table for scenarios alone, shipped empty: its rows name flows
        world = apply(SHIPPED, [Change(table.name, operation="insert", value=TRADE_COST)])
        change = Change(table.name, "KAZ,IRN,cereals", column.name, "set", "1")
        if column.name != "factor":
            with pytest.raises(BadInputError, match="column"):
                apply(world, [change])
            return
        assert not is_of_baseline(change)
        assert apply(world, [change]).key("trade") == world.key("trade")
    else:
        touches(SHIPPED, table, column)


TRADE_COST = {"exporter": "KAZ", "importer": "IRN", "commodity": "cereals", "factor": "1"}


def touches(world: World, table: Table, column: Column) -> None:
    """A change of the first cell of a column is made or refused as its readers say."""
    raw = world.raw[table.name]
    row = ",".join(raw[k][0] if k in raw else "" for k in table.keys)
    cells = raw.get(column.name, [""])
    change = Change(table.name, row, column.name, "set", cells[0])
    assert is_of_baseline(change) == ("base" in column.read_by)
    if column.read_by == ("law",):
        with pytest.raises(UsageError, match="which nobody changes"):
            apply(world, [change])
    elif column.is_read_by(*SCENARIO, "base"):
        if table.name not in ("trade_by_commodity", "trade_totals"):  # long to check again
            assert apply(world, [change]).raw[table.name][column.name][0] == cells[0]
    else:
        with pytest.raises(BadInputError, match=r"changes nothing|only names") as told:
            apply(world, [change])
        assert told.value.findings[0].column == "column"


@pytest.mark.parametrize(("table", "column"), [p for p in SAMPLED if p.values[1].must_be_there])
def test_a_left_out_column_that_decides_is_told(table: Table, column: Column) -> None:
    raw: Raw = {c: v for c, v in FEW[table.name].items() if c != column.name}
    assert not [f for f in check_table(table, FEW[table.name]) if f.found == NO_COLUMN]
    (found,) = (f for f in check_table(table, raw) if f.found == NO_COLUMN)
    assert (found.file, found.column) == (table.file, column.name)
    assert found.expected
    assert found.suggestion


def test_no_default_of_the_model_is_taken_for_a_whole_column() -> None:
    for table, column in COLUMNS:
        if column.default and column.is_read_by(*MODEL) and not column.may_miss:
            assert column.must_be_there, f"{table.name}.{column.name}"


def test_planned_links_do_not_open_where_their_state_is_left_out(tmp_path: Path) -> None:
    links = {c: v for c, v in SHIPPED.raw["links"].items() if c != "status"}
    rows = zip(*links.values(), strict=True)
    lines = [",".join(links), *(",".join(f'"{c}"' for c in row) for row in rows)]
    (tmp_path / "links.csv").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(BadInputError, match="every row would be 'operating'") as told:
        load_world(tmp_path)
    assert [(f.file, f.column) for f in told.value.findings] == [("links.csv", "status")]
