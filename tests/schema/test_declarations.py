"""The declarations themselves: every rule can be read, every reference leads somewhere."""

from __future__ import annotations

import re

import pytest

from entrepot.schema.check import check_table
from entrepot.schema.document import document
from entrepot.schema.table import TYPES, Column, Table, kinds_counted, load_schema

KINDS = ("tables", "results")
COLUMNS = [(k, t, c) for k in KINDS for t in load_schema(k).values() for c in t.columns]
RULE = re.compile(
    r"key|required|column|optional|unique|in \S.*|(>|>=|<=|<) (-?[\d.]+|[a-z]\w*)|ref \w+\.\w+|pattern .+"
)


@pytest.mark.parametrize(
    ("kind", "table", "column"), COLUMNS, ids=[f"{t.name}.{c.name}" for _, t, c in COLUMNS]
)
def test_column(kind: str, table: Table, column: Column):
    assert column.type in TYPES
    assert column.description
    for rule in column.rules:
        assert RULE.fullmatch(rule), rule
        if rule.startswith("pattern "):
            re.compile(rule[8:])
        other = re.fullmatch(r"[<>]=? ([a-z]\w*)", rule)
        if other:
            assert table.column(other[1]).type == column.type
    if column.reference is not None:
        target, name = column.reference
        assert name in load_schema(kind)[target].keys or kind == "results"
    if column.type == "number" and kind == "tables":
        assert column.unit, "a number needs a unit; 1 for ratios"


@pytest.mark.parametrize("table", load_schema().values(), ids=lambda t: t.name)
def test_defaults_satisfy_their_own_rules(table: Table):
    """A row of defaults may lack required values, but no default may be a fault itself."""
    raw = {c.name: [c.default] for c in table.columns}
    bad = {f.column for f in check_table(table, raw)}
    assert not {c.name for c in table.columns if c.default} & bad


def test_every_table_of_facts_has_a_key_and_a_description():
    for table in load_schema().values():
        assert table.keys, table.name
        assert table.description, table.name
        assert table.file == f"{table.name}.csv"


def test_reading_the_declarations_once_is_enough():
    assert load_schema() is load_schema()


def test_the_page_shows_every_column_with_its_unit():
    page = document()
    for _, table, column in COLUMNS:
        assert f"### {table.name}\n" in page
        section = page.split(f"### {table.name}\n")[1].split("### ")[0]
        assert f"| `{column.name}` | {column.type} | {column.unit} |" in section


def test_rules_of_whole_tables_are_known():
    known = re.compile(r"required|general|general where \w+ is \*|shown \d+")
    for table in load_schema().values():
        assert all(known.fullmatch(rule) for rule in table.rules), table.name
        if table.general_rows:
            assert table.column(table.general_rows).default == "*"


def test_kinds_are_counted_in_the_order_tables_are_shown_in():
    counted = [table for table, _ in kinds_counted()]
    assert [table.place for table in counted] == list(range(1, len(counted) + 1))
    shown = {t.name for t in load_schema().values() if t.place < len(load_schema())}
    assert shown == {table.name for table in counted}


def test_tables_that_serve_any_world_name_no_place():
    for table in load_schema().values():
        if table.is_general:
            targets = {c.reference[0] for c in table.columns if c.reference}
            assert targets <= {"sources"}, table.name
