"""Changes: laws, faults, and their TOML."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entrepot.errors import BadInputError
from entrepot.facts.change import Change, apply, row_keys
from entrepot.facts.load import load_world
from entrepot.facts.read_changes import as_cell, read_changes
from entrepot.facts.world import World
from entrepot.schema.table import load_schema

ROAD = "almaty-kordai:road"
WORLD = load_world()
ROADS = [
    link
    for link, mode in zip(WORLD.raw["links"]["link_id"], WORLD.raw["links"]["mode"], strict=True)
    if mode == "road"
][:40]
LENGTHS = st.floats(1, 5000).map(lambda v: repr(round(v, 3)))
CHANGES = st.builds(
    Change,
    table=st.just("links"),
    row=st.sampled_from(ROADS),
    column=st.just("length_km"),
    operation=st.sampled_from(["set", "add", "scale"]),
    value=LENGTHS,
)


def length(world: World, row: str = ROAD) -> float:
    return float(world.table("links").set_index("link_id").loc[row, "length_km"])


def change(**cells: str) -> Change:
    given_ = {"table": "links", "row": ROAD, "column": "length_km", "operation": "set"}
    return Change(**{**given_, "value": "200", **cells})


def test_no_change_is_the_same_world():
    assert apply(WORLD, []) is WORLD


@settings(max_examples=25)
@given(st.lists(CHANGES, min_size=1, max_size=6))
def test_a_change_leaves_the_baseline_and_all_other_cells_alone(changes: list[Change]):
    before = WORLD.hash
    world = apply(WORLD, changes)
    assert WORLD.hash == before
    touched = {c.row for c in changes}
    for table, cells in WORLD.raw.items():
        for column, old in cells.items():
            new = world.raw[table][column]
            differ = [i for i, (a, b) in enumerate(zip(old, new, strict=True)) if a != b]
            if (table, column) != ("links", "length_km"):
                assert not differ
            assert {WORLD.raw["links"]["link_id"][i] for i in differ} <= touched
    assert world.overridden == ("links",)


@settings(max_examples=25)
@given(st.lists(CHANGES, max_size=4), st.lists(CHANGES, max_size=4))
def test_changes_one_after_the_other_are_one_list(first: list[Change], then: list[Change]):
    assert apply(apply(WORLD, first), then).raw == apply(WORLD, [*first, *then]).raw


@settings(max_examples=25)
@given(LENGTHS, LENGTHS)
def test_the_last_set_counts_and_setting_twice_is_setting_once(a: str, b: str):
    assert length(apply(WORLD, [change(value=a), change(value=b)])) == float(b)
    once = apply(WORLD, [change(value=a)])
    assert apply(once, [change(value=a)]).hash == once.hash


@settings(max_examples=25)
@given(st.integers(-10, 10))
def test_scaling_by_a_power_of_two_and_back_is_exact(power: int):
    there = change(operation="scale", value=repr(2.0**power))
    back = change(operation="scale", value=repr(2.0**-power))
    assert length(apply(WORLD, [there, back])) == length(WORLD)


def test_the_three_operations():
    assert length(apply(WORLD, [change(value="250")])) == 250
    assert length(apply(WORLD, [change(operation="add", value="32")])) == length(WORLD) + 32
    assert length(apply(WORLD, [change(operation="scale", value="0.5")])) == length(WORLD) / 2


def test_whole_numbers_stay_whole():
    row = "hairatan-mazar:rail"
    world = apply(WORLD, [change(row=row, column="opened_year", operation="add", value="1")])
    i = world.raw["links"]["link_id"].index(row)
    assert world.raw["links"]["opened_year"][i] == "2012"


def test_several_keys_and_defaults_name_a_row():
    crossing = Change("border_crossings", "dostyk, alashankou, rail", "usd_per_teu", "set", "10")
    world = apply(WORLD, [crossing])
    i = row_keys(load_schema()["border_crossings"], WORLD.raw["border_crossings"])
    at = i["dostyk,alashankou,rail"]
    assert world.table("border_crossings")["usd_per_teu"][at] == 10
    default = Change("transfers", "port_sea_rail,*", "hours_p50", "scale", "1.01")
    assert apply(WORLD, [default]).overridden == ("transfers",)


def test_a_cell_that_was_empty_and_a_column_that_was_not_there():
    world = apply(WORLD, [change(column="capacity_mt_per_year", value="7")])
    assert world.table("links").set_index("link_id").loc[ROAD, "capacity_mt_per_year"] == 7
    raw = {c: v for c, v in WORLD.raw["links"].items() if c != "opened_year"}
    bare = World({**WORLD.raw, "links": raw}, WORLD.meta)
    years = apply(bare, [change(column="opened_year", value="2031")]).raw["links"]["opened_year"]
    assert years.count("2031") == 1


@pytest.mark.parametrize(
    ("cells", "column", "told"),
    [
        ({"table": "lnks"}, "table", "Did you mean 'links'?"),
        ({"row": "almaty-kordaj:road"}, "row", f"Did you mean '{ROAD}'?"),
        ({"column": "lenght_km"}, "column", "Did you mean 'length_km'?"),
        ({"operation": "sett"}, "operation", "Did you mean 'set'?"),
        ({"operation": "add", "value": "far"}, "value", "two numbers"),
        ({"operation": "scale", "column": "mode", "value": "2"}, "operation", "is not a number"),
        ({"operation": "add", "column": "opened_year", "value": "1"}, "value", "two numbers"),
        ({"value": "-3"}, "length_km", "> 0"),
        ({"value": "nan"}, "length_km", "finite"),
        ({"operation": "scale", "value": "-1"}, "length_km", "> 0"),
        ({"column": "to_node_id", "value": "kordaj"}, "to_node_id", "'kordai'"),
        ({"table": "nodes", "row": "kordai", "column": "node_id", "value": "korday"},
         "from_node_id", "'korday'"),
    ],
)  # fmt: skip
def test_a_change_that_cannot_be_made_is_told(cells: dict[str, str], column: str, told: str):
    before = WORLD.hash
    with pytest.raises(BadInputError) as caught:
        apply(WORLD, [change(**cells)])
    findings = caught.value.findings
    assert column in {f.column for f in findings}
    assert any(told in f"{f.expected} {f.suggestion}" for f in findings)
    assert WORLD.hash == before


def test_all_faults_of_a_list_are_told_with_their_position():
    with pytest.raises(BadInputError) as caught:
        apply(WORLD, [change(), change(table="lnks"), change(row="x"), change(value="long")])
    assert [(f.file, f.row) for f in caught.value.findings][:2] == [("changes", 2), ("changes", 3)]
    assert len(caught.value.findings) == 3


TOML = """
[[change]]
table = "links"
row = "almaty-kordai:road"
column = "length_km"
operation = "scale"
value = 0.9
year = 2027
reason = "New bypass"
source_id = "ASSUMED"
"""


def test_changes_from_toml():
    assert read_changes(TOML) == (
        Change(
            "links",
            ROAD,
            "length_km",
            "scale",
            "0.9",
            year=2027,
            reason="New bypass",
            source_id="ASSUMED",
        ),
    )
    assert read_changes("") == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (TOML.replace("reason", "raison"), "Did you mean 'reason'?"),
        (TOML.replace('operation = "scale"\n', ""), "operation"),
        (TOML.replace("2027", '"2027"'), "a whole number"),
        (TOML.replace("2027", "true"), "a whole number"),
        (TOML.replace("[[change]]", "[[changes]]"), "[[change]] tables only"),
        ("change = 3", "[[change]] tables"),
        ("change = [3]", "[[change]] tables"),
        ("change = ", "not TOML"),
    ],
)
def test_toml_is_read_strictly(text: str, told: str):
    with pytest.raises(BadInputError) as caught:
        read_changes(text)
    assert told in str(caught.value)
    assert caught.value.exit_code == 3


@pytest.mark.parametrize(
    ("value", "cell"), [(True, "yes"), (False, "no"), (["a", "b"], "a;b"), (3, "3"), ("x", "x")]
)
def test_values_of_toml_as_cells(value: object, cell: str):
    assert as_cell(value) == cell


RULE = {
    "rule_id": "shut", "applies_to": "almaty", "rule": "closed", "effect": "Shut",
    "rule_basis": "operations",
}  # fmt: skip


def test_a_row_is_put_in_changed_and_taken_out() -> None:
    put = Change("passage_rules", operation="insert", value=RULE)
    there = apply(WORLD, [put])
    assert len(there.table("passage_rules")) == len(WORLD.table("passage_rules")) + 1
    last = there.table("passage_rules").iloc[-1]
    assert (last["rule_id"], last["value_kind"], list(last["source_id"])) == (
        "shut", "assumed", ["ASSUMED"],
    )  # fmt: skip
    then = Change("passage_rules", "shut", "rule", "set", "restricted")
    assert apply(WORLD, [put, then]).table("passage_rules").iloc[-1]["rule"] == "restricted"
    gone = Change("passage_rules", "shut", operation="remove")
    assert apply(WORLD, [put, gone]).raw["passage_rules"] == WORLD.raw["passage_rules"]
    with pytest.raises(BadInputError, match="shut"):
        apply(WORLD, [put, put])


def test_a_change_with_cells_is_a_key_of_a_dictionary() -> None:
    one = Change("passage_rules", operation="insert", value=RULE)
    other = Change("passage_rules", operation="insert", value=dict(reversed(RULE.items())))
    assert one == other
    assert {one: 1}[other] == 1
    assert one.cells == RULE
    assert one.key == "shut"


def test_a_star_is_any_row_but_a_row_of_its_own() -> None:
    crossings = Change("border_crossings", "*,*,rail", "usd_per_t", "scale", "2")
    before, after = (w.table("border_crossings") for w in (WORLD, apply(WORLD, [crossings])))
    rail = before["mode"] == "rail"
    assert (after["usd_per_t"][rail] == 2 * before["usd_per_t"][rail]).all()
    assert (after["usd_per_t"][~rail] == before["usd_per_t"][~rail]).all()
    default = Change("transfers", "gauge_break,*", "usd_per_t", "scale", "2")
    before, after = (w.table("transfers") for w in (WORLD, apply(WORLD, [default])))
    moved = before[after["usd_per_t"] != before["usd_per_t"]]
    assert list(moved["node_id"]) == ["*"]


@pytest.mark.parametrize(("operation", "value"), [("scale", "0.5"), ("set", "7"), ("add", "3")])
def test_a_range_moves_with_its_middle(operation: str, value: str) -> None:
    row = "akyayla,incheh_borun,road"
    at = row_keys(load_schema()["border_crossings"], WORLD.raw["border_crossings"])[row]
    columns = ["hours_p10", "hours_p50", "hours_p90"]
    changed = apply(WORLD, [Change("border_crossings", row, "hours", operation, value)])
    before, after = (
        w.table("border_crossings").loc[at, columns].astype(float) for w in (WORLD, changed)
    )
    middle = {"scale": 0.5 * before.iloc[1], "set": 7.0, "add": before.iloc[1] + 3}[operation]
    assert after.iloc[1] == pytest.approx(middle)
    assert list(after / after.iloc[1]) == pytest.approx(list(before / before.iloc[1]))


def test_an_end_that_is_changed_by_itself_does_not_follow() -> None:
    row = "IRN,EAEU,*,2019-10-27"
    at = row_keys(load_schema()["tariffs"], WORLD.raw["tariffs"])[row]
    both = [Change("tariffs", row, c, "scale", "0.5") for c in ("rate", "rate_low")]
    before, after = (w.table("tariffs").loc[at] for w in (WORLD, apply(WORLD, both)))
    for column in ("rate", "rate_low", "rate_high"):
        assert after[column] == pytest.approx(0.5 * before[column])


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (Change("tariffs", "IRNN,KAZ,*", "rate", "set", "0"), "Did you mean 'IRN'?"),
        (Change("tariffs", "IRN,KAZ,cereal", "rate", "set", "0"), "Did you mean 'cereals'?"),
        (Change("tariffs", "IRN,IRN,*", "rate", "set", "0"), "two economies"),
        (Change("payment_friction", "IRN,KAZ", "share", "scale", "half"), "a number"),
        (Change("trade_costs", "KAZ", "factor", "scale", "0.9"), "two economies"),
        (Change("links", operation="insert", value={"lenght_km": "3"}), "'length_km'"),
        (Change("links", operation="insert", value={"length_km": "3"}), "from_node_id"),
        (Change("links", operation="insert", value="3"), "cells of the new row"),
        (Change("links", "almaty-kordaj:road", operation="remove"), f"'{ROAD}'"),
        (Change("border_crossings", "*,*,rail", "hour", "scale", "2"), "Did you mean 'hours'?"),
    ],
)
def test_faults_of_rows_and_flows_are_told(made: Change, told: str) -> None:
    with pytest.raises(BadInputError) as caught:
        apply(WORLD, [made])
    assert told in str(caught.value)
