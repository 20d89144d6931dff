"""The reader guesses nothing and loses nothing."""

from __future__ import annotations

import csv
import io
import string
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.facts.read import parse_csv, read_csv, split_list, to_csv, typed
from entrepot.schema.check import check_table
from entrepot.schema.table import Column, Table

TABLE = Table(
    "things",
    "Things",
    (
        Column("thing_id", "id", "", "", ("key",), "Thing"),
        Column("name", "text", "", "", (), "Name"),
        Column("mass", "number", "t", "", (), "Mass"),
        Column("share", "number", "1", "0.5", (), "Share"),
        Column("year", "integer", "year", "", (), "Year"),
        Column("day", "date", "", "", (), "Day"),
        Column("open", "yes_no", "", "no", (), "Open"),
        Column("tags", "list", "", "any", (), "Tags"),
    ),
)
# Cells that other readers change: missing values, numbers, dates, spaces, quotes, breaks.
TRICKY = st.sampled_from(
    ["NA", "N/A", "null", "None", "nan", "010121", "1e5", "1,5", "TRUE", "2026-06-30", " x ", '"',
     '""', "a,b", "a;b", "a\nb", "a\r\nb", "Türkiye", "哈萨克斯坦", "=1+1", "\t", "'", "﻿x"]
)  # fmt: skip
CELL = TRICKY | st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"))
TABLES = st.integers(1, 5).flatmap(
    lambda n: st.lists(st.lists(CELL, min_size=n, max_size=n), min_size=0, max_size=8)
)


@given(TABLES)
def test_every_text_cell_survives_writing_and_reading(rows: list[list[str]]):
    """Also with quotes, line breaks and letters of any script; a row of nothing is not a row."""
    width = len(rows[0]) if rows else 1
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(
        [[f"c{i}" for i in range(width)], *rows]
    )
    cells, findings = parse_csv(out.getvalue(), "t.csv")
    while rows and not any(rows[-1]):
        rows = rows[:-1]
    assert [list(r) for r in zip(*cells.values(), strict=True)] == rows
    empty = [i + 2 for i, row in enumerate(rows) if not any(row)]
    assert [f.row for f in findings] == empty


@given(st.lists(st.tuples(CELL.filter(lambda c: c.strip()), CELL), min_size=1, max_size=6))
def test_texts_of_a_declared_table_survive(rows: list[tuple[str, str]]):
    raw = {"thing_id": [f"t{i}" for i in range(len(rows))], "name": [a for a, _ in rows]}
    cells, findings = parse_csv(to_csv(TABLE, raw), "things.csv")
    assert not findings
    assert cells == raw
    assert list(typed(TABLE, cells)["name"]) == raw["name"]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_finite_number_is_read_exactly(value: float):
    raw = {"thing_id": ["a"], "mass": [repr(value)]}
    assert check_table(TABLE, raw) == []
    assert typed(TABLE, raw)["mass"][0] == value


@given(st.text(string.printable, max_size=12))
def test_what_the_check_passes_can_be_typed(cell: str):
    """No cell that passes the check makes the typing fail, whatever its column."""
    for column in TABLE.columns:
        raw = {"thing_id": ["a"], column.name: [cell]}
        if not check_table(TABLE, raw):
            assert len(typed(TABLE, raw)) == 1


def test_na_and_leading_zeros_are_text(tmp_path: Path):
    path = tmp_path / "things.csv"
    path.write_text("thing_id,name\nNA,010121\nnan,NULL\n", encoding="utf-8")
    cells, findings = read_csv(path)
    assert not findings
    table = typed(TABLE, cells)
    assert list(table["thing_id"]) == ["NA", "nan"]
    assert list(table["name"]) == ["010121", "NULL"]


def test_types_and_defaults():
    raw = {
        "thing_id": ["a", "b"],
        "mass": ["1.5", ""],
        "share": ["", "0.25"],
        "year": ["2024", ""],
        "day": ["2024-02-29", ""],
        "open": ["yes", ""],
        "tags": ["x; y", ""],
    }
    table = typed(TABLE, raw)
    assert table["mass"].dtype == np.float64
    assert table["mass"][0] == 1.5
    assert np.isnan(table["mass"][1])
    assert list(table["share"]) == [0.5, 0.25]
    assert table["year"].dtype == "Int64"
    assert table["year"][0] == 2024
    assert table["year"][1] is pd.NA
    assert list(table["day"]) == [date(2024, 2, 29), None]
    assert table["open"].dtype == bool
    assert list(table["open"]) == [True, False]
    assert list(table["tags"]) == [("x", "y"), ("any",)]
    assert list(table["name"]) == ["", ""]
    assert list(table.columns) == [c.name for c in TABLE.columns]


def test_an_empty_table_has_the_declared_types():
    table = typed(TABLE, {c.name: [] for c in TABLE.columns})
    assert len(table) == 0
    assert [str(t) for t in table.dtypes] == [
        "object", "object", "float64", "float64", "Int64", "object", "bool", "object",
    ]  # fmt: skip


def test_a_byte_order_mark_and_windows_line_ends_are_tolerated(tmp_path: Path):
    path = tmp_path / "things.csv"
    path.write_bytes(b"\xef\xbb\xbfthing_id,name\r\na,x\r\n")
    assert read_csv(path) == ({"thing_id": ["a"], "name": ["x"]}, [])


def test_rows_keep_their_numbers_after_breaks_inside_cells_and_empty_rows():
    text = 'thing_id,name\na,"two\nlines"\n\nb\nc,x,y\n\n,\n'
    cells, findings = parse_csv(text, "things.csv")
    assert cells == {"thing_id": ["a", "", "b", "c"], "name": ["two\nlines", "", "", "x"]}
    assert [(f.row, f.found) for f in findings] == [
        (3, "an empty row"),
        (4, "1 cells"),
        (5, "3 cells"),
    ]


@pytest.mark.parametrize(
    ("text", "row", "told"),
    [
        ("", 1, "a header row"),
        ("\n", 1, "a header row"),
        ('a,b\n1,"2', 2, "quotes"),
        ('a,b\n1,2\n3,"4"5\n', 3, "quotes"),
        ("a;b\n1;2\n", 1, "commas"),
        ("a\tb\n1\t2\n", 1, "commas"),
    ],
)
def test_files_that_cannot_be_taken_apart(text: str, row: int, told: str):
    cells, (finding,) = parse_csv(text, "t.csv")
    assert cells == {}
    assert finding.row == row
    assert told in finding.expected


def test_a_file_in_another_encoding_is_read_on(tmp_path: Path):
    """The bad byte is placed and the other faults are told as well."""
    path = tmp_path / "things.csv"
    path.write_bytes(b"thing_id,name\na,x\nb,caf\xe9\nc\n")
    cells, findings = read_csv(path)
    assert [(f.row, f.found) for f in findings] == [(3, "byte 0xe9"), (4, "1 cells")]
    assert cells["thing_id"] == ["a", "b", "c"]


def test_lists_are_split_at_semicolons():
    assert split_list(" a;b ;; c|d ") == ("a", "b", "c|d")
    assert split_list("") == ()
