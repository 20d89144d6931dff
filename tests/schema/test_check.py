"""Cells against declarations, with a table drawn for the purpose."""

from __future__ import annotations

import pytest

from entrepot.errors import Finding, format_findings
from entrepot.schema.check import check_added, check_table, is_day, key_text
from entrepot.schema.table import Column, Table

TABLE = Table(
    "boxes",
    "Boxes",
    (
        Column("box_id", "id", "", "", ("key",), "Box"),
        Column("kind", "text", "", "", ("required", "in dry|reefer"), "Kind"),
        Column("code", "text", "", "", ("pattern [A-Z]{4}",), "Code"),
        Column("low_t", "number", "t", "", ("> 0",), "Low weight"),
        Column("high_t", "number", "t", "", (">= low_t", "<= 40"), "High weight"),
        Column("doors", "integer", "", "2", ("in 1|2",), "Doors"),
        Column("built", "date", "", "", (), "Day of make"),
        Column("sound", "yes_no", "", "yes", (), "Whether it is sound"),
        Column("seen_at", "list", "", "", ("in quay|yard|ship",), "Where it was seen"),
        Column("tag", "text", "", "", ("unique",), "Another name"),
    ),
)
GOOD = {
    "box_id": "B1", "kind": "dry", "code": "ABCD", "low_t": "2", "high_t": "3", "doors": "",
    "built": "2024-02-29", "sound": "no", "seen_at": "quay;yard", "tag": "x",
}  # fmt: skip


def faults(*rows: dict[str, str]) -> list[Finding]:
    cells = [{**GOOD, **row} for row in rows]
    return check_table(TABLE, {c: [r[c] for r in cells] for c in cells[0]})


def test_good_cells_have_no_faults():
    assert faults({}) == []
    assert faults({"code": "", "low_t": "", "high_t": "", "built": "", "seen_at": ""}) == []


@pytest.mark.parametrize(
    ("column", "cell", "told"),
    [
        ("box_id", "", "a value"),
        ("box_id", " B1", "without spaces"),
        ("box_id", "B;1", "without ;"),
        ("box_id", "B|1", "without ;"),
        ("kind", "", "a value"),
        ("kind", "   ", "a value"),
        ("kind", "Dry", "dry, reefer"),
        ("code", "ABC", "[A-Z]{4}"),
        ("low_t", "0", "> 0"),
        ("low_t", "two", "a number (t)"),
        ("low_t", "1_0", "a number (t)"),
        ("low_t", "١٢", "a number (t)"),
        ("low_t", "0x10", "a number (t)"),
        ("low_t", "-inf", "a finite number"),
        ("low_t", "nan", "a finite number"),
        ("low_t", "1e400", "a finite number"),
        ("high_t", "1", ">= low_t (2)"),
        ("high_t", "41", "<= 40"),
        ("doors", "3", "one of 1, 2"),
        ("doors", "1.5", "a whole number"),
        ("doors", "1e30", "a whole number"),
        ("built", "2023-02-29", "a date"),
        ("built", "20240229", "a date"),
        ("built", "2024-W09-4", "a date"),
        ("sound", "Yes", "yes or no"),
        ("seen_at", "quay;road", "quay, yard, ship"),
    ],
)
def test_a_bad_cell_is_told(column: str, cell: str, told: str):
    findings = faults({"box_id": "A", "tag": "a"}, {column: cell})
    assert [(f.row, f.column, f.found) for f in findings] == [(3, column, cell)]
    assert told in findings[0].expected


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("low_t", "+2"), ("low_t", " 2 "), ("low_t", ".5"), ("low_t", "2e0"), ("doors", "2.0"),
        ("seen_at", " quay ; yard "), ("seen_at", ";"), ("code", "NULL"), ("tag", "NA"),
    ],
)  # fmt: skip
def test_odd_but_good_cells_pass(column: str, cell: str):
    assert faults({column: cell}) == []


@pytest.mark.parametrize(
    ("cell", "tip"),
    [
        ("31.01.2024", "Is it 2024-01-31?"),
        ("1/31/2024", "Is it 2024-01-31?"),
        ("05/06/2024", ""),  # two readings: no guess
        ("05/05/2024", "Is it 2024-05-05?"),
        ("31.02.2024", ""),
        ("soon", ""),
    ],
)
def test_a_date_in_another_order_is_guessed_only_where_one_reading_is_possible(cell: str, tip: str):
    assert [f.suggestion for f in faults({"built": cell})] == [tip]


def test_keys_and_unique_columns_occur_once():
    findings = faults(
        {},
        {"box_id": "B2", "tag": ""},
        {"tag": "y"},
        {"box_id": "B4", "tag": "y"},
        {"box_id": "B5", "tag": ""},
    )
    assert [(f.row, f.column, f.suggestion) for f in findings] == [
        (4, "box_id", "First in row 2."),
        (5, "tag", "First in row 4."),
    ]


def test_headers_are_checked():
    raw = {"box_id": ["B1"], "knd": ["dry"]}
    findings = check_table(TABLE, raw, "mine.csv")
    assert [(f.file, f.row, f.column) for f in findings] == [
        ("mine.csv", 1, "knd"),
        ("mine.csv", 1, "kind"),
    ]
    assert findings[0].suggestion == "Did you mean 'kind'?"


def test_added_rows_may_not_repeat_a_key():
    old = {"box_id": ["B1", "B2"], "kind": ["dry", "dry"]}
    new = {"box_id": ["B3", "B2"], "kind": ["dry", "dry"]}
    (finding,) = check_added(TABLE, old, new, "boxes.add.csv")
    assert (finding.file, finding.row, finding.key) == ("boxes.add.csv", 3, "B2")
    assert "row 3" in finding.suggestion
    assert check_added(TABLE, old, {"kind": ["dry"]}, "boxes.add.csv") == []


def test_findings_print_grouped_by_file():
    findings = [
        Finding("b.csv", 3, "B1", "low_t", "x", "a number", "Tip."),
        Finding("a.csv", 0, "", "", "no such file", "the table"),
        Finding("b.csv", 4, "", "", "2 cells", "3 cells"),
    ]
    assert format_findings(findings) == (
        "b.csv: 2 faults\n"
        "  row 3 (B1) low_t: found 'x', expected a number   Tip.\n"
        "  row 4: found '2 cells', expected 3 cells\n"
        "\n"
        "a.csv: 1 fault\n"
        "  file: found 'no such file', expected the table"
    )
    assert findings[0].as_dict()["row"] == 3
    assert format_findings([]) == ""


def test_the_key_of_a_row_is_told_for_people():
    assert key_text(TABLE, {"box_id": ["B1"]}, 0) == "B1"
    assert key_text(TABLE, {"kind": ["dry"]}, 0) == ""


@pytest.mark.parametrize(("text", "answer"), [("2024-02-29", True), ("2023-02-29", False)])
def test_days_of_the_calendar(text: str, answer: bool):
    assert is_day(text) is answer
