"""Files for gravity: three formats, and faults told all at once."""

from __future__ import annotations

import gzip
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from entrepot.errors import BadInputError, Finding, UsageError
from entrepot.trade.gravity.estimate import Gravity, GravitySettings, estimate_file, estimate_frame
from tests.trade.test_gravity import THREE_WAY, TWO_WAY, world

FORMULA = f"trade ~ fta + log(dist) | {TWO_WAY}"


def as_csv(path: Path, frame: pd.DataFrame) -> Path:
    frame.to_csv(path, index=False, float_format="%.17g")
    return path


def broken(tmp_path: Path, text: str, formula: str = FORMULA) -> tuple[Finding, ...]:
    path = tmp_path / "flows.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInputError) as caught:
        estimate_file(path, formula)
    return caught.value.findings


def same(one: Gravity, other: Gravity) -> None:
    assert list(one.coefficients["name"]) == list(other.coefficients["name"])
    assert np.array_equal(one.coefficients["estimate"], other.coefficients["estimate"])
    assert np.array_equal(one.coefficients["se"], other.coefficients["se"])
    assert one.notes == other.notes


def test_all_formats_give_the_same_bits(tmp_path: Path) -> None:
    frame = world()
    frame.loc[7, "trade"] = np.nan
    expected = estimate_frame(frame, FORMULA)
    plain = as_csv(tmp_path / "flows.csv", frame)
    zipped = tmp_path / "flows.csv.gz"
    zipped.write_bytes(gzip.compress(plain.read_bytes()))
    parquet = tmp_path / "flows.parquet"
    duckdb.execute("CREATE TABLE frame_copy AS SELECT * FROM frame")
    duckdb.execute(f"COPY frame_copy TO '{parquet}' (FORMAT parquet)")
    duckdb.execute("DROP TABLE frame_copy")
    for path in (plain, zipped, parquet):
        found = estimate_file(path, FORMULA)
        assert np.array_equal(found.coefficients["estimate"], expected.coefficients["estimate"])
        assert np.array_equal(found.coefficients["se"], expected.coefficients["se"])
        assert found.left_out == 1
        assert found.missing[0].rows == ((8,) if path == parquet else (9,))


def test_semicolons_and_names_with_blanks(tmp_path: Path) -> None:
    frame = world().rename(columns={"fta": "free trade", "exporter": "from"})
    path = tmp_path / "flows.csv"
    frame.to_csv(path, index=False, sep=";", float_format="%.17g")
    formula = "trade ~ `free trade` + log(dist) | from^year + importer^year"
    found = estimate_file(path, formula, GravitySettings(cluster=("from^importer",)))
    expected = estimate_frame(world(), FORMULA)
    assert np.array_equal(found.coefficients["estimate"], expected.coefficients["estimate"])


def test_namibia_is_a_country_and_empty_numbers_are_missing(tmp_path: Path) -> None:
    frame = world().replace({"C3": "NA"})
    text = as_csv(tmp_path / "a.csv", frame).read_text(encoding="utf-8").splitlines()
    cells = text[5].split(",")
    cells[text[0].split(",").index("fta")] = "NA"
    text[5] = ",".join(cells)
    path = tmp_path / "flows.csv"
    path.write_text("\n".join(text), encoding="utf-8")
    found = estimate_file(path, FORMULA)
    assert found.left_out == 1
    assert found.missing[0].column == "fta"
    assert found.missing[0].rows == (6,)
    assert any(level.startswith("NA^") for level in found.effects["level"])


HEADER = "exporter,importer,year,trade,fta,dist\n"
GOOD = "A,B,2000,5,0,10\nB,A,2000,4,1,10\n"


def test_all_faults_in_one_pass(tmp_path: Path) -> None:
    text = (
        HEADER + GOOD + "A,C,2000,-3,0,20\nC,A,2000,about 4,1,20\nB,C,2000,7,yes,0\n"
        "C,B,2000,inf,0,30\nA,D,2000,1;5,0,30\n"
    )
    found = broken(tmp_path, text, FORMULA.replace("fta", "fta + language"))
    told = {(f.row, f.column): f for f in found}
    assert told[(1, "language")].found == "no such column"
    assert told[(4, "trade")].expected == "zero or more"
    assert told[(5, "trade")].found == "about 4"
    assert told[(6, "fta")].expected == "a number"
    assert told[(6, "dist")].expected == "a value above zero for log(dist)"
    assert told[(7, "trade")].expected == "a finite number"
    assert (8, "trade") in told
    assert len(found) == 7


