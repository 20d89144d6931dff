"""Read CSV files as text and turn declared columns into values.

Nothing is guessed: `NA` stays a text, `010121` keeps its zero, an empty cell takes the declared
default or stays empty. Row numbers in faults are those of a spreadsheet, so a row without any
cell filled keeps its place; at the end of a file such rows are dropped.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from entrepot.errors import BadInputError, Finding
from entrepot.facts.files import MOST_TABLE, other_text, read_bytes
from entrepot.schema.check import Raw
from entrepot.schema.table import Column, Table


def read_csv(path: Path, most: int = MOST_TABLE) -> tuple[Raw, list[Finding]]:
    """Cells by column as text, and the faults of the file itself.

    most : bytes that are read; a larger file is a fault
    No cells at all means that the file could not be taken apart.
    """
    try:
        content = read_bytes(path, most)
    except BadInputError as error:
        return {}, list(error.findings)
    other = other_text(content)
    if other:
        tip = "Save the file as UTF-8."
        return {}, [Finding(path.name, 1, "", "", other, "text in UTF-8", tip)]
    try:
        return parse_csv(content.decode("utf-8-sig"), path.name)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        found = f"byte 0x{content[error.start]:02x}"
        tip = "Save the file as UTF-8."
        bad = Finding(path.name, line, "", "", found, "text in UTF-8", tip)
    # Read on with a mark in place of the byte, so that the other faults are told too.
    cells, findings = parse_csv(content.decode("utf-8-sig", errors="replace"), path.name)
    return cells, [bad, *findings]


def parse_csv(text: str, file: str) -> tuple[Raw, list[Finding]]:
    """Cells of CSV text by column; rows with a wrong number of cells are faults."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[list[str]] = []
    findings: list[Finding] = []
    try:
        header = next(reader, None)
        rows.extend(reader)
    except csv.Error as error:
        expected = "quotes that open and close"
        return {}, [Finding(file, len(rows) + 2, "", "", str(error), expected)]
    if not header:
        return {}, [Finding(file, 1, "", "", "an empty file", "a header row")]
    if len(header) == 1 and (other := re.search("[;\t]", header[0])):
        name = "tabs" if other[0] == "\t" else "semicolons"
        tip = f"The cells look separated by {name}; save the file with commas."
        return {}, [Finding(file, 1, "", "", header[0], "cells separated by commas", tip)]
    while rows and not any(rows[-1]):
        rows.pop()
    header = [name.strip() for name in header]
    for name in dict.fromkeys(header):
        if header.count(name) > 1:
            findings.append(Finding(file, 1, "", name, name, "a column that occurs once"))
    for i, row in enumerate(rows):
        if not any(row):
            findings.append(Finding(file, i + 2, "", "", "an empty row", "no empty rows"))
            rows[i] = [""] * len(header)
        elif len(row) != len(header):
            tip = "A comma inside a cell needs quotes." if len(row) > len(header) else ""
            findings.append(
                Finding(file, i + 2, row[0], "", f"{len(row)} cells", f"{len(header)} cells", tip)
            )
            rows[i] = (row + [""] * len(header))[: len(header)]
    return {name: [row[i] for row in rows] for i, name in enumerate(header)}, findings


def typed(table: Table, raw: Raw) -> pd.DataFrame:
    """Values of a table whose cells have passed the checks.

    text, id -> str; number -> float64 with NaN; integer -> Int64; yes_no -> bool;
    date -> datetime.date or None; list -> tuple of str
    """
    rows = len(next(iter(raw.values()), []))
    data = {}
    for column in table.columns:
        cells = raw.get(column.name, [""] * rows)
        data[column.name] = _values(
            column,
            [c.strip() or column.default for c in cells]
            if column.type != "text"
            else [c or column.default for c in cells],
        )
    return pd.DataFrame(data)


def _values(column: Column, cells: list[str]) -> pd.Series[object]:
    values: Iterable[object]
    if column.type == "number":
        values = np.array([float(c) if c else np.nan for c in cells], dtype=np.float64)
        return pd.Series(values)
    if column.type == "integer":
        return pd.Series([int(float(c)) if c else None for c in cells], dtype="Int64")
    if column.type == "yes_no":
        return pd.Series([c == "yes" for c in cells], dtype=bool)
    if column.type == "date":
        values = [date.fromisoformat(c) if c else None for c in cells]
    elif column.type == "list":
        values = [split_list(c) for c in cells]
    else:
        values = cells
    return pd.Series(values, dtype=object)


def split_list(cell: str) -> tuple[str, ...]:
    """Items of a list cell."""
    return tuple(item.strip() for item in cell.split(";") if item.strip())


def to_csv(table: Table, raw: Raw) -> str:
    """Cells back as CSV text, in the declared order of columns."""
    names = [c.name for c in table.columns if c.name in raw]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(zip(*(raw[n] for n in names), strict=True))
    return out.getvalue()
