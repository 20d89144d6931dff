"""A file being read: its rows in DuckDB, the faults found and the notes taken so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import duckdb

from entrepot.errors import BadInputError, Finding, UnknownNameError, format_findings
from entrepot.kernels.short_repr import short_repr
from entrepot.trade.readers.csvfile import CsvFile, file_rows, rejected
from entrepot.trade.readers.flows import Note
from entrepot.trade.readers.layout import Layout, pick

MOST_SHOWN = 50
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of some rows.

    number : of the first of them among the rows that could be read, from 1; 0 for the whole file
    """

    number: int
    column: str
    found: str
    expected: str
    tip: str = ""
    rows: int = 1


@short_repr
@dataclass(slots=True)
class Reading:
    """What all steps of reading share.

    source      : SQL of all rows as text in c0, c1, …, and its parameters
    is_numbered : whether the source has a column n with the row of the file
    """

    file: CsvFile
    layout: Layout
    database: duckdb.DuckDBPyConnection
    source: tuple[str, list[str]]
    is_numbered: bool = False
    faults: list[Fault] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def ask(self, sql: str, parameters: Iterable[object] = ()) -> list[Row]:
        """Rows of a query."""
        return self.database.execute(sql, list(parameters)).fetchall()

    def scan(self, sql: str, parameters: Iterable[object] = ()) -> list[Row]:
        """A query over all rows of the file, which stand for {rows} in it and have a number n."""
        source, own = self.source
        numbered = f"(SELECT row_number() OVER () n, * FROM {source})"
        text = sql.replace("{rows}", source if self.is_numbered else numbered)
        try:
            return self.ask(text, [*own, *parameters])
        except (duckdb.InvalidInputException, duckdb.IOException) as error:
            found = str(error).splitlines()[0].partition(": ")[2] or str(error)
            tip = "Do all lines end in the same way? Save the file again as CSV."
            findings = [Finding(self.file.name, 0, "", "", found, "a CSV file", tip)]
            raise BadInputError(format_findings(findings), findings) from None

    def cell(self, column: str) -> str:
        """SQL of a column's cells."""
        text = f"c{self.file.header.index(column)}"
        if column in self.layout.labelled:
            text = f"split_part({text}, ':', 1)"
        return f"trim({text})"

    def find_column(self, name: str) -> str:
        """The column people mean. Raises UnknownNameError with the nearest."""
        header = self.file.header
        codes = {column.partition(":")[0].strip(): column for column in reversed(header)}
        found = pick(header, (name,)) or codes.get(pick(list(codes), (name,)) or "")
        if found is None:
            raise UnknownNameError(name, f"column of {self.file.name}", header)
        return found

    def make_table(self, name: str, columns: Mapping[str, str], rows: Iterable[Row]) -> None:
        """A table of the database from rows of Python. columns: name to SQL type."""
        declared = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        self.database.execute(f"CREATE OR REPLACE TABLE {name} ({declared})")
        cells = [list(column) for column in zip(*rows, strict=True)]
        if cells:
            given = ", ".join(f"unnest(?::{kind}[])" for kind in columns.values())
            self.database.execute(f"INSERT INTO {name} SELECT {given}", cells)

    def tell(self, text: str, rows: int = 0, value: float | None = 0.0) -> None:
        """Note what was done to rows in the result."""
        self.notes.append(Note("told", text, rows, round(value or 0.0, 6)))

    def leave_out(self, text: str, rows: int, value: float | None) -> None:
        """Note rows that are not in the result."""
        self.notes.append(Note("left out", text, rows, round(value or 0.0, 6)))

    def raise_if_faulty(self) -> None:
        """Raise BadInputError with all faults found and those of the file itself."""
        bad = {} if self.is_numbered else rejected(self.file, self.database)
        if not self.faults and not bad:
            return
        numbers = {f.number for f in self.faults}
        place = {n: n for n in numbers}
        if not self.is_numbered:
            place = file_rows(self.file, numbers, bad)
        findings = [
            Finding(
                self.file.name,
                place.get(f.number, 0),
                f"{f.rows:,} rows" if f.rows > 1 else "",
                f.column,
                f.found,
                f.expected,
                f.tip,
            )
            for f in self.faults
        ]
        findings += [Finding(self.file.name, row, "", "", *told) for row, told in bad.items()]
        findings.sort(key=lambda f: f.row)
        text = format_findings(findings[:MOST_SHOWN])
        if len(findings) > MOST_SHOWN:
            text += f"\n  and {len(findings) - MOST_SHOWN:,} more"
        raise BadInputError(text, findings)