@pytest.mark.parametrize(
    ("row", "column", "expected", "tip"),
    [
        ("A,C,2000,1 000,0,20", "trade", "a number", "Leave the cell empty"),
        ('A,C,2000,"1,5",0,20', "trade", "a number", "point for decimals"),
        ("A,C,2000,1e999,0,20", "trade", "a finite number", ""),
        ("A,C,2000,-1,0,20", "trade", "zero or more", "correct the sign"),
        ("A,C,2000,1,0x1,20", "fta", "a number", ""),
        ("A,C,2000,1,1_0,20", "fta", "a number", ""),
        ("A,C,2000,1,0,-5", "dist", "above zero", ""),
        ("A,C,2000,1,0", "", "6 cells", ""),
        ("A,C,2000,1,0,20,7", "", "6 cells", "quotes"),
    ],
)
def test_one_bad_row(tmp_path: Path, row: str, column: str, expected: str, tip: str) -> None:
    (found,) = broken(tmp_path, HEADER + GOOD + row + "\n" + GOOD)
    assert (found.file, found.row, found.column) == ("flows.csv", 4, column)
    assert expected in found.expected
    assert tip in found.suggestion


def test_many_alike_are_counted(tmp_path: Path) -> None:
    found = broken(tmp_path, HEADER + "A,C,2000,much,0,20\n" * 300)
    assert len(found) == 21
    assert found[0].found == "280 more such cells"


@pytest.mark.parametrize("text", ["", "\n", HEADER, "<html>"])
def test_no_table_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "flows.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInputError, match=r"flows\.csv"):
        estimate_file(path, FORMULA)


def test_broken_parquet_is_told(tmp_path: Path) -> None:
    path = tmp_path / "flows.parquet"
    path.write_bytes(b"PAR1 and nothing more")
    with pytest.raises(BadInputError, match="Parquet"):
        estimate_file(path, FORMULA)


def test_unknown_columns_alone_are_a_matter_of_the_call(tmp_path: Path) -> None:
    path = as_csv(tmp_path / "flows.csv", world())
    with pytest.raises(UsageError) as caught:
        estimate_file(path, "trad ~ ftaa | exporter^yaer + importer^year")
    told = str(caught.value)
    for name in ("'trade'", "'fta'", "'year'"):
        assert f"Did you mean {name}?" in told
    with pytest.raises(UsageError, match="File not found"):
        estimate_file(tmp_path / "none.csv", FORMULA)


def test_all_rows_missing(tmp_path: Path) -> None:
    path = tmp_path / "flows.csv"
    path.write_text(HEADER + "A,B,2000,,0,10\nB,A,2000,4,,10\n", encoding="utf-8")
    with pytest.raises(BadInputError, match="no row is complete"):
        estimate_file(path, FORMULA)


def test_a_reference_level_must_exist() -> None:
    with pytest.raises(BadInputError, match="no level 1999"):
        estimate_frame(world(), f"trade ~ i(year, border, ref=1999) | {THREE_WAY}")


def test_years_as_numbers_are_whole(tmp_path: Path) -> None:
    """A gap turns whole numbers into floating point in a data frame; 2004.0 is 2004."""
    frame = world()
    frame["year"] = frame["year"].astype(float)
    frame.loc[2, "year"] = np.nan
    found = estimate_frame(frame, f"trade ~ fta + i(year, border, ref=2000) | {THREE_WAY}")
    assert "year::2001:border" in set(found.coefficients["name"])


def test_words_in_a_frame_are_told() -> None:
    frame = world().astype({"trade": object})
    frame.loc[4, "trade"] = "plenty"
    with pytest.raises(BadInputError) as caught:
        estimate_frame(frame, FORMULA)
    (found,) = caught.value.findings
    assert (found.row, found.column, found.found) == (5, "trade", "plenty")
