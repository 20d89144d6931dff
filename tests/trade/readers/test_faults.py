"""Broken files and broken calls: every fault in one pass, with the row and a way out."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from entrepot.errors import UnknownNameError, UsageError
from entrepot.trade.readers import read_flows
from tests.trade.readers.files import BACI, COMTRADE, cells, comtrade_row, fault, write

GOOD = "2023,398,364,100199,1500,6000\n"
PLAIN = "exporter,importer,value_musd\n"
BROKEN = {
    "nothing": (b"", ["an empty file", "a header row"]),
    "a blank header": ("\n\n", ["an empty row", "a header row"]),
    "a header only": (BACI, ["no rows below the header"]),
    "a web page": ("<!DOCTYPE html>\n<html></html>", ["HTML", "download it again"]),
    "JSON": ('{"data": []}', ["JSON", "as CSV"]),
    "an archive": (b"PK\x03\x04 rest", ["a ZIP archive or a spreadsheet", "Unpack it"]),
    "Parquet": (b"PAR1 rest", ["a Parquet file"]),
    "half an archive": (gzip.compress((BACI + GOOD * 99).encode())[:40], ["a CSV file"]),
    "UTF-16": ((BACI + GOOD).encode("utf-16"), ["text in UTF-16", "encoding='utf-16'"]),
    "latin-1 in the header": (
        (PLAIN.replace("value", "é") + "KAZ,IRN,1\n").encode("latin-1"),
        ["not UTF-8", "encoding='latin-1'"],
    ),
    "latin-1 below it": (
        ("exporter,importer,sector,value_musd\nKAZ,IRN,Café,1\n").encode("latin-1"),
        ["row 2", "not UTF-8", "encoding='latin-1'"],
    ),
    "unknown columns": ("a,b,c\n1,2,3\n", ["found 'a, b, c'", "BACI, ITPD-E, Comtrade, SDMX"]),
    "a column twice": (PLAIN.replace("importer", "exporter"), ["exporter", "occur once"]),
    "no value": ("exporter,importer,year\nKAZ,IRN,2020\n", ["value: found 'no such column'"]),
    "no product": ("t,i,j,v,q\n2023,4,8,1,1\n", ["k, the product", "BACI"]),
    "too few cells": (BACI + GOOD + "2023,398\n", ["row 3", "2 cells", "expected 6 cells"]),
    "too many cells": (
        BACI + GOOD + "2023,398,364,100199,1,500,6000\n",
        ["row 3", "7 cells", "needs quotes"],
    ),
    "an open quote": (BACI + GOOD + '2023,398,364,"100199,1,1\n' + GOOD, ["quotes that"]),
    "an unknown country": (BACI + GOOD + "2023,398,365,100199,1,1\n", ["row 3 j", "368 (IRQ)"]),
    "a country of letters": (
        PLAIN + "KAZ,IRN,1\nKAS,IRN,2\nkaz,IRN,4\n",
        ["row 3 exporter: found 'KAS'", "KAZ", "row 4 exporter: found 'kaz'", "Nearest: KAZ"],
    ),
    "no country": (PLAIN + ",IRN,1\nKAZ,,1\n", ["row 2 exporter: found ''", "row 3 importer"]),
    "a product of letters": (BACI + "2023,398,364,wheat,1,1\n", ["k: found 'wheat'", "HS code"]),
    "thousands": (BACI + '2023,398,364,100199,"1,234.5",1\n', ["1,234.5", "thousands=','"]),
    "money": (PLAIN + "KAZ,IRN,$5\n", ["found '$5'", "the currency"]),
    "below zero": (PLAIN + "KAZ,IRN,-5\nKAZ,RUS,-5\n", ["row 2 (2 rows)", "'-5'", "zero or more"]),
    "infinite": (PLAIN + "KAZ,IRN,inf\nKAZ,RUS,1e999\nKAZ,CHN,1_0\n", ["'inf'", "'1e999'", "'1_0'"]),
    "a weight of letters": (BACI + "2023,398,364,100199,1,heavy\n", ["q: found 'heavy'"]),
    "a year of letters": (BACI + GOOD + "20x3,398,364,100199,1,1\n", ["row 3 t: found '20x3'"]),
    "a flow told twice": (
        BACI + GOOD + "2023,398,364,100199,7,1\n",
        ["row 3", "found '398 364 100199'", "0.007 here and 1.5 before"],
    ),
    "bytes that are not text": (b"\x00\x01,b\n1,2\n", ["bytes that are not text"]),
    "an unknown flow": (
        COMTRADE + comtrade_row(398, "Q", 364, "10", 1.0),
        ["flowCode: found 'Q', expected a flow"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_broken_files(tmp_path: Path, name: str) -> None:
    content, expected = BROKEN[name]
    error = fault(write(tmp_path, content))
    words = str(error)
    assert words.startswith("flows.csv: ")
    for part in expected:
        assert part in words
    assert error.exit_code == 3
    assert error.findings


@pytest.mark.parametrize("name", ["baci", "itpd-e", "comtrade", "sdmx", "plain"])
def test_a_format_that_does_not_fit_names_its_columns(tmp_path: Path, name: str) -> None:
    findings = fault(write(tmp_path, "a,b,c\n1,2,3\n"), format=name).findings
    assert len(findings) >= 3
    assert all(f.found == "no such column" for f in findings)


def test_all_faults_in_one_pass(tmp_path: Path) -> None:
    content = BACI + (
        "2023,398,364,100199,1,1\n"
        "2023,398,997,100199,1,1\n"
        "\n"
        "2023,997,364,100199,1,1\n"
        "2023,398,364\n"
        "2023,398,156,100199,minus,1\n"
        "2023,398,156,1001x9,-1,much\n"
        "when,398,156,100199,1,1\n"
    )
    findings = fault(write(tmp_path, content)).findings
    assert [(f.row, f.column, f.found) for f in findings] == [
        (3, "j", "997"),
        (5, "i", "997"),
        (6, "", "3 cells"),
        (7, "v", "minus"),
        (8, "v", "-1"),
        (8, "q", "much"),
        (8, "k", "1001x9"),
        (9, "t", "when"),
    ]


def test_many_faults_are_cut(tmp_path: Path) -> None:
    content = PLAIN + "".join(f"KAZ,IRN,bad{n}\n" for n in range(80))
    error = fault(write(tmp_path, content))
    assert len(error.findings) == 80
    assert str(error).count("expected a number") == 50
    assert str(error).endswith("and 30 more")


def test_rows_are_those_of_a_spreadsheet(tmp_path: Path) -> None:
    """Blank rows and line breaks inside cells count as a spreadsheet counts them."""
    content = 'exporter,importer,value_musd,note\n\nKAZ,IRN,1,"two\nlines"\n\nKAZ,RUS,x1,\n'
    [finding] = fault(write(tmp_path, content)).findings
    assert finding.row == 5


def test_rows_that_cannot_be_read_do_not_shift_others(tmp_path: Path) -> None:
    content = "exporter,importer,sector,year,value_musd\nKAZ,IRN,a,2020,1\nKAZ,RUS,é,2020,1\nKAZ,IRN,b,x,1\n"
    findings = fault(write(tmp_path, content.encode("latin-1"))).findings
    assert [(f.row, f.column) for f in findings] == [(3, ""), (4, "year")]


def test_mixed_ends_of_lines(tmp_path: Path) -> None:
    path = write(tmp_path, PLAIN + "KAZ,IRN,1\r\nIRN,KAZ,2\nRUS,KAZ,4\r\n")
    assert "Do all lines end in the same way?" in str(fault(path))


def test_copies_are_left_out_and_told(tmp_path: Path) -> None:
    path = write(tmp_path, PLAIN + "KAZ,IRN,1\nIRN,KAZ,2\nKAZ,IRN,1\nKAZ,IRN,1\n")
    flows = read_flows(path)
    assert cells(flows) == {("all", "KAZ", "IRN"): 1.0, ("all", "IRN", "KAZ"): 2.0}
    [note] = flows.left_out
    assert (note.text, note.rows, note.value_musd) == ("copies of other rows", 2, 2.0)


def test_other_encodings_on_request(tmp_path: Path) -> None:
    text = "exporter,importer,sector,value_musd\nKAZ,IRN,Café,1\n"
    for encoding in ("latin-1", "utf-16"):
        path = write(tmp_path, text.encode(encoding))
        assert read_flows(path, encoding=encoding).sectors == ("Café",)


def test_nothing_left(tmp_path: Path) -> None:
    words = str(fault(write(tmp_path, BACI + "2023,398,0,100199,1,1\n")))
    assert "no row can be used" in words
    assert "totals of other rows: 0 World (1 row, 0.001 million USD)" in words


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"format": "bacci"}, "Nearest: baci"),
        ({"year": 2021}, "2023 only, not 2021"),
        ({"products": "HS5"}, "all, HS2, HS4, HS6"),
        ({"products": "codes"}, "HS2"),
        ({"unit": "milion USD"}, "Nearest: million usd"),
        ({"unit": -1.0}, "above zero"),
        ({"prefer": "both"}, "neither 'importer' nor"),
        ({"zones": ["KAZ", "KAZ"]}, "each once"),
        ({"zones": "KAZ"}, "list of names"),
        ({"zones": []}, "empty"),
        ({"rest": "ROW"}, "rest needs zones"),
        ({"where": {"flov": "M"}}, "Unknown column"),
        ({"decimal": ";"}, "neither"),
        ({"thousands": "x"}, "none of"),
        ({"thousands": "."}, "same sign"),
        ({"encoding": "utf8"}, "Did you mean 'utf-8'"),
    ],
)
def test_calls_that_make_no_sense(tmp_path: Path, options: dict[str, object], words: str) -> None:
    path = write(tmp_path, BACI + GOOD)
    with pytest.raises(UsageError, match=words):
        read_flows(path, **options)  # type: ignore[arg-type]


def test_several_years_and_no_file(tmp_path: Path) -> None:
    path = write(tmp_path, BACI + GOOD + GOOD.replace("2023", "2019"))
    with pytest.raises(UsageError, match=r"2 years, 2019 to 2023; choose one, such as year=2023"):
        read_flows(path)
    with pytest.raises(UsageError, match="File not found"):
        read_flows(tmp_path / "none.csv")
    with pytest.raises(UnknownNameError):
        read_flows(path, where={"colour": "red"})
